from __future__ import annotations

import contextlib
from typing import Any
from xml.etree import ElementTree as ET

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mockserver.engine.schema import Schemas
from mockserver.engine.wire.shapes import Shapes
from mockserver.engine.wire.xml import ROOT, decode_xml, encode_xml, is_xml
from mockserver.engine.wire.xml_tree import MAX_DEPTH, MAX_NODES, MAX_PREFIXES
from mockserver.errors import ApiError

STRING: Any = {"type": "string"}
INTEGER: Any = {"type": "integer"}


def xml(schema: Any, **annotations: Any) -> Any:
    return {**schema, "xml": annotations}


def array(items: Any, **annotations: Any) -> Any:
    return xml({"type": "array", "items": items}, **annotations)


def thing(**properties: Any) -> Any:
    return {"type": "object", "properties": properties}


def ref(name: str) -> Any:
    return {"$ref": f"#/components/schemas/{name}"}


# The schemas of the Petstore that comes with OpenAPI 3.0, as far as XML is concerned.
COMPONENTS: dict[str, Any] = {
    "Category": xml(thing(id=INTEGER, name=STRING), name="category"),
    "Tag": xml(thing(id=INTEGER, name=STRING), name="tag"),
    "Pet": xml(
        {
            "required": ["name", "photoUrls"],
            **thing(
                id=INTEGER,
                name=STRING,
                category=ref("Category"),
                photoUrls=array(xml(STRING, name="photoUrl"), wrapped=True),
                tags=array(ref("Tag"), wrapped=True),
                status=xml({"type": "string", "enum": ["available", "sold"]}),
            ),
        },
        name="pet",
    ),
    "Address": xml(thing(street=STRING, zip=STRING), name="address"),
    "Customer": xml(
        thing(
            id=INTEGER,
            username=STRING,
            address=array(ref("Address"), wrapped=True, name="addresses"),
        ),
        name="customer",
    ),
    "Order": xml(
        thing(id=INTEGER, complete={"type": "boolean"}, price={"type": "number"}), name="order"
    ),
    "Node": thing(value=INTEGER, next=ref("Node"), all=array(ref("Node"))),
    "Cat": xml(thing(name=STRING, lives=INTEGER), name="cat"),
    "Dog": xml(thing(name=STRING, good={"type": "boolean"}), name="dog"),
}
SCHEMAS = Schemas({"openapi": "3.0.3", "components": {"schemas": COMPONENTS}})


def resolve(schema: Any) -> Any:
    while "$ref" in schema:
        schema = COMPONENTS[schema["$ref"].rpartition("/")[2]]
    return schema


SHAPES = Shapes(resolve, lambda schema, value: SCHEMAS.validator(schema).is_valid(value))


def read(text: str, schema: Any, name: str = "") -> Any:
    return decode_xml(text.encode(), schema, SHAPES, name)


def written(value: Any, schema: Any, name: str = "") -> str:
    data = encode_xml(value, schema, SHAPES, name).decode()
    ET.fromstring(data)
    head, _, text = data.partition("\n")
    assert head == '<?xml version="1.0" encoding="UTF-8"?>'
    return text


def refused(data: bytes | str, schema: Any = STRING, name: str = "") -> str:
    with pytest.raises(ApiError) as caught:
        decode_xml(data.encode() if isinstance(data, str) else data, schema, SHAPES, name)
    [violation] = caught.value.violations
    assert (caught.value.status, violation.location) == (400, "body")
    return violation.expected


PET = {
    "id": 10,
    "name": "doggie",
    "category": {"id": 1, "name": "Dogs"},
    "photoUrls": ["string"],
    "tags": [{"id": 0, "name": "string"}],
    "status": "available",
}
PET_XML = (
    "<pet><id>10</id><name>doggie</name><category><id>1</id><name>Dogs</name></category>"
    "<photoUrls><photoUrl>string</photoUrl></photoUrls>"
    "<tags><tag><id>0</id><name>string</name></tag></tags><status>available</status></pet>"
)
CUSTOMER = {"id": 1, "username": "fehguy", "address": [{"street": "437 Lytton", "zip": "94301"}]}
CUSTOMER_XML = (
    "<customer><id>1</id><username>fehguy</username><addresses><address>"
    "<street>437 Lytton</street><zip>94301</zip></address></addresses></customer>"
)


