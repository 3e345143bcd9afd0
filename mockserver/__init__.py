"""A mock and contract-test server driven by an OpenAPI description."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from mockserver.engine.handlers import Call, Handlers, Reply
    from mockserver.errors import ApiError

__version__ = "0.1.0"

__all__ = ["ApiError", "Call", "Handlers", "Reply", "__version__"]

_HOMES = {
    "ApiError": "mockserver.errors",
    "Call": "mockserver.engine.handlers",
    "Handlers": "mockserver.engine.handlers",
    "Reply": "mockserver.engine.handlers",
}
"""Where the public names are: imported when they are asked for, so that the start is quick."""


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module 'mockserver' has no attribute {name!r}")
    from importlib import import_module  # noqa: PLC0415 - seldom needed

    return getattr(import_module(_HOMES[name]), name)
