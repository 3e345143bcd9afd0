"""What clients ask for before they get to the assets."""

from __future__ import annotations

from typing import Any

from examples.flask_assets.calls import TEXT, Answer, Call, handles
from examples.flask_assets.faults import meet, on
from examples.flask_assets.identity import new_id
from examples.flask_assets.storage import Document, Session

VERSION = "12.3.0"
GUEST = {
    "id": "00000000-0000-7000-8000-000000000000",
    "name": "Guest",
    "aesthetics": {"theme": {"dark": False}, "font": {"size": 14}},
}
MODELS: list[Document] = [
    {
        "id": "00000000-0000-7000-8000-000000000001",
        "name": "GPT-3.5-turbo Chat Model",
        "unique": "gemini-2.0-flash-lite-001",
        "version": "1",
        "created": {"value": "2024-01-01T00:00:00Z"},
        "cloud": True,
        "type": "SPEED",
        "usage": "CODE_GENERATION",
    }
]


def machine(session: Session) -> str:
    """The id of this installation, made when it is first asked for."""
    return str(session.others("machine")[0]["id"])


def user(session: Session) -> Document:
    """Who is signed in, or a guest."""
    return next(iter(session.others("users")), GUEST)


@handles("get_well_known_health", "head_well_known_health", "stream_health")
def health(call: Call) -> Answer:
    """Well."""
    with call.store.read() as session:
        return Answer(f"ok:{machine(session)}", TEXT)


@handles("get_well_known_version")
def version(call: Call) -> Answer:
    """Which version this is."""
    return Answer("v" + VERSION if on("version_with_prefix") else VERSION, TEXT)


@handles("user_snapshot")
def snapshot_of_user(call: Call) -> Answer:
    """The user, wrapped."""
    with call.store.read() as session:
        return Answer({"user": user(session)})


@handles("user_stream")
def user_feed(call: Call) -> Answer:
    """The user, bare."""
    with call.store.read() as session:
        return Answer(user(session))


@handles("models_snapshot")
def models(call: Call) -> Answer:
    """The models."""
    with call.store.read() as session:
        return Answer({"iterable": session.others("models") or MODELS})


@handles("applications_snapshot")
def applications(call: Call) -> Answer:
    """The programs, those first that came first."""
    with call.store.read() as session:
        found = session.others("applications")
        return Answer({"iterable": found[::-1] if on("applications_reversed") else found})


@handles("connect")
def connect(call: Call) -> Answer:
    """Introduce a program: known by its name, or new."""
    wanted = call.body["application"]
    if on("race_double_connect"):
        with call.store.read() as session:
            known = _known(session, wanted["name"])
        meet()
    with call.store.write() as session:
        if not on("race_double_connect"):
            known = _known(session, wanted["name"])
        application = known or _new(wanted)
        if known is None and not on("lost_application"):
            session.add_other("applications", application)
        os = machine(session)
        context: dict[str, Any] = {
            "os": os,
            "application": application,
            "health": {"os": {"id": os, "version": VERSION}},
            "user": user(session),
        }
    return Answer(context)


def _known(session: Session, name: str) -> Document | None:
    found = session.others("applications")
    return next((one for one in found if one["name"] == name), None)


def _new(wanted: Document) -> Document:
    return {
        "id": new_id(),
        "name": wanted["name"],
        "version": wanted["version"],
        "platform": wanted["platform"],
        "onboarded": True,
        "privacy": "OPEN" if on("privacy_ignored") else wanted.get("privacy", "OPEN"),
        "capabilities": wanted.get("capabilities", "BLENDED"),
        "mechanism": "MANUAL",
        "automaticUnload": wanted.get("automaticUnload", False),
    }


@handles(
    "workstream_pattern_engine_processors_vision_status",
    "workstream_pattern_engine_processors_vision_status_stream",
)
def vision(call: Call) -> Answer:
    """Nobody watches the screen."""
    return Answer({})


@handles(
    "anchors_stream_identifiers", "conversations_stream_identifiers", "ranges_stream_identifiers"
)
def nothing_yet(call: Call) -> Answer:
    """No such things are kept."""
    return Answer({"iterable": []})


@handles("qgpt_stream")
def copilot(call: Call) -> Answer:
    """There is no copilot: the conversation is all that can be told."""
    with call.store.read() as session:
        return Answer({"conversation": machine(session)})