@pytest.mark.parametrize(
    ("schema", "value", "text"),
    [
        (ref("Pet"), PET, PET_XML),
        (ref("Customer"), CUSTOMER, CUSTOMER_XML),
        (
            ref("Order"),
            {"id": 1, "complete": True, "price": 1.5},
            "<order><id>1</id><complete>true</complete><price>1.5</price></order>",
        ),
        (array(ref("Tag"), name="tags"), [{"id": 1}], "<tags><tag><id>1</id></tag></tags>"),
    ],
)
def test_the_petstore(schema: Any, value: Any, text: str) -> None:
    assert written(value, schema) == text
    assert read(text, schema) == value
    pretty = text.replace("><", ">\n  <")
    assert read(f'<?xml version="1.0"?>\n<!-- a pet -->{pretty}\n', schema) == value


SAMPLE = "http://example.com/schema/sample"


@pytest.mark.parametrize(
    ("schema", "value", "text"),
    [
        (thing(animals=STRING), {"animals": "a"}, "<x><animals>a</animals></x>"),
        (
            thing(animals=array(STRING)),
            {"animals": ["a", "b"]},
            "<x><animals>a</animals><animals>b</animals></x>",
        ),
        (thing(animals=xml(STRING, name="animal")), {"animals": "a"}, "<x><animal>a</animal></x>"),
        (
            thing(
                id=xml(INTEGER, attribute=True), name=xml(STRING, namespace=SAMPLE, prefix="sample")
            ),
            {"id": 123, "name": "example"},
            f'<x id="123"><sample:name xmlns:sample="{SAMPLE}">example</sample:name></x>',
        ),
        (
            thing(animals=array(xml(STRING, name="animal"))),
            {"animals": ["value", "value"]},
            "<x><animal>value</animal><animal>value</animal></x>",
        ),
        (
            thing(animals=array(xml(STRING, name="animal"), name="aliens")),
            {"animals": ["value"]},
            "<x><animal>value</animal></x>",
        ),
        (
            thing(animals=array(STRING, name="aliens")),
            {"animals": ["value"]},
            "<x><animals>value</animals></x>",
        ),
        (
            thing(animals=array(STRING, wrapped=True)),
            {"animals": ["value", "value"]},
            "<x><animals><animals>value</animals><animals>value</animals></animals></x>",
        ),
        (
            thing(animals=array(xml(STRING, name="animal"), wrapped=True)),
            {"animals": ["value", "value"]},
            "<x><animals><animal>value</animal><animal>value</animal></animals></x>",
        ),
        (
            thing(animals=array(xml(STRING, name="animal"), wrapped=True, name="aliens")),
            {"animals": ["value"]},
            "<x><aliens><animal>value</animal></aliens></x>",
        ),
        (
            thing(animals=array(STRING, wrapped=True, name="aliens")),
            {"animals": ["value"]},
            "<x><aliens><aliens>value</aliens></aliens></x>",
        ),
    ],
)
def test_the_examples_of_the_xml_object(schema: Any, value: Any, text: str) -> None:
    assert written(value, schema, "x") == text
    assert read(text, schema, "x") == value


