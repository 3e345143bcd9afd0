"""Calls as one side sends them: its own values where keys stand, its credentials, its bytes."""

from __future__ import annotations

import base64
from collections.abc import Callable, Mapping
from operator import is_not
from typing import Any
from urllib.parse import quote, urlencode, urlsplit

import orjson

from mockserver.contract.values import Form, Key, Message, Part, Raw, Sent
from mockserver.engine.spec import Description, Operation

Resolve = Callable[[Key], Any]
"""The value of a key on one side. Raises KeyError when that side has none."""

BOUNDARY = "mockserver-check-5f0c6c3b7e"
BOGUS = "nobody-knows-this"
"""The caller who presents credentials that nobody has."""

NO_CALLER = ""
_KEYS_TOLD = orjson.OPT_NON_STR_KEYS | orjson.OPT_PASSTHROUGH_DATACLASS


class Callers:
    """Who calls, and what they present.

    ``identities`` are those of the reference; ``about`` are keys of records that some are for.
    """

    def __init__(
        self,
        description: Description,
        identities: list[Mapping[str, Any]],
    ) -> None:
        self._schemes = description.security_schemes
        self._identities = {
            str(identity.get("identity", number)): identity.get("credentials", {})
            for number, identity in enumerate(identities)
        }
        self.about = {str(i["identity"]): i["about"] for i in identities if i.get("about")}
        self._known: dict[tuple[str, str], _Presented] = {}

    @property
    def names(self) -> list[str]:
        """The names of those who have credentials, the first one being the usual caller."""
        return [name for name, credentials in self._identities.items() if credentials]

    def presented(self, caller: str, operation: Operation) -> _Presented:
        """Headers and query parameters that say who calls."""
        known = self._known.get((caller, operation.id))
        if known is None:
            known = self._known[caller, operation.id] = self._present(caller, operation)
        return known

    def _present(self, caller: str, operation: Operation) -> _Presented:
        credentials = self._identities.get(caller, {})
        presented = _Presented([], [])
        if caller == NO_CALLER:
            return presented
        wanted = [some for some in operation.security if some]
        if caller != BOGUS and not any(credentials.keys() >= set(some) for some in wanted):
            wanted = _alternatives(credentials)
        for alternative in wanted:
            texts = {n: BOGUS if caller == BOGUS else credentials.get(n) for n in alternative}
            if None in texts.values():
                continue
            for name in alternative:
                self._add(presented, name, str(texts[name]))
            break
        return presented

    def _add(self, presented: _Presented, name: str, text: str) -> None:
        scheme = self._schemes[name]
        if scheme.kind == "apiKey" and scheme.location == "query":
            presented.query.append((scheme.parameter, text))
        elif scheme.kind == "apiKey" and scheme.location == "cookie":
            presented.headers.append(("Cookie", f"{scheme.parameter}={text}"))
        elif scheme.kind == "apiKey":
            presented.headers.append((scheme.parameter, text))
        elif scheme.scheme.lower() == "basic":
            encoded = base64.b64encode((text if ":" in text else f"{text}:").encode()).decode()
            presented.headers.append(("Authorization", f"Basic {encoded}"))
        else:
            presented.headers.append(("Authorization", f"Bearer {text}"))


class _Presented:
    __slots__ = ("headers", "query")

    def __init__(self, headers: list[tuple[str, str]], query: list[tuple[str, str]]) -> None:
        self.headers = headers
        self.query = query


def _alternatives(credentials: Mapping[str, Any]) -> list[tuple[str, ...]]:
    """An operation that asks for nothing is told who calls, too: some answer by caller."""
    return [(name,) for name in list(credentials)[:1]]


def resolved(value: Any, resolve: Resolve) -> Any:
    """A value with each key replaced by what it stands for; itself where there is no key in it."""
    kind = type(value)
    if kind is str:
        return value
    if kind is dict:
        return _resolved_object(value, resolve)
    if kind is list:
        items = [item if type(item) is str else resolved(item, resolve) for item in value]
        return items if any(map(is_not, items, value)) else value
    return resolve(value) if kind is Key else value


def _resolved_object(value: dict[Any, Any], resolve: Resolve) -> dict[Any, Any]:
    changed: dict[Any, Any] = {}
    renamed = False
    for name, item in value.items():
        kind = type(item)
        if kind is dict or kind is list or kind is Key:
            found = resolved(item, resolve)
            if found is not item:
                changed[name] = found
        renamed = renamed or type(name) is Key
    if renamed:
        return {resolved(n, resolve): changed.get(n, item) for n, item in value.items()}
    return {**value, **changed} if changed else value


