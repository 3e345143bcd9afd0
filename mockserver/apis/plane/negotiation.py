"""Which media types are taken and given, as Django REST framework finds out."""

from __future__ import annotations

from mockserver.apis.plane.errors import Refusal
from mockserver.engine.media import decode_query
from mockserver.engine.request import Request

JSON = "application/json"


def covers(asked: str, media_type: str) -> bool:
    """Whether a media range, or a media type with parameters, means ``media_type``.

    Parameters do not matter, a quality of 0 neither; a lone ``*`` is no range.
    """
    kind, _, specific = asked.partition(";")[0].strip().lower().partition("/")
    own_kind, _, own_specific = media_type.partition("/")
    return kind in (own_kind, "*") and specific in (own_specific, "*")


def check_wanted(request: Request) -> None:
    """Refuse a request that wants anything but JSON.

    ``?format=`` is looked at first: 404 for another one, 406 for ``Accept``.
    """
    given = decode_query(request.query, lenient=True).get("format", [""]) if request.query else [""]
    if given[-1] not in ("", "json"):
        raise Refusal(404, {"detail": "Not found."})
    accept = request.header("accept")
    if accept is not None and not any(covers(asked, JSON) for asked in accept.split(",")):
        raise Refusal(406, {"detail": "Could not satisfy the request Accept header."})
