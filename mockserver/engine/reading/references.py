"""References to anywhere made references within one document."""

from __future__ import annotations

import contextlib
import re
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple
from urllib.parse import unquote, urlsplit

from mockserver.engine.reading.documents import MAX_DEPTH, Remark
from mockserver.engine.reading.grammar import (
    OPENAPI,
    SECTIONS,
    SWAGGER,
    SWAGGER_SECTIONS,
    children,
)
from mockserver.engine.reading.library import Library, Resource, Unresolvable
from mockserver.errors import Problem, StartupError, pointer_to

MAX_COPIED = 2_000_000
"""Values that may be brought in from elsewhere, all together."""

ELSEWHERE = "x-referenced"
"""The member of the document under which stands what belongs in no section."""

_LEGAL = re.compile(r"[A-Za-z0-9._-]+\Z")
_ILLEGAL = re.compile(r"[^A-Za-z0-9._-]+")
_LONGEST_NAME = 60
_STRUCTURE = frozenset(
    (*SECTIONS.values(), *SWAGGER_SECTIONS.values(), "components", "paths", "properties",
     "content", "schema", "items", "$defs", "application/json", "allOf", "anyOf", "oneOf")
)  # fmt: skip
_EMPTY: Mapping[str, Any] = {"schema": {}, "response": {"description": ""}}
_DYNAMIC = ("$dynamicRef", "$recursiveRef")
_MAX_INLINED = 30
_DROPPED: Any = object()


class _Task(NamedTuple):
    """An entry that was copied into a section, and still has the references of its origin."""

    section: str
    name: str
    kind: str
    origin: Resource


def bundle(root: Resource, library: Library, tell: Callable[[Remark], None]) -> Any:
    """The document of a resource with everything in it that it refers to, changed in place.

    Every reference then begins with ``#/``. One to a schema, parameter and so on leads to an
    entry of the section of its kind, whose name has letters, digits, ``.``, ``_`` and ``-`` only;
    what is of no such kind stands where it was referred to, or, where it holds itself, under
    ``x-referenced``. What cannot be found is told and is then empty, or gone. ``$id``,
    ``$anchor`` and ``$dynamicRef`` are resolved (JSON Schema 2020-12, section 8.2).

    Raises StartupError when what is brought in is larger than any description.
    """
    return _Bundler(root, library, tell).bundle()


