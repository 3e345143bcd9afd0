"""Small servers over real HTTP, and what the gate finds on them."""

from __future__ import annotations

import contextlib
import functools
import threading
from collections.abc import Iterator, Sequence
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from mockserver.catalogue import Settings
from mockserver.contract.branches import BranchSession
from mockserver.contract.checking import check, opened
from mockserver.contract.findings import Findings
from mockserver.contract.locating import located
from mockserver.contract.results import Options, Result
from mockserver.contract.targets import AsgiTarget
from mockserver.contract.values import Answered, Json, Message, Sent
from tests.contract_gate.notes import DESCRIPTION, Notes

EMPTY = Settings(records=0)
EMPTY_OPTIONS = Options(settings=EMPTY)
RESET = "/__reset"


@contextlib.contextmanager
def serving(app: Any) -> Iterator[str]:
    """An ASGI application at a URL; a POST to ``RESET`` brings it back to its seed."""
    target = AsgiTarget(app, app.reset)
    lock = threading.Lock()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        disable_nagle_algorithm = True  # else a body waits 40 ms for the headers to be acknowledged

        def answer(self) -> None:
            body = self.rfile.read(int(self.headers.get("content-length") or 0))
            with lock:
                if self.path == RESET:
                    target.reset()
                    outcome = Answered(204, (), b"")
                else:
                    headers = tuple((n, v) for n, v in self.headers.items() if n != "Host")
                    target.send(Message(self.command, self.path, headers, body))
                    outcome = target.receive()
            assert isinstance(outcome, Answered)
            self.send_response(outcome.status)
            for name, value in outcome.headers:
                if name != "content-length":
                    self.send_header(name, value)
            self.send_header("Content-Length", str(len(outcome.body)))
            self.end_headers()
            if self.command != "HEAD":
                self.wfile.write(outcome.body)

        def log_message(self, *_: Any) -> None:
            pass

    for method in ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"):
        setattr(Handler, f"do_{method}", Handler.answer)
    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()
        target.close()


@functools.cache
def found(fault: str) -> Result:
    """What the gate finds first on notes with one fault."""
    notes = Notes(fault)
    options = Options(seconds=60, requests=1_500, most=1, settings=EMPTY)
    return check(notes, str(DESCRIPTION), options, reset=notes.reset)


def shown(app: Any, description: str, sents: Sequence[Sent], options: Options) -> Result:
    """What some calls show, the last of which is answered wrongly."""
    with opened(app, description, options, reset=app.reset) as made:
        made.fresh()
        session = BranchSession(made.setting)
        for sent in sents:
            session.step(sent)
        findings = Findings(made.setting, 0)
        findings.add(session, [], 0.0)
        result = made.result
        result.findings = located(findings.all)
        result.secrets = findings.secrets
        return result


NOTE = {"text": "a", "label": "red", "done": False}
READ = Sent("readNote", "GET", "/notes/{id}", {"id": 1})


def _json(operation: str, method: str, path: str, value: Any) -> Sent:
    parameters = {"id": 1} if "{" in path else {}
    body = Json(value)
    return Sent(operation, method, path, parameters, body=body, media_type="application/json")


def not_kept(notes: Notes, options: Options = EMPTY_OPTIONS) -> Result:
    """One finding on notes that are not kept as they are written: POST, PUT, GET."""
    sents = [
        _json("addNote", "POST", "/notes", NOTE),
        _json("replaceNote", "PUT", "/notes/{id}", NOTE | {"label": "blue"}),
        READ,
    ]
    return shown(notes, str(DESCRIPTION), sents, options)


@functools.cache
def kept_wrongly() -> Result:
    """That finding."""
    return not_kept(Notes("kept"))
