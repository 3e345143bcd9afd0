"""Texts in the formats of JSON Schema and of the OpenAPI format registry."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Callable, Iterator

from mockserver.engine.values.naming import Naming

_HOST = len("example.com")
_ALIASES = {
    "guid": "uuid", "datetime": "date-time", "idn-email": "email", "idn-hostname": "hostname",
    "iri": "uri", "url": "uri", "iri-reference": "uri-reference", "ip": "ipv4",
    "base64": "byte", "full-date": "date", "base64url": "byte",
}  # fmt: skip


def format_texts(name: str, naming: Naming, shortest: int) -> Iterator[str]:
    """Texts in a format, several where bounds on the length may refuse the first.

    An unknown format gives none: its name may tell what its values are.
    """
    maker = _FORMATS.get(_ALIASES.get(name, name))
    return iter(()) if maker is None else maker(naming, shortest)


def _only(text: Callable[[Naming], str]) -> Callable[[Naming, int], Iterator[str]]:
    def maker(naming: Naming, shortest: int) -> Iterator[str]:
        yield text(naming)

    return maker


def _instants(start: int, end: int | None) -> Callable[[Naming, int], Iterator[str]]:
    def maker(naming: Naming, shortest: int) -> Iterator[str]:
        moment = next(naming.instants())
        yield moment[start:end]
        digits = max(3, shortest - len(moment) - 1)
        yield moment[start:end].replace("Z", "." + "0" * digits + "Z")

    return maker


def _email(naming: Naming, shortest: int) -> Iterator[str]:
    yield naming.email()
    yield "ann@example.com"
    yield "a@b.co"
    yield "a" * min(64, max(1, shortest - 12)) + "@" + _host(shortest - 77)


def _host(shortest: int) -> str:
    labels = "".join(
        "a" * 50 + "." for _ in range(max(0, shortest - 11) // 51 + 1) if shortest > _HOST
    )
    return labels + "example.com"


def _hostname(naming: Naming, shortest: int) -> Iterator[str]:
    yield naming.slug() + ".example.com"
    yield "example.com"
    yield "a.co"
    yield "a"
    yield _host(shortest)


def _uri(naming: Naming, shortest: int) -> Iterator[str]:
    yield naming.url()
    yield "https://a.co"
    yield "a:b"
    yield "https://example.com/".ljust(shortest, "a")


def _reference(naming: Naming, shortest: int) -> Iterator[str]:
    yield "/" + naming.slug()
    yield "/a"
    yield "/".ljust(shortest, "a")
    yield ""


def _template(naming: Naming, shortest: int) -> Iterator[str]:
    yield naming.url() + "/{id}"
    yield "/{id}"
    yield ""
    yield "/".ljust(shortest, "a")


def _pointer(naming: Naming, shortest: int) -> Iterator[str]:
    yield "/" + "/".join(naming.words(2))
    yield "/a"
    yield ""
    yield "/".ljust(shortest, "a")


def _duration(naming: Naming, shortest: int) -> Iterator[str]:
    yield f"PT{naming.random.randint(1, 59)}M"
    yield "P1D"
    yield "P" + "1" * max(1, shortest - 2) + "D"


def _byte(naming: Naming, shortest: int) -> Iterator[str]:
    yield b64encode(naming.slug().encode()).decode()
    yield "YQ=="
    yield ""
    yield "YWFh" * (shortest // 4 + 1)


def _binary(naming: Naming, shortest: int) -> Iterator[str]:
    yield naming.sentence()


def _regex(naming: Naming, shortest: int) -> Iterator[str]:
    yield "^[a-z]+$"
    yield "a"
    yield "a" * shortest


def _whole(bits: int) -> Callable[[Naming], str]:
    return lambda naming: str(naming.random.randint(1, 2 ** (bits - 1) - 1))


_FORMATS: dict[str, Callable[[Naming, int], Iterator[str]]] = {
    "uuid": _only(Naming.uuid),
    "date": _instants(0, 10),
    "date-time": _instants(0, None),
    "time": _instants(11, None),
    "date-time-local": _instants(0, 19),
    "time-local": _instants(11, 19),
    "duration": _duration,
    "email": _email,
    "hostname": _hostname,
    "ipv4": _only(lambda naming: f"192.0.2.{naming.random.randint(1, 254)}"),
    "ipv6": _only(lambda naming: f"2001:db8::{naming.token(3)}"),
    "uri": _uri,
    "uri-reference": _reference,
    "uri-template": _template,
    "json-pointer": _pointer,
    "relative-json-pointer": _only(lambda naming: "0/" + naming.words(1)[0]),
    "regex": _regex,
    "byte": _byte,
    "binary": _binary,
    "int32": _only(_whole(32)),
    "int64": _only(_whole(63)),
    "float": _only(lambda naming: str(naming.decimal(1, 100))),
    "double": _only(lambda naming: str(naming.decimal(1, 100))),
}
