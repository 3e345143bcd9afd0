"""The fixtures of an API, built in or inferred: found, read and judged."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from mockserver.engine.reply import Api
from mockserver.errors import Problem, Violation
from mockserver.state.blobs import Blobs
from mockserver.state.fixtures import NOTHING, Fixtures, read_fixtures
from mockserver.state.records import Shape
from mockserver.state.references import References, dangling, misnamed

if TYPE_CHECKING:
    from mockserver.engine.inferred.inferred import Inferred

DATABASE = "db.json"
"""A file among the fixtures that holds collections of any API, in json-server's shape."""

MAX_TOLD = 1_000
"""Violations told of one fixture record; some are repeated in what is completed from it."""


def shapes_of(api: Api, inferred: Inferred | None) -> Mapping[str, Shape]:
    """What the records of each of an API's collections must be."""
    if inferred is None:
        return {name: _shape(api, name) for name in api.description.collections}
    from mockserver.engine.seeds.given import Given  # noqa: PLC0415 - seldom asked for

    return Given(inferred).shapes


def misplaced(folder: Path, stems_served: list[str]) -> list[Problem]:
    """Fixtures that are for none of the APIs that are served are a mistake."""
    if folder.is_file():
        return []
    if not folder.is_dir():
        return [Problem(str(folder), "", "no such folder of fixtures")]
    expected = [*stems_served, *(f"{stem}.json" for stem in stems_served), DATABASE]
    if any((folder / name).exists() for name in expected):
        return []
    named = " or ".join(f"{stem}/" for stem in stems_served)
    message = f"expected a folder {named} with <collection>.json in it, or {DATABASE}"
    return [Problem(str(folder), "", message)]


def fixtures_of(api: Api, where: Path | None, inferred: Inferred | None) -> Fixtures:
    """The fixtures of an API: of its folder, and of files that hold several collections."""
    if where is None or not where.exists():
        return NOTHING
    stem = api.description.stem
    folder = where / stem if where.is_dir() else where.parent / f"no {stem}"
    beside = [where] if where.is_file() else [where / f"{stem}.json", where / DATABASE]
    known = [path for path in beside if path.is_file()]
    if not folder.is_dir() and not known:
        return NOTHING
    if inferred is None:
        given = None
        shapes = {name: _shape(api, name) for name in api.description.collections}
    else:
        from mockserver.engine.seeds.given import Given  # noqa: PLC0415 - only then

        given = Given(inferred)
        shapes = given.shapes
    read = read_fixtures(folder, shapes, api.blobs, known)
    schemes = list(api.description.security_schemes)
    more = list(misnamed(read, folder, schemes))
    if not read.problems:  # of records that could not be read nobody knows whether they are there
        more += dangling(read, _references(api))
    if given is not None and not read.problems:
        more += given.give(read)
    return replace(read, problems=(*read.problems, *more))


def _references(api: Api) -> References:
    """The members that hold keys of other collections, as ``x-collections`` says."""
    told = api.description.document.get("x-collections", {})
    return {name: entry["references"] for name, entry in told.items() if "references" in entry}


def strangers(read: Sequence[Fixtures]) -> list[Problem]:
    """Collections of a file for all APIs that none of them has."""
    found = [{(p.source, p.pointer): p for p in fixtures.strangers} for fixtures in read]
    everywhere = set.intersection(*map(set, found)) if found else set()
    return [problem for place, problem in found[0].items() if place in everywhere] if found else []


def _shape(api: Api, name: str) -> Shape:
    collection = api.description.collections[name]
    complete = api.handlers.complete_of.get(name, _as_it_is)
    shown = api.handlers.shown_of.get(name)
    schema = api.schemas.component(collection.schema)

    def check(value: Any) -> list[Violation]:
        judged = value if shown is None else shown(value)
        return api.schemas.violations(schema, judged, "record", most=MAX_TOLD)

    def written(value: Any) -> list[Violation]:
        return api.schemas.violations(schema, value, "record", most=MAX_TOLD)

    derived = {
        made: derive
        for made, (source, derive) in api.handlers.derived_from.items()
        if source == name
    }
    return Shape(collection.key, complete, check, derived, written, schema=schema)


def _as_it_is(value: Any, blobs: Blobs) -> Any:
    return value
