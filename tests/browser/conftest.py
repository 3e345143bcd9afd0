"""A browser, and pages of it on sandboxes that nobody else uses."""

from __future__ import annotations

import itertools
import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import httpx
import pytest
from playwright.sync_api import Browser, Page, sync_playwright

from tests.browser.chromium import ARGUMENTS, EXECUTABLE
from tests.running import Server

NOTES = Path(__file__).parent / "notes.yaml"
LIGHT = {"color_scheme": "light", "viewport": {"width": 1280, "height": 800}}
DARK = {**LIGHT, "color_scheme": "dark"}
PHONE = {"color_scheme": "light", "viewport": {"width": 390, "height": 844}}

_numbers = itertools.count(1)


@dataclass
class Console:
    """The console of one sandbox, with a client of the API that is mocked there."""

    page: Page
    api: httpx.Client
    url: str
    complaints: list[str] = field(default_factory=list)
    fetched: list[str] = field(default_factory=list)

    def open(self, place: str) -> None:
        """Go to a place on the page, such as ``state/notes/notes``."""
        self.page.goto(f"{self.url}/__mock__/#/{place}")

    def control(self, path: str) -> httpx.Response:
        """What the control API of the sandbox answers."""
        return self.api.get(f"{self.url}/__mock__/{path}")


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        made = playwright.chromium.launch(executable_path=EXECUTABLE, args=ARGUMENTS)
        yield made
        made.close()


@pytest.fixture(scope="session")
def notes(start: Callable[..., Server]) -> Iterator[Server]:
    """A server of the notes, one for all tests."""
    with start("--quiet", str(NOTES)) as running:
        yield running


@pytest.fixture
def console(request: pytest.FixtureRequest, browser: Browser, notes: Server) -> Iterator[Console]:
    """The console of an unused sandbox; parametrize indirectly with how it is looked at."""
    url = f"{notes.url}/@console-{next(_numbers)}"
    context = browser.new_context(**getattr(request, "param", LIGHT))
    page = context.new_page()
    page.set_default_timeout(10_000)
    with httpx.Client(base_url=url, trust_env=False) as api:
        made = Console(page, api, url)
        page.on("console", lambda said: _heard(made, said.type, said.text))
        page.on("pageerror", lambda error: made.complaints.append(str(error)))
        page.on("dialog", lambda shown: made.complaints.append(f"dialog: {shown.message}"))
        page.on("request", lambda sent: made.fetched.append(sent.url))
        yield made
    context.close()
    assert made.complaints == []
    assert [each for each in made.fetched if not each.startswith(notes.url)] == []


def _heard(console: Console, kind: str, text: str) -> None:
    """Keep what a browser complains of; that an answer was 4XX is the mock's to say."""
    if kind in ("error", "warning") and not text.startswith("Failed to load resource"):
        console.complaints.append(text)


@pytest.fixture(scope="session")
def screenshots(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where pictures of the page are kept."""
    named = os.environ.get("MOCKSERVER_SCREENSHOTS")
    folder = Path(named) if named else tmp_path_factory.mktemp("screenshots")
    folder.mkdir(parents=True, exist_ok=True)
    return folder
