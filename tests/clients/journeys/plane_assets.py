"""What users of plane-sdk do with its AssetsApi, in chapters.

Called with a base URL and a folder of fixtures; each chapter has a sandbox of its own. Prints
for each chapter null or why it failed, the operations there are, and those called.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import chapters
import plane
import urllib3
from chapters import Recorded, header, operations, same, tell
from expected import read_fixtures
from pictures import png
from plane import exceptions

U1 = "plane_api_11111111111111111111111111111111"
U2 = "plane_api_22222222222222222222222222222222"
INACTIVE = "plane_api_33333333333333333333333333333333"
NOWHERE = "00000000-0000-4000-8000-00000000dead"
PROJECT = "cccccccc-0000-4000-8000-00000000000c"
NOTES = b"Notes of a journey.\r\n--\r\n\0\xff"
FACE = png((230, 180, 140))

KINDS = {
    400: exceptions.BadRequestException,
    401: exceptions.UnauthorizedException,
    403: exceptions.ForbiddenException,
    404: exceptions.NotFoundException,
    # Earlier versions have no class for it.
    409: getattr(exceptions, "ConflictException", exceptions.ApiException),
}

Fixture = dict[str, Any]


@dataclass(frozen=True)
class World:
    """One chapter's sandbox, and what is in it at first."""

    host: str
    called: set[str]
    fixtures: dict[str, Fixture]

    def assets(self, key: str | None, **more: Any) -> Any:
        """The AssetsApi of whoever has that key."""
        given = {} if key is None else {"ApiKeyAuthentication": key}
        configuration = plane.Configuration(host=self.host, api_key=given, **more)
        return Recorded(plane.AssetsApi(plane.ApiClient(configuration)), self.called)

    def static(self, made: dict[str, Any], **how: Any) -> Any:
        """The answer at the address that stays."""
        return STORE.request("GET", self.host + made["asset_url"], **how)


STORE = urllib3.PoolManager()
"""What fetches and stores bytes: no business of the client's."""


def refused(status: int, body: Any, called: Callable[..., Any], **given: Any) -> None:
    """Fail unless a call is refused with the client's own exception and the server's words."""
    error = chapters.refused(KINDS[status], status, called, **given)
    same(json.loads(error.body), body)


def missing(body: str) -> dict[str, str]:
    return {"error": body}


def request(assets: Any, slug: str = "acme", **more: Any) -> dict[str, Any]:
    """Ask for a workspace's upload; where it goes is read from the raw answer."""
    wanted = {"name": "notes.txt", "type": "text/plain", "size": len(NOTES), **more}
    told = assets.create_generic_asset_upload_with_http_info(
        slug=slug, generic_asset_upload_request=plane.GenericAssetUploadRequest(**wanted)
    )
    same((told.status_code, told.data), (200, None))
    return json.loads(told.raw_data)


def request_own(assets: Any, **more: Any) -> dict[str, Any]:
    """Ask for an upload of one's own picture."""
    wanted = {"name": "face.png", "type": "image/png", "size": len(FACE)}
    wanted |= {"entity_type": "USER_AVATAR", **more}
    told = assets.create_user_asset_upload_with_http_info(
        user_asset_upload_request=plane.UserAssetUploadRequest(**wanted)
    )
    same((told.status_code, told.data), (200, None))
    return json.loads(told.raw_data)


def store(made: dict[str, Any], data: bytes, media_type: str) -> Any:
    """Post bytes where an answer says: its fields first, the file last."""
    upload = made["upload_data"]
    fields = [*upload["fields"].items(), ("file", ("a file", data, media_type))]
    return STORE.request("POST", upload["url"], fields=fields)


def confirm(assets: Any, made: dict[str, Any], is_uploaded: bool = True) -> None:
    """Say whether a workspace's asset is uploaded."""
    said = plane.PatchedGenericAssetUpdateRequest(is_uploaded=is_uploaded)
    told = assets.update_generic_asset_with_http_info(
        asset_id=made["asset_id"], slug="acme", patched_generic_asset_update_request=said
    )
    same((told.status_code, told.data, len(told.raw_data)), (204, None, 0))


