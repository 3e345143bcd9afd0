"""Plane assets: pictures and attachments, and the object store that their bytes go to."""

from mockserver.apis.plane import authentication, generic_assets, objects, user_assets
from mockserver.apis.plane.registry import handlers

__all__ = ["authentication", "generic_assets", "handlers", "objects", "user_assets"]
