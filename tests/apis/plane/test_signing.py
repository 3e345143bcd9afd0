"""Signature Version 4, held to the examples that AWS publishes."""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qsl

import pytest

from mockserver.apis.plane.errors import StoreRefusal
from mockserver.apis.plane.policy import Allowed, check_upload, upload_fields
from mockserver.apis.plane.signing import Asked, Signer, check_presigned, presign

# Of the Amazon S3 API Reference.
SIGNER = Signer("AKIAIOSFODNN7EXAMPLE", "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY", "us-east-1")
ASKED = Asked("GET", "examplebucket.s3.amazonaws.com", "/test.txt")
SIGNED = datetime(2013, 5, 24, tzinfo=UTC)
ADDRESS = (
    "X-Amz-Algorithm=AWS4-HMAC-SHA256"
    "&X-Amz-Credential=AKIAIOSFODNN7EXAMPLE%2F20130524%2Fus-east-1%2Fs3%2Faws4_request"
    "&X-Amz-Date=20130524T000000Z&X-Amz-Expires=86400&X-Amz-SignedHeaders=host"
    "&X-Amz-Signature=aeeed9bbccd4d02ee5c0109b86d86835f995330da4c265957d157751f604d404"
)
POLICY = b"""{ "expiration": "2015-12-30T12:00:00.000Z",\r
  "conditions": [\r
    {"bucket": "sigv4examplebucket"},\r
    ["starts-with", "$key", "user/user1/"],\r
    {"acl": "public-read"},\r
    {"success_action_redirect": "http://sigv4examplebucket.s3.amazonaws.com/successful_upload.html"},\r
    ["starts-with", "$Content-Type", "image/"],\r
    {"x-amz-meta-uuid": "14365123651274"},\r
    {"x-amz-server-side-encryption": "AES256"},\r
    ["starts-with", "$x-amz-meta-tag", ""],\r
\r
    {"x-amz-credential": "AKIAIOSFODNN7EXAMPLE/20151229/us-east-1/s3/aws4_request"},\r
    {"x-amz-algorithm": "AWS4-HMAC-SHA256"},\r
    {"x-amz-date": "20151229T000000Z" }\r
  ]\r
}"""
FORM = {
    "key": "user/user1/photo.jpg",
    "acl": "public-read",
    "success_action_redirect": "http://sigv4examplebucket.s3.amazonaws.com/successful_upload.html",
    "content-type": "image/jpeg",
    "x-amz-meta-uuid": "14365123651274",
    "x-amz-server-side-encryption": "AES256",
    "x-amz-credential": "AKIAIOSFODNN7EXAMPLE/20151229/us-east-1/s3/aws4_request",
    "x-amz-algorithm": "AWS4-HMAC-SHA256",
    "x-amz-date": "20151229T000000Z",
    "x-amz-meta-tag": "",
    "policy": base64.b64encode(POLICY).decode(),
    "x-amz-signature": "8afdbf4008c03f22c2cd3cdb72e4afbb1f6a588f3255ac628749a66d7f09699e",
}
POSTED = datetime(2015, 12, 30, tzinfo=UTC)


def _parameters(query: str) -> dict[str, list[str]]:
    return {name: [value] for name, value in parse_qsl(query)}


def test_the_example_of_an_address_is_made() -> None:
    assert presign(SIGNER, ASKED, {}, SIGNED, 86_400) == ADDRESS


@pytest.mark.parametrize("hours", [0, 1, 24])
def test_the_example_of_an_address_is_taken_for_a_day(hours: int) -> None:
    check_presigned(SIGNER, ASKED, _parameters(ADDRESS), SIGNED + timedelta(hours=hours))


WRONG_ADDRESSES: list[tuple[str, Mapping[str, list[str]], str]] = [
    ("no signature", {"X-Amz-Signature": []}, "AccessDenied"),
    ("two signatures", {"X-Amz-Signature": ["a", "b"]}, "AuthorizationQueryParametersError"),
    ("another", {"X-Amz-Signature": ["ae" * 32]}, "SignatureDoesNotMatch"),
    ("no text", {"X-Amz-Signature": ["é"]}, "SignatureDoesNotMatch"),
    ("no key", {"X-Amz-Credential": []}, "AuthorizationQueryParametersError"),
    ("another key", {"X-Amz-Credential": ["AKIA/20130524"]}, "InvalidAccessKeyId"),
    (
        "another day",
        {"X-Amz-Credential": ["AKIAIOSFODNN7EXAMPLE/20130525/us-east-1/s3/aws4_request"]},
        "AuthorizationQueryParametersError",
    ),
    (
        "another region",
        {"X-Amz-Credential": ["AKIAIOSFODNN7EXAMPLE/20130524/eu-west-1/s3/aws4_request"]},
        "AuthorizationQueryParametersError",
    ),
    ("another way", {"X-Amz-Algorithm": ["AWS4"]}, "AuthorizationQueryParametersError"),
    ("no host", {"X-Amz-SignedHeaders": ["date"]}, "AuthorizationQueryParametersError"),
    ("no number", {"X-Amz-Expires": ["1e3"]}, "AuthorizationQueryParametersError"),
    ("too long", {"X-Amz-Expires": ["604801"]}, "AuthorizationQueryParametersError"),
    ("longer", {"X-Amz-Expires": ["86401"]}, "SignatureDoesNotMatch"),
    ("more", {"response-content-type": ["text/html"]}, "SignatureDoesNotMatch"),
]


