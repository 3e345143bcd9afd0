"""Operations, faults, the clock and sandboxes."""

from __future__ import annotations

import httpx
from playwright.sync_api import expect

from tests.browser.conftest import Console


def test_a_fault_bites_until_it_is_removed(console: Console) -> None:
    console.open("faults")
    page = console.page
    page.get_by_label("fault", exact=True).select_option("status")
    page.get_by_label("status", exact=True).fill("503")
    page.get_by_label("operation").select_option(label="listNotes")
    page.get_by_role("button", name="Add fault").click()
    expect(page.get_by_text("fault-1 is in force.")).to_be_visible()
    assert console.api.get("/notes").status_code == 503
    assert console.api.get("/notes/1").status_code == 200
    expect(page.get_by_role("link", name="Faults")).to_contain_text("1")
    expect(page.locator("table.faults tbody tr")).to_contain_text("1 of 1")
    page.get_by_role("button", name="Remove fault-1").click()
    expect(page.get_by_text("No rule is in force")).to_be_visible()
    assert console.api.get("/notes").status_code == 200


def test_a_request_that_was_struck_names_the_fault(console: Console) -> None:
    fault = {"fault": {"kind": "status", "status": 503}}
    console.api.post(f"{console.url}/__mock__/faults", json=fault)
    console.api.get("/notes")
    console.open("requests")
    console.page.locator("table.requests tbody tr").first.click()
    console.page.locator(".pane.detail").get_by_role("link", name="fault-1").click()
    expect(console.page.locator("table.faults tbody tr")).to_contain_text("1 of 1")


def test_every_kind_of_fault_that_the_form_offers_is_taken(console: Console) -> None:
    console.open("faults")
    page = console.page
    kinds = page.get_by_label("fault", exact=True).locator("option")
    values = [each.get_attribute("value") or "" for each in kinds.all()]
    for number, kind in enumerate(values, start=1):
        page.get_by_label("fault", exact=True).select_option(kind)
        page.get_by_role("button", name="Add fault").click()
        expect(page.locator("table.faults tbody tr")).to_have_count(number)
    assert [rule["fault"]["kind"] for rule in console.control("faults").json()] == values


def test_a_fault_that_is_none_is_told(console: Console) -> None:
    console.open("faults")
    page = console.page
    page.get_by_label("fault", exact=True).select_option("status")
    page.get_by_label("status", exact=True).fill("9999")
    page.get_by_role("button", name="Add fault").click()
    expect(page.locator(".errors")).to_contain_text("/fault")
    assert console.control("faults").json() == []


def test_the_clock_is_frozen_and_advanced(console: Console) -> None:
    console.open("clock")
    page = console.page
    page.get_by_label("Set it to").fill("2030-01-01T00:00:00Z")
    page.get_by_label("frozen").check()
    page.locator("section[aria-label=Clock]").get_by_role("button", name="Set", exact=True).click()
    expect(page.locator("output.now")).to_have_text("2030-01-01 00:00:00Z")
    page.get_by_role("button", name="+ 1 day").click()
    expect(page.locator("output.now")).to_have_text("2030-01-02 00:00:00Z")
    assert console.control("clock").json()["now"].startswith("2030-01-02T00:00:00")
    page.get_by_role("button", name="The server's own").click()
    expect(page.get_by_text("It is the server's own.")).to_be_visible()


def test_the_seed_is_set(console: Console) -> None:
    console.open("clock")
    console.page.get_by_label("Seed of new ids").fill("42")
    seed = console.page.locator("section[aria-label=Seed]")
    seed.get_by_role("button", name="Set").click()
    expect(seed.get_by_label("Seed of new ids")).to_have_value("42")
    assert console.control("seed").json() == {"seed": 42}


def test_operations_tell_who_answers_and_why(console: Console) -> None:
    console.open("operations/notes/listNotes")
    detail = console.page.locator(".pane.detail")
    expect(detail).to_contain_text("All notes")
    expect(detail).to_contain_text("a guess")
    expect(detail).to_contain_text("because")


def test_hits_are_counted_as_they_happen(console: Console) -> None:
    console.open("operations")
    row = console.page.locator("table.operations tbody tr").first
    expect(row.locator("td").nth(3)).to_have_text("0")
    console.api.get("/notes")
    expect(row.locator("td").nth(3)).to_have_text("1")


def test_an_operation_is_tried_in_this_sandbox(console: Console) -> None:
    console.open("operations/notes/addNote")
    page = console.page
    page.get_by_label("Body").fill('{"title": "tried"}')
    page.get_by_role("button", name="Send").click()
    answer = page.get_by_role("status", name="Answer")
    expect(answer).to_contain_text("201")
    expect(answer).to_contain_text('"tried"')
    assert [note["title"] for note in console.api.get("/notes").json()][-1] == "tried"


def test_what_a_trial_begins_with_is_taken(console: Console) -> None:
    console.open("operations/notes/addNote")
    answer = console.page.get_by_role("status", name="Answer")
    console.page.get_by_role("button", name="Send").click()
    expect(answer).to_contain_text("201")
    console.open("operations/notes/readNote")
    expect(console.page.get_by_label("id", exact=False).first).not_to_have_value("")
    console.page.get_by_role("button", name="Send").click()
    expect(answer).to_contain_text("200")


def test_sandboxes_are_listed_reset_and_deleted(console: Console) -> None:
    other = f"{console.url}-other"
    name = other.rpartition("@")[2]
    made = httpx.post(f"{other}/notes", json={"title": "x"}).json()["id"]
    console.open("sandboxes")
    row = console.page.locator("tr", has=console.page.get_by_role("link", name=name, exact=True))
    row.get_by_role("button", name="Reset").click()
    expect(console.page.get_by_text(f"{name} is as it was")).to_be_visible()
    assert httpx.get(f"{other}/notes/{made}").status_code == 404
    row.get_by_role("button", name="Delete").click()
    row.get_by_role("button", name="Really delete?").click()
    expect(row).to_have_count(0)


def test_the_page_leads_to_another_sandbox(console: Console) -> None:
    console.open("state")
    console.page.locator("details.sandbox summary").click()
    console.page.get_by_label("Name of a sandbox").fill("elsewhere")
    console.page.keyboard.press("Enter")
    console.page.wait_for_url("**/@elsewhere/__mock__/#/state")
    expect(console.page.locator("details.sandbox summary")).to_have_text("@elsewhere")


def test_a_trial_presents_credentials_that_are_right_where_nobody_said_which(
    console: Console,
) -> None:
    console.open("operations/notes/deleteNote")
    console.page.get_by_role("button", name="Send").click()
    expect(console.page.get_by_role("status", name="Answer")).to_contain_text("204")
    sent = console.control("requests?method=DELETE").json()["requests"]
    assert len(sent) == 1
    headers = console.control(f"requests/{sent[0]['id']}").json()["request"]["headers"]
    assert "x-key" in {header["name"] for header in headers}
