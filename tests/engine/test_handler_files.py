from __future__ import annotations

import logging
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import pytest
import yaml

import mockserver
from mockserver.app import create_app
from mockserver.catalogue import Settings, build
from mockserver.errors import StartupError
from tests.engine.tiny import json_content, reference

PET = {
    "type": "object",
    "required": ["id", "name"],
    "properties": {"id": {"type": "string"}, "name": {"type": "string"}},
}
BY_ID = {"name": "id", "in": "path", "required": True, "schema": {"type": "string"}}
OK = {"200": {"description": "ok", "content": json_content(reference("Pet"))}}
PETS = {
    "openapi": "3.0.3",
    "info": {"title": "Pets", "version": "1"},
    "servers": [{"url": "https://pets.test/v1"}],
    "paths": {
        "/pets": {
            "get": {
                "operationId": "listPets",
                "responses": {
                    "200": {
                        "description": "ok",
                        "content": json_content({"type": "array", "items": reference("Pet")}),
                    }
                },
            },
            "post": {
                "operationId": "createPet",
                "requestBody": {"required": True, "content": json_content(reference("Pet"))},
                "responses": {"201": OK["200"]},
            },
        },
        "/pets/{id}": {
            "parameters": [BY_ID],
            "get": {
                "operationId": "getPet",
                "responses": {
                    **OK,
                    "404": {
                        "description": "no",
                        "content": json_content(
                            {"type": "object", "properties": {"message": {"type": "string"}}}
                        ),
                    },
                },
            },
        },
    },
    "components": {"schemas": {"Pet": PET}},
}
HEAD = "from mockserver import ApiError, Handlers, Reply\nhandlers = Handlers()\n"

Make = Callable[[Any], httpx.Client]


class Served:
    """The pets with a file of handlers over what is inferred."""

    def __init__(self, folder: Path, make: Make) -> None:
        self.folder = folder
        self._make = make

    def description(self, name: str = "pets") -> str:
        file = self.folder / f"{name}.yaml"
        file.write_text(yaml.safe_dump({**PETS, "servers": [{"url": f"/{name}"}]}))
        return str(file)

    def file(self, body: str) -> Path:
        file = self.folder / "own.py"
        file.write_text(HEAD + body)
        return file

    def client(self, body: str, *wanted: str) -> httpx.Client:
        settings = Settings(fixtures=None, handlers=(self.file(body),))
        return self._make(create_app(build(wanted or [self.description()], settings)))

    def problem(self, file: Path, *wanted: str) -> str:
        with pytest.raises(StartupError) as caught:
            build(wanted or [self.description()], Settings(fixtures=None, handlers=(file,)))
        [problem] = caught.value.problems
        assert problem.source == str(file)
        return problem.message


@pytest.fixture
def served(tmp_path: Path, in_process: Make) -> Served:
    return Served(tmp_path, in_process)


GET = '@handlers.operation("{name}")\ndef get_pet(call):\n    {body}\n'


@pytest.mark.parametrize(
    "name",
    ["getPet", "GET /pets/{id}", "GET /pets/pets/{id}", "pets:getPet", "pets:GET /pets/{id}"],
)
def test_an_operation_is_named_by_its_id_or_its_place(served: Served, name: str) -> None:
    body = GET.replace("{name}", name).replace(
        "{body}", "return Reply({'id': call.path['id'], 'name': 'Own'})"
    )
    assert served.client(body).get("/pets/pets/7").json() == {"id": "7", "name": "Own"}


def own(served: Served, body: str) -> httpx.Client:
    return served.client(GET.format(name="getPet", body=body))


def test_what_it_does_not_name_stays_inferred_and_shares_the_records(served: Served) -> None:
    body = (
        "record = call.transaction.get('pets', call.path['id'])\n"
        "    return {**record.value, 'name': record.value['name'].upper()}"
    )
    client = own(served, body)
    created = client.post("/pets/pets", json={"id": "rex", "name": "Rex"}).json()
    assert client.get(f"/pets/pets/{created['id']}").json() == {**created, "name": "REX"}
    assert created in client.get("/pets/pets").json()


def test_what_it_writes_is_seen_by_the_inferred_operations(served: Served) -> None:
    client = own(
        served,
        "pet = {'id': call.path['id'], 'name': 'New'}\n"
        "    call.transaction.put('pets', pet['id'], pet)\n    return pet",
    )
    pet = client.get("/pets/pets/new").json()
    assert pet in client.get("/pets/pets").json()


def test_a_value_alone_is_the_documented_success(served: Served) -> None:
    body = '@handlers.operation("createPet")\ndef create(call):\n    return call.body\n'
    answer = served.client(body).post("/pets/pets", json={"id": "a", "name": "A"})
    assert (answer.status_code, answer.json()) == (201, {"id": "a", "name": "A"})