@pytest.mark.parametrize(
    ("schema", "value", "text"),
    [
        (thing(n={"type": ["integer", "null"]}), {"n": 1}, "<n>1</n>"),
        (thing(n={"type": "number"}), {"n": -1500.0}, "<n> -1.5e3\n</n>"),
        (thing(n={"type": "boolean"}), {"n": False}, "<n> false </n>"),
        (thing(n=STRING), {"n": " a  b "}, "<n> a <![CDATA[ b]]> </n>"),
        (thing(n=STRING), {"n": "<&>é\n"}, "<n>&lt;&amp;&gt;&#xE9;\r\n</n>"),
        (thing(n=STRING), {"n": ""}, "<n/>"),
        (thing(n=STRING), {"n": "12"}, "<n>12</n>"),
        (thing(n=INTEGER), {"n": "x"}, "<n>x</n>"),
        (thing(n=INTEGER), {"n": ""}, "<n/>"),
        (thing(n={"type": "integer", "nullable": True}), {"n": None}, "<n/>"),
        (thing(n={"type": "string", "nullable": True}), {"n": ""}, "<n/>"),
        (thing(n={"type": "object", "nullable": True}), {"n": {}}, "<n/>"),
        (thing(n=thing()), {"n": "text"}, "<n>text</n>"),
        (thing(n=thing()), {"n": {}}, "<n> </n>"),
        (thing(n=STRING), {"n": {"a": "1"}}, "<n><a>1</a></n>"),
        (thing(n=STRING), {"n": {"a": "1"}}, '<n a="1">text</n>'),
        (thing(n=INTEGER), {"n": ["1", "2"]}, "<n>1</n><n>2</n>"),
        (
            thing(n={}),
            {"n": {"a": ["1", "2"], "b": {"c": ""}}},
            "<n><a>1</a><a>2</a><b><c/></b></n>",
        ),
        (thing(), {"n": "1", "m": ["1", "2"]}, "<n>1</n><m>1</m><m>2</m>"),
        ({**thing(), "additionalProperties": INTEGER}, {"n": 1, "m": 2}, "<n>1</n><m>2</m>"),
        (
            {**thing(), "additionalProperties": {"type": "array", "items": INTEGER}},
            {"n": [1], "m": [2, 3]},
            "<m>2</m><n>1</n><m>3</m>",
        ),
        (
            {**thing(), "patternProperties": {"^x": INTEGER}},
            {"xa": 1, "a": "1"},
            "<xa>1</xa><a>1</a>",
        ),
        ({**thing(n=array(STRING)), "required": ["n"]}, {"n": []}, ""),
        (thing(n=array(STRING)), {}, ""),
        (thing(n=array(STRING, wrapped=True)), {"n": []}, "<n/>"),
        (thing(n=array(STRING, wrapped=True)), {"n": "text"}, "<n>text</n>"),
        (thing(n=array(STRING, wrapped=True)), {"n": {"m": "1"}}, "<n><m>1</m></n>"),
        (thing(n=array(ref("Node"), wrapped=True)), {"n": [{}]}, "<n><Node/></n>"),
        (
            thing(n=array(array(INTEGER))),
            {"n": [[1, 2], [3]]},
            "<n><n>1</n><n>2</n></n><n><n>3</n></n>",
        ),
        (
            thing(n={"type": "array", "prefixItems": [INTEGER, STRING]}),
            {"n": [1, "1"]},
            "<n>1</n><n>1</n>",
        ),
        (thing(n={"oneOf": [INTEGER, array(INTEGER)]}), {"n": 1}, "<n>1</n>"),
        (thing(n={"oneOf": [INTEGER, array(INTEGER)]}), {"n": [1, 2]}, "<n>1</n><n>2</n>"),
        (thing(n={"oneOf": [INTEGER, array(INTEGER), STRING]}), {"n": "a"}, "<n>a</n>"),
        (
            thing(n={"allOf": [ref("Tag")], "xml": {"name": "m"}}),
            {"n": {"id": 1}},
            "<m><id>1</id></m>",
        ),
        (
            thing(pet={"oneOf": [ref("Cat"), ref("Dog")]}),
            {"pet": {"name": "1"}},
            "<dog><name>1</name></dog>",
        ),
        (
            {"allOf": [ref("Tag"), thing(more=INTEGER)]},
            {"id": 1, "more": 2},
            "<id>1</id><more>2</more>",
        ),
        (
            ref("Node"),
            {"value": 1, "next": {"all": [{"value": 2}]}},
            "<value>1</value><next><all><value>2</value></all></next>",
        ),
    ],
)
def test_an_element_is_read_as_its_schema_has_it(schema: Any, value: Any, text: str) -> None:
    found = read(f"<x>{text}</x>", schema, "x")
    assert found == value
    assert repr(sorted(found.items())) == repr(sorted(value.items()))


