"""WebSocket feeds: the first frame is right, then each change is told once, in order."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from time import monotonic

from mockserver.contract.comparing import Comparison
from mockserver.contract.drawing import Drawing
from mockserver.contract.featuring import Featuring
from mockserver.contract.feed_clients import FeedClosed, Frame, Listener
from mockserver.contract.moments import Moments
from mockserver.contract.names import Names
from mockserver.contract.odds import likely
from mockserver.contract.promises import Wording
from mockserver.contract.session import Foreseen, Noise, Run, Session, Setting, Stepped
from mockserver.contract.values import Answered, Difference, Failed, Outcome, Sent
from mockserver.engine.spec import Operation
from mockserver.engine.streams import Reader
from mockserver.engine.templates import template_names

FOLLOW = "WEBSOCKET"
"""The method of a call that opens a feed or, where it is open, hears what it has told since."""

BURSTS = 3
"""Times that a feed is heard in one run."""

EMPTY_EVERY = 3
MOST_DELETED = 40
TRIES = 4
FEATURED = 0.5
"""How often a write has something in it that none had while a feed was followed, or few."""

FIRST, LATER = "first frame", "frame"


def follow(operation: Operation, caller: str) -> Sent:
    """The call that opens the feed of an operation, or hears it."""
    return Sent(operation.id, FOLLOW, operation.path, caller=caller, why="feed")


@dataclass(slots=True)
class _Feed:
    """One feed in a run: the server's, and those of the two references."""

    operation: Operation
    listener: Listener
    a: Reader
    b: Reader


Frames = tuple[list[bytes], list[bytes], list[bytes]]
"""What the references and the server told."""


