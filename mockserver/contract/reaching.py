"""Before anything is judged: whether a server is there, and is it where it is looked for."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

from mockserver.contract.drawing import Drawing
from mockserver.contract.pacing import Busy, OutOfTime, Paced
from mockserver.contract.results import CannotCheck
from mockserver.contract.session import Setting, is_success, with_headers
from mockserver.contract.values import Answered, Failed, Message, Sent
from mockserver.engine.spec import Operation
from mockserver.engine.templates import template_names

NOT_FOUND = 404

LOOKED_AT = 6
"""Reads that are made until one is found."""

LEAST = 2
"""Reads that have to be missing before it is the address that is taken to be wrong."""


def reach(target: Paced, base_path: str) -> None:
    """Find out whether anybody listens at all. Raises CannotCheck."""
    target.send(Message("GET", base_path + "/", (), b""))
    try:
        outcome = target.receive()
    except (Busy, OutOfTime) as error:
        why = "".join(map(str, error.args)) or "nothing in the time there is"
        raise CannotCheck(f"the server has no time: it answers {why}") from error
    if isinstance(outcome, Failed) and outcome.kind in {"unreachable", "garbage"}:
        raise CannotCheck(outcome.detail)


def find(setting: Setting, target: Paced, drawing: Drawing, *, base_path: bool) -> None:
    """Find out whether what is described is there: one of a few reads is found.

    Raises CannotCheck where all of them are 404 that the reference answers, with a hint at the
    base path; ``base_path`` says whether the description's is put behind the URL.
    """
    described = setting.first.api.description.base_path
    messages = list(_reads(setting, drawing))
    missing: list[str] = []
    for message in messages:
        if not _is_missing(target, message):
            return
        missing.append(message.target.partition("?")[0])
    if len(missing) < LEAST:
        return
    told = f"nothing that is described is there: {', '.join(missing[:3])} are 404"
    if not described:
        raise CannotCheck(f"{told}; is {target.base_url} the root of the server?")
    other = f"without its base path {described}" if base_path else f"with its base path {described}"
    if any(not _is_missing(target, each) for each in _otherwise(messages, described, base_path)):
        flag = "tell --no-base-path" if base_path else "leave --no-base-path out"
        raise CannotCheck(f"{told}; the server answers {other}: {flag}")
    raise CannotCheck(
        f"{told}, neither with the description's base path {described} nor without it; "
        f"is {target.base_url} the root of the server?"
    )


def _otherwise(
    messages: Sequence[Message],
    described: str,
    base_path: bool,  # noqa: FBT001 - as it was told
) -> Iterator[Message]:
    for message in messages:
        plain = message.target.removeprefix(described)
        yield replace(message, target=plain if base_path else described + message.target)


def _reads(setting: Setting, drawing: Drawing) -> Iterator[Message]:
    """A few reads of no single record, which the reference answers."""
    count = 0
    for operation in _plain(drawing.operations.values()):
        sent = Sent(operation.id, "GET", operation.path, caller=drawing.caller)
        message = setting.writer.message(sent, str)
        if not is_success(setting.first.apply(message, setting.first.world(0), "")):
            continue
        count += 1
        yield with_headers(message, setting.headers, sent.caller)
        if count == LOOKED_AT:
            return


def _plain(operations: Iterable[Operation]) -> Iterator[Operation]:
    for operation in operations:
        plain = operation.method == "GET" and not template_names(operation.path)
        if plain and operation.stream is None:
            yield operation


def _is_missing(target: Paced, message: Message) -> bool:
    target.send(message)
    try:
        outcome = target.receive()
    except Busy:
        return False
    return isinstance(outcome, Answered) and outcome.status == NOT_FOUND
