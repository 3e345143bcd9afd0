"""YAML and JSON files as JSON documents."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import orjson
import yaml

MAX_DEPTH = 200
"""Levels of nesting a document may have."""

MAX_REPEATED = 1_000_000
"""Values that the aliases of a YAML text may repeat, all together."""

_Parser: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)

Tell = Callable[[str, str, str], None]
"""Takes the pointer, the rule and the message of what was repaired."""


@dataclass(frozen=True, slots=True)
class Remark:
    """One thing in a description that is not as it should be, and was read all the same.

    ``source`` names the file or URL, ``pointer`` is a JSON pointer into it, ``rule`` the name of
    the rule that was broken, ``message`` says what came and what was made of it.
    """

    source: str
    pointer: str
    rule: str
    message: str

    def __str__(self) -> str:
        where = f"{self.source} at {self.pointer}" if self.pointer else self.source
        return f"{where}: {self.message} ({self.rule})"


def read_document(path: Path) -> Any:
    """The JSON value that a YAML or JSON file holds.

    Raises OSError when it cannot be read, ValueError when it is neither.
    """
    text = path.read_bytes()
    if path.suffix == ".json":
        return orjson.loads(text)
    return parse_yaml(text)


def _nothing(pointer: str, rule: str, message: str) -> None:
    """Tell nobody."""


def parse_document(text: bytes, tell: Tell = _nothing) -> Any:
    """The JSON value of a JSON or YAML text, whatever its name; small faults are told.

    Raises ValueError when it is neither, or nested more than MAX_DEPTH levels deep.
    """
    text = _as_utf8(text, tell)
    try:
        if text.lstrip()[:1] in (b"{", b"["):
            value = _lenient_json(text, tell)
        else:
            value = _lenient_yaml(text, tell)
    except RecursionError as error:
        raise ValueError(_TOO_DEEP) from error
    _check_depth(value)
    return value


_TOO_DEEP = f"it is nested more than {MAX_DEPTH} levels deep"


def _check_depth(value: Any) -> None:
    level = [value]
    for _ in range(MAX_DEPTH):
        level = [child for parent in level for child in _parts(parent)]
        if not level:
            return
    raise ValueError(_TOO_DEEP)


def _parts(value: Any) -> list[Any]:
    """The objects and lists in an object or list."""
    items = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return [item for item in items if isinstance(item, (dict, list))]


def _as_utf8(text: bytes, tell: Tell) -> bytes:
    """The same text without byte order mark, from whatever encoding it shows to be in."""
    encoding: str = json.detect_encoding(text) if text[:4].strip() else "utf-8"
    try:
        decoded = text.decode(encoding)
    except UnicodeDecodeError:
        encoding = "latin-1"
        decoded = text.decode(encoding)
    if encoding == "utf-8":
        return text
    tell("", "encoding", f"it is not plain UTF-8: read as {encoding}")
    return decoded.encode("utf-8", "replace")


def _lenient_json(text: bytes, tell: Tell) -> Any:
    """The value of a JSON text; control characters, comments and trailing commas are told."""
    try:
        return orjson.loads(text)
    except orjson.JSONDecodeError as error:
        strict = error
    for rule, read in (("lenient-json", _loose_json), ("json-as-yaml", parse_yaml)):
        try:
            value = read(text)
        except (ValueError, RecursionError):
            continue
        tell("", rule, f"it is no strict JSON: {strict}")
        return value
    raise strict


def _loose_json(text: bytes) -> Any:
    value = json.loads(text, strict=False, parse_constant=lambda _: None)
    # A lone surrogate is no character: nothing could send it.
    return orjson.loads(json.dumps(value, ensure_ascii=False).encode("utf-8", "replace"))


_CONTROL = re.compile(rb"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]|\xc2[\x80-\x84\x86-\x9f]")
_TABS = re.compile(rb"^ *\t[ \t]*", re.MULTILINE)


def _lenient_yaml(text: bytes, tell: Tell) -> Any:
    """The value of a YAML text; tabs that indent and control characters are told."""
    try:
        return parse_yaml(text, tell)
    except ValueError as error:
        strict = error
    plain = _CONTROL.sub(b"", text)
    attempts = [("control-characters", plain)]
    attempts += [("tabs", _without_tabs(plain, width)) for width in (2, 4, 8)]
    for rule, changed in attempts:
        if changed != text:
            try:
                value = parse_yaml(changed, tell)
            except ValueError:
                continue
            tell("", rule, f"read without its {rule.replace('-', ' ')}: {strict}")
            return value
    raise strict


def _without_tabs(text: bytes, width: int) -> bytes:
    return _TABS.sub(lambda match: match[0].replace(b"\t", b" " * width), text)


def parse_yaml(text: bytes, tell: Tell = _nothing) -> Any:
    """The JSON value of a YAML text.

    Scalars are resolved by YAML 1.2's core schema (section 10.3.2), so that dates stay text and
    ``no`` is a word, and keys are the text that was written (OpenAPI 3.0.3, Format). Of a key
    written twice the last is taken, and told. Raises ValueError, also when aliases repeat more
    than MAX_REPEATED values or one holds itself.
    """
    parser = _Parser(text)
    try:
        return _Builder(parser, tell).document()
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        where = f" in line {mark.line + 1}, column {mark.column + 1}" if mark else ""
        raise ValueError(f"{error.problem or error.context}{where}") from error
    except yaml.reader.ReaderError as error:
        raise ValueError(str(error.reason)) from error
    except yaml.YAMLError as error:
        raise ValueError(str(error)) from error
    except RecursionError as error:
        raise ValueError(_TOO_DEEP) from error
    finally:
        parser.dispose()


class _Builder:
    """Makes values of a parser's events, without the nodes and tags of the loaders."""

    def __init__(self, parser: Any, tell: Tell) -> None:
        self._event = parser.get_event
        self._tell = tell
        self._anchors: dict[str, Any] = {}
        self._repeated = 0
        self._steps: list[str] = []

    def document(self) -> Any:
        """The value of the only document, None when there is none."""
        self._event()  # the stream begins
        if isinstance(self._event(), yaml.StreamEndEvent):
            return None
        value = self._node(self._event())
        self._event()  # the document ends
        event = self._event()
        if not isinstance(event, yaml.StreamEndEvent):
            raise _error("expected a single document", event)
        return value

    def _node(self, event: Any) -> Any:
        kind = type(event)
        if kind is yaml.ScalarEvent:
            value = self._scalar(event)
        elif kind is yaml.AliasEvent:
            return self._copy(self._anchored(event))
        else:
            self._check_tag(event)
            value = self._mapping() if kind is yaml.MappingStartEvent else self._sequence()
        if event.anchor is not None:
            self._anchors[event.anchor] = value
        return value

    def _anchored(self, event: Any) -> Any:
        if event.anchor not in self._anchors:
            raise _error(f"no complete value is called {event.anchor!r}", event)
        return self._anchors[event.anchor]

    def _copy(self, value: Any) -> Any:
        self._repeated += 1
        if self._repeated > MAX_REPEATED:
            raise yaml.YAMLError(f"aliases repeat more than {MAX_REPEATED} values")
        if isinstance(value, dict):
            return {name: self._copy(item) for name, item in value.items()}
        if isinstance(value, list):
            return [self._copy(item) for item in value]
        return value

    def _sequence(self) -> list[Any]:
        made: list[Any] = []
        while type(event := self._event()) is not yaml.SequenceEndEvent:
            self._steps.append(str(len(made)))
            made.append(self._node(event))
            self._steps.pop()
        return made

    def _mapping(self) -> dict[str, Any]:
        made: dict[str, Any] = {}
        merged: dict[str, Any] = {}
        while type(event := self._event()) is not yaml.MappingEndEvent:
            key = self._key(event)
            self._steps.append(key)
            value = self._node(self._event())
            if key == "<<" and event.implicit[0]:
                merged = {**self._merged(value, event), **merged}
            else:
                if key in made:
                    self._twice(event)
                made[key] = value
            self._steps.pop()
        return {**merged, **made} if merged else made

    def _key(self, event: Any) -> str:
        """A key as it was written."""
        if type(event) is yaml.AliasEvent:
            value = self._anchored(event)
            if isinstance(value, str):
                return value
        elif type(event) is yaml.ScalarEvent:
            if event.anchor is not None:
                self._anchors[event.anchor] = event.value
            text: str = event.value
            return text
        raise _error("a key is no text", event)

    def _merged(self, value: Any, event: Any) -> dict[str, Any]:
        """What a merge key brings: of several mappings the first to name a key wins."""
        mappings = value if isinstance(value, list) else [value]
        made: dict[str, Any] = {}
        for mapping in reversed(mappings):
            if not isinstance(mapping, dict):
                raise _error("expected a mapping to merge", event)
            made.update(mapping)
        return made

    def _twice(self, event: Any) -> None:
        line = event.start_mark.line + 1
        message = f"the key stands there twice (again in line {line}): the last is taken"
        self._tell(_pointer(self._steps), "duplicate-key", message)

    def _check_tag(self, event: Any) -> None:
        if event.tag and event.tag not in _CONTAINERS:
            self._unknown_tag(event)

    def _unknown_tag(self, event: Any) -> None:
        if event.tag.startswith("tag:"):
            raise _error(f"the tag {event.tag} is none of JSON's values", event)
        self._tell(_pointer(self._steps), "yaml-tag", f"the tag {event.tag} is ignored")

    def _scalar(self, event: Any) -> Any:
        text = event.value
        if event.implicit[0]:
            return text if text[:1] not in _TELLING else _plain(text)
        if event.tag and event.tag not in _TEXTS:
            made = _SCALARS.get(event.tag.removeprefix("tag:yaml.org,2002:"))
            if made is not None:
                return made[1](text)
            self._unknown_tag(event)
        return text


