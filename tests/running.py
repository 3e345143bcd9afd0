"""A mock server in a process of its own, and a bounded wait."""

from __future__ import annotations

import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from types import TracebackType
from typing import Self, TypeVar

T = TypeVar("T")

ROOT = Path(__file__).resolve().parents[1]

DESCRIPTIONS = ROOT / "tests" / "contract" / "descriptions"
"""Small descriptions of APIs that nobody wrote handlers for."""
_READY = re.compile(r"^Sandboxes: (http://\S+)/@NAME/$", re.MULTILINE)


def eventually(probe: Callable[[], T], within: float = 20.0) -> T:
    """The first true value of ``probe``, asked again and again for at most ``within`` seconds."""
    deadline = time.monotonic() + within
    while True:
        value = probe()
        if value:
            return value
        if time.monotonic() > deadline:
            raise AssertionError(f"{probe} still gave {value!r} after {within} seconds")
        time.sleep(0.01)


class Server:
    """``mockserver serve`` on a free port; on leaving it is interrupted and must end cleanly.

    It runs in a folder of its own, so that it is the installed package that serves.
    """

    def __init__(self, folder: Path, *flags: str) -> None:
        self._out = folder / "out"
        self._err = folder / "err"
        command = [sys.executable, "-m", "mockserver", "serve", "--port", "0", *flags]
        with self._out.open("wb") as out, self._err.open("wb") as err:
            self.process = subprocess.Popen(command, stdout=out, stderr=err, cwd=folder)
        try:
            self.url = eventually(self._address)
        except BaseException:
            self.process.kill()
            self.process.wait()
            raise

    def _address(self) -> str:
        assert self.process.poll() is None, f"it ended: {self.complaints}"
        match = _READY.search(self.output)
        return match[1] if match else ""

    @property
    def ws(self) -> str:
        return self.url.replace("http://", "ws://", 1)

    @property
    def port(self) -> int:
        return int(self.url.rpartition(":")[2])

    @property
    def output(self) -> str:
        return self._out.read_text(encoding="utf-8")

    @property
    def complaints(self) -> str:
        return self._err.read_text(encoding="utf-8")

    def interrupt(self) -> int:
        """Send SIGINT and return the exit code."""
        self.process.send_signal(signal.SIGINT)
        return self.process.wait(timeout=20)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        try:
            code = self.interrupt() if self.process.poll() is None else self.process.returncode
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
            raise
        if error is None:
            assert (code, self.complaints) == (0, "")
