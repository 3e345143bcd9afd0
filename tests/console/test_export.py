"""What is exported is read again by ``--fixtures``, and is the same."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path
from typing import Any

import pytest
from starlette.testclient import TestClient

from mockserver.app import create_app
from mockserver.catalogue import Mock, Settings, build, stems
from mockserver.console.control import control_api
from mockserver.console.values import shown
from mockserver.state.sandboxes import Sandbox
from tests.running import DESCRIPTIONS


def client_of(mock: Mock) -> TestClient:
    return TestClient(create_app(mock, control_api(mock)))


def contents(mock: Mock, sandbox: Sandbox) -> dict[str, Any]:
    """All records by collection and key, in order."""
    head = sandbox.log.head
    return {
        f"{stem}/{name}": [
            (record.key, shown(record.value))
            for record in head.collection(f"{stem}/{name}").records.values()
        ]
        for stem, shapes in mock.shapes.items()
        for name in shapes()
    }


def exported(client: TestClient, folder: Path, path: str = "/__mock__/export") -> Path:
    answer = client.get(path)
    assert answer.headers["content-type"] == "application/zip"
    zipfile.ZipFile(io.BytesIO(answer.content)).extractall(folder)
    return folder


@pytest.mark.parametrize("stem", stems())
def test_a_built_in_api_comes_back_as_it_was(tmp_path: Path, stem: str) -> None:
    mock = build([stem])
    folder = exported(client_of(mock), tmp_path)
    again = build([stem], Settings(fixtures=folder))
    assert contents(again, again.sandboxes.default) == contents(mock, mock.sandboxes.default)
    assert list(again.apis[0].identities) == list(mock.apis[0].identities)


@pytest.mark.parametrize("path", sorted(DESCRIPTIONS.glob("*.yaml")), ids=lambda path: path.stem)
def test_an_inferred_api_comes_back_as_it_was(tmp_path: Path, path: Path) -> None:
    mock = build([str(path)], Settings(fixtures=None))
    folder = exported(client_of(mock), tmp_path)
    again = build([str(path)], Settings(fixtures=folder))
    assert contents(again, again.sandboxes.default) == contents(mock, mock.sandboxes.default)


def test_what_a_sandbox_made_is_in_its_export(tmp_path: Path) -> None:
    path = str(DESCRIPTIONS / "todo.yaml")
    mock = build([path], Settings(fixtures=None))
    client = client_of(mock)
    made = client.post("/@mine/todos", json={"title": "milk"}).json()
    folder = exported(client, tmp_path, "/@mine/__mock__/export?api=todo")
    again = client_of(build([path], Settings(fixtures=folder)))
    assert again.get(f"/todos/{made['id']}").json() == made
    assert client.get("/__mock__/export").content == client.get("/@new/__mock__/export").content
