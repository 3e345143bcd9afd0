"""Requests as they arrive: seen at once, opened, filtered, paused, cleared."""

from __future__ import annotations

import json

from playwright.sync_api import Locator, expect

from tests.browser.conftest import Console

WITHIN_A_SECOND = 1_000


def rows(console: Console) -> Locator:
    return console.page.locator("table.requests tbody tr")


def listening(console: Console) -> None:
    """The requests of an unused sandbox, once the page hears of new ones."""
    console.open("requests")
    expect(console.page.locator("[data-live=live]")).to_be_visible()
    expect(console.page.get_by_text("No requests yet")).to_be_visible()


def test_a_request_appears_within_a_second(console: Console) -> None:
    listening(console)
    console.api.get("/notes")
    row = rows(console).first
    expect(row).to_contain_text("listNotes", timeout=WITHIN_A_SECOND)
    for text in ("GET", "/notes", "200", "ms"):
        expect(row).to_contain_text(text)


def test_the_newest_request_is_the_first(console: Console) -> None:
    listening(console)
    for number in range(3):
        console.api.get("/notes", params={"n": number})
    expect(rows(console)).to_have_count(3)
    expect(rows(console).locator(".path")).to_contain_text(["n=2", "n=1", "n=0"])


def test_a_click_shows_request_answer_and_a_curl_line(console: Console) -> None:
    listening(console)
    console.api.post("/notes", json={"title": "milk"}, headers={"X-Mark": "here"})
    rows(console).first.click()
    detail = console.page.locator(".pane.detail")
    expect(detail).to_contain_text('"milk"')
    expect(detail).to_contain_text("201")
    detail.get_by_text("headers").first.click()
    expect(detail).to_contain_text("x-mark")
    detail.locator("summary", has_text="curl").click()
    expect(detail.locator("pre.plain").last).to_contain_text("curl -X POST")


def test_copy_as_curl_copies_the_line_of_the_journal(console: Console) -> None:
    console.page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    listening(console)
    console.api.get("/notes")
    rows(console).first.click()
    console.page.get_by_role("button", name="Copy as curl").click()
    expect(console.page.get_by_text("Copied.")).to_be_visible()
    [told] = console.control("requests").json()["requests"]
    copied = console.page.evaluate("navigator.clipboard.readText()")
    assert copied == console.control(f"requests/{told['id']}").json()["curl"]


def test_what_breaks_the_schema_is_marked_at_its_place(console: Console) -> None:
    listening(console)
    refused = console.api.post("/notes", json={"title": "tea", "colour": "pink"})
    assert refused.status_code == 422
    expect(rows(console).first.locator(".badge")).to_have_text("1")
    rows(console).first.click()
    marked = console.page.locator(".json .line[data-marked]")
    expect(marked).to_have_count(1)
    expect(marked).to_contain_text('"colour": "pink"')
    expect(marked).to_contain_text("expected")


def test_filters_narrow_the_list_and_stand_in_the_address(console: Console) -> None:
    listening(console)
    console.api.get("/notes")
    console.api.get("/notes/77777")
    console.api.post("/notes", json={"title": "milk"})
    expect(rows(console)).to_have_count(3)
    console.page.get_by_label("Filter by method").select_option("POST")
    expect(rows(console)).to_have_count(1)
    console.page.get_by_label("Filter by method").select_option("")
    console.page.get_by_label("Filter by status").select_option("2xx")
    expect(rows(console)).to_have_count(2)
    console.page.get_by_label("Filter by operation").select_option("listNotes")
    expect(rows(console)).to_have_count(1)
    console.page.reload()
    expect(rows(console)).to_have_count(1)
    expect(console.page.get_by_label("Filter by operation")).to_have_value("listNotes")


def test_a_text_is_looked_for_in_paths_and_operations(console: Console) -> None:
    listening(console)
    console.api.get("/notes")
    console.api.get("/elsewhere")
    expect(rows(console)).to_have_count(2)
    console.page.keyboard.press("/")
    console.page.keyboard.type("elsew")
    expect(rows(console)).to_have_count(1)
    expect(rows(console).first).to_contain_text("404")


def test_while_it_is_paused_requests_wait(console: Console) -> None:
    listening(console)
    console.page.get_by_role("button", name="Pause").click()
    console.api.get("/notes")
    expect(console.page.get_by_role("button", name="Resume (1 new)")).to_be_visible()
    expect(rows(console)).to_have_count(0)
    console.page.keyboard.press("p")
    expect(rows(console)).to_have_count(1)


def test_clear_empties_the_journal_and_the_page(console: Console) -> None:
    listening(console)
    console.api.get("/notes")
    expect(rows(console)).to_have_count(1)
    console.page.get_by_role("button", name="Clear").click()
    expect(rows(console)).to_have_count(0)
    assert console.control("requests").json()["total"] == 0


def test_of_a_thousand_requests_those_in_sight_are_drawn(console: Console) -> None:
    for number in range(1_003):
        console.api.get(f"/notes/{number}")
    console.open("requests")
    count = console.page.locator(".tools .count")
    expect(count).to_have_text("1000")
    expect(rows(console).first).to_contain_text("/notes/1002")
    assert rows(console).count() < 100
    pane = console.page.locator("section[aria-label=Requests]")
    pane.evaluate("each => each.scrollTo(0, each.scrollHeight)")
    expect(rows(console).last).to_contain_text("/notes/3")
    expect(rows(console).last).to_be_in_viewport()
    pane.evaluate("each => each.scrollTo(0, 0)")
    console.api.get("/notes")
    expect(rows(console).first).to_contain_text("listNotes")
    expect(count).to_have_text("1000")


def test_an_opened_request_stays_through_reload_and_back(console: Console) -> None:
    listening(console)
    console.api.post("/notes", json={"title": "milk"})
    rows(console).first.click()
    title = console.page.locator(".pane.detail h2")
    expect(title).to_have_text("POST /notes")
    console.page.reload()
    expect(title).to_have_text("POST /notes")
    console.page.go_back()
    expect(title).to_have_count(0)


def test_a_body_with_markup_is_text(console: Console) -> None:
    markup = "<img src=x onerror=alert(1)><script>alert(2)</script>"
    listening(console)
    console.api.post("/notes", content=json.dumps({"title": markup}))
    console.api.get("/notes", params={"text": markup})
    expect(rows(console)).to_have_count(2)
    rows(console).last.click()
    expect(console.page.locator(".pane.detail .json").first).to_contain_text(markup)
    expect(console.page.locator("main img, main script")).to_have_count(0)
