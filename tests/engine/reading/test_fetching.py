from __future__ import annotations

import io
import os
import socket
from pathlib import Path
from typing import Any

import pytest

from mockserver.engine.reading import fetching
from mockserver.engine.reading.fetching import Fetcher, Refused, is_public, path_of, read_bounded
from tests.engine.reading.web import serving


@pytest.mark.parametrize(
    ("address", "public"),
    [
        ("93.184.216.34", True),
        ("2606:2800:220:1::1", True),
        ("127.0.0.1", False),
        ("10.1.2.3", False),
        ("172.16.0.1", False),
        ("192.168.1.1", False),
        ("169.254.169.254", False),
        ("100.64.0.1", False),
        ("0.0.0.0", False),
        ("224.0.0.1", False),
        ("255.255.255.255", False),
        ("::1", False),
        ("::", False),
        ("fe80::1%eth0", False),
        ("fc00::1", False),
        ("::ffff:127.0.0.1", False),
        ("::ffff:93.184.216.34", True),
        ("2002:7f00:1::", False),
        ("64:ff9b::7f00:1", False),
        ("64:ff9b::5db8:d822", True),
    ],
)
def test_which_addresses_are_public(address: str, public: bool) -> None:
    assert is_public(address) is public


def test_reading_is_bounded() -> None:
    assert read_bounded(io.BytesIO(b"1234"), 4) == b"1234"
    with pytest.raises(ValueError, match="larger than 3 bytes"):
        read_bounded(io.BytesIO(b"1234"), 3)
    with pytest.raises(TimeoutError):
        read_bounded(io.BytesIO(b"1234"), 4, deadline=0.0)


def test_a_file_is_bounded(tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(b"1234")
    assert Fetcher((tmp_path / "a").as_uri(), limit=4).root_bytes() == b"1234"
    with pytest.raises(ValueError, match="larger"):
        Fetcher((tmp_path / "a").as_uri(), limit=3).root_bytes()


def test_a_page_is_bounded() -> None:
    with serving({"/a": b"1234"}) as web:
        assert Fetcher(f"{web}/a", limit=4).root_bytes() == b"1234"
        with pytest.raises(ValueError, match="larger"):
            Fetcher(f"{web}/a", limit=3).root_bytes()


def test_a_file_refers_to_files(tmp_path: Path) -> None:
    (tmp_path / "a b").write_bytes(b"1")
    fetcher = Fetcher((tmp_path / "c" / "root").as_uri())
    assert fetcher.reference((tmp_path / "a b").as_uri()) == b"1"


def test_what_is_no_regular_file_is_not_read(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    fetcher = Fetcher((tmp_path / "root").as_uri())
    for path in (tmp_path / "pipe", tmp_path, Path("/dev/zero")):
        with pytest.raises(Refused, match="no regular file"):
            fetcher.reference(path.as_uri())


def test_a_page_never_refers_to_files(tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(b"1")
    fetcher = Fetcher("http://127.0.0.1/a", remote=True)
    with pytest.raises(Refused, match="cannot refer to files"):
        fetcher.reference((tmp_path / "a").as_uri())


@pytest.mark.parametrize("uri", ["ftp://example.com/a", "data:,a", "urn:a:b", "jar:file:///a"])
def test_other_schemes_are_refused(uri: str) -> None:
    with pytest.raises(Refused, match="no way to read"):
        Fetcher("file:///a", remote=True).reference(uri)


def test_urls_are_not_asked_unless_they_may_be() -> None:
    with serving({"/a": b"1"}) as web, pytest.raises(Refused, match="--allow-remote-refs"):
        Fetcher("file:///a").reference(f"{web}/a")


def test_what_has_the_origin_of_the_description_belongs_to_it() -> None:
    with serving({"/a": b"1", "/b": b"2"}) as web:
        assert Fetcher(f"{web}/a").reference(f"{web}/b") == b"2"


@pytest.mark.parametrize(
    "root", ["https://127.0.0.1:{port}/a", "http://127.0.0.1:1/a", "http://localhost:{port}/a"]
)
def test_another_scheme_port_or_host_is_another_origin(root: str) -> None:
    with serving({"/b": b"2"}) as web:
        fetcher = Fetcher(root.format(port=web.rpartition(":")[2]))
        with pytest.raises(Refused, match="another host, which takes --allow-remote-refs"):
            fetcher.reference(f"{web}/b")


def test_a_redirect_leaves_the_origin_only_where_that_is_allowed() -> None:
    with (
        serving({"/c": b"3"}) as other,
        serving({"/b": f"{other}/c", "/d": "/e", "/e": b"5"}) as web,
    ):
        with pytest.raises(Refused, match="redirected to another host"):
            Fetcher(f"{web}/a").reference(f"{web}/b")
        assert Fetcher(f"{web}/a").reference(f"{web}/d") == b"5"
        assert Fetcher(f"{web}/a", remote=True).reference(f"{web}/b") == b"3"


def test_a_private_address_is_not_asked_from_a_file() -> None:
    with serving({"/a": b"1"}) as web, pytest.raises(Refused, match="not public"):
        Fetcher("file:///a", remote=True).reference(f"{web}/a")


def test_the_users_own_host_may_be_private() -> None:
    with serving({"/a": b"1", "/b": b"2"}) as web:
        assert Fetcher(f"{web}/a", remote=True).reference(f"{web}/b") == b"2"


def resolve(monkeypatch: pytest.MonkeyPatch, **hosts: str) -> None:
    """Let names have addresses; whatever else is asked for has the public one."""

    def getaddrinfo(host: str, port: Any, *rest: Any, **more: Any) -> list[Any]:
        found = hosts.get(host.partition(".")[0], host)
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (found, port or 0))]

    monkeypatch.setattr(socket, "getaddrinfo", getaddrinfo)


def test_a_name_of_a_private_address_is_not_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    resolve(monkeypatch, inside="127.0.0.1")
    with pytest.raises(Refused, match=r"inside\.example\.com has the address 127\.0\.0\.1"):
        Fetcher("file:///a", remote=True).reference("http://inside.example.com/a")


def test_a_name_that_looks_public_and_then_private(monkeypatch: pytest.MonkeyPatch) -> None:
    """The address that is judged is the one connected to: there is no second look-up."""
    answers = iter(["93.184.216.34", "127.0.0.1"])
    asked: list[Any] = []

    def getaddrinfo(host: str, port: Any, *rest: Any, **more: Any) -> list[Any]:
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (next(answers), port))]

    def create_connection(address: Any, *rest: Any, **more: Any) -> Any:
        asked.append(address)
        raise ConnectionRefusedError

    monkeypatch.setattr(socket, "getaddrinfo", getaddrinfo)
    monkeypatch.setattr(socket, "create_connection", create_connection)
    with pytest.raises(OSError):  # noqa: PT011 - any
        Fetcher("file:///a", remote=True).reference("http://rebinding.example.com/a")
    assert asked == [("93.184.216.34", 80)]


