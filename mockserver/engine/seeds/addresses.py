"""Members in which records say where they are: made such that they lead there."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any
from urllib.parse import urlsplit

from mockserver.engine.inference.model import Resource, Role
from mockserver.engine.inference.views import Views
from mockserver.engine.inference.words import normal
from mockserver.engine.members import Path, value_at, with_value
from mockserver.engine.servers import server_url
from mockserver.engine.spec import Description, Schema

_OWN = frozenset(("self", "selflink", "href", "url", "uri", "apiurl"))
"""Members that say where the record itself is."""

_LINKS = frozenset(("links", "link"))
_MADE_UP = ("example.com", "example.org", "example.net")
_NAMED = re.compile(r"\{([^{}]+)\}")
_SENDING = frozenset(("create", "upsert", "replace", "merge", "bulk-create"))
_MOST_ORIGINS = 8


def origins_of(description: Description) -> tuple[str, ...]:
    """The servers of a description that are absolute URLs, without a slash at their end."""
    servers = description.document.get("servers", ())
    found = (server_url(server).rstrip("/") for server in servers)
    return tuple(dict.fromkeys(url for url in found if urlsplit(url).netloc))[:_MOST_ORIGINS]


class Addresses:
    """What records say of where they are.

    It is said as a server of the description has it, which is where a description's own examples
    lead, too; answers have the mock's address in its place. Members that clients send are theirs.
    """

    def __init__(
        self,
        description: Description,
        roles: Mapping[str, Role],
        views: Views,
        is_valid: Callable[[Schema, Any], bool],
    ) -> None:
        origins = origins_of(description)
        self._origin = origins[0] if origins else ""
        self._hosts = {urlsplit(url).netloc for url in origins}
        self._readable = {
            operation.path
            for operation in description.operations
            if roles[operation.id].kind in ("read", "exists")
        }
        self._roles = roles
        self._views = views
        self._is_valid = is_valid
        self._known: dict[str, tuple[Path, ...]] = {}

    def told(
        self, resource: Resource, key: str, value: Any, written: frozenset[str] = frozenset()
    ) -> Any:
        """A record that says where it is; what somebody has ``written`` stays."""
        places = self._known.get(resource.name)
        if places is None:
            places = self._known[resource.name] = tuple(self._places(resource))
        address = self._address(resource, key) if places and isinstance(value, dict) else ""
        for path in places if address else ():
            own = value_at(value, path)
            if path[0] not in written and isinstance(own, str) and self._is_free(own):
                tried = with_value(value, path, address)
                value = tried if self._is_valid(resource.schema, tried) else value
        return value

    def _is_free(self, own: str) -> bool:
        """Whether an address leads to no place of its own: it is made up, or one of the API's."""
        host = urlsplit(own).netloc
        return not host or host in self._hosts or host.endswith(_MADE_UP)

    def _address(self, resource: Resource, key: str) -> str:
        """Where a record is, empty where nobody can read it."""
        if resource.item_path not in self._readable:
            return ""
        names = [parent.parameter for parent in resource.parents]
        names += [each.parameter for each in resource.keys]
        given = dict(zip(names, key.split("/"), strict=False))
        if any(name not in given for name in _NAMED.findall(resource.item_path)):
            return ""
        return self._origin + _NAMED.sub(lambda found: given[found[1]], resource.item_path)

    def _places(self, resource: Resource) -> Iterator[Path]:
        """The members that say where a record is, and that no client sends."""
        sent = set(self._sent(resource))
        for name, schema in self._views.view(resource.schema).properties.items():
            if name in sent or normal(name) not in _OWN | _LINKS:
                continue
            if normal(name) in _OWN:
                yield from self._ways((name,), schema)
            for inner, entry in self._views.view(schema).properties.items():
                if normal(name) in _LINKS and normal(inner) == "self":
                    yield from self._ways((name, inner), entry)

    def _ways(self, path: Path, schema: Schema) -> Iterator[Path]:
        view = self._views.view(schema)
        if view.kind == "string":
            yield path
        elif "href" in view.properties:
            yield (*path, "href")

    def _sent(self, resource: Resource) -> Iterator[str]:
        for role in self._roles.values():
            if role.resource == resource.name and role.kind in _SENDING:
                body = role.body.item if role.body.form in ("item", "list") else role.body.schema
                for name, schema in self._views.view(body).properties.items():
                    if self._views.view(schema).plain.get("readOnly") is not True:
                        yield name
