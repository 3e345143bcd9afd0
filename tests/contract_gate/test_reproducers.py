from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from mockserver.catalogue import Mock, build
from mockserver.contract.checking import check
from mockserver.contract.faults import Fault, FaultyTarget, right
from mockserver.contract.findings import Findings
from mockserver.contract.reference import Reference
from mockserver.contract.reproducers import curl_script, pytest_file
from mockserver.contract.reproducers.python_source import Source
from mockserver.contract.reproducers.templates import Scope
from mockserver.contract.results import Options
from mockserver.contract.shrinking import Shrinker
from mockserver.contract.values import Finding, Json, Sent
from tests.contract_gate.notes import DESCRIPTION, Notes
from tests.contract_gate.serving import (
    EMPTY,
    EMPTY_OPTIONS,
    RESET,
    found,
    kept_wrongly,
    not_kept,
    serving,
)
from tests.contract_gate.test_feeds import CREATE, Run, later, spoilt

FAULTS = ("media type", "header", "kept", "limit", "filter", "schema", "total")


def environment(url: str, **more: str) -> dict[str, str]:
    """What a service team sets; what was left behind by the server before is taken away."""
    kept = {n: v for n, v in os.environ.items() if not n.startswith("PYTEST")}
    kept["PYTEST_DISABLE_PLUGIN_AUTOLOAD"] = "1"
    return {**kept, "BASE_URL": url, "RESET_URL": url + RESET, **more}


def run_pytest(finding: Finding, url: str, folder: Path) -> subprocess.CompletedProcess[str]:
    assert finding.reproducer is not None
    file = folder / pytest_file.file_name(finding)
    file.write_text(finding.reproducer.pytest)
    words = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-c", os.devnull]
    return subprocess.run(
        [*words, f"--rootdir={folder}", str(file)],
        cwd=folder,
        env=environment(url),
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def run_script(finding: Finding, url: str) -> str:
    assert finding.reproducer is not None
    done = subprocess.run(
        ["bash"],
        input=finding.reproducer.curl,
        env=environment(url),
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    return done.stdout


@pytest.mark.parametrize("fault", FAULTS)
def test_both_scripts_were_run_and_showed_the_finding(fault: str) -> None:
    [finding] = found(fault).findings
    made = finding.reproducer
    assert made is not None
    assert (made.pytest_ran.shown, made.curl_ran.shown) == (True, True), made
    assert made.holds
    assert not finding.flaky


def test_the_pytest_file_fails_now_and_passes_once_the_server_is_mended(tmp_path: Path) -> None:
    [finding] = kept_wrongly().findings
    with serving(Notes("kept")) as url:
        now = run_pytest(finding, url, tmp_path)
    assert now.returncode == 1, now.stdout
    assert "AssertionError" in now.stdout
    with serving(Notes()) as url:
        mended = run_pytest(finding, url, tmp_path)
    assert mended.returncode == 0, mended.stdout


def test_scripts_learn_keys_from_answers(tmp_path: Path) -> None:
    [finding] = kept_wrongly().findings
    used, mended = Notes("kept"), Notes()
    for notes in (used, mended):
        notes.count = 700  # others were there before
        notes.reset = lambda: None
    with serving(used) as url:
        assert run_pytest(finding, url, tmp_path).returncode == 1
        assert '"id": 70' in run_script(finding, url)
    with serving(mended) as url:
        done = run_pytest(finding, url, tmp_path)
    assert done.returncode == 0, done.stdout


def test_the_script_shows_the_last_answer_with_its_head() -> None:
    [finding] = kept_wrongly().findings
    with serving(Notes("kept")) as url:
        said = run_script(finding, url)
    assert said.startswith("HTTP/1.1 200")
    assert '"label": "red"' in said


def test_a_finding_that_is_not_seen_again_is_flaky_and_breaks_nothing() -> None:
    class Once(Notes):
        """Forgets one note in its life."""

        spoilt = False

        def _list(self, query):
            told = super()._list(query)
            if len(told["items"]) > 1 and not self.spoilt:
                self.spoilt = True
                told["items"].pop()
            return told

    notes = Once()
    options = Options(seconds=60, requests=1_500, most=1, settings=EMPTY)
    result = check(notes, str(DESCRIPTION), options, reset=notes.reset)
    [finding] = result.findings
    assert finding.flaky
    assert result.kept


def test_a_finding_that_the_pytest_file_does_not_show_is_flaky(monkeypatch) -> None:
    notes = Notes("kept")
    shrink = Shrinker.shrink

    def then_mend(*arguments):
        shrunk = shrink(*arguments)
        notes.fault = ""
        return shrunk

    monkeypatch.setattr(Shrinker, "shrink", then_mend)
    [finding] = not_kept(notes).findings
    assert finding.flaky
    assert finding.reproducer is not None
    for ran in (finding.reproducer.pytest_ran, finding.reproducer.curl_ran):
        assert (ran.shown, ran.why) == (False, "the answer was right this time")


class Locked(Notes):
    """Notes with a fault, for those who present a token."""

    async def __call__(self, scope, receive, send):
        if dict(scope["headers"]).get(b"authorization") != b"Bearer very-secret-token":
            await send({"type": "http.response.start", "status": 401, "headers": []})
            await send({"type": "http.response.body", "body": b""})
            return
        await super().__call__(scope, receive, send)


def test_secrets_are_variables_of_the_environment() -> None:
    headers = (("Authorization", "Bearer very-secret-token"), ("X-Team", "blue"))
    result = not_kept(Locked("kept"), replace(EMPTY_OPTIONS, headers=headers))
    made = result.findings[0].reproducer
    assert made is not None
    assert made.pytest_ran.shown
    assert made.curl_ran.shown
    assert [name for name, _ in made.variables] == ["AUTHORIZATION"]
    for script in (made.curl, made.pytest):
        assert "very-secret-token" not in script
        assert "AUTHORIZATION" in script
        assert "blue" in script


TEXTS = st.text(max_size=12)
NUMBERS = st.floats(allow_nan=False, allow_infinity=False)
VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | TEXTS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXTS, inner, max_size=3),
    max_leaves=8,
)


