"""Fixture files read into the seed snapshot's records.

A folder holds ``<collection>.json`` (an array of records each), ``files/`` (bytes) and
``credentials.json`` (identities). In a record ``{"$file": "name"}`` stands for the bytes of
``files/name`` and ``{"$text": "name"}`` for its text (UTF-8). A file of its own, in the shape of
json-server's ``db.json``, holds several collections: ``{"pets": [...], "profile": {...}}``.
"""

from __future__ import annotations

import difflib
import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from mockserver.errors import Problem, StorageFull, Violation, pointer_to
from mockserver.state.blobs import Blobs
from mockserver.state.store import Record

CREDENTIALS = "credentials"


class Unfit(Exception):
    """A record that cannot be taken: the pointer to what is wrong in it, and what was expected."""

    def __init__(self, pointer: str, message: str) -> None:
        super().__init__(pointer, message)
        self.pointer = pointer
        self.message = message


def _nothing_wrong(value: Any) -> Sequence[Violation]:
    return ()


@dataclass(frozen=True, slots=True)
class Shape:
    """What a collection's records must be.

    ``key`` names the property that identifies a record; ``complete`` adds what follows from
    the rest of a record; ``check`` returns the rules that a completed record breaks; ``derived``
    gives the keys and values that a record adds to other collections. ``written`` returns the
    rules that a record breaks which could not be completed. ``key_of`` gives the key where it is
    more than one property, from the record as it is written and as it was completed. With
    ``single`` there is one record only. ``complete`` and ``key_of`` may raise Unfit.
    """

    key: str
    complete: Callable[[Any, Blobs], Any]
    check: Callable[[Any], Sequence[Violation]]
    derived: Mapping[str, Callable[[Any], Iterable[tuple[str, Any]]]] = field(default_factory=dict)
    written: Callable[[Any], Sequence[Violation]] = _nothing_wrong
    key_of: Callable[[Any, Any], str] | None = None
    single: bool = False


Place = tuple[str, str]
"""A file, and a JSON pointer into it."""


@dataclass(frozen=True, slots=True)
class Fixtures:
    """What files held, and every problem found in them.

    ``places`` says where each record stands, by its collection and key. ``strangers`` are
    collections of a file for several APIs that this API does not have.
    """

    collections: Mapping[str, tuple[Record, ...]]
    identities: tuple[Mapping[str, Any], ...]
    problems: tuple[Problem, ...]
    places: Mapping[tuple[str, str], Place] = field(default_factory=dict)
    strangers: tuple[Problem, ...] = ()


NOTHING = Fixtures({}, (), ())


def read_fixtures(
    folder: Path, shapes: Mapping[str, Shape], blobs: Blobs, beside: Sequence[Path] = ()
) -> Fixtures:
    """Read a folder, and files ``beside`` it that hold several collections each.

    Problems are collected, not raised, so that all are told at once.
    """
    reading = _Reading(shapes, blobs)
    for path in sorted(folder.glob("*.json")):
        if path.stem == CREDENTIALS:
            values = _array(path, reading.problems)
            reading.identities = tuple(_identities(path, values, reading.problems))
        else:
            reading.file(path)
    for path in beside:
        reading.database(path)
    return Fixtures(
        reading.collections, reading.identities, tuple(reading.problems), reading.places,
        tuple(reading.strangers),
    )  # fmt: skip


def same_name(name: str, names: Iterable[str]) -> str | None:
    """Which of the names is meant, whatever its case, dashes or number; None if none or several.

    Of a name with dots, such as ``users.pets``, the last part will do.
    """
    known = list(names)
    if name in known:
        return name
    wanted = _plain(name)
    for forms in (_plain, lambda each: _plain(each.rpartition(".")[2])):
        found = [each for each in known if forms(each) == wanted]
        if len(found) == 1:
            return found[0]
    return None


def _plain(name: str) -> str:
    """A name without case, separators and the plural."""
    word = re.sub(r"[^a-z0-9.]", "", name.lower())
    for ending, singular in (("ies", "y"), ("ses", "s"), ("s", "")):
        if word.endswith(ending) and not word.endswith("ss"):
            return word[: -len(ending)] + singular
    return word


def nearest(name: str, known: Iterable[str]) -> str:
    """What there is instead of a name, the nearest named, for the end of a message."""
    listed = sorted(known)
    near = difflib.get_close_matches(name, listed, n=1)
    hint = f"; the nearest is {near[0]!r}" if near else ""
    return f"there are: {', '.join(listed) or 'none'}{hint}"


