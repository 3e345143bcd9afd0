from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest

from mockserver.errors import Violation
from mockserver.state.blobs import Blob, Blobs
from mockserver.state.fixtures import Fixtures, read_fixtures
from mockserver.state.records import Shape


def completed(value: Any, blobs: Blobs) -> Any:
    return {**value, "size": len(value["name"])}


def checked(value: Any) -> Sequence[Violation]:
    if isinstance(value["name"], str):
        return []
    return [Violation("record", "/name", "type", 'type "string"', repr(value["name"]))]


SHAPES = {"things": Shape("id", completed, checked)}

Read = Callable[..., Fixtures]


@pytest.fixture
def read(tmp_path: Path) -> Read:
    """Write files below a folder of fixtures and read it; text and bytes as they are."""

    def reader(limit: int = 1000, **files: Any) -> Fixtures:
        folder = tmp_path / "fixtures"
        (folder / "files").mkdir(parents=True)
        for name, content in files.items():
            data = content if isinstance(content, bytes) else json.dumps(content).encode()
            (folder / f"{name}.json").write_bytes(data)
        (folder / "files" / "hello.txt").write_bytes("hełło".encode())
        (folder / "files" / "raw.bin").write_bytes(b"\xff\x00")
        (folder / "secret.txt").write_text("not to be read")
        return read_fixtures(folder, SHAPES, Blobs(limit))

    return reader


def thing(key: str = "a", **more: Any) -> dict[str, Any]:
    return {"id": key, "name": "it", **more}


def only_problem(fixtures: Fixtures, file: str = "things.json") -> tuple[str, str]:
    [problem] = fixtures.problems
    assert Path(problem.source).name == file
    assert Path(problem.source).is_absolute()
    return problem.pointer, problem.message


def test_records_are_completed_and_keep_their_order(read: Read) -> None:
    fixtures = read(things=[thing("b"), thing("a")])
    assert fixtures.problems == ()
    assert [(r.key, r.value) for r in fixtures.collections["things"]] == [
        ("b", {"id": "b", "name": "it", "size": 2}),
        ("a", {"id": "a", "name": "it", "size": 2}),
    ]


def test_credentials_are_identities_and_no_collection(read: Read) -> None:
    fixtures = read(credentials=[{"user": "u"}])
    assert fixtures.identities == ({"user": "u"},)
    assert fixtures.collections == {}
    assert fixtures.problems == ()


def test_files_stand_for_bytes_and_text_wherever_they_are(read: Read) -> None:
    parts = [{"$file": "raw.bin"}, {"deep": {"$text": "hello.txt"}}]
    [record] = read(things=[thing(parts=parts)]).collections["things"]
    blob, text = record.value["parts"]
    assert isinstance(blob, Blob)
    assert blob.data == b"\xff\x00"
    assert text == {"deep": "hełło"}


def test_a_reference_has_nothing_beside_it(read: Read) -> None:
    part = {"$file": "raw.bin", "more": 1}
    [record] = read(things=[thing(part=part)]).collections["things"]
    assert record.value["part"] == part


@pytest.mark.parametrize(
    "name",
    ["../secret.txt", "../files/../secret.txt", "nothing.txt", "", ".", "..", "a\0b", "x" * 300],
    ids=["above", "around", "nothing", "empty", "folder", "parent", "nul", "long"],
)
@pytest.mark.parametrize("kind", ["$file", "$text"])
def test_only_files_in_the_folder_are_read(read: Read, kind: str, name: str) -> None:
    pointer, message = only_problem(read(things=[thing(parts=[1, {kind: name}])]))
    assert pointer == f"/0/parts/1/{kind}"
    assert repr(name) in message


def test_an_absolute_path_is_refused(read: Read) -> None:
    pointer, message = only_problem(read(things=[thing(part={"$file": "/etc/passwd"})]))
    assert pointer == "/0/part/$file"
    assert "/etc/passwd" in message


