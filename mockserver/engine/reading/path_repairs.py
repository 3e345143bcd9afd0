"""Rules of repair for documents, servers, security, paths and operations."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

from mockserver.engine.reading.grammar import METHODS
from mockserver.engine.reading.scene import Scene, shown

Node = dict[str, Any]

_VARIABLE = re.compile(r"\{([^{}/]+)\}")
_BRACES = re.compile(r"\{([^{}]*)\}|#(?=.*/)")
_MODIFIED = re.compile(r"[+#./;?&]?([^*:=]*)")
_SCHEMES = {"apiKey": ("name", "in"), "http": ("scheme",), "oauth2": (), "openIdConnect": (),
            "mutualTLS": ()}  # fmt: skip


def info(node: Node, scene: Scene) -> None:
    """``info`` has a title and a version (OpenAPI 3.0.3, Info Object)."""
    value = node.get("info")
    if not isinstance(value, dict):
        value = node["info"] = {}
        scene.tell("there is none: an empty one is there now", "info")
    for name, instead in (("title", "Untitled"), ("version", "0")):
        written = value.get(name)
        if not isinstance(written, str) or (name == "title" and not written.strip()):
            plain = isinstance(written, (int, float)) and not isinstance(written, bool)
            value[name] = str(written) if plain else instead
            scene.tell(f"no text: now {shown(value[name])}", "info", name)


def some_paths(node: Node, scene: Scene) -> None:
    """A document has paths (OpenAPI 3.0.3); with 3.1 webhooks or components may do."""
    if not isinstance(node.get("paths"), dict):
        enough = (
            scene.modern and "paths" not in node and ("webhooks" in node or "components" in node)
        )
        node["paths"] = {}
        if not enough:
            scene.tell("there are none", "paths")


def webhooks(node: Node, scene: Scene) -> None:
    """Webhooks are requests that others answer."""
    if node.get("webhooks"):
        scene.tell("webhooks are requests that the API makes: ignored", "webhooks")


def listed_servers(node: Node, scene: Scene) -> None:
    """``servers`` lists objects with URLs (OpenAPI 3.0.3, Server Object)."""
    servers = node.get("servers", [])
    kept = []
    for index, server in enumerate(servers):
        entry = server if isinstance(server, dict) else {"url": server}
        reason = _repaired_server(entry)
        if entry is not server:
            reason = reason or "a text is no object: read as its URL"
        if reason:
            scene.tell(reason, "servers", index)
        if entry["url"] is not None:
            kept.append(entry)
    node["servers"] = kept
    if not kept:
        del node["servers"]


def listed_tags(node: Node, scene: Scene) -> None:
    """``tags`` are names in an operation, objects with names in a document (OpenAPI 3.0.3)."""
    tags = node.get("tags")
    if "tags" not in node:
        return
    listed = tags if isinstance(tags, list) else [tags]
    kept = [tag for tag in listed if isinstance(tag, str if scene.path else dict)]
    if kept != tags:
        node["tags"] = kept
        scene.tell("no list of tags: read as one" if kept else "no tag: dropped", "tags")


def _repaired_server(server: Node) -> str:
    """Mend a server, and say how; its URL is None when it is of no use."""
    written = server.get("url")
    url = str(written or "").strip().replace("\\", "/").partition("#")[0].partition("?")[0]
    if re.match(r"[\w-]+(\.[\w-]+)+(:\d+)?(/|$)|localhost\b", url):
        url = f"https://{url}"
    try:
        # A variable may stand anywhere, also for the port.
        plain = urlsplit(re.sub(r"\{[^{}]*\}", "1", url))
        _ = plain.port
        usable = bool(url) and not re.search(r"\s", url)
    except ValueError:
        usable = False
    server["url"] = url if usable else None
    if not usable:
        return f"{shown(written)} is no URL: dropped"
    told = "" if url == written else f"{shown(written)} is read as {shown(url)}"
    return told or _repaired_variables(server)


def _repaired_variables(server: Node) -> str:
    """Give each variable of a URL a default (OpenAPI 3.0.3, Server Variable Object)."""
    names = _VARIABLE.findall(server["url"])
    declared = server.get("variables")
    variables = server["variables"] = declared if isinstance(declared, dict) else {}
    missing = []
    for name in names:
        entry = variables.get(name)
        if not isinstance(entry, dict) or not isinstance(entry.get("default"), str):
            known = entry.get("enum") if isinstance(entry, dict) else None
            value = entry.get("default") if isinstance(entry, dict) else None
            first = str(known[0]) if isinstance(known, list) and known else name
            variables[name] = {"default": first if value is None else str(value)}
            missing.append(name)
    if not variables:
        del server["variables"]
    return f"variables without a default: {', '.join(missing)}" if missing else ""


def security_schemes(entries: Node, scene: Scene) -> None:
    """A security scheme has one of five types, and says what its type needs."""
    for name, entry in list(entries.items()):
        value = scene.resolved(entry)
        if not isinstance(value, dict) or not _repaired_scheme(value, name, scene):
            del entries[name]
            scene.tell("no security scheme that is known: dropped", name)


def _repaired_scheme(value: Node, name: str, scene: Scene) -> bool:
    kind = str(value.get("type"))
    meant = {known.lower(): known for known in _SCHEMES}.get(kind.lower())
    if kind.lower() in ("basic", "bearer"):
        meant, value["scheme"] = "http", kind.lower()
    if meant is None:
        return False
    instead = {"in": "header", "scheme": "bearer", "name": None}
    for member in _SCHEMES[meant]:
        if not isinstance(value.get(member), str):
            value[member] = instead[member]
            scene.tell(f"it says no {member}: now {shown(instead[member])}", name, member)
    if meant != kind:
        value["type"] = meant
        scene.tell(f"the type {shown(kind)} is read as {shown(meant)}", name, "type")
    if meant == "apiKey" and value["in"] not in ("header", "query", "cookie"):
        value["in"] = "header"
        scene.tell("a key is in a header, query or cookie: now header", name, "in")
    return meant != "apiKey" or value["name"] is not None


def security(node: Node, scene: Scene) -> None:
    """A security requirement names declared schemes (OpenAPI 3.0.3)."""
    if "security" not in node:
        return
    declared = scene.section("securitySchemes")
    written = node["security"]
    listed = written if isinstance(written, list) else [written]
    kept = []
    for entry in listed:
        if isinstance(entry, dict):
            known = {n: s if isinstance(s, list) else [] for n, s in entry.items() if n in declared}
            if known or not entry:
                kept.append(known)
    if kept != written:
        names = sorted({n for e in listed if isinstance(e, dict) for n in e} - declared.keys())
        told = f"nobody declared {', '.join(map(shown, names))}" if names else "no list of scopes"
        node["security"] = kept
        scene.tell(f"{told}: dropped", "security")


def path_keys(paths: Node, scene: Scene) -> None:
    """A path begins with a slash (OpenAPI 3.0.3, Paths Object).

    What stands behind a question mark or a number sign is kept: it tells apart what shares a path.
    """
    written = list(paths.items())
    paths.clear()
    for path, item in written:
        if path.startswith("x-"):
            paths[path] = item
            continue
        made = _repaired_path(path)
        if made != path:
            scene.tell(f"the path is read as {made}", path)
        if isinstance(item, dict):
            _merge(paths.setdefault(made, {}), item, scene, path)
        elif item is not None:
            scene.tell("no object: dropped", path)


def _repaired_path(path: str) -> str:
    made = path.strip()
    if "://" in made.partition("/{")[0]:
        made = re.sub(r"^[a-zA-Z]+://[^/]*", "", made)
    seen: dict[str, int] = {}
    return "/" + _BRACES.sub(lambda match: _repaired_variable(match, seen), made).lstrip("/")


def _repaired_variable(match: re.Match[str], seen: dict[str, int]) -> str:
    """A variable by its name alone, each name once; a list of queries as nothing."""
    if match[1] is None or match[1][:1] in ("?", "&", "#"):
        return ""
    plain = _MODIFIED.match(match[1])
    name = (plain[1] if plain else "").strip() or "value"
    seen[name] = seen.get(name, 0) + 1
    return f"{{{name}}}" if seen[name] == 1 else f"{{{name}_{seen[name]}}}"


def _merge(known: Node, item: Node, scene: Scene, path: str) -> None:
    for name, value in item.items():
        if name not in known:
            known[name] = value
        elif name in METHODS:
            scene.tell("another path is the same, and has this method: dropped", path, name)


def same_paths(paths: Node, scene: Scene) -> None:
    """Paths that differ only in names of parameters are the same (OpenAPI 3.0.3, Paths Object)."""
    first: dict[tuple[str, str], str] = {}
    for path, item in list(paths.items()):
        if not path.startswith("/") or not isinstance(item, dict):
            continue
        plain = _VARIABLE.sub("{}", path)
        for method in METHODS:
            if method in item and first.setdefault((plain, method), path) != path:
                del item[method]
                scene.tell(f"{first[plain, method]} has this method: dropped", path, method)


def responses(node: Node, scene: Scene) -> None:
    """An operation has responses (OpenAPI 3.0.3, Operation Object)."""
    value = node.get("responses")
    if not isinstance(value, dict) or not any(not name.startswith("x-") for name in value):
        node["responses"] = {"default": {"description": ""}}
        if not scene.modern:
            scene.tell("there are none: anything may be answered", "responses")


def operation_texts(node: Node, scene: Scene) -> None:
    """``operationId`` is a text."""
    name = node.get("operationId")
    if "operationId" in node and not (isinstance(name, str) and name.strip()):
        del node["operationId"]
        scene.tell(f"{shown(name)} is no name: dropped", "operationId")


def operation_ids(document: Node, scene: Scene) -> None:
    """Each operation has an id of its own (OpenAPI 3.0.3, Operation Object)."""
    found = list(_operations(document))
    taken = {node["operationId"] for _, _, node in found if "operationId" in node}
    seen: set[str] = set()
    for path, method, node in found:
        name = node.get("operationId")
        if name in seen:
            node["operationId"] = _derived(name, method, path, taken)
            taken.add(node["operationId"])
            where = ("paths", path, method, "operationId")
            scene.tell(f"{shown(name)} is taken: now {shown(node['operationId'])}", *where)
        if name is not None:
            seen.add(name)


def _derived(name: str, method: str, path: str, taken: set[str]) -> str:
    words = re.sub(r"[^A-Za-z0-9]+", "_", path).strip("_")
    made = base = f"{name}_{method}_{words}".rstrip("_")
    number = 1
    while made in taken:
        number += 1
        made = f"{base}_{number}"
    return made


def _operations(document: Node) -> Iterator[tuple[str, str, Node]]:
    for path, item in document["paths"].items():
        if path.startswith("/") and isinstance(item, dict):
            for method in METHODS:
                if isinstance(item.get(method), dict):
                    yield path, method, item[method]


def variables_of(path: str) -> list[str]:
    """The names of the parameters in a path template."""
    return _VARIABLE.findall(path)
