"""What was found of many descriptions, counted and grouped by cause."""

from __future__ import annotations

import os
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.corpus.pairs import UNTOLD
from tests.corpus.workers import Found

SHOWN_EXAMPLES = 3
MOST_PLACES = 3_000


@dataclass(slots=True)
class Cause:
    """Something that went wrong, how often, and where."""

    count: int = 0
    descriptions: set[str] = field(default_factory=set)
    examples: list[dict[str, str]] = field(default_factory=list)
    places: list[str] = field(default_factory=list)

    def add(self, name: str, where: str, detail: str) -> None:
        self.count += 1
        if len(self.places) < MOST_PLACES:
            self.places.append(f"{name} {where}")
        if name not in self.descriptions and len(self.examples) < SHOWN_EXAMPLES:
            self.examples.append({"description": name, "where": where, "detail": detail[:900]})
        self.descriptions.add(name)


class Figures:
    """Sums over descriptions."""

    def __init__(self) -> None:
        self.sums: dict[str, int] = defaultdict(int)
        self.causes: dict[str, dict[str, Cause]] = {}
        self.each: list[dict[str, Any]] = []

    def add(self, found: Found, name: str) -> dict[str, Any]:
        """Count what was found of a description; its own line of figures."""
        operations, proofs = found.of("operation"), found.of("pair")
        started = found.one("started")
        testable = [pair for pair in proofs if pair["cause"] != UNTOLD]
        line = {
            "description": name,
            "started": bool(started),
            "seconds to start": started.get("seconds"),
            "seconds": found.one("done").get("seconds"),
            "MiB": found.one("done").get("mib"),
            "operations": started.get("operations", 0),
            "asked": len(operations),
            "answered": sum(each["answered"] for each in operations),
            "valid": sum(each["valid"] for each in operations),
            "judged by the published schema": sum(each["judged"] for each in operations),
            "pairs": len(testable),
            "pairs kept": sum(not pair["cause"] for pair in testable),
            "pairs without a key": len(proofs) - len(testable),
        }
        self.each.append(line)
        self.sums["descriptions"] += 1
        for key, value in line.items():
            if isinstance(value, int):
                self.sums[key] += value
        for kind, cause, where, detail in _wrongs(found):
            self.causes.setdefault(kind, {}).setdefault(cause, Cause()).add(name, where, detail)
        return line

    def report(self) -> dict[str, Any]:
        """All of it, as JSON takes it."""
        return {
            "sums": dict(self.sums),
            "causes": {
                kind: [
                    {"cause": cause, "count": found.count, "examples": found.examples,
                     "descriptions": sorted(found.descriptions), "places": found.places}
                    for cause, found in _ranked(causes)
                ]
                for kind, causes in self.causes.items()
            },
            "each": self.each,
        }  # fmt: skip

    def lines(self, most: int) -> Iterator[str]:
        """The figures for people."""
        sums = self.sums
        yield f"started    {sums['started']:6} of {sums['descriptions']} descriptions"
        for name in ("answered", "valid"):
            yield _share(name, sums[name], sums["operations"], "operations")
        yield _share("pairs", sums["pairs kept"], sums["pairs"], "pairs")
        untold = sums["pairs without a key"]
        yield f"           {untold:6} more pairs tell no key of what is created"
        judged = sums["judged by the published schema"]
        yield f"judged by the published schema itself, too: {judged} answers"
        for kind, causes in self.causes.items():
            yield f"\n{kind}:"
            for cause, found in _ranked(causes)[:most]:
                example = found.examples[0]
                yield f"{found.count:6} in {len(found.descriptions):4}  {cause}"
                yield f"                   such as {example['description']}: {example['where']}"


def _share(name: str, part: int, whole: int, unit: str) -> str:
    return f"{name:10} {part:6} of {whole} {unit} ({part / max(1, whole):.2%})"


def _ranked(causes: dict[str, Cause]) -> list[tuple[str, Cause]]:
    return sorted(causes.items(), key=lambda entry: -entry[1].count)


def _wrongs(found: Found) -> Iterator[tuple[str, str, str, str]]:
    """Kind, cause, place and detail of everything that went wrong."""
    for told in found.of("refused"):
        yield "not started", told["cause"], "", told["detail"]
    for told in found.of("lost"):
        missing = found.one("started").get("operations", 0) - len(found.of("operation"))
        for _ in range(max(1, missing)):
            yield "not finished", told["cause"], told["detail"], ""
    for told in found.of("operation"):
        if not told["valid"]:
            yield "operations", told["cause"], told["operation"], told["detail"]
    for told in found.of("pair"):
        if told["cause"]:
            where = f"{told['create']} → {told['read']} ({told['rule']})"
            yield "pairs", told["cause"], where, told["detail"]


def names_of(paths: Iterable[Path]) -> dict[Path, str]:
    """A short name for each file: without the folder that all are in."""
    listed = [path.resolve() for path in paths]
    shared = os.path.commonpath([path.parent for path in listed]) if listed else ""
    return {path: path.relative_to(shared).as_posix() for path in listed}
