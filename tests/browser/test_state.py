"""The state of a sandbox looked at, changed, and taken back."""

from __future__ import annotations

import re
from typing import Any

from playwright.sync_api import Locator, Page, Route, expect

from tests.browser.conftest import Console


def rows(page: Page) -> Locator:
    return page.locator("table.records tbody tr")


def added(console: Console, title: str, **more: Any) -> int:
    note = console.api.post("/notes", json={"title": title, **more})
    key: int = note.json()["id"]
    return key


def shown(console: Console, key: int) -> Any:
    return console.api.get(f"/notes/{key}").json()


def test_the_form_changes_what_the_api_answers(console: Console) -> None:
    key = added(console, "milk")
    console.open(f"state/notes/notes/{key}")
    page = console.page
    page.get_by_label("title").fill("oat milk")
    page.get_by_label("colour").select_option(label="blue")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_text("Saved.")).to_be_visible()
    assert shown(console, key) == {
        "id": key, "title": "oat milk", "colour": "blue", "done": False
    }  # fmt: skip


def test_the_json_of_a_record_changes_what_the_form_has_no_field_for(console: Console) -> None:
    key = added(console, "milk")
    console.open(f"state/notes/notes/{key}")
    page = console.page
    page.get_by_role("button", name="JSON").click()
    page.get_by_label("The record as JSON").fill(f'{{"id": {key}, "title": "a", "tags": ["b"]}}')
    page.keyboard.press("Control+s")
    expect(page.get_by_text("Saved.")).to_be_visible()
    assert shown(console, key)["tags"] == ["b"]


def test_what_the_schema_refuses_is_told_at_its_field(console: Console) -> None:
    key = added(console, "milk")
    console.open(f"state/notes/notes/{key}")
    title = console.page.get_by_label("title")
    title.fill("")
    console.page.get_by_role("button", name="Save").click()
    expect(title).to_have_attribute("aria-invalid", "true")
    expect(console.page.locator("#field-title-wrong")).to_contain_text("expected")
    assert shown(console, key)["title"] == "milk"


def test_what_is_refused_in_json_leads_to_its_place(console: Console) -> None:
    key = added(console, "milk")
    console.open(f"state/notes/notes/{key}")
    page = console.page
    page.get_by_role("button", name="JSON").click()
    area = page.get_by_label("The record as JSON")
    area.fill(f'{{"id": {key}, "title": "a", "colour": "pink"}}')
    page.get_by_role("button", name="Save").click()
    page.get_by_role("button", name="/colour").click()
    expect(area).to_be_focused()
    chosen = area.evaluate("a => a.value.slice(a.selectionStart, a.selectionEnd)")
    assert chosen == '"pink"'


def test_a_record_is_added_and_deleted_and_that_is_undone(console: Console) -> None:
    console.open("state/notes/notes")
    page = console.page
    expect(rows(page)).to_have_count(3)
    page.get_by_role("link", name="Add").click()
    page.get_by_label("key", exact=True).fill("77")
    page.get_by_label("title").fill("from the page")
    page.get_by_role("button", name="Add").click()
    expect(rows(page)).to_have_count(4)
    assert shown(console, 77)["title"] == "from the page"
    page.get_by_role("button", name="Delete").click()
    expect(rows(page)).to_have_count(3)
    assert console.api.get("/notes/77").status_code == 404
    page.locator(".notice", has_text="Deleted.").get_by_role("button", name="Undo").click()
    expect(rows(page)).to_have_count(4)
    assert shown(console, 77)["title"] == "from the page"


def test_the_slider_shows_the_state_then(console: Console) -> None:
    for title in ("one", "two"):
        added(console, title)
    console.open("state/notes/notes")
    page = console.page
    expect(rows(page)).to_have_count(5)
    slider = page.get_by_label("Revision", exact=True)
    slider.focus()
    page.keyboard.press("ArrowLeft")
    expect(rows(page)).to_have_count(4)
    expect(page.locator(".pane.side .count")).to_have_text("4")
    slider.fill("0")
    expect(rows(page)).to_have_count(3)
    page.get_by_role("button", name="Now").click()
    expect(rows(page)).to_have_count(5)
    assert len(console.api.get("/notes").json()) == 5


def test_the_state_then_is_restored(console: Console) -> None:
    added(console, "one")
    added(console, "two")
    console.open("state/notes/notes?revision=1")
    page = console.page
    expect(rows(page)).to_have_count(4)
    page.get_by_role("button", name="Restore 1").click()
    expect(page.get_by_text("The state is that of revision 1.")).to_be_visible()
    titles = [note["title"] for note in console.api.get("/notes").json()]
    assert "one" in titles
    assert "two" not in titles


def test_undo_takes_the_last_change_back(console: Console) -> None:
    key = added(console, "one")
    console.open("state")
    console.page.get_by_role("button", name="Undo").click()
    expect(console.page.get_by_text("Revision 1 is undone.")).to_be_visible()
    assert console.api.get(f"/notes/{key}").status_code == 404


def test_the_history_tells_what_changed(console: Console) -> None:
    key = added(console, "one")
    console.open(f"state/notes/notes/{key}")
    page = console.page
    page.get_by_label("title").fill("two")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_text("Saved.")).to_be_visible()
    console.open("state?revision=2")
    changes = page.locator(".changes")
    expect(changes).to_contain_text("updated")
    expect(changes.locator("del")).to_have_text('"one"')
    expect(changes.locator("ins")).to_have_text('"two"')


