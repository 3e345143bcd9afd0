"""Changes that are sent as documents: merge patches (RFC 7396) and JSON patches (RFC 6902)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from jsonpatch import JsonPatchException, apply_patch
from jsonpointer import JsonPointerException

from mockserver.engine.members import Path
from mockserver.errors import MockServerError

JSON_PATCH = "application/json-patch+json"


MERGE_PATCH = "application/merge-patch+json"

KeepsNull = Callable[[Path], bool]
"""Whether null is the value of the member that a path leads to."""


def never(path: Path) -> bool:
    """Null is no member's value: it takes the member away."""
    return False


class BadPatch(MockServerError):
    """A JSON patch that cannot be applied: it is none, or does not fit the value."""


def merged(value: Any, patch: Any, keeps_null: KeepsNull = never, path: Path = ()) -> Any:
    """A value with a merge patch applied (RFC 7396, section 2).

    A null takes a member away, but is its value where ``keeps_null`` says so.
    """
    if not isinstance(patch, dict):
        return patch
    made = dict(value) if isinstance(value, dict) else {}
    for name, member in patch.items():
        within = (*path, name)
        if member is not None:
            made[name] = merged(made.get(name), member, keeps_null, within)
        elif keeps_null(within):
            made[name] = None
        else:
            made.pop(name, None)
    return made


def patched(value: Any, patch: Any) -> Any:
    """A value with a JSON patch applied, all of it (RFC 6902, section 5).

    Raises BadPatch; the value itself never changes.
    """
    try:
        return apply_patch(value, patch)
    except (JsonPatchException, JsonPointerException) as error:
        raise BadPatch(str(error)) from error
