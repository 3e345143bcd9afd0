from __future__ import annotations

import io
import re

import pytest

from mockserver import request_log
from mockserver.request_log import RequestLog


def lines(*paths: str) -> list[str]:
    """What is written of requests of these paths that all came before the first batch."""
    out = io.StringIO()
    log = RequestLog(out)
    for path in paths:
        log("GET", path, 200, 0.0125)
    log.start()
    log.stop()
    return out.getvalue().splitlines()


def test_a_line_says_when_what_and_how_long() -> None:
    [line] = lines("/assets")
    assert re.fullmatch(r"\d\d:\d\d:\d\d GET     /assets 200 12\.5 ms", line)


def test_a_path_cannot_forge_lines_or_colours() -> None:
    [line] = lines("/a\n12:00:00 GET /b\x1b[31m")
    assert r"/a\n12:00:00 GET /b\x1b[31m" in line


def test_letters_of_any_alphabet_are_shown() -> None:
    assert "/zażółć" in lines("/zażółć")[0]


def test_what_comes_too_fast_is_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(request_log, "MAX_WAITING", 3)
    written = lines(*(f"/{number}" for number in range(10)))
    assert [line.split()[2] for line in written[:3]] == ["/7", "/8", "/9"]
    assert written[3:] == ["(7 more requests came too fast to be shown)"]


def test_nothing_is_written_of_nothing() -> None:
    assert lines() == []
