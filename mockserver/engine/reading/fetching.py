"""The bytes of a description: from a file, a URL or the standard input, all bounded."""

from __future__ import annotations

import http.client
import ipaddress
import socket
import threading
import time
import urllib.error
import urllib.request
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, BinaryIO
from urllib.parse import unquote, urlsplit
from urllib.request import url2pathname

MAX_BYTES = 64 * 1024 * 1024
"""The size of one document."""

MAX_DOCUMENTS = 5_000
"""Documents that one description may be made of."""

MAX_REDIRECTS = 5
PATIENCE = 10.0
"""Seconds that a server may be silent."""

DEADLINE = 60.0
"""Seconds that all servers together may take."""

_CHUNK = 256 * 1024
_REMOTE = ("http", "https")
_PORTS = {"http": 80, "https": 443}


class Refused(ValueError):
    """A place that may not be read, and why."""


def read_bounded(stream: BinaryIO, limit: int = MAX_BYTES, deadline: float | None = None) -> bytes:
    """All of a stream. Raises ValueError past the limit, TimeoutError past the deadline."""
    parts: list[bytes] = []
    length = 0
    # What a slow server has sent so far, or whatever a pipe has.
    read = getattr(stream, "read1", stream.read)
    while part := read(min(_CHUNK, limit + 1 - length)):
        parts.append(part)
        length += len(part)
        if length > limit:
            raise ValueError(f"it is larger than {limit} bytes")
        if deadline is not None and time.monotonic() > deadline:
            raise TimeoutError("it takes too long")
    return b"".join(parts)


def is_public(address: str) -> bool:
    """Whether an IP address belongs to the public internet, also one embedded in another.

    (RFC 6890; IPv4 in IPv6: RFC 4291 section 2.5.5.2, 6to4, Teredo, and RFC 6052 section 2.1.)
    """
    ip = ipaddress.ip_address(address.partition("%")[0])
    if isinstance(ip, ipaddress.IPv6Address):
        teredo = ip.teredo
        embedded = ip.ipv4_mapped or ip.sixtofour or (teredo and teredo[1])
        if embedded is None and ip in _TRANSLATED:
            embedded = ipaddress.IPv4Address(int(ip) & 0xFFFFFFFF)
        if embedded:
            return is_public(str(embedded))
    return ip.is_global and not ip.is_multicast


_TRANSLATED = ipaddress.ip_network("64:ff9b::/96")


@dataclass
class Fetcher:
    """Reads the documents of one description, each by its URI, and says which may be read.

    ``root`` is the URI of the description itself: one that was read from a URL never leads to
    files. What has its origin (RFC 6454: scheme, host and port) belongs to it; ``remote`` allows
    all other URLs. Of addresses that are not public only those of the root's own host are ever
    asked, because the user named it.
    """

    root: str
    remote: bool = False
    limit: int = MAX_BYTES
    deadline: float = field(default_factory=lambda: time.monotonic() + DEADLINE)
    fetched: int = 0

    def root_bytes(self) -> bytes:
        """The description itself, which is always allowed. Raises OSError or ValueError.

        Where it is on a private network, so may be what it is redirected to; ``root`` is then
        where it was found (RFC 3986, section 5.1.3).
        """
        host = urlsplit(self.root).hostname or ""
        if urlsplit(self.root).scheme in _REMOTE:
            return self._from_url(self.root, private=_is_private_host(host))
        return self._from_file(path_of(self.root))

    def reference(self, uri: str) -> bytes:
        """A document that another one refers to.

        Raises Refused when it may not be read, OSError or ValueError when it cannot.
        """
        self.fetched += 1
        if self.fetched > MAX_DOCUMENTS:
            raise Refused(f"it is made of more than {MAX_DOCUMENTS} documents")
        parts = urlsplit(uri)
        if parts.scheme in _REMOTE:
            if not self.remote and not _same_origin(uri, self.root):
                raise Refused("it is on another host, which takes --allow-remote-refs")
            own = urlsplit(self.root)
            ours = own.scheme in _REMOTE and own.hostname == parts.hostname
            return self._from_url(uri, private=ours, stays=not self.remote)
        if parts.scheme != "file":
            raise Refused(f"no way to read {parts.scheme or 'such'} URIs")
        if urlsplit(self.root).scheme != "file":
            raise Refused("a description from a URL cannot refer to files")
        path = path_of(uri)
        if path.exists() and not path.is_file():
            raise Refused("it is no regular file")
        return self._from_file(path)

    def _from_file(self, path: Path) -> bytes:
        with path.open("rb") as stream:
            return read_bounded(stream, self.limit)

    def _from_url(self, url: str, *, private: bool, stays: bool = False) -> bytes:
        """What a URL gives, in a thread of its own: names and headers may take for ever, too.

        Redirects to other origins are refused where it ``stays``.
        """
        remaining = self.deadline - time.monotonic()
        outcome: list[bytes | Exception] = []

        def work() -> None:
            try:
                outcome.append(self._asked(url, private=private, stays=stays))
            except Exception as error:  # noqa: BLE001 - raised again below
                outcome.append(error)

        thread = threading.Thread(target=work, daemon=True)
        thread.start()
        thread.join(max(0.0, remaining))
        [result] = outcome or [TimeoutError("it takes too long")]
        if isinstance(result, Exception):
            raise result
        return result

    def _asked(self, url: str, *, private: bool, stays: bool) -> bytes:
        opener = urllib.request.OpenerDirector()
        for handler in (
            _guarded(urllib.request.HTTPHandler, http.client.HTTPConnection, private),
            _guarded(urllib.request.HTTPSHandler, http.client.HTTPSConnection, private),
            _Redirects(url if stays else None),
            urllib.request.HTTPErrorProcessor(),
            urllib.request.HTTPDefaultErrorHandler(),
        ):
            opener.add_handler(handler)
        headers = {"Accept": "application/json, application/yaml, */*;q=0.5"}
        request = urllib.request.Request(url, headers=headers)  # noqa: S310 - http(s), see above
        try:
            with opener.open(request, timeout=PATIENCE) as answer:
                if url == self.root:
                    self.root = answer.url
                return read_bounded(answer, self.limit, self.deadline)
        except urllib.error.HTTPError as error:
            error.close()
            raise OSError(f"answered {error.code} {error.reason}") from error
        except urllib.error.URLError as error:
            if isinstance(error.reason, Refused):
                raise error.reason from error
            raise OSError(str(error.reason)) from error
        except http.client.HTTPException as error:
            raise OSError(f"{type(error).__name__} {error}") from error


