"""The WSGI application: from HTTP to handlers and back."""

from __future__ import annotations

from typing import Any
from urllib.parse import unquote

import orjson
from flask import Flask, Response, request
from werkzeug.exceptions import HTTPException

from examples.flask_assets import changes, feeds, lists, session  # noqa: F401 - they register
from examples.flask_assets.calls import HANDLERS, TEXT, Answer, Call
from examples.flask_assets.config import Settings
from examples.flask_assets.errors import Refusal
from examples.flask_assets.faults import FAULTS, on, switch
from examples.flask_assets.seeding import fill
from examples.flask_assets.storage import Store
from examples.flask_assets.validation import (
    Operation,
    Route,
    check_key,
    read_body,
    read_description,
    read_query,
)

PROBLEM = "application/problem+json"
EVERY_METHOD = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "QUERY"]


def create_app(settings: Settings, meeting: Any = None) -> Flask:
    """An application over one database; ``meeting`` is called in the windows of races.

    Raises:
        ValueError: There is no such fault.
    """
    if settings.fault and settings.fault not in FAULTS:
        raise ValueError(f"there is no fault {settings.fault!r}; see --list-faults")
    app = Flask("flask_assets", static_folder=None)
    app.url_map.merge_slashes = False
    store = Store(settings.database)
    app.extensions["store"] = store
    cache: dict[Any, Any] = {}

    def start_over(*, always: bool) -> None:
        with store.write() as writing:
            if always:
                writing.clear()
                cache.clear()
            if always or not writing.others("machine"):
                fill(writing, settings.seed)

    start_over(always=False)
    app.before_request(lambda: switch(settings.fault, meeting))
    for path in read_description(settings.description):
        _serve(app, path, store, cache)
    if settings.reset:

        @app.post("/__reset")
        def reset() -> Response:
            start_over(always=True)
            return Response(status=204)

    app.register_error_handler(HTTPException, _refused_by_flask)
    app.wsgi_app = _keep_escaped_slashes(app.wsgi_app)  # type: ignore[method-assign]
    return app


def _serve(app: Flask, path: Route, store: Store, cache: dict[Any, Any]) -> None:
    def view(**keys: str) -> Response:
        try:
            return _answer(path, keys, store, cache)
        except Refusal as refusal:
            return _refused(refusal)

    name = path.template
    rule = name.replace("{", "<").replace("}", ">")
    app.add_url_rule(rule, name, view, methods=EVERY_METHOD, provide_automatic_options=False)
    if path.feed:

        def follow() -> Response:
            operation = path.operations["get"]
            call = Call(store, read_query(operation, request.query_string), None, cache)
            feeds.follow(request.environ, call, operation.id)
            return Response(status=200)

        app.add_url_rule(rule, f"{name} feed", follow, methods=["GET"], websocket=True)


def _answer(path: Route, keys: dict[str, str], store: Store, cache: dict[Any, Any]) -> Response:
    method = request.method.lower()
    if method == "head" and method not in path.operations:
        method = "get"
    if method not in path.operations:
        return _other_method(path)
    operation = path.operations[method]
    call = Call(store, _values(operation, keys), _body(operation), cache)
    return _written(HANDLERS[operation.id](call))


def _values(operation: Operation, keys: dict[str, str]) -> dict[str, Any]:
    for key in keys.values():
        check_key(key)
    return {**read_query(operation, request.query_string), **keys}


def _body(operation: Operation) -> Any:
    return read_body(operation, request.headers.get("Content-Type"), request.get_data())


def _other_method(path: Route) -> Response:
    headers = {} if on("no_allow") else {"Allow": path.allowed()}
    if request.method == "OPTIONS":
        response = Response(status=204, headers=headers)
        del response.headers["Content-Type"]
        return response
    response = _refused(Refusal(405, f"{path.template} takes {path.allowed()}."))
    response.headers.extend(headers)
    return response


def _written(answer: Answer) -> Response:
    body = answer.body
    if answer.media_type != TEXT:
        body = orjson.dumps(body)
    return Response(body, answer.status, content_type=answer.media_type)


def _refused(refusal: Refusal) -> Response:
    if refusal.plain:
        return Response(refusal.detail, refusal.status, content_type=TEXT)
    kind = "application/json" if on("problem_as_json") else PROBLEM
    return Response(orjson.dumps(refusal.problem()), refusal.status, content_type=kind)


def _refused_by_flask(error: HTTPException) -> Response:
    return _refused(Refusal(error.code or 500, error.description or error.name))


def _keep_escaped_slashes(inner: Any) -> Any:
    """WSGI decodes %2F, and a key with a slash would look like two segments."""

    def application(environ: dict[str, Any], start_response: Any) -> Any:
        raw = str(environ.get("REQUEST_URI", "")).partition("?")[0]
        if "%2f" in raw.lower() and raw.startswith("/"):
            escaped = raw.replace("%2F", "%252F").replace("%2f", "%252f")
            environ["PATH_INFO"] = unquote(escaped, "latin-1")
        return inner(environ, start_response)

    return application
