"""Schemathesis hooks: what a client of Immich knows, ids of its assets and files that it can read.

Requests that are meant to be right get ids from the fixtures; those that are meant to be wrong
stay as they were generated.
"""

from __future__ import annotations

import re
from typing import Any

import schemathesis

PICTURES = (
    "5cf14f77-bc59-4344-8ebd-5ff4dd696992",
    "a4d630f4-6990-44e5-87a3-1905a175db74",
    "2dc54dd4-df2f-41a4-a68d-f5902e77ae21",
)
REPLACED = ("9e56702f-259f-40ab-bea2-2681776f7087", "20445316-58ed-4bf6-9338-3147bae83d97")
VIDEO = "9864f9b0-d7f4-4858-8d09-f4316072234a"

_UUID = re.compile(r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")
_OF_VIDEOS = "play_asset_video"
_OF_FILES = ("upload_asset", "replace_asset")
_settled: set[str] = set()


def known(operation: str, given: Any) -> str:
    """An id that the operation may be asked for, the same one for the same generated id."""
    if operation == _OF_VIDEOS:
        return VIDEO
    choices = REPLACED if operation == "replace_asset" else PICTURES
    return choices[len(re.sub(r"\D", "", str(given))) % len(choices)]


@schemathesis.hook
def filter_failure(context: Any, failure: Any, case: Any, response: Any) -> bool:
    """Whether a failure is one.

    A form that holds a file counts as wrong once anything in it was put there by a step or a
    hook, because the file's bytes are no text. Such a form was meant to be right.
    """
    operation = case.operation.definition.raw["operationId"]
    if operation not in _OF_FILES or type(failure).__name__ != "AcceptedNegativeData":
        return True
    return not _meant_to_be_right(case)


def _meant_to_be_right(case: Any) -> bool:
    return case.id in _settled or case.meta.phase.data.description == "Positive test case"


@schemathesis.hook
def before_call(context: Any, case: Any, kwargs: Any) -> None:
    """Put known ids into a request that is meant to be right."""
    if case.meta is None or not case.meta.generation.mode.is_positive:
        return
    _settled.add(case.id)
    operation = case.operation.definition.raw["operationId"]
    if case.path_parameters and _UUID.fullmatch(str(case.path_parameters.get("id"))):
        case.path_parameters["id"] = known(operation, case.path_parameters["id"])
    if case.headers and "Range" in case.headers:
        case.headers["Range"] = "bytes=0-"
    if isinstance(case.body, dict):
        settle(operation, case.body)


def settle(operation: str, body: dict[str, Any]) -> None:
    """Put known ids into a body."""
    for name in ("ids", "assetIds"):
        if isinstance(body.get(name), list):
            body[name] = [known(operation, given) for given in body[name]]
    if body.get("livePhotoVideoId"):
        body["livePhotoVideoId"] = VIDEO
    # What is removed by force is not there for the next request.
    body.pop("force", None)