def seen(assets: Any, key: str, slug: str = "acme") -> dict[str, Any]:
    """What is told of a workspace's asset."""
    told = assets.get_generic_asset_with_http_info(asset_id=key, slug=slug)
    same((told.status_code, told.data), (200, None))
    return json.loads(told.raw_data)


def uploading(world: World, assets: Any) -> None:
    """A file goes to a workspace by the presigned form and comes back byte for byte."""
    made = request(assets, project_id=PROJECT)
    key, upload = made["asset_id"], made["upload_data"]
    same(upload["url"], f"{world.host}/uploads")
    same(list(upload["fields"])[:2], ["Content-Type", "key"])
    assert upload["fields"]["key"].endswith("-notes.txt"), upload
    assert f"/workspaces/acme/projects/{PROJECT}/" in made["asset_url"], made
    unconfirmed = {"asset_id": key, "slug": "acme"}
    refused(400, missing("Asset not yet uploaded"), assets.get_generic_asset, **unconfirmed)

    stored = store(made, NOTES, "text/plain")
    same((stored.status, stored.data), (204, b""))
    refused(400, missing("Asset not yet uploaded"), assets.get_generic_asset, **unconfirmed)
    confirm(assets, made)
    read = seen(assets, key)
    same((read["asset_id"], read["asset_name"]), (key, "notes.txt"))
    same(read["asset_type"], "text/plain")
    got = STORE.request("GET", read["asset_url"])
    same((got.status, got.data, got.headers["content-type"]), (200, NOTES, "text/plain"))
    same(got.headers["content-disposition"], "inline; filename*=UTF-8''notes.txt")

    confirm(assets, made, is_uploaded=False)
    refused(400, missing("Asset not yet uploaded"), assets.get_generic_asset, **unconfirmed)


def names(world: World, assets: Any) -> None:
    """Any name comes back, and so do the bytes, wherever its path has to be escaped."""
    for name in ("Über die Bucht 100%.txt", "a'b\"c;d+e&f#g?.txt", "京都.txt", "../../x.txt"):
        made = request(assets, name=name)
        same(store(made, NOTES, "text/plain").status, 204)
        confirm(assets, made)
        read = seen(assets, made["asset_id"])
        same(read["asset_name"], name.rpartition("/")[2])
        same(STORE.request("GET", read["asset_url"]).data, NOTES)


def storing(world: World, assets: Any) -> None:
    """The store takes what the form allows and nothing else."""
    made = request(assets)
    key = made["asset_id"]
    same(store(made, NOTES + b"!", "text/plain").status, 400)
    same(store(made, b"", "text/plain").status, 400)
    for field, value in (("Content-Type", "text/html"), ("key", "another"), ("policy", "e30=")):
        fields = {**made["upload_data"]["fields"], field: value}
        changed = {"upload_data": {**made["upload_data"], "fields": fields}}
        same(store(changed, NOTES, "text/plain").status, 403)
    confirm(assets, made)
    address = seen(assets, key)["asset_url"]
    same(STORE.request("GET", address).status, 404)
    same(store(made, NOTES, "text/plain").status, 204)
    same(STORE.request("GET", address).data, NOTES)
    same(STORE.request("GET", address.partition("?")[0]).status, 403)
    same(STORE.request("GET", address[:-1] + ("1" if address[-1] == "0" else "0")).status, 403)


def known_assets(world: World, assets: Any) -> None:
    """What a mock begins with is downloaded with the bytes of its files."""
    uploaded = [one for one in world.fixtures.values() if one["is_uploaded"]]
    for slug, prefix in (("acme", "aaaaaaaa"), ("globex", "bbbbbbbb")):
        there = [one for one in uploaded if (one["workspace"] or "").startswith(prefix)]
        assert there, f"nothing of {slug} among the fixtures"
        for one in there:
            read = seen(assets, one["id"], slug)
            same(read["asset_name"], one["attributes"]["name"])
            same(read["asset_type"], one["attributes"]["type"])
            same(STORE.request("GET", read["asset_url"]).data, bytes(one["content"]))
    [own] = [one for one in uploaded if one["user"]]
    found = world.static({"asset_url": f"/api/assets/v2/static/{own['id']}/"})
    same((found.status, found.data), (200, bytes(own["content"])))