@pytest.mark.parametrize(
    ("changed", "code"), [case[1:] for case in WRONG_ADDRESSES], ids=[c[0] for c in WRONG_ADDRESSES]
)
def test_a_changed_address_is_refused(changed: Mapping[str, list[str]], code: str) -> None:
    parameters = {**_parameters(ADDRESS), **changed}
    given = {name: values for name, values in parameters.items() if values}
    with pytest.raises(StoreRefusal) as refusal:
        check_presigned(SIGNER, ASKED, given, SIGNED)
    assert refusal.value.code == code


@pytest.mark.parametrize("stamp", ["20130524", "20130524T000000", "soon", "99999999T000000Z", ""])
def test_an_address_needs_an_instant(stamp: str) -> None:
    credential = f"AKIAIOSFODNN7EXAMPLE/{stamp[:8]}/us-east-1/s3/aws4_request"
    changed = {"X-Amz-Date": [stamp], "X-Amz-Credential": [credential]}
    with pytest.raises(StoreRefusal) as refusal:
        check_presigned(SIGNER, ASKED, {**_parameters(ADDRESS), **changed}, SIGNED)
    assert refusal.value.code == "AuthorizationQueryParametersError"


@pytest.mark.parametrize(
    "asked",
    [
        ASKED._replace(method="HEAD"),
        ASKED._replace(host="other.s3.amazonaws.com"),
        ASKED._replace(path="/test.txt/"),
    ],
)
def test_an_address_is_for_one_request_only(asked: Asked) -> None:
    with pytest.raises(StoreRefusal) as refusal:
        check_presigned(SIGNER, asked, _parameters(ADDRESS), SIGNED)
    assert (refusal.value.status, refusal.value.code) == (403, "SignatureDoesNotMatch")


@pytest.mark.parametrize("seconds", [-3_600, 86_401])
def test_an_address_holds_neither_before_nor_after_its_time(seconds: int) -> None:
    now = SIGNED + timedelta(seconds=seconds)
    with pytest.raises(StoreRefusal) as refusal:
        check_presigned(SIGNER, ASKED, _parameters(ADDRESS), now)
    assert (refusal.value.status, refusal.value.detail) == (403, "Request has expired")


def test_a_path_means_the_same_however_it_is_encoded() -> None:
    asked = ASKED._replace(path="/a%20b/%C3%A9(1)~.txt")
    query = presign(SIGNER, asked, {"response-content-disposition": "inline"}, SIGNED, 60)
    for path in ("/a%20b/%c3%a9%281%29%7E.txt", "/a%20b/é(1)~.txt"):
        check_presigned(SIGNER, asked._replace(path=path), _parameters(query), SIGNED)


def test_the_example_of_a_form_is_taken() -> None:
    check_upload(SIGNER, FORM, "sigv4examplebucket", 1, POSTED)


WRONG_FORMS: list[tuple[Mapping[str, str | None], str, str]] = [
    ({"x-amz-signature": "8a" * 32}, "SignatureDoesNotMatch", "The request signature"),
    ({"policy": "e30="}, "SignatureDoesNotMatch", "The request signature"),
    ({"key": "user/user2/photo.jpg"}, "AccessDenied", '["starts-with", "$key", "user/user1/"]'),
    ({"acl": "private"}, "AccessDenied", '["eq", "$acl", "public-read"]'),
    ({"acl": None}, "AccessDenied", '["eq", "$acl", "public-read"]'),
    ({"content-type": "text/html"}, "AccessDenied", '["starts-with", "$Content-Type", "image/"]'),
    ({"x-amz-meta-other": "1"}, "AccessDenied", "Extra input fields: x-amz-meta-other"),
    ({"x-amz-credential": "AKIA/20151229"}, "InvalidAccessKeyId", "does not exist"),
    ({"x-amz-algorithm": "AWS4"}, "InvalidArgument", "AWS4-HMAC-SHA256"),
    *(({name: None}, "InvalidArgument", f"a field named '{name}'")
      for name in ("key", "policy", "x-amz-algorithm", "x-amz-credential", "x-amz-date",
                   "x-amz-signature")),
]  # fmt: skip


@pytest.mark.parametrize(
    ("changed", "code", "told"), WRONG_FORMS, ids=[str(case[0])[:40] for case in WRONG_FORMS]
)
def test_a_changed_form_is_refused(changed: Mapping[str, str | None], code: str, told: str) -> None:
    form = {name: value for name, value in {**FORM, **changed}.items() if value is not None}
    with pytest.raises(StoreRefusal) as refusal:
        check_upload(SIGNER, form, "sigv4examplebucket", 1, POSTED)
    assert refusal.value.code == code
    assert told in refusal.value.detail