def test_a_link_out_of_the_folder_is_refused(read: Read, tmp_path: Path) -> None:
    (tmp_path / "outside.txt").write_text("not to be read")
    (tmp_path / "fixtures" / "files").mkdir(parents=True)
    (tmp_path / "fixtures" / "files" / "link").symlink_to(tmp_path / "outside.txt")
    folder = tmp_path / "fixtures"
    (folder / "things.json").write_text(json.dumps([thing(part={"$file": "link"})]))
    pointer, _ = only_problem(read_fixtures(folder, SHAPES, Blobs(1000)))
    assert pointer == "/0/part/$file"


def test_text_that_is_not_utf_8(read: Read) -> None:
    pointer, message = only_problem(read(things=[thing(part={"$text": "raw.bin"})]))
    assert pointer == "/0/part/$text"
    assert "'raw.bin' is not UTF-8" in message


def test_bytes_past_the_bound(read: Read) -> None:
    pointer, message = only_problem(read(1, things=[thing(part={"$file": "raw.bin"})]))
    assert pointer == "/0/part/$file"
    assert "bound of 1 bytes" in message


def test_pointers_are_escaped(read: Read) -> None:
    pointer, _ = only_problem(read(things=[{"id": "a", "name": "", "a/b~": {"$file": "no"}}]))
    assert pointer == "/0/a~1b~0/$file"


def test_a_broken_rule_is_named_with_its_place(read: Read) -> None:
    fixtures = read(things=[thing("a"), thing("b", name=["x"])])
    pointer, message = only_problem(fixtures)
    assert pointer == "/1/name"
    assert message == """expected type "string", received ['x'] (type)"""
    assert [record.key for record in fixtures.collections["things"]] == ["a"]


@pytest.mark.parametrize("value", [{"id": "a"}, 3, None, "text", [], {"id": "a", "name": None}])
def test_a_record_that_cannot_be_completed(read: Read, value: Any) -> None:
    pointer, message = only_problem(read(things=[thing("z"), value]))
    assert pointer == "/1"
    assert "cannot be completed" in message


def test_a_record_without_its_key(read: Read) -> None:
    pointer, message = only_problem(read(things=[{"name": "it"}]))
    assert pointer == "/0"
    assert "id" in message


def test_a_key_that_came_before(read: Read) -> None:
    fixtures = read(things=[thing("a"), thing("b"), thing("a", name="again")])
    assert only_problem(fixtures) == ("/2/id", "the same key as record 0")
    assert [r.value["name"] for r in fixtures.collections["things"]] == ["it", "it"]


@pytest.mark.parametrize("data", [b"", b"[", b"[1,]", b"\xff\xfe[", b"[" * 100_000], ids=range(5))
def test_what_is_no_json(read: Read, data: bytes) -> None:
    pointer, message = only_problem(read(things=data))
    assert pointer == ""
    assert message.startswith("not JSON")


@pytest.mark.parametrize(
    ("value", "kind"),
    [({}, "an object"), ("a", "a string"), (None, "null"), (3, "int 3"), (False, "bool False")],
)
@pytest.mark.parametrize("name", ["things", "credentials"])
def test_what_is_no_array(read: Read, name: str, value: Any, kind: str) -> None:
    pointer, message = only_problem(read(**{name: value}), f"{name}.json")
    assert pointer == ""
    assert message == f"expected an array of records, got {kind}"


def test_a_credential_that_is_no_object(read: Read) -> None:
    pointer, _ = only_problem(read(credentials=[{"user": "u"}, "u"]), "credentials.json")
    assert pointer == "/1"


def test_an_unknown_collection_is_told_what_there_is(read: Read) -> None:
    pointer, message = only_problem(read(thinks=[]), "thinks.json")
    assert pointer == ""
    assert message == "no such collection; there are: things; the nearest is 'things'"


def test_all_problems_are_told_at_once(read: Read) -> None:
    fixtures = read(
        things=[thing("a", part={"$file": "no"}), thing("b", name=1), thing("c"), thing("c")],
        others=[],
        credentials={},
    )
    found = [(Path(p.source).name, p.pointer) for p in fixtures.problems]
    assert sorted(found) == [
        ("credentials.json", ""),
        ("others.json", ""),
        ("things.json", "/0/part/$file"),
        ("things.json", "/1"),
        ("things.json", "/3/id"),
    ]
    assert [record.key for record in fixtures.collections["things"]] == ["c"]


