"""What a person is shown when the server is ready: tables of APIs and of operations."""

from __future__ import annotations

import sys

from rich import box
from rich.console import Console
from rich.table import Table

from mockserver.catalogue import Mock
from mockserver.engine.reply import Api

_WIDE = 240
"""Columns enough for any built-in path and operation."""


def show_apis(mock: Mock, address: str) -> None:
    """One table: API, base URL, operations, records, credentials."""
    table = Table(box=box.SIMPLE_HEAD, show_edge=False)
    for heading in ("API", "base URL", "operations", "records", "credentials"):
        table.add_column(heading, no_wrap=heading != "credentials", overflow="fold")
    for api in mock.apis:
        description = api.description
        table.add_row(
            f"{description.title} ({description.stem})",
            address + description.base_path,
            str(len(description.operations)),
            str(_records(mock, api)),
            _credentials(api),
        )
    console = _console()
    console.print(table)
    console.print(f"Sandboxes: {address}/@NAME/", soft_wrap=True)
    console.print(f"Reset: POST {address}/__mock__/reset", soft_wrap=True)


def _credentials(api: Api) -> str:
    """The identities that may call an API which asks for one."""
    if not any(operation.security for operation in api.description.operations):
        return "none needed"
    return ", ".join(str(one.get("identity")) for one in api.identities) or "none in the fixtures"


def _records(mock: Mock, api: Api) -> int:
    head = mock.sandboxes.default.log.head
    names = (f"{api.description.stem}/{name}" for name in api.description.collections)
    return sum(len(head.collection(name).records) for name in names)


def show_routes(mock: Mock) -> None:
    """One line for each operation: API, method, path, operationId, feed."""
    table = Table(box=box.SIMPLE_HEAD, show_edge=False)
    for heading in ("API", "method", "path", "operation", "feed or guess"):
        table.add_column(heading, overflow="fold")
    for api in mock.apis:
        guess_of = api.handlers.guess_of
        for operation in api.description.operations:
            table.add_row(
                api.description.stem,
                operation.method,
                api.description.base_path + operation.path,
                operation.id,
                "WebSocket" if operation.stream is not None else guess_of.get(operation.id, ""),
            )
    _console().print(table)


def _console() -> Console:
    """What is piped is searched and copied: no line of it is wrapped."""
    return Console() if sys.stdout.isatty() else Console(width=_WIDE)
