"""XML bodies as JSON values and back, by schemas and their ``xml`` (OpenAPI 3.0.3, XML Object)."""

from __future__ import annotations

import json
from collections.abc import Container, Iterable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from mockserver.engine.media import malformed
from mockserver.engine.spec import Schema
from mockserver.engine.wire.shapes import ANY, SCALARS, Shape, Shapes, kind_of
from mockserver.engine.wire.texts import scalars
from mockserver.engine.wire.xml_tree import MAX_DEPTH, NIL, XSI, Element, Name, parse_xml, write_xml

ROOT = "root"
"""The name of a root element for which nothing says any."""

_NOTES = frozenset((XSI, "http://www.w3.org/XML/1998/namespace"))
"""Namespaces of attributes that say how to read an element, and are no part of its value."""


def is_xml(media_type: str) -> bool:
    """Whether a media type is XML or has its suffix (RFC 7303, section 9)."""
    return media_type in ("application/xml", "text/xml") or media_type.endswith("+xml")


def decode_xml(data: bytes, schema: Schema, shapes: Shapes, name: str = "") -> Any:
    """The JSON value of an XML document.

    ``name`` is that of the root element where the schema says none (``xml``, or the component
    it refers to); of a schema that has none either, any root is taken. What the schema does not
    know is kept, for it to be judged; text beside elements is not. Raises ApiError 400 for what
    is no XML, and for another root.
    """
    root = parse_xml(data)
    names = [_name(shape, name or shape.component) for shape in shapes.of(schema)]
    if all(known.local for known in names) and not any(_is(root.name, known) for known in names):
        expected = " or ".join(sorted({_shown(known) for known in names}))
        raise malformed(f"the element {expected}", _shown(root.name))
    return _Reader(shapes).read(schema, root)


def encode_xml(value: Any, schema: Schema, shapes: Shapes, name: str = "") -> bytes:
    """A JSON value as an XML document, its root named as :func:`decode_xml` has it.

    Null is ``xsi:nil``, and no attribute. Raises ValueError for what XML cannot hold: control
    characters, names with spaces, more than :data:`MAX_DEPTH` levels.
    """
    return write_xml(_Writer(shapes).root(value, schema, name))


def _shown(name: Name) -> str:
    return f"<{name.local}> of {name.namespace}" if name.namespace else f"<{name.local}>"


def _name(shape: Shape, default: str) -> Name:
    """The name that a schema gives its element or attribute."""
    prefix, _, local = (shape.xml.get("name") or default).rpartition(":")
    return Name(local, shape.xml.get("namespace", ""), shape.xml.get("prefix") or prefix)


def _is(found: Name, name: Name) -> bool:
    """Whether a name is the one described; one without a namespace is met in any."""
    return found.local == name.local and _in(found, name.namespace)


def _in(name: Name, namespace: str) -> bool:
    return not namespace or name.namespace == namespace


class _Place(NamedTuple):
    """Where a property stands: in an attribute, or in elements of some names.

    ``lists`` are the alternatives that are arrays without a wrapper, an element each item.
    """

    attribute: Name | None
    elements: Sequence[Name]
    lists: Sequence[Shape]
    only_lists: bool = False


def _place(shapes: Shapes, name: str, schema: Schema) -> _Place:
    elements: list[Name] = []
    others = False
    for shape in shapes.of(schema):
        if shape.xml.get("attribute") and shape.read_as & SCALARS:
            return _Place(_name(shape, name), (), ())
        if _is_bare_list(shape):
            elements += _item_names(shapes, shape, name)
        else:
            others = True
            elements.append(_name(shape, name))
    lists = [shape for shape in shapes.of(schema) if _is_bare_list(shape)]
    return _Place(None, elements or [Name(name)], lists, not others)


def _any_place(shapes: Shapes, name: str, schema: Schema) -> _Place:
    """Where a member stands that no property declares: its name is the only one it has."""
    lists = [shape for shape in shapes.of(schema) if _is_bare_list(shape)]
    return _Place(None, [Name(name)], lists, len(lists) == len(shapes.of(schema)))


def _is_bare_list(shape: Shape) -> bool:
    return "array" in shape.read_as and not shape.xml.get("wrapped")


def _item_names(shapes: Shapes, shape: Shape, default: str) -> list[Name]:
    return [_name(item, default) for item in shapes.of(shape.item(0))] or [Name(default)]


