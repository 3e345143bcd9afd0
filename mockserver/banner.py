"""What a person is shown when the server is ready: tables of APIs and of operations."""

from __future__ import annotations

import sys
from collections.abc import Iterator

from rich import box
from rich.console import Console
from rich.padding import Padding
from rich.table import Table

from mockserver.catalogue import Mock
from mockserver.engine.reply import Api
from mockserver.engine.security import MOCK, how_to_send

_ENDLESS = 100_000
"""Columns enough for any path and operation."""


def show_apis(mock: Mock, address: str, *, control: bool = True) -> None:
    """One table: API, base URL, operations, records, credentials; and where the control API is."""
    table = Table(box=box.SIMPLE_HEAD, show_edge=False)
    for heading in ("API", "base URL", "operations", "records", "credentials"):
        table.add_column(heading, no_wrap=heading != "credentials", overflow="fold")
    for api in mock.apis:
        description = api.description
        table.add_row(
            f"{description.title} ({description.stem})",
            address + description.base_path,
            str(len(description.operations)),
            _records(mock, api),
            _credentials(api),
        )
    console = _console()
    console.print(table)
    for api in mock.apis:
        for note in api.handlers.notes:
            console.print(f"{api.description.stem}: {note}", soft_wrap=True)
    if control:
        console.print(f"Reset: POST {address}/__mock__/reset", soft_wrap=True)
        console.print(f"Console: {address}/__mock__/", soft_wrap=True)
    console.print(f"Sandboxes: {address}/@NAME/", soft_wrap=True)


def _credentials(api: Api) -> str:
    """Who may call an API which asks for that; where anybody may, how to say so."""
    description = api.description
    asking = [one.security for one in description.operations if one.security]
    if all(() in alternatives for alternatives in asking):
        return "none needed"
    names = [one.get("identity") for one in api.identities]
    if names != [MOCK]:
        return ", ".join(map(str, names)) or "none in the fixtures"
    [known] = api.identities
    used = {name for alternatives in asking for each in alternatives for name in each}
    schemes = description.security_schemes
    told = (
        how_to_send(schemes[name], known["credentials"][name]) for name in schemes if name in used
    )
    return ", ".join(dict.fromkeys(told))


def _records(mock: Mock, api: Api) -> str:
    kept = len(api.handlers.collections)
    if kept:
        return f"{kept} collection{'s' if kept > 1 else ''}"
    head = mock.sandboxes.default.log.head
    names = (f"{api.description.stem}/{name}" for name in api.description.collections)
    return str(sum(len(head.collection(name).records) for name in names))


def show_routes(mock: Mock, console: Console | None = None, *, verbose: bool = False) -> None:
    """Each operation: API, method, path, operationId, and what it is taken for.

    A line for each, or several where the console is too narrow for that. ``verbose`` says why it
    is taken for that, and which parameters are not heeded.
    """
    console = console or _console()
    table = Table(box=box.SIMPLE_HEAD, show_edge=False)
    for heading in ("API", "method", "path", "operation", "feed or guess"):
        table.add_column(heading, overflow="fold")
    rows = list(_rows(mock, verbose=verbose))
    for row in rows:
        table.add_row(*row)
    wide = console.options.update(max_width=_ENDLESS)
    if console.measure(table, options=wide).maximum <= console.width:
        console.print(table)
        return
    for stem, method, path, operation, guess in rows:
        console.print(f"{method:7} {path}", soft_wrap=True)
        told = f"{stem}: {operation}" + (f": {guess}" if guess else "")
        console.print(Padding(told, (0, 0, 0, 8)))


def _rows(mock: Mock, *, verbose: bool) -> Iterator[tuple[str, str, str, str, str]]:
    for api in mock.apis:
        for operation in api.description.operations:
            guess = api.handlers.guess_of.get(operation.id, "")
            yield (
                api.description.stem,
                operation.method,
                api.description.base_path + operation.path,
                operation.id,
                "WebSocket" if operation.stream is not None else _told(guess, verbose=verbose),
            )


def _told(guess: str, *, verbose: bool) -> str:
    """A guess; what follows the colon says why."""
    return guess if verbose else guess.partition(": ")[0]


def _console() -> Console:
    """What is piped is searched and copied: no line of it is wrapped."""
    width = None if sys.stdout.isatty() else _ENDLESS
    return Console(width=width, markup=False, emoji=False)
