"""Immich assets: what the real server does, with state in memory."""

from mockserver.apis.immich import authentication, changing, finding, serving, uploading
from mockserver.apis.immich.registry import handlers

__all__ = ["authentication", "changing", "finding", "handlers", "serving", "uploading"]
