"""Where in a description's file a JSON pointer leads: the line, for people and their tools."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import yaml

from mockserver.contract.values import Finding

LARGEST = 32 * 1024 * 1024
"""Bytes of a file past which lines are not looked for."""

Steps = tuple[str, ...]


def located(findings: Sequence[Finding]) -> list[Finding]:
    """Findings with the lines of what describes them; the file is read once.

    A place that the file does not have (it stands in another one, or was repaired) is that of what
    is around it.
    """
    wanted = {finding.described for finding in findings if not finding.described.line}
    known: dict[tuple[str, str], int] = {}
    for source in {described.source for described in wanted}:
        pointers = [described.pointer for described in wanted if described.source == source]
        known.update({(source, p): line for p, line in lines(source, pointers).items()})
    return [
        finding
        if finding.described.line
        else replace(finding, described=replace(finding.described, line=known.get(place, 0)))
        for finding in findings
        for place in [(finding.described.source, finding.described.pointer)]
    ]


def lines(source: str, pointers: Iterable[str]) -> dict[str, int]:
    """The lines, counted from 1, of pointers into a YAML or JSON file; empty for no such file."""
    path = Path(source)
    try:
        if not source or not path.is_file() or path.stat().st_size > LARGEST:
            return {}
        text = path.read_bytes()
    except OSError:
        return {}
    wanted = {tuple(_steps(pointer)): pointer for pointer in pointers}
    found: dict[Steps, int] = {(): 1}
    ways = {steps[:length] for steps in wanted for length in range(len(steps) + 1)}
    try:
        for steps, line in _Walk(text, ways).places():
            found[steps] = line
            if len(found) == len(ways):
                break
    except yaml.YAMLError:
        pass  # what was found before is right
    return {pointer: _nearest(steps, found) for steps, pointer in wanted.items()}


def _nearest(steps: Steps, found: dict[Steps, int]) -> int:
    while steps not in found:
        steps = steps[:-1]
    return found[steps]


def _steps(pointer: str) -> list[str]:
    return [step.replace("~1", "/").replace("~0", "~") for step in pointer.split("/")[1:]]


class _Walk:
    """Walks a YAML file event by event; only what is on a way to a pointer is looked at."""

    def __init__(self, text: bytes, ways: set[Steps]) -> None:
        loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
        self._events = yaml.parse(text, Loader=loader)
        self._ways = ways

    def places(self) -> Iterator[tuple[Steps, int]]:
        """The places on the way, each with its line."""
        for event in self._events:
            if isinstance(event, yaml.MappingStartEvent):
                yield from self._mapping(())
                return

    def _mapping(self, steps: Steps) -> Iterator[tuple[Steps, int]]:
        while not isinstance(key := next(self._events), yaml.MappingEndEvent):
            if not isinstance(key, yaml.ScalarEvent):
                self._skip(key)
                self._skip(next(self._events))
                continue
            place = (*steps, str(key.value))
            if place in self._ways:
                yield place, _line_of(key)
            yield from self._value(place)

    def _value(self, steps: Steps) -> Iterator[tuple[Steps, int]]:
        event = next(self._events)
        if steps not in self._ways:
            self._skip(event)
        elif isinstance(event, yaml.MappingStartEvent):
            yield from self._mapping(steps)
        elif isinstance(event, yaml.SequenceStartEvent):
            yield from self._sequence(steps)

    def _sequence(self, steps: Steps) -> Iterator[tuple[Steps, int]]:
        number = 0
        while not isinstance(event := next(self._events), yaml.SequenceEndEvent):
            place = (*steps, str(number))
            number += 1
            if place in self._ways and isinstance(event, yaml.MappingStartEvent):
                yield place, _line_of(event)
                yield from self._mapping(place)
            else:
                self._skip(event)

    def _skip(self, event: Any) -> None:
        """Pass over one value, of which this is the first event."""
        depth = _opens(event)
        while depth:
            depth += _opens(next(self._events))


def _opens(event: Any) -> int:
    if isinstance(event, yaml.MappingStartEvent | yaml.SequenceStartEvent):
        return 1
    return -1 if isinstance(event, yaml.MappingEndEvent | yaml.SequenceEndEvent) else 0


def _line_of(event: yaml.Event) -> int:
    mark = event.start_mark
    return mark.line + 1 if mark is not None else 0
