"""XML documents as trees of elements and back; no DTD, no entities, bounded."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import NamedTuple
from xml.parsers import expat

from mockserver.engine.media import malformed

MAX_DEPTH = 64
"""Elements inside of each other."""

MAX_NODES = 100_000
"""Elements and attributes of one document; each takes a few hundred bytes once read."""

MAX_PREFIXES = 100
"""Namespace prefixes in force at one place: each element that declares any copies them."""

XSI = "http://www.w3.org/2001/XMLSchema-instance"
_XML = "http://www.w3.org/XML/1998/namespace"
_XMLNS = "xmlns"

_START = "A-Z_a-zÀ-ÖØ-öø-˿Ͱ-ͽͿ-῿\u200c\u200d⁰-↏Ⰰ-⿯、-\ud7ff豈-﷏ﷰ-\ufffd\U00010000-\U000effff"
_NAME = re.compile(f"[{_START}][{_START}.0-9·\u0300-\u036f\u203f\u2040-]*")
_FORBIDDEN = re.compile("[^\t\n\r -\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_IN_TEXT = str.maketrans({"&": "&amp;", "<": "&lt;", ">": "&gt;", "\r": "&#13;"})
_IN_ATTRIBUTE = _IN_TEXT | str.maketrans({'"': "&quot;", "\n": "&#10;", "\t": "&#9;"})


class Name(NamedTuple):
    """The name of an element or an attribute; ``namespace`` is a URI, empty for none."""

    local: str
    namespace: str = ""
    prefix: str = ""


NIL = Name("nil", XSI, "xsi")
"""The attribute of an element that stands for null (XML Schema Part 1, section 2.6.2)."""


@dataclass(slots=True)
class Element:
    """An element; ``text`` is all of its own text, attributes exclude namespace declarations."""

    name: Name
    attributes: dict[Name, str] = field(default_factory=dict)
    children: list[Element] = field(default_factory=list)
    text: str = ""


def parse_xml(data: bytes) -> Element:
    """The root element of an XML document (XML 1.0, Namespaces in XML 1.0).

    A prefix that is bound to nothing is kept without a namespace. Raises ApiError 400 for what
    is not well-formed, for a document type declaration, and past :data:`MAX_DEPTH`,
    :data:`MAX_NODES` and :data:`MAX_PREFIXES`.
    """
    builder = _Builder()
    parser = expat.ParserCreate()
    parser.buffer_text = True
    parser.StartElementHandler = builder.start
    parser.EndElementHandler = builder.end
    parser.CharacterDataHandler = builder.data
    # Entities are declared in a DTD and nowhere else: without one, nothing expands or is fetched.
    parser.StartDoctypeDeclHandler = builder.doctype
    try:
        parser.Parse(data, True)
    except (expat.ExpatError, ValueError, LookupError) as error:
        raise malformed("an XML document without DTD", str(error)) from None
    return builder.root


class _Builder:
    """Takes the events of a parser, makes the tree."""

    def __init__(self) -> None:
        self._open: list[tuple[Element, Mapping[str, str], list[str]]] = []
        self._nodes = 0
        self.root = Element(Name(""))

    def doctype(self, *_: object) -> None:
        raise malformed("an XML document without DTD", "a document type declaration")

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        self._nodes += 1 + len(attributes)
        if self._nodes > MAX_NODES:
            raise malformed(f"at most {MAX_NODES} elements and attributes", "more")
        if len(self._open) >= MAX_DEPTH:
            raise malformed(f"at most {MAX_DEPTH} levels of elements", "more")
        scope = _scope(self._open[-1][1] if self._open else {"xml": _XML}, attributes)
        named = {
            (_name(name, scope) if ":" in name else Name(name)): value
            for name, value in attributes.items()
            if name.partition(":")[0] != _XMLNS
        }
        element = Element(_name(tag, scope), named)
        if self._open:
            self._open[-1][0].children.append(element)
        else:
            self.root = element
        self._open.append((element, scope, []))

    def data(self, text: str) -> None:
        self._open[-1][2].append(text)

    def end(self, tag: str) -> None:
        element, _, texts = self._open.pop()
        element.text = "".join(texts)


def _scope(outer: Mapping[str, str], attributes: Mapping[str, str]) -> Mapping[str, str]:
    """The namespaces by prefix that an element's declarations leave in force."""
    own = {
        name.partition(":")[2]: value
        for name, value in attributes.items()
        if name.partition(":")[0] == _XMLNS
    }
    if not own:
        return outer
    if len(outer) + len(own) > MAX_PREFIXES:
        raise malformed(f"at most {MAX_PREFIXES} namespace prefixes", "more")
    return {**outer, **own}


def _name(tag: str, scope: Mapping[str, str]) -> Name:
    prefix, _, local = tag.rpartition(":")
    return Name(local, scope.get(prefix, ""), prefix)


def write_xml(root: Element) -> bytes:
    """The document of an element, in UTF-8.

    A prefix is declared where its namespace is; one without a namespace is used where an outer
    element declares it, and left out elsewhere. Raises ValueError for names and characters that
    XML does not have.
    """
    head = '<?xml version="1.0" encoding="UTF-8"?>\n'
    return (head + "".join(_written(root, {"xml": _XML}))).encode()


def _written(element: Element, outer: Mapping[str, str]) -> Iterator[str]:
    scope = _Scope(outer)
    tag = scope.qualified(element.name)
    # An attribute in a namespace needs a prefix: the default namespace is one of elements.
    named = {scope.qualified(name, "ns"): value for name, value in element.attributes.items()}
    declared = {f"{_XMLNS}:{prefix}" if prefix else _XMLNS: u for prefix, u in scope.new.items()}
    yield f"<{tag}"
    for name, value in {**declared, **named}.items():
        yield f' {name}="{_checked(value).translate(_IN_ATTRIBUTE)}"'
    if not element.text and not element.children:
        yield "/>"
        return
    yield ">" + _checked(element.text).translate(_IN_TEXT)
    for child in element.children:
        yield from _written(child, scope.known)
    yield f"</{tag}>"


class _Scope:
    """The namespaces known at one element, and those that are new with it."""

    def __init__(self, outer: Mapping[str, str]) -> None:
        self.known = dict(outer)
        self.new: dict[str, str] = {}
        self._used = {"xml", _XMLNS}

    def qualified(self, name: Name, default: str = "") -> str:
        """A name with the prefix of its namespace, ``default`` where it has none of its own."""
        prefix = name.prefix if name.prefix in self.known else ""
        if name.namespace:
            prefix = self._prefix(name.prefix or default, name.namespace)
        self._used.add(prefix)
        return _joined(prefix, name.local)

    def _prefix(self, wanted: str, namespace: str) -> str:
        """A prefix for a namespace, declared if it must be; what is in use keeps its meaning."""
        prefix, number = wanted, 0
        while prefix in self._used and self.known.get(prefix) != namespace:
            number += 1
            prefix = f"{wanted}{number}"
        if self.known.get(prefix) != namespace:
            self.known[prefix] = self.new[prefix] = namespace
        return prefix


def _joined(prefix: str, local: str) -> str:
    for part in (prefix, local) if prefix else (local,):
        if not _NAME.fullmatch(part):
            raise ValueError(f"{part!r} is no name in XML")
    return f"{prefix}:{local}" if prefix else local


def _checked(text: str) -> str:
    found = _FORBIDDEN.search(text)
    if found:
        raise ValueError(f"XML has no character {found.group()!r}")
    return text