def own_pictures(world: World, assets: Any) -> None:
    """A user's picture is uploaded, confirmed, shown at an address that stays, and deleted."""
    made = request_own(assets)
    key = made["asset_id"]
    same(made["asset_url"], f"/api/assets/v2/static/{key}/")
    same(store(made, FACE, "image/png").status, 204)
    same(world.static(made).status, 404)
    told = assets.update_user_asset_with_http_info(asset_id=key)
    same((told.status_code, told.data, len(told.raw_data)), (204, None, 0))
    moved = world.static(made, redirect=False)
    same(moved.status, 302)
    assert moved.headers["location"].startswith(f"{world.host}/uploads/"), moved.headers
    shown = world.static(made)
    same((shown.status, shown.data, shown.headers["content-type"]), (200, FACE, "image/png"))
    attributes = plane.PatchedAssetUpdateRequest(attributes={"crop": [0, 0, 24, 24]})
    changed = assets.update_user_asset(asset_id=key, patched_asset_update_request=attributes)
    same(changed, None)

    gone = missing("The requested resource does not exist.")
    stranger = world.assets(U2)
    refused(404, gone, stranger.update_user_asset, asset_id=key)
    refused(404, gone, stranger.delete_user_asset, asset_id=key)
    same(world.static(made).data, FACE)
    told = assets.delete_user_asset_with_http_info(asset_id=key)
    same((told.status_code, told.data, len(told.raw_data)), (204, None, 0))
    refused(404, gone, assets.delete_user_asset, asset_id=key)
    refused(404, gone, assets.update_user_asset, asset_id=key)
    same(world.static(made).status, 404)


def workspaces(world: World, assets: Any) -> None:
    """Whoever has a key finds the assets of a workspace, and only under its own slug."""
    made = request(assets)
    key = made["asset_id"]
    confirm(world.assets(U2), made)
    same(seen(world.assets(U2), key)["asset_id"], key)
    elsewhere = {"asset_id": key, "slug": "globex"}
    refused(404, missing("Asset not found"), assets.get_generic_asset, **elsewhere)
    refused(404, missing("Asset not found"), assets.update_generic_asset, **elsewhere)
    nowhere = {"asset_id": key, "slug": "initech"}
    refused(404, missing("Workspace not found"), assets.get_generic_asset, **nowhere)
    refused(404, missing("Asset not found"), assets.update_generic_asset, **nowhere)
    own = request_own(assets)["asset_id"]
    refused(404, missing("Asset not found"), assets.get_generic_asset, asset_id=own, slug="acme")


def external_ids(world: World, assets: Any) -> None:
    """What came from the same place is not taken twice by a workspace."""
    origin = {"external_id": "INV-7", "external_source": "billing"}
    made = request(assets, **origin)
    asked = {**origin, "name": "again.txt", "type": "text/plain", "size": 1}
    wanted = plane.GenericAssetUploadRequest(**asked)
    said = {
        "message": "Asset with same external id and source already exists",
        "asset_id": made["asset_id"],
        "asset_url": made["asset_url"],
    }
    again = {"slug": "acme", "generic_asset_upload_request": wanted}
    refused(409, said, assets.create_generic_asset_upload, **again)
    refused(409, said, world.assets(U2).create_generic_asset_upload, **again)
    assert request(assets, "globex", **origin)["asset_id"] != made["asset_id"]
    request(assets, **{**origin, "external_source": "crm"})
    request(assets, external_id="INV-7")
    request(assets, external_id="INV-7")


