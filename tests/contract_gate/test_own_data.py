from __future__ import annotations

import os
import signal
from dataclasses import replace

import pytest

from mockserver.app import create_app
from mockserver.catalogue import build
from mockserver.console.control import control_api
from mockserver.contract import proven
from mockserver.contract.checking import check, opened
from mockserver.contract.own_data import Skipped
from mockserver.contract.results import CannotCheck, Options
from mockserver.contract.targets import open_target
from mockserver.contract.values import Answered, Json, Key, Sent
from tests.contract_gate.shared import DESCRIPTION, Library
from tests.running import DESCRIPTIONS

FEW = Options(seconds=120, requests=400, own_data=True)


def checked(library: Library, **more):
    options = Options(seconds=120, requests=400, own_data=True, **more)
    return check(library, DESCRIPTION, options)


def _told(result) -> set[str]:
    """The keys of what a result says could not be removed."""
    lines = [line for line in result.remarks if line.startswith("not removed: books ")]
    return {line.rpartition(" ")[2] for line in lines}


def test_a_right_server_full_of_others_records_keeps_its_contract() -> None:
    library = Library()
    result = checked(library)
    assert [f"{f.code} {f.operation} {f.pointer}: {f.got}" for f in result.findings] == []
    assert {status for name, status in result.reached if name == "replaceBook"} >= {200, 404}


def test_no_record_of_somebody_else_is_named_and_nothing_is_left() -> None:
    library = Library()
    checked(library)
    assert library.touched == []
    assert library.made
    assert library.left == []
    assert library.others <= set(library.books)


def test_what_is_everybodys_is_left_alone_and_told() -> None:
    told = checked(Library()).remarks
    assert "skipped: deleteAllBooks: would touch others' records" in told
    assert "skipped: changeSettings: would touch others' records" in told
    assert any(line.startswith("skipped: emptyTrash: ") for line in told)
    assert "skipped: addVisit: what it makes cannot be removed" in told


def test_what_others_write_meanwhile_is_no_finding() -> None:
    def busy(library: Library) -> None:
        key = library.lend(f"Another {len(library.asked)}")
        if len(library.asked) % 3 == 0:
            library.others.discard(key)
            del library.books[key]

    library = Library(meanwhile=busy)
    result = checked(library)
    assert result.findings == []
    assert library.touched == []
    assert library.left == []


def test_a_lost_update_is_found_among_others_records() -> None:
    library = Library("update")
    result = checked(library, most=1)
    [finding] = result.findings
    assert finding.operation == "getBook"
    assert not finding.flaky
    assert library.touched == []
    assert library.left == []


def test_what_cannot_be_removed_is_told_with_its_key() -> None:
    library = Library("delete")
    result = checked(library, most=1)
    assert library.left
    assert _told(result) == set(library.left)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_an_interrupted_run_leaves_nothing_and_tells_what_it_found(number) -> None:
    def interrupt(library: Library) -> None:
        if len(library.made) == 5 and not library.told:
            library.told = True
            os.kill(os.getpid(), number)

    library = Library(meanwhile=interrupt)
    result = checked(library)
    assert library.told
    assert "interrupted: this is what was found so far" in result.remarks
    assert len(library.made) <= 6
    assert library.left == []


def test_an_exception_leaves_nothing() -> None:
    library = Library()

    def fail(event: object) -> None:
        if len(library.left) > 3:
            raise RuntimeError("the listener fails")

    with pytest.raises(RuntimeError, match="the listener"):
        check(library, DESCRIPTION, FEW, listener=fail)
    assert library.made
    assert library.left == []


def test_a_server_that_goes_away_is_told_with_what_is_left() -> None:
    def die(library: Library) -> None:
        if len(library.left) > 3:
            raise RuntimeError("the server is down")

    library = Library(meanwhile=die)
    result = checked(library)
    assert not result.kept
    assert library.left
    assert _told(result) == set(library.left)


def test_a_read_only_set_of_operations_makes_nothing() -> None:
    library = Library()
    result = checked(library, include=("listBooks", "getBook"))
    assert result.findings == []
    assert library.made == []


def test_what_could_not_be_removed_after_a_call_stays_as_it_is() -> None:
    calls = [call for run, _ in proven.read("immich") for call in run]
    uploads = [call for call in calls if (call.operation, call.caller) == ("upload_asset", "demo")]
    with opened(create_app(build(["immich"])), "immich", FEW) as made:
        made.fresh()
        session = made.session
        session.step(next(call for call in uploads if session.works(call)))
        change = Sent("update_asset", "PUT", "/assets/{id}", {"id": Key(0)}, caller="demo")
        change = replace(change, media_type="application/json")
        assert session.step(replace(change, body=Json({"visibility": "archive"}))).wrote
        # Who presents this credential neither sees nor deletes what is locked.
        with pytest.raises(Skipped):
            session.step(replace(change, body=Json({"visibility": "locked"})))


PETS = str(DESCRIPTIONS / "pet-store.yaml")


@pytest.mark.parametrize(("stem", "requests"), [("immich", 500), ("assets", 300), (PETS, 500)])
def test_a_mock_with_its_seed_is_a_server_full_of_others_records(stem, requests) -> None:
    mock = build([stem])
    before = mock.sandboxes.default.log.head
    app = create_app(mock, control_api(mock))
    result = check(app, stem, Options(seconds=120, requests=requests, own_data=True))
    log = mock.sandboxes.default.log
    changes = [change for entry in log.entries() for change in entry.changes or ()]
    assert [f.expected for f in result.findings if not f.flaky] == []
    assert any(change.before is None for change in changes)
    others = [c.key for c in changes if c.key in before.collection(c.collection).records]
    assert others == []
    left = [
        key
        for name in log.head.collections
        if "#" not in name
        for key in log.head.collection(name).records
        if key not in before.collection(name).records
    ]
    assert left == []


def test_a_url_without_a_reset_is_judged_by_its_own_data(server) -> None:
    shared = f"{server.url}/@somebody"
    target = open_target(shared)
    assert not target.resets
    target.close()


def test_our_own_mock_is_known_and_gets_a_sandbox_of_its_own(server) -> None:
    target = open_target(server.url)
    assert target.resets
    assert target.base_url.startswith(f"{server.url}/@check-")
    first = target.base_url
    target.reset()
    assert target.base_url != first
    target.close()


def test_fixtures_without_a_reset_are_refused() -> None:
    with pytest.raises(CannotCheck, match="--reset"):
        check(Library(), DESCRIPTION, Options(own_data=False))


def test_what_a_run_made_and_could_not_follow_is_told_with_its_key() -> None:
    with opened(Library(), DESCRIPTION, FEW) as made:
        made.fresh()
        gentle = made.setting.gentle
        assert gentle is not None
        sent = Sent("addBook", "POST", "/books")
        answered = Answered(201, (("content-type", "application/json"),), b'{"id": "somewhere"}')
        gentle.lose([(sent, answered), (sent, Answered(400, (), b""))])
        assert gentle.left == ["not removed: somewhere, made by addBook"]
