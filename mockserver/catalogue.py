"""Finds the APIs that are built in, by their stem, and puts a mock together from them."""

from __future__ import annotations

import importlib
import importlib.util
import logging
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cache, partial
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from mockserver.engine.coverage.counting import Coverage
from mockserver.engine.handlers import AS_THE_SERVER, Handlers, Options
from mockserver.engine.journal import MAX_ENTRIES, MAX_SIZE, Journal
from mockserver.engine.reading.remarks import Remark, told
from mockserver.engine.reply import Api
from mockserver.engine.schema import Schemas
from mockserver.engine.secrets import Secrets
from mockserver.engine.security import MOCK, Identities
from mockserver.engine.seeds.reading import fixtures_of, misplaced, shapes_of, strangers
from mockserver.engine.servers import clashes, other_servers
from mockserver.engine.spec import Description, describe, read_description
from mockserver.engine.templates import unsent_names
from mockserver.errors import Problem, StartupError, pointer_to
from mockserver.state.blobs import Blobs
from mockserver.state.fixtures import Fixtures
from mockserver.state.records import Shape
from mockserver.state.sandboxes import Rules, Sandboxes
from mockserver.state.store import Collection, Untouched, nothing, seed

if TYPE_CHECKING:
    from mockserver.engine.inferred.inferred import Inferred
    from mockserver.engine.values.makers import Makers

_PACKAGE = Path(__file__).resolve().parent
_HOME = _PACKAGE if (_PACKAGE / "spec").is_dir() else _PACKAGE.parent
SPECS = _HOME / "spec"
FIXTURES = _HOME / "fixtures"

CONTROL = "control"
"""The stem of the control API, which is served beside the others."""

_SUFFIXES = frozenset((".yaml", ".yml", ".json"))

logger = logging.getLogger("mockserver")


@dataclass(frozen=True, slots=True)
class Settings:
    """How a mock is set up.

    ``fixtures`` is a folder of ``<stem>/`` folders, or a file of collections; None for none.
    ``max_blobs`` is in bytes. ``handlers`` are Python files of the user's own, which are run.
    Without ``base_path`` descriptions are served from the root, wherever their servers are.
    ``verbose`` tells each remark on a description, not only the first of each rule. ``journal`` is
    how many requests are kept of each sandbox, ``journal_size`` how many bytes of all.
    """

    rules: Rules = field(default_factory=Rules)
    fixtures: Path | None = FIXTURES
    max_blobs: int = 512 * 1024 * 1024
    options: Options = AS_THE_SERVER
    records: int = 3
    allow_remote_refs: bool = False
    handlers: tuple[Path, ...] = ()
    base_path: bool = True
    verbose: bool = False
    journal: int = MAX_ENTRIES
    journal_size: int = MAX_SIZE


@dataclass(frozen=True, slots=True)
class Mock:
    """The APIs that are served, and the sandboxes over their seed.

    ``shapes`` says by stem what the records of each collection must be. ``judge`` warns of answers
    that cannot be valid; it takes long and may run in a thread. ``files`` are those that
    descriptions were read from.
    """

    apis: tuple[Api, ...]
    sandboxes: Sandboxes
    blobs: Blobs
    judge: Callable[[], None] = lambda: None
    shapes: Mapping[str, Callable[[], Mapping[str, Shape]]] = field(default_factory=dict)
    journal: Journal = field(default_factory=Journal)
    files: tuple[Path, ...] = ()
    coverage: Coverage = field(default_factory=Coverage)

    @property
    def secrets(self) -> Secrets:
        """What of requests nobody should read."""
        schemes = (api.description.security_schemes.values() for api in self.apis)
        return Secrets.of(scheme for known in schemes for scheme in known)


def stems() -> list[str]:
    """The stems of the built-in APIs: a description in ``spec/`` with a module in ``apis/``."""
    return sorted(path.stem for path in SPECS.glob("*.yaml") if _has_module(path.stem))


