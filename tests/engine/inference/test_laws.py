from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mockserver.engine.inference.inferring import infer
from mockserver.engine.inference.kinds import KINDS
from mockserver.engine.spec import Body, Operation, Parameter, Response
from tests.engine.inference.api_styles import array, does, inferred, record, resolver
from tests.engine.tiny import described, reference

NAMES = ("pets", "owners", "companies", "boxes", "invoices", "movies", "rooms", "vehicles", "teams")
ONES = ("pet", "owner", "company", "box", "invoice", "movie", "room", "vehicle", "team")
KEYS = ("id", "uuid", "slug", "code", "number")
INTEGER = {"type": "integer"}
LISTS: tuple[tuple[tuple[str, ...], Callable[[Any, str], Any]], ...] = (
    ((), lambda items, name: items),
    (("data",), lambda items, name: record(data=items, total=INTEGER)),
    (("items",), lambda items, name: record("next", items=items)),
    (("*",), lambda items, name: record("next_cursor", **{name: items})),
    (("data", "items"), lambda items, name: record(data=record(items=items, total=INTEGER))),
    (("_embedded", "*"), lambda items, name: record(_embedded=record(**{name: items}))),
    (("data",), lambda items, name: record(data=items, meta=record(page=INTEGER))),
)
ITEMS: tuple[tuple[tuple[str, ...], Callable[[Any, str], Any]], ...] = (
    ((), lambda item, one: item),
    (("data",), lambda item, one: record(data=item)),
    (("*",), lambda item, one: record(**{one: item})),
)


@dataclass(frozen=True)
class Kept:
    """A resource from which a description is made."""

    index: int
    key: str
    parameter: str
    listed: int
    one: int
    put: bool
    parent: Kept | None
    foreign: str

    @property
    def name(self) -> str:
        return NAMES[self.index]

    @property
    def path(self) -> str:
        return (self.parent.item_path if self.parent else "/api/v1") + f"/{self.name}"

    @property
    def item_path(self) -> str:
        return f"{self.path}/{{{self.parameter}}}"


@st.composite
def kept(draw: st.DrawFn) -> list[Kept]:
    found: list[Kept] = []
    for index in draw(st.lists(st.sampled_from(range(len(NAMES))), min_size=1, unique=True)):
        one, key = ONES[index], draw(st.sampled_from(KEYS))
        name = draw(st.sampled_from((f"{one}_{key}", one + key.title())))
        parent = draw(st.sampled_from([None, *found]))
        foreign = ""
        if parent is not None:
            owner = ONES[parent.index]
            foreign = draw(
                st.sampled_from((owner + parent.key.title(), f"{owner}_{parent.key}", ""))
            )
        found.append(
            Kept(
                index,
                key,
                name,
                draw(st.integers(0, len(LISTS) - 1)),
                draw(st.integers(0, len(ITEMS) - 1)),
                draw(st.booleans()),
                parent,
                foreign,
            )
        )
    return found


def paths_of(resource: Kept) -> dict[str, Any]:
    ref = reference(ONES[resource.index].title())
    single = ITEMS[resource.one][1](ref, ONES[resource.index])
    change = {"put" if resource.put else "patch": does(single, single)}
    return {
        resource.path: {
            "get": does(LISTS[resource.listed][1](array(ref), resource.name), query=["limit"]),
            "post": does(single, single, status="201"),
        },
        resource.item_path: {"get": does(single), **change, "delete": does(status="204")},
        f"{resource.item_path}/archive": {"post": does(status="202")},
    }


def schema_of(resource: Kept) -> Any:
    foreign = [resource.foreign] if resource.foreign else []
    return record(resource.key, "title", "colour", *foreign)


@given(kept())
def test_what_a_description_is_made_of_is_inferred_from_it(world: list[Kept]) -> None:
    paths = {path: item for entry in world for path, item in paths_of(entry).items()}
    schemas = {ONES[entry.index].title(): schema_of(entry) for entry in world}
    found = inferred(paths, schemas)
    assert sorted(found.resources) == sorted(entry.name for entry in world)
    for entry in world:
        resource = found.resources[entry.name]
        assert (resource.path, resource.item_path) == (entry.path, entry.item_path)
        assert (resource.key, resource.key_parameter) == ((entry.key,), entry.parameter)
        assert [p.resource for p in resource.parents][-1:] == [
            p.name for p in [entry.parent] if p is not None
        ]
        if entry.parent is not None:
            assert resource.parents[-1].property == ((entry.foreign,) if entry.foreign else ())
        roles = {
            "list": f"GET {entry.path}",
            "create": f"POST {entry.path}",
            "read": f"GET {entry.item_path}",
            "replace"
            if entry.put
            else "merge": f"{'PUT' if entry.put else 'PATCH'} {entry.item_path}",
            "delete": f"DELETE {entry.item_path}",
            "action": f"POST {entry.item_path}/archive",
        }
        for kind, operation in roles.items():
            role = found.roles[operation]
            assert (role.kind, role.resource) == (kind, entry.name)
        listed = tuple(entry.name if step == "*" else step for step in LISTS[entry.listed][0])
        one = tuple(ONES[entry.index] if step == "*" else step for step in ITEMS[entry.one][0])
        assert found.roles[roles["list"]].answer.path == listed
        assert found.roles[roles["read"]].answer.path == one
        assert found.roles[roles["create"]].body.path == one


