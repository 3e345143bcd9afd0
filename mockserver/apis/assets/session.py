"""What a client asks for before it gets to the assets: health, version, user, models."""

from __future__ import annotations

from typing import Any

from mockserver.apis.assets.registry import handlers
from mockserver.engine.handlers import Call, Reply, View
from mockserver.state.store import Record

VERSION = "12.3.0"
"""Clients of today ask for at least 12.0.0 and less than 13.0.0."""


def health(call: Call) -> str:
    """``ok`` and the id of this installation."""
    return f"ok:{call.sandbox.identifier}"


def user(call: Call) -> Any:
    """The first user, or a guest's profile where there is none."""
    found = next(call.transaction.records("users"), None)
    if found is not None:
        return View(found, "UserProfile")
    aesthetics = {"theme": {"dark": False}, "font": {"size": 12}}
    return {"id": call.sandbox.identifier, "aesthetics": aesthetics}


@handlers.operation("get_well_known_health")
@handlers.operation("head_well_known_health")
def get_well_known_health(call: Call) -> Reply:
    """That the service is well."""
    return Reply(health(call))


@handlers.operation("get_well_known_version")
def get_well_known_version(call: Call) -> Reply:
    """The version of Pieces OS that is mocked."""
    return Reply(VERSION)


@handlers.operation("connect")
def connect(call: Call) -> Reply:
    """Register the application that calls, or recognise it by its name."""
    given = call.body["application"]
    known = [r for r in call.transaction.records("applications") if _is(r, given["name"])]
    application = known[0] if known else _registered(call, given)
    installation = call.sandbox.identifier
    return Reply(
        {
            "os": installation,
            "application": View(application, "Application"),
            "health": {"os": {"id": installation, "version": VERSION}},
            "user": user(call),
        }
    )


def _is(record: Record, name: str) -> bool:
    return bool(record.value["name"] == name)


def _registered(call: Call, given: dict[str, Any]) -> Record:
    application = {
        "id": call.transaction.new_id(),
        "name": given["name"],
        "version": given["version"],
        "platform": given["platform"],
        "onboarded": True,
        "privacy": given.get("privacy", "OPEN"),
        "capabilities": given.get("capabilities", "BLENDED"),
        "mechanism": "MANUAL",
        "automaticUnload": given.get("automaticUnload", False),
    }
    return call.transaction.put("applications", application["id"], application)


@handlers.operation("user_snapshot")
def user_snapshot(call: Call) -> Reply:
    """The user who is signed in, or a guest."""
    return Reply({"user": user(call)})


@handlers.operation("applications_snapshot")
def applications_snapshot(call: Call) -> Reply:
    """The applications that have connected, and the server itself."""
    found = list(call.transaction.records("applications"))
    shown: list[Any] = [View(record, "Application") for record in found]
    if not any(_is(record, "OS_SERVER") for record in found):
        shown.insert(0, _server(call))
    return Reply({"iterable": shown})


def _server(call: Call) -> dict[str, Any]:
    return {
        "id": call.sandbox.identifier,
        "name": "OS_SERVER",
        "version": VERSION,
        "platform": "LINUX",
        "onboarded": True,
        "privacy": "OPEN",
    }


@handlers.operation("models_snapshot")
def models_snapshot(call: Call) -> Reply:
    """The language models that are to be had, the one clients insist on where none are kept."""
    found = call.transaction.records("models")
    shown = [View(record, "Model") for record in found]
    return Reply({"iterable": shown or [_model(call)]})


def _model(call: Call) -> dict[str, Any]:
    """Clients of today do not start without a model of this name, or of this ``unique``."""
    return {
        "id": call.sandbox.identifier,
        "name": "GPT-3.5-turbo Chat Model",
        "unique": "gemini-2.0-flash-lite-001",
        "version": "1",
        "created": {"value": "2024-01-01T00:00:00.000Z"},
        "cloud": True,
        "type": "SPEED",
        "usage": "CODE_GENERATION",
    }
