"""One HTML page that needs nothing else: findings with their calls, and what was reached."""

from __future__ import annotations

import difflib
import itertools
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import jinja2
from immutables import Map

CONTEXT = 3
"""Equal lines shown around different ones."""

MOST_LINES = 4_000
"""Lines of one answer that are compared."""

MOST_CALLS = 60

_DULL = frozenset(("content-length", "date", "server", "connection", "keep-alive"))
"""Headers that are never what is wrong."""

Row = tuple[str, str, str]
"""Same, other, or gap; the line that was expected, and the one that came."""


def html(told: dict[str, Any], scripts: Mapping[str, tuple[str, str]]) -> str:
    """The page. ``scripts`` has the curl script and the pytest file of each finding's id."""
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(Path(__file__).parent),
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    findings = [
        {
            **finding,
            "rows": side_by_side(finding),
            "scripts": scripts.get(finding["id"]),
            "calls": finding["sequence"][-MOST_CALLS:],
            "left_out": max(0, len(finding["sequence"]) - MOST_CALLS),
        }
        for finding in told["findings"]
    ]
    template = environment.get_template("page.html")
    return template.render(told=told, findings=findings, matrix=matrix(told))


def matrix(told: dict[str, Any]) -> dict[str, Any]:
    """Operations by statuses: what was answered how often, and what is documented."""
    columns = sorted({each["status"] for o in told["operations"] for each in o["statuses"]})
    broken = {finding["operation"] for finding in told["findings"] if finding["counts"]}
    rows = []
    for operation in told["operations"]:
        known = {each["status"]: {**each, "kind": _kind(each)} for each in operation["statuses"]}
        rows.append(
            {
                "method": operation["method"],
                "path": operation["path"],
                "broken": operation["id"] in broken,
                "cells": [known.get(status, _NONE) for status in columns],
            }
        )
    return {"columns": columns, "rows": rows}


_NONE = Map({"kind": "none", "count": 0, "reason": ""})


def _kind(each: dict[str, Any]) -> str:
    if not each["documented"]:
        return "undocumented"
    return "reached" if each["count"] else "unreached"


def side_by_side(finding: dict[str, Any]) -> list[Row]:
    """What was expected of the last call beside what came, without long equal parts."""
    last = finding["sequence"][-1]
    expected, got = last["expected"], last["got"]
    bodies = [_parsed(side.get("body", "")) for side in (expected, got)]
    left = _lines(expected, bodies[0])[:MOST_LINES]
    right = _lines(got, _arranged(bodies[0], bodies[1]))[:MOST_LINES]
    rows: list[Row] = []
    matcher = difflib.SequenceMatcher(None, left, right, autojunk=False)
    for number, group in enumerate(matcher.get_grouped_opcodes(CONTEXT)):
        if number or group[0][1] > 0:
            rows.append(("gap", "⋯", "⋯"))
        for kind, i, j, k, m in group:
            rows += _rows("same" if kind == "equal" else "other", left[i:j], right[k:m])
    return rows


def _rows(kind: str, left: list[str], right: list[str]) -> list[Row]:
    return [(kind, *pair) for pair in itertools.zip_longest(left, right, fillvalue="")]


def _lines(answer: dict[str, Any], body: Any) -> list[str]:
    if "failed" in answer:
        return [f"no answer: {answer['failed']}", answer["detail"]]
    lines = [f"status {answer['status']}"]
    lines += [
        f"{name}: {value}" for name, value in sorted(answer["headers"].items()) if name not in _DULL
    ]
    if isinstance(body, _Text):
        return [*lines, "", *body.splitlines()]
    return [*lines, "", *json.dumps(body, indent=2, ensure_ascii=False).splitlines()]


class _Text(str):
    """A body that is no JSON text."""

    __slots__ = ()


def _parsed(body: str) -> Any:
    try:
        return json.loads(body)
    except ValueError:
        return _Text(body)


def _arranged(like: Any, value: Any) -> Any:
    """A value with its members in the order of another one: that order means nothing in JSON."""
    if isinstance(value, dict) and isinstance(like, dict):
        names = [*(name for name in like if name in value), *(n for n in value if n not in like)]
        return {name: _arranged(like.get(name), value[name]) for name in names}
    if isinstance(value, list) and isinstance(like, list):
        pairs = itertools.zip_longest(like[: len(value)], value)
        return [_arranged(each, item) for each, item in pairs]
    return value
