"""Records as JSON shows them: bytes by their checksum."""

from __future__ import annotations

from typing import Any

from mockserver.state.blobs import Blob


def shown(value: Any) -> Any:
    """A record's value, each blob in it as ``{"$bytes": SHA-1 CHECKSUM}``."""
    if isinstance(value, Blob):
        return {"$bytes": value.checksum}
    if isinstance(value, dict):
        return {name: shown(member) for name, member in value.items()}
    return [shown(item) for item in value] if isinstance(value, list | tuple) else value
