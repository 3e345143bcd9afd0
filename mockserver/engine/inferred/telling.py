"""What the members of an error's body say of a refusal, by their names."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from http import HTTPStatus
from typing import Any

from mockserver.engine.inference.words import normal
from mockserver.engine.problems import problem_reply
from mockserver.errors import ApiError, Violation

_SENTENCES = frozenset(
    ("message", "detail", "details", "error", "errors", "description", "reason", "errormessage",
     "errormessages", "errordescription", "messages", "msg", "text", "userfriendlyerror",
     "developermessage", "usermessage", "faultstring", "explanation", "errortext", "errormsg")
)  # fmt: skip
_NUMBERS = frozenset(("status", "code", "statuscode", "httpstatus", "errorcode", "httpcode",
                      "httpstatuscode", "error", "internalcode", "faultcode"))  # fmt: skip
_TITLES = frozenset(("title", "error", "reason", "statustext", "name", "type", "statusmessage"))
_NO = frozenset(("success", "ok", "successful", "succeeded", "retryable"))
_PLACES = frozenset(("instance", "path", "requestpath", "uri", "requesturi"))
_SEVERAL = frozenset(
    ("errors", "details", "detail", "violations", "fielderrors", "invalidparams", "issues",
     "causes", "validationerrors", "suberrors", "fields", "invalidfields", "errordetails")
)  # fmt: skip
"""Members that hold one entry for each rule that a request breaks."""

_FIELDS = frozenset(
    ("field", "fieldname", "param", "parameter", "property", "propertypath", "path", "pointer",
     "attribute", "target", "name", "key", "location", "in", "loc", "source", "jsonpointer")
)  # fmt: skip
_LOCATIONS = frozenset(("location", "in"))
_POINTERS = frozenset(("pointer", "jsonpointer"))

_MOST = 10
"""Rules told of one request, at most."""

_PHRASES: Mapping[int, str] = {status.value: status.phrase for status in HTTPStatus}


class Telling:
    """A refusal, the status that it is told with, and the path that was asked for."""

    def __init__(self, error: ApiError, status: int, path: str = "") -> None:
        self.error = error
        self.status = status
        self._path = path

    @property
    def problem(self) -> Any:
        """The refusal as problem details (RFC 9457)."""
        body: Any = problem_reply(self.error).body
        return {**body, "status": self.status}

    @property
    def words(self) -> tuple[str, ...]:
        """What the status is called, as the names of errors have it: ``notfound``, ``404``."""
        return normal(_PHRASES.get(self.status, "")), str(self.status)

    def speaks(self, name: str, value: Any, around: Mapping[str, Any]) -> bool:
        """Whether a member of an error's body says something of the refusal."""
        word = normal(name)
        if isinstance(value, dict):
            inside = any(self.speaks(inner, each, value) for inner, each in value.items())
            return inside or self.is_map(name, value)
        if word in _FIELDS and self.error.violations:
            return True
        if isinstance(value, list):
            if value and isinstance(value[0], dict) and not self.error.violations:
                return self.speaks(name, value[0], {}) and not _has_sentence(around)
            return word in _SENTENCES | _SEVERAL
        return word in _SENTENCES | _NUMBERS | _TITLES | _NO | _PLACES

    def is_map(self, name: str, value: Any) -> bool:
        """Whether a member has the broken rules by the names of what broke them."""
        several = bool(self.error.violations) and normal(name) in _SEVERAL
        return several and isinstance(value, dict) and not _speaking(value)

    def told(self, made: Any, depth: int) -> Any:
        """A made body in which the members that speak of the refusal are true."""
        if isinstance(made, list) and depth:
            return [self.told(made[0], depth - 1)] if made else made
        if not isinstance(made, dict):
            return made
        return {name: self._member(name, value, (made, depth)) for name, value in made.items()}

    def _member(self, name: str, value: Any, place: tuple[Mapping[str, Any], int]) -> Any:
        word, (around, depth) = normal(name), place
        if isinstance(value, dict | list):
            return self._holding(name, value, depth)
        if isinstance(value, bool):
            return False if word in _NO else value
        if isinstance(value, int | float):
            return self.status if word in _NUMBERS else value
        if isinstance(value, str):
            if word == "error" and _has_sentence({n: v for n, v in around.items() if n != name}):
                return _PHRASES.get(self.status, value)
            return self._text(word, value)
        return value

    def _holding(self, name: str, value: Any, depth: int) -> Any:
        word, rules = normal(name), self.error.violations[:_MOST]
        if isinstance(value, list) and value and isinstance(value[0], str):
            said = [_sentence(rule) for rule in rules] if word in _SEVERAL else []
            return (said or [self.error.detail]) if word in _SENTENCES else value
        if word in _SEVERAL and rules and isinstance(value, list) and value:
            return [_entry(value[0], rule) for rule in rules]
        if self.is_map(name, value):
            listed = any(isinstance(each, list) for each in value.values())
            return {
                _field(rule): [_sentence(rule)] if listed else _sentence(rule) for rule in rules
            }
        return self.told(value, depth - 1) if depth else value

    def _text(self, word: str, value: str) -> str:
        if word == "error" or word in _SENTENCES:
            return self.error.detail
        if word in _NUMBERS:
            if value.isdigit() or word in ("status", "statuscode", "httpstatus"):
                return str(self.status)
            return HTTPStatus(self.status).name if self.status in _PHRASES else value
        if word in _TITLES:
            return "about:blank" if word == "type" else _PHRASES.get(self.status, value)
        return self._path or value if word in _PLACES else value


def _has_sentence(around: Mapping[str, Any]) -> bool:
    return any(
        normal(name) in _SENTENCES - {"error"} and isinstance(value, str)
        for name, value in around.items()
    )


def _speaking(value: Mapping[str, Any]) -> bool:
    return any(normal(name) in _SENTENCES | _NUMBERS | _FIELDS for name in value)


def _entry(made: Any, rule: Violation) -> Any:
    """An entry of a list of what was wrong, about one broken rule."""
    if isinstance(made, str):
        return _sentence(rule)
    if not isinstance(made, dict):
        return made
    return {name: _part(normal(name), value, rule) for name, value in made.items()}


def _part(word: str, value: Any, rule: Violation) -> Any:
    if word == "loc" and isinstance(value, list):
        return [rule.location, *_steps(rule)]
    if isinstance(value, dict):
        return _entry(value, rule)
    if not isinstance(value, str):
        return value
    told = {
        rule.location: _LOCATIONS,
        rule.pointer: _POINTERS,
        _field(rule): _FIELDS - _LOCATIONS - _POINTERS,
        _sentence(rule): _SENTENCES,
        rule.rule: (_NUMBERS | _TITLES | {"rule"}) - _FIELDS - _SENTENCES,
    }
    return next((text for text, words in told.items() if word in words), value)


def _steps(rule: Violation) -> Iterator[str]:
    yield from filter(None, rule.pointer.split("/"))


def _field(rule: Violation) -> str:
    """The name of what broke a rule: ``address.city``; of a whole body, where it is."""
    return ".".join(_steps(rule)) or rule.location


def _sentence(rule: Violation) -> str:
    return f"expected {rule.expected}, received {rule.received}"
