"""What is served loaded again when its files change, without losing the state."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from watchfiles import watch

from mockserver.catalogue import FIXTURES, Mock, Settings, build, is_source
from mockserver.console.served import Loading
from mockserver.engine.receiving import Receive, Scope, Send
from mockserver.errors import Problem, StartupError
from mockserver.persistence import fixture_files, grounds_of, tell_left_out
from mockserver.state.carrying import Carrying
from mockserver.state.log import RELOADED
from mockserver.state.state_file import StateFile

_LOOKS = 1_000
"""Milliseconds between two looks where the system tells nothing, as on some network disks."""

logger = logging.getLogger("mockserver")

Signature = dict[Path, tuple[int, int, int] | None]
"""What tells that a file changed, None where it is not there."""


class Switch:
    """The application that is served now: ``app`` may be another for the next request."""

    def __init__(self, app: Any) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """The ASGI interface."""
        await self.app(scope, receive, send)


@dataclass(frozen=True, slots=True)
class Recipe:
    """How a mock and its application are made, now and whenever a file changed."""

    wanted: Sequence[str]
    settings: Settings
    assemble: Callable[[Mock], Any]


class Watching:
    """Watches the files of a mock, and puts another in its place when they change.

    ``loading`` tells how it goes; ``file`` is the one that the default sandbox is kept in. What
    cannot be loaded is told, and changes nothing.
    """

    def __init__(
        self, recipe: Recipe, mock: Mock, loading: Loading, file: StateFile | None = None
    ) -> None:
        """Raises StartupError for what cannot be read again."""
        if "-" in recipe.wanted:
            message = "the standard input cannot be read again; name the description's file"
            raise StartupError([Problem("--watch", "", message)])
        self.mock = mock
        self.switch = Switch(recipe.assemble(mock))
        self._recipe = recipe
        self._loading = loading
        self._file = file
        self._named = _named(recipe.wanted, recipe.settings)
        self._seen = self._signature()

    def run(self, stopping: threading.Event) -> None:
        """Watch until told to stop; to be run in a thread of its own."""
        while not stopping.is_set():
            folders = self._folders()
            there = [path for path in sorted(folders) if path.is_dir()]
            if not there:
                stopping.wait(_LOOKS / 1_000)
                self.look()
                continue
            looks = watch(
                *there, stop_event=stopping, yield_on_timeout=True, rust_timeout=_LOOKS,
                recursive=False, raise_interrupt=False,
            )  # fmt: skip
            for _ in looks:
                if self.look() or self._folders() != folders:
                    break  # other files, maybe, are to be watched now

    def look(self) -> bool:
        """Load what is served again if its files have changed; whether they have."""
        now = self._signature()
        if now == self._seen:
            return False
        self._loading.is_under_way = True
        changed = [path for path in {**now, **self._seen} if now.get(path) != self._seen.get(path)]
        self._seen = now
        try:
            self._load(changed)
        except StartupError as error:
            self._refuse([str(problem) for problem in error.problems])
        except Exception as error:
            logger.exception("what is served cannot be loaded again")
            self._refuse([f"a bug of the mock; its log says more: {error!r}"])
        finally:
            self._loading.is_under_way = False
        return True

    def _refuse(self, problems: list[str]) -> None:
        self.mock.blobs.reclaim = self.mock.sandboxes.compact
        self._loading.problems = tuple(problems)
        for problem in problems:
            logger.warning("not loaded: %s", problem)
        logger.warning("what was served before still is")

    def _load(self, changed: Sequence[Path]) -> None:
        old = self.mock
        new = replace(
            build(self._recipe.wanted, self._recipe.settings, old.blobs), journal=old.journal
        )
        app = self._recipe.assemble(new)
        carrying = _carrying(old, new)
        former, seed = old.sandboxes.snapshot, new.sandboxes.snapshot
        everyone = old.sandboxes.supersede()
        try:
            new.sandboxes.take_over(everyone, lambda head: carrying.carried(former, head, seed))
        except Exception:
            old.sandboxes.supersede(superseded=False)
            raise
        self._keep(new)
        self.mock = new
        self.switch.app.front.successor = app.front
        self.switch.app = app
        for sandbox in everyone:
            sandbox.log.close(RELOADED)
        self._loading.count += 1
        self._loading.problems = ()
        self._seen = {path: self._seen.get(path, now) for path, now in self._signature().items()}
        logger.warning("loaded again: %s changed", ", ".join(sorted(map(_short, changed))))
        if carrying.left_out:
            tell_left_out(carrying, "the rest stays")
        threading.Thread(target=new.judge, daemon=True).start()

    def _keep(self, new: Mock) -> None:
        """Have the new default sandbox be kept where the old one was."""
        if self._file is None:
            return
        log = new.sandboxes.default.log
        try:
            self._file.rewrite(grounds_of(new, self._recipe.settings), log.head, ())
        except StartupError as error:
            logger.warning("%s", error)
        self._file.follow(log, log.head, ())

    def _signature(self) -> Signature:
        found: Signature = {}
        for path in (*self._named, *self.mock.files, *self._fixtures()):
            try:
                told = path.stat()
                found[path] = (told.st_mtime_ns, told.st_size, told.st_ino)
            except OSError:
                found[path] = None
        return found

    def _fixtures(self) -> list[Path]:
        where = self._recipe.settings.fixtures
        if where is None or where == FIXTURES:
            return []
        stems = [api.description.stem for api in self.mock.apis]
        return [path for stem in stems for path in fixture_files(where, stem)]

    def _folders(self) -> set[Path]:
        """Where files may change: their folders, and those that may get some."""
        where = self._recipe.settings.fixtures
        folders = {path.parent for path in self._seen}
        if where is not None and where != FIXTURES and where.is_dir():
            folders |= {where, *(path for path in where.rglob("*") if path.is_dir())}
        return folders


def _carrying(old: Mock, new: Mock) -> Carrying:
    """What carries states over: records are judged where the description is another."""
    former = {api.description.stem: api.description.document for api in old.apis}
    others = frozenset(
        api.description.stem
        for api in new.apis
        if former.get(api.description.stem) != api.description.document
    )
    for stem in others:  # made now, while nobody waits
        new.shapes[stem]()
    return Carrying(new.shapes, old.shapes, others)


def _named(wanted: Sequence[str], settings: Settings) -> list[Path]:
    """The files that the command line names."""
    files = [Path(name) for name in wanted if is_source(name) and "://" not in name]
    return [path.resolve() for path in (*files, *settings.handlers)]


def _short(path: Path) -> str:
    return str(path.relative_to(Path.cwd()) if path.is_relative_to(Path.cwd()) else path)
