"""The calls of a finding made again: it is mended, or still there, or something else is wrong."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from pathlib import Path
from typing import Any

import orjson

from mockserver.contract.alike import normal
from mockserver.contract.branches import joined
from mockserver.contract.reports.calls import birth_from_json, from_json
from mockserver.contract.reports.document import VERSION
from mockserver.contract.results import CannotCheck, Options
from mockserver.contract.session import Session
from mockserver.contract.values import Birth, Difference, Failed, Sent

RACED = 12
"""Times that calls are made at once before they are taken to be right."""


class Verdict(Enum):
    """What came of it; the value is the exit code."""

    FIXED = 0
    STILL = 1
    CANNOT_RUN = 2
    DIFFERENT = 3

    def __str__(self) -> str:
        return self.name.replace("_", " ")


@dataclass(frozen=True, slots=True)
class Stored:
    """A finding as a report keeps it, and how the check was made that found it.

    ``description`` is a built-in API's stem, or a file or URL; ``cause`` the operation, the aspect
    and the pointer.
    """

    code: str
    cause: tuple[str, str, str]
    expected: str
    calls: tuple[Sent, ...]
    births: tuple[Birth, ...]
    url: str
    description: str
    options: Options


@dataclass(frozen=True, slots=True)
class Replayed:
    """The verdict, and a line on why."""

    verdict: Verdict
    why: str


def find(finding: str, folder: Path) -> Path:
    """The file of a finding: its path, or its id in a report's folder. Raises CannotCheck."""
    path = Path(finding)
    if path.is_file():
        return path
    found = sorted(folder.glob(f"findings/*_{finding.lower()}.json"))
    if not found:
        raise CannotCheck(
            f"there is no file {finding}, and no finding of that id in {folder}/findings: tell a "
            "finding's JSON file, or its id and --report-dir"
        )
    return found[0]


def load(path: Path) -> Stored:
    """Read a finding's file. Raises CannotCheck for what is none."""
    try:
        told = orjson.loads(path.read_bytes())
        if told["version"] != VERSION:
            raise CannotCheck(f"{path}: expected version {VERSION}, got {told['version']!r}")
        return _stored(told["check"], told["finding"])
    except OSError as error:
        raise CannotCheck(f"{path} cannot be read: {error}") from error
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise CannotCheck(f"{path} is no finding's file: {error!r}") from error


def _stored(check: dict[str, Any], finding: dict[str, Any]) -> Stored:
    return Stored(
        finding["code"],
        (finding["operation"], finding["aspect"], finding["pointer"]),
        finding["expected"],
        tuple(map(from_json, finding["replay"]["calls"])),
        tuple(map(birth_from_json, finding["replay"]["births"])),
        check["url"],
        check["description"],
        Options(base_path=check["basePath"], reset=check["reset"], own_data=check["ownData"]),
    )


def replay(
    stored: Stored,
    server: Any = None,
    description: str = "",
    options: Options | None = None,
    *,
    reset: Any = None,
) -> Replayed:
    """Make a finding's calls again, on the server where it was found or on another one.

    ``server``, ``description`` and ``reset`` are as :func:`mockserver.contract.checking.check` has
    them; what is left out is as it was in the check. Raises StartupError for a description that
    cannot be read.
    """
    from mockserver.contract.checking import opened  # noqa: PLC0415 - it brings all phases

    kept = stored.options
    elsewhere = server is not None
    reset = reset if reset is not None or elsewhere else kept.reset or None
    births = {birth.number: (birth.step, birth.place) for birth in stored.births}
    told = (server if elsewhere else stored.url, description or stored.description)
    try:
        with opened(*told, options or kept, reset=reset) as check:
            unknown = {sent.operation for sent in stored.calls} - set(check.setting.operations)
            if unknown:
                words = ", ".join(sorted(unknown))
                return Replayed(Verdict.CANNOT_RUN, f"the description has no operation {words}")
            calls = joined(stored.calls)
            for _ in range(RACED if calls[-1].branches else 1):
                done = judged(check.again(calls, births), stored)
                if done.verdict is not Verdict.FIXED:
                    break
            return done
    except CannotCheck as error:
        return Replayed(Verdict.CANNOT_RUN, str(error))
    except KeyError:
        why = "an earlier call did not answer as it did: a key that later ones need did not come"
        return Replayed(Verdict.CANNOT_RUN, why)


def judged(session: Session, stored: Stored) -> Replayed:
    """What a run says of a finding: another difference anywhere in it is told as one."""
    last = session.steps[-1]
    for difference in last.differences:
        if (last.sent.operation, difference.aspect, normal(difference.pointer)) == stored.cause:
            return Replayed(Verdict.STILL, _words(difference))
    for number, step in enumerate(session.steps, 1):
        for difference in step.differences:
            why = f"call {number}, {step.sent.operation}: {_words(difference)}"
            return Replayed(Verdict.DIFFERENT, why)
    if isinstance(last.t, Failed):
        return Replayed(Verdict.CANNOT_RUN, last.t.detail)
    return Replayed(Verdict.FIXED, "the last answer is what the contract asks for")


def _words(difference: Difference) -> str:
    where = f"{difference.aspect} {difference.pointer}".strip()
    return f"{difference.code} {where}: expected {difference.expected}, got {difference.got}"
