"""Texts that match a regular expression as ECMA-262 writes it."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import cached_property
from random import Random
from string import ascii_letters, digits, punctuation
from typing import Any

MAX_REPEAT = 10_000
"""Repetitions that are made at most, whatever a pattern asks for."""

_WORD = ascii_letters + digits + "_"
_PRINTABLE = _WORD + punctuation.replace("_", "") + " "
_SPACE = " \t\n"
_CLASSES = {"d": digits, "w": _WORD, "s": _SPACE}
_CONTROLS = {"n": "\n", "t": "\t", "r": "\r", "f": "\f", "v": "\v", "0": "\0"}
_WIDE = 400
_USUAL = 8
_GREEDY, _AHEAD = 4, 3
_SURROGATES = range(0xD800, 0xE000)
_TRIES = 60


@dataclass(slots=True)
class Node:
    """A part of a pattern; ``least`` is the length of its shortest text."""

    kind: str
    parts: list[Node] = field(default_factory=list)
    characters: str = ""
    low: int = 0
    high: int = 0
    name: str = ""
    least: int = 0


def _sequence(parts: list[Node]) -> Node:
    return Node("sequence", parts, least=sum(part.least for part in parts))


def _either(parts: list[Node]) -> Node:
    if len(parts) == 1:
        return parts[0]
    return Node("either", parts, least=min(part.least for part in parts))


def _one_of(characters: str) -> Node:
    return Node("one", characters=characters, least=1)


def _without(characters: str) -> str:
    return "".join(each for each in _PRINTABLE if each not in characters) or "é"


class Parser:
    """Reads a pattern (ECMA-262, section 22.2.1) into nodes; ValueError where it cannot."""

    def __init__(self, pattern: str) -> None:
        self._text = pattern
        self._at = 0
        self._groups = 0

    def parse(self) -> Node:
        """The pattern as a tree."""
        found = self._alternatives()
        if self._at < len(self._text):
            raise ValueError(f"unbalanced parenthesis in {self._text!r}")
        return found

    def _peek(self, text: str) -> bool:
        return self._text.startswith(text, self._at)

    def _take(self, text: str) -> bool:
        found = self._peek(text)
        self._at += len(text) if found else 0
        return found

    def _next(self) -> str:
        if self._at >= len(self._text):
            raise ValueError(f"unexpected end of {self._text!r}")
        self._at += 1
        return self._text[self._at - 1]

    def _until(self, end: str) -> str:
        stop = self._text.find(end, self._at)
        if stop < 0:
            raise ValueError(f"no {end!r} in {self._text!r}")
        found, self._at = self._text[self._at : stop], stop + len(end)
        return found

    def _alternatives(self) -> Node:
        branches = [self._branch()]
        while self._take("|"):
            branches.append(self._branch())
        return _either(branches)

    def _branch(self) -> Node:
        parts = []
        while self._at < len(self._text) and not self._peek("|") and not self._peek(")"):
            parts.append(self._repeated(self._atom()))
        return _sequence(parts)

    def _repeated(self, node: Node) -> Node:
        bounds = self._quantifier()
        if bounds is None:
            return node
        if not self._take("?"):
            self._take("+")
        low, high = bounds
        return Node("repeat", [node], low=low, high=high, least=low * node.least)

    def _quantifier(self) -> tuple[int, int] | None:
        for sign, bounds in (("*", (0, MAX_REPEAT)), ("+", (1, MAX_REPEAT)), ("?", (0, 1))):
            if self._take(sign):
                return bounds
        start = self._at
        if self._take("{") and (stop := self._text.find("}", self._at)) > 0:
            low, comma, high = self._text[self._at : stop].partition(",")
            if low.isdigit() and (high.isdigit() or not high):
                self._at = stop + 1
                most = int(high) if high else (MAX_REPEAT if comma else int(low))
                return min(int(low), MAX_REPEAT), min(most, MAX_REPEAT)
        self._at = start
        return None

    def _atom(self) -> Node:
        character = self._next()
        if character in "^$":
            return Node("edge")
        if character == "(":
            return self._group()
        if character == "[":
            return _one_of(self._class())
        if character == "\\":
            return self._escape()
        return _one_of(_WORD[:-1] if character == "." else character)

    def _group(self) -> Node:
        for sign, kind in (("?=", "ahead"), ("?!", "not"), ("?<=", "not"), ("?<!", "not")):
            if self._take(sign):
                return self._closed(Node(kind, [self._alternatives()]))
        name = ""
        if self._take("?<") or self._take("?P<"):
            name = self._until(">")
        elif self._take("?"):
            flags = next((n for n, c in enumerate(self._text[self._at :]) if c in ":)"), 0)
            self._at += flags
            if self._peek(")"):
                return self._closed(Node("edge"))
            self._take(":")
            return self._closed(self._alternatives())
        self._groups += 1
        number = str(self._groups)
        inner = self._alternatives()
        return self._closed(Node("group", [inner], characters=number, name=name, least=inner.least))

    def _closed(self, node: Node) -> Node:
        if not self._take(")"):
            raise ValueError(f"missing ) in {self._text!r}")
        return node

    def _escape(self) -> Node:
        character = self._next()
        if character in "bBAzZ":
            return Node("edge")
        if character in "123456789":
            while self._at < len(self._text) and self._text[self._at].isdigit():
                character += self._next()
            return Node("back", name=character)
        if character == "k" and self._take("<"):
            return Node("back", name=self._until(">"))
        return _one_of(self._escaped(character))

    def _escaped(self, character: str) -> str:
        """The characters an escape stands for."""
        if character in _CLASSES:
            return _CLASSES[character]
        if character.lower() in _CLASSES:
            return _without(_CLASSES[character.lower()])
        if character in "pP":
            named = self._until("}")[1:] if self._peek("{") else self._next()
            characters = _of_category(named.rpartition("=")[2])
            return characters if character == "p" else _without(characters)
        if character in "xu":
            return self._code_point(2 if character == "x" else 4)
        return _CONTROLS.get(character, character)

    def _code_point(self, length: int) -> str:
        if self._take("{"):
            return chr(int(self._until("}"), 16))
        self._at += length
        return chr(int(self._text[self._at - length : self._at], 16))

    def _class(self) -> str:
        opposite = self._take("^")
        found: list[str] = []
        while not self._take("]"):
            low = self._member()
            if len(low) == 1 and self._peek("-") and not self._peek("-]"):
                self._next()
                high = self._member()
                found.append(_range(low, high) if len(high) == 1 else low + "-" + high)
            else:
                found.append(low)
        characters = "".join(dict.fromkeys("".join(found)))
        return _without(characters) if opposite else characters

    def _member(self) -> str:
        character = self._next()
        if character == "[" and self._take(":"):
            return _POSIX.get(self._until(":]"), "a")
        if character != "\\":
            return character
        escaped = self._next()
        return "\b" if escaped == "b" else self._escaped(escaped)


_POSIX = {"alpha": ascii_letters, "digit": digits, "alnum": _WORD[:-1], "space": _SPACE}


def _range(low: str, high: str) -> str:
    last = min(ord(high), ord(low) + _WIDE)
    points = (*range(ord(low), last + 1), *range(max(last + 1, ord(high) - 9), ord(high) + 1))
    return "".join(chr(point) for point in points if point not in _SURROGATES)


def _of_category(name: str) -> str:
    """Some characters of a Unicode category, by its short or long name."""
    short = _CATEGORIES.get(name, name)
    every = (chr(point) for point in range(0x20, 0x250))
    found = "".join(each for each in every if unicodedata.category(each).startswith(short))
    return found or ascii_letters


_CATEGORIES = {
    "Letter": "L", "Alphabetic": "L", "Alpha": "L", "Lowercase_Letter": "Ll", "Lowercase": "Ll",
    "Uppercase_Letter": "Lu", "Uppercase": "Lu", "Number": "N", "Decimal_Number": "Nd",
    "Punctuation": "P", "Symbol": "S", "Separator": "Z", "Latin": "L",
}  # fmt: skip


class Pattern:
    """One pattern as a source of texts."""

    def __init__(self, pattern: str) -> None:
        self._pattern = pattern

    @cached_property
    def _tree(self) -> Node | None:
        try:
            return Parser(self._pattern).parse()
        except (ValueError, OverflowError, RecursionError):
            return None

    def texts(self, random: Random, shortest: int, longest: float) -> Iterator[str]:
        """Texts that are likely to match and to keep the bounds; the caller judges them."""
        tree = self._tree
        if tree is None:
            return
        most = min(longest, max(shortest, tree.least) + _USUAL) - tree.least
        for turn in range(_TRIES):
            least = max(0, shortest - tree.least)
            room = random.randint(least, max(least, int(most)))
            writer = _Writer(
                random, room, greedy=least > 0 or turn % _GREEDY == 1, ahead=turn % _AHEAD == 1
            )
            text = writer.write(tree)
            yield text
            if len(text) < shortest:
                padding = "a" * (shortest - len(text))
                yield text + padding
                yield padding + text


class _Writer:
    """One text while it is written; ``room`` is what it may be longer than the shortest one."""

    def __init__(self, random: Random, room: int, *, greedy: bool, ahead: bool) -> None:
        self._random = random
        self._room = room
        self._greedy = greedy
        self._ahead = ahead
        self._credit = 0
        self._groups: dict[str, str] = {}

    def write(self, node: Node) -> str:
        """A text of a node."""
        rule = _WRITTEN.get(node.kind)
        return rule(self, node) if rule else ""

    def _one(self, node: Node) -> str:
        plain = node.characters if len(node.characters) < len(_PRINTABLE) // 2 else ""
        usual = plain or "".join(each for each in node.characters if each in _WORD[:-1])
        return self._random.choice(usual or node.characters or "a")

    def _sequence(self, node: Node) -> str:
        return "".join(self.write(part) for part in node.parts)

    def _either(self, node: Node) -> str:
        fitting = [part for part in node.parts if part.least <= node.least + self._room]
        chosen = self._random.choice(fitting)
        self._room -= chosen.least - node.least
        return self.write(chosen)

    def _repeat(self, node: Node) -> str:
        [part] = node.parts
        count = node.low
        if part.kind == "one" and self._credit:
            spared = min(count, self._credit)
            self._credit -= spared
            count -= spared
        most = min(node.high - node.low, self._room // max(1, part.least))
        extra = most if self._greedy else self._random.randint(0, max(0, most))
        self._room -= extra * part.least
        return "".join(self.write(part) for _ in range(count + extra))

    def _group(self, node: Node) -> str:
        text = self.write(node.parts[0])
        self._groups[node.characters] = self._groups[node.name] = text
        return text

    def _back(self, node: Node) -> str:
        return self._groups.get(node.name, "")

    def _look_ahead(self, node: Node) -> str:
        """What must come is written here, and spared where it may stand as well."""
        if not self._ahead:
            return ""
        room, self._room = self._room, 0
        text = self.write(node.parts[0])
        self._room = room
        self._credit += len(text)
        return text


_WRITTEN: dict[str, Callable[[Any, Node], str]] = {
    "one": _Writer._one,  # noqa: SLF001 - the table stands beside its class
    "sequence": _Writer._sequence,  # noqa: SLF001
    "either": _Writer._either,  # noqa: SLF001
    "repeat": _Writer._repeat,  # noqa: SLF001
    "group": _Writer._group,  # noqa: SLF001
    "back": _Writer._back,  # noqa: SLF001
    "ahead": _Writer._look_ahead,  # noqa: SLF001
}
