"""Answers judged: status, media type and body, by the published description itself."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import orjson
from jsonschema import ValidationError

from mockserver.engine.media import is_json, matching
from mockserver.engine.reply import Api
from mockserver.engine.spec import Operation
from tests.corpus.raw import Raw, Unjudged
from tests.corpus.talking import Told

MAX_JUDGED = 200_000
"""Bytes of a body past which only the product's validator judges it; the other one is slow."""

_WITHOUT_BODY = frozenset((204, 205, 304))
_VARYING = re.compile(r"'[^']*'|\"[^\"]*\"|`[^`]*`|\{.*\}|\[.*\]|/\S*|\b\S*\d\S*\b")


@dataclass(frozen=True, slots=True)
class Verdict:
    """Whether an operation answered as it should, and was found valid; ``cause`` says why not.

    ``judged`` tells whether the body was judged by the published schema, too.
    """

    answered: bool
    valid: bool
    cause: str = ""
    detail: str = ""
    judged: bool = False


def grouped(text: str) -> str:
    """A text without what differs from one case of a cause to the next."""
    return _VARYING.sub("…", text)[:140]


class Judge:
    """Judges the answers of one API."""

    def __init__(self, api: Api, raw: Raw) -> None:
        self._schemas = api.schemas
        self._raw = raw

    def verdict(
        self, operation: Operation, told: Told, why: str = "", in_full: str = ""
    ) -> Verdict:
        """What to say of the answer to a valid request; ``why`` is why it was refused."""
        shown = f"{told.status} {told.body[:300].decode(errors='replace')}"
        statuses = self._raw.statuses(operation) or [*operation.responses]
        if not _expected(statuses, told.status):
            kind = "500" if told.status >= 500 else str(told.status)
            return Verdict(
                False, False, f"answers {kind}: {_reason(told, why)}", f"{in_full} ← {shown}"
            )
        cause = self._media_type(operation, told)
        if cause:
            return Verdict(True, False, cause, shown)
        return self._body(operation, told, shown)

    def _media_type(self, operation: Operation, told: Told) -> str:
        documented = operation.response(told.status)
        if documented is None:
            return f"the status {told.status} is not documented"
        if operation.method == "HEAD":
            return "a body to HEAD" if told.body else ""
        offered = tuple(documented.content)
        if not offered:
            return "a body where none is documented" if told.body else ""
        if not told.body:
            json_only = all(is_json(each) for each in offered)
            no_body = told.status in _WITHOUT_BODY
            return "no body where one is documented" if json_only and not no_body else ""
        if matching(told.media_type, offered) is None:
            return "a media type that is not documented"
        return ""

    def _body(self, operation: Operation, told: Told, shown: str) -> Verdict:
        if not told.body or not is_json(told.media_type):
            return Verdict(True, True)
        try:
            value = orjson.loads(told.body)
        except orjson.JSONDecodeError:
            return Verdict(True, False, "a body that is no JSON", shown)
        documented = operation.response(told.status)
        offered = matching(told.media_type, tuple(documented.content)) if documented else None
        schema = documented.content[offered] if documented and offered else {}
        if not self._schemas.validator(schema, reply=True).is_valid(value):
            return Verdict(True, False, "breaks the schema, as the product itself sees it", shown)
        return self._by_the_published(operation, told, value, shown)

    def _by_the_published(
        self, operation: Operation, told: Told, value: Any, shown: str
    ) -> Verdict:
        if len(told.body) > MAX_JUDGED:
            return Verdict(True, True)
        try:
            self._raw.check(operation, told.status, told.media_type, value)
        except Unjudged:
            return Verdict(True, True)
        except ValidationError as error:
            cause = f"breaks the published schema: {error.validator}"
            where = "/".join(map(str, error.absolute_path))
            return Verdict(True, False, cause, f"at /{where}: {error.message[:200]} ← {shown}")
        return Verdict(True, True, judged=True)


def _expected(statuses: Sequence[str], status: int) -> bool:
    """Whether a status is a documented success, or the first one where none is documented."""
    good = [each for each in statuses if each.startswith("2")]
    if good:
        return str(status) in good or ("2XX" in good and status // 100 == 2)
    first = next((each for each in statuses if each.isdigit() and each >= "200"), "")
    by_default = {"DEFAULT", "default"} & {*statuses} and status // 100 == 2
    return not statuses or str(status) == first or bool(by_default) or not first


def _reason(told: Told, why: str) -> str:
    """Why a request was refused, as a cause."""
    if told.status < 500:
        return why or "nothing is described there"
    text = told.body.decode(errors="replace")
    broken = re.search(r"which breaks its description: reply ?(\S*): .*\(([\w ]+)\)", text)
    if broken:
        return f"the reply breaks {broken[2]}"
    return grouped(text)
