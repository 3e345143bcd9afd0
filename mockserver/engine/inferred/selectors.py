"""Label and field selectors, as Kubernetes has them: ``app=shop,tier in (web, api),!canary``.

https://kubernetes.io/docs/concepts/overview/working-with-objects/labels/#label-selectors
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Any

from mockserver.engine.members import text_of, value_at

Selector = Callable[[Any], bool]

_REQUIREMENT = re.compile(r"(?:[^,()]|\([^()]*\)|[()])+")
"""What commas outside of parentheses part; a parenthesis that is never closed costs no time."""

_SET = re.compile(r"(\S+)\s+(in|notin)\s*\(([^)]*)\)")
_EQUALITY = re.compile(r"([^=!]+?)\s*(==|=|!=)\s*(.*)")


def label_selector(text: str) -> Selector:
    """Whether the labels of a record, in its metadata or its own, meet all requirements."""
    requirements = list(_requirements(text))

    def selects(value: Any) -> bool:
        labels = value_at(value, ("metadata", "labels")) or value_at(value, ("labels",))
        known = labels if isinstance(labels, dict) else {}
        return all(_meets(known.get(name), requirement) for name, requirement in requirements)

    return selects


def field_selector(text: str) -> Selector:
    """Whether the members of a record, ``metadata.name``, meet all requirements."""
    requirements = [(name.split("."), requirement) for name, requirement in _requirements(text)]

    def selects(value: Any) -> bool:
        return all(_meets(value_at(value, tuple(path)), each) for path, each in requirements)

    return selects


Requirement = tuple[str, frozenset[str]]
"""An operator (in, notin, exists, lacks), and the values that it speaks of."""


def _requirements(text: str) -> Iterator[tuple[str, Requirement]]:
    for part in _REQUIREMENT.findall(text):
        said = part.strip()
        several, equal = _SET.fullmatch(said), _EQUALITY.fullmatch(said)
        if several:
            values = frozenset(each.strip() for each in several[3].split(","))
            yield several[1], (several[2], values)
        elif equal:
            operator = "notin" if equal[2] == "!=" else "in"
            yield equal[1].strip(), (operator, frozenset((equal[3].strip(),)))
        elif said.startswith("!"):
            yield said[1:].strip(), ("lacks", frozenset())
        elif said:
            yield said, ("exists", frozenset())


def _meets(own: Any, requirement: Requirement) -> bool:
    operator, values = requirement
    if operator in ("exists", "lacks"):
        return (own is not None) == (operator == "exists")
    return (own is not None and text_of(own) in values) == (operator == "in")