def text_of(value: Any) -> str:
    """A scalar as a parameter has it."""
    if value is True or value is False:
        return "true" if value else "false"
    return "" if value is None else str(value)


class Writer:
    """Writes calls of one description for either side."""

    def __init__(self, description: Description, callers: Callers, base_path: str) -> None:
        self._base_path = base_path
        self._operations = {operation.id: operation for operation in description.operations}
        self._callers = callers

    def message(self, sent: Sent, resolve: Resolve) -> Message:
        """The call as one side sends it. Raises KeyError for a key that the side has not."""
        presented = self._callers.presented(sent.caller, self._operations[sent.operation])
        headers = [(name, text_of(resolved(value, resolve))) for name, value in sent.headers]
        body, content_type = _body(sent, resolve)
        if content_type:
            headers.append(("Content-Type", content_type))
        own = {name.lower() for name, _ in presented.headers}
        headers = [pair for pair in headers if pair[0].lower() not in own] + presented.headers
        target = self._target(sent, resolve, presented.query)
        return Message(sent.method, target, tuple(map(_visible, headers)), body)

    def _target(self, sent: Sent, resolve: Resolve, more: list[tuple[str, str]]) -> str:
        if sent.link is not None:
            parts = urlsplit(str(resolve(sent.link)))
            return (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        path = sent.path
        for name, value in sent.path_parameters.items():
            text = quote(text_of(resolved(value, resolve)), safe="")
            # A dot segment would be resolved away by clients (RFC 3986, section 5.2.4).
            text = text.replace(".", "%2E") if text in {".", ".."} else text
            path = path.replace("{" + name + "}", text)
        query = [(name, text_of(resolved(value, resolve))) for name, value in sent.query]
        encoded = urlencode(query + more, quote_via=quote, errors="surrogatepass")
        return f"{self._base_path}{path}" + (f"?{encoded}" if encoded else "")


def _visible(header: tuple[str, str]) -> tuple[str, str]:
    """A header without what no header may hold (RFC 9110, section 5.5)."""
    name, value = header
    if value.isprintable():
        return name, value.strip()
    return name, "".join(c if c == "\t" or " " <= c != "\x7f" else " " for c in value).strip()


def _body(sent: Sent, resolve: Resolve) -> tuple[bytes, str]:
    body = sent.body
    if body is None:
        return b"", ""
    if isinstance(body, Raw):
        return body.data, sent.media_type
    if isinstance(body, Form):
        return _form(body, sent.media_type, resolve)
    return _json(body.value, resolve), sent.media_type or "application/json"


def _json(value: Any, resolve: Resolve) -> bytes:
    def told(inner: Any) -> Any:
        if type(inner) is Key:
            return resolve(inner)
        raise TypeError

    try:
        return orjson.dumps(value, default=told, option=_KEYS_TOLD)
    except TypeError:  # integers past 64 bits, lone surrogates, keys as names or of another run
        value = resolved(value, resolve)
    try:
        return orjson.dumps(value, option=orjson.OPT_NON_STR_KEYS)
    except TypeError:
        import json  # noqa: PLC0415 - hardly ever

        return json.dumps(value).encode()


def _form(form: Form, media_type: str, resolve: Resolve) -> tuple[bytes, str]:
    if media_type == "application/x-www-form-urlencoded":
        pairs = [(p.name, text_of(resolved(p.content, resolve))) for p in form.parts]
        return urlencode(pairs, errors="surrogatepass").encode(), media_type
    lines: list[bytes] = []
    for part in form.parts:
        lines += [f"--{BOUNDARY}".encode(), *_part_head(part), b"", _content(part, resolve)]
    lines += [f"--{BOUNDARY}--".encode(), b""]
    return b"\r\n".join(lines), f"{media_type}; boundary={BOUNDARY}"


def _part_head(part: Part) -> list[bytes]:
    disposition = f'Content-Disposition: form-data; name="{_quoted(part.name)}"'
    if part.file_name is not None:
        disposition += f'; filename="{_quoted(part.file_name)}"'
    head = [disposition.encode("utf-8", "replace")]
    return [*head, f"Content-Type: {part.media_type}".encode()] if part.media_type else head


def _quoted(text: str) -> str:
    """A name as HTML forms write it (WHATWG HTML, multipart/form-data encoding)."""
    return text.replace('"', "%22").replace("\r", "%0D").replace("\n", "%0A")


def _content(part: Part, resolve: Resolve) -> bytes:
    value = resolved(part.content, resolve)
    return value if isinstance(value, bytes) else text_of(value).encode("utf-8", "replace")
