"""The fault rules of a sandbox: listed, added, changed, taken out."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterator, Mapping
from itertools import islice
from typing import Any

from mockserver.catalogue import Mock
from mockserver.engine.faults.rules import FaultRules, Rule
from mockserver.engine.handlers import Call, Handlers, Reply
from mockserver.errors import ApiError, Violation

LARGEST = 64 * 1024
"""Bytes of a rule; it is read at once, so that rules change between two requests."""

_NAMED = 20
"""Names that a refusal tells at most."""

_TOKEN = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]{1,100}")
_OF_THE_MESSAGE = frozenset(
    ("connection", "content-length", "date", "keep-alive", "te", "trailer", "transfer-encoding",
     "upgrade", "x-mock-fault")
)  # fmt: skip
"""Headers that are the server's to say."""


class Faults:
    """The operations of fault rules over a mock, whose APIs and operations the rules name."""

    def __init__(self, mock: Mock) -> None:
        self._operations = {
            api.description.stem: [operation.id for operation in api.description.operations]
            for api in mock.apis
        }

    def register(self, handlers: Handlers) -> None:
        """Add the operations."""
        for handler in (
            self.list_faults,
            self.create_fault,
            self.delete_faults,
            self.read_fault,
            self.put_fault,
            self.delete_fault,
        ):
            handlers.operation(handler.__name__, body_limit=LARGEST)(handler)

    def list_faults(self, call: Call) -> Reply:
        """The rules in the order in which they are tried."""
        return Reply([_shown(rule) for rule in call.sandbox.faults or ()])

    def create_fault(self, call: Call) -> Reply:
        """A new rule."""
        self._judge(call.body)
        rule = _rules(call).put(call.body)
        return Reply(_shown(rule), 201, {"Location": f"/__mock__/faults/{rule.id}"})

    def delete_faults(self, call: Call) -> Reply:
        """No rules any more."""
        call.sandbox.faults = None
        return Reply(status=204)

    def read_fault(self, call: Call) -> Reply:
        """One rule."""
        rules: FaultRules | None = call.sandbox.faults
        rule = rules.get(call.path["id"]) if rules else None
        if rule is None:
            raise _no_rule(call)
        return Reply(_shown(rule))

    def put_fault(self, call: Call) -> Reply:
        """A rule in the place of another, or a new one; its counts begin."""
        self._judge(call.body)
        rules, id_ = _rules(call), call.path["id"]
        is_new = rules.get(id_) is None
        return Reply(_shown(rules.put(call.body, id_)), 201 if is_new else 200)

    def delete_fault(self, call: Call) -> Reply:
        """A rule less."""
        rules: FaultRules | None = call.sandbox.faults
        if rules is None or not rules.drop(call.path["id"]):
            raise _no_rule(call)
        if not rules:
            call.sandbox.faults = None
        return Reply(status=204)

    def _judge(self, told: Mapping[str, Any]) -> None:
        """What no schema says of a rule. Raises ApiError 422."""
        violations = list(self._violations(told))
        if violations:
            detail = "The rule cannot hold. " + " ".join(
                f"{v.pointer}: expected {v.expected}." for v in violations
            )
            raise ApiError(422, detail, violations=violations)

    def _violations(self, told: Mapping[str, Any]) -> Iterator[Violation]:
        api, operation, fault = told.get("api"), told.get("operation"), told["fault"]
        if api is not None and api not in self._operations:
            yield _unknown("/api", "the stem of an API", api, list(self._operations))
        elif operation is not None:
            own = [self._operations[api]] if api else self._operations.values()
            known = [each for operations in own for each in operations]
            if operation not in known:
                yield _unknown("/operation", "the id of an operation", operation, known)
        for name in fault.get("headers", ()):
            if not _TOKEN.fullmatch(name) or name.lower() in _OF_THE_MESSAGE:
                expected = "the name of a header that is not the server's own to say"
                yield Violation("body", "/fault/headers", "name", expected, name[:100])
        if fault.get("lower", 0) > fault.get("upper", fault.get("lower", 0)):
            received = f"{fault['lower']:g} and {fault['upper']:g}"
            yield Violation("body", "/fault", "order", "lower not to be above upper", received)


def _unknown(pointer: str, what: str, received: str, known: list[str]) -> Violation:
    """A name that is none, and those there are, the nearest first."""
    near = difflib.get_close_matches(received, known, n=3)
    told = [*near, *islice((name for name in known if name not in near), _NAMED - len(near))]
    more = f" and {len(known) - len(told)} more" if len(told) < len(known) else ""
    expected = f"{what}, of which there are {', '.join(told) or 'none'}{more}"
    return Violation("body", pointer, "known", expected, received)


def _rules(call: Call) -> FaultRules:
    rules: FaultRules | None = call.sandbox.faults
    if rules is None:
        rules = call.sandbox.faults = FaultRules()
    return rules


def _no_rule(call: Call) -> ApiError:
    known = ", ".join(rule.id for rule in call.sandbox.faults or ()) or "none"
    return ApiError(404, f"No fault rule has the id {call.path['id']!r}; there are: {known}.")


def _shown(rule: Rule) -> dict[str, Any]:
    counts = {"id": rule.id, "seen": rule.seen, "hits": rule.hits, "spent": rule.is_spent}
    return {**counts, "probability": 1, "skip": 0, **rule.told}