def _pointer(steps: list[str]) -> str:
    return "".join("/" + step.replace("~", "~0").replace("/", "~1") for step in steps)


def _error(message: str, event: Any) -> yaml.YAMLError:
    return yaml.MarkedYAMLError(problem=message, problem_mark=event.start_mark)


def _integer(text: str) -> int:
    """Decimal, or octal and hexadecimal with the prefixes 0o and 0x."""
    lower = text.lower()
    return int(lower, 0) if lower.startswith(("0o", "0x")) else int(lower)


def _float(text: str) -> float | str:
    """JSON knows no infinity: a number too large for it stays text."""
    number = float(text)
    return text if number in (float("inf"), float("-inf")) else number


_SCALARS: dict[str, tuple[re.Pattern[str], Callable[[str], Any]]] = {
    "null": (re.compile(r"(?:~|null|Null|NULL|)\Z"), lambda _: None),
    "bool": (re.compile(r"(?:true|True|TRUE|false|False|FALSE)\Z"), lambda t: t.lower() == "true"),
    "int": (re.compile(r"(?:[-+]?[0-9]+|0o[0-7]+|0x[0-9a-fA-F]+)\Z"), _integer),
    "float": (
        re.compile(r"[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?\Z"),
        _float,
    ),
}
_TELLING = frozenset(("", *"~nNtTfF-+.0123456789"))
"""What a plain scalar begins with that may be no text."""

_YAML = "tag:yaml.org,2002:"
_TEXTS = frozenset(("!", _YAML + "str", _YAML + "timestamp", _YAML + "binary"))
_CONTAINERS = frozenset(("!", _YAML + "map", _YAML + "seq"))


def _plain(text: str) -> Any:
    for pattern, make in _SCALARS.values():
        if pattern.match(text):
            return make(text)
    return text
