"""Rules of repair for parameters, bodies, media types and responses."""

from __future__ import annotations

import re
from typing import Any

from mockserver.engine.reading.path_repairs import Node, variables_of
from mockserver.engine.reading.scene import Scene, shown
from mockserver.engine.reading.schema_types import INVALID, as_flag

_STYLES = {
    "path": ("simple", "label", "matrix"),
    "query": ("form", "spaceDelimited", "pipeDelimited", "deepObject"),
    "header": ("simple",),
    "cookie": ("form",),
}
"""The styles of each location (OpenAPI 3.0.3, Style Values)."""

_OWN_SCHEMA = (
    "type", "format", "items", "default", "maximum", "exclusiveMaximum", "minimum", "pattern",
    "exclusiveMinimum", "maxLength", "minLength", "maxItems", "minItems", "uniqueItems", "enum",
    "multipleOf", "nullable",
)  # fmt: skip
_IGNORED_HEADERS = frozenset(("accept", "content-type", "authorization"))
_EXAMPLE = frozenset(("value", "externalValue", "$ref", "summary", "description"))
_JSON = "application/json"
_ANY = "*/*"


def listed_parameters(node: Node, scene: Scene) -> None:
    """A parameter has a name and a location, and comes once; some headers are none."""
    if "parameters" not in node:
        return
    kept: dict[tuple[str, str], Any] = {}
    for index, entry in enumerate(node["parameters"]):
        key = _key(scene.resolved(entry))
        if key is None:
            scene.tell("no parameter with name and location: dropped", "parameters", index)
        elif key in kept:
            scene.tell(f"{key[1]} is there already: dropped", "parameters", index)
        elif key[0] == "header" and key[1].lower() in _IGNORED_HEADERS:
            scene.tell(f"the header {key[1]} is described elsewhere: dropped", "parameters", index)
        else:
            kept[key] = entry
    node["parameters"] = list(kept.values())


def _key(value: Any) -> tuple[str, str] | None:
    """Where a parameter is and its name, None for what is no parameter."""
    if not isinstance(value, dict):
        return None
    location, name = value.get("in"), value.get("name")
    usable = isinstance(location, str) and location in _STYLES and isinstance(name, str)
    return (str(location), str(name)) if usable else None


def shared_parameters(document: Node, scene: Scene) -> None:
    """A shared parameter that nothing can use, and nothing uses any more, is none."""
    entries = scene.section("parameters")
    for name in [name for name, entry in entries.items() if _key(scene.resolved(entry)) is None]:
        del entries[name]
        message = "no parameter with name and location: dropped"
        scene.tell(message, "components", "parameters", name)


def path_parameters(node: Node, scene: Scene) -> None:
    """Parameters in a path and in its template are the same (OpenAPI 3.0.3, Path Templating)."""
    template = scene.template()
    if template is None:
        return
    expected = variables_of(template)
    listed = node.get("parameters", [])
    kept = []
    for index, entry in enumerate(listed):
        key = _key(scene.resolved(entry))
        if key and key[0] == "path" and key[1] not in expected:
            scene.tell(f"{template} has no {{{key[1]}}}: dropped", "parameters", index)
        else:
            kept.append(entry)
    if "parameters" in node:
        node["parameters"] = kept


def undeclared_parameters(item: Node, scene: Scene) -> None:
    """Each name in a path template is that of a parameter (OpenAPI 3.0.3, Path Templating)."""
    template = scene.template()
    if template is None:
        return
    shared = _declared(item, scene)
    for method, operation in item.items():
        if not isinstance(operation, dict) or method.startswith("x-"):
            continue
        declared = shared | _declared(operation, scene)
        missing = [name for name in variables_of(template) if name not in declared]
        if missing:
            made = [_text_parameter(name) for name in missing]
            operation["parameters"] = [*operation.get("parameters", ()), *made]
            names = ", ".join(missing)
            scene.tell(f"nobody declared {names}: a text now", method, "parameters")


def _declared(node: Node, scene: Scene) -> set[str]:
    keys = (_key(scene.resolved(entry)) for entry in node.get("parameters", ()))
    return {key[1] for key in keys if key and key[0] == "path"}


def _text_parameter(name: str) -> Node:
    return {"name": name, "in": "path", "required": True, "schema": {"type": "string"}}


def parameter_place(node: Node, scene: Scene) -> None:
    """``in`` is path, query, header or cookie (OpenAPI 3.0.3, Parameter Object)."""
    name, location = node.get("name"), node.get("in")
    if isinstance(location, str) and location in _STYLES:
        return
    if not isinstance(name, str):
        return
    template = scene.template() or ""
    if isinstance(location, str) and location.strip().lower() in _STYLES:
        node["in"] = location.strip().lower()
    elif location is None:
        node["in"] = "path" if name in variables_of(template) else "query"
    else:
        return
    scene.tell(f"{shown(location)} is read as {shown(node['in'])}", "in")


def parameter_required(node: Node, scene: Scene) -> None:
    """``required`` is a boolean, and true in a path (OpenAPI 3.0.3, Parameter Object)."""
    written = node.get("required")
    if node.get("in") == "path":
        node["required"] = True
        if written is not True:
            scene.tell("in a path it is always required", "required")
    elif "required" in node and not isinstance(written, bool):
        node["required"] = as_flag(written) is True
        scene.tell(f"{shown(written)} is read as {node['required']}", "required")


