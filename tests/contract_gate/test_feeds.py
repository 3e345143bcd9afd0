from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Iterator
from typing import Any

import httpx
import orjson
import pytest

from mockserver.app import create_app
from mockserver.catalogue import Mock, build
from mockserver.console.control import control_api
from mockserver.contract.checking import Check
from mockserver.contract.codes import CODES
from mockserver.contract.faults import Fault, FaultyTarget
from mockserver.contract.feed_clients import FeedClosed, NoFeeds
from mockserver.contract.feeds import follow
from mockserver.contract.reference import Reference
from mockserver.contract.results import Options
from mockserver.contract.session import Session
from mockserver.contract.targets import AsgiTarget, HttpTarget, MockTarget, Target, WsgiTarget
from mockserver.contract.values import Json, Key, Sent

IDENTIFIERS = "assets_stream_identifiers"
SEED = {
    "type": "SEEDED_ASSET",
    "asset": {
        "application": {
            "id": "d2a7b0c8-1e64-4a39-b7e5-91c3d8f0a6b4",
            "name": "VIM",
            "version": "1",
            "platform": "LINUX",
            "onboarded": True,
            "privacy": "OPEN",
        },
        "format": {"fragment": {"string": {"raw": "x"}}},
    },
}
CREATE = Sent("assets_create_new_asset", "POST", "/assets/create", body=Json(SEED))


def delete(key: Any) -> Sent:
    return Sent("assets_delete_asset", "POST", "/assets/{asset}/delete", {"asset": key})


@pytest.fixture(scope="module")
def mock() -> Mock:
    return build(["assets"])


class Run:
    """A run of calls and feeds against a target."""

    def __init__(self, mock: Mock, target: Target, *, own_data: bool = False) -> None:
        self.check = Check(mock, target, Options(), own_data=own_data)
        self.check.fresh()
        self.session: Session = self.check.session
        self.operations = {o.id: o for o in self.check.operations}

    def codes(self, sent: Sent) -> list[str]:
        return [difference.code for difference in self.session.step(sent).differences]

    def feed(self, operation: str = IDENTIFIERS) -> list[str]:
        return self.codes(follow(self.operations[operation], ""))

    def newest(self) -> Key:
        names = self.session.names
        triples = [n for n in range(len(names)) if names[n].pointer == "body:/id"]
        return Key(triples[-1])


Told = Callable[[list[bytes], dict[Any, Any]], list[bytes]]


def spoilt(mock: Mock, tell: Told | None) -> Run:
    fault = Fault("spoilt", "feed", "Frames are spoilt.", tell=tell)
    return Run(mock, FaultyTarget(Reference(mock), fault))


def later(change: Callable[[list[bytes]], list[bytes]]) -> Told:
    """Spoil the frames after the first one."""

    def tell(frames: list[bytes], memory: dict[Any, Any]) -> list[bytes]:
        if memory.setdefault("begun", False):
            return change(frames)
        memory["begun"] = True
        return frames

    return tell


def reversed_list(frame: bytes) -> bytes:
    value = json.loads(frame)
    return json.dumps({"iterable": value["iterable"][::-1]}).encode()


def without_mark(frame: bytes) -> bytes:
    value = json.loads(frame)
    for item in value["iterable"]:
        item.pop("deleted", None)
    return json.dumps(value).encode()


@pytest.mark.parametrize(
    "operation", [IDENTIFIERS, "stream_assets", "get_assets_stream_transferables"]
)
def test_a_feed_that_tells_each_change_once_is_right(mock, operation) -> None:
    run = spoilt(mock, None)
    assert run.feed(operation) == []
    assert run.codes(CREATE) == []
    assert run.feed(operation) == []
    assert run.codes(CREATE) == []
    assert run.codes(delete(run.newest())) == []
    assert run.feed(operation) == []
    assert run.feed(operation) == []


@pytest.mark.parametrize(
    ("tell", "code"),
    [
        (lambda frames, memory: [], "MS501"),
        (lambda frames, memory: [reversed_list(frame) for frame in frames], "MS501"),
        (lambda frames, memory: [b"no JSON" for _ in frames], "MS501"),
    ],
)
def test_a_first_frame_that_is_wrong_is_told(mock, tell, code) -> None:
    assert code in spoilt(mock, tell).feed()