def test_redirects_are_followed_and_said() -> None:
    with serving({"/a": "/b/c", "/b/c": b"1"}) as web:
        fetcher = Fetcher(f"{web}/a")
        assert fetcher.root_bytes() == b"1"
        assert fetcher.root == f"{web}/b/c"


def test_redirects_are_bounded() -> None:
    pages: dict[str, bytes | str] = {f"/{n}": f"/{n + 1}" for n in range(20)}
    with serving(pages) as web, pytest.raises(OSError, match="302"):
        Fetcher(f"{web}/0").root_bytes()


@pytest.mark.parametrize("target", ["file:///etc/passwd", "ftp://127.0.0.1/a"])
def test_redirects_stay_in_the_web(target: str) -> None:
    with serving({"/a": target}) as web, pytest.raises((OSError, Refused), match=r"redirect|302"):
        Fetcher(f"{web}/a").root_bytes()


def test_a_public_host_does_not_redirect_to_a_private_one(monkeypatch: pytest.MonkeyPatch) -> None:
    """The first host is public to the eye of the guard, and answers with a redirect."""
    with serving({"/a": "http://inside.example.com/b"}) as web:
        monkeypatch.setattr(fetching, "_is_private_host", lambda _host: False)
        first = fetching.is_public
        port = web.rpartition(":")[2]
        resolve(monkeypatch, outside="127.0.0.1", inside="10.0.0.1")
        monkeypatch.setattr(
            fetching, "is_public", lambda address: address == "127.0.0.1" or first(address)
        )
        with pytest.raises(Refused, match=r"inside\.example\.com has the address 10\.0\.0\.1"):
            Fetcher(f"http://outside.example.com:{port}/a").root_bytes()


def test_an_answer_that_is_an_error() -> None:
    with serving({}) as web, pytest.raises(OSError, match="answered 404"):
        Fetcher(f"{web}/a").root_bytes()


@pytest.mark.parametrize(
    "url", ["http://", "http://127.0.0.1:1/", "http://127.0.0.1:99999/", "http://a b/"]
)
def test_what_cannot_be_asked(url: str) -> None:
    with pytest.raises((OSError, ValueError)):
        Fetcher(url).root_bytes()


def test_a_silent_server_is_left() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        fetcher = Fetcher(f"http://127.0.0.1:{server.getsockname()[1]}/a", deadline=0.0)
        with pytest.raises(TimeoutError, match="too long"):
            fetcher.root_bytes()


def test_the_number_of_documents_is_bounded(tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(b"1")
    uri = (tmp_path / "a").as_uri()
    fetcher = Fetcher(uri, fetched=fetching.MAX_DOCUMENTS - 1)
    assert fetcher.reference(uri) == b"1"
    with pytest.raises(Refused, match="made of more than"):
        fetcher.reference(uri)


@pytest.mark.parametrize("uri", ["file://example.com/a", "file:///a%00b"])
def test_what_names_no_file_here(uri: str) -> None:
    with pytest.raises(Refused):
        path_of(uri)
