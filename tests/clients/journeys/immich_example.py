"""The example that the documentation of immich_python_sdk gives for upload_asset.

Called with a base URL and, as a JSON object, the credentials of the example's three ways that are
set. Only what the example leaves to its reader is filled in: which file, which visibility, and
neither a shared link nor a live photo. Prints what came of it.
"""

from __future__ import annotations

import json
import sys
from typing import Any

import immich_python_sdk
from immich_python_sdk.rest import ApiException
from pictures import png

SUNSET = png((200, 60, 30))


def upload(assets: Any) -> Any:
    """Upload as the example does: bytes without a name, and True."""
    return assets.upload_asset(
        SUNSET,
        "device_asset_id_example",
        "device_id_example",
        "2013-10-20T19:20:30+01:00",
        "2013-10-20T19:20:30+01:00",
        x_immich_checksum="x_immich_checksum_example",
        duration="duration_example",
        is_favorite=True,
        visibility=immich_python_sdk.AssetVisibility.TIMELINE,
    )


def main(host: str, given: str) -> None:
    """Set the credentials, upload, and look at what was made."""
    credentials = json.loads(given)
    configuration = immich_python_sdk.Configuration(
        host=host, access_token=credentials.pop("bearer", None)
    )
    configuration.api_key.update(credentials)
    with immich_python_sdk.ApiClient(configuration) as connection:
        assets = immich_python_sdk.AssetsApi(connection)
        try:
            made = upload(assets)
        except ApiException as error:
            told = {"status": error.status, "message": json.loads(error.body)["message"]}
        else:
            asset = assets.get_asset_info(made.id)
            told = {
                "status": made.status.value,
                "favourite": asset.is_favorite,
                "same": assets.download_asset(made.id) == SUNSET,
            }
    sys.stdout.write(json.dumps(told))


if __name__ == "__main__":
    main(*sys.argv[1:])
