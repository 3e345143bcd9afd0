"""Reproducers run before they are shown: on the reference, which is right, and on the server."""

from __future__ import annotations

import os
import shutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import SimpleNamespace
from typing import Any

from mockserver.contract.at_once import Branches
from mockserver.contract.feed_clients import Listener
from mockserver.contract.feeds import FOLLOW
from mockserver.contract.reproducers.bridge import Ask, Bridge
from mockserver.contract.reproducers.feeds import frames_of
from mockserver.contract.targets import Target
from mockserver.contract.values import Answered, Failed, Message, Outcome

NEEDED = ("bash", "curl", "python3")


@dataclass(frozen=True, slots=True)
class Outcomes:
    """What came of one run of a test: whether it passed, after how many calls, or why not."""

    passed: bool
    calls: int
    why: str

    def shows(self, calls: int) -> bool:
        """Whether it failed at the last of its calls, where it should."""
        return not self.passed and self.calls == calls


class _Reply:
    """An answer as the file's own class has it."""

    def __init__(self, answer: Answered) -> None:
        self.status = answer.status
        self._headers = answer.headers
        self._body = answer.body

    def getheaders(self) -> list[tuple[str, str]]:
        """The headers, as ``http.client`` tells them."""
        return list(self._headers)

    def read(self) -> bytes:
        """The body."""
        return self._body


def run_test(source: str, ask: Ask, environment: Mapping[str, str], base_url: str) -> Outcomes:
    """Run the test of a pytest file in this process, its calls being made by ``ask``."""
    names: dict[str, Any] = {}
    calls = 0

    def sent(url: str, method: str, headers: Mapping[str, Any], body: bytes | None) -> Any:
        nonlocal calls
        calls += 1
        pairs = tuple((name, _text(value)) for name, value in headers.items())
        outcome = ask(Message(method, url.removeprefix(base_url), pairs, body or b""))
        if isinstance(outcome, Failed):
            raise ConnectionError(outcome.detail)
        return names["Answer"](_Reply(outcome))

    def hear(target: str, count: int, headers: Mapping[str, Any] | None = None) -> Any:
        nonlocal calls
        calls += 1
        pairs = tuple((name, _text(value)) for name, value in (headers or {}).items())
        outcome = ask(Message(FOLLOW, target, pairs, str(count).encode()))
        if isinstance(outcome, Failed):
            raise ConnectionError(outcome.detail)
        return names["Heard"](frames_of(outcome))

    exec(compile(source, "reproducer", "exec"), names)  # noqa: S102 - it was written here
    here = SimpleNamespace(environ={**os.environ, **environment})
    names.update(sent=sent, hear=hear, reset=lambda: None, BASE_URL=base_url, os=here)
    test = next(value for name, value in names.items() if name.startswith("test_"))
    try:
        test()
    except Exception as error:  # noqa: BLE001 - whatever fails, the test fails
        return Outcomes(passed=False, calls=calls, why=f"{type(error).__name__}: {error}")
    return Outcomes(passed=True, calls=calls, why="")


def _text(value: str | bytes) -> str:
    return value.decode() if isinstance(value, bytes) else value


def recorded(outcomes: Sequence[Outcome]) -> Ask:
    """Answers that came before, told again one by one."""
    left = iter(outcomes)

    def ask(_: Message) -> Outcome:
        return next(left, Failed("closed", "no more was asked"))

    return ask


class Retold:
    """A target that tells answers again which came before, and then goes on as it is."""

    def __init__(self, target: Target, answers: Sequence[Outcome]) -> None:
        self._target = target
        self._left = list(answers)

    @property
    def base_url(self) -> str:
        """Where the server's root is."""
        return self._target.base_url

    def send(self, message: Message) -> None:
        """Begin a call, unless its answer is known."""
        if not self._left:
            self._target.send(message)

    def receive(self) -> Outcome:
        """What became of it."""
        return self._left.pop(0) if self._left else self._target.receive()

    def reset(self) -> bool:
        """Nothing: the answers come from a fresh state."""
        return True

    def follow(self, message: Message) -> Listener:
        """Open a WebSocket feed."""
        return self._target.follow(message)

    def at_once(self, branches: Branches) -> list[list[Outcome]]:
        """Make the calls of several branches at once."""
        return self._target.at_once(branches)

    def close(self) -> None:
        """Nothing is held."""


def lacking() -> str:
    """What a script needs that is not installed here."""
    return ", ".join(name for name in NEEDED if shutil.which(name) is None)


def run_script(script: str, ask: Ask, environment: Mapping[str, str], seconds: float) -> str:
    """Run a shell script against a server; empty, or what it complained of."""
    if missing := lacking():
        return f"not run: there is no {missing} here"
    with Bridge(ask) as bridge:
        code, said = bridge.run(script, environment, seconds)
    return "".join(said.strip().splitlines()[-1:]) or f"exit code {code}" if code else ""
