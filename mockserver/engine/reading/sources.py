"""A description read from wherever it is, as one self-contained and valid document."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO
from urllib.parse import urlsplit, urlunsplit

from mockserver.engine.reading.documents import Remark, Tell, parse_document
from mockserver.engine.reading.fetching import Fetcher, path_of, read_bounded
from mockserver.engine.reading.library import Library, document_at
from mockserver.engine.reading.references import bundle
from mockserver.engine.reading.repairs import repair
from mockserver.engine.reading.swagger import upgraded
from mockserver.errors import Problem, StartupError

_STDIN = "-"
_WEB = ("http", "https")
_SUFFIXES = (".yaml", ".yml", ".json")
_BEGIN = 200
"""Characters that show what a text is."""

_EXPECTED = "expected an API description with openapi: 3.0.x or 3.1.x, or swagger: '2.0'"


@dataclass(frozen=True, slots=True)
class ReadDocument:
    """A description that was read.

    ``document`` is OpenAPI 3.0 or 3.1, valid as far as a mock needs it, with all it refers to
    in it: each ``$ref`` of a schema, parameter, response and so on is ``#/components/`` with the
    section of its kind and the name of an entry there. ``version`` is the one it was written
    in: 2.0, 3.0 or 3.1. ``source`` is what was asked for; ``warnings`` say what was repaired;
    ``files`` are those that it was read from.
    """

    document: dict[str, Any]
    version: str
    source: str
    warnings: tuple[Remark, ...]
    files: tuple[Path, ...] = ()


def read_source(
    source: str, *, allow_remote_refs: bool = False, stdin: BinaryIO | None = None
) -> ReadDocument:
    """Read an OpenAPI 3.0 or 3.1 or Swagger 2.0 description, in JSON or YAML.

    ``source`` is a file, an ``http`` or ``https`` URL, ``-`` for the standard input, or the text
    of a description itself (several lines, or one that begins with a brace). References lead to
    files only from files, and to URLs only when they are allowed.

    Raises StartupError when nothing can be read, or what is read is no such description.
    """
    text, uri, label = _root(source, stdin)
    fetcher = Fetcher(uri, remote=allow_remote_refs)
    if text is None:
        text = _fetched(fetcher, label)
    remarks: dict[Remark, None] = {}
    value = _parsed(text, label, remarks)
    version = _version(value, label, remarks)

    places = [uri]

    def load(reference: str) -> tuple[Any, str]:
        places.append(reference)
        name = _label(reference)
        return parse_document(fetcher.reference(reference), _telling(name, remarks)), name

    root = document_at(fetcher.root, label, value)
    try:
        document = bundle(root, Library(root, load), remarks.setdefault)
        if version == "2.0":
            document = upgraded(document, _telling(label, remarks))
        repair(document, _telling(label, remarks))
    except RecursionError as error:
        raise _refused(label, "", "it is nested too deep") from error
    files = tuple(path_of(place) for place in places if place.startswith("file:"))
    return ReadDocument(document, version, source, tuple(remarks), files)


def _refused(label: str, pointer: str, message: str) -> StartupError:
    return StartupError([Problem(label, pointer, message)])


def _telling(label: str, remarks: dict[Remark, None]) -> Tell:
    """What notes remarks on one document, each once."""

    def tell(pointer: str, rule: str, message: str) -> None:
        remarks.setdefault(Remark(label, pointer, rule, message))

    return tell


def _root(source: str, stdin: BinaryIO | None) -> tuple[bytes | None, str, str]:
    """The text where there is one already, the URI that it is at, and its name for people."""
    here = (Path.cwd() / _STDIN).as_uri()
    if source == _STDIN:
        try:
            return read_bounded(stdin or sys.stdin.buffer), here, "standard input"
        except (OSError, ValueError) as error:
            raise _refused("standard input", "", f"cannot be read: {error}") from error
    if "\n" in source or source.lstrip().startswith("{"):
        return source.encode("utf-8", "replace"), here, "text"
    scheme = source.partition("://")[0].lower()
    if scheme in _WEB:
        return None, source, _label(source)
    if scheme == "file":
        return None, source, source
    if "://" in source:
        raise _refused(source, "", "expected an http or https URL, a file, or -")
    try:
        if Path(source).is_dir():
            raise _refused(source, "", f"it is a folder; expected {_inside(Path(source))}")
        return None, Path(source).resolve().as_uri(), source
    except (OSError, ValueError, RuntimeError) as error:
        raise _refused(source, "", f"cannot be read: {error}") from error


def _inside(folder: Path) -> str:
    """What of a folder may have been meant."""
    files = sorted(file for file in folder.iterdir() if file.suffix in _SUFFIXES)
    return " or ".join(map(str, files[:3])) or "a file: *.yaml or *.json"


def _fetched(fetcher: Fetcher, label: str) -> bytes:
    try:
        return fetcher.root_bytes()
    except (OSError, ValueError) as error:
        reason = (isinstance(error, OSError) and error.strerror) or error
        raise _refused(label, "", f"cannot be read: {reason}") from error


def _label(uri: str) -> str:
    """A document's name for people: a path, or a URL without what may be secret."""
    parts = urlsplit(uri)
    if parts.scheme == "file":
        try:
            path = path_of(uri)
            return str(path.relative_to(Path.cwd()) if path.is_relative_to(Path.cwd()) else path)
        except ValueError:
            return uri
    host = parts.netloc.rpartition("@")[2]
    return urlunsplit((parts.scheme, host, parts.path, "", ""))


