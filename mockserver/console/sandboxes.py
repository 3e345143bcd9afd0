"""The sandboxes of a server: listed, and dropped."""

from __future__ import annotations

from typing import Any

from mockserver.catalogue import Mock
from mockserver.engine.handlers import Call, Handlers, Reply
from mockserver.errors import ApiError
from mockserver.state.sandboxes import DEFAULT, Sandbox


class SandboxList:
    """Tells of all sandboxes, whichever one is asked."""

    def __init__(self, mock: Mock) -> None:
        self._sandboxes = mock.sandboxes

    def register(self, handlers: Handlers) -> None:
        """Add the operations."""
        for handler in (self.list_sandboxes, self.delete_sandbox):
            handlers.operation(handler.__name__)(handler)

    def list_sandboxes(self, call: Call) -> Reply:
        """The default one, then the others, the last used first."""
        named = self._sandboxes.named()
        told = [_told(self._sandboxes.default, None)]
        told += [_told(sandbox, idle) for sandbox, idle in named[: call.query["limit"] - 1]]
        return Reply({"total": len(named) + 1, "sandboxes": told})

    def delete_sandbox(self, call: Call) -> Reply:
        """Forget a sandbox with all that was done in it."""
        name = call.path["sandbox"]
        if name == DEFAULT:
            detail = "The default sandbox is always there; POST /__mock__/reset empties it."
            raise ApiError(409, detail)
        if not self._sandboxes.drop(name):
            raise ApiError(404, f"No sandbox is called {name!r}.")
        return Reply(status=204)


def _told(sandbox: Sandbox, idle: float | None) -> dict[str, Any]:
    return {
        "name": sandbox.name,
        "revision": sandbox.log.head.revision,
        "idle": None if idle is None else round(idle, 3),
        "feeds": sandbox.log.followed,
        "snapshots": len(list(sandbox.snapshots)),
    }