def test_a_refusal_has_the_shape_of_the_api(served: Served) -> None:
    answer = own(served, "raise ApiError(404, 'None of that name.')").get("/pets/pets/1")
    assert answer.status_code == 404
    assert answer.headers["content-type"] == "application/json"


def test_an_exception_is_a_500_that_names_the_line_and_changes_nothing(
    served: Served, caplog: pytest.LogCaptureFixture
) -> None:
    client = own(
        served,
        "call.transaction.put('pets', 'half', {'id': 'half', 'name': 'Half'})\n    return {}['x']",
    )
    before = client.get("/pets/pets").json()
    with caplog.at_level(logging.ERROR):
        answer = client.get("/pets/pets/1")
    assert answer.status_code == 500
    assert "getPet failed in own.py, line 6: KeyError: 'x'" in answer.json()["detail"]
    assert client.get("/pets/pets").json() == before
    assert "Traceback" in caplog.text


def test_a_reply_that_the_description_does_not_allow_is_a_500(served: Served) -> None:
    answer = own(served, "return {'id': 3}").get("/pets/pets/1")
    assert answer.status_code == 500
    detail = answer.json()["detail"]
    assert detail.startswith("A bug of the handler get_pet (own.py, line 3): getPet answered 200")
    assert "mock" not in detail


def test_a_reply_that_is_no_json_is_told_as_a_bug_of_the_handler(served: Served) -> None:
    answer = own(served, "return {'id': '1', 'name': object()}").get("/pets/pets/1")
    assert answer.status_code == 500
    assert answer.json()["detail"].startswith("A bug of the handler get_pet (own.py, line 3): ")


COUNTED = """
openapi: 3.0.3
info: {title: Orders, version: "1"}
paths:
  /users/{user}/orders:
    get:
      operationId: listOrders
      parameters: [{name: user, in: path, required: true, schema: {type: string}}]
      responses:
        "200": {description: ok, content: {application/json: {schema: {type: array, items: {$ref: "#/components/schemas/Order"}}}}}
  /users/{user}/orders/{id}:
    parameters:
      - {name: user, in: path, required: true, schema: {type: string}}
      - {name: id, in: path, required: true, schema: {type: integer}}
    get:
      operationId: getOrder
      responses:
        "200": {description: ok, content: {application/json: {schema: {$ref: "#/components/schemas/Order"}}}}
    put:
      operationId: putOrder
      requestBody: {content: {application/json: {schema: {$ref: "#/components/schemas/Order"}}}}
      responses:
        "200": {description: ok, content: {application/json: {schema: {$ref: "#/components/schemas/Order"}}}}
  /users/{user}/orders/{id}/cancel:
    parameters:
      - {name: user, in: path, required: true, schema: {type: string}}
      - {name: id, in: path, required: true, schema: {type: integer}}
    post:
      operationId: cancelOrder
      responses:
        "200": {description: ok, content: {application/json: {schema: {$ref: "#/components/schemas/Order"}}}}
  /tickets/{id}:
    parameters: [{name: id, in: path, required: true, schema: {type: integer}}]
    put:
      operationId: putTicket
      requestBody: {content: {application/json: {schema: {$ref: "#/components/schemas/Order"}}}}
      responses:
        "200": {description: ok, content: {application/json: {schema: {$ref: "#/components/schemas/Order"}}}}
    get:
      operationId: getTicket
      responses:
        "200": {description: ok, content: {application/json: {schema: {$ref: "#/components/schemas/Order"}}}}
components:
  schemas:
    Order:
      type: object
      required: [id, status]
      properties: {id: {type: integer}, status: {type: string}}
"""  # noqa: E501 - a description is read line by line


def counted(served: Served, body: str) -> httpx.Client:
    description = served.folder / "counted.yaml"
    description.write_text(COUNTED)
    return served.client(body, str(description))


CANCEL = """
@handlers.operation("{operation}")
def cancel(call):
    order = call.transaction.get("{collection}", {key})
    cancelled = {{**order.value, "status": "cancelled"}}
    call.transaction.put("{collection}", {key}, cancelled)
    return cancelled
"""


def test_a_number_of_the_path_finds_the_record(served: Served) -> None:
    body = CANCEL.format(operation="getTicket", collection="tickets", key='call.path["id"]')
    client = counted(served, body)
    assert client.put("/tickets/1", json={"id": 1, "status": "open"}).status_code == 200
    assert client.get("/tickets/1").json() == {"id": 1, "status": "cancelled"}


