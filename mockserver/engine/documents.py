"""YAML and JSON files as JSON documents."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import orjson
import yaml


def read_document(path: Path) -> Any:
    """The JSON value that a YAML or JSON file holds.

    Raises OSError when it cannot be read, ValueError when it is neither.
    """
    text = path.read_bytes()
    if path.suffix == ".json":
        return orjson.loads(text)
    return parse_yaml(text)


def parse_yaml(text: bytes) -> Any:
    """The JSON value of a YAML text, read as YAML 1.2's JSON schema reads it.

    Dates stay text, only true and false are booleans, and keys are strings (OpenAPI 3.0.3,
    section 4.3, Format). Raises ValueError.
    """
    base = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    loader = type("Loader", (base,), {"yaml_implicit_resolvers": _resolvers(base)})
    try:
        return _with_text_keys(yaml.load(text, Loader=loader))  # noqa: S506 - a safe one
    except yaml.YAMLError as error:
        raise ValueError(str(error)) from error


def _resolvers(base: Any) -> dict[str, list[tuple[str, re.Pattern[str]]]]:
    dropped = ("tag:yaml.org,2002:timestamp", "tag:yaml.org,2002:bool")
    kept = {
        first: [entry for entry in entries if entry[0] not in dropped]
        for first, entries in base.yaml_implicit_resolvers.items()
    }
    boolean = ("tag:yaml.org,2002:bool", re.compile(r"(?:true|True|TRUE|false|False|FALSE)$"))
    for first in "tTfF":
        kept.setdefault(first, []).append(boolean)
    return kept


def _with_text_keys(value: Any) -> Any:
    if isinstance(value, dict):
        return {str(key): _with_text_keys(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_with_text_keys(item) for item in value]
    return value