def test_no_folder_is_no_records(tmp_path: Path) -> None:
    assert read_fixtures(tmp_path / "no", SHAPES, Blobs(0)) == Fixtures({}, (), ())


@pytest.mark.parametrize("name", ["things", "credentials", "unheard"])
def test_a_folder_where_a_file_should_be(tmp_path: Path, name: str) -> None:
    (tmp_path / f"{name}.json").mkdir()
    pointer, message = only_cause(read_fixtures(tmp_path, SHAPES, Blobs(0)), f"{name}.json")
    assert pointer == ""
    assert message.startswith("cannot be read: ")


@pytest.mark.parametrize("target", ["nothing", "things.json"], ids=["nowhere", "itself"])
def test_a_file_that_cannot_be_read(tmp_path: Path, target: str) -> None:
    # Whatever the file's mode, root may read it; what a link leads to it may not.
    (tmp_path / "things.json").symlink_to(tmp_path / target)
    pointer, message = only_cause(read_fixtures(tmp_path, SHAPES, Blobs(0)), "things.json")
    assert pointer == ""
    assert message.startswith("cannot be read: ")


def only_cause(fixtures: Fixtures, file: str) -> tuple[str, str]:
    """The first problem; a file of an unknown collection is told to be that as well."""
    assert {Path(problem.source).name for problem in fixtures.problems} == {file}
    return fixtures.problems[0].pointer, fixtures.problems[0].message


def judged(value: Any) -> Sequence[Violation]:
    return [Violation("record", "/name", "required", "the property 'name'", "{}")]


def test_what_a_record_lacks_is_told_as_the_description_has_it(tmp_path: Path) -> None:
    (tmp_path / "things.json").write_text(json.dumps([{"id": "a"}]))
    shapes = {"things": Shape("id", completed, checked, written=judged)}
    pointer, message = only_cause(read_fixtures(tmp_path, shapes, Blobs(0)), "things.json")
    assert pointer == "/0/name"
    assert message == "expected the property 'name', received {} (required)"


def test_no_words_of_python_are_told(read: Read) -> None:
    fixtures = read(things=[{"id": "a"}, {"id": "b", "name": None}, 3])
    assert [problem.message for problem in fixtures.problems] == [
        "cannot be completed: expected the member 'name'",
        "cannot be completed: expected members of other types or values",
        "cannot be completed: expected a record (an object), got int 3",
    ]


def repeated(value: Any) -> Sequence[Violation]:
    return [
        Violation("record", pointer, "required", "the property 'x'", "{}")
        for pointer in ("/made/one", "/made/two", "/made/three")
    ]


def test_what_is_wrong_in_several_made_places_is_told_once(tmp_path: Path) -> None:
    (tmp_path / "things.json").write_text(json.dumps([thing()]))
    shapes = {"things": Shape("id", completed, repeated)}
    assert len(read_fixtures(tmp_path, shapes, Blobs(0)).problems) == 1


def test_several_collections_stand_in_one_file(tmp_path: Path) -> None:
    path = tmp_path / "db.json"
    path.write_text(json.dumps({"Thing": [thing()], "thinks": []}))
    fixtures = read_fixtures(tmp_path / "no", SHAPES, Blobs(0), [path])
    assert [record.key for record in fixtures.collections["things"]] == ["a"]
    assert fixtures.places == {("things", "a"): (str(path), "/Thing/0")}
    [stranger] = fixtures.strangers
    assert stranger.pointer == "/thinks"


def test_a_file_of_collections_is_an_object(tmp_path: Path) -> None:
    path = tmp_path / "db.json"
    path.write_text("[]")
    [problem] = read_fixtures(tmp_path / "no", SHAPES, Blobs(0), [path]).problems
    assert problem.message == "expected an object of collections by name, got an array"
