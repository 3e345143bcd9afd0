"""The page as a whole: for the keyboard, for screen readers, in light, dark and on a phone."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect

from tests.browser.conftest import DARK, LIGHT, NOTES, PHONE, Console
from tests.running import Server

LOOKS = {"light": LIGHT, "dark": DARK, "phone": PHONE}
TOKEN = "let-me-in"


def lived_in(console: Console) -> dict[str, str]:
    """Have something on each view; the places worth a picture, by name."""
    for title in ("milk", "bread", "tea"):
        last = console.api.post("/notes", json={"title": title, "tags": ["shop"]}).json()["id"]
    console.api.get("/notes", params={"colour": "red"})
    console.api.delete(f"/notes/{last - 1}")
    console.api.get("/notes/77777")
    console.api.post("/notes", json={"title": "", "colour": "pink"})
    latency = {"kind": "latency", "distribution": "fixed", "milliseconds": 5}
    fault = {"fault": latency, "operation": "readNote", "probability": 0.5}
    assert console.api.post(f"{console.url}/__mock__/faults", json=fault).status_code == 201
    assert console.api.post(f"{console.url}/__mock__/clock/freeze").status_code == 200
    console.api.get(f"/notes/{last}")
    newest = console.control("requests").json()["requests"]
    refused = next(each["id"] for each in newest if each["violations"])
    return {
        "requests": "requests",
        "request": f"requests/{refused}",
        "history": "state?revision=4",
        "records": "state/notes/notes",
        "record": f"state/notes/notes/{last}",
        "operations": "operations",
        "operation": "operations/notes/addNote",
        "faults": "faults",
        "clock": "clock",
        "sandboxes": "sandboxes",
    }


def settled(page: Page) -> None:
    """Wait until the view is there and nothing is on its way."""
    page.wait_for_load_state("networkidle")
    expect(page.locator("main .page, main .panes")).to_be_visible()


@pytest.mark.parametrize(("console", "look"), [(LOOKS[n], n) for n in LOOKS], indirect=["console"])
def test_every_view_fits_and_can_be_read_by_everybody(
    console: Console, look: str, screenshots: Path
) -> None:
    told: dict[str, Any] = {}
    for name, place in lived_in(console).items():
        console.open(place)
        settled(console.page)
        console.page.screenshot(path=screenshots / f"{name}-{look}.png")
        found = Axe().run(console.page).response["violations"]
        told |= {f"{name}: {each['id']}": [n["html"] for n in each["nodes"]] for each in found}
        wide = "document.documentElement.scrollWidth > document.documentElement.clientWidth"
        if console.page.evaluate(wide):
            told[f"{name}: wider than the window"] = []
    assert told == {}


def test_everything_is_done_by_keyboard(console: Console) -> None:
    key = console.api.post("/notes", json={"title": "milk"}).json()["id"]
    console.open("requests")
    page, press = console.page, console.page.keyboard.press
    expect(page.locator("table.requests tbody tr")).to_have_count(1)
    press("j")
    press("Enter")
    expect(page.locator(".pane.detail h2")).to_have_text("POST /notes")
    press("Escape")
    expect(page.locator(".pane.detail")).to_have_count(0)
    press("2")
    expect(page.get_by_role("link", name="notes 4")).to_be_visible()
    page.get_by_role("link", name="notes 4").focus()
    press("Enter")
    expect(page.locator("table.records tbody tr")).to_have_count(4)
    page.locator("table.records a.whole").first.focus()
    for _ in range(5):
        press("ArrowDown")
    press("Enter")
    title = page.get_by_label("title")
    expect(title).to_have_value("milk")
    while not title.evaluate("each => each === document.activeElement"):
        press("Tab")
    press("Control+a")
    page.keyboard.type("oat milk")
    press("Control+s")
    expect(page.get_by_text("Saved.")).to_be_visible()
    assert console.api.get(f"/notes/{key}").json()["title"] == "oat milk"
    press("Escape")  # out of the field
    press("Escape")
    expect(page.locator(".pane.detail")).to_have_count(0)
    press("?")
    expect(page.get_by_role("dialog")).to_be_visible()
    press("Escape")
    expect(page.get_by_role("dialog")).not_to_be_visible()


def test_back_leads_through_the_views(console: Console) -> None:
    console.open("requests")
    for number, name in ((2, "state"), (3, "operations")):
        console.page.keyboard.press(str(number))
        expect(console.page.locator(f"main[data-view={name}]")).to_be_visible()
    console.page.go_back()
    expect(console.page.locator("main[data-view=state]")).to_be_visible()
    assert "State" in console.page.title()


def test_the_page_whose_address_is_told_says_so_when_the_server_is_gone(
    browser: Browser, start: Callable[..., Server]
) -> None:
    context = browser.new_context()
    page = context.new_page()
    with start("--quiet", str(NOTES)) as server:
        [address] = re.findall(r"^Console: (\S+)$", server.output, re.MULTILINE)
        page.goto(address)
        expect(page.locator("[data-live=live]")).to_be_visible()
    expect(page.get_by_text("not connected: trying again")).to_be_visible()
    context.close()


def test_a_token_is_asked_for_once(browser: Browser, start: Callable[..., Server]) -> None:
    context = browser.new_context()
    page = context.new_page()
    with start("--quiet", "--control-token", TOKEN, str(NOTES)) as server:
        page.goto(f"{server.url}/@mine/__mock__/")
        page.get_by_label("Control token").fill("wrong")
        page.keyboard.press("Enter")
        expect(page.get_by_text("That is not the token")).to_be_visible()
        page.get_by_label("Control token").fill(TOKEN)
        page.keyboard.press("Enter")
        expect(page.locator("[data-live=live]")).to_be_visible()
        assert page.url.startswith(f"{server.url}/@mine/__mock__/")
        page.get_by_role("button", name="Log out").click()
        expect(page.get_by_label("Control token")).to_be_visible()
        context.close()
