"""The handlers of the Pieces OS API are registered here, with the shape of its errors."""

from __future__ import annotations

from mockserver.engine.handlers import Handlers, Reply
from mockserver.engine.problems import problem_reply, text_reply
from mockserver.engine.request import Request
from mockserver.errors import ApiError

_AS_TEXT = frozenset((404, 410, 500))


def error_shape(error: ApiError, request: Request) -> Reply:
    """404, 410 and 500 are a sentence of plain text, as Pieces OS sends them; the rest problems."""
    return text_reply(error) if error.status in _AS_TEXT else problem_reply(error)


# Clients before 2.0 write booleans as Python does.
handlers = Handlers(error_shape, any_case_booleans=True)