class _Reader:
    """Reads the elements of one document; an element is read once by each schema."""

    def __init__(self, shapes: Shapes) -> None:
        self._shapes = shapes
        self._known: dict[tuple[int, int], Any] = {}
        self._places: dict[tuple[str, int], _Place] = {}

    def read(self, schema: Schema, element: Element) -> Any:
        """The value of an element, of several the one that the schema accepts."""
        key = (id(schema), id(element))
        if key not in self._known:
            self._known[key] = self._shapes.chosen(schema, self._values(schema, element))
        return self._known[key]

    def _values(self, schema: Schema, element: Element) -> Iterator[Any]:
        if element.attributes.get(NIL) in ("true", "1"):
            yield None
            return
        found = False
        for value in self._readings(schema, element) if schema is not ANY else ():
            found = True
            yield value
        if not found:
            yield self._free(element)

    def _readings(self, schema: Schema, element: Element) -> Iterator[Any]:
        is_leaf = not element.children and not _told(element)
        kinds = self._shapes.kinds(schema)
        if is_leaf:
            yield from _typed(element.text, kinds)
        for shape in self._fitting(schema, element):
            if "array" in shape.read_as:
                if self._holds_items(shape, element):
                    yield self._items(shape, element.children)
            elif "object" in shape.read_as and (element.children or not element.text.strip()):
                yield self._object(shape, element)
        if is_leaf and "null" in kinds and not element.text.strip():
            yield None

    def _fitting(self, schema: Schema, element: Element) -> Sequence[Shape]:
        """The alternatives that are named as the element is, or all when none of them is."""
        shapes = self._shapes.of(schema)
        named = [s for s in shapes if not s.xml.get("name") or _is(element.name, _name(s, ""))]
        return named or shapes

    def _holds_items(self, shape: Shape, element: Element) -> bool:
        names = _item_names(self._shapes, shape, element.name.local)
        names += [Name(item.component) for item in self._shapes.of(shape.item(0))]
        return not element.text.strip() and all(
            any(_is(child.name, name) for name in names) for child in element.children
        )

    def _items(self, shape: Shape, elements: Iterable[Element]) -> list[Any]:
        return [self.read(shape.item(index), element) for index, element in enumerate(elements)]

    def _object(self, shape: Shape, element: Element) -> dict[str, Any]:
        rest = _Rest(element)
        made = {}
        for name, schema in shape.properties.items():
            place = self._place(name, schema)
            values = list(self._member(schema, place, rest))
            if not values and place.lists and name in shape.required:
                values = [[]]  # without a wrapper, an empty array leaves no trace
            if values:
                made[name] = self._shapes.chosen(schema, iter(values))
        # A namesake of a property that stands elsewhere is not that property.
        for name in rest.names(without=shape.properties):
            schema = shape.member(name) or ANY
            values = list(self._other(schema, name, rest))
            made[name] = self._shapes.chosen(schema, iter(values))
        return made

    def _other(self, schema: Schema, name: str, rest: _Rest) -> Iterator[Any]:
        """What a member may be that no property describes."""
        found = list(self._member(schema, _any_place(self._shapes, name, schema), rest))
        in_attribute = _Place(Name(name), (), ())
        yield from found or self._member(schema, in_attribute, rest)

    def _place(self, name: str, schema: Schema) -> _Place:
        key = (name, id(schema))
        if key not in self._places:
            self._places[key] = _place(self._shapes, name, schema)
        return self._places[key]

    def _member(self, schema: Schema, place: _Place, rest: _Rest) -> Iterator[Any]:
        """What a property may be, nothing when it is not there."""
        if place.attribute is not None:
            text = rest.attribute(place.attribute)
            if text is not None:
                yield from list(_typed(text, self._shapes.kinds(schema))) or [text]
            return
        elements = rest.elements(place.elements)
        if len(elements) == 1 and (not place.only_lists or NIL in elements[0].attributes):
            yield self.read(schema, elements[0])
        if elements:
            yield from (self._items(shape, elements) for shape in place.lists)
        if len(elements) > 1 and not place.lists:
            yield [self.read(ANY, element) for element in elements]

    def _free(self, element: Element) -> Any:
        """The value of an element that is nothing of what its schema says."""
        is_object = element.children or _told(element)
        return self._object(Shape(), element) if is_object else element.text


