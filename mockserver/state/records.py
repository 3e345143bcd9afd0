"""A JSON value read into a record of a collection: completed, judged, keyed."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from mockserver.errors import StorageFull, Violation, pointer_to
from mockserver.state.blobs import Blobs
from mockserver.state.store import Record


class Unfit(Exception):
    """A record that cannot be taken; ``told`` is what was expected, each with its pointer."""

    def __init__(self, pointer: str, message: str, *more: tuple[str, str]) -> None:
        super().__init__(pointer, message, *more)
        self.told = ((pointer, message), *more)


def _nothing_wrong(value: Any) -> Sequence[Violation]:
    return ()


def _as_it_is(record: Record) -> Any:
    return record.value


@dataclass(frozen=True, slots=True)
class Shape:
    """What a collection's records must be.

    ``key`` names the property that identifies a record; ``complete`` adds what follows from
    the rest of a record; ``check`` returns the rules that a completed record breaks; ``derived``
    gives the keys and values that a record adds to other collections. ``written`` returns the
    rules that a record breaks which could not be completed. ``key_of`` gives the key where it is
    more than one property, from the record as it is written and as it was completed. With
    ``single`` there is one record only. ``fixture`` is a record as a file has it, so that it would
    be read again, ``schema`` what is described of one. ``complete`` and ``key_of`` may raise Unfit.
    """

    key: str
    complete: Callable[[Any, Blobs], Any]
    check: Callable[[Any], Sequence[Violation]]
    derived: Mapping[str, Callable[[Any], Iterable[tuple[str, Any]]]] = field(default_factory=dict)
    written: Callable[[Any], Sequence[Violation]] = _nothing_wrong
    key_of: Callable[[Any, Any], str] | None = None
    single: bool = False
    fixture: Callable[[Record], Any] = _as_it_is
    schema: Mapping[str, Any] = field(default_factory=dict)


Parts = Mapping[str, Callable[[Any], bytes | str]]
"""What an object of one such member stands for, as ``{"$file": NAME}``: bytes or a text.

The functions raise ValueError with what was expected.
"""


class RecordReader:
    """Reads records of one shape."""

    def __init__(self, shape: Shape, blobs: Blobs, parts: Parts) -> None:
        self._shape = shape
        self._blobs = blobs
        self._parts = parts

    def record(self, written: Any) -> Record:
        """The record that a value says. Raises Unfit with everything that is wrong."""
        told: list[tuple[str, str]] = []
        value = self._filled([], written, told)
        if told:
            raise _unfit(told)
        try:
            completed = self._shape.complete(value, self._blobs)
        except (KeyError, TypeError, ValueError, AttributeError, IndexError) as error:
            raise _unfit(self._incomplete(value, error)) from error
        except StorageFull as error:
            raise Unfit("", str(error)) from error
        violations = self._shape.check(completed)
        if violations:
            found = _told_once(_where_written(written, violations))
            raise _unfit([_violated(violation) for violation in found])
        return Record(self._key(value, completed), completed)

    def _key(self, written: Any, value: Any) -> str:
        """The key of a record. Raises Unfit when it has none."""
        if self._shape.key_of is not None:
            return self._shape.key_of(written, value)
        if not isinstance(value, dict) or self._shape.key not in value:
            raise Unfit("", f"expected the key {self._shape.key!r}, received none")
        return str(value[self._shape.key])

    def _incomplete(self, value: Any, error: Exception) -> list[tuple[str, str]]:
        """Why a record could not be completed, in words of the description."""
        if type(error) is ValueError:  # said by whoever completes records
            return [("", f"cannot be completed: {error}")]
        if not isinstance(value, dict):
            message = f"expected a record (an object), got {kind_of(value)}"
            return [("", f"cannot be completed: {message}")]
        violations = _told_once(self._shape.written(value))
        if violations:
            return [_violated(violation) for violation in violations]
        known = isinstance(error, KeyError) and error.args
        what = f"the member {error.args[0]!r}" if known else "members of other types or values"
        return [("", f"cannot be completed: expected {what}")]

    def _filled(self, path: list[str | int], value: Any, told: list[tuple[str, str]]) -> Any:
        """The value with the bytes and texts that parts of it stand for."""
        if isinstance(value, list):
            return [self._filled([*path, i], item, told) for i, item in enumerate(value)]
        if not isinstance(value, dict):
            return value
        if len(value) == 1:
            [(name, meant)] = value.items()
            if name in self._parts:
                return self._part([*path, name], meant, told)
        return {name: self._filled([*path, name], item, told) for name, item in value.items()}

    def _part(self, path: list[str | int], named: Any, told: list[tuple[str, str]]) -> Any:
        try:
            meant = self._parts[str(path[-1])](named)
            return self._blobs.store(meant) if isinstance(meant, bytes) else meant
        except (ValueError, StorageFull) as error:
            told.append((pointer_to(path), str(error)))
            return None


def kind_of(value: Any) -> str:
    """What a value is, in words."""
    return {dict: "an object", list: "an array", str: "a string", type(None): "null"}.get(
        type(value), f"{type(value).__name__} {value!r}"
    )


def _unfit(told: list[tuple[str, str]]) -> Unfit:
    (pointer, message), *more = dict.fromkeys(told)
    return Unfit(pointer, message, *more)


def _violated(violation: Violation) -> tuple[str, str]:
    message = f"expected {violation.expected}, received {violation.received} ({violation.rule})"
    return violation.pointer, message


def _where_written(written: Any, violations: Sequence[Violation]) -> Sequence[Violation]:
    """Of several violations those in what the file says, not in what was completed from it."""
    return [v for v in violations if _stands_in(written, v.pointer)] or violations


def _stands_in(value: Any, pointer: str) -> bool:
    for step in pointer.split("/")[1:]:
        name = step.replace("~1", "/").replace("~0", "~")
        if isinstance(value, list) and name.isdigit() and int(name) < len(value):
            value = value[int(name)]
        elif isinstance(value, dict) and name in value:
            value = value[name]
        else:
            return False
    return True


def _told_once(violations: Iterable[Violation]) -> list[Violation]:
    """Violations that differ in more than the place of what was completed."""
    return list({(v.rule, v.expected, v.received): v for v in reversed(list(violations))}.values())[
        ::-1
    ]
