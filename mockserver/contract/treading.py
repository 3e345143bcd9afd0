"""Which lines of its handlers the reference runs: a call that leads to new ones tells something."""

from __future__ import annotations

import os
import sys
from collections import Counter
from collections.abc import Callable, Iterable
from types import FrameType
from typing import Any, TypeVar

T = TypeVar("T")

Line = tuple[str, int]

OFTEN = 3
"""Times that a line is run by calls that were sent before it counts as known."""


class Treading:
    """Runs calls and sees which lines of some modules they come by.

    Python's tracing has room for one: under a debugger, or where coverage is measured, nothing
    is seen.
    """

    def __init__(self, functions: Iterable[Callable[..., Any]]) -> None:
        """The modules are those beside the ones in which the functions stand."""
        files = {code.co_filename for f in functions if (code := getattr(f, "__code__", None))}
        self._folders = tuple({os.path.dirname(file) + os.sep for file in files})  # noqa: PTH120 - as code objects name them
        self._wanted: dict[str, bool] = {}
        self._sent: Counter[Line] = Counter()

    def ran(self, call: Callable[[], T]) -> tuple[T, frozenset[Line]]:
        """What a call gives, and the lines it came by that hardly any that was sent did."""
        if not self._folders or sys.gettrace() is not None:
            return call(), frozenset()
        lines: set[Line] = set()

        def at_line(frame: FrameType, event: str, _: Any) -> Any:
            if event == "line":
                lines.add((frame.f_code.co_filename, frame.f_lineno))
            return at_line

        def at_call(frame: FrameType, _event: str, _: Any) -> Any:
            return at_line if self._is_wanted(frame.f_code.co_filename) else None

        sys.settrace(at_call)
        try:
            given = call()
        finally:
            sys.settrace(None)
        sent = self._sent
        return given, frozenset(line for line in lines if sent[line] < OFTEN)

    def note(self, lines: frozenset[Line]) -> bool:
        """Take in the lines of a call that is sent; True when some of them are run at last."""
        first = any(not self._sent[line] for line in lines)
        self._sent.update(lines)
        return first

    def _is_wanted(self, file: str) -> bool:
        known = self._wanted.get(file)
        if known is None:
            known = self._wanted[file] = file.startswith(self._folders)
        return known
