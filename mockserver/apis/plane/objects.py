"""The bytes of assets: uploaded with a signed form, downloaded from a signed address."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from http import HTTPStatus
from typing import Any

from mockserver.apis.plane.errors import StoreRefusal
from mockserver.apis.plane.multipart import Part, boundary_of, read_parts
from mockserver.apis.plane.records import attribute
from mockserver.apis.plane.registry import handlers
from mockserver.apis.plane.store import check_address, check_form, location
from mockserver.engine.handlers import Call, Reply
from mockserver.engine.ranges import conditional, http_date
from mockserver.errors import ApiError
from mockserver.state.blobs import Blob

MAX_FORM = 6 * 1024 * 1024
"""Bytes of a form; the policy in it says how many of the file."""


@handlers.derived("objects", source="assets")
def stored(asset: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    """The object that an asset of the fixtures has in the store."""
    content = asset.get("content")
    if isinstance(content, Blob):
        media_type = attribute(asset, "type") or "application/octet-stream"
        yield asset["asset"], _object(content, str(media_type), asset["created_at"])


def _object(content: Blob, media_type: str, modified: str) -> dict[str, Any]:
    etag = hashlib.md5(content.data, usedforsecurity=False).hexdigest()
    return {"content": content, "type": media_type, "etag": f'"{etag}"', "modified": modified}


@handlers.operation("upload_object", body_limit=MAX_FORM)
def upload_object(call: Call) -> Reply:
    """Keep the bytes of a form under its key, if its policy allows that."""
    fields, data = _form(call)
    check_form(call, fields, len(data))
    made = _object(call.blobs.store(data), fields.get("content-type", ""), call.now.isoformat())
    call.transaction.put("objects", fields["key"], made)
    return Reply(None, 204, {"ETag": made["etag"], "Location": location(call, fields["key"])})


def _form(call: Call) -> tuple[dict[str, str], bytes]:
    """The fields in front of the file, their names in lower case, and its bytes."""
    content_type = call.request.content_type
    if not content_type.lower().startswith("multipart/form-data"):
        message = "Bucket POST must be of the enclosure-type multipart/form-data"
        raise StoreRefusal(415, "PreconditionFailed", message)
    try:
        parts = read_parts(boundary_of(content_type), call.request.body)
    except ApiError as error:
        raise StoreRefusal(400, "MalformedPOSTRequest", error.detail) from None
    fields: dict[str, str] = {}
    for part in parts:
        name = part.name.lower()
        if name == "file":
            return _with_name(fields, part), part.data
        fields[name] = part.data.decode(errors="replace")
    message = "POST requires exactly one file upload per request."
    raise StoreRefusal(400, "InvalidArgument", message)


def _with_name(fields: dict[str, str], file: Part) -> dict[str, str]:
    """``${filename}`` in a key stands for the name that the client gives the file."""
    key = fields.get("key")
    return fields if key is None else {**fields, "key": key.replace("${filename}", file.filename)}


@handlers.operation("download_user_object")
def download_user_object(call: Call) -> Reply:
    """The bytes of a user's asset."""
    return _download(call, call.path["key"])


@handlers.operation("download_workspace_object")
def download_workspace_object(call: Call) -> Reply:
    """The bytes of a workspace's asset."""
    return _download(call, f"{call.path['workspace']}/{call.path['key']}")


def _download(call: Call, key: str) -> Reply:
    check_address(call)
    record = call.transaction.get("objects", key)
    if record is None:
        raise StoreRefusal(404, "NoSuchKey", "The specified key does not exist.")
    reply = conditional(call.request, _whole(call, record.value))
    if reply.status == HTTPStatus.PRECONDITION_FAILED:
        message = "At least one of the pre-conditions you specified did not hold"
        raise StoreRefusal(412, "PreconditionFailed", message)
    if reply.status == HTTPStatus.REQUESTED_RANGE_NOT_SATISFIABLE:
        message = "The requested range is not satisfiable"
        raise StoreRefusal(416, "InvalidRange", message, headers=reply.headers)
    return reply


def _whole(call: Call, found: Mapping[str, Any]) -> Reply:
    modified = datetime.fromisoformat(found["modified"]).astimezone(UTC)
    headers = {"ETag": found["etag"], "Last-Modified": http_date(modified)}
    shown = call.query.get("response-content-disposition")
    if shown:
        headers["Content-Disposition"] = shown[0]
    return Reply(found["content"], 200, headers, found["type"])