def test_a_call_gives_the_key_of_a_record_below_parents(served: Served) -> None:
    body = CANCEL.format(operation="cancelOrder", collection="orders", key="call.key()")
    client = counted(served, body)
    client.put("/users/Jo%20Do/orders/7", json={"id": 7, "status": "open"})
    cancelled = client.post("/users/Jo%20Do/orders/7/cancel")
    assert cancelled.json() == {"id": 7, "status": "cancelled"}
    assert client.get("/users/Jo%20Do/orders/7").json() == cancelled.json()


def test_a_call_gives_the_key_that_some_of_its_parameters_name(served: Served) -> None:
    body = '@handlers.operation("getOrder")\ndef get(call):\n    return {"id": 1, "status": call.key("id", "user")}\n'  # noqa: E501
    client = counted(served, body)
    assert client.get("/users/a%2Fb/orders/7").json()["status"] == "7/a%2Fb"


def test_built_in_operations_are_replaced_too_and_only_there(served: Served) -> None:
    body = '@handlers.operation("assets_snapshot")\ndef none(call):\n    return {"iterable": []}\n'
    file = served.file(body)
    mock = build(["assets"], Settings(handlers=(file,)))
    assert served._make(create_app(mock)).get("/assets").json() == {"iterable": []}
    plain = served._make(create_app(build(["assets"])))
    assert plain.get("/assets").json()["iterable"] != []


def test_routes_tell_whose_handler_it_is(served: Served) -> None:
    file = served.file(GET.format(name="getPet", body="return None"))
    [api] = build([served.description()], Settings(fixtures=None, handlers=(file,))).apis
    assert api.handlers.guess_of["getPet"] == "handler get_pet (own.py, line 3)"
    assert api.handlers.guess_of["listPets"].startswith("list pets")


def test_an_unknown_operation_is_told_with_the_nearest(served: Served) -> None:
    file = served.file(GET.format(name="getPets", body="return None"))
    assert served.problem(file).endswith("is not described; the nearest is 'getPet'")


def test_all_unknown_operations_are_told_at_once(served: Served) -> None:
    file = served.file("".join(GET.format(name=name, body="pass") for name in ("zzz", "qqq")))
    with pytest.raises(StartupError) as caught:
        build([served.description()], Settings(fixtures=None, handlers=(file,)))
    assert len(caught.value.problems) == 2


def test_an_operation_of_several_apis_needs_the_name_of_one(served: Served) -> None:
    both = served.description("pets"), served.description("beasts")
    file = served.file(GET.format(name="getPet", body="return None"))
    assert "say 'pets:getPet' or 'beasts:getPet'" in served.problem(file, *both)
    one = GET.format(name="beasts:getPet", body="return {'id': '1', 'name': 'Beast'}")
    client = served.client(one, *both)
    assert client.get("/beasts/pets/1").json()["name"] == "Beast"
    assert client.get("/pets/pets/1").json().get("name") != "Beast"


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("import nothing_of_that_name\n", "line 1: ModuleNotFoundError: No module named"),
        ("x = 1\ny = x.z\n", "line 2: AttributeError: 'int' object has no attribute 'z'"),
        ("x = 1\ndef :\n", "line 2: SyntaxError: invalid syntax"),
        ("open('nothing-there')\n", "line 1: FileNotFoundError"),
        ("x = 1\n", "expected 'handlers = Handlers()'"),
        ("handlers = {}\n", "there is a dict"),
        (
            HEAD + "@handlers.operation('getPet')\nasync def get(call): ...\n",
            "'get' of 'getPet' is",
        ),
        (HEAD + "@handlers.authenticate()\ndef who(call): ...\n", "'handlers.authenticate' is for"),
    ],
)
def test_what_is_wrong_with_a_file_is_told(served: Served, text: str, told: str) -> None:
    file = served.folder / "own.py"
    file.write_text(text)
    assert told in served.problem(file)


def test_a_file_that_is_not_there_or_not_python(served: Served) -> None:
    assert served.problem(served.folder / "no.py") == "no such file of handlers"
    text = served.folder / "own.txt"
    text.write_text("hello")
    assert served.problem(text) == "expected a Python file (*.py)"


def test_a_file_may_import_what_lies_beside_it(
    served: Served, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "path", list(sys.path))
    (served.folder / "names_of_pets.py").write_text("NAME = 'Beside'\n")
    body = "from names_of_pets import NAME\n    return {'id': '1', 'name': NAME}"
    assert own(served, body).get("/pets/pets/1").json()["name"] == "Beside"


def test_the_public_names_cost_nothing_until_they_are_asked_for() -> None:
    script = "import sys, mockserver; sys.exit('mockserver.engine' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", script], check=False, timeout=30).returncode == 0
    assert mockserver.Handlers().by_operation == {}
    with pytest.raises(AttributeError, match="no attribute 'Handler'"):
        _ = mockserver.Handler
