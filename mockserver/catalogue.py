"""Finds the APIs that are built in, by their stem, and puts a mock together from them."""

from __future__ import annotations

import importlib
import importlib.util
import logging
import re
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from mockserver.engine.handlers import AS_THE_SERVER, Handlers, Options
from mockserver.engine.reply import Api
from mockserver.engine.schema import Schemas
from mockserver.engine.security import Identities
from mockserver.engine.spec import Description, describe, read_description
from mockserver.errors import Problem, StartupError, Violation
from mockserver.state.blobs import Blobs
from mockserver.state.fixtures import NOTHING, Fixtures, Shape, read_fixtures
from mockserver.state.sandboxes import Rules, Sandboxes
from mockserver.state.store import Collection, Untouched, nothing, seed

_PACKAGE = Path(__file__).resolve().parent
_HOME = _PACKAGE if (_PACKAGE / "spec").is_dir() else _PACKAGE.parent
SPECS = _HOME / "spec"
FIXTURES = _HOME / "fixtures"

_SUFFIXES = frozenset((".yaml", ".yml", ".json"))

logger = logging.getLogger("mockserver")

MAX_TOLD = 1_000
"""Violations told of one fixture record; some are repeated in what is completed from it."""


@dataclass(frozen=True, slots=True)
class Settings:
    """How a mock is set up. ``fixtures`` is a folder of ``<stem>/`` folders, None for no records.

    ``max_blobs`` is in bytes.
    """

    rules: Rules = field(default_factory=Rules)
    fixtures: Path | None = FIXTURES
    max_blobs: int = 512 * 1024 * 1024
    options: Options = AS_THE_SERVER
    records: int = 3
    allow_remote_refs: bool = False


@dataclass(frozen=True, slots=True)
class Mock:
    """The APIs that are served, and the sandboxes over their seed."""

    apis: tuple[Api, ...]
    sandboxes: Sandboxes
    blobs: Blobs


def stems() -> list[str]:
    """The stems of the built-in APIs: a description in ``spec/`` with a module in ``apis/``."""
    return sorted(path.stem for path in SPECS.glob("*.yaml") if _has_module(path.stem))


def _has_module(stem: str) -> bool:
    return importlib.util.find_spec(f"mockserver.apis.{stem}") is not None


def build(wanted: Sequence[str] = (), settings: Settings | None = None) -> Mock:
    """The mock of the APIs of these stems; of all the built-in ones when none is named.

    Raises StartupError with everything that is wrong.
    """
    settings = settings or Settings()
    known = stems()
    unknown = [name for name in wanted if name not in known and not is_source(name)]
    if unknown:
        message = f"no such API; there are: {', '.join(known)}"
        raise StartupError([Problem(name, "", message) for name in unknown])
    blobs = Blobs(settings.max_blobs)
    seeds: dict[str, Untouched] = {}
    bare = [
        _api(name, blobs, settings.options)
        if name in known
        else _described(name, blobs, settings, seeds)
        for name in dict.fromkeys(wanted or known)
    ]
    read = {api.description.stem: _fixtures(api, settings.fixtures) for api in bare}
    apis = tuple(_known(api, read[api.description.stem]) for api in bare)
    problems = [problem for api in apis for problem in _unserved(api)]
    problems += _misplaced(settings.fixtures, list(read))
    problems += [problem for fixtures in read.values() for problem in fixtures.problems]
    if problems:
        raise StartupError(problems)
    collections = (
        (f"{api.description.stem}/{name}", records)
        for api in apis
        for name, records in read[api.description.stem].collections.items()
    )
    snapshot = seed(collections, _untouched(seeds))
    sandboxes = Sandboxes(snapshot, settings.rules)
    blobs.reclaim = sandboxes.compact
    return Mock(apis, sandboxes, blobs)


def _api(stem: str, blobs: Blobs, options: Options) -> Api:
    module = importlib.import_module(f"mockserver.apis.{stem}")
    description = read_description(SPECS / f"{stem}.yaml")
    return replace(assemble(description, module.handlers, blobs), options=options)


def is_source(name: str) -> bool:
    """Whether a name is a description's file or URL, or ``-``, rather than an API's stem."""
    return name == "-" or "://" in name or Path(name).suffix in _SUFFIXES or Path(name).is_file()


