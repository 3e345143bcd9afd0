"""The API object of immich_python_sdk as somebody in a sandbox, and what is seen through it."""

from __future__ import annotations

import json
from base64 import b64encode
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import sha1
from typing import Any

import chapters
import immich_python_sdk
from chapters import Recorded, same
from immich_python_sdk import exceptions
from immich_python_sdk.models import UpdateAssetDto
from pictures import png

NOWHERE = "00000000-0000-4000-8000-000000000000"
MADE = datetime(2025, 1, 2, 3, 4, 5, tzinfo=UTC)
SUNRISE = png((255, 160, 60))
NOON = png((90, 170, 255))

Credentials = dict[str, Any]

BEARER: Credentials = {"access_token": "session-demo"}
API_KEY: Credentials = {"api_key": {"api_key": "key-demo"}}
COOKIE: Credentials = {"api_key": {"cookie": "immich_access_token=session-demo"}}
ELEVATED: Credentials = {"access_token": "elevated-demo"}
OTHER: Credentials = {"access_token": "session-user1"}

KINDS = {
    400: exceptions.BadRequestException,
    401: exceptions.UnauthorizedException,
    403: exceptions.ForbiddenException,
    404: exceptions.NotFoundException,
}

Fixture = dict[str, Any]


@dataclass(frozen=True)
class World:
    """One chapter's sandbox, and what is in it at first."""

    host: str
    called: set[str]
    fixtures: list[Fixture]

    def assets(self, credentials: Credentials) -> Any:
        """The AssetsApi of somebody."""
        configuration = immich_python_sdk.Configuration(host=self.host, **credentials)
        connection = immich_python_sdk.ApiClient(configuration)
        return Recorded(immich_python_sdk.AssetsApi(connection), self.called)

    def named(self, name: str) -> Fixture:
        """The asset of the fixtures whose file has that name."""
        return next(one for one in self.fixtures if one["originalFileName"] == name)

    def where(self, **wanted: Any) -> list[Fixture]:
        """The assets of the fixtures that have these values."""
        return [
            one
            for one in self.fixtures
            if all(one.get(name) == value for name, value in wanted.items())
        ]


def refused(status: int, message: Any, called: Callable[..., Any], **given: Any) -> None:
    """Fail unless a call is refused with the client's own exception and the server's words."""
    error = chapters.refused(KINDS[status], status, called, **given)
    body = json.loads(error.body)
    same((body["message"], body["statusCode"]), (message, status))
    same(body["correlationId"], error.headers["x-immich-cid"])


def unseen(right: str) -> str:
    """What is said of assets that are not there, or somebody else's."""
    return f"Not found or no asset.{right} access"


def bytes_of(one: Fixture) -> bytes:
    return bytes(one["file"])


def checksum(data: bytes) -> str:
    return b64encode(sha1(data, usedforsecurity=False).digest()).decode()


def is_video(one: Fixture) -> bool:
    return bool(one["originalFileName"].endswith(".mp4"))


def counts(found: Any) -> tuple[int, int, int]:
    return (found.images, found.videos, found.total)


def counted(some: list[Fixture]) -> tuple[int, int, int]:
    videos = sum(map(is_video, some))
    return (len(some) - videos, videos, len(some))


def upload(assets: Any, data: bytes = SUNRISE, name: str = "sunrise.png", **more: Any) -> Any:
    """Upload a file as a phone does."""
    return assets.upload_asset(**form(data, name, **more))


def form(data: bytes = SUNRISE, name: str = "sunrise.png", **more: Any) -> dict[str, Any]:
    """What is sent with a file."""
    named = {"device_asset_id": f"{name}-{len(data)}", "device_id": "phone"}
    dates = {"file_created_at": MADE, "file_modified_at": MADE}
    return {"asset_data": (name, data), **named, **dates, **more}


def update(assets: Any, key: str, **changes: Any) -> Any:
    return assets.update_asset(id=key, update_asset_dto=UpdateAssetDto(**changes))