@pytest.mark.parametrize(
    ("schema", "value", "text"),
    [
        (thing(n=xml(INTEGER, attribute=True)), {"n": 1}, '<x n=" 1 "/>'),
        (thing(n=xml(INTEGER, attribute=True)), {}, "<x><n>1</n></x>"),
        (thing(n=xml(STRING, attribute=True, name="m")), {"n": " 1"}, '<x m=" 1"/>'),
        (thing(n=xml({"type": "boolean"}, attribute=True)), {"n": "yes"}, '<x n="yes"/>'),
        (
            thing(n=xml(STRING, attribute=True, namespace="urn:a")),
            {"n": "1"},
            '<x xmlns:p="urn:a" p:n="1"/>',
        ),
        (thing(n=xml(STRING, attribute=True, namespace="urn:a")), {}, '<x xmlns="urn:a" n="1"/>'),
        (thing(), {"m": "1"}, '<x m="1" xmlns:a="urn:a" xml:lang="en"/>'),
        ({**thing(), "additionalProperties": INTEGER}, {"m": 1}, '<x m="1"/>'),
    ],
)
def test_attributes(schema: Any, value: Any, text: str) -> None:
    assert read(text, schema, "x") == value


NIL = 'xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xsi:nil="true"'
NULLABLE = {"type": "string", "nullable": True}


@pytest.mark.parametrize(
    ("schema", "value", "text"),
    [
        (thing(n=NULLABLE), {"n": None}, f"<x><n {NIL}/></x>"),
        (thing(n={**array(STRING), "nullable": True}), {"n": None}, f"<x><n {NIL}/></x>"),
        (thing(n=array(NULLABLE)), {"n": [None, "a"]}, f"<x><n {NIL}/><n>a</n></x>"),
        (thing(n=array(NULLABLE)), {"n": [None]}, f"<x><n {NIL}/></x>"),
        (
            thing(n=array(xml(NULLABLE, name="m"), wrapped=True)),
            {"n": [None]},
            f"<x><n><m {NIL}/></n></x>",
        ),
        (thing(n={"type": ["object", "null"]}), {"n": None}, f"<x><n {NIL}/></x>"),
        (NULLABLE, None, f"<x {NIL}/>"),
        (STRING, None, f"<x {NIL}/>"),
    ],
)
def test_null_is_nil(schema: Any, value: Any, text: str) -> None:
    assert written(value, schema, "x") == text
    assert read(text, schema, "x") == value


def test_a_null_attribute_is_left_out() -> None:
    schema = thing(n=xml(NULLABLE, attribute=True))
    assert written({"n": None}, schema, "x") == "<x/>"


@pytest.mark.parametrize(
    ("schema", "value", "text"),
    [
        (
            xml(thing(n=STRING), namespace="urn:a"),
            {"n": "1"},
            '<x xmlns="urn:a"><n>1</n></x>',
        ),
        (
            xml(thing(n=xml(STRING, prefix="p")), namespace="urn:a", prefix="p"),
            {"n": "1"},
            '<p:x xmlns:p="urn:a"><p:n>1</p:n></p:x>',
        ),
        (thing(n=xml(STRING, prefix="p")), {"n": "1"}, "<x><n>1</n></x>"),
        (thing(n=xml(STRING, name="p:m")), {"n": "1"}, "<x><m>1</m></x>"),
        (
            thing(n=xml(STRING, namespace="urn:a"), m=xml(STRING, namespace="urn:b", name="n")),
            {"n": "1", "m": "2"},
            '<x><n xmlns="urn:a">1</n><n xmlns="urn:b">2</n></x>',
        ),
        (
            thing(
                a=xml(STRING, attribute=True, namespace="urn:a"),
                b=xml(STRING, attribute=True, namespace="urn:b"),
                c=xml(STRING, attribute=True, namespace="urn:b"),
            ),
            {"a": "1", "b": "2", "c": "3"},
            '<x xmlns:ns="urn:a" xmlns:ns1="urn:b" ns:a="1" ns1:b="2" ns1:c="3"/>',
        ),
        (
            xml(
                thing(a=xml(STRING, attribute=True, namespace="urn:b", prefix="p")),
                namespace="urn:a",
                prefix="p",
            ),
            {"a": "1"},
            '<p:x xmlns:p="urn:a" xmlns:p1="urn:b" p1:a="1"/>',
        ),
        (
            xml(
                thing(
                    n=xml(
                        thing(
                            a=xml(STRING, attribute=True, namespace="urn:b", prefix="p"),
                            xml=xml(STRING, attribute=True, name="xml:lang"),
                        ),
                        prefix="p",
                    )
                ),
                namespace="urn:a",
                prefix="p",
            ),
            {"n": {"a": "1", "xml": "pl"}},
            '<p:x xmlns:p="urn:a"><p:n xmlns:p1="urn:b" p1:a="1" xml:lang="pl"/></p:x>',
        ),
    ],
)
def test_namespaces(schema: Any, value: Any, text: str) -> None:
    assert written(value, schema, "x") == text
    assert read(text, schema, "x") == value


