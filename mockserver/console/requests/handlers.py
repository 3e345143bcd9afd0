"""The requests of a sandbox: listed, counted, read one by one, archived, forgotten, followed."""

from __future__ import annotations

from typing import Any

from mockserver.catalogue import Mock
from mockserver.console.requests.feed import Watching
from mockserver.console.requests.filters import Filter
from mockserver.console.requests.har import archive
from mockserver.console.requests.shown import Showing
from mockserver.engine.handlers import Call, Handlers, Reply
from mockserver.errors import ApiError
from mockserver.state.sandboxes import Sandbox


class Requests:
    """What a mock was asked, and what it answered."""

    def __init__(self, mock: Mock) -> None:
        self._journal = mock.journal
        self._showing = Showing(mock.secrets)

    def register(self, handlers: Handlers) -> None:
        """Add the operations."""
        handlers.operation("list_requests", slow=True)(self.list_requests)
        handlers.operation("count_requests", slow=True)(self.count_requests)
        handlers.operation("archive_requests", slow=True)(self.archive_requests)
        handlers.operation("read_request", slow=True)(self.read_request)
        handlers.operation("clear_requests")(self.clear_requests)
        handlers.operation("follow_requests")(self.follow_requests)
        handlers.source("follow_requests")(self.watching)

    def list_requests(self, call: Call) -> Reply:
        """The requests that are asked for, the newest first, a page of them."""
        limit, before = call.query["limit"], call.query.get("before")
        page: list[dict[str, Any]] = []
        total = 0
        for number, exchange in Filter(call.query).found(self._journal.pages(call.sandbox)):
            total += 1
            if len(page) <= limit and (before is None or number < before):
                page.append(self._showing.summary(number, exchange))
        told = {"total": total, "requests": page[:limit]}
        return Reply({**told, "next": page[limit - 1]["id"]} if len(page) > limit else told)

    def count_requests(self, call: Call) -> Reply:
        """How many requests are what is asked for."""
        found = Filter(call.query).found(self._journal.pages(call.sandbox))
        return Reply({"count": sum(1 for _ in found)})

    def archive_requests(self, call: Call) -> Reply:
        """The requests that are asked for as an HTTP Archive, the oldest first."""
        found = list(Filter(call.query).found(self._journal.pages(call.sandbox)))
        found.reverse()
        return Reply(archive((each, self._showing.whole(n, each)) for n, each in found))

    def read_request(self, call: Call) -> Reply:
        """All of one request."""
        pages, number = self._journal.pages(call.sandbox), call.path["id"]
        found = pages.find(number)
        if found is None:
            raise ApiError(404, _unknown(number, pages.taken, len(pages.entries)))
        return Reply(self._showing.whole(number, found))

    def clear_requests(self, call: Call) -> Reply:
        """Forget the requests of the caller's sandbox."""
        self._journal.clear(call.sandbox)
        return Reply(status=204)

    def follow_requests(self, call: Call) -> Reply:
        """What the first frame of the feed would say."""
        return Reply(self.watching(call.sandbox).first())

    def watching(self, sandbox: Sandbox) -> Watching:
        """A new reader of the feed."""
        return Watching(self._journal, sandbox, self._showing)


def _unknown(number: int, taken: int, kept: int) -> str:
    known = f"{taken - kept + 1} to {taken} are kept" if kept else "none is kept"
    return f"The journal of this sandbox has no request {number}: {known}."
