"""What the reference's handlers compare with is tried in calls that work."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest

from mockserver.catalogue import build
from mockserver.contract.checking import opened
from mockserver.contract.constants import Constants
from mockserver.contract.guessing import telling
from mockserver.contract.results import Options
from mockserver.contract.session import Session
from mockserver.contract.values import Form, Part, Sent
from tests.contract_gate.servers import Spoilt

UPLOAD = Sent(
    "upload_asset",
    "POST",
    "/assets",
    body=Form(
        (
            Part("assetData", b"some bytes", "name.png", "image/png"),
            Part("deviceAssetId", "one"),
            Part("deviceId", "two"),
            Part("fileCreatedAt", "2024-02-29T12:30:15Z"),
            Part("fileModifiedAt", "2024-02-29T12:30:15Z"),
        )
    ),
    media_type="multipart/form-data",
    caller="demo",
)


@pytest.fixture
def session() -> Iterator[Session]:
    app = Spoilt("immich", lambda method, path, status, body: (status, body))
    with opened(app, "immich", Options(seconds=60), reset=app.reset) as made:
        made.fresh()
        yield made.session


def constants() -> Constants:
    return Constants(build(["immich"]).apis[0].handlers.by_operation.values())


def test_constants_are_those_of_the_handlers_tables_and_code() -> None:
    found = constants()
    assert {"vob", "windows-1252"} <= set(found.texts)
    assert b"ftypqt" in found.octets
    assert {999, 1_000, 1_001} <= set(found.numbers)  # as many parts has a form at most
    assert not [text for text in found.texts if text.startswith("__")]


def test_what_is_looked_for_in_texts_is_written() -> None:
    found = Constants(build(["assets"]).apis[0].handlers.by_operation.values()).texts
    assert any(re.match(r"[ \t]*#[ \t]*include [<\"]", text) for text in found)
    assert any("printf(" in text and "int main(" in text for text in found)  # several tell-tales


def test_names_are_sent_whose_extensions_mean_something(session: Session) -> None:
    values = ["vob", "nothing", ".webm", "nor this", "png"]
    told = list(telling(session, UPLOAD, ("name", 0), values))
    assert [value for value, _ in told] == ["vob", ".webm", "png"]
    bodies = [sent.body for _, sent in told]
    assert [body.parts[0].file_name for body in bodies if isinstance(body, Form)] == [
        "name.vob",
        "name.webm",
        "name.png",
    ]
