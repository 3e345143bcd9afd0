"""Where nothing is found of what is described, the address is wrong, and not the server."""

from __future__ import annotations

import os
import signal
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from mockserver.cli import main
from mockserver.contract.checking import check
from mockserver.contract.results import CannotCheck, Options
from mockserver.contract.targets import NO_FEEDS
from tests.contract_gate.notes import DESCRIPTION, Notes
from tests.contract_gate.serving import EMPTY, serving
from tests.contract_gate.shop import DESCRIPTION as SHOP
from tests.contract_gate.shop import Shop

BASE = "/v2"


class Below:
    """A shop whose paths begin with something."""

    def __init__(self, begins: str) -> None:
        self.shop = Shop()
        self.reset = self.shop.reset
        self._begins = begins

    def __call__(self, environ: dict[str, Any], start: Any) -> Any:
        path = environ["PATH_INFO"]
        told = path.removeprefix(self._begins) if path.startswith(self._begins) else "/nowhere"
        return self.shop({**environ, "PATH_INFO": told}, start)


@pytest.fixture
def based(tmp_path: Path) -> str:
    """The shop's description with a base path."""
    path = tmp_path / "shop.yaml"
    text = Path(SHOP).read_text()
    path.write_text(text.replace("paths:", f"servers: [{{url: {BASE}}}]\npaths:", 1))
    return str(path)


def told(shop: Below, description: str, *, base_path: bool) -> str:
    options = Options(seconds=60, requests=50, base_path=base_path)
    with pytest.raises(CannotCheck) as caught:
        check(shop, description, options, reset=shop.reset)
    return str(caught.value)


def test_a_url_that_has_the_base_path_already_is_told(based: str) -> None:
    assert "without its base path /v2: tell --no-base-path" in told(
        Below(""), based, base_path=True
    )


def test_a_base_path_that_was_left_out_is_told(based: str) -> None:
    said = told(Below(BASE), based, base_path=False)
    assert "with its base path /v2: leave --no-base-path out" in said


def test_another_server_is_told_with_what_was_looked_for(based: str) -> None:
    said = told(Below("/elsewhere"), based, base_path=True)
    assert "/v2/customers, /v2/orders are 404" in said
    assert "is http://app.test the root of the server?" in said


def test_a_server_that_has_some_of_it_is_checked(based: str) -> None:
    shop = Below(BASE)
    options = Options(seconds=60, requests=60, settings=EMPTY)
    assert check(shop, based, options, reset=shop.reset).requests >= 60


def test_feeds_of_a_wsgi_application_are_left_out_and_told() -> None:
    def nothing(environ: dict[str, Any], start: Any) -> list[bytes]:
        start("204 No Content", [])
        return [b""]

    options = Options(seconds=60, requests=200, most=1, quick=True)
    result = check(nothing, "assets", options, reset=lambda: None)
    assert [line for line in result.remarks if NO_FEEDS in line]
    assert all(operation.stream is None for operation in result.subject.operations)


class Interrupting(Notes):
    """Notes that somebody interrupts the check of."""

    def _answer(self, scope: Any, kind: bytes, body: bytes) -> Any:
        if len(self.asked) == 40:
            os.kill(os.getpid(), signal.SIGINT)
        return super()._answer(scope, kind, body)


@pytest.mark.parametrize(("fault", "code"), [("", 2), ("media type", 1)])
def test_an_interrupted_check_is_not_taken_for_one_that_found_nothing(
    fault: str, code: int
) -> None:
    notes = Interrupting(fault)
    result = check(notes, str(DESCRIPTION), Options(settings=EMPTY, quick=True), reset=notes.reset)
    assert not result.finished
    assert result.exit_code == code


def test_an_interrupted_check_says_that_it_is_not_finished() -> None:
    notes = Interrupting()
    with serving(notes) as url:
        arguments = ["check", url, "--spec", str(DESCRIPTION), "--own-data-only"]
        done = CliRunner().invoke(main, arguments)
    assert done.exit_code == 2, done.output
    assert done.output.splitlines()[-1].startswith("NOT FINISHED: ")
    assert notes.notes == {}
