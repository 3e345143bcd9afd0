from __future__ import annotations

import json
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from click.testing import CliRunner

from mockserver.cli import main
from mockserver.contract.replay import Verdict, find, load, replay
from mockserver.contract.reports.calls import as_json, from_json
from mockserver.contract.reports.writing import write
from mockserver.contract.results import CannotCheck, Options
from mockserver.contract.values import Form, Json, Key, Part, Raw, Sent
from tests.contract_gate.notes import DESCRIPTION, Notes
from tests.contract_gate.servers import Spoilt
from tests.contract_gate.serving import EMPTY_OPTIONS, RESET, kept_wrongly, serving, shown


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A report about notes that are not kept as they are written."""
    write(kept_wrongly(), Options(), tmp_path, (), print)
    return tmp_path


def replayed(folder: Path, fault: str) -> Any:
    [path] = folder.glob("findings/*.json")
    notes = Notes(fault)
    return replay(load(path), notes, str(DESCRIPTION), EMPTY_OPTIONS, reset=notes.reset)


@pytest.mark.parametrize(
    ("fault", "verdict"),
    [("kept", Verdict.STILL), ("", Verdict.FIXED), ("media type", Verdict.DIFFERENT)],
)
def test_a_finding_is_still_there_or_fixed_or_something_else_is_wrong(
    folder: Path, fault: str, verdict: Verdict
) -> None:
    assert replayed(folder, fault).verdict is verdict


def test_what_is_different_is_told_with_the_call(folder: Path) -> None:
    assert "call " in replayed(folder, "media type").why
    assert "text/html" in replayed(folder, "media type").why


def test_a_server_that_is_away_cannot_be_replayed_on(folder: Path) -> None:
    [path] = folder.glob("findings/*.json")
    done = replay(
        load(path), "http://127.0.0.1:9", str(DESCRIPTION), EMPTY_OPTIONS, reset="http://x"
    )
    assert done.verdict is Verdict.CANNOT_RUN
    assert "nobody listens" in done.why


def test_a_description_without_the_operation_cannot_be_replayed_by(folder: Path) -> None:
    [path] = folder.glob("findings/*.json")
    notes = Notes()
    done = replay(load(path), notes, "plane", reset=notes.reset)
    assert done.verdict is Verdict.CANNOT_RUN
    assert "readNote" in done.why


def test_a_finding_is_found_by_its_file_or_its_id(folder: Path) -> None:
    [path] = folder.glob("findings/*.json")
    identifier = kept_wrongly().findings[0].id
    assert find(str(path), Path("nowhere")) == path
    assert find(identifier, folder) == path
    with pytest.raises(CannotCheck, match="no finding of that id"):
        find("00000000", folder)


@pytest.mark.parametrize("text", ["", "[]", '{"version": 1}', '{"version": 9}', "\xff"])
def test_a_file_that_is_no_finding_is_told(tmp_path: Path, text: str) -> None:
    path = tmp_path / "finding.json"
    path.write_text(text, encoding="latin-1")
    with pytest.raises(CannotCheck, match=r"finding\.json"):
        load(path)


def test_a_call_is_read_as_it_was_written() -> None:
    sents = [
        Sent("a", "PUT", "/a/{b}", {"b": Key(3)}, (("q", "x"), ("q", Key(1))), link=Key(2)),
        Sent("a", "PUT", "/a", body=Json({Key(1): [Key(2), {"$key": 7}, None]}), caller="me"),
        Sent("a", "PUT", "/a", body=Raw(b"\xff\x00"), media_type="image/png"),
        Sent("a", "PUT", "/a", body=Form((Part("f", b"\xff", "f.png", "image/png"),))),
        Sent("a", "PUT", "/a", headers=(("If-Match", Key(1)),)),
    ]
    sents.append(Sent("a", "AT ONCE", "/a", branches=((sents[0],), (sents[1],)), reads=(sents[4],)))
    for sent in sents:
        again = from_json(json.loads(json.dumps(as_json(sent))))
        assert as_json(again) == as_json(sent)
        assert (again.body, again.query, again.headers) == (sent.body, sent.query, sent.headers)
        assert (again.link, again.caller, again.media_type) == (
            sent.link,
            sent.caller,
            sent.media_type,
        )


def run(*words: str) -> Any:
    return CliRunner().invoke(main, ["check", *words])


def deleting(*, spoilt: bool) -> Spoilt:
    """Plane's mock, where the deletion of nothing may succeed."""

    def spoil(method, path, status, body):
        wrong = spoilt and method == "DELETE" and status == 404
        return (200, b"{}") if wrong else (status, body)

    return Spoilt("plane", spoil)


@pytest.mark.parametrize(("spoilt", "code"), [(True, 1), (False, 0)])
def test_the_command_replays_where_the_finding_was_found(tmp_path, spoilt, code) -> None:
    path = "/api/v1/assets/user-assets/{asset_id}/"
    sent = Sent("delete_user_asset", "DELETE", path, {"asset_id": str(UUID(int=7))}, caller="u1")
    write(shown(deleting(spoilt=True), "plane", [sent], Options()), Options(), tmp_path, (), print)
    [file] = tmp_path.glob("findings/*.json")
    told = json.loads(file.read_text())
    with serving(deleting(spoilt=spoilt)) as url:
        told["check"] |= {"url": url, "reset": url + RESET}
        file.write_text(json.dumps(told))
        done = run("--replay", told["finding"]["id"], "--report-dir", str(tmp_path))
    assert done.exit_code == code, done.output
    assert ("STILL: MS201" if code else "FIXED: MS201") in done.output


def test_the_command_tells_what_cannot_be_replayed(tmp_path: Path) -> None:
    done = run("--replay", "00000000", "--report-dir", str(tmp_path))
    assert done.exit_code == 2
    assert "no finding of that id" in done.output
