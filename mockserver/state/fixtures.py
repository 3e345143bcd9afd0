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

from mockserver.errors import Problem, pointer_to
from mockserver.state.blobs import Blobs
from mockserver.state.records import RecordReader, Shape, Unfit, kind_of
from mockserver.state.store import Record

CREDENTIALS = "credentials"


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
            message = f"expected an object of collections by name, got {kind_of(value)}"
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
            message = f"expected {wanted}, got {kind_of(values)}"
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
        message = f"expected an array of records, got {kind_of(values)}"
        problems.append(Problem(str(path), "", message))
    return []


def _identities(
    path: Path, values: list[Any], problems: list[Problem]
) -> Iterator[Mapping[str, Any]]:
    for index, value in enumerate(values):
        if not isinstance(value, dict):
            message = f"expected an identity (an object), got {kind_of(value)}"
            problems.append(Problem(str(path), f"/{index}", message))
        elif not isinstance(value.get("credentials", {}), dict):
            message = "expected an object: the credential for each security scheme"
            problems.append(Problem(str(path), f"/{index}/credentials", message))
        else:
            yield value


class _Reader:
    """Reads the records of one collection; ``pointer_of`` says where each of them stands."""

    def __init__(
        self, path: Path, shape: Shape, blobs: Blobs, problems: list[Problem],
        pointer_of: Callable[[int], str],
    ) -> None:  # fmt: skip
        self._folder = (path.parent / "files").resolve()
        self._path = path
        self._shape = shape
        self._problems = problems
        self._pointer_of = pointer_of
        self._records = RecordReader(shape, blobs, {"$file": self._file, "$text": self._text})
        self._at = ""
        self.derived: dict[str, dict[str, Record]] = {name: {} for name in shape.derived}
        self.places: dict[str, str] = {}

    def records(self, values: Iterable[Any]) -> Iterator[Record]:
        seen: dict[str, int] = {}
        for index, value in enumerate(values):
            self._at = self._pointer_of(index)
            try:
                record = self._records.record(value)
            except Unfit as unfit:
                for pointer, message in unfit.told:
                    self._problem(pointer, message)
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

    def _file(self, name: Any) -> bytes:
        """The bytes of a file in ``files/``. Raises ValueError for any other."""
        try:
            path = (self._folder / str(name)).resolve()
            if path.is_relative_to(self._folder):
                return path.read_bytes()
        except (OSError, ValueError):
            pass
        raise ValueError(f"no file {str(name)!r} in {self._path.parent / 'files'}")

    def _text(self, name: Any) -> str:
        """The text of such a file. Raises ValueError, too, for one that is not UTF-8."""
        try:
            return self._file(name).decode()
        except UnicodeDecodeError as error:
            raise ValueError(f"{str(name)!r} is not UTF-8 text: {error}") from None

    def _problem(self, pointer: str, message: str) -> None:
        problem = Problem(str(self._path), self._at + pointer, message)
        if problem not in self._problems:
            self._problems.append(problem)
