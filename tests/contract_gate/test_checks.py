from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import yaml

from mockserver.catalogue import Settings, build
from mockserver.contract.checking import check
from mockserver.contract.checks import RULES
from mockserver.contract.codes import CODES
from mockserver.contract.ignoring import Ignored
from mockserver.contract.likeness import is_kept, may_be
from mockserver.contract.names import Triple
from mockserver.contract.promises import Policy, Wording
from mockserver.contract.reference import Reference
from mockserver.contract.results import Options
from mockserver.contract.rules import Rules
from mockserver.contract.schemathesis_cases import Cases
from mockserver.contract.session import Session, Setting
from mockserver.contract.story import Broken, Seen, Story
from mockserver.contract.targets import open_target
from mockserver.contract.values import Answered, Failed, Json, Key, Sent
from mockserver.contract.wire import Callers, Writer
from mockserver.errors import StartupError
from tests.contract_gate.notes import DESCRIPTION, Notes

EMPTY = Settings(records=0, fixtures=None)
MERGE = "application/merge-patch+json"


@cache
def reference(description: str = str(DESCRIPTION)) -> Reference:
    return Reference(build([description], EMPTY))


@cache
def rules() -> Rules:
    api = reference().api
    return Rules(api, Cases(api.description))


class Run:
    """Calls to a server of notes, each judged by itself and by those before."""

    def __init__(self, fault: str = "") -> None:
        api = reference().api
        self.operations = {o.id: o for o in api.description.operations}
        self.server = Notes(fault)
        self.target = open_target(self.server)
        writer = Writer(api.description, Callers(api.description, []), "")
        policy = Policy(strict=False, ordered=False)
        sides = (reference(), reference(), self.target, writer, policy)
        self.session = Session(Setting(*sides, Counter(), Wording(), rules=rules()))

    def call(self, operation: str, number: int = 0, body: Any = None, **query: Any) -> list[str]:
        described = self.operations[operation]
        sent = Sent(
            operation, described.method, described.path, {"id": number} if number else {},
            query=tuple(query.items()), body=None if body is None else Json(body),
            media_type="" if body is None else MERGE if described.method == "PATCH"
            else "application/json",
        )  # fmt: skip
        return self.made(sent)

    def made(self, sent: Sent) -> list[str]:
        differences = self.session.step(sent).differences
        return [f"{each.code} {each.pointer}".strip() for each in differences]

    def follow_location(self) -> list[str]:
        step = self.session.steps[-1]
        told = step.a.header("location"), step.t.header("location")
        self.session.names.bind(Triple(told[0], told[0], told[1], False, 0, "header:/location"))
        found = len(self.session.names) - 1
        return self.made(Sent("readNote", "GET", "/notes/{id}", {"id": 1}, link=Key(found)))


@pytest.fixture
def run_of() -> Iterator[Callable[[str], Run]]:
    """Makes runs with a server that has a fault, and closes them."""
    runs: list[Run] = []

    def make(fault: str = "") -> Run:
        runs.append(Run(fault))
        return runs[-1]

    yield make
    for run in runs:
        run.target.close()


def note(text: str = "a", label: str = "red", *, done: bool = False) -> dict[str, Any]:
    return {"text": text, "label": label, "done": done}


def over_limit(run: Run) -> list[str]:
    run.call("addNote", body=note("a"))
    run.call("addNote", body=note("b"))
    return run.call("listNotes", limit=1)


def filtered(run: Run) -> list[str]:
    run.call("addNote", body=note(done=False))
    run.call("addNote", body=note(done=True))
    return run.call("listNotes", done="true")


def paged(run: Run) -> list[str]:
    for text in ("a", "b", "c"):
        run.call("addNote", body=note(text))
    run.call("listNotes", limit=100)
    run.call("listNotes", limit=2, offset=0)
    return run.call("listNotes", limit=2, offset=2)


def counted(run: Run) -> list[str]:
    run.call("addNote", body=note())
    return run.call("listNotes", limit=5)


def located(run: Run) -> list[str]:
    run.call("addNote", body=note())
    return run.follow_location()


def refused(run: Run) -> list[str]:
    run.call("addNote", body=note(done=False))
    run.call("readNote", 1)
    run.call("replaceNote", 1, {"text": 5, "label": "red", "done": True})
    return run.call("readNote", 1)