def plain_calls(world: World, assets: Any) -> None:
    """Every operation gives None, as this client has it, and does what it should."""
    wanted = {"name": "face.png", "size": 3, "entity_type": "USER_COVER"}
    asked = plane.UserAssetUploadRequest(**wanted)
    same(assets.create_user_asset_upload(user_asset_upload_request=asked), None)
    wanted = {"name": "notes.txt", "type": "text/plain", "size": 3}
    asked = plane.GenericAssetUploadRequest(**wanted)
    created = assets.create_generic_asset_upload(slug="acme", generic_asset_upload_request=asked)
    same(created, None)
    key = next(key for key, one in world.fixtures.items() if one["external_id"] == "1042")
    said = plane.PatchedGenericAssetUpdateRequest()
    refused(
        400, missing("Asset not yet uploaded"), assets.get_generic_asset, asset_id=key, slug="acme"
    )
    updated = assets.update_generic_asset(
        asset_id=key, slug="acme", patched_generic_asset_update_request=said
    )
    same((updated, said.is_uploaded), (None, True))
    same(assets.get_generic_asset(asset_id=key, slug="acme"), None)
    own = request_own(assets)["asset_id"]
    same(assets.update_user_asset(asset_id=own), None)
    same(assets.delete_user_asset(asset_id=own), None)


def counting_down(world: World, assets: Any) -> None:
    """Each answer tells how many calls a key has left in this minute."""
    key = next(key for key, one in world.fixtures.items() if one["workspace"])
    left = []
    for _ in range(3):
        told = assets.update_generic_asset_with_http_info(asset_id=key, slug="acme")
        left.append(int(header(told, "x-ratelimit-remaining")))
        assert header(told, "x-ratelimit-reset").isdecimal()
    same(left, [59, 58, 57])
    told = world.assets(U2).update_generic_asset_with_http_info(asset_id=key, slug="acme")
    same(header(told, "x-ratelimit-remaining"), "59")


def refusals(world: World, assets: Any) -> None:
    """What the server does not take comes as the client's own exceptions."""
    asset = {"asset_id": NOWHERE, "slug": "acme"}
    said = {"detail": "Authentication credentials were not provided."}
    refused(401, said, world.assets(None).get_generic_asset, **asset)
    refused(401, said, world.assets(None, access_token=U1).get_generic_asset, **asset)
    said = {"detail": "Given API token is not valid"}
    for key in ("plane_api_0", INACTIVE, U1.upper()):
        refused(403, said, world.assets(key).get_generic_asset, **asset)
    both = world.assets(U1, access_token="nobody")
    refused(404, missing("Asset not found"), both.get_generic_asset, **asset)
    refused(404, missing("Asset not found"), assets.update_generic_asset, **asset)
    refused(404, missing("Page not found."), assets.get_generic_asset, asset_id="x", slug="acme")

    def created(status: int, body: Any, slug: str = "acme", **more: Any) -> None:
        wanted = {"name": "notes.txt", "type": "text/plain", "size": 9, **more}
        given = {"generic_asset_upload_request": plane.GenericAssetUploadRequest(**wanted)}
        refused(status, body, assets.create_generic_asset_upload, slug=slug, **given)

    created(404, missing("The requested resource does not exist."), "initech")
    created(400, {"error": "Invalid file type.", "status": False}, type="text/x-nothing")
    created(400, {"error": "Invalid file type.", "status": False}, type=None)
    created(400, {"error": "Name and size are required fields.", "status": False}, size=0)
    created(400, missing("Please provide valid detail"), project_id="Web shop")
    created(400, missing("The payload is not valid"), project_id=NOWHERE)


Chapter = Callable[[World, Any], None]

CHAPTERS: tuple[Chapter, ...] = (
    uploading,
    names,
    storing,
    known_assets,
    own_pictures,
    workspaces,
    external_ids,
    plain_calls,
    counting_down,
    refusals,
)


def main(host: str, folder: str) -> None:
    """Go through all chapters and print where they led."""
    fixtures = {one["id"]: one for one in read_fixtures(Path(folder))["assets"]}
    called: set[str] = set()

    def go(chapter: Chapter) -> None:
        world = World(f"{host}-{chapter.__name__}", called, fixtures)
        chapter(world, world.assets(U1))

    tell(CHAPTERS, go, called, operations(plane.AssetsApi))


if __name__ == "__main__":
    main(*sys.argv[1:])
