"""What of an HTTP request the engine and its handlers need."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from mockserver.engine.media import decode_query
from mockserver.state.sandboxes import Sandbox

if TYPE_CHECKING:
    from mockserver.engine.endpoint import Endpoint
    from mockserver.engine.faults.rules import Strike
    from mockserver.engine.reply import Api


@dataclass(slots=True)
class Request:
    """One request as it was sent.

    ``path`` holds the texts of the path parameters and ``target`` the path without the sandbox,
    both as they were sent: percent-encoded. ``base_url`` is where the server is reached, sandbox
    included; the API's own base path is not in it. ``patient`` says that nobody else waits for
    the answer: a request that is not is put off when it turns out to take long. ``more_headers``
    are None until somebody asks for :attr:`answer_headers`. ``endpoint`` is the operation that is
    asked for, once it is known, ``owner`` the API where no operation is. A request that is not
    ``is_watched`` is made by whoever watches the others. ``delay`` are the seconds that the caller
    wants to wait for the answer, ``strike`` what befalls it on purpose.
    """

    sandbox: Sandbox
    path: tuple[str, ...] = ()
    query: bytes = b""
    headers: Mapping[bytes, bytes] = field(default_factory=dict)
    body: bytes = b""
    base_url: str = ""
    patient: bool = True
    method: str = "GET"
    target: str = "/"
    _identifier: str = ""
    more_headers: dict[str, str] | None = None
    endpoint: Endpoint | None = None
    owner: Api | None = None
    is_watched: bool = True
    delay: float = 0.0
    strike: Strike | None = None

    @property
    def answer_headers(self) -> dict[str, str]:
        """Headers to be sent with the answer, whatever it turns out to be."""
        if self.more_headers is None:
            self.more_headers = {}
        return self.more_headers

    def header(self, name: str) -> str | None:
        """The value of a header, its name in lower case; None when it was not sent."""
        value = self.headers.get(name.encode())
        return None if value is None else value.decode("latin-1").strip(" \t")

    def told(self) -> Callable[[str], str | None]:
        """What gives the text under a name in the query, or else in the headers."""
        query = decode_query(self.query, lenient=True)

        def text(name: str) -> str | None:
            return query[name][0] if name in query else self.header(name.lower())

        return text

    @property
    def content_type(self) -> str:
        """The Content-Type header, empty when it was not sent."""
        return self.header("content-type") or ""

    @property
    def identifier(self) -> str:
        """A UUID of this very request: new for each one, and the same when a run is repeated."""
        if not self._identifier:
            self._identifier = self.sandbox.request_identifier()
        return self._identifier