class _Reading:
    """Reads files, one after the other."""

    def __init__(self, shapes: Mapping[str, Shape], blobs: Blobs) -> None:
        self._shapes = shapes
        self._blobs = blobs
        self.problems: list[Problem] = []
        self.strangers: list[Problem] = []
        self.collections: dict[str, tuple[Record, ...]] = {}
        self.identities: tuple[Mapping[str, Any], ...] = ()
        self.places: dict[tuple[str, str], Place] = {}

    def file(self, path: Path) -> None:
        """A file of one collection, named like it."""
        name = same_name(path.stem, self._shapes)
        if name is not None and self._shapes[name].single:
            self._records(name, path, "", _parsed(path, self.problems))
            return
        if name is None and isinstance(value := _parsed(path, []), dict):
            self._several(path, value, self.problems)
            return
        values = _array(path, self.problems)
        if name is None:
            message = f"no such collection; {nearest(path.stem, self._shapes)}"
            self.problems.append(Problem(str(path), "", message))
        else:
            self._records(name, path, "", values)

    def database(self, path: Path) -> None:
        """A file of several collections, by their names."""
        known = len(self.problems)
        value = _parsed(path, self.problems)
        if isinstance(value, dict):
            self._several(path, value, self.strangers)
        elif len(self.problems) == known:
            message = f"expected an object of collections by name, got {_kind(value)}"
            self.problems.append(Problem(str(path), "", message))

    def _several(self, path: Path, value: dict[str, Any], unknown: list[Problem]) -> None:
        for written, records in value.items():
            name = same_name(written, self._shapes)
            if name is None:
                message = f"no such collection; {nearest(written, self._shapes)}"
                unknown.append(Problem(str(path), pointer_to([written]), message))
            else:
                self._records(name, path, pointer_to([written]), records)

    def _records(self, name: str, path: Path, pointer: str, values: Any) -> None:
        """The records of a collection: an array of them, or the one that there is."""
        shape = self._shapes[name]
        if shape.single and isinstance(values, dict):
            values = [values]
            reader = _Reader(path, shape, self._blobs, self.problems, lambda _: pointer)
        elif isinstance(values, list) and not (shape.single and len(values) != 1):
            reader = _Reader(
                path, shape, self._blobs, self.problems, lambda number: f"{pointer}/{number}"
            )
        else:
            wanted = "an object" if shape.single else "an array of records"
            message = f"expected {wanted}, got {_kind(values)}"
            self.problems.append(Problem(str(path), pointer, message))
            return
        self.collections[name] = tuple(reader.records(values))
        self.collections |= {each: tuple(made.values()) for each, made in reader.derived.items()}
        self.places |= {(name, key): (str(path), there) for key, there in reader.places.items()}


def _parsed(path: Path, problems: list[Problem]) -> Any:
    try:
        return json.loads(path.read_bytes())
    except (ValueError, RecursionError) as error:
        problems.append(Problem(str(path), "", f"not JSON: {error}"))
    except OSError as error:
        problems.append(Problem(str(path), "", f"cannot be read: {error}"))
    return None


def _array(path: Path, problems: list[Problem]) -> list[Any]:
    known = len(problems)
    values = _parsed(path, problems)
    if isinstance(values, list):
        return values
    if len(problems) == known:
        message = f"expected an array of records, got {_kind(values)}"
        problems.append(Problem(str(path), "", message))
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


def _told_once(violations: Iterable[Violation]) -> list[Violation]:
    """Violations that differ in more than the place of what was completed."""
    return list({(v.rule, v.expected, v.received): v for v in reversed(list(violations))}.values())[
        ::-1
    ]


class _Reader:
    """Reads the records of one collection; ``pointer_of`` says where each of them stands."""

    def __init__(
        self, path: Path, shape: Shape, blobs: Blobs, problems: list[Problem],
        pointer_of: Callable[[int], str],
    ) -> None:  # fmt: skip
        self._path = path
        self._shape = shape
        self._blobs = blobs
        self._problems = problems
        self._pointer_of = pointer_of
        self._at = ""
        self.derived: dict[str, dict[str, Record]] = {name: {} for name in shape.derived}
        self.places: dict[str, str] = {}

    def records(self, values: Iterable[Any]) -> Iterator[Record]:
        seen: dict[str, int] = {}
        for index, value in enumerate(values):
            self._at = self._pointer_of(index)
            try:
                record = self._record(value)
            except Unfit as unfit:
                self._problem(unfit.pointer, unfit.message)
                continue
            if record is None:
                continue
            if record.key in seen:
                first = seen[record.key]
                self._problem(f"/{self._shape.key}", f"the same key as record {first}")
                continue
            seen[record.key] = index
            self.places[record.key] = self._at
            self._derive(record)
            yield record

    def _derive(self, record: Record) -> None:
        for name, derive in self._shape.derived.items():
            known = self.derived[name]
            for key, value in derive(record.value):
                if key in known:
                    self._problem("", f"another record has the key {key!r} of {name}")
                known[key] = Record(key, value)

    def _record(self, written: Any) -> Record | None:
        known = len(self._problems)
        value = self._filled([], written)
        if len(self._problems) > known:
            return None
        try:
            completed = self._shape.complete(value, self._blobs)
        except (KeyError, TypeError, ValueError, AttributeError, IndexError) as error:
            self._incomplete(value, error)
            return None
        except StorageFull as error:
            self._problem("", str(error))
            return None
        violations = self._shape.check(completed)
        for violation in _told_once(_where_written(written, violations)):
            self._violated(violation)
        if len(self._problems) > known:
            return None
        return Record(self._key(value, completed), completed)

    def _key(self, written: Any, value: Any) -> str:
        """The key of a record. Raises Unfit when it has none."""
        if self._shape.key_of is not None:
            return self._shape.key_of(written, value)
        if not isinstance(value, dict) or self._shape.key not in value:
            raise Unfit("", f"expected the key {self._shape.key!r}, received none")
        return str(value[self._shape.key])

    def _incomplete(self, value: Any, error: Exception) -> None:
        """Tell why a record could not be completed, in words of the description."""
        if type(error) is ValueError:  # said by whoever completes records
            self._problem("", f"cannot be completed: {error}")
            return
        if not isinstance(value, dict):
            message = f"expected a record (an object), got {_kind(value)}"
            self._problem("", f"cannot be completed: {message}")
            return
        violations = _told_once(self._shape.written(value))
        for violation in violations:
            self._violated(violation)
        if not violations:
            known = isinstance(error, KeyError) and error.args
            what = f"the member {error.args[0]!r}" if known else "members of other types or values"
            self._problem("", f"cannot be completed: expected {what}")

    def _violated(self, violation: Violation) -> None:
        message = f"expected {violation.expected}, received {violation.received}"
        self._problem(violation.pointer, f"{message} ({violation.rule})")

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
        problem = Problem(str(self._path), self._at + pointer, message)
        if problem not in self._problems:
            self._problems.append(problem)
