"""YAML and JSON files as JSON documents."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import orjson
import yaml

_Base: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


def read_document(path: Path) -> Any:
    """The JSON value that a YAML or JSON file holds.

    Raises OSError when it cannot be read, ValueError when it is neither.
    """
    text = path.read_bytes()
    if path.suffix == ".json":
        return orjson.loads(text)
    return parse_yaml(text)


def parse_yaml(text: bytes) -> Any:
    """The JSON value of a YAML text.

    Scalars are resolved by YAML 1.2's core schema (section 10.3.2), so that dates stay text and
    ``no`` is a word, and keys are the text that was written (OpenAPI 3.0.3, Format). Raises
    ValueError.
    """
    try:
        return yaml.load(text, Loader=_Loader)  # noqa: S506 - built on the safe loader
    except (yaml.YAMLError, RecursionError) as error:
        raise ValueError(str(error)) from error


class _Loader(_Base):  # type: ignore[misc]
    """The safe loader, with the scalars and keys of JSON."""

    yaml_implicit_resolvers: dict[str, list[tuple[str, re.Pattern[str]]]] = {}  # noqa: RUF012

    def construct_mapping(self, node: Any, deep: bool = False) -> dict[str, Any]:  # noqa: FBT001, FBT002
        self.flatten_mapping(node)
        mapping = {}
        for key, value in node.value:
            if not isinstance(key, yaml.ScalarNode):
                raise yaml.constructor.ConstructorError(
                    "while reading a mapping", node.start_mark, "a key is no text", key.start_mark
                )
            mapping[key.value] = self.construct_object(value, deep=deep)
        return mapping

    def construct_integer(self, node: Any) -> int:
        """Decimal, or octal and hexadecimal with the prefixes 0o and 0x."""
        text = node.value.lower()
        return int(text, 0) if text.startswith(("0o", "0x")) else int(text)


_SCALARS = {
    "null": (r"~|null|Null|NULL|", ("~", "n", "N", "")),
    "bool": (r"true|True|TRUE|false|False|FALSE", "tTfF"),
    "int": (r"[-+]?[0-9]+|0o[0-7]+|0x[0-9a-fA-F]+", "-+0123456789"),
    "float": (
        r"[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?",
        "-+.0123456789",
    ),
    "merge": (r"<<", "<"),
}

for _name, (_pattern, _first) in _SCALARS.items():
    _Loader.add_implicit_resolver(
        f"tag:yaml.org,2002:{_name}", re.compile(f"(?:{_pattern})\\Z"), list(_first)
    )
_Loader.add_constructor("tag:yaml.org,2002:int", _Loader.construct_integer)
