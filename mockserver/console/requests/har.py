"""Requests as an HTTP Archive: HAR 1.2 (http://www.softwareishard.com/blog/har-12-spec)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from http import HTTPStatus
from typing import Any
from urllib.parse import unquote_plus

from mockserver import __version__
from mockserver.engine.exchanges import FEED, Exchange

_PHRASES = {status.value: status.phrase for status in HTTPStatus}
_UNKNOWN = "application/octet-stream"
Named = list[dict[str, str]]


def archive(shown: Iterable[tuple[Exchange, Mapping[str, Any]]]) -> dict[str, Any]:
    """The archive of requests, each with what is shown of it; the oldest first."""
    creator = {"name": "mockserver", "version": __version__}
    entries = [_entry(exchange, told) for exchange, told in shown]
    return {"log": {"version": "1.2", "creator": creator, "entries": entries}}


def _entry(exchange: Exchange, told: Mapping[str, Any]) -> dict[str, Any]:
    started = exchange.started.isoformat()
    version = f"HTTP/{exchange.scope.get('http_version', '1.1')}"
    return {
        "startedDateTime": started,
        "time": told["milliseconds"],
        "request": _request(told, version),
        "response": _response(told, version),
        "cache": {},
        "timings": {"send": 0, "wait": told["milliseconds"], "receive": 0},
        "_operation": told["operation"],
        "_violations": told["violations"],
        "_reason": told["reason"],
    }


def _request(told: Mapping[str, Any], version: str) -> dict[str, Any]:
    request = told["request"]
    body = request["body"]
    made = {
        "method": "GET" if told["method"] == FEED else told["method"],
        "url": told["url"],
        "httpVersion": version,
        "cookies": _cookies(request["headers"], "cookie"),
        "headers": request["headers"],
        "queryString": _query(told["query"]),
        "headersSize": -1,
        "bodySize": told["requestBytes"],
    }
    if body is not None:
        made["postData"] = {
            "mimeType": body["mediaType"] or _UNKNOWN,
            "text": body.get("text", ""),
            **({"_base64": body["base64"]} if "base64" in body else {}),
            **_comment(body),
        }
    return made


def _response(told: Mapping[str, Any], version: str) -> dict[str, Any]:
    answer = told["answer"]
    body = answer["body"] or {"mediaType": "", "cut": False, "bytes": 0}
    content = {"size": told["answerBytes"], "mimeType": body["mediaType"] or _UNKNOWN}
    if "base64" in body:
        content |= {"text": body["base64"], "encoding": "base64"}
    elif "text" in body:
        content["text"] = body["text"]
    location = (h["value"] for h in answer["headers"] if h["name"].lower() == "location")
    return {
        "status": told["status"],
        "statusText": _PHRASES.get(told["status"], ""),
        "httpVersion": version,
        "cookies": _cookies(answer["headers"], "set-cookie"),
        "headers": answer["headers"],
        "content": {**content, **_comment(body)},
        "redirectURL": next(location, ""),
        "headersSize": -1,
        "bodySize": told["answerBytes"],
    }


def _comment(body: Mapping[str, Any]) -> dict[str, str]:
    return {"comment": f"the beginning of {body['bytes']} bytes"} if body["cut"] else {}


def _query(query: str) -> Named:
    pairs = (pair.partition("=") for pair in query.split("&") if pair)
    return [{"name": unquote_plus(name), "value": unquote_plus(value)} for name, _, value in pairs]


def _cookies(headers: Named, name: str) -> Named:
    """The cookies of a message; their values were masked before."""
    values = [header["value"] for header in headers if header["name"].lower() == name]
    split = [v.partition(";")[0] for v in values] if name == "set-cookie" else "; ".join(values)
    pairs = split if isinstance(split, list) else split.split("; ")
    named = (pair.partition("=") for pair in pairs if pair)
    return [{"name": cookie, "value": value} for cookie, _, value in named]
