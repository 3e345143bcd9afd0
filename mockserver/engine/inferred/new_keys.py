"""Keys of records that are made: what a client says of them, and what it leaves to the server."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import quote, unquote

from mockserver.engine.handlers import Call
from mockserver.engine.inference.keys import Key
from mockserver.engine.inference.model import Resource
from mockserver.engine.inference.words import MAIN_KEYS, NUMBERED, normal, words
from mockserver.engine.inferred.beginnings import number_of
from mockserver.engine.inferred.locating import typed
from mockserver.engine.inferred.world import World
from mockserver.engine.members import text_of, value_at, with_value

NUMBERS = "#numbers"
"""What is added to the name of a collection whose last integer key is remembered."""

_MAX_TRIES = 30


class NewKeys:
    """Finds the keys of the records of a resource that are made."""

    def __init__(self, world: World, resource: Resource) -> None:
        self._world = world
        self._resource = resource
        self._keys = resource.keys
        self._counts = bool(self._keys) and self._keys[-1].kind == "integer"
        self._counts_below_parents = self._counts and _is_number(self._keys[-1])

    def sent(
        self, call: Call, above: Sequence[str], told: dict[str, Any], unkept: Sequence[Any] = ()
    ) -> tuple[str, dict[str, Any]]:
        """The key that a body gives, and what was sent with all of it; empty if it gives none.

        A key that no path takes is none: the server makes one.

        Whoever sends the last part of a compound key gives the record a name: the parts before it
        are those that the path has and nothing keeps, or those of the first record there.
        """
        told = self._unwrapped(told)
        own = [_key_in(told, key) for key in self._keys]
        if not own or own[-1] is None or own[-1] == "" or not self._fits_path(own):
            return "", told
        lacking = [place for place, part in enumerate(own) if part is None or part == ""]
        for place, part in zip(lacking, self._leading(call, lacking, unkept), strict=True):
            own[place] = part
            told = self.with_key(told, self._keys[place], text_of(part))
        return "/".join([*above, *(quote(text_of(part), safe="") for part in own)]), told

    def _fits_path(self, own: Sequence[Any]) -> bool:
        """Whether the parts of a key may stand in a path: nobody could ask for the record else."""
        pairs = zip(self._keys, own, strict=True)
        given = ((key, part) for key, part in pairs if key.location == "path" and part is not None)
        return all(typed(self._world, key.schema, part) is not None for key, part in given)

    def _unwrapped(self, told: dict[str, Any]) -> dict[str, Any]:
        """What was sent, with keys for objects that hold nothing but one: ``{"value": "x"}``."""
        for key in self._keys:
            own = value_at(told, key.property) if key.property else None
            if isinstance(own, dict) and len(own) == 1:
                [inner] = own.values()
                told = with_value(told, key.property, inner)
        return told

    def _leading(self, call: Call, lacking: Sequence[int], unkept: Sequence[Any]) -> Sequence[Any]:
        """What stands at some places of a compound key where a client leaves them to the server."""
        if not lacking:
            return []
        if len(unkept) == len(lacking):
            return unkept
        first = next(iter(call.transaction.records(self._resource.name)), None)
        if first is None:
            first = self._world.shelves.made(self._resource, (), number_of(self._resource.name))
        parts = first.key.split("/")[len(self._resource.parents) :]
        return [unquote(parts[place]) for place in lacking]

    def new(
        self, call: Call, above: Sequence[str], told: Mapping[str, Any]
    ) -> tuple[str, dict[str, Any]]:
        """A key that was never used, and what was sent with it."""
        name, known = self._resource.name, call.transaction
        if not self._keys:
            return "/".join(above), dict(told)
        own: list[str] = []
        value: dict[str, Any] = dict(told)
        for attempt in range(_MAX_TRIES):
            own = self._own_parts(call, above, told, attempt)
            key = "/".join([*above, *(quote(part, safe="") for part in own)])
            if known.get(name, key) is None and not known.was_deleted(name, key):
                for entry, part in zip(self._keys, own, strict=True):
                    value = self.with_key(value, entry, part)
                return key, value
        return self._last_resort(call, above, own, value)

    def _last_resort(
        self, call: Call, above: Sequence[str], own: Sequence[str], value: dict[str, Any]
    ) -> tuple[str, dict[str, Any]]:
        """A key where schemas leave few: a UUID or a number if it may be, or one that is taken."""
        schema = self._world.property_schema(self._resource, self._keys[-1].property)
        spare = (call.transaction.new_id(), str(call.transaction.counter))
        fitting = (each for each in spare if typed(self._world, schema, each) is not None)
        parts = [*own[:-1], next(fitting, own[-1])]
        for each, part in zip(self._keys, parts, strict=True):
            value = self.with_key(value, each, part)
        return "/".join([*above, *(quote(part, safe="") for part in parts)]), value

    def _own_parts(
        self, call: Call, above: Sequence[str], told: Mapping[str, Any], attempt: int
    ) -> list[str]:
        made: list[str] = []
        parts = []
        for place, entry in enumerate(self._keys):
            given = value_at(told, entry.property) if entry.property else None
            if given is not None and place < len(self._keys) - 1:
                parts.append(text_of(given))
                continue
            part = self._next(call, above, entry) or _begun(call, entry, told)
            if not part:
                made = made or self._made_parts(call, above, attempt)
                part = made[place]
            parts.append(part)
        return parts

    def _next(self, call: Call, above: Sequence[str], entry: Key) -> str:
        """A key of a kind that has a rule: the next integer, or a UUID; empty for others."""
        said: Any = None
        if entry.kind == "integer" and entry is self._keys[-1]:
            said = self._last(call, above) + 1
        elif entry.kind == "uuid":
            said = call.transaction.new_id()
        if said is None or not self._world.makers.is_valid(entry.schema, said):
            return ""
        return str(said)

    def _made_parts(self, call: Call, above: Sequence[str], attempt: int) -> list[str]:
        number = call.transaction.counter + 1_000 + call.sandbox.turn + attempt
        call.transaction.new_id()
        made = self._world.shelves.made(self._resource, above, number)
        return [unquote(part) for part in made.key.split("/")[len(above) :]]

    def remember(self, call: Call, key: str) -> None:
        """Remember the last of integer keys, before a record of a key is written."""
        name = self._resource.name
        if self._counts and call.transaction.get(name, key) is None:
            own, above = _integer(key), key.split("/")[: len(self._resource.parents)]
            if own is not None and own > self._last(call, above):
                call.transaction.put(name + NUMBERS, self._prefix(above) + "last", own)

    def _prefix(self, above: Sequence[str]) -> str:
        """What the keys begin with that are counted together."""
        return "".join(f"{part}/" for part in above) if self._counts_below_parents else ""

    def _last(self, call: Call, above: Sequence[str]) -> int:
        """The largest integer that was ever a key here."""
        prefix = self._prefix(above)
        kept = call.transaction.get(self._resource.name + NUMBERS, prefix + "last")
        if kept is not None:
            return int(kept.value)
        known = call.transaction.collection(self._resource.name)
        numbers = (
            _integer(key)
            for keys in (known.records, known.tombstones)
            for key in keys
            if key.startswith(prefix)
        )
        return max((number for number in numbers if number is not None), default=0)

    def with_key(self, value: Any, entry: Key, text: str) -> Any:
        """A value that says a part of its key, where it has a member for it."""
        if not entry.property:
            return value
        schema = self._world.property_schema(self._resource, entry.property)
        said = typed(self._world, schema, text)
        return with_value(value, entry.property, text if said is None else said)


def _begun(call: Call, entry: Key, told: Mapping[str, Any]) -> str:
    """A key that begins as a client wants: ``generateName`` beside a ``name``; empty without."""
    above = value_at(told, entry.property[:-1]) if entry.property else None
    if not isinstance(above, dict):
        return ""
    wanted = "generate" + normal(entry.property[-1])
    told_so = (above[name] for name in above if normal(name) == wanted)
    begins = next((each for each in told_so if isinstance(each, str)), "")
    return begins + call.transaction.new_id()[:5] if begins else ""


def _is_number(key: Key) -> bool:
    """Whether a key counts the records below one parent, as the numbers of issues do."""
    said = words(key.property[-1] if key.property else key.parameter)
    return bool(said) and said[-1] in NUMBERED


def _key_in(told: Mapping[str, Any], key: Key) -> Any:
    """The part of a key that a body gives: by its property, or called like its parameter."""
    own = value_at(told, key.property) if key.property else None
    called = normal(key.parameter) if own is None else ""
    if own is None and called not in MAIN_KEYS:
        names = (name for name in told if normal(name) == called)
        own = next((told[name] for name in names if isinstance(told[name], str | int)), None)
    return own


def _integer(key: str) -> int | None:
    own = key.rpartition("/")[2]
    return int(own) if own.isascii() and own.isdigit() and len(own) < 19 else None  # noqa: PLR2004