def test_a_form_is_for_one_bucket() -> None:
    with pytest.raises(StoreRefusal, match="bucket"):
        check_upload(SIGNER, FORM, "other", 1, POSTED)


def test_fields_to_be_passed_over_need_no_condition() -> None:
    form = {**FORM, "x-ignore-that": "please"}
    check_upload(SIGNER, form, "sigv4examplebucket", 1, POSTED)


def test_a_form_expires() -> None:
    end = datetime(2015, 12, 30, 12, tzinfo=UTC)
    check_upload(SIGNER, FORM, "sigv4examplebucket", 1, end)
    with pytest.raises(StoreRefusal, match="Policy expired") as refusal:
        check_upload(SIGNER, FORM, "sigv4examplebucket", 1, end + timedelta(seconds=1))
    assert (refusal.value.status, refusal.value.code) == (403, "AccessDenied")


@pytest.mark.parametrize(
    "policy",
    [
        b"\xff",
        b"[]",
        b"{}",
        b'{"expiration": "soon", "conditions": []}',
        b'{"conditions": []}',
        b'{"expiration": "2016-01-01T00:00:00Z", "conditions": [["near", "$key", "a"]]}',
        b'{"expiration": "2016-01-01T00:00:00Z", "conditions": [{"a": "b", "c": "d"}]}',
        b'{"expiration": "2016-01-01T00:00:00Z", "conditions": ["key"]}',
    ],
)
def test_what_is_no_policy_is_refused_even_if_it_is_signed(policy: bytes) -> None:
    document = base64.b64encode(policy).decode()
    signature = SIGNER.signature(FORM["x-amz-date"], document)
    form = {**FORM, "policy": document, "x-amz-signature": signature}
    with pytest.raises(StoreRefusal) as refusal:
        check_upload(SIGNER, form, "sigv4examplebucket", 1, POSTED)
    assert (refusal.value.status, refusal.value.code) == (400, "InvalidPolicyDocument")


# What Plane 1.3.1 with boto3 1.34 was seen to answer.
PLANE = Signer("access-key", "secret-key", "us-east-1")
SEEN = {
    "Content-Type": "image/jpeg",
    "key": "33be697e772747f496e8da02051ae6a7-a.jpg",
    "x-amz-algorithm": "AWS4-HMAC-SHA256",
    "x-amz-credential": "access-key/20261121/us-east-1/s3/aws4_request",
    "x-amz-date": "20261121T031837Z",
    "policy": base64.b64encode(
        b'{"expiration": "2026-11-21T04:18:37Z", "conditions": [{"bucket": "uploads"}, '
        b'["content-length-range", 1, 5242880], {"Content-Type": "image/jpeg"}, '
        b'{"key": "33be697e772747f496e8da02051ae6a7-a.jpg"}, {"bucket": "uploads"}, '
        b'{"key": "33be697e772747f496e8da02051ae6a7-a.jpg"}, '
        b'{"x-amz-algorithm": "AWS4-HMAC-SHA256"}, '
        b'{"x-amz-credential": "access-key/20261121/us-east-1/s3/aws4_request"}, '
        b'{"x-amz-date": "20261121T031837Z"}]}'
    ).decode(),
    "x-amz-signature": "24c12fffd4ab844f72cad8037f2a3c53f06269c7eb33f864771ab11dadec2fee",
}


def test_a_form_is_what_the_real_server_makes() -> None:
    now = datetime(2026, 11, 21, 3, 18, 37, 500_000, tzinfo=UTC)
    allowed = Allowed("uploads", SEEN["key"], "image/jpeg", 5_242_880)
    made = upload_fields(PLANE, allowed, now, timedelta(hours=1))
    assert list(made.items()) == list(SEEN.items())


def test_a_key_that_ends_in_the_name_of_the_file_gets_a_prefix_once() -> None:
    allowed = Allowed("uploads", "a-${filename}", "image/jpeg", 1)
    made = upload_fields(PLANE, allowed, SIGNED, timedelta(hours=1))
    conditions = json.loads(base64.b64decode(made["policy"]))["conditions"]
    about_keys = [c for c in conditions if "key" in c or "$key" in c]
    assert about_keys == [{"key": "a-${filename}"}, ["starts-with", "$key", "a-"]]


@pytest.mark.parametrize(
    ("size", "code"), [(0, "EntityTooSmall"), (1, None), (10, None), (11, "EntityTooLarge")]
)
def test_a_form_takes_so_many_bytes(size: int, code: str | None) -> None:
    allowed = Allowed("uploads", "k", "image/jpeg", 10)
    made = upload_fields(PLANE, allowed, SIGNED, timedelta(hours=1))
    form = {name.lower(): value for name, value in made.items()}
    if code is None:
        check_upload(PLANE, form, "uploads", size, SIGNED)
        return
    with pytest.raises(StoreRefusal) as refusal:
        check_upload(PLANE, form, "uploads", size, SIGNED)
    assert (refusal.value.status, refusal.value.code) == (400, code)
