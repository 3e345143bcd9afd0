"""The handlers of the Plane API are registered here, with the shape of its errors."""

from __future__ import annotations

from mockserver.apis.plane.errors import error_shape
from mockserver.engine.handlers import Handlers, Paths

FILE_SIZE_LIMIT = 5_242_880
"""Bytes of an upload, and of a request body, unless a server is configured otherwise."""

handlers = Handlers(error_shape, judged=False, paths=Paths.REDIRECTED, body_limit=FILE_SIZE_LIMIT)