def _has_module(stem: str) -> bool:
    return importlib.util.find_spec(f"mockserver.apis.{stem}") is not None


def build(
    wanted: Sequence[str] = (), settings: Settings | None = None, blobs: Blobs | None = None
) -> Mock:
    """The mock of the APIs of these stems; of all the built-in ones when none is named.

    ``blobs`` are those of a mock whose state this one takes over. Raises StartupError with
    everything that is wrong.
    """
    settings = settings or Settings()
    known = stems()
    unknown = [name for name in wanted if name not in known and not is_source(name)]
    if unknown:
        message = f"no such API or file; there are: {', '.join(known)}"
        raise StartupError([Problem(name, "", message) for name in unknown])
    blobs = blobs or Blobs(settings.max_blobs)
    seeds: dict[str, Inferred] = {}
    bare = [
        _api(name, blobs, settings)
        if name in known
        else _described(name, stem, blobs, settings, seeds)
        for name, stem in _named(wanted or known, known).items()
    ]
    if settings.handlers:
        from mockserver.engine.handler_files import with_handlers  # noqa: PLC0415 - seldom asked for

        bare = with_handlers(bare, settings.handlers)
    read = {
        api.description.stem: fixtures_of(api, settings.fixtures, seeds.get(api.description.stem))
        for api in bare
    }
    apis = tuple(_known(api, read[api.description.stem]) for api in bare)
    problems = [problem for api in apis for problem in _unserved(api)]
    problems += _clashing(apis)
    if settings.fixtures is not None and settings.fixtures != FIXTURES:
        problems += misplaced(settings.fixtures, list(read))
    problems += [problem for fixtures in read.values() for problem in fixtures.problems]
    problems += strangers(list(read.values()))
    if problems:
        raise StartupError(problems)
    collections = (
        (f"{api.description.stem}/{name}", records)
        for api in apis
        if api.description.stem not in seeds
        for name, records in read[api.description.stem].collections.items()
    )
    snapshot = seed(collections, _untouched(seeds))
    sandboxes = Sandboxes(snapshot, settings.rules)
    blobs.reclaim = sandboxes.compact

    def judge() -> None:
        from mockserver.engine.inferred.judging import judge as judged  # noqa: PLC0415

        for api in apis:
            if api.description.stem in seeds:
                judged(api.description, seeds[api.description.stem], every=settings.verbose)

    shapes = {
        api.description.stem: cache(partial(shapes_of, api, seeds.get(api.description.stem)))
        for api in apis
    }
    journal = Journal(settings.journal, settings.journal_size)
    files = tuple(file for inferred in seeds.values() for file in inferred.files)
    return Mock(apis, sandboxes, blobs, judge, shapes, journal, files)


def _api(stem: str, blobs: Blobs, settings: Settings) -> Api:
    module = importlib.import_module(f"mockserver.apis.{stem}")
    description = read_description(SPECS / f"{stem}.yaml")
    api = assemble(description, module.handlers, blobs, settings.rules.seed)
    return replace(api, options=settings.options)


def is_source(name: str) -> bool:
    """Whether a name is a description's file or URL, or ``-``, rather than an API's stem."""
    return name == "-" or "/" in name or Path(name).suffix in _SUFFIXES or Path(name).exists()


def _named(wanted: Iterable[str], known: Sequence[str]) -> dict[str, str]:
    """What is served, each with a stem of its own: equal ones are numbered."""
    stems_of: dict[str, str] = {}
    taken = {CONTROL, *known}
    for name in dict.fromkeys(wanted):
        base = stem = name if name in known else _stem(name)
        number = 1
        while stem in taken and name not in known:
            number += 1
            stem = f"{base}-{number}"
        taken.add(stem)
        stems_of[name] = stem
    return stems_of


