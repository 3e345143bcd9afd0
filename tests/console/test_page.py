"""The page of the console as HTTP sees it: addresses, headers, files, the form for the token."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from mockserver.app import create_app
from mockserver.catalogue import build
from mockserver.console import page
from mockserver.console.access import COOKIE, Access
from mockserver.console.control import control_api
from mockserver.console.page.mount import console

ORIGIN = "http://localhost"
STATIC = Path(page.__file__).parent / "static"
PAGE = {"Accept": "text/html"}


def client_of(token: str = "") -> TestClient:
    mock = build(["assets"])
    access = Access(token)
    app = create_app(mock, control_api(mock), access=access, mounts=console(access))
    return TestClient(app, base_url=ORIGIN, client=("127.0.0.1", 50000))


@pytest.fixture
def client() -> TestClient:
    return client_of()


def addresses(html: str) -> list[str]:
    return re.findall(r'(?:src|href)="([^"]+)"', html)


@pytest.mark.parametrize("prefix", ["", "/@mine"])
def test_the_page_and_all_that_it_names_are_there(client: TestClient, prefix: str) -> None:
    shown = client.get(f"{prefix}/__mock__/")
    assert shown.status_code == 200
    assert shown.headers["content-type"] == "text/html; charset=utf-8"
    named = addresses(shown.text)
    assert [name for name in named if re.match(r"/|\w+:", name)] == []
    assert {client.get(f"{prefix}/__mock__/{name}").status_code for name in named} == {200}


@pytest.mark.parametrize("prefix", ["", "/@mine"])
def test_without_its_slash_it_leads_to_the_page_of_the_same_sandbox(
    client: TestClient, prefix: str
) -> None:
    led = client.get(f"{prefix}/__mock__", follow_redirects=False)
    assert led.status_code == 308
    assert led.headers["location"] == f"{ORIGIN}{prefix}/__mock__/"


def test_a_browser_is_told_to_run_nothing_but_its_files(client: TestClient) -> None:
    headers = client.get("/__mock__/").headers
    policy = dict(each.split(" ", 1) for each in headers["content-security-policy"].split("; "))
    assert policy["default-src"] == "'none'"
    assert policy["script-src"] == policy["style-src"] == policy["connect-src"] == "'self'"
    assert policy["frame-ancestors"] == "'none'"
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["referrer-policy"] == "same-origin"
    assert "access-control-allow-origin" not in headers


def test_the_page_has_no_script_or_style_of_its_own(client: TestClient) -> None:
    html = client.get("/__mock__/").text
    assert re.findall(r"<script(?![^>]*\ssrc=)|<style|\sstyle=|\son\w+=", html) == []


def test_no_file_asks_for_another_host() -> None:
    own = [each for each in STATIC.rglob("*") if each.is_file() and "vendor" not in each.parts]
    found = {
        (each.name, address)
        for each in own
        for address in re.findall(r"(?:from|import|url)\W{0,3}(https?:[^\"')]+)", each.read_text())
    }
    assert found == set()


def test_every_script_is_short_and_says_what_it_is() -> None:
    scripts = sorted((STATIC / "js").glob("*.js"))
    assert len(scripts) > 10
    for script in scripts:
        lines = script.read_text().splitlines()
        assert len(lines) < 300
        assert lines[0].startswith("// ")


def test_files_are_kept_by_the_browser_until_they_change(client: TestClient) -> None:
    [sheet] = [n for n in addresses(client.get("/__mock__/").text) if n.endswith("console.css")]
    file = client.get(f"/__mock__/{sheet}")
    assert file.headers["cache-control"] == "public, max-age=31536000, immutable"
    known = {"If-None-Match": file.headers["etag"]}
    assert client.get(f"/__mock__/{sheet}", headers=known).status_code == 304
    assert client.get("/__mock__/").headers["cache-control"] == "no-store"
    assert client.get("/__mock__/static/000000000000/console.css").status_code == 404


@pytest.mark.parametrize(
    "path", ["nothing", "static/../site.py", "static/x/%2e%2e/site.py", "page/"]
)
def test_what_is_not_there_is_refused_as_the_control_api_does(
    client: TestClient, path: str
) -> None:
    refused = client.get(f"/__mock__/{path}")
    assert refused.status_code == 404
    assert refused.headers["content-type"] == "application/problem+json"


def test_operations_come_before_the_page(client: TestClient) -> None:
    assert client.get("/__mock__/state").headers["content-type"] == "application/json"


def test_no_other_path_is_the_pages(client: TestClient) -> None:
    assert client.get("/").headers["content-type"] != "text/html; charset=utf-8"


def test_whoever_has_the_token_gets_the_cookie_that_opens_the_page() -> None:
    client = client_of("secret")
    asked = client.get("/@mine/__mock__/", headers=PAGE)
    assert asked.url == f"{ORIGIN}/@mine/__mock__/login"
    assert 'type="password"' in asked.text
    named = addresses(asked.text)
    assert {client.get(f"/@mine/__mock__/{name}").status_code for name in named} == {200}
    wrong = client.post("/@mine/__mock__/login", data={"token": "guess"})
    assert wrong.status_code == 401
    assert COOKIE not in client.cookies
    right = client.post("/@mine/__mock__/login", data={"token": "secret"}, follow_redirects=False)
    assert right.status_code == 303
    assert right.headers["location"] == "/@mine/__mock__/"
    assert client.get("/__mock__/state").status_code == 200
    client.post("/__mock__/logout")
    assert client.get("/__mock__/state").status_code == 401


def test_a_form_larger_than_any_token_is_refused() -> None:
    assert (
        client_of("secret").post("/__mock__/login", data={"token": "x" * 9999}).status_code == 413
    )


def test_starting_does_not_make_the_page() -> None:
    lines = (
        "import sys",
        "import mockserver.serving",
        "from mockserver.console.access import Access",
        "from mockserver.console.page.mount import console",
        "console(Access(''))",
        "sys.exit('mockserver.console.page.site' in sys.modules)",
    )
    assert subprocess.run([sys.executable, "-c", "; ".join(lines)], check=False).returncode == 0
