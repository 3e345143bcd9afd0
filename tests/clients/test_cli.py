"""The command line client of Pieces, in a terminal, as its users run it."""

from __future__ import annotations

import fcntl
import os
import pty
import re
import select
import struct
import subprocess
import termios
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from types import TracebackType
from typing import Self

import pyte
import pytest

from tests.clients.real_clients import CLI, CLIENT_ENVIRONMENT, Mock

COLUMNS, LINES = 120, 60
SECONDS = 30.0

TITLE = "def quokka_itinerary(steps):"
TEXT = f"{TITLE}\n    return sorted(steps)\n"


class Terminal:
    """A program in a terminal, and the screen that a person would see."""

    def __init__(self, command: list[str], environment: dict[str, str]) -> None:
        self._screen = pyte.Screen(COLUMNS, LINES)
        self._stream = pyte.ByteStream(self._screen)
        self._ours, theirs = pty.openpty()
        fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", LINES, COLUMNS, 0, 0))
        self._program = subprocess.Popen(
            command, stdin=theirs, stdout=theirs, stderr=theirs, env=environment
        )
        os.close(theirs)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._program.kill()
        self._program.wait()
        os.close(self._ours)

    @property
    def text(self) -> str:
        return "\n".join(line.rstrip() for line in self._screen.display)

    def until(self, *shown: str) -> str:
        """The screen, once it shows all of these regular expressions."""
        self._read(lambda: all(re.search(one, self.text) for one in shown))
        missing = [one for one in shown if not re.search(one, self.text)]
        assert not missing, f"{missing} not within {SECONDS} s:\n{self.text}"
        return self.text

    def press(self, keys: str) -> None:
        os.write(self._ours, keys.encode())

    def end(self) -> str:
        """The last screen of a program that ends by itself, well."""
        self._read(lambda: False)
        assert self._program.wait(SECONDS) == 0, self.text
        return self.text

    def _read(self, enough: Callable[[], bool]) -> None:
        """Take what the program writes until that is enough, or it has closed its end."""
        deadline = time.monotonic() + SECONDS
        while not enough() and time.monotonic() < deadline:
            if select.select([self._ours], [], [], 0.1)[0]:
                try:
                    written = os.read(self._ours, 65536)
                except OSError:  # what Linux says at the end
                    return
                if not written:
                    return
                self._stream.feed(written)


class Pieces:
    """The program, with a home of its own in which the first question has been answered."""

    def __init__(self, program: Path, home: Path) -> None:
        self._program = str(program)
        self._environment = {**CLIENT_ENVIRONMENT, "HOME": str(home), "TERM": "xterm-256color"}

    def terminal(self, *arguments: str) -> Terminal:
        return Terminal([self._program, *arguments], self._environment)

    def run(self, *arguments: str, given: str = "") -> str:
        """What it prints when it is not in a terminal."""
        done = subprocess.run(
            [self._program, *arguments],
            input=given,
            env=self._environment,
            capture_output=True,
            text=True,
            check=False,
            timeout=SECONDS,
        )
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout


@pytest.fixture(scope="module")
def pieces(
    clients: dict[str, Path], mock: Mock, tmp_path_factory: pytest.TempPathFactory
) -> Pieces:
    program = clients[CLI] / "pieces"
    made = Pieces(program, tmp_path_factory.mktemp("home"))
    with made.terminal("list", "apps") as terminal:
        terminal.until("first time using the Pieces CLI", r"\[y/n/skip\]")
        terminal.press("skip\r")
        assert "OS_SERVER, 12." in terminal.end()
    return made


@pytest.fixture(autouse=True)
def beginning(mock: Mock) -> Iterator[None]:
    mock.reset()
    yield
    mock.reset()


def create(pieces: Pieces, mock: Mock) -> str:
    """Save a text through the program; return the id of the asset that it made."""
    before = set(listed(mock))
    assert "Material successfully saved" in pieces.run("create", "-c", given=TEXT)
    made = [key for key in listed(mock) if key not in before]
    assert len(made) == 1
    return made[0]


def listed(mock: Mock) -> list[str]:
    return [item["id"] for item in mock.get("/assets/identifiers")["iterable"]]


def test_list_shows_the_materials_and_opens_one(pieces: Pieces, mock: Mock) -> None:
    assets = mock.get("/assets")["iterable"]
    assert len(assets) > 20

    with pieces.terminal("list") as terminal:
        entries = [re.escape(f"{i}: {one['name']}") for i, one in enumerate(assets, 1)]
        terminal.until("Select a material", *entries)
        second = assets[1]["original"]["reference"]["fragment"]["string"]["raw"]
        terminal.press("\x1b[B\r")
        terminal.until("Code content:", re.escape(second.split("\n")[0]))
        terminal.end()


def test_create_saves_what_it_is_given(pieces: Pieces, mock: Mock) -> None:
    key = create(pieces, mock)

    asset = mock.get(f"/assets/{key}")
    original = asset["original"]["reference"]
    assert original["fragment"]["string"]["raw"] == TEXT
    assert original["classification"] == {"generic": "CODE", "specific": "py"}
    assert original["application"]["name"] == "PIECES_FOR_DEVELOPERS_CLI"
    connected = [one["id"] for one in mock.get("/applications")["iterable"]]
    assert original["application"]["id"] in connected


@pytest.mark.parametrize("mode", ["fuzzy", "fts", "ncs"])
def test_search_finds_what_was_created(pieces: Pieces, mock: Mock, mode: str) -> None:
    key = create(pieces, mock)
    name = mock.get(f"/assets/{key}")["name"]

    with pieces.terminal("search", "--mode", mode, "quokka_itinerary") as terminal:
        terminal.until(r"Results Found: [1-9]", re.escape(f"1: {name}"))
        terminal.press("\r")
        terminal.until("Code content:", re.escape(TITLE))
        terminal.end()


def test_search_says_when_it_finds_nothing(pieces: Pieces) -> None:
    assert "No matches found." in pieces.run("search", "--mode", "fts", "quokka_itinerary")
