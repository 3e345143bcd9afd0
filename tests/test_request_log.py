from __future__ import annotations

import io
import os
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


def test_a_path_that_the_encoding_cannot_show_still_gets_its_line() -> None:
    raw = io.BytesIO()
    log = RequestLog(io.TextIOWrapper(raw, encoding="ascii"))
    for path in ("/zażółć", "/next"):
        log("GET", path, 200, 0)
    log.start()
    log.stop()
    first, second = raw.getvalue().decode("ascii").splitlines()
    assert r"/za\u017c\xf3\u0142\u0107 200" in first
    assert "/next 200" in second


def test_an_output_that_is_closed_is_no_bug() -> None:
    out = io.StringIO()
    out.close()
    log = RequestLog(out)
    log("GET", "/", 200, 0)
    log.start()
    log.stop()
    assert not log._thread.is_alive()


def test_an_output_whose_reader_has_gone_is_no_bug() -> None:
    reading, writing = os.pipe()
    os.close(reading)
    out = os.fdopen(writing, "w", encoding="utf-8")
    log = RequestLog(out)
    log("GET", "/", 200, 0)
    log.start()
    log.stop()
    assert not log._thread.is_alive()
    with pytest.raises(BrokenPipeError):
        out.close()


def test_a_log_that_never_started_may_be_stopped() -> None:
    out = io.StringIO()
    log = RequestLog(out)
    log("GET", "/", 200, 0)
    log.stop()
    assert out.getvalue() == ""