def replaced(run: Run) -> list[str]:
    run.call("addNote", body=note(label="red"))
    run.call("replaceNote", 1, note(label="green"))
    return run.call("readNote", 1)


def created(run: Run) -> list[str]:
    run.call("addNote", body=note(label="blue"))
    return run.call("readNote", 1)


def changed(run: Run) -> list[str]:
    run.call("addNote", body=note(done=True))
    run.call("readNote", 1)
    run.call("changeNote", 1, {"label": "green"})
    return run.call("readNote", 1)


def deleted(run: Run) -> list[str]:
    run.call("addNote", body=note())
    run.call("removeNote", 1)
    return run.call("readNote", 1)


def delisted(run: Run) -> list[str]:
    run.call("addNote", body=note())
    run.call("removeNote", 1)
    return run.call("listNotes")


def repeated(run: Run) -> list[str]:
    run.call("addNote", body=note())
    run.call("listNotes")
    return run.call("listNotes")


def of_schema(run: Run) -> list[str]:
    run.call("addNote", body=note())
    return run.call("readNote", 1)


SCRIPTS = [
    ("limit", over_limit, "MS401 /items"),
    ("filter", filtered, "MS402 /items/0/done"),
    ("paging", paged, "MS403 /items"),
    ("total", counted, "MS404 /total"),
    ("Location", located, "MS405"),
    ("side effect", refused, "MS406 /done"),
    ("kept", replaced, "MS407 /label"),
    ("create", created, "MS407 /label"),
    ("touches", changed, "MS408 /done"),
    ("gone", deleted, "MS409"),
    ("gone in lists", delisted, "MS409 /items/0"),
    ("repeat", repeated, "MS410 /items"),
    ("schema", of_schema, "MS301 /text"),
]


@pytest.mark.parametrize(("fault", "script", "told"), SCRIPTS, ids=[s[0] for s in SCRIPTS])
def test_a_broken_rule_is_told_by_its_code_and_place(
    run_of: Any, fault: str, script: Any, told: str
) -> None:
    found = script(run_of(fault))
    assert found[:1] == [told]
    assert told.split(maxsplit=1)[0] in CODES


@pytest.mark.parametrize("script", [each for _, each, _ in SCRIPTS], ids=[s[0] for s in SCRIPTS])
def test_a_server_that_keeps_the_rules_is_told_nothing(run_of: Any, script: Any) -> None:
    run = run_of()
    assert script(run) == []
    assert [step.differences for step in run.session.steps if step.differences] == []


@pytest.mark.parametrize("fault", [s[0] for s in SCRIPTS] + ["status", "media type", "header"])
def test_the_gate_finds_each_of_these_faults_by_itself(fault: str) -> None:
    server = Notes(fault)
    options = Options(seconds=60, requests=2_500, most=1, settings=EMPTY)
    result = check(server, str(DESCRIPTION), options, reset=server.reset)
    assert not result.kept


def test_a_server_written_by_others_that_is_right_is_found_to_be() -> None:
    server = Notes()
    options = Options(seconds=60, requests=1_500, settings=EMPTY)
    result = check(server, str(DESCRIPTION), options, reset=server.reset)
    assert (result.findings, result.remarks) == ([], [])


def test_a_text_that_is_found_by_a_part_of_it_is_no_finding() -> None:
    assert may_be("abc d", "bc", {"type": "string"})
    assert not may_be("abc", "red", {"type": "string", "enum": ["red", "green"]})


# What servers may do that is not asked of them


def told(rule: str, *calls: tuple[str, int, Any]) -> Broken | None:
    """What a rule says of calls of operations on note 1, each with a status and a body."""
    seen = []
    for operation, status, value in calls:
        facts = rules().facts[operation]
        described = facts.operation
        place = {"id": 1} if "{id}" in described.path else {}
        body = Json(note("a ")) if described.method in {"POST", "PUT"} else None
        sent = Sent(operation, described.method, described.path, place, body=body)
        seen.append(Seen(sent, facts, answered(status, value)))
    return dict(RULES)[rule](Story(seen, lambda key: key))


NOTE = {"id": 1, "text": "a", "label": "red", "done": False}
READ = ("readNote", 200, NOTE)
CLOSED = ("readNote", 200, {**NOTE, "done": True})


