"""One published description tried: started, every operation asked, every pair proved."""

from __future__ import annotations

import contextlib
import json
import logging
import resource
import signal
import traceback
from collections.abc import Callable, Iterator
from dataclasses import asdict
from pathlib import Path
from time import perf_counter
from typing import Any

import yaml

from mockserver.app import create_app
from mockserver.catalogue import Settings, build
from mockserver.engine.inference.inferring import infer
from mockserver.engine.spec import Operation
from mockserver.errors import ApiError, StartupError
from tests.corpus.asking import Asker, NoRequest
from tests.corpus.judging import Judge, Verdict, grouped
from tests.corpus.keys import Keys
from tests.corpus.pairs import Broken, Prover, pairs
from tests.corpus.raw import Raw
from tests.corpus.talking import Talker

NOT_FOUND = 404

SECONDS_EACH = 6.0
"""Time of the processor for one operation, or one pair."""

Tell = Callable[[dict[str, Any]], None]


class TooSlow(BaseException):
    """The time for one operation is over; no ``except Exception`` of the product stops it."""


@contextlib.contextmanager
def bounded(seconds: float) -> Iterator[None]:
    def over(number: int, frame: Any) -> None:
        raise TooSlow

    before = signal.signal(signal.SIGPROF, over)
    # Again and again: an exception inside of a destructor ends nothing.
    signal.setitimer(signal.ITIMER_PROF, seconds, 0.5)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
        signal.signal(signal.SIGPROF, before)


def try_out(path: Path, memory: int, tell: Tell) -> None:
    """Try a description and tell of each step; runs in a process of its own."""
    logging.disable(logging.CRITICAL)
    if memory:
        resource.setrlimit(resource.RLIMIT_AS, (memory, memory))
    started = perf_counter()
    try:
        trial = Trial(path, tell)
    except StartupError as error:
        tell({"step": "refused", "cause": grouped(error.problems[0].message), "detail": str(error)})
        return
    except Exception as error:  # noqa: BLE001 - a crash is what this looks for
        detail = traceback.format_exc(limit=-4)
        tell({"step": "refused", "cause": f"crash: {_crash(error)}", "detail": detail})
        return
    tell(
        {
            "step": "started",
            "seconds": round(perf_counter() - started, 3),
            "operations": len(trial.operations),
        }
    )
    trial.ask_all()
    trial.prove_all()
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    tell({"step": "done", "seconds": round(perf_counter() - started, 3), "mib": peak})


def _crash(error: BaseException) -> str:
    frames = traceback.extract_tb(error.__traceback__)
    where = f"{Path(frames[-1].filename).name}:{frames[-1].name}" if frames else ""
    return f"{type(error).__name__} in {where}: {grouped(str(error))}"


class Trial:
    """A mock of one description, with all that asks and judges it."""

    def __init__(self, path: Path, tell: Tell) -> None:
        mock = build([str(path)], Settings(fixtures=None))
        self._app = create_app(mock)
        api = mock.apis[0]
        self._api = api
        self._tell = tell
        self.operations = api.description.operations
        self._raw = Raw(_published(path))
        self._talker = Talker(self._app)
        self._inference: Any = None
        self._refusals: list[ApiError] = []
        for name, refusal in api.handlers.refusal_of.items():
            api.handlers.refusal_of[name] = self._noting(refusal)

    def _noting(self, refusal: Any) -> Any:
        """A shape of refusals that remembers them: documented ones often do not say why."""

        def refused(error: ApiError, request: Any) -> Any:
            self._refusals.append(error)
            return refusal(error, request)

        return refused

    def ask_all(self) -> None:
        """Ask each operation, in a sandbox of its own, without and with what is optional."""
        self._inference = infer(self._api.description, self._api.schemas.resolved)
        self._asker = Asker(self._api, self._raw)
        self._keys = Keys(self._api, self._asker, self._talker, self._inference)
        self._judge = Judge(self._api, self._raw)
        for number, operation in enumerate(self.operations):
            began = perf_counter()
            verdict = self._verdict(operation, number)
            role = self._inference.roles[operation.id]
            self._tell(
                {
                    "step": "operation",
                    "operation": f"{operation.method} {operation.path}",
                    "role": role.kind,
                    "seconds": round(perf_counter() - began, 3),
                    **asdict(verdict),
                }
            )

    def _verdict(self, operation: Operation, number: int) -> Verdict:
        with self._slowness() as slow:
            for bare in (True, False):
                found = self._asked(operation, f"o{number}-{int(bare)}", bare=bare)
                if not found.valid:
                    return found
            return found
        return Verdict(False, False, slow[0], "")

    @contextlib.contextmanager
    def _slowness(self) -> Iterator[list[str]]:
        """Bounds what is done inside; what went wrong is told in the list."""
        told: list[str] = []
        try:
            with bounded(SECONDS_EACH):
                yield told
        except TooSlow:
            told.append("takes too long")
            self._talker.close()
            self._talker.__init__(self._app)  # type: ignore[misc]
        except MemoryError:
            told.append("takes too much memory")
        except Exception as error:  # noqa: BLE001 - a crash is what this looks for
            told.append(f"crash of the trial: {_crash(error)}")

    def _asked(self, operation: Operation, sandbox: str, *, bare: bool) -> Verdict:
        try:
            values = self._keys.path(operation)
            keys = self._keys.beside(operation, values)
            valid = self._asker.request(operation, values, bare=bare, sandbox=sandbox, keys=keys)
        except NoRequest as error:
            if not bare:
                return Verdict(True, True)
            return Verdict(False, False, f"no valid request: {grouped(str(error))}", str(error))
        self._refusals.clear()
        told = self._talker.ask(valid.asked)
        found = self._judge.verdict(operation, told, *self._why())
        if found.valid:
            return found
        shown = f"{valid.asked.target[:200]} {valid.asked.body[:200]!r} → {found.detail}"
        cause = found.cause if bare else f"{found.cause} (with all that is optional)"
        if told.status == NOT_FOUND and self._keys.unlisted:
            cause += " (and no list shows any)"
        return Verdict(found.answered, False, cause, shown, found.judged)

    def _why(self) -> tuple[str, str]:
        """Why the last request was refused, as a cause and in full."""
        if not self._refusals:
            return "", ""
        error = self._refusals[-1]
        if not error.violations:
            return grouped(error.detail.partition(" in ")[0]), error.detail
        rules = sorted({f"{each.location} {each.rule}" for each in error.violations})
        return ", ".join(rules), "; ".join(map(str, error.violations))

    def prove_all(self) -> None:
        """Prove each pair in a sandbox of its own."""
        prover = Prover(self._api, self._asker, self._keys, self._talker)
        for number, pair in enumerate(pairs(self._api, self._inference)):
            cause = detail = ""
            self._refusals.clear()
            with self._slowness() as slow:
                try:
                    prover.prove(pair, f"p{number}")
                except Broken as broken:
                    why, full = self._why()
                    cause = f"{broken}: {why}" if why else str(broken)
                    detail = f"{full} {broken.detail}"
                except NoRequest as error:
                    cause, detail = f"no valid request: {grouped(str(error))}", str(error)
            self._tell(
                {
                    "step": "pair",
                    "create": f"{pair.create.method} {pair.create.path}",
                    "read": f"{pair.read.method} {pair.read.path}",
                    "rule": pair.rule,
                    "cause": slow[0] if slow else cause,
                    "detail": detail,
                }
            )


def _published(path: Path) -> Any:
    try:
        return json.loads(path.read_bytes())
    except ValueError:
        return yaml.load(path.read_bytes(), yaml.CSafeLoader)
