"""The extension ``x-mock`` of an operation, which says what inference would have to guess."""

from __future__ import annotations

import dataclasses
import difflib
from collections.abc import Iterable, Mapping
from typing import Any

from mockserver.engine.inference.keys import Fields, Path, named_property
from mockserver.engine.inference.kinds import KINDS, Guess
from mockserver.engine.inference.paths import Node
from mockserver.engine.inference.places import Draft, Places
from mockserver.engine.spec import Description, Operation
from mockserver.errors import Problem, pointer_to

EXTENSION = "x-mock"
MEMBERS = ("resource", "kind", "key")

_KEYED = frozenset(("read", "exists", "replace", "upsert", "merge", "delete", "action"))
_WHY = f"{EXTENSION} says so"


class Overrides:
    """Applies ``x-mock: {resource, kind, key}``, and records what is wrong with it.

    A resource that inference did not find is a new one when its ``key`` is said too.
    """

    def __init__(self, description: Description, places: Places, names: dict[Draft, str]) -> None:
        self._description = description
        self._places = places
        self._names = names
        self._new: set[Draft] = set()
        self.problems: list[Problem] = []

    def applied(self, guess: Guess) -> Guess:
        """A guess as its operation's extension wants it."""
        said = _said(self._description.document, guess.operation)
        if said is None:
            return guess
        if not isinstance(said, Mapping):
            self._problem(guess.operation, (), f"expected a mapping with {_one_of(MEMBERS)}")
            return guess
        for name in said:
            if name not in MEMBERS:
                self._problem(guess.operation, (name,), _unknown(name, MEMBERS))
        guess = self._with_resource(guess, said)
        guess = self._with_kind(guess, said)
        return self._with_key(guess, said.get("key"))

    def _problem(self, operation: Operation, below: tuple[Any, ...], message: str) -> None:
        pointer = pointer_to(("paths", operation.path, operation.method.lower(), EXTENSION, *below))
        self.problems.append(Problem(self._description.source, pointer, message))

    def _with_resource(self, guess: Guess, said: Mapping[str, Any]) -> Guess:
        wanted = said.get("resource")
        if wanted is None:
            return guess
        known = {name: draft for draft, name in self._names.items()}
        if isinstance(wanted, str) and wanted in known:
            return _moved(guess, known[wanted])
        if isinstance(wanted, str) and wanted and "key" in said:
            draft = Draft(guess.node, None)
            self._names[draft] = wanted
            self._new.add(draft)
            return _moved(guess, draft)
        self._problem(guess.operation, ("resource",), _unknown(wanted, known))
        return guess

    def _with_kind(self, guess: Guess, said: Mapping[str, Any]) -> Guess:
        wanted = said.get("kind")
        if wanted is None:
            return guess
        if wanted not in KINDS:
            self._problem(guess.operation, ("kind",), _unknown(wanted, KINDS))
            return guess
        if guess.draft is None and wanted != "action":
            self._problem(guess.operation, ("kind",), f"{wanted} of which resource? None is known")
            return guess
        place = _last_parameter(guess.node) if wanted in _KEYED else None
        return dataclasses.replace(guess, kind=wanted, why=_WHY, place=guess.place or place)

    def _with_key(self, guess: Guess, key: Any) -> Guess:
        draft = guess.draft.settled() if guess.draft is not None else None
        if draft is None:
            return guess
        if key is not None:
            draft.key = self._path(guess, draft, key) or draft.key
        if guess.kind not in _KEYED or guess.place is not None or not draft.key:
            return guess
        if key is None and guess.why != _WHY:
            return guess
        asked = self._asking(guess, draft, str(key))
        sent = guess.operation.body is not None and not asked
        return dataclasses.replace(guess, asked=asked, sent=sent, why=_WHY)

    def _asking(self, guess: Guess, draft: Draft, key: str) -> tuple[str, ...]:
        """The query parameter that gives the key: the one that is said, or called like it."""
        fields, name = self._fields(draft), self._names[draft]
        given = [str(p.name) for p in guess.operation.parameters if p.location == "query"]
        wanted = draft.key[-1] if draft.key else ""
        like = [each for each in given if named_property(each, name, fields) == draft.key]
        found = next((each for each in (key, wanted, *like) if each in given), None)
        return (found,) if found is not None else ()

    def _fields(self, draft: Draft) -> Fields:
        return Fields(self._places.views, self._places.record(draft))

    def _path(self, guess: Guess, draft: Draft, key: Any) -> Path | None:
        """The property that an extension calls the key, by its name or by a query parameter's."""
        path = tuple(str(key).split("."))
        if draft in self._new and not self._places.record(draft).properties:
            return path
        fields = self._fields(draft)
        found = path if len(path) > 1 and fields.view(path).plain else fields.path(str(key))
        if found is None and _is_asked(guess.operation, key):
            found = named_property(key, self._names[draft], fields) or draft.key or path
        if found is None:
            self._problem(guess.operation, ("key",), _unknown(key, fields.names()))
        return found


def _is_asked(operation: Operation, name: Any) -> bool:
    """Whether an operation has a query parameter of a name."""
    return any(p.name == name and p.location == "query" for p in operation.parameters)


def _said(document: Mapping[str, Any], operation: Operation) -> Any:
    """The extension of an operation, None where it has none."""
    found: Any = document
    for step in ("paths", operation.path, operation.method.lower(), EXTENSION):
        found = found.get(step) if isinstance(found, Mapping) else None
    return found


def _moved(guess: Guess, draft: Draft) -> Guess:
    place = _last_parameter(guess.node) if guess.place is None and guess.kind in _KEYED else None
    return dataclasses.replace(guess, draft=draft, place=guess.place or place, why=_WHY)


def _last_parameter(node: Node) -> Node | None:
    return next((step for step in reversed(node.line()) if step.is_parameter), None)


def _one_of(names: Iterable[str]) -> str:
    return "one of " + ", ".join(names)


def _unknown(value: Any, known: Iterable[str]) -> str:
    names = list(known)
    near = difflib.get_close_matches(str(value), names, n=1, cutoff=0.4)
    nearest = f"; did you mean {near[0]!r}?" if near else f", expected {_one_of(names[:20])}"
    return f"there is no {value!r}{nearest}"
