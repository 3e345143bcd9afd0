"""The handlers of the control API: what a test says to the mock itself."""

from __future__ import annotations

from mockserver.catalogue import CONTROL, SPECS, Mock, assemble
from mockserver.console.clock import CLOCK
from mockserver.console.coverage.handlers import Covered
from mockserver.console.export import Export
from mockserver.console.faults import Faults
from mockserver.console.history import HISTORY
from mockserver.console.keeping import SNAPSHOTS
from mockserver.console.records import Records
from mockserver.console.requests.handlers import Requests
from mockserver.console.sandboxes import SandboxList
from mockserver.console.served import Loading, Served
from mockserver.engine.handlers import Call, Handlers, Reply
from mockserver.engine.problems import problem_reply
from mockserver.engine.reply import Api
from mockserver.engine.spec import read_description
from mockserver.errors import ApiError


def control_api(mock: Mock, loading: Loading | None = None) -> Api:
    """The control API over a mock, to be served like any API."""
    handlers = Handlers(problem_reply)
    for name, handler in {**HISTORY, **SNAPSHOTS, **CLOCK}.items():
        handlers.operation(name)(handler)
    for part in (
        Records(mock),
        Export(mock),
        Faults(mock),
        Requests(mock),
        Covered(mock),
        Served(mock, loading or Loading()),
        SandboxList(mock),
    ):
        part.register(handlers)
    own = read_description(SPECS / f"{CONTROL}.yaml")
    descriptions = {made.stem: made for made in (*(api.description for api in mock.apis), own)}

    @handlers.operation("reset_sandbox")
    def reset_sandbox(call: Call) -> Reply:
        """Return the caller's sandbox to its seed, and let nothing go wrong in it if asked to."""
        call.sandbox.reset()
        if call.query["faults"]:
            call.sandbox.faults = None
        return Reply(status=204)

    @handlers.operation("api_description")
    def api_description(call: Call) -> Reply:
        """The description of an API, with the server that the caller reaches it at."""
        stem = call.path["stem"]
        if stem not in descriptions:
            known = ", ".join(descriptions)
            raise ApiError(404, f"No API is called {stem!r}; there are: {known}.")
        description = descriptions[stem]
        servers = [{"url": call.base_url + description.base_path}]
        return Reply({**description.document, "servers": servers})

    return assemble(own, handlers, mock.blobs)