class FeedSession(Session):
    """A run that follows feeds, too: the calls with the method :data:`FOLLOW`."""

    def __init__(self, setting: Setting) -> None:
        super().__init__(setting)
        setting.following.leave()
        self._feeds: dict[str, _Feed] = {}
        self._frames = self._judge(self.names, setting.noise)

    def _judge(self, names: Names, noise: Noise) -> Comparison:
        """A comparison of frames.

        The reference makes them late, so their moments are not held against those of calls.
        """
        issued = self.a.issued, self.b.issued
        return Comparison(names, self._setting.policy, noise, *issued, Wording(), Moments())

    def step(self, sent: Sent, foreseen: Foreseen | None = None) -> Stepped:
        """Make a call on all sides, or hear a feed of theirs."""
        if sent.method != FOLLOW:
            return super().step(sent, foreseen)
        if self._setting.gentle is not None:
            self._setting.gentle.admitted(self, replace(sent, method="GET"))
        new = sent.operation not in self._feeds
        try:
            stepped = self._opened(sent) if new else self._heard(sent)
        except FeedClosed as error:
            stepped = self._ended(sent, str(error))
        self.steps.append(stepped)
        return stepped

    def _opened(self, sent: Sent) -> Stepped:
        setting, operation = self._setting, self._operations[sent.operation]
        readers = (
            Reader(setting.first.feeds[operation.id], self.a),
            Reader(setting.second.feeds[operation.id], self.b),
        )
        message = setting.writer.message(replace(sent, method="GET"), self.names.for_t)
        headers = message.headers + setting.headers
        listener = setting.following.add(setting.target.follow(replace(message, headers=headers)))
        feed = self._feeds[operation.id] = _Feed(operation, listener, *readers)
        firsts = [reader.first() for reader in readers]
        a, b = ([] if frame is None else [frame] for frame in firsts)
        return self._compared(sent, (a, b, self._received(feed, len(a), first=True)), FIRST)

    def _heard(self, sent: Sent) -> Stepped:
        feed = self._feeds[sent.operation]
        a, b = list(feed.a.frames()), list(feed.b.frames())
        return self._compared(sent, (a, b, self._received(feed, len(a), first=False)), LATER)

    def _received(self, feed: _Feed, expected: int, *, first: bool) -> list[bytes]:
        """The frames that the server told; one more than expected at most."""
        following = self._setting.following
        begin = monotonic()
        frames: list[bytes] = []
        while len(frames) <= expected:
            late = len(frames) == expected
            left = following.grace if late else following.patience + begin - monotonic()
            frame = feed.listener.receive(left)
            if frame is None:
                if not late:
                    following.missed()
                break
            if not late:
                following.came(monotonic() - begin)
            if (frames or not first) and self._is_others(_octets(frame)):
                if monotonic() > begin + following.patience:
                    break  # others write all the time
                continue
            frames.append(_octets(frame))
        return frames

    def _compared(self, sent: Sent, frames: Frames, aspect: str) -> Stepped:
        operation = self._operations[sent.operation]
        return self._stepped(
            sent,
            (_told(frames[0], operation), _told(frames[2], operation)),
            self._differences(operation, frames, aspect),
        )

    def _differences(self, operation: Operation, frames: Frames, aspect: str) -> list[Difference]:
        a, b, t = frames
        if len(a) != len(b):
            self._setting.noise[operation.id, "frames"] += 1
            return []
        for index in range(min(len(a), len(t))):
            found = self._frame(self._frames, operation, (a[index], b[index], t[index]))
            if found:
                return self._why(operation, frames, index, (aspect, found))
        if len(t) < len(a):
            code = "MS501" if aspect == FIRST else "MS502"
            return [Difference(code, aspect, "", _shown(a[len(t)]), "no frame came")]
        if len(t) > len(a):
            return [Difference("MS503", aspect, "", "no further frame", _shown(t[len(a)]))]
        return []

    def _frame(
        self, comparison: Comparison, operation: Operation, frames: Sequence[bytes]
    ) -> list[Difference]:
        a, b, t = (_told([frame], operation) for frame in frames)
        gentle, sent = self._setting.gentle, follow(operation, "")
        if gentle is None:
            return comparison.compare(operation, (a, b, t), len(self.steps))
        narrowed = gentle.narrowed(self, sent, operation, (a, b, t))
        return comparison.compare(
            operation, (narrowed[0], narrowed[1] or b, narrowed[2]), len(self.steps)
        )

    def _is_others(self, frame: bytes) -> bool:
        """Whether a frame tells of what others did on a server that they use, too."""
        if self._setting.gentle is None:
            return False
        own = (self.names[number] for number in range(len(self.names)))
        return not any(triple.is_key and str(triple.t).encode() in frame for triple in own)

    def _why(
        self, operation: Operation, frames: Frames, index: int, told: tuple[str, list[Difference]]
    ) -> list[Difference]:
        """What is wrong with a frame: it came twice, or too early, or is not right."""
        a, _, t = frames
        aspect, found = told
        if aspect == FIRST:
            return [replace(d, code="MS501", aspect=aspect) for d in found]
        if index and len(t) > len(a) and t[index] == t[index - 1]:
            return [Difference("MS503", aspect, "", _shown(a[index]), f"again {_shown(t[index])}")]
        for later in range(index + 1, len(a)):
            if self._match(operation, frames, later, index):
                code = "MS502" if len(t) < len(a) else "MS504"
                return [Difference(code, aspect, "", _shown(a[index]), _shown(t[index]))]
        if any(self._match(operation, frames, index, i) for i in range(index + 1, len(t))):
            return [Difference("MS503", aspect, "", _shown(a[index]), _shown(t[index]))]
        return [replace(d, code="MS505", aspect=aspect) for d in found]

    def _match(self, operation: Operation, frames: Frames, expected: int, got: int) -> bool:
        """Whether a frame of the server is the one that belongs to another place."""
        a, b, t = frames
        trial = self._judge(self.names.copy(), Counter())
        return not self._frame(trial, operation, (a[expected], b[expected], t[got]))

    def _ended(self, sent: Sent, reason: str) -> Stepped:
        expected = Answered(101, (("upgrade", "websocket"),), b"")
        difference = Difference("MS506", "feed", "", "an open WebSocket", reason)
        return self._stepped(sent, (expected, Failed("closed", reason)), [difference])

    def _stepped(
        self, sent: Sent, told: tuple[Outcome, Outcome], differences: list[Difference]
    ) -> Stepped:
        """The step for a report. Opening a feed counts as a write: what follows depends on it."""
        message = self._setting.writer.message(sent, self.names.for_t)
        opens = not any(step.sent == sent for step in self.steps)
        return Stepped(sent, message, *told, differences, wrote=opens, created=False)


def _octets(frame: Frame) -> bytes:
    return frame if isinstance(frame, bytes) else frame.encode("utf-8", "replace")