WORDS = st.sampled_from(
    ("id", "data", "items", "pets", "pet", "{id}", "{petId}", "{a}...{b}", "{x}:go", "{", "}", "v1",
     "search", "list", "me", "$ref", "[]", "filter[x]", "page", "x_gte", "_embedded",
     "attributes", "")
)  # fmt: skip
REFERENCES = st.builds(
    dict,
    **{"$ref": st.sampled_from(["#/components/schemas/A", "#/components/schemas/B", "#/no", ""])},
)
ODD = st.recursive(
    st.none() | st.booleans() | st.integers() | WORDS | REFERENCES,
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            WORDS
            | st.sampled_from(
                (
                    "type",
                    "properties",
                    "items",
                    "allOf",
                    "oneOf",
                    "anyOf",
                    "enum",
                    "format",
                    "required",
                )
            ),
            inner | st.sampled_from(("object", "array", "string", "integer", "date-time")),
            max_size=4,
        )
    ),
    max_leaves=12,
)
SCHEMAS: Any = ODD
PARAMETERS = st.builds(
    Parameter,
    WORDS,
    st.sampled_from(("path", "query", "header")),
    st.booleans(),
    SCHEMAS,
    st.just("form"),
    st.just(value=True),
)
CONTENTS = st.dictionaries(
    st.sampled_from(("application/json", "text/plain", "")), SCHEMAS, max_size=2
)
OPERATIONS = st.tuples(
    st.sampled_from(("GET", "PUT", "POST", "DELETE", "PATCH", "HEAD", "OPTIONS", "TRACE")),
    st.lists(WORDS, max_size=5).map(lambda steps: "/" + "/".join(steps)),
    st.lists(PARAMETERS, max_size=3).map(tuple),
    st.none() | CONTENTS,
    st.dictionaries(
        st.sampled_from(("200", "201", "204", "2XX", "default", "404")), CONTENTS, max_size=2
    ),
    ODD,
)


@given(st.lists(OPERATIONS, max_size=8), SCHEMAS, SCHEMAS)
def test_odd_descriptions_have_roles_all_the_same(world: list[Any], a: Any, b: Any) -> None:
    base = described({"/": {"get": does()}})
    operations: list[Operation] = []
    paths: dict[str, Any] = {}
    for number, (method, path, parameters, content, responses, extension) in enumerate(world):
        body = None if content is None else Body(required=False, content=content)
        answers = {status: Response(entry, ()) for status, entry in responses.items()}
        made = replace(
            base.operations[0],
            id=str(number),
            method=method,
            path=path,
            parameters=parameters,
            body=body,
            responses=answers,
        )
        operations.append(made)
        paths.setdefault(path, {})[method.lower()] = {"x-mock": extension}
    document = {"paths": paths, "components": {"schemas": {"A": a, "B": b}}}
    odd = replace(base, document=document, operations=tuple(operations))
    found = infer(odd, resolver(odd))
    assert list(found.roles) == [operation.id for operation in operations]
    for role in found.roles.values():
        assert role.kind in KINDS
        assert role.why
        assert role.resource == "" or role.resource in found.resources


def test_schemas_that_refer_to_each_other() -> None:
    schemas = {
        "A": {"allOf": [reference("B"), record("id", a=reference("A"))]},
        "B": {"anyOf": [reference("A"), record(b=array(reference("A")))]},
        "C": reference("D"),
        "D": reference("C"),
    }
    paths = {
        "/a": {"get": does(array(reference("A"))), "post": does(reference("A"), reference("B"))},
        "/a/{id}": {"get": does(reference("A"))},
        "/c/{id}": {"get": does(reference("C"))},
    }
    found = inferred(paths, schemas)
    assert found.resources["a"].key == ("id",)
    assert found.roles["GET /c/{id}"].kind == "read"


def test_compositions_deeper_than_the_stack() -> None:
    schemas = {f"S{n}": {"allOf": [reference(f"S{n + 1}")]} for n in range(5000)}
    schemas["S5000"] = record("id")
    found = inferred({"/a/{id}": {"get": does(reference("S0"))}}, schemas)
    assert found.roles["GET /a/{id}"].kind == "read"


@pytest.mark.parametrize("below", ["", "/x/{xId}"])
def test_the_cost_grows_with_the_size_only(below: str) -> None:
    """Four times as many operations take no more than eight times as long."""

    def seconds(count: int) -> float:
        paths: dict[str, Any] = {}
        for number in range(count):
            start = f"/r{number}{below}/things"
            paths[start] = {"get": does(array(record("id", "name"))), "post": does(record("id"))}
            paths[start + "/{id}"] = {"get": does(record("id", "name")), "delete": does()}
            paths[f"/s{number}{below}/things"] = {"get": does(array(record("id", "name")))}
        description = described(paths)
        begun = time.perf_counter()
        infer(description, resolver(description))
        return time.perf_counter() - begun

    seconds(10)
    assert min(seconds(200) for _ in range(3)) < 8 * min(seconds(50) for _ in range(3))
