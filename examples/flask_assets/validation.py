"""What the description says about each request: operations, parameters and bodies."""

from __future__ import annotations

import functools
import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl

import jsonschema_rs
import orjson
import yaml

from examples.flask_assets.errors import Refusal, bad_request
from examples.flask_assets.faults import on

UUID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}", re.IGNORECASE)
JSON = "application/json"
METHODS = ("get", "head", "post")
LIMIT = 16 * 1024 * 1024


@dataclass(frozen=True)
class Operation:
    """One operation of the description, ready to judge requests."""

    id: str
    parameters: list[dict[str, Any]]
    body: Any = None
    body_required: bool = False


@dataclass
class Route:
    """A path and its operations by method."""

    template: str
    operations: dict[str, Operation] = field(default_factory=dict)
    feed: bool = False

    def allowed(self) -> str:
        """The value of Allow (RFC 9110, section 10.2.1)."""
        methods = {method.upper() for method in self.operations} | {"OPTIONS"}
        if "GET" in methods:
            methods.add("HEAD")
        return ", ".join(sorted(methods))


def _plain(node: Any) -> Any:
    """OpenAPI 3.0 schemas as JSON Schema: ``nullable`` becomes a type."""
    if isinstance(node, list):
        return [_plain(each) for each in node]
    if not isinstance(node, dict):
        return node
    made = {key: _plain(value) for key, value in node.items() if key != "nullable"}
    if node.get("nullable") and isinstance(node.get("type"), str):
        made["type"] = [node["type"], "null"]
    return made


@functools.cache
def read_description(path: Path) -> list[Route]:
    """All paths of the description, their references resolved and validators compiled."""
    document = yaml.load(path.read_text("utf-8"), yaml.CSafeLoader)
    components = document["components"]
    schemas = {"schemas": _plain(components["schemas"])}

    def validator(schema: dict[str, Any]) -> Any:
        return jsonschema_rs.Draft202012Validator(
            {**_plain(schema), "components": schemas}, validate_formats=True
        )

    def operation(made: dict[str, Any]) -> Operation:
        parameters = [
            components["parameters"][each["$ref"].rsplit("/", 1)[1]]
            for each in made.get("parameters", [])
        ]
        body = made.get("requestBody")
        if body is None:
            return Operation(made["operationId"], parameters)
        judge = validator(body["content"][JSON]["schema"])
        return Operation(made["operationId"], parameters, judge, bool(body.get("required")))

    paths = []
    for template, item in document["paths"].items():
        described = {method: operation(item[method]) for method in METHODS if method in item}
        feed = "x-stream" in item.get("get", {})
        paths.append(Route(template, described, feed))
    return paths


def read_query(operation: Operation, raw: bytes) -> dict[str, Any]:
    """The query parameters that the operation knows, typed, with their defaults."""
    try:
        pairs = parse_qsl(raw.decode("ascii"), keep_blank_values=True, errors="strict")
    except UnicodeDecodeError:
        raise bad_request("The query is not UTF-8.") from None
    values: dict[str, Any] = {}
    for parameter in operation.parameters:
        if parameter["in"] != "query":
            continue
        name = parameter["name"]
        given = [value for key, value in pairs if key == name]
        if len(given) > 1 and not on("repeated_parameter_taken"):
            raise bad_request(f"The parameter {name} may be given once.")
        if given:
            values[name] = _typed(name, given[0], parameter["schema"])
        elif parameter.get("required"):
            raise bad_request(f"The parameter {name} is missing.")
        else:
            values[name] = parameter["schema"].get("default")
    return values


def _typed(name: str, text: str, schema: dict[str, Any]) -> Any:
    if schema["type"] != "boolean":
        return text
    if text.lower() not in {"true", "false"}:
        raise bad_request(f"The parameter {name} must be true or false.")
    return text.lower() == "true"


def check_key(key: str) -> None:
    """Path parameters are UUIDs in their usual form."""
    if UUID.fullmatch(key) is None:
        raise Refusal(404 if on("bad_uuid_404") else 400, f"{key!r} is no UUID.")


def read_body(operation: Operation, media_type: str | None, raw: bytes) -> Any:
    """The body, or None where none was sent; raises 400, 413 or 415."""
    if operation.body is None:
        return None
    if len(raw) > LIMIT:
        raise Refusal(413, f"At most {LIMIT} bytes are taken.")
    if not raw:
        if operation.body_required:
            raise Refusal(500 if on("missing_body_500") else 400, "A body is required.")
        return None
    if (media_type or "").partition(";")[0].strip().lower() != JSON:
        raise Refusal(415, f"Send {JSON}.")
    try:
        body = orjson.loads(raw)
    except orjson.JSONDecodeError as error:
        raise bad_request(f"The body is no JSON: {error}.") from None
    if operation.body.is_valid(body):
        return body
    for broken in operation.body.iter_errors(body):
        where = "/".join(str(step) for step in broken.instance_path)
        raise bad_request(f"The body breaks the description at /{where}: {broken.message[:300]}.")
    return body