@given(VALUES)
def test_a_value_as_source_is_that_value(value: object) -> None:
    source = Source(Scope((), ())).value(value)
    assert repr(eval(source)) == repr(value)


@given(st.lists(st.text(st.characters(exclude_characters="\0", codec="utf-8")), min_size=1))
@settings(max_examples=20)
def test_a_word_of_a_script_is_that_text(texts: list[str]) -> None:
    words = " ".join(curl_script.word(Scope((), ()), text) for text in texts)
    done = subprocess.run(
        ["bash"], input=f"printf '%s\\0' {words}".encode(), capture_output=True, check=True
    )
    assert done.stdout.decode().split("\0")[:-1] == texts


@example(got="\0", expected='"""\\', name="\x1b")
@settings(max_examples=20)
@given(got=st.text(), expected=st.text(), name=TEXTS)
def test_whatever_a_server_says_the_files_can_be_run(got: str, expected: str, name: str) -> None:
    [finding] = kept_wrongly().findings
    odd = replace(finding, got=got, expected=expected, operation=f"read {name}")
    scope = Scope((), [exchange.sent for exchange in odd.sequence])
    calls = [replace(e.message, headers=(("X-Name", "é\t"),)) for e in odd.sequence]
    draft = pytest_file.Draft(odd, calls, scope, pytest_file.Place(f"http://{name!a}"))
    compile(pytest_file.write(draft, ["assert answer"]), "file", "exec")
    script = curl_script.write(draft).encode("utf-8", "surrogateescape")
    subprocess.run(["bash", "-n"], input=script, check=True, timeout=60)


@pytest.fixture(scope="module")
def assets() -> Mock:
    return build(["assets"])


def reproduced(run: Run) -> Finding:
    findings = Findings(run.check.setting, 0)
    findings.add(run.session, [], 0.0)
    return findings.all[0]


@pytest.mark.parametrize(
    ("change", "asserted"),
    [
        (lambda frames: [], "len(answer.frames) == 1"),
        (lambda frames: frames * 2, "len(answer.frames) == 1"),
        (lambda frames: [b'{"iterable": []}' for _ in frames], 'len(answer.json()["iterable"])'),
    ],
)
def test_the_pytest_file_hears_feeds(assets: Mock, change, asserted: str) -> None:
    run = spoilt(assets, later(change))
    run.feed()
    run.codes(CREATE)
    assert run.feed()
    made = reproduced(run).reproducer
    assert made is not None
    assert (made.pytest_ran.shown, made.holds) == (True, True), made.pytest_ran
    assert asserted in made.pytest
    assert made.curl_ran.why == "not run: the pytest file hears the feed"
    assert "see the pytest file" in made.curl


def test_an_earlier_moment_is_learned_where_it_was_told(assets: Mock) -> None:
    def old(server, message):
        answer = right(server, message)
        if message.target != "/asset/update":
            return answer
        body = json.loads(answer.body)
        body["updated"] = body["created"]
        return replace(answer, body=json.dumps(body).encode())

    fault = Fault("old", "moment", "An update does not change `updated`.", old)
    run = Run(assets, FaultyTarget(Reference(assets), fault))
    run.codes(CREATE)
    body = run.session.names.symbolic
    asset = keyed(json.loads(run.session.steps[0].a.body), body) | {"name": "Other"}
    update = Sent("asset_update", "POST", "/asset/update", body=Json(asset))
    run.session.began[0] -= 1  # it was created a second ago
    assert run.codes(update)
    made = reproduced(run).reproducer
    assert made is not None
    assert made.holds
    assert 'assert answer.json()["updated"]["value"] > value' in made.pytest
    assert "time.sleep" in made.pytest


def keyed(value, symbolic):
    if isinstance(value, dict):
        return {name: keyed(item, symbolic) for name, item in value.items()}
    if isinstance(value, list):
        return [keyed(item, symbolic) for item in value]
    return symbolic(value)
