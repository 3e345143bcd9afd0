"""Changes that are sent as documents: merge patches (RFC 7396) and JSON patches (RFC 6902)."""

from __future__ import annotations

from collections.abc import Callable
from copy import deepcopy
from typing import Any

from jsonpatch import JsonPatchException, apply_patch
from jsonpointer import JsonPointerException, resolve_pointer

from mockserver.engine.media import MAX_DEPTH
from mockserver.engine.members import Path
from mockserver.errors import MockServerError

JSON_PATCH = "application/json-patch+json"
MERGE_PATCH = "application/merge-patch+json"

MAX_COPIED = 1_000_000
"""Values and characters that one patch may copy: thirty operations double a value to gigabytes."""

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

    Raises BadPatch, also for one that copies more than MAX_COPIED or nests deeper than a body may;
    the value itself never changes.
    """
    if not isinstance(patch, list):
        raise BadPatch("a JSON patch is an array of operations")
    made, left = deepcopy(value), MAX_COPIED
    try:
        for operation in patch:
            left -= _copied(made, operation)
            if left < 0:
                raise BadPatch(f"it copies more than {MAX_COPIED} values and characters")
            made = apply_patch(made, [operation], in_place=True)
    except (JsonPatchException, JsonPointerException) as error:
        raise BadPatch(str(error)) from error
    except RecursionError as error:
        raise _too_deep() from error
    if _depth(made) > MAX_DEPTH:
        raise _too_deep()
    return made


def _too_deep() -> BadPatch:
    return BadPatch(f"it leaves a value that nests deeper than {MAX_DEPTH} levels")


def _copied(value: Any, operation: Any) -> int:
    """How many values and characters an operation copies."""
    source = operation.get("from") if isinstance(operation, dict) else None
    if not isinstance(source, str) or operation.get("op") != "copy":
        return 0
    size, inside = 0, [resolve_pointer(value, source)]
    while inside:
        each = inside.pop()
        size += len(each) if isinstance(each, str) else 1
        if isinstance(each, dict):
            size += sum(map(len, each))
            inside += each.values()
        elif isinstance(each, list):
            inside += each
    return size


def _depth(value: Any) -> int:
    """How deep arrays and objects nest in a value."""
    depth, level = 0, [value]
    while level := [each for each in level if isinstance(each, dict | list)]:
        depth += 1
        level = [
            inner for each in level for inner in (each.values() if isinstance(each, dict) else each)
        ]
    return depth
