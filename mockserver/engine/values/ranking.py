"""Which of several schemas suits best."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from mockserver.engine.values.merging import Merger
from mockserver.engine.values.shapes import Shape, kind_of


def likeness(merger: Merger, shape: Shape, hint: Any) -> int:
    """How much an example looks like values of a shape."""
    if kind_of(hint) not in shape.allowed:
        return -1000
    if not isinstance(hint, Mapping):
        return 10 if shape.fits(hint) else 0
    known = shape.properties
    score = sum(1 if name in known else -1 for name in hint)
    score -= 20 * sum(name not in hint for name in shape.required)
    for name in hint:
        options = merger.shape(known[name]).options if name in known else None
        score += 0 if options is None else 5 if hint[name] in options else -20
    return score


def weight(shape: Shape) -> int:
    """How much a shape asks for, roughly: what is simple ends a recursion."""
    if shape.kinds and shape.kinds[0] not in ("object", "array"):
        return 0
    return 1 + len(shape.required) + int(shape.bound("minItems", 0)) + 5 * bool(shape.unions)
