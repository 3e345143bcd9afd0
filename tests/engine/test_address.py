from __future__ import annotations

from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mockserver.engine.address import read_address
from mockserver.errors import ApiError

GOOD = st.text(
    "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-", min_size=1, max_size=64
).filter(lambda name: name.strip(".") or len(name) > 2)
BAD = st.one_of(
    st.sampled_from(["", ".", ".."]),
    st.text("ab", min_size=65, max_size=70),
    st.tuples(GOOD, st.sampled_from(list(" é@/\n\0:~%+"))).map("".join),
)
SEGMENTS = st.lists(st.text(min_size=1), max_size=4)


def raw(*segments: str) -> bytes:
    return ("/" + "/".join(quote(segment, safe="") for segment in segments)).encode()


@given(GOOD, SEGMENTS)
def test_the_sandbox_in_the_path(name: str, segments: list[str]) -> None:
    address = read_address(raw("@" + name, *segments), {})
    assert (address.sandbox, address.prefix) == (name, f"/@{name}")
    assert address.segments == segments


@given(GOOD, SEGMENTS)
def test_the_sandbox_in_the_header(name: str, segments: list[str]) -> None:
    address = read_address(raw("a", *segments), {b"x-mock-sandbox": name.encode()})
    assert address.sandbox == name
    assert address.prefix == ("" if name == "default" else f"/@{name}")
    assert address.segments == ["a", *segments]


@given(GOOD, GOOD)
def test_the_path_wins_over_the_header(in_path: str, in_header: str) -> None:
    address = read_address(raw("@" + in_path), {b"x-mock-sandbox": in_header.encode()})
    assert address.sandbox == in_path


TRACE = "4bf92f3577b34da6a3ce929d0e0e4736"


def by_trace(sent: str, name: str = "", path: str = "/a") -> str:
    headers = {b"traceparent": sent.encode()}
    if name:
        headers[b"x-mock-sandbox"] = name.encode()
    address = read_address(path.encode(), headers, by_trace=True)
    assert address.prefix == ("" if address.sandbox == "default" else f"/@{address.sandbox}")
    return address.sandbox


@pytest.mark.parametrize(
    "sent",
    [f"00-{TRACE}-00f067aa0ba902b7-01", f"cc-{TRACE}-00f067aa0ba902b7-00-what-comes-later"],
)
def test_a_trace_names_the_sandbox_where_nothing_else_does(sent: str) -> None:
    assert by_trace(sent) == TRACE
    assert by_trace(sent, "mine") == "mine"
    assert by_trace(sent, "mine", "/@yours/a") == "yours"
    assert read_address(b"/a", {b"traceparent": sent.encode()}).sandbox == "default"


@pytest.mark.parametrize(
    "sent",
    [
        "",
        TRACE,
        f"00-{TRACE}-00f067aa0ba902b7",
        f"00-{TRACE.upper()}-00f067aa0ba902b7-01",
        f"00-{TRACE}-00f067aa0ba902b7-01-more",
        f"cc-{TRACE}-00f067aa0ba902b7-01.more",
        f"ff-{TRACE}-00f067aa0ba902b7-01",
        f"00-{'0' * 32}-00f067aa0ba902b7-01",
        f"00-{TRACE}-{'0' * 16}-01",
        f"00-{TRACE}-00f067aa0ba902b7-01, 00-{TRACE}-00f067aa0ba902b7-01",
        f"00-{TRACE}-00f067aa0ba902b7-01\n",
    ],
)
def test_a_malformed_trace_names_nothing(sent: str) -> None:
    assert by_trace(sent) == "default"


def test_without_either_it_is_the_default() -> None:
    address = read_address(b"/a/b", {})
    assert (address.sandbox, address.prefix, address.segments) == ("default", "", ["a", "b"])


@given(BAD)
def test_a_bad_name_in_the_path_is_not_found(name: str) -> None:
    with pytest.raises(ApiError) as caught:
        read_address(raw("@" + name, "a"), {})
    assert caught.value.status == 404


@given(BAD)
def test_a_bad_name_in_the_header_is_refused(name: str) -> None:
    with pytest.raises(ApiError) as caught:
        read_address(b"/a", {b"x-mock-sandbox": name.encode()})
    assert caught.value.status == 400
    [violation] = caught.value.violations
    assert (violation.location, violation.pointer) == ("header", "X-Mock-Sandbox")
    assert len(violation.received) <= 80


def test_an_encoded_slash_belongs_to_its_segment() -> None:
    assert read_address(b"/a%2Fb/c", {}).segments == ["a/b", "c"]
    assert read_address(b"/@one%2Ftwo".replace(b"%2F", b"/"), {}).segments == ["two"]


def test_an_at_sign_names_a_sandbox_only_in_front() -> None:
    assert read_address(b"/a/@b", {}).sandbox == "default"
    assert read_address(b"//@b", {}).segments == ["", "@b"]


@pytest.mark.parametrize("path", [b"/%FF", b"/a/%C3%28", b"/%ED%A0%80"])
def test_what_is_not_utf_8_once_decoded_is_refused(path: bytes) -> None:
    with pytest.raises(ApiError) as caught:
        read_address(path, {})
    assert caught.value.status == 400
    assert [violation.location for violation in caught.value.violations] == ["path"]


@pytest.mark.parametrize(
    ("path", "segments"),
    [(b"/", [""]), (b"/a/", ["a", ""]), (b"//a", ["", "a"]), (b"/..", [".."]), (b"/%2e", ["."])],
)
def test_segments_are_not_normalised(path: bytes, segments: list[str]) -> None:
    assert read_address(path, {}).segments == segments
