"""What is served, and whether it is: health, readiness, APIs, operations."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from mockserver import __version__
from mockserver.catalogue import Mock
from mockserver.engine.handlers import Call, Handlers, Reply
from mockserver.engine.reply import Api
from mockserver.engine.spec import Operation
from mockserver.errors import ApiError


@dataclass(slots=True)
class Loading:
    """How often the descriptions were loaded, and what came of the last change of theirs.

    ``problems`` say why it was not taken: what was served before still is.
    """

    count: int = 1
    is_under_way: bool = False
    problems: tuple[str, ...] = ()


class Served:
    """Tells of a mock as a whole: of no sandbox."""

    def __init__(self, mock: Mock, loading: Loading) -> None:
        self._mock = mock
        self._loading = loading
        self._told: dict[str, list[dict[str, Any]]] = {}

    def register(self, handlers: Handlers) -> None:
        """Add the operations."""
        for handler in (
            self.read_health,
            self.read_readiness,
            self.list_apis,
            self.list_operations,
        ):
            handlers.operation(handler.__name__)(handler)

    def read_health(self, call: Call) -> Reply:
        """That the process answers."""
        return Reply({"status": "ok", "version": __version__})

    def read_readiness(self, call: Call) -> Reply:
        """Whether what was changed last is served already, or was refused."""
        loading = self._loading
        if loading.is_under_way:
            detail = "A change of the description, the handlers or the fixtures is being loaded."
            raise ApiError(503, detail, headers={"Retry-After": "1"})
        problems = list(loading.problems)
        return Reply({"status": "ready", "loads": loading.count, "problems": problems})

    def list_apis(self, call: Call) -> Reply:
        """Each API, and what it keeps."""
        return Reply([self._api(api) for api in self._mock.apis])

    def list_operations(self, call: Call) -> Reply:
        """Each operation, and who answers it."""
        wanted = call.query.get("api")
        apis = {api.description.stem: api for api in self._mock.apis}
        if wanted is not None and wanted not in apis:
            raise ApiError(404, f"No API is called {wanted!r}; there are: {', '.join(apis)}.")
        asked = [wanted] if wanted is not None else list(apis)
        return Reply([each for stem in asked for each in self._operations(apis[stem])])

    def _api(self, api: Api) -> dict[str, Any]:
        description = api.description
        return {
            "api": description.stem,
            "title": description.title,
            "version": str(description.document["info"].get("version", "")),
            "basePath": description.base_path,
            "source": description.source,
            "operations": len(description.operations),
            "collections": list(self._mock.shapes[description.stem]()),
        }

    def _operations(self, api: Api) -> list[dict[str, Any]]:
        """The operations of an API; they do not change, so they are put together once."""
        stem = api.description.stem
        if stem not in self._told:
            self._told[stem] = list(_operations(api))
        return self._told[stem]


def _operations(api: Api) -> Iterator[dict[str, Any]]:
    for operation in api.description.operations:
        own = api.handlers.origin_of.get(operation.id)
        guess, _, why = api.handlers.guess_of.get(operation.id, "").partition(": ")
        said = _said(api, operation)
        told: dict[str, Any] = {
            "api": api.description.stem,
            "operation": operation.id,
            "method": operation.method,
            "path": api.description.base_path + operation.path,
            "summary": str(said.get("summary") or ""),
            "tags": [str(tag) for tag in said.get("tags") or ()],
            "by": "own" if own else "inferred" if guess else "handled",
            "guess": guess,
            "why": why,
            "statuses": list(operation.responses),
            "feed": operation.stream is not None,
        }
        yield {**told, "origin": own} if own else told


def _said(api: Api, operation: Operation) -> Mapping[str, Any]:
    """The operation as its description has it."""
    path = api.description.document["paths"].get(operation.path, {})
    said = path.get(operation.method.lower(), {})
    return said if isinstance(said, Mapping) else {}