class _Bundler:
    def __init__(self, root: Resource, library: Library, tell: Callable[[Remark], None]) -> None:
        swagger = "swagger" in root.value and "openapi" not in root.value
        self._root = root
        self._library = library
        self._tell = tell
        self._grammar = SWAGGER if swagger else OPENAPI
        self._sections = SWAGGER_SECTIONS if swagger else SECTIONS
        self._prefix: tuple[str, ...] = () if swagger else ("components",)
        self._names: dict[tuple[str, str, tuple[str, ...]], str] = {}
        self._taken: dict[str, set[str]] = {}
        self._renamed: dict[str, dict[str, str]] = {}
        self._waiting: list[_Task] = []
        # Apart until the end, or the walk over the document would meet them as its own.
        self._brought: dict[str, dict[str, Any]] = {}
        self._holes: list[list[Any]] = []
        self._inside: list[tuple[str, tuple[str, ...]]] = []
        self._copied = 0
        self._path: list[Any] = []

    def bundle(self) -> Any:
        document = self._root.value
        self._name_sections()
        self._walk(document, "document", self._root)
        while self._waiting:
            task = self._waiting.pop()
            self._path = list(task.origin.steps)
            entries = self._brought[task.section]
            made = self._visited(entries[task.name], task.kind, task.origin)
            self._put(entries, task.name, made)
        for holed in self._holes:
            holed[:] = [item for item in holed if item is not _DROPPED]
        self._rename()
        for section, entries in self._brought.items():
            self._section(section, make=True).update(entries)
        return document

    # Sections and the names in them.

    def _section(self, section: str, *, make: bool = False) -> dict[str, Any]:
        place: dict[str, Any] = self._root.value
        for step in (*self._prefix, section) if section != ELSEWHERE else (section,):
            found = place.get(step)
            if not isinstance(found, dict):
                found = {}
                if make:
                    place[step] = found
            place = found
        return place

    def _name_sections(self) -> None:
        """Give legal names to what has others (OpenAPI 3.0.3, Components Object)."""
        for section in self._sections.values():
            entries = self._section(section)
            self._taken[section] = self._names_in(section)
            for name in entries:
                if not _LEGAL.match(name) and name != "$ref":
                    pointer = (*self._prefix, section, name)
                    new = self._free(section, _ILLEGAL.sub("_", name).strip("_") or section)
                    self._names[section, self._root.uri, pointer] = new
                    self._renamed.setdefault(section, {})[name] = new
                    self._remark(pointer, "component-name", f"{name!r} is now called {new!r}")

    def _names_in(self, section: str) -> set[str]:
        """The names in a section, wherever the section itself stands."""
        found = self._root
        with contextlib.suppress(Unresolvable):
            found = self._library.find("#" + pointer_to((*self._prefix, section)), found)
            while isinstance(found.value, dict) and isinstance(found.value.get("$ref"), str):
                found = self._library.settled(self._library.find(found.value["$ref"], found))
            return set(found.value) if isinstance(found.value, dict) else set()
        return set()

    def _rename(self) -> None:
        for section, names in self._renamed.items():
            entries = self._section(section)
            changed = {names.get(name, name): entry for name, entry in entries.items()}
            entries.clear()
            entries.update(changed)

    def _free(self, section: str, name: str, file: str = "") -> str:
        """A name that nothing has yet in a section."""
        taken = self._taken.setdefault(section, set())
        name = name[-_LONGEST_NAME:]
        made, number = name, 1
        if made in taken and file:
            made = name = f"{file}_{name}"
        while made in taken:
            number += 1
            made = f"{name}_{number}"
        taken.add(made)
        return made

    def _remark(self, pointer: Any, rule: str, message: str, source: str = "") -> None:
        self._tell(Remark(source or self._root.label, pointer_to(pointer), rule, message))

    # The walk.

    def _walk(self, value: Any, kind: str, base: Resource) -> None:
        if len(self._path) > MAX_DEPTH:
            raise self._too_large("nests more than 200 levels deep")
        if kind == "schema" and isinstance(value, dict):
            base = self._schema(value, base)
        elif kind == "mapping" and isinstance(value, dict):
            self._mapping(value, base)
        for step, child, inner in children(self._grammar, value, kind):
            self._path.append(step)
            made = self._visited(child, inner, base)
            self._path.pop()
            if made is not child:
                self._put(value, step, made)

    def _put(self, parent: Any, step: Any, value: Any) -> None:
        if value is not _DROPPED or isinstance(parent, list):
            parent[step] = value
            if value is _DROPPED:
                self._holes.append(parent)
        else:
            del parent[step]

    def _visited(self, value: Any, kind: str, base: Resource) -> Any:
        """What stands for a value once it has no reference to elsewhere."""
        if kind == "schema" and isinstance(value, dict):
            for name in _DYNAMIC:
                if name in value:
                    value.setdefault("$ref", value.pop(name))
        if isinstance(value, dict) and isinstance(value.get("$ref"), str):
            return self._referring(value, kind, base)
        if kind != "data" and isinstance(value, (dict, list)):
            self._walk(value, kind, base)
        return value

    def _schema(self, value: dict[str, Any], base: Resource) -> Resource:
        """The base within a schema."""
        identifier = value.get("$id")
        return base.identified(identifier) if isinstance(identifier, str) else base

    def _mapping(self, value: dict[str, Any], base: Resource) -> None:
        """The targets of a discriminator: names of components or references."""
        for name, target in list(value.items()):
            try:
                value[name] = self._mapped(str(target), base)
            except Unresolvable as error:
                del value[name]
                message = f"{target!r} leads nowhere ({error}): dropped"
                self._remark((*self._path, name), "discriminator-mapping", message, base.label)

    def _mapped(self, target: str, base: Resource) -> str:
        if "#" in target or "/" in target:
            return self._placed("schema", self._library.find(target, base))
        local = base.uri == self._root.uri
        if local and _LEGAL.match(target) and target in self._section("schemas"):
            return target
        for section in ("/components/schemas", "/definitions"):
            with contextlib.suppress(Unresolvable):
                name = pointer_to((target,))
                return self._placed("schema", self._library.find(f"#{section}{name}", base))
        if "." not in target:
            raise Unresolvable("there is no such schema")
        return self._placed("schema", self._library.find(target, base))

    # References.

    def _referring(self, value: dict[str, Any], kind: str, base: Resource) -> Any:
        """What stands for an object that has a reference."""
        if kind == "data" and len(value) > 1:
            return value
        try:
            found = self._library.find(value["$ref"], base)
            if kind not in self._sections and not self._kept(kind, found):
                return self._inlined(value, found, kind, base)
            value["$ref"] = self._placed(kind, found)
        except Unresolvable as error:
            return value if kind == "data" else self._unresolved(value, kind, base, error)
        if len(value) > 1:  # what stands beside counts in OpenAPI 3.1
            self._walk(value, kind, base)
        return value

    def _kept(self, kind: str, found: Resource) -> bool:
        """Whether a reference in an extension stays one: nobody knows where copying would end."""
        return kind == "extension" and (found.uri == self._root.uri or _refers(found.value))

    def _unresolved(self, value: dict[str, Any], kind: str, base: Resource, why: Exception) -> Any:
        reference = value.pop("$ref")
        empty = {} if kind[0] == "{" else _EMPTY.get(kind, _DROPPED)
        made = "nothing stands" if empty is _DROPPED else "an empty one stands"
        message = f"the reference to {reference!r} leads nowhere ({why}): {made} there now"
        self._remark(self._path, "unresolvable-reference", message, base.label)
        if empty is _DROPPED:
            return _DROPPED
        self._walk(value, kind, base)
        return {**empty, **value}

    def _placed(self, kind: str, found: Resource) -> str:
        """The pointer, with ``#``, to where something found stands in the document."""
        local = found.uri == self._root.uri
        direct = not any(step.isdigit() for step in found.steps)
        if kind == "extension" and local and self._prefix and direct:
            if not found.steps:
                raise Unresolvable("it holds itself")
            return "#" + pointer_to(self._called(found.steps))
        section = self._sections.get(kind, ELSEWHERE)
        prefix = () if section == ELSEWHERE else self._prefix
        key = (section, found.uri, found.steps)
        name = self._names.get(key)
        if name is None:
            self._library.settled(found)
            if local and found.steps[:-1] == (*prefix, section):
                name = found.steps[-1]
            else:
                name = self._copied_in(section, kind, found)
            self._names[key] = name
        return "#" + pointer_to((*prefix, section, name))

    def _called(self, steps: tuple[str, ...]) -> tuple[str, ...]:
        """The steps to a place in the document once all names are legal."""
        depth = len(self._prefix)
        if steps[:depth] != self._prefix or len(steps) < depth + 2:
            return steps
        section, name, *rest = steps[depth:]
        return (*self._prefix, section, self._renamed.get(section, {}).get(name, name), *rest)

    def _copied_in(self, section: str, kind: str, found: Resource) -> str:
        """The name of a new entry for something that stands elsewhere."""
        file = "" if found.uri == self._root.uri else _stem(found.uri)
        readable = [s for s in found.steps if s not in _STRUCTURE and not s.isdigit()]
        plain = "_".join(_ILLEGAL.sub("_", step).strip("_") for step in readable)
        name = self._free(section, plain.strip("_") or file or kind, file)
        self._brought.setdefault(section, {})[name] = self._copy(found.value)
        prefix = () if section == ELSEWHERE else self._prefix
        self._library.bring((*prefix, section, name), found)
        self._waiting.append(_Task(section, name, kind, found))
        return name

    def _inlined(self, value: dict[str, Any], found: Resource, kind: str, base: Resource) -> Any:
        """A copy of what was found, with what stands beside the reference laid over it."""
        key = (found.uri, found.steps)
        around = tuple(map(str, self._path[: len(found.steps)]))
        within = found.uri == base.uri and around == found.steps
        if within or key in self._inside or len(self._inside) > _MAX_INLINED:
            if kind == "unknown" and found.steps:
                return {"$ref": self._placed("extension", found)}
            raise Unresolvable("it holds itself")
        self._inside.append(key)
        path, self._path = self._path, list(found.steps)
        made = self._visited(_example(self._copy(found.value), kind, found), kind, found)
        self._path = path
        self._inside.pop()
        if isinstance(made, dict) and len(value) > 1:
            beside = {name: item for name, item in value.items() if name != "$ref"}
            self._walk(beside, kind, base)
            return {**made, **beside}
        return made

    def _copy(self, value: Any) -> Any:
        self._copied += 1
        if self._copied > MAX_COPIED:
            raise self._too_large(f"refers to more than {MAX_COPIED} values")
        if isinstance(value, dict):
            return {name: self._copy(item) for name, item in value.items()}
        if isinstance(value, list):
            return [self._copy(item) for item in value if item is not _DROPPED]
        return value

    def _too_large(self, what: str) -> StartupError:
        return StartupError([Problem(self._root.label, pointer_to(self._path), f"it {what}")])


def _refers(value: Any) -> bool:
    """Whether there is any reference in a value, so that copying it may have no end."""
    waiting = [value]
    while waiting:
        part = waiting.pop()
        if isinstance(part, dict):
            if "$ref" in part:
                return True
            waiting.extend(part.values())
        elif isinstance(part, list):
            waiting.extend(part)
    return False


def _stem(uri: str) -> str:
    file = unquote(urlsplit(uri).path).rsplit("/", 1)[-1].split(".", 1)[0]
    return _ILLEGAL.sub("_", file).strip("_")


def _example(value: Any, kind: str, found: Resource) -> Any:
    """The value of an Example Object where an example itself is meant."""
    shared = kind == "data" and found.steps[-2:-1] == ("examples",)
    return value["value"] if shared and isinstance(value, dict) and "value" in value else value
