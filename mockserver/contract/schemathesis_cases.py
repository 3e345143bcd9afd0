"""Schemathesis' cases as calls of ours."""

from __future__ import annotations

import warnings
from collections.abc import Generator, Mapping
from typing import Any, cast
from urllib.parse import parse_qsl, urlsplit

import orjson
import requests

with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    import schemathesis
    from hypothesis import HealthCheck, Phase, given, seed, settings
    from schemathesis import GenerationMode

from mockserver.contract.values import Body, Form, Json, Part, Raw, Sent
from mockserver.engine.spec import Description

MAX_BODY = 24 * 1024
"""Larger bodies are not sent: what they show, smaller ones show sooner."""

MAX_SKIPPED = 30
"""Cases that cannot be sent, one after the other, after which an operation has no more."""

_OWN_HEADERS = frozenset(
    ("user-agent", "accept-encoding", "connection", "x-schemathesis-testcaseid", "accept",
     "content-length", "host", "cookie", "transfer-encoding")
)  # fmt: skip
_NEVER = frozenset(("OPTIONS", "HEAD", "TRACE", "CONNECT"))
"""Methods that servers answer by themselves, described or not."""


class Cases:
    """Calls that Schemathesis makes of a description."""

    def __init__(self, description: Description) -> None:
        self._description = description
        document = dict(description.document)
        # Not what a schemathesis.toml near the working directory says.
        self._schema = schemathesis.openapi.from_dict(document, config=schemathesis.Config())
        self._made = {}
        by_place = {(o.method, o.path): o.id for o in description.operations}
        for result in self._schema.get_all_operations():
            operation: Any = cast("Any", result).ok() if _is_ok(result) else None
            place = (operation.method.upper(), operation.path) if operation else None
            if place in by_place:
                self._made[by_place[place]] = operation
        self._methods = {operation.id: operation.method for operation in description.operations}
        self._credentials = _credential_names(description)

    def made(self, operation: str) -> Any:
        """An operation as Schemathesis has it, None where it cannot read it."""
        return self._made.get(operation)

    def coverage(self, operation: str, *, right: bool) -> Generator[Sent, None, None]:
        """The deterministic boundary cases of an operation, made while they are asked for.

        ``right`` ones satisfy the description, the others break it in one place.
        """
        made = self._made.get(operation)
        if made is None:
            return
        config = self._schema.config.generation_for(operation=made, phase="coverage")
        try:
            skipped = 0
            for case in self._schema.iter_coverage_cases(
                made, generation_modes=[_mode(right=right)], generation_config=config
            ):
                sent = self._sent(operation, case)
                skipped = skipped + 1 if sent is None else 0
                if sent is not None:
                    yield sent
                elif skipped > MAX_SKIPPED:
                    return
        except (
            ValueError,
            TypeError,
            KeyError,
            RecursionError,
            schemathesis.errors.SchemathesisError,
        ):
            return  # of a schema that cannot be generated from there are no more cases

    def drawn(self, operation: str, number: int, random_seed: int, *, right: bool) -> list[Sent]:
        """Cases that Hypothesis draws: at most ``number``, the same for the same seed."""
        made = self._made.get(operation)
        found: list[Sent] = []
        if made is None:
            return found

        @seed(random_seed)
        @settings(
            max_examples=number,
            database=None,
            deadline=None,
            phases=[Phase.generate],
            suppress_health_check=list(HealthCheck),
        )
        @given(case=made.as_strategy(generation_mode=_mode(right=right)))
        def collect(case: Any) -> None:
            sent = self._sent(operation, case)
            if sent is not None:
                found.append(sent)

        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                collect()
        except Exception:  # noqa: BLE001 - what cannot be drawn from gives what was drawn before
            return found
        return found

    def _sent(self, operation: str, case: Any) -> Sent | None:
        """A case as a call of ours, None when it cannot be sent at all."""
        method = case.method.upper()
        if method in _NEVER and method != self._methods[operation]:
            return None
        if _size(case.body) > MAX_BODY:
            return None
        try:
            case.freeze_metadata()
            arguments = case.as_transport_kwargs(base_url="http://server.test")
            prepared = requests.Request(**arguments).prepare()
        except (ValueError, TypeError, requests.RequestException, UnicodeError, AttributeError):
            return None
        query = parse_qsl(urlsplit(prepared.url or "").query, keep_blank_values=True)
        headers = {
            name: value if isinstance(value, str) else value.decode("latin-1")
            for name, value in (arguments.get("headers") or {}).items()
        }
        body, media_type = _body(case, arguments, headers)
        path = case.operation.path
        return Sent(
            operation=operation,
            method=method,
            path=path,
            path_parameters=dict(case.path_parameters or {}),
            query=tuple(pair for pair in query if ("query", pair[0]) not in self._credentials),
            headers=self._headers(headers),
            body=body,
            media_type=media_type,
            why=_why(case),
        )

    def _headers(self, headers: Mapping[str, str]) -> tuple[tuple[str, Any], ...]:
        return tuple(
            (name, value)
            for name, value in headers.items()
            if name.lower() not in _OWN_HEADERS
            and name.lower() != "content-type"
            and ("header", name.lower()) not in self._credentials
        )


def _size(body: Any) -> int:
    """About how many bytes a JSON body takes."""
    if not isinstance(body, dict | list):
        return 0
    try:
        return len(orjson.dumps(body))
    except TypeError:
        return 0


def _mode(*, right: bool) -> GenerationMode:
    return GenerationMode.POSITIVE if right else GenerationMode.NEGATIVE


def _is_ok(result: Any) -> bool:
    return type(result).__name__ == "Ok"


def _why(case: Any) -> str:
    data = getattr(getattr(case.meta, "phase", None), "data", None)
    return str(getattr(data, "description", "") or "drawn")


def _credential_names(description: Description) -> set[tuple[str, str]]:
    names = {("header", "authorization")}
    for scheme in description.security_schemes.values():
        if scheme.kind == "apiKey":
            name = scheme.parameter
            names.add((scheme.location, name.lower() if scheme.location == "header" else name))
    return names


def _body(case: Any, arguments: Any, headers: Mapping[str, str]) -> tuple[Body, str]:
    told = next((v for name, v in headers.items() if name.lower() == "content-type"), "")
    media_type = case.media_type or told
    if "json" in arguments:
        return Json(arguments["json"]), told or media_type
    if arguments.get("files"):
        return Form(tuple(map(_part, arguments["files"]))), "multipart/form-data"
    data = arguments.get("data")
    if not data:
        return None, ""
    if isinstance(data, dict):
        parts = tuple(Part(name, value) for name, value in data.items())
        return Form(parts), "application/x-www-form-urlencoded"
    octets = data.encode("utf-8", "replace") if isinstance(data, str) else bytes(data)
    return Raw(octets), told or media_type


def _part(given: Any) -> Part:
    name, content = given
    if not isinstance(content, tuple):
        return Part(name, content)
    file_name, data, *rest = content
    return Part(name, data, file_name, rest[0] if rest else None)