def test_another_prefix_is_the_same_name_and_another_namespace_is_not() -> None:
    schema = thing(n=xml(INTEGER, namespace=SAMPLE, prefix="sample"))
    assert read(f'<x xmlns:other="{SAMPLE}"><other:n>1</other:n></x>', schema) == {"n": 1}
    assert read(f'<x xmlns="{SAMPLE}"><n>1</n></x>', schema) == {"n": 1}
    assert read("<x><n>1</n></x>", schema) == {}
    assert read('<x><n xmlns="urn:else">1</n></x>', schema) == {}


def test_a_prefix_that_is_bound_to_nothing_is_taken() -> None:
    schema = thing(n=xml(INTEGER, prefix="sample"))
    assert read("<x><sample:n>1</sample:n></x>", schema) == {"n": 1}


@pytest.mark.parametrize(
    ("schema", "name", "root"),
    [
        (ref("Pet"), "", "pet"),
        (ref("Pet"), "Animal", "pet"),
        (ref("Node"), "", "Node"),
        (ref("Node"), "Other", "Other"),
        (thing(), "Thing", "Thing"),
        (thing(), "", ROOT),
        (array(ref("Node")), "Nodes", "Nodes"),
        ({"allOf": [ref("Pet")]}, "", "pet"),
        ({"allOf": [ref("Pet"), ref("Tag")]}, "Both", "Both"),
        ({"oneOf": [ref("Cat"), ref("Dog")]}, "", "cat"),
    ],
)
def test_the_name_of_the_root(schema: Any, name: str, root: str) -> None:
    value: Any = [] if schema.get("type") == "array" else {}
    assert written(value, schema, name) == f"<{root}/>"
    assert read(f"<{root}/>", schema, name) == value
    if root != ROOT:
        assert f"<{root}>" in refused("<other/>", schema, name)


def test_the_root_tells_what_it_is_one_of() -> None:
    schema = {"oneOf": [ref("Cat"), ref("Dog")]}
    assert read("<dog><name>1</name><lives>9</lives></dog>", schema) == {"name": "1", "lives": "9"}
    assert read("<cat><name>1</name><lives>9</lives></cat>", schema) == {"name": "1", "lives": 9}


BOMB = "<!DOCTYPE x [<!ENTITY a 'aaaa'><!ENTITY b '&a;&a;'>]><x>&b;</x>"


@pytest.mark.parametrize(
    "data",
    [
        BOMB,
        "<!DOCTYPE x><x/>",
        '<!DOCTYPE x SYSTEM "http://127.0.0.1:1/x.dtd"><x/>',
        '<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/hostname">]><x>&a;</x>',
        '<!DOCTYPE x [<!ENTITY % a SYSTEM "file:///etc/hostname">%a;]><x/>',
        "<?xml version='1.0' standalone='no'?><!DOCTYPE x><x/>",
    ],
    ids=range(6),
)
def test_document_types_are_refused(data: str) -> None:
    for encoding in ("utf-8", "utf-16"):
        assert "DTD" in refused(data.encode(encoding))


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"text",
        b"<x>",
        b"<x></y>",
        b"<x/><y/>",
        b"<x>&a;</x>",
        b"<x>&#0;</x>",
        b"<x>\x00</x>",
        b"<x a='1' a='2'/>",
        b"<x>\xff</x>",
        b"{}",
        b"<?xml version='1.0' encoding='no-such'?><x/>",
        b"<?xml version='1.0' encoding='utf-7'?><x/>",
        b"<?xml version='1.0' encoding='idna'?><x/>",
        b"<?xml version='1.0' encoding='base64'?><x/>",
        b"<?xml version='1.0' encoding='gb2312'?><x>\xb0\xa1</x>",
    ],
    ids=range(16),
)
def test_what_is_no_xml_is_refused(data: bytes) -> None:
    refused(data)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16", "iso-8859-1", "iso-8859-2", "ascii"])
