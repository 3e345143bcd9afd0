"""Where a reference leads: documents by their URIs, and what is in them by pointer or anchor."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import unquote, urldefrag, urljoin

_DATA = frozenset(("example", "examples", "default", "enum", "const", "value"))
_HOPS = 100
"""References that may follow each other."""


class Unresolvable(Exception):
    """A reference leads nowhere; the message says why."""


@dataclass(frozen=True, slots=True)
class Resource:
    """A place in a document: its URI and steps, the value there, and what URIs are relative to.

    ``base`` is the document's own URI, or what the nearest ``$id`` around the place, not at it,
    says (JSON Schema 2020-12, section 8.2.1). ``label`` is the document's name for people.
    """

    uri: str
    label: str
    base: str
    value: Any
    steps: tuple[str, ...] = ()

    def identified(self, identifier: str) -> Resource:
        """The same place below a ``$id``; one that is no URI is ignored."""
        try:
            return replace(self, base=_joined(self.base, identifier))
        except Unresolvable:
            return self

    def member(self, step: str) -> Resource:
        """The place one step further. Raises Unresolvable."""
        value = self.value
        if isinstance(value, dict) and step in value:
            found = value[step]
        elif isinstance(value, list) and step.isdecimal() and int(step) < len(value):
            found = value[int(step)]
        else:
            raise Unresolvable(f"there is no {step!r}")
        identifier = value.get("$id") if isinstance(value, dict) else None
        place = self.identified(identifier) if isinstance(identifier, str) else self
        return Resource(self.uri, self.label, place.base, found, (*self.steps, step))


def document_at(uri: str, label: str, value: Any) -> Resource:
    """A whole document."""
    return Resource(uri, label, uri, value)


def steps_of(pointer: str) -> tuple[str, ...]:
    """The steps of a JSON pointer (RFC 6901, section 4)."""
    return tuple(s.replace("~1", "/").replace("~0", "~") for s in pointer.split("/")[1:])


def _joined(base: str, reference: str) -> str:
    try:
        return urldefrag(urljoin(base, reference)).url
    except ValueError as error:
        raise Unresolvable(f"no URI: {error}") from error


class Library:
    """The documents of one description. ``load`` reads one by its URI, or says why it cannot.

    It returns the document and its name for people, and raises OSError or ValueError.
    """

    def __init__(self, root: Resource, load: Callable[[str], tuple[Any, str]]) -> None:
        self._load = load
        self._root = root
        self._brought: dict[tuple[str, ...], Resource] = {}
        self._documents: dict[str, Resource | str] = {root.uri: root}
        self._identified: dict[str, Resource] = {}
        self._anchors: dict[tuple[str, str], Resource] = {}
        self._hops = 0
        if not str(root.value.get("openapi", "3.0")).startswith("3.0"):
            self._index(root)

    def find(self, reference: str, base: Resource) -> Resource:
        """What a reference leads to from a place. Raises Unresolvable."""
        file, _, fragment = reference.strip().partition("#")
        self._hops += 1
        try:
            if self._hops > _HOPS:
                raise Unresolvable("references that lead to each other")
            return self._first(file, unquote(fragment), base)
        finally:
            self._hops -= 1

    def bring(self, steps: tuple[str, ...], origin: Resource) -> None:
        """Say what will stand at a place of the root that is not there yet."""
        self._brought[steps] = origin

    def settled(self, found: Resource) -> Resource:
        """The same, made sure that references there lead to something. Raises Unresolvable."""
        reached, hops = found, 0
        while isinstance(reached.value, dict) and isinstance(reached.value.get("$ref"), str):
            reached = self.find(reached.value["$ref"], reached)
            hops += 1
            if hops > _HOPS:
                raise Unresolvable("references that lead to each other")
        return found

    def _first(self, file: str, fragment: str, base: Resource) -> Resource:
        reasons = []
        for resource in self._candidates(file, base):
            try:
                if isinstance(resource, Resource):
                    return self._within(resource, fragment)
                reasons.append(resource)
            except Unresolvable as error:
                reasons.append(str(error))
        raise Unresolvable(reasons[0])

    def _candidates(self, file: str, base: Resource) -> Iterator[Resource | str]:
        """The resources a reference may mean: by ``$id`` first, then by where the files are."""
        absolute = _joined(base.base, file) if file else base.base
        if absolute in self._identified:
            yield self._identified[absolute]
        uri = _joined(base.uri, file.replace("\\", "/")) if file else base.uri
        yield self._document(uri)
        if absolute not in (uri, base.base):
            yield self._document(absolute)

    def _document(self, uri: str) -> Resource | str:
        """A document, or why there is none."""
        known = self._documents.get(uri)
        if known is None:
            known = self._documents[uri] = self._loaded(uri)
            if isinstance(known, Resource):
                self._index(known)
        return known

    def _loaded(self, uri: str) -> Resource | str:
        try:
            value, label = self._load(uri)
        except (OSError, ValueError) as error:
            return (isinstance(error, OSError) and error.strerror) or str(error)
        if not isinstance(value, (dict, list)):
            return "it holds neither an object nor a list"
        return document_at(uri, label, value)

    def _within(self, resource: Resource, fragment: str) -> Resource:
        if fragment and not fragment.startswith("/"):
            inner = resource.value.get("$id") if isinstance(resource.value, dict) else None
            base = resource.identified(inner).base if isinstance(inner, str) else resource.base
            anchor = self._anchors.get((base, fragment))
            if anchor is not None:
                return anchor
            # Many forget the slash: "#components/schemas/A".
            fragment = "/" + fragment
        return self._descended(resource, steps_of(fragment))

    def _descended(self, found: Resource, steps: tuple[str, ...]) -> Resource:
        """What stands at a pointer; references on the way are followed."""
        hops = 0
        if found.uri == self._root.uri and not found.steps:
            for length in (2, 3):
                if steps[:length] in self._brought:
                    found, steps = self._brought[steps[:length]], steps[length:]
                    break
        for step in steps:
            while isinstance(found.value, dict) and step not in found.value and hops < _HOPS:
                reference = found.value.get("$ref")
                if not isinstance(reference, str):
                    break
                hops += 1
                found = self.find(reference, found)
            found = found.member(step)
        return found

    def _index(self, document: Resource) -> None:
        """Note what has an ``$id`` or anchor of its own."""
        waiting = [document]
        while waiting:
            place = waiting.pop()
            value, within = place.value, place.base
            if isinstance(value, dict):
                within = self._noted(place)
                named = ((n, item) for n, item in value.items() if n not in _DATA)
            else:
                named = ((str(n), item) for n, item in enumerate(value))
            for step, item in named:
                if isinstance(item, (dict, list)):
                    steps = (*place.steps, step)
                    waiting.append(Resource(place.uri, place.label, within, item, steps))

    def _noted(self, place: Resource) -> str:
        """What URIs are relative to within a place."""
        base = place.base
        identifier = place.value.get("$id")
        if isinstance(identifier, str):
            base = place.identified(identifier).base
            self._identified.setdefault(base, place)
        for name in ("$anchor", "$dynamicAnchor"):
            anchor = place.value.get(name)
            if isinstance(anchor, str):
                self._anchors.setdefault((base, anchor), place)
        return base
