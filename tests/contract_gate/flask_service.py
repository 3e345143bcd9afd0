"""The Flask service of the examples in this process, with one fault or none."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any

from examples.flask_assets.app import create_app
from examples.flask_assets.config import Settings
from mockserver.contract.checking import Check, opened
from mockserver.contract.results import Options
from mockserver.contract.values import Json, Sent

SEED = Path(__file__).parents[2] / "fixtures" / "assets"

APPLICATION = {
    "id": "a",
    "name": "OPEN_SOURCE",
    "version": "1",
    "platform": "LINUX",
    "onboarded": True,
    "privacy": "OPEN",
}
CREATE = Sent(
    "assets_create_new_asset",
    "POST",
    "/assets/create",
    body=Json(
        {
            "type": "SEEDED_ASSET",
            "asset": {
                "application": APPLICATION,
                "format": {"fragment": {"string": {"raw": "words"}}},
            },
        }
    ),
    media_type="application/json",
)


def service(folder: Path, fault: str = "") -> tuple[Any, Callable[[], Any]]:
    """The service on a database of its own, and what brings it back to its seed."""
    app = create_app(Settings(folder / "assets.db", SEED, fault, reset=True))
    return app, partial(app.test_client().post, "/__reset")


@contextmanager
def checked(folder: Path, fault: str = "") -> Iterator[Check]:
    """A check of the service; of its phases the test makes what it wants."""
    app, reset = service(folder, fault)
    with opened(app, "assets", Options(seconds=60, most=1, quick=True), reset=reset) as check:
        yield check
