from __future__ import annotations

import json
import re
from dataclasses import replace
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest
from werkzeug.datastructures import Headers

from mockserver.contract.codes import CODES
from mockserver.contract.locating import lines
from mockserver.contract.masking import Secrets
from mockserver.contract.reports.document import document
from mockserver.contract.reports.html import side_by_side
from mockserver.contract.reports.junit import junit
from mockserver.contract.reports.sarif import sarif
from mockserver.contract.reports.writing import FORMATS, chosen, write
from mockserver.contract.results import Options, Result
from mockserver.engine.secrets import MASK
from mockserver.engine.spec import SecurityScheme
from tests.contract_gate.notes import DESCRIPTION
from tests.contract_gate.serving import kept_wrongly


@pytest.fixture
def result() -> Result:
    """A finding that counts, and one of every other kind."""
    [finding] = kept_wrongly().findings
    flaky = replace(finding, code="MS204", operation="listNotes", flaky=True)
    accepted = replace(finding, code="MS201", operation="addNote", accepted="until May")
    kept = kept_wrongly()
    return replace_result(kept, [flaky, accepted, finding])


def replace_result(result: Result, findings) -> Result:
    made = Result(**{name: getattr(result, name) for name in Result.__slots__})
    made.findings = findings
    return made


def written(result: Result, folder: Path) -> list[str]:
    said: list[str] = []
    write(result, Options(), folder, FORMATS, said.append)
    return said


def test_every_format_is_written_and_each_finding_with_its_scripts(result, tmp_path) -> None:
    said = written(result, tmp_path)
    assert {path.name for path in tmp_path.iterdir()} == {
        "findings", "junit.xml", "report.html", "report.json", "report.sarif",
    }  # fmt: skip
    assert len(list((tmp_path / "findings").glob("*.json"))) == 3
    assert len(list((tmp_path / "findings").glob("test_ms*.py"))) == 3
    assert len(list((tmp_path / "findings").glob("ms*.sh"))) == 3
    assert len(said) == 3


def test_findings_of_the_last_report_are_removed_and_nothing_else(result, tmp_path) -> None:
    written(result, tmp_path)
    own = tmp_path / "findings" / "notes.md"
    own.write_text("mine")
    written(replace_result(result, []), tmp_path)
    assert list((tmp_path / "findings").iterdir()) == [own]


def test_a_format_that_there_is_not_is_told() -> None:
    assert chosen("html, json") == ("html", "json")
    with pytest.raises(ValueError, match="no report is called pdf; there are: junit"):
        chosen("html,pdf")


def test_the_document_tells_findings_that_count_first(result) -> None:
    told = document(result)
    assert (told["version"], told["verdict"]) == (1, "broken")
    assert [finding["counts"] for finding in told["findings"]] == [True, False, False]
    assert told == json.loads(json.dumps(told))
    first = told["findings"][0]
    assert first["endpoint"] == "GET /notes/{id}"
    assert first["sequence"][-1]["got"]["status"] == 200
    assert [operation["id"] for operation in told["operations"]][:2] == ["listNotes", "addNote"]


def test_a_finding_stands_at_its_line_of_the_description(result) -> None:
    described = document(result)["findings"][0]["described"]
    line = DESCRIPTION.read_text().splitlines()[described["line"] - 1]
    assert line.strip().startswith("'200'")
    assert described["source"].endswith("notes.yaml")


def test_lines_are_those_of_the_nearest_place_that_a_file_has(tmp_path) -> None:
    path = tmp_path / "api.yaml"
    path.write_text("openapi: 3.0.3\npaths:\n  /a:\n    get:\n      tags: [x]\n      x: {y: 1}\n")
    pointers = ["/paths/~1a/get/x/y", "/paths/~1a/get/responses/200", "/paths/~1b", "/nothing"]
    assert list(lines(str(path), pointers).values()) == [6, 4, 2, 1]
    path.write_text('{\n\t"paths": {\n\t\t"/a": {}\n\t}\n}')
    assert lines(str(path), ["/paths/~1a"]) == {"/paths/~1a": 3}
    assert lines(str(tmp_path / "none.yaml"), ["/paths"]) == {}


def test_junit_has_a_case_for_each_operation_and_check(result) -> None:
    told = document(result)
    suite = ET.fromstring(junit(told))[0]
    cases = suite.findall("testcase")
    assert len(cases) == len(told["operations"]) * len(told["checks"]) == int(suite.get("tests"))
    names = {(case.get("classname"), case.get("name")) for case in cases}
    assert len(names) == len(cases)
    [failed] = [case for case in cases if case.find("failure") is not None]
    assert (failed.get("classname"), failed.get("name")) == ("GET /notes/{id}", "rules")
    assert "expected: " in failed.find("failure").text
    assert suite.get("failures") == "1"
    skipped = [case.find("skipped") for case in cases]
    reasons = [each.get("message") for each in skipped if each is not None]
    assert [reason for reason in reasons if "until May" in reason]
    assert [reason for reason in reasons if "flaky" in reason]


def test_junit_takes_any_character(result) -> None:
    broken = replace(result.findings[2], got="\x00\x1b[31m\ufffe & <>")
    text = junit(document(replace_result(result, [broken]))).decode()
    assert ET.fromstring(text) is not None


