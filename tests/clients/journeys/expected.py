"""The records that a mock begins with, as they are expected to be seen by a client."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

Fixtures = dict[str, list[dict[str, Any]]]


def read_fixtures(folder: Path) -> Fixtures:
    """All records by collection; contents are read from the files that they name."""

    def contents(value: dict[str, Any]) -> Any:
        if "$text" in value:
            return (folder / "files" / value["$text"]).read_text(encoding="utf-8")
        if "$file" in value:
            return list((folder / "files" / value["$file"]).read_bytes())
        return value

    return {
        found.stem: json.loads(found.read_text("utf-8"), object_hook=contents)
        for found in folder.glob("*.json")
    }
