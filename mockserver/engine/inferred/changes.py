"""Changes that are sent as documents: merge patches (RFC 7396) and JSON patches (RFC 6902)."""

from __future__ import annotations

from typing import Any

from jsonpatch import JsonPatchException, apply_patch
from jsonpointer import JsonPointerException

from mockserver.errors import MockServerError

JSON_PATCH = "application/json-patch+json"


class BadPatch(MockServerError):
    """A JSON patch that cannot be applied: it is none, or does not fit the value."""


def merged(value: Any, patch: Any) -> Any:
    """A value with a merge patch applied (RFC 7396, section 2)."""
    if not isinstance(patch, dict):
        return patch
    made = dict(value) if isinstance(value, dict) else {}
    for name, member in patch.items():
        if member is None:
            made.pop(name, None)
        else:
            made[name] = merged(made.get(name), member)
    return made


def patched(value: Any, patch: Any) -> Any:
    """A value with a JSON patch applied, all of it (RFC 6902, section 5).

    Raises BadPatch; the value itself never changes.
    """
    try:
        return apply_patch(value, patch)
    except (JsonPatchException, JsonPointerException) as error:
        raise BadPatch(str(error)) from error
