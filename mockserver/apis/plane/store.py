"""The object store of the mock: one bucket, one pair of keys, addresses and forms that are signed.

It is reached at the server's own address, as a MinIO behind Plane's proxy is.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any
from urllib.parse import quote

from mockserver.apis.plane.errors import STORE
from mockserver.apis.plane.policy import Allowed, check_upload, upload_fields
from mockserver.apis.plane.signing import Asked, Signer, check_presigned, presign
from mockserver.engine.handlers import Call
from mockserver.state.sandboxes import DEFAULT

SECRET_KEY = "secret-key"  # noqa: S105 - no secret, see below
"""No secret: whoever wants to sign for the mock's store may. Each sandbox adds its name to it."""

BUCKET = STORE.strip("/")

LIFETIME = timedelta(hours=1)
"""How long addresses and forms hold (``SIGNED_URL_EXPIRATION``)."""


def upload_data(call: Call, asset: Mapping[str, Any]) -> dict[str, Any]:
    """Where to post the bytes of a new asset, and the fields that go in front of them."""
    media_type, size = asset["attributes"]["type"], asset["attributes"]["size"]
    allowed = Allowed(BUCKET, asset["asset"], media_type, size)
    fields = upload_fields(_signer(call), allowed, call.now, LIFETIME)
    return {"url": call.base_url + STORE, "fields": fields}


def check_form(call: Call, fields: Mapping[str, str], size: int) -> None:
    """Judge an upload of that many bytes. Raises StoreRefusal."""
    check_upload(_signer(call), fields, BUCKET, size, call.now)


def location(call: Call, key: str) -> str:
    """The address of an object, without a signature."""
    return call.base_url + _path(key)


def download_url(call: Call, asset: Mapping[str, Any], file_name: str) -> str:
    """An address that shows the bytes of an asset under that name for an hour."""
    shown = f"inline; filename*=UTF-8''{quote(file_name)}" if file_name else "inline"
    asked = Asked("GET", _host(call), _path(asset["asset"]))
    parameters = {"response-content-disposition": shown}
    seconds = int(LIFETIME.total_seconds())
    query = presign(_signer(call), asked, parameters, call.now, seconds)
    return f"{location(call, asset['asset'])}?{query}"


def check_address(call: Call) -> None:
    """Judge the address that a download was asked at. Raises StoreRefusal."""
    asked = Asked(call.request.method, _host(call), call.request.target)
    check_presigned(_signer(call), asked, call.query, call.now)


def _signer(call: Call) -> Signer:
    """The keys of the sandbox: what one has signed, no other one takes."""
    name = call.sandbox.name
    secret = SECRET_KEY if name == DEFAULT else f"{SECRET_KEY}@{name}"
    return Signer("access-key", secret, "us-east-1")


def _path(key: str) -> str:
    return f"{STORE}/{quote(key)}"


def _host(call: Call) -> str:
    """The host as the client names it; the sandbox is no part of what is signed."""
    return call.base_url.split("/", 3)[2]