_OPENINGS = {
    "#%raml": "a RAML description",
    "<!doctype html": "an HTML page (a link to the file itself is needed)",
    "<html": "an HTML page (a link to the file itself is needed)",
    "<": "an XML document",
    "syntax =": "a file of protocol buffers",
    "format: 1a": "an API Blueprint",
}
"""How texts begin that are no description of ours, in lower case."""


def _parsed(text: bytes, label: str, remarks: dict[Remark, None]) -> dict[str, Any]:
    begin = text[:_BEGIN].decode(errors="replace").lstrip("\ufeff \t\r\n").lower()
    found = next((what for opening, what in _OPENINGS.items() if begin.startswith(opening)), None)
    if found is not None:
        raise _refused(label, "", f"{_EXPECTED}, found {found}")
    try:
        value = parse_document(text, _telling(label, remarks))
    except ValueError as error:
        raise _refused(label, "", f"cannot be read: {error}") from error
    if not isinstance(value, dict):
        raise _refused(label, "", f"{_EXPECTED}, found {_what(value)}")
    return value


def _what(value: Any) -> str:
    if value is None:
        return "nothing"
    return "a list" if isinstance(value, list) else f"the value {str(value)[:60]!r}"


_OTHERS = {
    "asyncapi": "an AsyncAPI description",
    "swaggerVersion": "a description of Swagger 1",
    "discoveryVersion": "a Google discovery document",
    "raml": "a RAML description",
    "arazzo": "an Arazzo description",
    "overlay": "an OpenAPI overlay",
    "log": "a recording of requests (HAR)",
    "_type": "an Insomnia collection",
    "$schema": "a JSON schema",
}
"""Members that tell what a document is that is no description of ours."""


def _version(document: dict[str, Any], label: str, remarks: dict[Remark, None]) -> str:
    """The version a document is written in, its statement of it made one we know.

    Raises StartupError for what is no description, and for versions nobody knows.
    """
    tell = _telling(label, remarks)
    name = next((n for n in ("openapi", "swagger") if n in document), None)
    if name is None:
        return _guessed(document, label, tell)
    written = document[name]
    stated = str(written).strip().removeprefix("v")
    if stated.startswith("2"):
        document.pop("openapi", None)
        document["swagger"] = "2.0"
        return "2.0"
    if not stated.startswith("3"):
        message = f"expected OpenAPI 3.0 or 3.1 or Swagger 2.0, found {name}: {stated[:40]}"
        raise _refused(label, f"/{name}", message)
    document.pop("swagger", None)
    return _stated(document, written, stated, tell)


def _stated(document: dict[str, Any], written: Any, stated: str, tell: Tell) -> str:
    version = "3.0" if stated in ("3", "3.0") or stated.startswith("3.0.") else "3.1"
    if not stated.startswith("3.1") and version == "3.1":
        tell("/openapi", "version", f"{stated[:40]} is read as OpenAPI 3.1")
    usual = isinstance(written, str) and stated.startswith(f"{version}.")
    document["openapi"] = stated if usual else f"{version}.0"
    return version


def _guessed(document: dict[str, Any], label: str, tell: Tell) -> str:
    """The version of a document that does not say it."""
    if isinstance(document.get("paths"), dict) and not _OTHERS.keys() & document.keys():
        swagger = "definitions" in document or "basePath" in document or "host" in document
        version = "2.0" if swagger else "3.0"
        tell("", "version", f"it does not say its version: read as {version}")
        document["swagger" if swagger else "openapi"] = "2.0" if swagger else "3.0.3"
        return version
    found = next((what for name, what in _OTHERS.items() if name in document), None)
    inside = document.get("info")
    if (isinstance(inside, dict) and "_postman_id" in inside) or "postman" in str(inside)[:_BEGIN]:
        found = "a Postman collection (it can be exported as OpenAPI)"
    if found is None:
        members = ", ".join(map(str, list(document)[:5]))
        found = f"an object with {members[:_BEGIN]}" if members else "an empty object"
    raise _refused(label, "", f"{_EXPECTED}, found {found}")
