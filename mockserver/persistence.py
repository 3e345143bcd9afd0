"""The default sandbox kept in a file: what its state rests on, and what of it still fits."""

from __future__ import annotations

import logging
import os
from collections.abc import Iterator
from hashlib import blake2b
from pathlib import Path
from typing import Any

import orjson

from mockserver import __version__
from mockserver.catalogue import Mock, Settings
from mockserver.engine.seeds.reading import DATABASE
from mockserver.errors import Problem, StartupError
from mockserver.state.carrying import Carrying
from mockserver.state.state_file import Grounds, StateFile

_MOST_TOLD = 10

logger = logging.getLogger("mockserver")


def grounds_of(mock: Mock, settings: Settings) -> Grounds:
    """What the states of a mock rest on."""
    fingerprint = dict(_fingerprint(mock, settings))
    return Grounds(mock.sandboxes.snapshot, fingerprint, settings.rules.history, __version__)


def keep_in_file(mock: Mock, settings: Settings, path: Path, *, sync: bool) -> StateFile:
    """Have the default sandbox go on where a file ends, and keep what it does there.

    What is to be known is logged. Raises StartupError when the file is of no use.
    """
    if os.name != "posix":
        raise StartupError([Problem("--state", "", "expected a POSIX system: it locks its file")])
    file = StateFile(path, sync=sync)
    try:
        _go_on(mock, grounds_of(mock, settings), file)
    except StartupError:
        file.close()
        raise
    return file


def _go_on(mock: Mock, grounds: Grounds, file: StateFile) -> None:
    kept = file.load(grounds, mock.blobs)
    if kept.cut:
        logger.warning(
            "%s: its last entry was torn: %d bytes were cut off; the state is that of revision %d",
            file.path, kept.cut, kept.head.revision,
        )  # fmt: skip
    head, entries = kept.head, kept.entries
    if kept.others:
        logger.warning("%s: written with another %s", file.path, ", another ".join(kept.others))
        stems = (each.removeprefix(_DESCRIBED) for each in kept.others)
        judged = frozenset(stem for stem in stems if stem in mock.shapes)
        carrying = Carrying(mock.shapes, {}, judged)
        head = carrying.carried(grounds.seed, head, grounds.seed)
        entries = ()
        if carrying.left_out:
            aside = file.set_aside()
            tell_left_out(carrying, f"the file as it was is {aside}")
        file.rewrite(grounds, head, entries)
    mock.sandboxes.default.number_requests_from(kept.first_request)
    file.follow(mock.sandboxes.default.log, head, entries)


def tell_left_out(carrying: Carrying, more: str) -> None:
    """Log which records do not fit any more; ``more`` says what became of them."""
    told = list(carrying.left_out)
    for line in told[:_MOST_TOLD]:
        logger.warning("left out: %s", line)
    rest = len(told) - _MOST_TOLD
    logger.warning(
        "%sleft out what does not fit: %s", f"and {rest} more; " if rest > 0 else "", more
    )


_DESCRIBED = "description of "


def _fingerprint(mock: Mock, settings: Settings) -> Iterator[tuple[str, str]]:
    """By name, what a state rests on."""
    yield "--seed", str(settings.rules.seed)
    yield "--records", str(settings.records)
    yield "version of mockserver", __version__
    for api in mock.apis:
        stem = api.description.stem
        yield _DESCRIBED + stem, _hash([_json(api.description.document)])
        paths = fixture_files(settings.fixtures, stem)
        files = (part for path in paths for part in _contents(path))
        yield f"set of fixtures of {stem}", _hash(files)


def fixture_files(where: Path | None, stem: str) -> Iterator[Path]:
    """The files that an API's fixtures may be in."""
    if where is None:
        return
    if where.is_file():
        yield where
        return
    yield from (path for path in (where / f"{stem}.json", where / DATABASE) if path.is_file())
    yield from sorted(path for path in (where / stem).rglob("*") if path.is_file())


def _contents(path: Path) -> tuple[bytes, bytes]:
    return path.name.encode("utf-8", "surrogateescape"), path.read_bytes()


def _json(value: Any) -> bytes:
    try:
        return orjson.dumps(value, option=orjson.OPT_NON_STR_KEYS)
    except TypeError:  # numbers past 64 bits
        return repr(value).encode("utf-8", "surrogatepass")


def _hash(parts: Any) -> str:
    made = blake2b(digest_size=12)
    for part in parts:
        made.update(len(part).to_bytes(8, "big"))
        made.update(part)
    return made.hexdigest()
