"""Where an API says that it is served: base paths, ports, and those of several APIs together."""

from __future__ import annotations

import contextlib
import posixpath
import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any
from urllib.parse import unquote, urlsplit

from mockserver.errors import pointer_to

_VARIABLE = re.compile(r"\{([^{}]*)\}")
_SLASHES = re.compile(r"/{2,}")


def server_url(server: Mapping[str, Any]) -> str:
    """A server's URL, its variables replaced by their defaults (OpenAPI 3.0.3, Server Object)."""
    variables = server.get("variables") or {}

    def default(match: re.Match[str]) -> str:
        return str(variables.get(match[1], {}).get("default", match[1]))

    return _VARIABLE.sub(default, server["url"])


def base_path_of(document: Mapping[str, Any]) -> str:
    """Where the paths of a description begin: the path of its first server, no slash at its end.

    A relative URL counts from the root of the host.
    """
    servers = document.get("servers") or ({"url": "/"},)
    path = posixpath.normpath("/" + unquote(urlsplit(server_url(servers[0])).path))
    return _SLASHES.sub("/", path).rstrip("/")


def loopback_port(document: Mapping[str, Any]) -> int | None:
    """The port of the first loopback server that names one."""
    for server in document.get("servers", ()):
        with contextlib.suppress(ValueError):  # a variable without a number for its default
            parts = urlsplit(server_url(server))
            if parts.hostname in ("localhost", "127.0.0.1", "::1") and parts.port:
                return int(parts.port)
    return None


def other_servers(document: Mapping[str, Any]) -> Iterator[str]:
    """Pointers to the servers of single paths and operations, which are not heeded."""
    for path, item in document.get("paths", {}).items():
        if path.startswith("/") and isinstance(item, Mapping):
            if item.get("servers"):
                yield pointer_to(("paths", path, "servers"))
            for method, operation in item.items():
                if isinstance(operation, Mapping) and operation.get("servers"):
                    yield pointer_to(("paths", path, method, "servers"))


def clashes(described: Iterable[tuple[str, str, str]]) -> Iterator[tuple[str, str, str, str]]:
    """What several APIs describe at the same place.

    ``described`` gives API, method and path; given are the second API, the method and path, and
    the API that was first. Names of path parameters make no difference (OpenAPI 3.0.3, Paths
    Object).
    """
    first: dict[tuple[str, str], str] = {}
    for api, method, path in described:
        known = first.setdefault((method, _VARIABLE.sub("{}", path)), api)
        if known != api:
            yield api, method, path, known
