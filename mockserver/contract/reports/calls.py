"""The calls of a finding as JSON and back, so that they can be made again by another process."""

from __future__ import annotations

import base64
from collections.abc import Mapping
from typing import Any

from mockserver.contract.values import Birth, Body, Form, Json, Key, Part, Raw, Sent

KEY = "$key"
PAIRS = "$pairs"
OCTETS = "$base64"


def as_json(sent: Sent) -> dict[str, Any]:
    """A call; a key is ``{"$key": 3}``."""
    told: dict[str, Any] = {
        "operation": sent.operation,
        "method": sent.method,
        "path": sent.path,
        "pathParameters": _value(dict(sent.path_parameters)),
        "query": [[name, _value(value)] for name, value in sent.query],
        "headers": [[name, _value(value)] for name, value in sent.headers],
        "body": _body(sent.body),
        "mediaType": sent.media_type,
        "caller": sent.caller,
        "link": sent.link.number if sent.link else None,
        "why": sent.why,
    }
    if sent.branches:
        told["branches"] = [[as_json(inner) for inner in branch] for branch in sent.branches]
        told["reads"] = [as_json(inner) for inner in sent.reads]
    return told


def from_json(told: Mapping[str, Any]) -> Sent:
    """The call again. Raises KeyError or TypeError for what is none."""
    return Sent(
        operation=told["operation"],
        method=told["method"],
        path=told["path"],
        path_parameters=_read(told["pathParameters"]),
        query=tuple((name, _read(value)) for name, value in told["query"]),
        headers=tuple((name, _read(value)) for name, value in told["headers"]),
        body=_read_body(told["body"]),
        media_type=told["mediaType"],
        caller=told["caller"],
        link=None if told["link"] is None else Key(told["link"]),
        why=told.get("why", ""),
        branches=tuple(tuple(map(from_json, branch)) for branch in told.get("branches", ())),
        reads=tuple(map(from_json, told.get("reads", ()))),
    )


def birth_as_json(birth: Birth) -> dict[str, Any]:
    """Where a key comes from."""
    return {"key": birth.number, "step": birth.step, "place": birth.place}


def birth_from_json(told: Mapping[str, Any]) -> Birth:
    """Where a key comes from, again; what it was called then is not kept."""
    return Birth(told["key"], told["step"], told["place"], None)


def _body(body: Body) -> Any:
    if isinstance(body, Json):
        return {"json": _value(body.value)}
    if isinstance(body, Raw):
        return {"raw": _octets(body.data)}
    if isinstance(body, Form):
        return {"form": [_part(part) for part in body.parts]}
    return None


def _part(part: Part) -> dict[str, Any]:
    return {
        "name": part.name,
        "content": _value(part.content),
        "fileName": part.file_name,
        "mediaType": part.media_type,
    }


def _read_body(told: Any) -> Body:
    if told is None:
        return None
    if "json" in told:
        return Json(_read(told["json"]))
    if "raw" in told:
        return Raw(_read(told["raw"]))
    return Form(
        tuple(
            Part(each["name"], _read(each["content"]), each["fileName"], each["mediaType"])
            for each in told["form"]
        )
    )


def _octets(data: bytes) -> dict[str, str]:
    return {OCTETS: base64.b64encode(data).decode()}


def _value(value: Any) -> Any:
    if isinstance(value, Key):
        return {KEY: value.number}
    if isinstance(value, bytes):
        return _octets(value)
    if isinstance(value, list):
        return [_value(item) for item in value]
    if isinstance(value, dict):
        plain = all(isinstance(n, str) and not n.startswith("$") for n in value)
        if plain:
            return {name: _value(item) for name, item in value.items()}
        return {PAIRS: [[_value(name), _value(item)] for name, item in value.items()]}
    return value


def _read(value: Any) -> Any:
    if isinstance(value, list):
        return [_read(item) for item in value]
    if isinstance(value, dict):
        if KEY in value:
            return Key(value[KEY])
        if OCTETS in value:
            return base64.b64decode(value[OCTETS])
        if PAIRS in value:
            return {_read(name): _read(item) for name, item in value[PAIRS]}
        return {name: _read(item) for name, item in value.items()}
    return value
