"""Serve the API over real HTTP, a thread for each connection, or list the faults."""

from __future__ import annotations

import argparse
import json
import sys
import threading
from http import HTTPStatus

from werkzeug.serving import BaseWSGIServer, WSGIRequestHandler, make_server

from examples.flask_assets.app import create_app
from examples.flask_assets.config import Settings
from examples.flask_assets.errors import Refusal
from examples.flask_assets.faults import FAULTS


class Handler(WSGIRequestHandler):
    """HTTP/1.1 with connections that stay open, and no line for each request."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True

    def log_request(self, code: int | str = "-", size: int | str = "-") -> None:
        """Keep quiet: a gate sends thousands."""

    def send_error(self, code: int, message: str | None = None, explain: str | None = None) -> None:
        """Answer what never reaches the application, such as headers that are too large."""
        body = json.dumps(Refusal(code, message or HTTPStatus(code).phrase).problem()).encode()
        self.send_response(code)
        self.send_header("Content-Type", "application/problem+json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


def serve(settings: Settings, host: str, port: int) -> BaseWSGIServer:
    """A listening server; port 0 takes a free one, ``server_port`` tells which."""
    app = create_app(settings)
    return make_server(host, port, app, threaded=True, request_handler=Handler)


def main(arguments: list[str] | None = None) -> int:
    """Run until interrupted."""
    parser = argparse.ArgumentParser(prog="python -m examples.flask_assets")
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=8000)
    parser.add_argument("--list-faults", action="store_true")
    flags = parser.parse_args(arguments)
    if flags.list_faults:
        for fault in FAULTS.values():
            print(f"{fault.name:32} {fault.kind:14} {fault.sentence}")
        return 0
    server = serve(Settings.from_environment(), flags.host, flags.port)
    print(f"http://{flags.host}:{server.server_port}", flush=True)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        thread.join()
    except KeyboardInterrupt:
        server.shutdown()
    return 0


if __name__ == "__main__":
    sys.exit(main())
