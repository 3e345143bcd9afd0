from __future__ import annotations

from uuid import UUID

from mockserver.engine.request import Request
from mockserver.state.sandboxes import Rules, Sandbox
from tests.engine.tiny import sandbox, snapshot


def test_a_header_is_text_or_none() -> None:
    request = Request(sandbox(), headers={b"x-a": b"\xc5\xbc", b"x-b": b""})
    assert request.header("x-a") == "\xc5\xbc"
    assert request.header("x-b") == ""
    assert request.header("x-c") is None


def test_every_octet_of_a_header_is_kept() -> None:
    octets = bytes(range(256))
    text = Request(sandbox(), headers={b"x": octets}).header("x")
    assert text is not None
    assert [ord(character) for character in text] == list(octets)


def test_the_content_type_is_empty_when_it_was_not_sent() -> None:
    assert Request(sandbox()).content_type == ""
    assert Request(sandbox(), headers={b"content-type": b"Text/Plain"}).content_type == "Text/Plain"


def test_a_request_keeps_its_identifier() -> None:
    request = Request(sandbox())
    assert request.identifier == request.identifier
    assert UUID(request.identifier).version == 4


def test_each_request_has_an_identifier_of_its_own() -> None:
    world = sandbox()
    assert len({Request(world).identifier for _ in range(100)}) == 100


def test_the_identifiers_of_a_run_are_those_of_another() -> None:
    def run(seed: int) -> list[str]:
        world = Sandbox("tiny", snapshot(), Rules(seed=seed))
        return [Request(world).identifier for _ in range(5)]

    assert run(1) == run(1)
    assert not {*run(1)} & {*run(2)}


def test_a_request_that_is_asked_nothing_uses_up_no_identifier() -> None:
    world, other = sandbox(), sandbox()
    Request(world)
    assert Request(world).identifier == Request(other).identifier


def test_the_headers_of_an_answer_belong_to_one_request() -> None:
    one, other = Request(sandbox()), Request(sandbox())
    one.answer_headers["X-One"] = "1"
    assert other.answer_headers == {}
