"""Which error of a union tells most, where a member with one allowed value says what was meant."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from itertools import chain, groupby, islice
from typing import Any

_MOST_BRANCHES = 200

Branch = list[Any]
"""The errors of one branch of a union, the branches of unions within it being branches, too."""


def most_telling(error: Any) -> Any:
    """The ``jsonschema`` error that says best why a value is invalid.

    A member that may have one value in each branch (``kind: drop``) says which branch was meant:
    only that one's errors count, and where the value is that of none, that is the error.
    """
    from jsonschema.exceptions import best_match  # noqa: PLC0415 - only a refusal needs it

    every = list(islice(_branches(error), _MOST_BRANCHES)) if _is_union(error) else []
    branches = every
    while branches:
        wrong = Counter(name for branch in branches for name in _tags(branch, error))
        if not wrong:
            lacking = set.intersection(*(_missing(branch, error) for branch in branches))
            if lacking:
                return _lacks(error, lacking)
            return best_match([error] if branches is every else chain.from_iterable(branches))
        [(name, _)] = wrong.most_common(1)
        meant = [branch for branch in branches if name not in _tags(branch, error)]
        if not meant:
            return _none_of(error, name, branches)
        branches = meant
    return best_match([error])


def _is_union(error: Any) -> bool:
    return error.validator in ("oneOf", "anyOf") and isinstance(error.instance, dict)


def _branches(error: Any) -> Iterator[Branch]:
    for _, group in groupby(error.context or (), lambda each: each.relative_schema_path[0]):
        errors = list(group)
        inner = [
            each
            for each in errors
            if _is_union(each) and each.context and each.instance is error.instance
        ]
        if not inner:
            yield errors
        for union in inner:
            others = [each for each in errors if each is not union]
            yield from (others + branch for branch in _branches(union))


def _tags(branch: Branch, union: Any) -> dict[str, Any]:
    """The members whose one allowed value is another one or missing, with that value."""
    depth = len(union.absolute_path) + 1
    told: dict[str, Any] = {}
    for each in branch:
        path = list(each.absolute_path)
        if len(path) == depth and _one_value(each):
            told[path[-1]] = _one_value(each)[0]
    return told


def _one_value(error: Any) -> list[Any]:
    allowed = [error.validator_value] if error.validator == "const" else error.validator_value
    return allowed if error.validator in ("const", "enum") and len(allowed) == 1 else []


def _missing(branch: Branch, union: Any) -> set[str]:
    """The members that a branch requires and a value lacks."""
    return {
        name
        for each in branch
        if each.validator == "required" and each.instance is union.instance
        for name in each.validator_value
        if name not in each.instance
    }


def _lacks(union: Any, names: set[str]) -> Any:
    from jsonschema.exceptions import ValidationError  # noqa: PLC0415

    known = sorted(names)
    return ValidationError("missing", "required", (), None, (), known, union.instance, parent=union)


def _none_of(union: Any, name: str, branches: list[Branch]) -> Any:
    from jsonschema.exceptions import ValidationError  # noqa: PLC0415

    known: list[Any] = []
    for branch in branches:
        value = _tags(branch, union)[name]
        if value not in known:
            known.append(value)
    said = union.instance[name]
    message = f"{said!r} is none of {known!r}"
    return ValidationError(message, "enum", (name,), None, (), known, said, parent=union)
