"""Whether a server is our own mock of this very version, with handlers inferred as here."""

from __future__ import annotations

from typing import Any

import orjson

from mockserver import __version__
from mockserver.contract.targets import MockTarget, Target
from mockserver.contract.values import Answered, Message
from mockserver.engine.reply import Api

INFERRED = "inferred"


def is_this_version(target: Target) -> bool:
    """Whether a server says that it is our own mock, of the version that checks it."""
    return isinstance(target, MockTarget) and _asked(target, "health").get("version") == __version__


def is_same(target: Target, api: Api) -> bool:
    """Whether a server says that it answers to an API as the mock in this process does.

    What other services may do otherwise is a fault there: their order of a list, their words, or
    one of several statuses that would do. A handler that somebody wrote answers as it likes.
    """
    if not is_this_version(target):
        return False
    told = _asked(target, f"operations?api={api.description.stem}").get("items")
    by = {each.get("operation"): each.get("by") for each in told or () if isinstance(each, dict)}
    return by == {operation.id: INFERRED for operation in api.description.operations}


def _asked(target: Target, path: str) -> dict[str, Any]:
    """What the control API answers: a list as the member ``items``; empty when it does not."""
    target.send(Message("GET", f"/__mock__/{path}", (), b""))
    outcome = target.receive()
    if not isinstance(outcome, Answered) or outcome.status >= 400:  # noqa: PLR2004 - refused
        return {}
    try:
        value = orjson.loads(outcome.body)
    except orjson.JSONDecodeError:
        return {}
    return value if isinstance(value, dict) else {"items": value}
