"""Fixture files read into the seed snapshot's records.

A folder holds ``<collection>.json`` (an array of records each), ``files/`` (bytes) and
``credentials.json`` (identities). In a record ``{"$file": "name"}`` stands for the bytes of
``files/name`` and ``{"$text": "name"}`` for its text (UTF-8).
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from mockserver.errors import Problem, StorageFull, Violation, pointer_to
from mockserver.state.blobs import Blobs
from mockserver.state.store import Record

CREDENTIALS = "credentials"


@dataclass(frozen=True, slots=True)
class Shape:
    """What a collection's records must be.

    ``key`` names the property that identifies a record; ``complete`` adds what follows from
    the rest of a record; ``check`` returns the rules that a completed record breaks; ``derived``
    gives the keys and values that a record adds to other collections.
    """

    key: str
    complete: Callable[[Any, Blobs], Any]
    check: Callable[[Any], Sequence[Violation]]
    derived: Mapping[str, Callable[[Any], Iterable[tuple[str, Any]]]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Fixtures:
    """What a folder held, and every problem found in it."""

    collections: Mapping[str, tuple[Record, ...]]
    identities: tuple[Mapping[str, Any], ...]
    problems: tuple[Problem, ...]


NOTHING = Fixtures({}, (), ())


def read_fixtures(folder: Path, shapes: Mapping[str, Shape], blobs: Blobs) -> Fixtures:
    """Read a folder; problems are collected, not raised, so that all are told at once."""
    problems: list[Problem] = []
    collections: dict[str, tuple[Record, ...]] = {}
    identities: tuple[Mapping[str, Any], ...] = ()
    for path in sorted(folder.glob("*.json")):
        values = _array(path, problems)
        if path.stem == CREDENTIALS:
            identities = tuple(_identities(path, values, problems))
        elif path.stem not in shapes:
            known = ", ".join(sorted(shapes)) or "none"
            problems.append(Problem(str(path), "", f"no such collection; there are: {known}"))
        else:
            reader = _Reader(path, shapes[path.stem], blobs, problems)
            collections[path.stem] = tuple(reader.records(values))
            collections |= {name: tuple(made.values()) for name, made in reader.derived.items()}
    return Fixtures(collections, identities, tuple(problems))


def _array(path: Path, problems: list[Problem]) -> list[Any]:
    try:
        values = json.loads(path.read_bytes())
    except (ValueError, RecursionError) as error:
        problems.append(Problem(str(path), "", f"not JSON: {error}"))
        return []
    except OSError as error:
        problems.append(Problem(str(path), "", f"cannot be read: {error}"))
        return []
    if isinstance(values, list):
        return values
    problems.append(Problem(str(path), "", f"expected an array of records, got {_kind(values)}"))
    return []


def _identities(
    path: Path, values: list[Any], problems: list[Problem]
) -> Iterator[Mapping[str, Any]]:
    for index, value in enumerate(values):
        if not isinstance(value, dict):
            message = f"expected an identity (an object), got {_kind(value)}"
            problems.append(Problem(str(path), f"/{index}", message))
        elif not isinstance(value.get("credentials", {}), dict):
            message = "expected an object: the credential for each security scheme"
            problems.append(Problem(str(path), f"/{index}/credentials", message))
        else:
            yield value


def _kind(value: Any) -> str:
    return {dict: "an object", list: "an array", str: "a string", type(None): "null"}.get(
        type(value), f"{type(value).__name__} {value!r}"
    )


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


class _Reader:
    """Reads the records of one file."""

    def __init__(self, path: Path, shape: Shape, blobs: Blobs, problems: list[Problem]) -> None:
        self._path = path
        self._shape = shape
        self._blobs = blobs
        self._problems = problems
        self.derived: dict[str, dict[str, Record]] = {name: {} for name in shape.derived}

    def records(self, values: Iterable[Any]) -> Iterator[Record]:
        seen: dict[str, int] = {}
        for index, value in enumerate(values):
            record = self._record(index, value)
            if record is None:
                continue
            if record.key in seen:
                first = seen[record.key]
                self._problem(f"/{index}/{self._shape.key}", f"the same key as record {first}")
                continue
            seen[record.key] = index
            self._derive(index, record)
            yield record

    def _derive(self, index: int, record: Record) -> None:
        for name, derive in self._shape.derived.items():
            known = self.derived[name]
            for key, value in derive(record.value):
                if key in known:
                    self._problem(f"/{index}", f"another record has the key {key!r} of {name}")
                known[key] = Record(key, value)

    def _record(self, index: int, value: Any) -> Record | None:
        known = len(self._problems)
        written = value
        value = self._filled([index], value)
        if len(self._problems) > known:
            return None
        try:
            value = self._shape.complete(value, self._blobs)
        except (KeyError, TypeError, ValueError, AttributeError) as error:
            self._problem(f"/{index}", f"cannot be completed: {type(error).__name__} {error}")
            return None
        except StorageFull as error:
            self._problem(f"/{index}", str(error))
            return None
        for violation in _where_written(written, self._shape.check(value)):
            message = f"expected {violation.expected}, received {violation.received}"
            self._problem(f"/{index}{violation.pointer}", f"{message} ({violation.rule})")
        if len(self._problems) > known:
            return None
        if not isinstance(value, dict) or self._shape.key not in value:
            self._problem(f"/{index}", f"expected the key {self._shape.key!r}, received none")
            return None
        return Record(str(value[self._shape.key]), value)

    def _filled(self, path: list[str | int], value: Any) -> Any:
        if isinstance(value, list):
            return [self._filled([*path, i], item) for i, item in enumerate(value)]
        if not isinstance(value, dict):
            return value
        if len(value) == 1 and ("$file" in value or "$text" in value):
            return self._file(path, value)
        return {name: self._filled([*path, name], item) for name, item in value.items()}

    def _file(self, path: list[str | int], value: dict[str, Any]) -> Any:
        [(kind, name)] = value.items()
        pointer = pointer_to([*path, kind])
        try:
            data = self._read(str(name))
            return self._blobs.store(data) if kind == "$file" else data.decode()
        except UnicodeDecodeError as error:
            self._problem(pointer, f"{name!r} is not UTF-8 text: {error}")
        except (OSError, ValueError):
            self._problem(pointer, f"no file {name!r} in {self._path.parent / 'files'}")
        except StorageFull as error:
            self._problem(pointer, str(error))
        return None

    def _read(self, name: str) -> bytes:
        """The bytes of a file in ``files/``. Raises OSError or ValueError for any other."""
        folder = (self._path.parent / "files").resolve()
        path = (folder / name).resolve()
        if not path.is_relative_to(folder):
            raise ValueError(name)
        return path.read_bytes()

    def _problem(self, pointer: str, message: str) -> None:
        self._problems.append(Problem(str(self._path), pointer, message))