@pytest.mark.parametrize(
    ("rule", "calls", "broken"),
    [
        ("MS409", [READ, ("removeNote", 204, None), READ], True),
        ("MS409", [READ, ("removeNote", 204, None), CLOSED], False),
        ("MS409", [READ, ("removeNote", 202, None), READ], False),
        ("MS409", [READ, ("removeNote", 404, None), READ], False),
        ("MS409", [("removeNote", 204, None), ("addNote", 201, NOTE), READ], False),
        ("MS410", [READ, CLOSED], True),
        ("MS410", [READ, ("readNote", 429, None)], False),
        ("MS410", [READ, ("readNote", 500, None)], False),
        ("MS410", [READ, ("replaceNote", 200, NOTE), CLOSED], False),
        ("MS406", [READ, ("replaceNote", 400, None), CLOSED], True),
        ("MS406", [READ, ("replaceNote", 500, None), CLOSED], False),
        ("MS407", [("replaceNote", 200, NOTE), CLOSED], True),
        ("MS407", [("replaceNote", 200, NOTE), READ], False),
        ("MS407", [("replaceNote", 202, NOTE), CLOSED], False),
        ("MS407", [("replaceNote", 200, NOTE), ("removeNote", 204, None), CLOSED], False),
    ],
)
def test_a_rule_is_broken_only_where_nothing_else_explains_it(
    rule: str, calls: Any, *, broken: bool
) -> None:
    assert (told(rule, *calls) is not None) is broken


def test_how_many_there_are_is_not_judged_where_others_add_to_them() -> None:
    facts = rules().facts["listNotes"]
    sent = Sent("listNotes", "GET", "/notes", query=(("limit", 5),))
    one = answered(200, {"items": [NOTE], "total": 4})
    none = answered(200, {"items": [], "total": 3})
    seen = [Seen(sent, facts, one), Seen(sent, facts, none)]
    for code in ("MS403", "MS404", "MS410"):
        assert dict(RULES)[code](Story(seen, lambda key: key, shared=True)) is None
    assert dict(RULES)["MS404"](Story(seen, lambda key: key)) is not None
    assert dict(RULES)["MS410"](Story(seen, lambda key: key)) is not None


@pytest.mark.parametrize(
    ("sent", "got", "kept"),
    [
        (" Ab ", "ab", True),
        ("abc", "ab", False),
        ("é", "e\u0301", True),
        (1, 1.0, True),
        (1, 2, False),
        (True, 1, False),
        (True, False, False),
        ("7", 7, True),
        ("2026-01-02T03:04:05Z", "2026-01-02T04:04:05+01:00", True),
        ("2026-01-02", "2026-01-02T00:00:00Z", True),
        (["b", "a"], ["a", "b"], True),
        (["b", "a"], ["a"], False),
        ([{"a": 1}], [{"a": 1, "b": 2}], True),
        ([{"a": 1}], [], False),
        ({"a": {"b": 1}}, {"a": {"b": 2}}, False),
        ("x", None, False),
    ],
)
def test_a_value_is_kept_however_a_server_writes_it(sent: Any, got: Any, *, kept: bool) -> None:
    assert is_kept(sent, got, {}) is kept


# What Schemathesis says of one answer


def answered(status: int, value: Any, **headers: str) -> Answered:
    told = {"content-type": "application/json", **headers}
    body = value if isinstance(value, bytes) else json.dumps(value).encode()
    return Answered(status, tuple(told.items()), body)


GOOD = answered(201, NOTE, location="/notes/1")


def breaches(t: Answered, a: Any = GOOD, **sent: Any) -> list[tuple[str, str]]:
    api = reference().api
    [operation] = [o for o in api.description.operations if o.id == "addNote"]
    told = {"body": Json({"text": "a"}), "media_type": "application/json", **sent}
    call = Sent("addNote", **{"method": "POST", "path": "/notes", **told})
    found = rules().conformance(operation, call, (a, t))
    return [(each.aspect, each.pointer) for each in found]


def test_an_answer_that_the_description_allows_is_told_nothing_about() -> None:
    other = answered(201, {**NOTE, "text": "something else"}, location="/elsewhere")
    assert breaches(other) == []


