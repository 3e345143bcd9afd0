"""Which parts of its handlers the reference runs: a call that leads to new ones tells something."""

from __future__ import annotations

import os
import sys
from collections import Counter
from collections.abc import Callable, Iterable
from types import FrameType
from typing import Any, TypeVar

T = TypeVar("T")

Part = tuple[int, int]
"""An instruction: the identity of the code object that has it, and where it stands in it."""

OFTEN = 3
"""Times that an instruction is run by calls that were sent before it counts as known."""

IDLE, EVERY = 48, 16
"""Runs of a function that told nothing new, past which only one of so many is looked at."""


class Treading:
    """Runs calls and sees which instructions of some modules they come by.

    Lines would say less: of a condition within one they do not tell what came of it. Python's
    tracing has room for one: under a debugger, or where coverage is measured, nothing is seen.
    """

    def __init__(self, functions: Iterable[Callable[..., Any]]) -> None:
        """The modules are those beside the ones in which the functions stand."""
        files = {code.co_filename for f in functions if (code := getattr(f, "__code__", None))}
        self._folders = tuple({os.path.dirname(file) + os.sep for file in files})  # noqa: PTH120 - as code objects name them
        self._wanted: dict[str, bool] = {}
        self._sent: Counter[Part] = Counter()
        self._idle: Counter[int] = Counter()

    def ran(self, call: Callable[[], T]) -> tuple[T, frozenset[Part]]:
        """What a call gives, and the parts it came by that hardly any that was sent did."""
        if not self._folders or sys.gettrace() is not None:
            return call(), frozenset()
        parts: set[Part] = set()

        def at_part(frame: FrameType, event: str, _: Any) -> Any:
            if event == "opcode":
                parts.add((id(frame.f_code), frame.f_lasti))
            return at_part

        def at_call(frame: FrameType, _event: str, _: Any) -> Any:
            code = frame.f_code
            if not self._is_wanted(code.co_filename):
                return None
            idle = self._idle[id(code)] = self._idle[id(code)] + 1
            if idle > IDLE and idle % EVERY:
                return None
            frame.f_trace_lines, frame.f_trace_opcodes = False, True
            return at_part

        sys.settrace(at_call)
        try:
            given = call()
        finally:
            sys.settrace(None)
        sent = self._sent
        fresh = frozenset(part for part in parts if sent[part] < OFTEN)
        for code, _ in fresh:
            self._idle[code] = 0
        return given, fresh

    def note(self, parts: frozenset[Part]) -> bool:
        """Take in the parts of a call that is sent; True when some of them are run at last."""
        first = any(not self._sent[part] for part in parts)
        self._sent.update(parts)
        return first

    def _is_wanted(self, file: str) -> bool:
        known = self._wanted.get(file)
        if known is None:
            known = self._wanted[file] = file.startswith(self._folders)
        return known