@pytest.mark.parametrize(
    ("change", "code"),
    [
        (lambda frames: [], "MS502"),
        (lambda frames: frames[1:], "MS502"),
        (lambda frames: [frame for each in frames for frame in (each, each)], "MS503"),
        (lambda frames: [*frames, *frames[:1]], "MS503"),
        (lambda frames: frames[::-1], "MS504"),
        (lambda frames: [without_mark(frame) for frame in frames], "MS505"),
        (lambda frames: [b"{}" for _ in frames], "MS505"),
    ],
)
def test_a_change_that_is_told_wrongly_is_told_by_its_code(mock, change, code) -> None:
    run = spoilt(mock, later(change))
    run.feed()
    run.codes(CREATE)
    run.codes(delete(run.newest()))
    assert code in run.feed()


def test_a_difference_has_the_place_of_what_is_wrong(mock) -> None:
    run = spoilt(mock, later(lambda frames: [without_mark(frame) for frame in frames]))
    run.feed()
    run.codes(CREATE)
    run.codes(delete(run.newest()))
    step = run.session.step(follow(run.operations[IDENTIFIERS], ""))
    [difference] = step.differences
    assert (difference.aspect, difference.pointer) == ("frame", "/iterable/0/deleted")


def test_a_feed_that_cannot_be_opened_is_told(mock) -> None:
    class Refusing(FaultyTarget):
        def follow(self, message):
            raise FeedClosed("403")

    fault = Fault("refusing", "feed", "Feeds are refused.")
    assert Run(mock, Refusing(Reference(mock), fault)).feed() == ["MS506"]


def test_a_wsgi_application_has_no_feeds() -> None:
    with pytest.raises(NoFeeds, match="URL"):
        WsgiTarget(None).follow(None)  # type: ignore[arg-type]


def followed(run: Run) -> Iterator[list[str]]:
    yield run.feed()
    yield run.codes(CREATE)
    yield run.feed()
    yield run.codes(delete(run.newest()))
    yield run.feed()


def test_feeds_are_followed_over_real_websockets(mock, server) -> None:
    target = MockTarget(server.url)
    run = Run(mock, target)
    assert [codes for codes in followed(run) if codes] == []
    run.session.setting.following.leave()
    target.close()


def test_what_others_do_on_a_server_is_not_judged(mock, server) -> None:
    target = HttpTarget(f"{server.url}/@shared")
    run = Run(mock, target, own_data=True)
    assert run.feed() == []
    httpx.post(f"{server.url}/@shared/assets/create", json=SEED).raise_for_status()
    assert [codes for codes in [run.codes(CREATE), run.feed()] if codes] == []
    assert run.codes(delete(run.newest())) == []
    httpx.post(f"{server.url}/@shared/assets/create", json=SEED).raise_for_status()
    assert run.feed() == []
    run.session.setting.following.leave()
    target.close()


def test_feeds_are_followed_in_an_asgi_application(mock) -> None:
    served = build(["assets"])
    target = AsgiTarget(create_app(served, control_api(served)), served.sandboxes.default.reset)
    run = Run(mock, target)
    assert [codes for codes in followed(run) if codes] == []
    run.session.setting.following.leave()
    target.close()


def test_an_asgi_application_that_fails_ends_the_feed() -> None:
    async def failing(scope, receive, send):
        await receive()
        await send({"type": "websocket.accept"})
        raise ValueError("no")

    target = AsgiTarget(failing)
    listener = target.follow(message_of("/feed"))
    with pytest.raises(FeedClosed, match="no"):
        listener.receive(1.0)
    target.close()


def test_a_frame_that_does_not_come_is_waited_for_in_vain() -> None:
    async def silent(scope, receive, send):
        await receive()
        await send({"type": "websocket.accept"})
        await asyncio.Event().wait()

    target = AsgiTarget(silent)
    listener = target.follow(message_of("/feed"))
    assert listener.receive(0.01) is None
    listener.close()
    target.close()


def message_of(target: str) -> Any:
    from mockserver.contract.values import Message

    return Message("GET", target, (), b"")


def test_nothing_listens_where_a_url_is_wrong() -> None:
    with pytest.raises(FeedClosed, match="upgrade"):
        HttpTarget("http://127.0.0.1:9").follow(message_of("/feed"))


def test_every_code_is_explained() -> None:
    assert {f"MS50{number}" for number in range(1, 7)} <= set(CODES)


def test_frames_are_kept_as_they_came(mock) -> None:
    run = spoilt(mock, None)
    step = run.session.step(follow(run.operations[IDENTIFIERS], ""))
    shown = step.exchange()
    assert shown.got.status == 200  # type: ignore[union-attr]
    assert orjson.loads(shown.got.body)["iterable"]  # type: ignore[union-attr]