@pytest.mark.parametrize(
    ("t", "told"),
    [
        (answered(207, NOTE, location="/notes/1"), ("Undocumented status code", "")),
        (
            answered(201, NOTE, location="/notes/1", **{"content-type": "text/html"}),
            ("Undocumented Content-Type", ""),
        ),
        (answered(201, NOTE), ("Missing required response headers", "/location")),
        (answered(201, {**NOTE, "text": 7}, location="/"), ("Response violates schema", "/text")),
        (answered(201, {"id": 2}, location="/"), ("Response violates schema", "")),
        (answered(201, b"{", location="/"), ("JSON deserialization error", "")),
        (answered(500, {"title": "x", "status": 500}), ("Server error", "")),
    ],
)
def test_what_the_description_does_not_allow_is_told_each_time(t: Any, told: Any) -> None:
    assert told in breaches(t)
    assert breaches(GOOD) == []
    assert told in breaches(t)


def test_what_the_reference_answers_itself_is_as_it_should_be() -> None:
    failed = answered(500, {"title": "x", "status": 500})
    assert breaches(failed, failed) == []


def test_only_a_server_error_is_wrong_where_no_operation_is_described() -> None:
    nowhere = Failed("undescribed", "")
    assert breaches(answered(418, b""), nowhere) == []
    assert breaches(answered(418, b""), method="DELETE") == []
    assert breaches(answered(418, b""), media_type="text/csv") == []
    assert breaches(answered(503, b""), nowhere) == [("Server error", "")]


# x-conformance: ignore


def marked(folder: Path, *paths: tuple[Any, ...], value: str = "ignore") -> str:
    document = yaml.safe_load(DESCRIPTION.read_text())
    for path in paths:
        place = document
        for step in path:
            place = place[step]
        place["x-conformance"] = value
    file = folder / "notes.yaml"
    file.write_text(yaml.safe_dump(document))
    return str(file)


def found(server: Notes, description: str, requests: int = 700) -> Any:
    options = Options(seconds=60, requests=requests, most=1, settings=EMPTY)
    return check(server, description, options, reset=server.reset)


def test_a_member_that_is_marked_is_not_compared(tmp_path: Path) -> None:
    label = ("components", "schemas", "Note", "properties", "text")
    assert found(Notes("schema"), marked(tmp_path, label)).findings == []
    assert not found(Notes("create"), marked(tmp_path, label)).kept


def test_the_body_of_an_answer_that_is_marked_is_not_judged(tmp_path: Path) -> None:
    answer = ("components", "responses", "Note")
    assert found(Notes("schema"), marked(tmp_path, answer)).findings == []
    assert not found(Notes("media type"), marked(tmp_path, answer)).kept


def test_an_operation_that_is_marked_is_not_called(tmp_path: Path) -> None:
    server = Notes("status")
    result = found(server, marked(tmp_path, ("paths", "/notes", "post")), 60)
    assert "POST /notes" not in server.asked
    assert result.findings == []
    assert result.remarks == ["not judged, as x-conformance says: addNote"]


def test_a_mark_that_says_anything_else_is_told_with_its_place(tmp_path: Path) -> None:
    path = marked(tmp_path, ("paths", "/notes", "post"), value="ingore")
    with pytest.raises(StartupError, match="~1notes/post/x-conformance"):
        found(Notes(), path)


@pytest.mark.parametrize(
    ("operation", "status", "pointer", "ignored"),
    [
        ("readNote", 200, "/text", True),
        ("listNotes", 200, "/items/3/text", True),
        ("listNotes", 200, "/items/3/label", False),
        ("listNotes", 200, "", False),
        ("readNote", 404, "/text", False),
        ("readNote", 299, "/text", False),
    ],
)
def test_a_marked_member_is_known_wherever_it_is_shown(
    tmp_path: Path, operation: str, status: int, pointer: str, *, ignored: bool
) -> None:
    path = marked(tmp_path, ("components", "schemas", "Note", "properties", "text"))
    ignores = Ignored(reference(path).api.description)
    assert ignores(operation, status, pointer) is ignored


def test_a_member_may_be_called_as_the_mark_is(tmp_path: Path) -> None:
    document = yaml.safe_load(DESCRIPTION.read_text())
    document["components"]["schemas"]["Note"]["properties"]["x-conformance"] = {"type": "string"}
    file = tmp_path / "notes.yaml"
    file.write_text(yaml.safe_dump(document))
    ignores = Ignored(reference(str(file)).api.description)
    assert not ignores("readNote", 200, "/x-conformance")
