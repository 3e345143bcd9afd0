"""Schemathesis, all phases and checks with their defaults, over APIs that nobody wrote code for.

``MOCKSERVER_CONTRACT_TIMES`` and ``MOCKSERVER_CONTRACT_SEED`` are those of ``test_schemathesis``.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.contract.test_schemathesis import TIMES, Told, run_schemathesis
from tests.running import DESCRIPTIONS, Server

EXAMPLES = 6 * TIMES
"""Examples of each operation, and sequences, beside the values at the edges of each keyword."""

KEY = {"api_key": "mock"}
BEARER = {"bearer": "mock"}
BASIC = {"username": "mock", "password": "mock"}

CREDENTIALS: dict[str, dict[str, dict[str, str]]] = {
    "accounts": {
        "token": BEARER,
        "password": BASIC,
        "second": KEY,
        "query_key": KEY,
        "cookie": KEY,
    },
    "bookshop": {},
    "documents": {},
    "events": {},
    "files": {},
    "helpdesk": {"key": KEY},
    "pet-store": {"api_key": KEY, "petstore_auth": BEARER},
    "records": {},
    "seats": {},
    "settings": {},
    "todo": {},
    "vehicles": {},
    "weather": {},
}
"""What a caller presents to each security scheme."""


def configuration(credentials: dict[str, dict[str, str]]) -> str:
    """Schemathesis as it comes, but for the credentials."""
    lines: list[str] = []
    for scheme, told in credentials.items():
        lines.append(f"[auth.openapi.{scheme}]")
        lines += [f'{name} = "{value}"' for name, value in told.items()]
    return "\n".join(lines) + "\n"


def base_path(description: Any) -> str:
    if "swagger" in description:
        return str(description.get("basePath", ""))
    url = str(description.get("servers", [{"url": "/"}])[0]["url"])
    return ("/" + url.partition("://")[2].partition("/")[2]) if "://" in url else url


def test_each_description_has_its_credentials() -> None:
    assert {path.stem for path in DESCRIPTIONS.glob("*.yaml")} == CREDENTIALS.keys()
    assert len(CREDENTIALS) >= 12


@pytest.mark.parametrize("name", sorted(CREDENTIALS))
def test_what_was_inferred_keeps_its_contract(
    start: Callable[..., Server], tmp_path: Path, told: Told, name: str
) -> None:
    path = DESCRIPTIONS / f"{name}.yaml"
    config = tmp_path / "credentials.toml"
    config.write_text(configuration(CREDENTIALS[name]))
    prefix = base_path(yaml.safe_load(path.read_text())).rstrip("/")
    with start("--quiet", "--no-fixtures", str(path)) as running:
        report = run_schemathesis(
            str(path),
            tmp_path,
            f"--url={running.url}{prefix}",
            f"--max-examples={EXAMPLES}",
            config=config,
            hooks="tests.contract.form_hooks",
        )
    assert told(report) >= 100
