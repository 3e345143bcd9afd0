"""A mock put together and served until somebody stops it."""

from __future__ import annotations

import contextlib
import gc
import os
import sys
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from mockserver import server
from mockserver.app import create_app
from mockserver.banner import show_apis
from mockserver.catalogue import Mock, Settings, build
from mockserver.console.access import Access
from mockserver.console.control import control_api
from mockserver.console.page.mount import console
from mockserver.console.served import Loading
from mockserver.request_log import RequestLog
from mockserver.state.sources import real_clock

if TYPE_CHECKING:
    from mockserver.state.state_file import StateFile

DEFAULT_PORT = 39300

_SWEEPS = 60.0
"""Seconds between two looks for idle sandboxes; requests for sandboxes look, too."""


@dataclass(frozen=True, slots=True)
class Plan:
    """How a mock is served: where, to whom, and what is shown of it.

    Without ``control`` there is no control API; ``token`` is what its callers must send. ``state``
    is the file that the default sandbox is kept in, with ``sync`` on the disk at each commit. With
    ``watch`` descriptions, handlers and fixtures are loaded again when they change.
    """

    host: str = "127.0.0.1"
    port: int | None = None
    quiet: bool = False
    control: bool = True
    token: str = ""
    state: Path | None = None
    sync: bool = False
    watch: bool = False


def serve(wanted: Sequence[str], settings: Settings, plan: Plan) -> None:
    """Serve until interrupted. Raises StartupError with everything that is wrong."""
    mock = build(wanted, settings)
    file = _kept(mock, settings, plan)
    log = None if plan.quiet else RequestLog(sys.stdout, mock.secrets)
    loading = Loading()
    assemble = _assembling(plan, loading, log)
    jobs: list[Callable[[threading.Event], None]]
    if plan.watch:
        from mockserver.watching import Recipe, Watching  # noqa: PLC0415 - seldom asked for

        watching = Watching(Recipe(wanted, settings, assemble), mock, loading, file)
        app, jobs = watching.switch, [watching.run, partial(_sweep, lambda: watching.mock)]
    else:
        app, jobs = assemble(mock), [partial(_sweep, lambda: mock)]
    listening = server.bind(plan.host, _port(mock) if plan.port is None else plan.port)
    address = server.address(listening)
    stopping = threading.Event()

    gc.freeze()
    gc.enable()

    def ready() -> None:
        if log is not None:
            log.start()
        with contextlib.suppress(OSError, SystemExit):  # nobody may be reading what is shown
            show_apis(mock, address, control=plan.control)
        threading.Thread(target=mock.judge, daemon=True).start()
        for job in jobs:
            threading.Thread(target=job, args=(stopping,), daemon=True).start()

    def stopped() -> None:
        stopping.set()
        if log is not None:
            log.stop()
        if file is not None:
            file.close()
        _let_go_of_stdout()

    dated = settings.rules.clock is real_clock
    server.run(app, listening, date_header=dated, ready=ready, stopped=stopped)


def _assembling(plan: Plan, loading: Loading, log: RequestLog | None) -> Callable[[Mock], Any]:
    """What makes the application of a mock, now and whenever it is loaded again."""
    access = Access(plan.token)

    def assemble(mock: Mock) -> Any:
        if not plan.control:
            return create_app(mock, None, log)
        return create_app(mock, control_api(mock, loading), log, access, console(access))

    return assemble


def _kept(mock: Mock, settings: Settings, plan: Plan) -> StateFile | None:
    """The file that the default sandbox is kept in, if it is."""
    if plan.state is None:
        return None
    from mockserver.persistence import keep_in_file  # noqa: PLC0415 - seldom asked for

    return keep_in_file(mock, settings, plan.state, sync=plan.sync)


def _sweep(mock: Callable[[], Mock], stopping: threading.Event) -> None:
    """Drop idle sandboxes now and then, though nobody asks for another."""
    ttl = mock().sandboxes.rules.ttl
    while ttl and not stopping.wait(min(ttl, _SWEEPS)):
        mock().sandboxes.sweep()


def _let_go_of_stdout() -> None:
    """Python flushes at exit and fails when nobody reads: give it somebody who does."""
    try:
        sys.stdout.flush()
    except OSError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _port(mock: Mock) -> int:
    """The first loopback server with a port that a served description names."""
    named = (api.description.port for api in mock.apis)
    return next((port for port in named if port), DEFAULT_PORT)