def test_the_encoding_is_what_the_document_says(encoding: str) -> None:
    text = (
        f'<?xml version="1.0" encoding="{encoding}"?><x>{"a" if encoding == "ascii" else "é"}</x>'
    )
    assert decode_xml(text.encode(encoding), STRING, SHAPES) in ("a", "é")


def test_depth_and_size_are_bounded() -> None:
    def nested(depth: int) -> str:
        return "<Node>" + "<next>" * (depth - 1) + "</next>" * (depth - 1) + "</Node>"

    value = read(nested(MAX_DEPTH), ref("Node"))
    assert written(value, ref("Node")).count("<next") == MAX_DEPTH - 1
    assert str(MAX_DEPTH) in refused(nested(MAX_DEPTH + 1), ref("Node"))
    with pytest.raises(ValueError, match=str(MAX_DEPTH)):
        encode_xml({"next": value}, ref("Node"), SHAPES)
    assert str(MAX_NODES) in refused("<x>" + "<n/>" * MAX_NODES + "</x>", {})
    assert str(MAX_NODES) in refused("<x>" + "<n a='' b=''/>" * (MAX_NODES // 2) + "</x>", {})


def test_namespaces_are_bounded() -> None:
    def declared(number: int) -> str:
        return "<x " + " ".join(f"xmlns:n{i}='urn:a'" for i in range(number)) + "/>"

    assert read(declared(MAX_PREFIXES - 1), {}) == ""
    assert str(MAX_PREFIXES) in refused(declared(MAX_PREFIXES), {})


def test_unions_that_nest_are_read_in_bounded_time() -> None:
    node = ref("Union")
    branch = {"type": "object", "properties": {"a": node, "n": INTEGER}, "required": ["n"]}
    COMPONENTS["Union"] = {"oneOf": [{**branch, "title": str(i)} for i in range(8)]}
    shapes = Shapes(resolve, lambda schema, value: False)
    depth = MAX_DEPTH - 2
    data = "<x>" + "<a>" * depth + "<n>1</n>" + "</a>" * depth + "</x>"
    value = decode_xml(data.encode(), node, shapes, "x")
    for _ in range(depth):
        value = value["a"]
    assert value == {"n": 1}


def test_a_large_document_is_read_whole() -> None:
    pets = "<pets>" + PET_XML * 1_000 + "</pets>"
    assert read(pets, array(ref("Pet"), name="pets")) == [PET] * 1_000


@pytest.mark.parametrize(
    "value",
    [
        "\x00",
        "\x0b",
        "\ufffe",
        "\ud800",
        {"a b": 1},
        {"1": 1},
        {"": 1},
        {"a>": 1},
        {"a": {"<": [1]}},
    ],
    ids=range(9),
)
def test_what_xml_cannot_hold(value: Any) -> None:
    with pytest.raises(ValueError, match="XML"):
        encode_xml(value, {}, SHAPES)


def test_is_xml() -> None:
    assert is_xml("application/xml")
    assert is_xml("text/xml")
    assert is_xml("application/problem+xml")
    assert not is_xml("application/json")
    assert not is_xml("application/xml-dtd")


TEXTS = st.text(
    st.characters(codec="utf-8", exclude_categories=["Cc", "Cs"], exclude_characters="\ufffe\uffff")
    | st.sampled_from("\t\r\n<&>\"'"),
    max_size=6,
)
NUMBERS = st.integers(-(10**15), 10**15) | st.floats(allow_nan=False, allow_infinity=False)
LEAVES: list[tuple[Any, st.SearchStrategy[Any]]] = [
    (STRING, TEXTS),
    (INTEGER, st.integers()),
    ({"type": "number"}, NUMBERS),
    ({"type": "boolean"}, st.booleans()),
    ({"type": "integer", "nullable": True}, st.none() | st.integers()),
    ({"type": ["string", "null"]}, st.none() | TEXTS),
    ({"oneOf": [INTEGER, {"type": "boolean"}]}, st.integers() | st.booleans()),
]
NAMES = st.sampled_from(["a", "b", "ą", "c-d", "e.f", "_g"])
NAMESPACES = st.sampled_from(["", "urn:a", "urn:b"])
PREFIXES = st.sampled_from(["", "p", "q"])
Case = tuple[Any, st.SearchStrategy[Any]]


@st.composite
def annotations(draw: st.DrawFn, name: str, **more: Any) -> dict[str, Any]:
    """A name that is no other's, and a namespace."""
    made = {"name": draw(st.sampled_from(["", name + "x"])), "namespace": draw(NAMESPACES)}
    return {k: v for k, v in {**made, "prefix": draw(PREFIXES), **more}.items() if v}


@st.composite
def leaves(draw: st.DrawFn, name: str, attribute: bool) -> Case:
    schema, values = draw(st.sampled_from(LEAVES))
    if attribute and draw(st.booleans()):
        values = values.filter(lambda value: value is not None)
        return xml(schema, **draw(annotations(name, attribute=True))), values
    return xml(schema, **draw(annotations(name))), values


@st.composite
def arrays(draw: st.DrawFn, name: str, depth: int) -> Case:
    schema, values = draw(cases(name + "-i", depth - 1))
    wrapped = draw(st.booleans())
    made = {"type": "array", "items": schema, "xml": draw(annotations(name, wrapped=wrapped))}
    return made, st.lists(values, min_size=0 if wrapped else 1, max_size=3)


@st.composite
def objects(draw: st.DrawFn, name: str, depth: int) -> Case:
    names = draw(st.lists(NAMES, unique=True, max_size=4))
    members = {each: draw(cases(each, depth - 1, attribute=True)) for each in names}
    schema = thing(**{each: made for each, (made, _) in members.items()})
    values = {each: found for each, (_, found) in members.items()}
    return xml(schema, **draw(annotations(name))), st.fixed_dictionaries({}, optional=values)


@st.composite
def cases(draw: st.DrawFn, name: str, depth: int, attribute: bool = False) -> Case:
    if depth == 0:
        return draw(leaves(name, attribute))
    kinds = [leaves(name, attribute), arrays(name, depth), objects(name, depth)]
    found: Case = draw(st.one_of(kinds))
    return found


@given(cases("root", 3), st.data())
def test_what_is_written_is_read(case: Case, data: st.DataObject) -> None:
    schema, values = case
    value = data.draw(values)
    shapes = Shapes(resolve, lambda schema, value: SCHEMAS.validator(schema).is_valid(value))
    text = encode_xml(value, schema, shapes, "x")
    ET.fromstring(text)
    found = decode_xml(text, schema, shapes, "x")
    assert found == value


FREE = st.recursive(
    TEXTS,
    lambda each: st.dictionaries(NAMES, each | st.lists(each, min_size=2, max_size=3), min_size=1),
    max_leaves=8,
)


@given(st.dictionaries(NAMES, FREE))
def test_what_no_schema_describes_is_kept_as_text(value: Any) -> None:
    assert decode_xml(encode_xml(value, {}, SHAPES), {"type": "object"}, SHAPES) == value


FRAGMENTS = [
    *("<x>", "</x>", "<a>", "</a>", "<n/>", "<p:a xmlns:p='u'>", "</p:a>", "<x a='1'>", "&lt;"),
    *("&a;", "<!DOCTYPE x>", "<![CDATA[", "]]>", "<!--", "-->", "<?a b?>", "1", " ", "ż", "\0"),
]


@given(st.lists(st.sampled_from(FRAGMENTS), max_size=12).map("".join) | st.text(max_size=12))
def test_no_bytes_crash_the_decoder(text: str) -> None:
    for schema in (ref("Pet"), ref("Node"), array(STRING), STRING, {}):
        for encoding in ("utf-8", "utf-16"):
            with contextlib.suppress(ApiError):
                decode_xml(f"<x>{text}</x>".encode(encoding), schema, SHAPES, "x")
