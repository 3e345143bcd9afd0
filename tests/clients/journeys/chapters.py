"""What the journeys of all clients share: chapters that are told of, and what they must meet."""

from __future__ import annotations

import inspect
import json
import sys
import traceback
from collections.abc import Callable, Collection
from typing import Any, TypeVar

Chapter = TypeVar("Chapter", bound=Callable[..., None])

_VARIANTS = ("_with_http_info", "_without_preload_content")


def operation(method: str) -> str:
    """The name of an operation, whichever of its methods is called."""
    for variant in _VARIANTS:
        method = method.removesuffix(variant)
    return method


def operations(api: type) -> set[str]:
    """The operations of a generated API class."""
    methods = {name for name in dir(api) if callable(inspect.getattr_static(api, name))}
    return {operation(name) for name in methods if not name.startswith("_")}


class Recorded:
    """An API object of a client that remembers which of its operations were asked for."""

    def __init__(self, api: Any, called: set[str]) -> None:
        self._api = api
        self._called = called

    def __getattr__(self, name: str) -> Any:
        self._called.add(operation(name))
        return getattr(self._api, name)


def same(found: Any, expected: Any) -> None:
    """Fail unless the two are equal, and say what they were."""
    if found != expected:
        raise AssertionError(f"expected {expected!r}, found {found!r}")


def refused(kind: type[Exception], status: int, called: Callable[..., Any], **given: Any) -> Any:
    """The error, of that kind and that status, with which a call is answered."""
    try:
        answer = called(**given)
    except kind as error:
        answer = error
    assert isinstance(answer, kind), f"expected {kind.__name__}, found {answer!r}"
    same(getattr(answer, "status", None), status)
    assert getattr(answer, "body", None), "an error without a word"
    return answer


def header(told: Any, wanted: str) -> str:
    """A header of an answer, whatever the case in which it was sent."""
    return next(value for name, value in told.headers.items() if name.lower() == wanted)


def tell(
    chapters: Collection[Chapter],
    go: Callable[[Chapter], None],
    called: set[str],
    every: set[str],
) -> None:
    """Go through all chapters; print null or why it failed for each, the operations and calls."""
    failures: dict[str, str | None] = {}
    for chapter in chapters:
        failures[chapter.__name__] = None
        try:
            go(chapter)
        except Exception:  # noqa: BLE001 - whatever fails is told to the test
            failures[chapter.__name__] = traceback.format_exc()
    told = {"chapters": failures, "called": sorted(called), "operations": sorted(every)}
    sys.stdout.write(json.dumps(told))
