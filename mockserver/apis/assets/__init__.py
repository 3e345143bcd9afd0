"""Pieces OS assets: snippets saved, listed, searched, streamed and deleted."""

from mockserver.apis.assets import feeds, finding, formats, lifecycle, session
from mockserver.apis.assets.registry import handlers

__all__ = ["feeds", "finding", "formats", "handlers", "lifecycle", "session"]