def test_sarif_has_rules_places_fingerprints_and_suppressions(result) -> None:
    log = sarif(document(result))
    [run] = log["runs"]
    rules = run["tool"]["driver"]["rules"]
    assert [rule["id"] for rule in rules] == sorted({f.code for f in result.findings})
    for each in run["results"]:
        assert rules[each["ruleIndex"]]["id"] == each["ruleId"]
        place = each["locations"][0]["physicalLocation"]
        assert place["region"]["startLine"] > 1
        assert place["artifactLocation"]["uri"].endswith("notes.yaml")
    assert run["results"][0]["partialFingerprints"] == {"cause/v1": result.findings[2].id}
    assert [bool(each.get("suppressions")) for each in run["results"]] == [False, False, True]
    assert log["version"] == "2.1.0"


def test_annotations_are_one_line_each_with_their_properties_escaped(result, tmp_path) -> None:
    odd = replace(result.findings[2], endpoint="GET /a:b,c", got="50 %\nof it")
    said = written(replace_result(result, [odd]), tmp_path)
    [line] = said
    assert line.startswith("::error file=")
    assert re.search(r",line=\d+,", line)
    assert "GET /a%3Ab%2Cc" in line
    assert line.endswith("50 %25%0Aof it")


def test_the_summary_of_a_job_is_added_to_the_file_that_github_names(
    result, tmp_path, monkeypatch
) -> None:
    step = tmp_path / "step.md"
    step.write_text("before\n")
    monkeypatch.setenv("GITHUB_STEP_SUMMARY", str(step))
    written(result, tmp_path / "report")
    text = step.read_text()
    assert text.startswith("before\n")
    assert "| MS407 | GET /notes/{id} |" in text


def test_the_page_needs_nothing_else_and_tells_all(result, tmp_path) -> None:
    written(result, tmp_path)
    page = (tmp_path / "report.html").read_text()
    assert not re.search(r"(src|href)=.?https?:|@import|url\(", page)
    assert "BROKEN" in page
    for finding in result.findings:
        assert f'id="{finding.id}"' in page
    assert "was run once, and showed it" in page
    assert "accepted: until May" in page
    assert "DELETE /notes/{id}" in page
    assert "prefers-color-scheme: dark" in page


def test_the_page_shows_texts_of_the_server_as_texts(result, tmp_path) -> None:
    evil = replace(result.findings[2], got="<script>alert(1)</script>")
    written(replace_result(result, [evil]), tmp_path)
    assert "<script>alert" not in (tmp_path / "report.html").read_text()


def test_both_sides_show_members_in_one_order() -> None:
    answer = {"status": 200, "headers": {}}
    expected = answer | {"body": '{"a": 1, "b": [{"c": 1, "d": 2}], "e": 3}'}
    got = answer | {"body": '{"e": 3, "b": [{"d": 2, "c": 9}], "a": 1, "f": 4}'}
    rows = side_by_side({"sequence": [{"expected": expected, "got": got}]})
    other = [(left.strip(), right.strip()) for kind, left, right in rows if kind == "other"]
    assert other == [('"c": 1,', '"c": 9,'), ('"e": 3', '"e": 3,'), ("", '"f": 4')]


def test_secrets_are_masked_in_all_that_is_written(result, tmp_path) -> None:
    secret = "a-very-secret-token"
    [finding] = kept_wrongly().findings
    last = finding.sequence[-1]
    headers = (("Authorization", f"Bearer {secret}"), ("X-Team", "blue"))
    message = replace(last.message, headers=headers, target=f"/notes/1?key={secret}")
    got = replace(last.got, body=b'{"you": "a-very-secret-token"}')
    spoilt = replace(finding, got=secret, sequence=(replace(last, message=message, got=got),))
    result = replace_result(result, [spoilt])
    result.secrets = Secrets()
    result.secrets.learn("Authorization", f"Bearer {secret}")
    result.remarks = [f"seen: {secret}"]
    said = written(result, tmp_path)
    texts = ["\n".join(said)]
    texts += [path.read_text() for path in tmp_path.rglob("*") if path.is_file()]
    assert len(texts) == 8
    assert [text for text in texts if secret in text] == []
    assert f'"Authorization": "Bearer {MASK}"' in (tmp_path / "report.json").read_text()
    assert '"X-Team": "blue"' in (tmp_path / "report.json").read_text()


@pytest.mark.parametrize(
    ("name", "value", "secret"),
    [
        ("Authorization", "Bearer abc", True),
        ("Cookie", "sid=1", True),
        ("X-Api-Key", "k", True),
        ("X-Auth-Token", "t", True),
        ("X-Client-Secret", "s", True),
        ("X-Pass", "p", True),
        ("X-Team", "blue", False),
        ("Content-Type", "text/plain", False),
        ("Idempotency-Key-Style", "x", False),
        ("Authorization", "Bearer nobody-knows-this", False),
    ],
)
def test_headers_that_look_secret_are(name: str, value: str, secret: bool) -> None:
    pass_scheme = SecurityScheme("p", "apiKey", "X-Pass", "header")
    shown = Secrets((pass_scheme,)).headers(Headers([(name, value)]).items())
    assert (MASK in shown[name]) is secret


def test_every_code_is_explained_with_an_example_and_what_to_do() -> None:
    for code, known in CODES.items():
        assert re.fullmatch(r"MS\d{3}", code)
        for text in (known.meaning, known.example, known.advice):
            assert text.endswith(".")