def path_of(uri: str) -> Path:
    """The file that a ``file:`` URI names. Raises Refused for one of another host."""
    parts = urlsplit(uri)
    if parts.netloc not in ("", "localhost"):
        raise Refused(f"a file of the host {parts.netloc}")
    if "\0" in unquote(parts.path):
        raise Refused("no name of a file")
    return Path(url2pathname(parts.path))


def _same_origin(url: str, other: str) -> bool:
    """Whether two URLs have the same scheme, host and port."""
    return _origin(url) == _origin(other)


def _origin(url: str) -> tuple[str, str | None, int | None]:
    parts = urlsplit(url)
    return parts.scheme, parts.hostname, parts.port or _PORTS.get(parts.scheme)


def _is_private_host(host: str) -> bool:
    """Whether any address of a host is not public."""
    try:
        found = socket.getaddrinfo(host, None, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError):
        return False
    return any(not is_public(str(entry[4][0])) for entry in found)


class _Redirects(urllib.request.HTTPRedirectHandler):
    """Follows a few redirects, and only to URLs of the web, or of the origin that it stays at."""

    max_redirections = MAX_REDIRECTS

    def __init__(self, stays_at: str | None) -> None:
        self._stays_at = stays_at

    def redirect_request(  # noqa: PLR0913 - the standard library's signature
        self, req: Any, fp: Any, code: int, msg: str, headers: Any, newurl: str
    ) -> Any:
        if urlsplit(newurl).scheme not in _REMOTE:
            fp.close()
            raise Refused(f"redirected to {newurl}")
        if self._stays_at is not None and not _same_origin(newurl, self._stays_at):
            fp.close()
            raise Refused("redirected to another host, which takes --allow-remote-refs")
        return super().redirect_request(req, fp, code, msg, headers, newurl)


def _guarded(handler: Any, connection: Any, private: bool) -> Any:  # noqa: FBT001 - see above
    """A handler whose connections go to public addresses only, unless private ones may be asked.

    The address is judged that is connected to, so that no second look-up can give another one.
    """

    def connect_to(address: tuple[str, int], *rest: Any) -> socket.socket:
        return _connect(address, _timeout(rest), private)

    class Connection(connection):  # type: ignore[misc]
        def __init__(self, *args: Any, **kwargs: Any) -> None:
            super().__init__(*args, **kwargs)
            self._create_connection = connect_to

    class Guarded(handler):  # type: ignore[misc]
        def do_open(self, http_class: Any, req: Any, **more: Any) -> Any:
            return super().do_open(Connection, req, **more)

    return Guarded()


def _timeout(rest: tuple[Any, ...]) -> float:
    return float(rest[0]) if rest and isinstance(rest[0], (int, float)) else PATIENCE


def _connect(address: tuple[str, int], timeout: float, private: bool) -> socket.socket:  # noqa: FBT001
    """A connection to the first of a host's addresses that may be asked and answers."""
    host, port = address
    failed: OSError | None = None
    refused = None
    for *_, target in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM):
        if not private and not is_public(str(target[0])):
            refused = Refused(f"{host} has the address {target[0]}, which is not public")
            continue
        try:
            return socket.create_connection((str(target[0]), port), timeout)
        except OSError as error:
            failed = error
    raise refused or failed or OSError(f"{host} has no address")
