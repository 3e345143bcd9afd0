"""What the mock is measured beside: a bare ASGI function and stock Connexion, same bytes.

python benchmarks/peers.py bare|connexion PORT BODY_FILE
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import flask
import uvicorn

BODY = Path(sys.argv[3]).read_bytes()
HEADERS = [
    (b"content-type", b"application/json"),
    (b"content-length", str(len(BODY)).encode()),
]


async def bare(scope: Any, receive: Any, send: Any) -> None:
    await send({"type": "http.response.start", "status": 200, "headers": HEADERS})
    await send({"type": "http.response.body", "body": BODY})


def read_asset(asset: str, **_: Any) -> flask.Response:
    return flask.Response(BODY, mimetype="application/json")


def stock_connexion() -> Any:
    """Connexion's FlaskApp with one operation and no validation of answers."""
    import connexion

    parameter = {"name": "asset", "in": "path", "required": True}
    operation = {
        "operationId": "read_asset",
        "parameters": [{**parameter, "schema": {"type": "string", "format": "uuid"}}],
        "responses": {"200": {"description": "-", "content": {"application/json": {}}}},
    }
    document = {
        "openapi": "3.0.3",
        "info": {"title": "one operation", "version": "1"},
        "paths": {"/assets/{asset}": {"get": operation}},
    }
    app = connexion.FlaskApp(__name__)
    resolver = connexion.Resolver(lambda _: read_asset)
    app.add_api(document, resolver=resolver)
    return app


if __name__ == "__main__":
    uvicorn.run(
        bare if sys.argv[1] == "bare" else stock_connexion(),
        port=int(sys.argv[2]),
        access_log=False,
        log_level="critical",
        server_header=False,
        http="httptools",
    )
