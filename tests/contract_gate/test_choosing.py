from __future__ import annotations

from copy import deepcopy
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from mockserver import catalogue
from mockserver.contract.checking import check
from mockserver.contract.ignoring import Ignored
from mockserver.contract.results import Options, Result
from mockserver.errors import StartupError
from tests.contract_gate.flask_service import service

ROOT = Path(__file__).parents[2]
CALLED = (
    "assets_create_new_asset",
    "assets_delete_asset",
    "assets_get_recommended_assets",
    "assets_get_related_assets",
    "assets_snapshot",
)


def found(folder: Path, fault: str) -> Result:
    app, reset = service(folder, fault)
    options = Options(seconds=60, requests=400, most=1, include=CALLED)
    return check(app, "assets", options, reset=reset)


def test_records_that_the_list_shows_may_be_chosen(tmp_path: Path) -> None:
    assert found(tmp_path, "").findings == []


@pytest.mark.parametrize(
    "fault",
    [
        "deleted_in_related",
        "deleted_in_recommended",
        "pseudo_among_related",
        "given_assets_are_related",
    ],
)
def test_records_that_the_list_does_not_show_and_given_ones_may_not(
    tmp_path: Path, fault: str
) -> None:
    (finding,) = found(tmp_path, fault).findings
    assert (finding.code, finding.pointer, finding.flaky) == ("MS413", "/iterable", False)
    assert len(finding.sequence) <= 4


@pytest.mark.parametrize(
    "mark",
    [
        {"among": "nothing"},
        {"among": "assets_specific_asset_snapshot"},
        {"among": "assets_create_new_asset"},
        {"among": "assets_snapshot", "except": "some"},
        {"except": "given"},
        {"among": ["assets_snapshot"]},
    ],
)
def test_what_is_chosen_among_is_a_list_that_needs_nothing(mark: dict[str, Any]) -> None:
    with pytest.raises(StartupError, match="related/get/responses/200/x-conformance"):
        Ignored(described(mark, "responses", "200"))


def test_only_a_response_has_records_that_are_chosen() -> None:
    mark = {"among": "assets_snapshot"}
    with pytest.raises(StartupError, match="related/get/x-conformance"):
        Ignored(described(mark))
    description = described("ignore")
    with pytest.raises(StartupError, match="/x-conformance"):
        Ignored(replace(description, document={**description.document, "x-conformance": mark}))


def described(mark: Any, *place: str) -> Any:
    """The built-in description with another mark in it."""
    mock = catalogue.build(["assets"])
    description = mock.apis[0].description
    document = deepcopy(dict(description.document))
    found = document["paths"]["/assets/related"]["get"]
    for step in place:
        found = found[step]
    found["x-conformance"] = mark
    return replace(description, document=document)
