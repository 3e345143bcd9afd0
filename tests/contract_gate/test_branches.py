from __future__ import annotations

from dataclasses import replace
from typing import Any
from unittest.mock import patch

import pytest

from mockserver.apis.assets import seeds
from mockserver.app import create_app
from mockserver.catalogue import Mock, build
from mockserver.console.control import control_api
from mockserver.contract.branches import at_once, joined
from mockserver.contract.checking import Check
from mockserver.contract.faults import Fault, FaultyTarget, Server
from mockserver.contract.mistakes.concurrent import _checked_too_early, _last_one_wins
from mockserver.contract.reference import Reference
from mockserver.contract.results import Options
from mockserver.contract.session import Session, Stepped
from mockserver.contract.targets import AsgiTarget, MockTarget, Target, WsgiTarget
from mockserver.contract.values import Answered, Failed, Json, Message, Sent
from tests.contract_gate.test_feeds import CREATE, delete

LIST = Sent("assets_identifiers_snapshot", "GET", "/assets/identifiers")
PROGRAMS = Sent("applications_snapshot", "GET", "/applications")
CONNECT = Sent(
    "connect",
    "POST",
    "/connect",
    body=Json({"application": {"name": "VIM", "version": "1", "platform": "LINUX"}}),
)


@pytest.fixture(scope="module")
def mock() -> Mock:
    return build(["assets"])


def session(mock: Mock, target: Target) -> Session:
    check = Check(mock, target, Options())
    check.fresh()
    return check.session


def spoilt(mock: Mock, together: Any = None, seed: int = 0) -> Session:
    fault = Fault("spoilt", "race", "Calls at once are spoilt.", together=together)
    return session(mock, FaultyTarget(Reference(mock), fault, seed))


def first_asset(run: Session) -> str:
    return str(next(iter(run.a.log.head.collection("assets/assets").records)))


def raced(run: Session, *branches: list[Sent], reads: tuple[Sent, ...] = (LIST,)) -> Stepped:
    return run.step(at_once(branches, reads))


@pytest.mark.parametrize("seed", range(6))
def test_any_order_of_the_branches_is_right(mock, seed) -> None:
    run = spoilt(mock, seed=seed)
    key = first_asset(run)
    step = raced(
        run, [CREATE, delete(key)], [delete(key), CREATE], [CREATE], reads=(LIST, PROGRAMS)
    )
    assert step.differences == []
    assert len(step.inner) == 7


def test_two_deletions_that_both_succeed_are_not_explained(mock) -> None:
    run = spoilt(mock, _checked_too_early)
    key = first_asset(run)
    [difference] = raced(run, [delete(key)], [delete(key)]).differences
    assert difference.code == "MS601"
    assert difference.aspect == "at once with assets_delete_asset"
    assert "none of 2" in difference.got


def test_a_lost_write_shows_in_what_is_read_afterwards(mock) -> None:
    run = spoilt(mock, _last_one_wins)
    step = raced(run, [delete(first_asset(run))], [CREATE])
    assert [difference.code for difference in step.differences] == ["MS601"]
    assert step.inner[-1].sent.operation == LIST.operation


def test_a_program_that_is_registered_twice_is_not_explained(mock) -> None:
    def twice(server: Server, branches: list[list[Message]]) -> Any:
        answers = [[server.ask(message) for message in branch] for branch in branches]
        body = answers[1][0].body
        second = body.replace(b'"application":{"id":"', b'"application":{"id":"f')
        return [answers[0], [Answered(200, answers[1][0].headers, second)]]

    step = raced(spoilt(mock, twice), [CONNECT], [CONNECT], reads=(PROGRAMS,))
    assert [difference.code for difference in step.differences] == ["MS601"]


def test_a_call_that_is_never_answered_is_not_explained(mock) -> None:
    def stuck(server: Server, branches: list[list[Message]]) -> Any:
        return [[Failed("timeout", "a deadlock") for _ in branch] for branch in branches]

    step = raced(spoilt(mock, stuck), [CREATE], [CREATE])
    assert "a deadlock" in step.differences[0].got


def test_keys_of_both_branches_are_matched(mock) -> None:
    run = spoilt(mock)
    assert raced(run, [CREATE], [CREATE]).differences == []


def test_calls_of_a_report_are_joined_again() -> None:
    race = at_once([[CREATE, delete("a")], [delete("b")]], [LIST])
    inner = [race.branches[1][0], *race.branches[0], *race.reads]
    assert joined([CONNECT, *inner]) == [CONNECT, race]
    assert joined([CONNECT]) == [CONNECT]


def test_calls_are_made_at_once_over_http(mock, server) -> None:
    target = MockTarget(server.url)
    run = session(mock, target)
    key = first_asset(run)
    assert raced(run, [delete(key)], [delete(key)], [CREATE]).differences == []
    target.close()


def test_calls_are_made_at_once_in_an_asgi_application(mock) -> None:
    served = build(["assets"])
    target = AsgiTarget(create_app(served, control_api(served)), served.sandboxes.default.reset)
    run = session(mock, target)
    key = first_asset(run)
    assert raced(run, [delete(key)], [delete(key)], [CREATE]).differences == []
    target.close()


def test_calls_are_made_at_once_in_a_wsgi_application() -> None:
    def echo(environ: Any, start_response: Any) -> list[bytes]:
        start_response("200 OK", [])
        return [environ["PATH_INFO"].encode()]

    branches = [[Message("GET", f"/{b}{n}", (), b"") for n in range(2)] for b in "ab"]
    answers = WsgiTarget(echo).at_once(branches)
    told = [[each.body for each in branch if isinstance(each, Answered)] for branch in answers]
    assert told == [[b"/a0", b"/a1"], [b"/b0", b"/b1"]]


class Deciding(WsgiTarget):
    """A server that is right, and decides what the contract leaves open in a way of its own."""

    def __init__(self, mock: Mock, number: int) -> None:
        self._asked = Reference(mock)
        self._number = number
        self.reset()

    def send(self, message: Message) -> None:
        self._world.watch.move()
        self._outcome = self._asked.apply(message, self._world, self.base_url)

    def reset(self) -> bool:
        self._world = self._asked.world(self._number)
        return True

    def at_once(self, branches: Any) -> list[list[Any]]:
        return [[self.ask(message) for message in branch] for branch in branches]


@pytest.mark.parametrize("number", range(2, 10))
def test_what_is_open_may_be_decided_in_any_way(mock, number) -> None:
    text = {"fragment": {"string": {"raw": "self.x = 1"}}}  # of which language?
    seed = CREATE.body.value
    body = Json({**seed, "asset": {**seed["asset"], "format": text}})
    guessed = replace(CREATE, body=body)
    run = session(mock, Deciding(mock, number))
    assets = Sent("assets_snapshot", "GET", "/assets")
    assert raced(run, [guessed], [guessed], reads=(assets,)).differences == []


class Knowing(Deciding):
    """A server that is right, and takes for code what the mock takes for prose."""

    def send(self, message: Message) -> None:
        with patch.object(seeds, "classify", return_value=("CODE", "sh")):
            super().send(message)


def test_what_is_open_may_be_as_it_never_is_here(mock) -> None:
    text = {"fragment": {"string": {"raw": "Some words, and no more."}}}
    seed = CREATE.body.value
    asset = {**seed["asset"], "format": text, "metadata": {"name": "one"}}
    creation = replace(CREATE, body=Json({**seed, "asset": asset}))
    run = session(mock, Knowing(mock, 0))
    formats = Sent("formats_snapshot", "GET", "/formats")
    assert raced(run, [creation], [creation], reads=(formats,)).differences == []