def _told(frames: Sequence[bytes], operation: Operation) -> Answered:
    """Frames as the answer whose form they have; several as a list of them."""
    media_type = next(iter(operation.success[1].content), "application/json")
    body = frames[0] if len(frames) == 1 else b"[" + b",".join(frames) + b"]"
    return Answered(200, (("content-type", media_type),), body)


def _shown(frame: bytes) -> str:
    text = frame.decode("utf-8", "replace")
    return text if len(text) <= 200 else f"{text[:197]}..."  # noqa: PLR2004 - a line


class Feeding:
    """The phase in which feeds are followed."""

    def __init__(self, run: Run, drawing: Drawing) -> None:
        self._run = run
        self._drawing = drawing
        self._setting = run.setting
        self._choice = drawing.choice
        self._featuring = Featuring(drawing)
        streams = [o for o in drawing.operations.values() if o.stream is not None]
        self._changing = [o for o in streams if (o.stream or {}).get("collection")]
        self._constant = [o for o in streams if o not in self._changing]
        self._writers = [
            o for o in drawing.operations.values() if o.method not in {"GET", "HEAD", "OPTIONS"}
        ]
        self._used: Counter[str] = Counter()
        self._wrote: Counter[str] = Counter()
        self._rounds = 0

    def go(self) -> None:
        """Follow each feed through a run of changes; those that never change once."""
        self._rounds += 1
        if self._rounds == 1:
            self._follow(follow(operation, self._drawing.caller) for operation in self._constant)
        for operation in self._changing:
            self._follow(self._calls(operation))

    def _follow(self, calls: Iterable[Sent]) -> None:
        self._run.phase = "feeds"
        self._run.fresh()
        for sent in calls:
            if self._run.do(sent, sweep=False):
                return

    def _calls(self, operation: Operation) -> Iterator[Sent]:
        """The calls of one run, each drawn when those before have been made."""
        session, caller = self._run.session, self._drawing.caller
        if self._rounds % EMPTY_EVERY == EMPTY_EVERY - 1:
            yield from self._deletions(session, operation)
        elif self._rounds > 1:
            yield from self._writes(session, self._choice.randint(0, 2))
        yield follow(operation, caller)
        for _ in range(BURSTS):
            yield from self._writes(session, self._choice.choice((1, 1, 2, 3)))
            yield follow(operation, caller)

    def _writes(self, session: Session, count: int) -> Iterator[Sent]:
        """Calls that change something, as far as the reference can tell."""
        for _ in range(count if self._writers else 0):
            for _ in range(TRIES):
                weights = [self._weight(operation.id) for operation in self._writers]
                operation = self._choice.choices(self._writers, weights)[0]
                sent = self._drawing.draw(operation.id, session, None)
                self._used[operation.id] += 1
                if session.outlook(sent).writes:
                    self._wrote[operation.id] += 1
                    featured = likely(self._choice, FEATURED)
                    yield (self._featuring.featured(sent, session) if featured else None) or sent
                    break

    def _weight(self, operation: str) -> float:
        """Operations that write are called in turn, those that do not seem to hardly ever."""
        known = self._drawing.writers[operation] > 0 or self._wrote[operation] > 0
        hope = 1.0 if known else 0.5 ** self._used[operation]
        return hope / (1 + self._wrote[operation]) ** 2

    def _deletions(self, session: Session, operation: Operation) -> Iterator[Sent]:
        """Calls that delete all there is, to see what a feed begins with then."""
        stem = self._setting.first.api.description.stem
        name = f"{stem}/{(operation.stream or {})['collection']}"
        for key in list(session.a.log.head.collection(name).records)[:MOST_DELETED]:
            yield from self._deletion(session, name, str(key))

    def _deletion(self, session: Session, collection: str, key: str) -> Iterator[Sent]:
        for operation in self._writers:
            parameters = template_names(operation.path)
            if len(parameters) != 1:
                continue
            template = self._drawing.filled(operation.id, None)
            value = session.names.symbolic(key)
            sent = replace(
                template, path_parameters={parameters[0]: value}, caller=self._drawing.caller
            )
            if self._deletes(session, sent, collection, key):
                yield sent
                return

    def _deletes(self, session: Session, sent: Sent, collection: str, key: str) -> bool:
        setting = self._setting
        try:
            message = setting.writer.message(sent, session.names.for_a)
        except KeyError:
            return False
        fork = setting.first.fork(session.a)
        setting.first.apply(message, fork, setting.target.base_url)
        return key not in fork.log.head.collection(collection).records