class _Rest:
    """What of an element no property has taken yet."""

    def __init__(self, element: Element) -> None:
        self._attributes = dict(element.attributes)
        self._children: dict[str, list[Element]] = {}
        for child in element.children:
            self._children.setdefault(child.name.local, []).append(child)

    def names(self, without: Container[str]) -> list[str]:
        """The local names of what is left, but for some."""
        told = (name.local for name in self._attributes if name.namespace not in _NOTES)
        left = dict.fromkeys([*self._children, *told])
        return [name for name in left if name not in without]

    def attribute(self, wanted: Name) -> str | None:
        """The value of an attribute, taken."""
        for name in self._attributes:
            if _is(name, wanted):
                return self._attributes.pop(name)
        return None

    def elements(self, wanted: Iterable[Name]) -> list[Element]:
        """The elements of some names, taken, in the order of the names."""
        found = []
        for name in dict.fromkeys(wanted):
            children = self._children.pop(name.local, [])
            found += [child for child in children if _in(child.name, name.namespace)]
            left = [child for child in children if not _in(child.name, name.namespace)]
            if left:
                self._children[name.local] = left
        return found


def _told(element: Element) -> dict[Name, str]:
    """The attributes that are part of an element's value."""
    return {n: text for n, text in element.attributes.items() if n.namespace not in _NOTES}


def _typed(text: str, kinds: frozenset[str]) -> Iterator[Any]:
    """A text as scalars; around all but strings space does not matter."""
    yield from scalars(text.strip(), kinds - {"string", "null"})
    if "string" in kinds:
        yield text


class _Writer:
    """Makes the elements of values."""

    def __init__(self, shapes: Shapes) -> None:
        self._shapes = shapes

    def root(self, value: Any, schema: Schema, name: str) -> Element:
        shape = self._shape(schema, value)
        return self._element(_name(shape, name or shape.component or ROOT), value, schema, 1)

    def _element(self, name: Name, value: Any, schema: Schema, depth: int) -> Element:
        if depth > MAX_DEPTH:
            raise ValueError(f"more than {MAX_DEPTH} levels of elements")
        element = Element(name)
        if value is None:
            element.attributes[NIL] = "true"
        elif isinstance(value, Mapping):
            shape = self._shape(schema, value)
            for key, member in value.items():
                if key in shape.properties:
                    self._add(element, key, member, shape.properties[key], depth + 1)
                else:
                    made = self._others(key, member, shape.member(key) or ANY, depth + 1)
                    element.children += made
        elif isinstance(value, list | tuple):
            shape = self._shape(schema, value)
            element.children = self._items(name.local, value, shape, depth + 1)
        else:
            element.text = _text(value)
        return element

    def _add(self, owner: Element, key: str, value: Any, schema: Schema, depth: int) -> None:
        """Put a property where its schema says."""
        shape = self._shape(schema, value)
        place = _place(self._shapes, key, schema)
        name = _name(shape, key)
        if place.attribute is not None and not isinstance(value, Mapping | list | tuple):
            if value is not None:
                owner.attributes[place.attribute] = _text(value)
            return
        if isinstance(value, list | tuple) and not shape.xml.get("wrapped"):
            owner.children += self._items(key, value, shape, depth)
            return
        if value is None and place.elements:
            name = place.elements[0]
        owner.children.append(self._element(name, value, schema, depth))

    def _others(self, key: str, value: Any, schema: Schema, depth: int) -> list[Element]:
        """What stands for a member that no property declares, under its own name."""
        shape = self._shape(schema, value)
        if isinstance(value, list | tuple) and not shape.xml.get("wrapped"):
            name = Name(key)
            return [
                self._element(name, item, shape.item(index), depth)
                for index, item in enumerate(value)
            ]
        return [self._element(Name(key), value, schema, depth)]

    def _items(self, default: str, items: Sequence[Any], shape: Shape, depth: int) -> list[Element]:
        made = []
        for index, item in enumerate(items):
            schema = shape.item(index)
            name = _name(self._shape(schema, item), default)
            made.append(self._element(name, item, schema, depth))
        return made

    def _shape(self, schema: Schema, value: Any) -> Shape:
        """The alternative that a value seems to be made by."""
        kind = kind_of(value)
        shapes = [shape for shape in self._shapes.of(schema) if kind in shape.kinds]
        if len(shapes) > 1 and isinstance(value, Mapping):
            return max(shapes, key=lambda shape: self._likeness(shape, value))
        return next(iter(shapes or self._shapes.of(schema)), Shape())

    def _likeness(self, shape: Shape, value: Mapping[str, Any]) -> tuple[bool, int]:
        fitting = (
            kind_of(member) in self._shapes.kinds(shape.member(name) or ANY)
            for name, member in value.items()
            if name in shape.properties
        )
        return shape.required <= value.keys(), sum(fitting)


def _text(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value)
