"""Coverage asked for, and begun anew."""

from __future__ import annotations

from typing import Any

from mockserver.catalogue import Mock
from mockserver.console.coverage.report import report
from mockserver.engine.handlers import Call, Handlers, Reply
from mockserver.engine.wire.negotiation import acceptable

HTML = "text/html"


class Covered:
    """What of its descriptions the traffic of a mock touched."""

    def __init__(self, mock: Mock) -> None:
        self._mock = mock

    def register(self, handlers: Handlers) -> None:
        """Add the operations."""
        handlers.operation("read_coverage", slow=True)(self.read_coverage)
        handlers.operation("clear_coverage")(self.clear_coverage)

    def read_coverage(self, call: Call) -> Reply:
        """What was touched, as JSON or as a page."""
        told = report(self._mock, call.sandbox, call.query.get("api"), call.query.get("operation"))
        if _format(call) != "html":
            return Reply(told)
        from mockserver.console.coverage.page import page  # noqa: PLC0415 - seldom asked for

        return Reply(page(told, call.sandbox.name), media_type=HTML)

    def clear_coverage(self, call: Call) -> Reply:
        """Begin anew."""
        self._mock.coverage.clear(call.sandbox)
        return Reply(status=204)


def _format(call: Call) -> Any:
    """What is asked for, in so many words or by the header Accept."""
    if "format" in call.query:
        return call.query["format"]
    response = call.operation.responses["200"]
    offered = acceptable(response, call.request.header("accept"))
    return "html" if next(offered, ("", ""))[1] == HTML else "json"