def _described(
    source: str, stem: str, blobs: Blobs, settings: Settings, seeds: dict[str, Inferred]
) -> Api:
    """Somebody's own description, its handlers inferred."""
    from mockserver.engine.inferred.inferred import Inferred  # noqa: PLC0415 - the built-in APIs start
    from mockserver.engine.inferred.notes import notes_of  # noqa: PLC0415 - without
    from mockserver.engine.reading.sources import read_source  # noqa: PLC0415 - all three
    from mockserver.engine.seeds.seeding import begin  # noqa: PLC0415 - quicker

    found = read_source(source, allow_remote_refs=settings.allow_remote_refs)
    base_path = None if settings.base_path else ""
    description = describe(stem, found.document, source=found.source, base_path=base_path)
    for line in told((*found.warnings, *_unheeded(description)), every=settings.verbose):
        logger.warning("%s", line)
    schemas = Schemas(description.document)
    inferred = Inferred(description, schemas, settings.rules.seed, settings.records)
    inferred.files = found.files
    begin(description, inferred)
    inferred.handlers.notes = notes_of(description, inferred.inference)
    seeds[description.stem] = inferred
    return Api(
        description,
        inferred.handlers,
        schemas,
        blobs,
        makers=lambda: inferred.makers,
        identities=Identities([_mock_identity(description)]),
        options=settings.options,
    )


def _stem(source: str) -> str:
    name = Path(urlsplit(source).path).name.partition(".")[0]
    return re.sub(r"[^A-Za-z0-9_-]+", "-", name).strip("-") or "api"


def _unheeded(description: Description) -> Iterator[Remark]:
    """What a description says of single paths that the server cannot do as it is said."""
    for pointer in other_servers(description.document):
        yield Remark(description.source, pointer, "other-servers", "servers of its own: not heeded")
    for operation in description.operations:
        sent = {p.name for p in operation.parameters if p.location in ("query", "header")}
        for name in unsent_names(operation.path, sent):
            pointer = pointer_to(["paths", operation.path, operation.method.lower()])
            message = f"clients send no fragment: it is answered to requests with ?{name}"
            yield Remark(description.source, pointer, "fragment", message)


def _mock_identity(description: Description) -> dict[str, Any]:
    """Whoever presents ``mock`` to any of the description's security schemes."""
    credentials = {
        name: "mock:mock" if scheme.scheme.lower() == "basic" else "mock"
        for name, scheme in description.security_schemes.items()
    }
    return {"identity": MOCK, "credentials": credentials}


def _untouched(seeds: Mapping[str, Inferred]) -> Untouched:
    """What collections hold before they are written to, as the inferred APIs make it."""

    def collection(full: str) -> Collection:
        stem, _, name = full.partition("/")
        return seeds[stem].shelves.collection(name) if stem in seeds else nothing(name)

    return collection if seeds else nothing


def _known(api: Api, fixtures: Fixtures) -> Api:
    """The API together with those who may call it."""
    if not fixtures.identities:
        return api
    return replace(api, identities=Identities(fixtures.identities))


def assemble(description: Description, handlers: Handlers, blobs: Blobs, made_from: int = 0) -> Api:
    """A description joined with its handlers; ``made_from`` is the seed of values that are made."""
    schemas = Schemas(description.document)

    @cache
    def makers() -> Makers:
        from mockserver.engine.values.makers import Makers  # noqa: PLC0415 - seldom needed

        return Makers(schemas, made_from)

    return Api(description, handlers, schemas, blobs, makers)


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


def _clashing(apis: Sequence[Api]) -> list[Problem]:
    """Operations that two APIs describe at the same place, one for each two of them."""
    sources = {api.description.stem: api.description.source for api in apis}
    described = (
        (api.description.stem, operation.method, api.description.base_path + operation.path)
        for api in apis
        for operation in api.description.operations
    )
    found: dict[tuple[str, str], Problem] = {}
    for stem, method, path, first in clashes(described):
        message = (
            f"{method} {path} is described by {sources[first]}, too: serve one of them on a port "
            "of its own, or give them servers with different paths"
        )
        found.setdefault((stem, first), Problem(sources[stem], "/paths", message))
    return list(found.values())
