"""Filling an empty database from a directory of records."""

from __future__ import annotations

import copy
import json
from pathlib import Path
from typing import Any

from examples.flask_assets.faults import remembered
from examples.flask_assets.identity import new_id
from examples.flask_assets.shapes import with_indices
from examples.flask_assets.storage import Asset, Document, Session
from examples.flask_assets.writing import with_content

OTHERS = ("users", "models", "applications")


def fill(session: Session, directory: Path | None) -> None:
    """Give the installation an id and, from the directory, its first records."""
    session.add_other("machine", {"id": new_id()})
    if directory is None:
        return
    for name in OTHERS:
        for record in _records(directory, name):
            session.add_other(name, record)
    users = session.others("users")
    creator = users[0]["id"] if users else ""
    for asset in _assets(directory, creator):
        session.insert(asset)


@remembered
def _assets(directory: Path, creator: str) -> list[Asset]:
    return [_asset(record, creator) for record in _records(directory, "assets")]


@remembered
def _records(directory: Path, name: str) -> list[Document]:
    path = directory / f"{name}.json"
    if not path.exists():
        return []
    found = _with_files(json.loads(path.read_text("utf-8")), directory / "files")
    return list(found)


def _with_files(node: Any, files: Path) -> Any:
    """Put in what a record names: ``$text`` a text, ``$file`` bytes as numbers."""
    if isinstance(node, list):
        return [_with_files(each, files) for each in node]
    if not isinstance(node, dict):
        return node
    if "$text" in node:
        return (files / node["$text"]).read_text("utf-8")
    if "$file" in node:
        return list((files / node["$file"]).read_bytes())
    return {key: _with_files(value, files) for key, value in node.items()}


def _asset(record: Document, creator: str) -> Asset:
    """An asset with everything that follows from what its record says."""
    document = {"creator": creator, "mechanism": "MANUAL", **copy.deepcopy(record)}
    document.setdefault("updated", document["created"])
    given = document["formats"]["iterable"]
    follows = {
        "creator": document["creator"],
        "role": "BOTH",
        "created": document["created"],
        "updated": document["updated"],
    }
    formats = [with_content({**follows, **form}) for form in given]
    for form in formats:
        form.pop("asset", None)
    first = formats[0]["id"]
    document["formats"] = {"iterable": []}
    document.setdefault("original", {"id": first})
    document.setdefault("preview", {"base": {"id": first}})
    return Asset(document["id"], with_indices(document), formats)
