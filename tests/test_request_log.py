from __future__ import annotations

import io
import os
import re
from typing import Any

import pytest

from mockserver import request_log
from mockserver.engine.reply import Answer
from mockserver.engine.request import Request
from mockserver.engine.secrets import Secrets
from mockserver.request_log import RequestLog
from mockserver.state.sandboxes import DEFAULT, Rules, Sandbox
from tests.engine.tiny import snapshot

MINE = Secrets(parameters=frozenset(("mine",)))


Told = tuple[dict[str, Any], Request, Answer, float]


def asked(path: str, query: bytes = b"", sandbox: str = DEFAULT, reason: str = "") -> Told:
    scope = {"path": path, "query_string": query}
    request = Request(Sandbox(sandbox, snapshot(), Rules()))
    return scope, request, Answer(400 if reason else 200, [], b"", reason), 0.0125


def written(*exchanges: Told, secrets: Secrets | None = None) -> list[str]:
    """What is written of requests that all came before the first batch."""
    out = io.StringIO()
    log = RequestLog(out, secrets)
    for exchange in exchanges:
        log(*exchange)
    log.start()
    log.stop()
    return out.getvalue().splitlines()


def lines(*paths: str) -> list[str]:
    return written(*map(asked, paths))


def test_a_line_says_when_what_and_how_long() -> None:
    [line] = lines("/assets")
    assert re.fullmatch(r"\d\d:\d\d:\d\d GET     /assets 200 12\.5 ms", line)


def test_a_path_cannot_forge_lines_or_colours() -> None:
    [line] = lines("/a\n12:00:00 GET /b\x1b[31m")
    assert r"/a\n12:00:00 GET /b\x1b[31m" in line


def test_a_refusal_is_told_with_its_reason() -> None:
    [line] = written(asked("/boards", reason="The body lacks a name."))
    assert line.endswith("/boards 400 12.5 ms  The body lacks a name.")


def test_a_reason_is_one_short_line() -> None:
    [line] = written(asked("/", reason="no\r\n\x1b[31mred " + "x" * 1000))
    assert "ms  no [31mred xxx" in line
    assert line.endswith("x…")
    assert len(line) < 300


def test_the_query_is_shown_as_it_was_sent() -> None:
    [line] = written(asked("/pets", b"limit=2&name=%C5%BC&flag"))
    assert " /pets?limit=2&name=%C5%BC&flag 200 " in line


@pytest.mark.parametrize(
    "name",
    ["token", "access_token", "api_key", "apiKey", "X-Amz-Signature", "client_secret", "sig",
     "%70assword", "mine", "auth[token]"],
)  # fmt: skip
def test_secrets_are_not_shown(name: str) -> None:
    [line] = written(asked("/", f"a=1&{name}=hidden&b=2".encode()), secrets=MINE)
    assert f"?a=1&{name}=***&b=2 " in line


def test_a_query_is_shown_without_control_characters_and_shortened() -> None:
    [line] = written(asked("/", b"a=\x1b[31m" + b"x" * 10_000))
    assert "\x1b" not in line
    assert len(line) < 300


def test_the_sandbox_of_the_header_is_shown_like_that_of_a_path() -> None:
    first, second = written(asked("/pets", sandbox="mine"), asked("/@own/pets", sandbox="mine"))
    assert " /@mine/pets " in first
    assert " /@own/pets " in second


def test_letters_of_any_alphabet_are_shown() -> None:
    assert "/zażółć" in lines("/zażółć")[0]


def test_what_comes_too_fast_is_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(request_log, "MAX_WAITING", 3)
    told = lines(*(f"/{number}" for number in range(10)))
    assert [line.split()[2] for line in told[:3]] == ["/7", "/8", "/9"]
    assert told[3:] == ["(7 more requests came too fast to be shown)"]


def test_nothing_is_written_of_nothing() -> None:
    assert lines() == []


def test_a_path_that_the_encoding_cannot_show_still_gets_its_line() -> None:
    raw = io.BytesIO()
    log = RequestLog(io.TextIOWrapper(raw, encoding="ascii"))
    for path in ("/zażółć", "/next"):
        log(*asked(path))
    log.start()
    log.stop()
    first, second = raw.getvalue().decode("ascii").splitlines()
    assert r"/za\u017c\xf3\u0142\u0107 200" in first
    assert "/next 200" in second


def test_an_output_that_is_closed_is_no_bug() -> None:
    out = io.StringIO()
    out.close()
    log = RequestLog(out)
    log(*asked("/"))
    log.start()
    log.stop()
    assert not log._thread.is_alive()


def test_an_output_whose_reader_has_gone_is_no_bug() -> None:
    reading, writing = os.pipe()
    os.close(reading)
    out = os.fdopen(writing, "w", encoding="utf-8")
    log = RequestLog(out)
    log(*asked("/"))
    log.start()
    log.stop()
    assert not log._thread.is_alive()
    with pytest.raises(BrokenPipeError):
        out.close()


def test_a_log_that_never_started_may_be_stopped() -> None:
    out = io.StringIO()
    log = RequestLog(out)
    log(*asked("/"))
    log.stop()
    assert out.getvalue() == ""
