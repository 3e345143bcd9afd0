"""Files served: originals, small pictures, videos to play."""

from __future__ import annotations

import posixpath
from urllib.parse import parse_qsl, quote, urlencode

from mockserver.apis.immich import file_types, requests
from mockserver.apis.immich.dates import instant
from mockserver.apis.immich.parts import strictly
from mockserver.apis.immich.pictures import smaller
from mockserver.apis.immich.records import Asset, accessible
from mockserver.apis.immich.registry import Refusal, handlers
from mockserver.engine.handlers import Call, Reply
from mockserver.engine.ranges import conditional, http_date
from mockserver.state.blobs import Blob
from mockserver.state.store import Record

_CACHED = "private, max-age=86400, no-transform"
_UNCACHED = "none"


@handlers.operation("download_asset")
def download_asset(call: Call) -> Reply:
    """The file as it was uploaded."""
    asset = _readable(call, "download").value
    return _served(call, asset, asset["file"], file_types.media_type(asset["originalFileName"]))


@handlers.operation("play_asset_video")
def play_asset_video(call: Call) -> Reply:
    """A video."""
    asset = _readable(call, "view").value
    if asset["type"] != "VIDEO":
        raise _uncached(Refusal(400, "Asset is not a video"))
    return _served(call, asset, asset["file"], file_types.media_type(asset["originalFileName"]))


@handlers.operation("view_asset", slow=True)
def view_asset(call: Call) -> Reply:
    """A small picture of an asset, or where the picture asked for is."""
    asked = requests.checked(requests.VIEW, requests.asked(call.query))
    size = asked.get("size", "thumbnail")
    requests.checked(requests.ASSET_ID, call.path)
    [found] = accessible(call, [call.path["id"]], "view")
    if size == "fullsize":
        return _elsewhere(call, found.value)
    return _small(call, found.value, size)


def _readable(call: Call, right: str) -> Record:
    requests.checked(requests.ASSET_ID, call.path)
    try:
        [found] = accessible(call, [call.path["id"]], right)
    except Refusal as refusal:
        raise _uncached(refusal) from None
    return found


def _uncached(refusal: Refusal) -> Refusal:
    refusal.headers["Cache-Control"] = _UNCACHED
    return refusal


def _elsewhere(call: Call, asset: Asset) -> Reply:
    """Full size is the original where browsers show it, otherwise the preview."""
    asked = call.request.query.decode("latin-1").partition("?")[0]
    query = parse_qsl(asked, keep_blank_values=True)
    rest = [(name, value) for name, value in query if name != "size"]
    if file_types.extension(asset["originalFileName"]) in file_types.SHOWN_BY_BROWSERS:
        location = "original?" + _written(rest)
    else:
        replaced = [(n, "preview" if n == "size" else v) for n, v in query]
        location = f"{call.request.target}?" + _written(replaced)
    return Reply(f"Found. Redirecting to {location}", 302, {"Location": location}, "text/plain")


def _written(query: list[tuple[str, str]]) -> str:
    """A query as browsers write it (URL Standard, application/x-www-form-urlencoded)."""
    return urlencode(query, safe="*").replace("~", "%7E")


def _small(call: Call, asset: Asset, size: str) -> Reply:
    source = _picture(asset)
    made = smaller(source, size) if source is not None else None
    if made is None:
        raise Refusal(404, "Asset media not found")
    ext, media_type = (".webp", "image/webp") if size == "thumbnail" else (".jpeg", "image/jpeg")
    stem = posixpath.splitext(asset["originalFileName"])[0]
    name = quote(f"{stem}_{size}{ext}", safe="!'()*-._~")
    disposition = f"inline; filename*=UTF-8''{name}"
    return _served(call, asset, Blob("", made), media_type, disposition)


def _picture(asset: Asset) -> Blob | None:
    """What small pictures of an asset are made of; a video has one only if it came with it."""
    preview: Blob | None = asset.get("preview")
    return preview or (asset["file"] if asset["type"] == "IMAGE" else None)


def _served(
    call: Call, asset: Asset, file: Blob, media_type: str, disposition: str | None = None
) -> Reply:
    modified = instant(asset["fileModifiedAt"]) or call.now
    tag = f'W/"{len(file):x}-{int(modified.timestamp() * 1000):x}"'
    named = {"Content-Disposition": disposition} if disposition else {}
    headers = {
        "Cache-Control": _CACHED,
        **named,
        "Accept-Ranges": "bytes",
        "Last-Modified": http_date(modified),
        "ETag": tag,
    }
    request = strictly(call.request, tag, len(file))
    return conditional(request, Reply(file, 200, headers, media_type))