def parameter_schema(node: Node, scene: Scene) -> None:
    """A parameter or header has a schema, or one media type (OpenAPI 3.0.3)."""
    content = node.get("content")
    if "content" in node and ("schema" in node or not isinstance(content, dict) or not content):
        del node["content"]
        scene.tell("schema and content, or an empty one: content is dropped", "content")
    elif isinstance(content, dict) and len(content) > 1:
        node["content"] = dict([next(iter(content.items()))])
        scene.tell("more than one media type: the first is taken", "content")
    if "schema" not in node and "content" not in node:
        own = {name: node.pop(name) for name in _OWN_SCHEMA if name in node}
        node["schema"] = own
        if "name" in node or own:
            scene.tell("no schema: made of what else it says", "schema")


def parameter_style(node: Node, scene: Scene) -> None:
    """``style`` suits the location, ``explode`` is a boolean (OpenAPI 3.0.3, Style Values)."""
    allowed = _STYLES.get(str(node.get("in", "header")), ())
    if "style" in node and node["style"] not in allowed:
        style = node.pop("style")
        scene.tell(f"the style {shown(style)} does not suit: dropped", "style")
    for name in ("explode", "allowReserved", "allowEmptyValue", "deprecated"):
        if name in node and not isinstance(node[name], bool):
            written = node.pop(name)
            made = as_flag(written)
            if made is not INVALID:
                node[name] = made
            scene.tell(f"{shown(written)} is no boolean", name)


def request_body(node: Node, scene: Scene) -> None:
    """A request body has media types (OpenAPI 3.0.3, Request Body Object)."""
    if not isinstance(node.get("content"), dict):
        schema = node.pop("schema", None)
        node["content"] = {_JSON: {} if schema is None else {"schema": schema}}
        scene.tell("no media type: JSON is taken", "content")
    _name_media_types(node["content"], scene)
    if "required" in node and not isinstance(node["required"], bool):
        written = node["required"]
        node["required"] = as_flag(written) is True
        scene.tell(f"{shown(written)} is read as {node['required']}", "required")


def _name_media_types(content: Node, scene: Scene) -> None:
    """The keys of content are media types or ranges of them (OpenAPI 3.0.3, Media Type Object)."""
    for name in [each for each in content if "/" not in each and not each.startswith("x-")]:
        entry = content.pop(name)
        content.setdefault(_ANY, entry)
        scene.tell(f"no media type: it is read as {_ANY}", "content", name)


def media_examples(node: Node, scene: Scene) -> None:
    """``examples`` are Example Objects by name, and there is no ``example`` beside them."""
    examples = node.get("examples")
    if isinstance(examples, list):
        node["examples"] = {str(n): {"value": value} for n, value in enumerate(examples, start=1)}
        scene.tell("a list is no map: each has its number for a name", "examples")
    elif "examples" in node and not isinstance(examples, dict):
        del node["examples"]
        scene.tell("no map of examples: dropped", "examples")
    if not node.get("examples", True):
        del node["examples"]
    elif "examples" in node and "example" in node:
        del node["example"]
        scene.tell("there are examples, too: dropped", "example")


def example_objects(entries: Node, scene: Scene) -> None:
    """An example has its value in ``value`` (OpenAPI 3.0.3, Example Object)."""
    for name, entry in entries.items():
        if name.startswith("x-"):
            continue
        described = isinstance(entry, dict) and bool(entry.keys() & _EXAMPLE)
        if not described and not (isinstance(entry, dict) and _only_extensions(entry)):
            entries[name] = {"value": entry}
            scene.tell("a value alone: it stands in value now", name)
        elif isinstance(entry, dict) and "value" in entry and "externalValue" in entry:
            del entry["externalValue"]
            scene.tell("there is a value, too: dropped", name, "externalValue")


def _only_extensions(entry: Node) -> bool:
    return bool(entry) and all(name.startswith("x-") for name in entry)


def response(node: Node, scene: Scene) -> None:
    """A response has a description, and its schema in a media type (OpenAPI 3.0.3)."""
    if not isinstance(node.get("description"), str):
        written = node.get("description")
        node["description"] = "" if written is None else str(written)
        scene.tell("no text: one is there now", "description")
    if "schema" in node:
        schema = node.pop("schema")
        if "content" not in node:
            node["content"] = {_JSON: {"schema": schema}}
        scene.tell("a schema without media type: that of JSON", "schema")
    if isinstance(node.get("content"), dict):
        _name_media_types(node["content"], scene)


def response_keys(node: Node, scene: Scene) -> None:
    """Responses are named by a status, a range such as 4XX, or default (OpenAPI 3.0.3)."""
    written = list(node.items())
    node.clear()
    for key, value in written:
        made = _status(key)
        if made is None or made in node:
            scene.tell("no status, or one that is there: dropped", key)
            continue
        node[made] = value
        if made != key:
            scene.tell(f"it is read as {made}", key)
    if all(key.startswith("x-") for key in node):
        node["default"] = {"description": ""}


def _status(key: str) -> str | None:
    if key.startswith("x-"):
        return key
    made = key.strip()
    if made.lower() == "default":
        return "default"
    found = re.match(r"([1-5])([0-9]{2}|[xX]{2}|[0-9][xX])(?![0-9A-Za-z])", made)
    if not found:
        return None
    return found[1] + (found[2] if found[2].isdigit() else "XX")
