"""What fixtures of one's own for Plane must be."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import pytest

from mockserver.catalogue import FIXTURES, Settings, build
from mockserver.errors import StartupError

FOLDER = FIXTURES / "plane"


def _told(path: Path, **files: Any) -> str:
    """What is told of the built-in fixtures with these collections in the place of theirs."""
    shutil.copytree(FOLDER, path / "plane")
    for name, content in files.items():
        (path / "plane" / f"{name}.json").write_text(json.dumps(content), encoding="utf-8")
    with pytest.raises(StartupError) as told:
        build(["plane"], settings=Settings(fixtures=path))
    return str(told.value)


def _asset(**changes: Any) -> dict[str, Any]:
    assets = json.loads((FOLDER / "assets.json").read_text(encoding="utf-8"))
    return {**assets[0], **changes}


@pytest.mark.parametrize("record", ["x", None, []])
def test_what_is_no_record_is_told(tmp_path: Path, record: Any) -> None:
    assert f"expected an object, received {record!r}" in _told(tmp_path, assets=[record])


def test_a_content_that_is_no_file_is_told(tmp_path: Path) -> None:
    assert "expected /content to be the bytes of a file" in _told(
        tmp_path, assets=[_asset(content="avatar.png")]
    )


def test_what_an_asset_lacks_is_told(tmp_path: Path) -> None:
    asset = _asset()
    del asset["entity_type"]
    assert "entity_type" in _told(tmp_path, assets=[asset])
