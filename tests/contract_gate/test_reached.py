"""What takes the right record, the right validator or a URL that was given is reached, too."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from mockserver.app import create_app
from mockserver.catalogue import build
from mockserver.contract.checking import check
from mockserver.contract.results import Options

Change = Callable[[dict[str, Any]], dict[str, Any]]


def without(name: bytes, path: str = "") -> Change:
    """A server that does not read a header, below a path or at its end."""

    def changed(scope: dict[str, Any]) -> dict[str, Any]:
        kept = [pair for pair in scope["headers"] if pair[0] != name or path not in scope["path"]]
        return {**scope, "headers": kept}

    return changed


class Changed:
    """The mock of an API behind something that changes requests."""

    def __init__(self, stem: str, change: Change) -> None:
        mock = build([stem])
        self.reset = mock.sandboxes.default.reset
        self._app = create_app(mock)
        self._change = change

    async def __call__(self, scope: Any, receive: Any, send: Callable[..., Awaitable[Any]]) -> None:
        is_http = scope["type"] == "http"
        await self._app(self._change(scope) if is_http else scope, receive, send)


@pytest.mark.parametrize(
    ("stem", "change", "operations"),
    [
        ("immich", without(b"if-none-match"), {"download_asset", "view_asset", "play_asset_video"}),
        ("immich", without(b"range", "/video/playback"), {"play_asset_video"}),
        ("plane", without(b"range"), {"download_user_object", "download_workspace_object"}),
    ],
    ids=["its validator", "one kind of record", "a signed URL"],
)
def test_a_fault_that_shows_only_there_is_found(
    stem: str, change: Change, operations: set[str]
) -> None:
    server = Changed(stem, change)
    options = Options(seconds=300, requests=3000, seed=3, most=1)
    [found] = check(server, stem, options, reset=server.reset).findings
    assert found.operation in operations
