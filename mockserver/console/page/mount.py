"""The console as an ASGI application, which brings Flask in with its first request."""

from __future__ import annotations

import asyncio
from typing import Any

from mockserver.console.access import PREFIX, Access
from mockserver.engine.mounting import Application, Mounts
from mockserver.engine.receiving import Receive, Scope, Send


def console(access: Access) -> Mounts:
    """The page beside the control API; it asks for the token where one is set."""
    access.has_pages = True
    return {f"/{PREFIX}": Page(access)}


class Page:
    """Answers with the page and its files; one server has one."""

    def __init__(self, access: Access) -> None:
        self._access = access
        self._made: Application | None = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """The ASGI interface, HTTP only."""
        if self._made is None:
            made: Any = await asyncio.get_running_loop().run_in_executor(None, self._make)
            self._made = made
        await self._made(scope, receive, send)

    def _make(self) -> Any:
        from a2wsgi import WSGIMiddleware  # noqa: PLC0415 - most servers never show the page

        from mockserver.console.page.site import create_site  # noqa: PLC0415 - likewise

        site: Any = create_site(self._access)
        return WSGIMiddleware(site, workers=2)
