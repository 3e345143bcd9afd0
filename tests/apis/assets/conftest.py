"""Assets to search in, as small as their schema allows."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import pytest

from mockserver.state.store import Record

NOON = "2025-03-01T12:00:00Z"


def _listed(kind: str, entries: Sequence[dict[str, Any]]) -> dict[str, Any]:
    made = [{"id": f"{kind}-{number}", **entry} for number, entry in enumerate(entries)]
    return {"iterable": made}


def _record(key: str = "a", name: str | None = "", content: str | None = "", **more: Any) -> Record:
    kind = {"generic": more.get("generic", "CODE"), "specific": more.get("specific", "py")}
    original: dict[str, Any] = {"id": f"{key}-format", "classification": kind}
    if content is not None:
        original["fragment"] = {"string": {"raw": content}}
    value: dict[str, Any] = {
        "id": key,
        "created": {"value": more.get("created", NOON)},
        "updated": {"value": more.get("updated", NOON)},
        "original": {"id": original["id"], "reference": original},
    }
    if name is not None:
        value["name"] = name
    for kind_, member in (("tags", "text"), ("hints", "text")):
        value[kind_] = _listed(kind_, [{member: text} for text in more.get(kind_, ())])
    value["websites"] = _listed(
        "websites", [{"url": url, "name": title} for url, title in more.get("websites", ())]
    )
    value["persons"] = _listed("persons", [{"type": of} for of in more.get("persons", ())])
    value["annotations"] = _listed(
        "annotations", [{"text": text, "type": of} for text, of in more.get("annotations", ())]
    )
    return Record(key, value)


@pytest.fixture(scope="session")
def asset() -> Callable[..., Record]:
    """Make a record: key, name, content, and by name whatever else it should have."""
    return _record
