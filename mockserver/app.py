"""The ASGI application on Connexion: requests in, answers out."""

from __future__ import annotations

import warnings
from collections.abc import Mapping
from functools import partial
from typing import Any

with warnings.catch_warnings():
    # Connexion imports a test client that warns of its own future.
    warnings.simplefilter("ignore")
    from connexion.middleware import ConnexionMiddleware
    from connexion.middleware.abstract import AbstractRoutingAPI, SpecMiddleware
    from connexion.middleware.main import API
    from connexion.resolver import Resolution, Resolver
    from connexion.spec import OpenAPISpecification

from mockserver.catalogue import Mock
from mockserver.console.access import Access
from mockserver.engine.endpoint import Endpoint
from mockserver.engine.exchanges import Observer
from mockserver.engine.mounting import Mounts
from mockserver.engine.receiving import Receive, Scope, Send
from mockserver.engine.reply import Api
from mockserver.engine.routes import Routes
from mockserver.engine.spec import Description, Operation
from mockserver.errors import Problem, StartupError
from mockserver.front import Front


def create_app(
    mock: Mock,
    control: Api | None = None,
    observer: Observer | None = None,
    access: Access | None = None,
    mounts: Mounts | None = None,
) -> Any:
    """The ASGI application that serves a mock, ready before its first request.

    Without ``access`` whoever reaches the application may use the control API. Requests are kept
    in the journal where there is a control API that shows them.
    """
    served = (*mock.apis, *([control] if control else []))
    endpoints = {
        _routing_id(api.description, operation): Endpoint(
            api, operation, api.handlers.by_operation[operation.id]
        )
        for api in served
        for operation in api.description.operations
    }
    observers: list[Observer] = [mock.journal, mock.coverage] if control else []
    if observer is not None:
        observers.append(observer)
    front = Front(mock, served, observers, access, mounts)
    outer = partial(_FrontMiddleware, front=front)
    app = _Application(_nowhere, middlewares=[outer], resolver=_EndpointResolver(endpoints))
    for api in served:
        app.add_description(api.description)
    app.build()
    app.front = front
    return app


class _Application(ConnexionMiddleware):  # type: ignore[misc]
    front: Front

    def add_description(self, description: Description) -> None:
        """Hand Connexion what it needs of a description to route its operations."""
        view = _RoutingView(_routing_view(description))
        options = vars(self.options)
        self.apis.append(API(view, base_path=description.base_path, **options))

    def build(self) -> None:
        """Build the stack now, so that what is wrong is known before the port is bound."""
        self.app, self.middleware_stack = self._build_middleware_stack()


class _RoutingView(OpenAPISpecification):  # type: ignore[misc]
    @classmethod
    def _validate_spec(cls, spec: dict[str, Any]) -> None:
        """Valid by construction; checking it would take as long as the rest of the start."""


async def _nowhere(scope: Scope, receive: Receive, send: Send) -> None:
    raise RuntimeError("nothing is behind the front")


def _routing_id(description: Description, operation: Operation) -> str:
    return f"{description.stem}:{operation.method} {operation.path}"


def _routing_view(description: Description) -> dict[str, Any]:
    """What Connexion is given: paths, methods, path parameters as strings, ids."""
    paths: dict[str, dict[str, Any]] = {}
    for operation in description.operations:
        paths.setdefault(operation.path, {})[operation.method.lower()] = {
            "operationId": _routing_id(description, operation),
            "parameters": [
                {"name": p.name, "in": "path", "required": True, "schema": {"type": "string"}}
                for p in operation.parameters
                if p.location == "path"
            ],
            "responses": {"default": {"description": "-"}},
        }
    info = {"title": description.title, "version": "1"}
    return {"openapi": "3.0.3", "info": info, "paths": paths}


class _EndpointResolver(Resolver):  # type: ignore[misc]
    def __init__(self, endpoints: Mapping[str, Endpoint]) -> None:
        super().__init__()
        self._endpoints = endpoints

    def resolve(self, operation: Any) -> Resolution:
        return Resolution(self._endpoints[operation.operation_id], operation.operation_id)


class _RoutingAPI(AbstractRoutingAPI):  # type: ignore[misc]
    """Fills the routes with the endpoints to which Connexion resolves a description."""

    def __init__(self, *args: Any, routes: Routes[Endpoint], **kwargs: Any) -> None:
        self._routes = routes
        super().__init__(*args, **kwargs)

    def make_operation(self, operation: Any) -> Endpoint:
        endpoint: Endpoint = self.resolver.resolve(operation).function
        return endpoint

    @staticmethod
    def _framework_path_and_name(operation: Any, path: str) -> tuple[str, str]:
        return path, path

    def _add_operation_internal(
        self, method: str, path: str, operation: Endpoint, name: str | None = None
    ) -> None:
        try:
            self._routes.add(method.upper(), self.base_path + path, operation)
        except ValueError as error:
            source = operation.api.description.source
            raise StartupError([Problem(source, f"/paths{path}", str(error))]) from None


class _FrontMiddleware(SpecMiddleware):  # type: ignore[misc]
    """The front as Connexion wants it; nothing else of Connexion sees a request."""

    def __init__(self, app: Any, *, front: Front) -> None:
        self._front = front

    def add_api(self, specification: Any, **options: Any) -> None:
        """Called by Connexion for each description."""
        _RoutingAPI(specification, routes=self._front.routes, **options)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """The ASGI interface."""
        await self._front(scope, receive, send)