def test_a_snapshot_is_kept_restored_and_deleted(console: Console) -> None:
    console.open("state/notes/notes")
    page = console.page
    page.locator("summary", has_text="Snapshots").click()
    page.get_by_label("Name of the snapshot").fill("clean")
    page.get_by_role("button", name="Keep this state").click()
    expect(page.get_by_text("Kept as clean.")).to_be_visible()
    added(console, "dirt")
    expect(rows(page)).to_have_count(4)
    page.get_by_role("button", name="Restore").click()
    expect(rows(page)).to_have_count(3)
    assert len(console.api.get("/notes").json()) == 3
    sheet = page.locator("details.menu .sheet", has_text="clean")
    sheet.get_by_role("button", name="Delete").click()
    sheet.get_by_role("button", name="Really delete?").click()
    expect(page.get_by_text("None yet.")).to_be_visible()
    assert console.control("snapshots").json() == []


def test_reset_returns_to_the_seed(console: Console) -> None:
    added(console, "one")
    console.open("state/notes/notes")
    expect(rows(console.page)).to_have_count(4)
    console.page.get_by_role("button", name="Reset").click()
    expect(rows(console.page)).to_have_count(3)
    assert len(console.api.get("/notes").json()) == 3


def test_export_is_a_zip_of_fixtures(console: Console) -> None:
    console.open("state")
    with console.page.expect_download() as download:
        console.page.get_by_role("link", name="Export").click()
    assert download.value.path().read_bytes() == console.control("export").content


def test_a_change_by_a_client_is_shown_without_a_reload(console: Console) -> None:
    console.open("state/notes/notes")
    expect(rows(console.page)).to_have_count(3)
    added(console, "from a client")
    expect(console.page.get_by_text("from a client")).to_be_visible()


def test_what_is_being_edited_is_left_alone(console: Console) -> None:
    key = added(console, "milk")
    console.open(f"state/notes/notes/{key}")
    title = console.page.get_by_label("title")
    title.fill("half writ")
    added(console, "meanwhile")
    expect(rows(console.page)).to_have_count(5)
    expect(title).to_have_value("half writ")


def test_records_past_the_first_page_are_shown_on_demand(console: Console) -> None:
    for number in range(120):
        added(console, f"note {number}")
    console.open("state/notes/notes")
    table = console.page.locator("table.records")
    expect(table).to_have_attribute("aria-rowcount", "101")
    console.page.get_by_role("button", name="Show more of 123").click()
    expect(table).to_have_attribute("aria-rowcount", "124")
    rows(console.page).last.scroll_into_view_if_needed()
    expect(console.page.get_by_text("note 119")).to_be_visible()


def test_a_change_while_more_is_asked_for_takes_nothing_away(console: Console) -> None:
    for number in range(120):
        added(console, f"note {number}")
    console.open("state/notes/notes")
    held: list[Route] = []
    console.page.route(re.compile(r"[?&]after="), lambda route: held.append(route))  # noqa: PLW0108 - no builtin
    console.page.get_by_role("button", name="Show more of 123").click()
    added(console, "meanwhile")
    table = console.page.locator("table.records")
    expect(table).to_have_attribute("aria-rowcount", "125")
    held[0].continue_()
    expect(table).to_have_attribute("aria-rowcount", "125")


def test_markup_in_a_record_is_text(console: Console) -> None:
    markup = '<img src=x onerror="alert(1)">'
    key = added(console, markup)
    console.open("state/notes/notes")
    page = console.page
    expect(rows(page).last).to_contain_text(markup)
    rows(page).last.click()
    expect(page.get_by_label("title")).to_have_value(markup)
    console.open(f"state/notes/notes/{key}?revision=0")
    console.open("state?revision=1")
    expect(page.locator("main img")).to_have_count(0)


def test_what_was_not_saved_is_there_when_one_comes_back(console: Console) -> None:
    key, other = added(console, "milk"), added(console, "tea")
    console.open(f"state/notes/notes/{key}")
    title = console.page.get_by_label("title")
    title.fill("half writ")
    console.open(f"state/notes/notes/{other}")
    expect(title).to_have_value("tea")
    console.page.go_back()
    expect(title).to_have_value("half writ")
    console.page.get_by_role("button", name="Revert").click()
    expect(title).to_have_value("milk")


def test_a_record_that_was_not_there_then_is_told(console: Console) -> None:
    key = added(console, "milk")
    console.open(f"state/notes/notes/{key}?revision=0")
    expect(console.page.get_by_text(f"no record '{key}'")).to_be_visible()


def test_records_are_filtered_by_what_they_hold(console: Console) -> None:
    added(console, "milk", tags=["dairy"])
    console.open("state/notes/notes")
    expect(rows(console.page)).to_have_count(4)
    console.page.keyboard.press("/")
    console.page.keyboard.type("DAIRY")
    expect(rows(console.page)).to_have_count(1)
    expect(rows(console.page)).to_contain_text("milk")


def test_a_reset_by_a_test_is_shown_without_a_reload(console: Console) -> None:
    added(console, "milk")
    console.open("state/notes/notes")
    expect(rows(console.page)).to_have_count(4)
    console.api.post(f"{console.url}/__mock__/reset")
    expect(rows(console.page)).to_have_count(3)
