"""Feeds: the changes in a log as the frames of a WebSocket stream."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, Protocol

from mockserver.engine.endpoint import Endpoint
from mockserver.engine.handlers import Call, Frames, Reply, Source
from mockserver.engine.reply import ReplyWriter
from mockserver.engine.request import Request
from mockserver.state.log import Entry, Listener, Log
from mockserver.state.sandboxes import Sandbox
from mockserver.state.store import Change, Snapshot, differences

MAX_BACKLOG = 256
"""Commits that a reader may be behind before it is closed as too slow."""

MAX_KEPT_FRAME = 16 * 1024
"""Frames up to this many bytes are kept with their commit; what larger ones show is kept itself."""


class Feed:
    """One streaming operation: its first frame and the frame of each commit.

    ``x-stream`` says which ``collection`` it tells about (none: it never changes) and whether
    there is a ``first`` frame (there is, unless it says false). Readers of the same log share
    the frames, each made and checked once.
    """

    def __init__(self, endpoint: Endpoint, frames: Frames | None) -> None:
        stream = endpoint.operation.stream or {}
        self.endpoint = endpoint
        self._frames = frames
        self._writer = ReplyWriter(endpoint.api, endpoint.operation)
        self.has_first = stream.get("first", True)
        name = stream.get("collection")
        self._collection = f"{endpoint.api.description.stem}/{name}" if name else None

    def reader(self, sandbox: Sandbox) -> Following:
        """One who reads this feed from now on: of the log, or of what the handlers tell instead."""
        made = self.endpoint.api.handlers.source_of.get(self.endpoint.operation.id)
        return Reader(self, sandbox) if made is None else SourceReader(self, made(sandbox))

    def written(self, body: Any) -> bytes:
        """A frame, checked as an answer of the operation is."""
        return self._writer.write(Reply(body), "").body

    def first(self, sandbox: Sandbox, snapshot: Snapshot) -> bytes | None:
        """What is true at a snapshot, as the operation's plain GET says it."""
        if not self.has_first:
            return None
        reply = self.endpoint.handler(self._call(sandbox, snapshot))
        return self._writer.write(reply, "").body

    def frame(
        self, sandbox: Sandbox, snapshot: Snapshot, changes: tuple[Change, ...]
    ) -> bytes | None:
        """What one commit's changes look like, or None when they do not concern this feed."""
        touching = tuple(change for change in changes if change.collection == self._collection)
        if not touching or self._frames is None:
            return None
        body = self._frames(self._call(sandbox, snapshot), touching)
        return None if body is None else self.written(body)

    def shared(self, sandbox: Sandbox, entry: Entry) -> bytes | None:
        """The frame of one commit, made once for all the readers of a log unless it is large."""
        if self in entry.work:
            kept: bytes | None = entry.work[self]
            return kept
        frame = self.frame(sandbox, entry.snapshot, entry.changes)
        if frame is None or len(frame) <= MAX_KEPT_FRAME:
            entry.work[self] = frame
        return frame

    def differences(self, old: Snapshot, new: Snapshot) -> tuple[Change, ...]:
        """What changed in the feed's collection between two snapshots."""
        if self._collection is None:
            return ()
        return tuple(differences(old, new, self._collection))

    def _call(self, sandbox: Sandbox, snapshot: Snapshot) -> Call:
        api = self.endpoint.api
        transaction = sandbox.transaction(api.description.stem, snapshot)
        request = Request(sandbox)
        return Call(
            self.endpoint.operation,
            transaction,
            api.blobs,
            request,
            api.identities,
            api.options,
        )


class Following(Protocol):
    """One reader of a feed, as a connection needs it.

    ``closed`` says why nothing will come any more, while it is empty something may. After what
    was news a reader takes none for ``pause`` seconds, so that what comes meanwhile is one frame.
    """

    pause: float

    @property
    def closed(self) -> str:
        """Why the feed has ended; empty while it has not."""
        ...

    def listen(self, listener: Listener) -> Callable[[], None]:
        """Call ``listener``, on any thread, when there may be news; returns what stops it."""
        ...

    def first(self) -> bytes | None:
        """The first frame."""
        ...

    def backlog(self) -> int:
        """How much waits for this reader, in commits."""
        ...

    def frames(self) -> Iterator[bytes]:
        """The frames that tell what is new."""
        ...


class SourceReader:
    """One reader of a feed that tells something else than commits.

    A source makes up one body of all that is new when it is asked, and may leave out what is too
    much: nobody is ever behind.
    """

    pause = 0.05

    def __init__(self, feed: Feed, source: Source) -> None:
        self._feed = feed
        self._source = source

    @property
    def closed(self) -> str:
        """Why the feed has ended."""
        return self._source.closed

    def listen(self, listener: Listener) -> Callable[[], None]:
        """Call ``listener`` when there may be news."""
        return self._source.listen(listener)

    def first(self) -> bytes | None:
        """The first frame."""
        return self._feed.written(self._source.first())

    def backlog(self) -> int:
        """Nothing waits."""
        return 0

    def frames(self) -> Iterator[bytes]:
        """One frame of all that is new, if anything is."""
        news = self._source.news()
        if news is not None:
            yield self._feed.written(news)


class Reader:
    """One reader of a feed: where in the log it is."""

    pause = 0.0

    def __init__(self, feed: Feed, sandbox: Sandbox) -> None:
        self._feed = feed
        self._sandbox = sandbox
        self._seen = sandbox.log.head

    @property
    def closed(self) -> str:
        """Why the log will not be written again."""
        return self._sandbox.log.closed

    def listen(self, listener: Listener) -> Callable[[], None]:
        """Call ``listener`` after each commit."""
        return self._sandbox.log.listen(listener)

    def first(self) -> bytes | None:
        """The first frame, of the snapshot that this reader starts from."""
        return self._feed.first(self._sandbox, self._seen)

    def backlog(self) -> int:
        """Commits not yet told to this reader."""
        return self._sandbox.log.head.revision - self._seen.revision

    def frames(self) -> Iterator[bytes]:
        """The frames that bring the reader up to the head, one for each commit.

        After a reset, or when the history no longer reaches back, one frame tells the
        difference between what was seen and what is true.
        """
        log = self._sandbox.log
        entries = log.since(self._seen.revision)
        if entries is None:
            yield from self._leap(log)
            return
        for entry in entries:
            frame = self._feed.shared(self._sandbox, entry)
            self._seen = entry.snapshot
            if frame is not None:
                yield frame

    def _leap(self, log: Log) -> Iterator[bytes]:
        head = log.head
        changes = self._feed.differences(self._seen, head)
        frame = self._feed.frame(self._sandbox, head, changes)
        self._seen = head
        if frame is not None:
            yield frame