def _described(source: str, blobs: Blobs, settings: Settings, seeds: dict[str, Untouched]) -> Api:
    """Somebody's own description, its handlers inferred."""
    from mockserver.engine.inference.handlers import Inferred  # noqa: PLC0415 - the built-in APIs start
    from mockserver.engine.reading.sources import read_source  # noqa: PLC0415 - without both

    found = read_source(source, allow_remote_refs=settings.allow_remote_refs)
    description = describe(_stem(source), found.document, source=found.source)
    for remark in found.warnings:
        logger.warning("%s", remark)
    schemas = Schemas(description.document)
    inferred = Inferred(description, schemas, settings.rules.seed, settings.records)
    seeds[description.stem] = inferred.shelves.collection
    identities = Identities([_mock_identity(description)])
    return Api(description, inferred.handlers, schemas, blobs, identities, settings.options)


def _stem(source: str) -> str:
    name = Path(urlsplit(source).path).name.partition(".")[0]
    return re.sub(r"[^A-Za-z0-9_-]+", "-", name).strip("-") or "api"


def _mock_identity(description: Description) -> dict[str, Any]:
    """Whoever presents ``mock`` to any of the description's security schemes."""
    credentials = {
        name: "mock:mock" if scheme.scheme.lower() == "basic" else "mock"
        for name, scheme in description.security_schemes.items()
    }
    return {"identity": "mock", "credentials": credentials}


def _untouched(seeds: dict[str, Untouched]) -> Untouched:
    """What collections hold before they are written to, as the inferred APIs make it."""

    def collection(full: str) -> Collection:
        stem, _, name = full.partition("/")
        return seeds.get(stem, nothing)(name)

    return collection if seeds else nothing


def _known(api: Api, fixtures: Fixtures) -> Api:
    """The API together with those who may call it."""
    if not fixtures.identities:
        return api
    return replace(api, identities=Identities(fixtures.identities))


def assemble(description: Description, handlers: Handlers, blobs: Blobs) -> Api:
    """A description joined with its handlers."""
    return Api(description, handlers, Schemas(description.document), blobs)


def _unserved(api: Api) -> list[Problem]:
    description = api.description
    missing = [
        Problem(description.source, f"/paths{op.path}", f"no handler for {op.id!r}")
        for op in description.operations
        if op.id not in api.handlers.by_operation
    ]
    broken = [Problem(description.source, *found) for found in api.schemas.problems()]
    unknown = [
        Problem(description.source, f"/x-collections/{name}", f"no such schema: {entry.schema!r}")
        for name, entry in description.collections.items()
        if not api.schemas.has(entry.schema)
    ]
    return missing + broken + unknown + api.handlers.problems(description)


def _misplaced(folder: Path | None, stems_served: list[str]) -> list[Problem]:
    """A folder of fixtures that has none for any API that is served is a mistake."""
    if folder is None or folder == FIXTURES:
        return []
    if not folder.is_dir():
        return [Problem(str(folder), "", "no such folder of fixtures")]
    if any((folder / stem).is_dir() for stem in stems_served):
        return []
    expected = " or ".join(f"{stem}/" for stem in stems_served)
    return [Problem(str(folder), "", f"expected a folder {expected} with <collection>.json in it")]


def _fixtures(api: Api, folder: Path | None) -> Fixtures:
    if folder is None or not folder.is_dir():
        return NOTHING
    shapes = {name: _shape(api, name) for name in api.description.collections}
    return read_fixtures(folder / api.description.stem, shapes, api.blobs)


def _shape(api: Api, name: str) -> Shape:
    collection = api.description.collections[name]
    complete = api.handlers.complete_of.get(name, _as_it_is)
    shown = api.handlers.shown_of.get(name)
    schema = api.schemas.component(collection.schema)

    def check(value: Any) -> list[Violation]:
        judged = value if shown is None else shown(value)
        return api.schemas.violations(schema, judged, "record", most=MAX_TOLD)

    derived = {
        made: derive
        for made, (source, derive) in api.handlers.derived_from.items()
        if source == name
    }
    return Shape(collection.key, complete, check, derived)


def _as_it_is(value: Any, blobs: Blobs) -> Any:
    return value
