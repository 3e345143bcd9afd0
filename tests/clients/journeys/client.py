"""One face for all versions of the generated client: what differs between them is the names."""

from __future__ import annotations

import importlib
import re
from importlib.metadata import version
from typing import Any

import pieces_os_client
from chapters import Recorded, operations

VERSION = tuple(int(part) for part in version("pieces_os_client").split(".")[:3])

EXPORTED = VERSION < (4, 0, 0)
"""Whether the package itself offers every class; later ones are imported from their modules."""

SEARCH = "assets_search_assets" if VERSION < (2, 3, 0) else "search_assets"
"""What the method of GET /assets/search is called."""

NOT_SERVED = {"workstream_suggestions_stream"}
"""A method of 2.2.0 alone that has nothing to do with assets."""


def named(name: str, package: str) -> Any:
    """A class of the client, imported as that version's users import it."""
    if EXPORTED:
        return getattr(pieces_os_client, name)
    module = re.sub(r"(?<!^)(?=[A-Z])", "_", name).lower()
    return getattr(importlib.import_module(f"pieces_os_client.{package}{module}"), name)


ApiException = importlib.import_module("pieces_os_client.exceptions").ApiException


def model(name: str, value: dict[str, Any]) -> Any:
    """A model of the client, made of JSON by the client itself."""
    return named(name, "models.").from_dict(value)


def asset_operations() -> set[str]:
    """The operations of AssetsApi that are about assets."""
    return operations(named("AssetsApi", "api.")) - NOT_SERVED


class Client:
    """The API objects of the client at one base URL."""

    def __init__(self, host: str, called: set[str]) -> None:
        connection = named("ApiClient", "")(named("Configuration", "")(host=host))
        self.assets = Recorded(named("AssetsApi", "api.")(connection), called)
        self.asset = named("AssetApi", "api.")(connection)
        self.format = named("FormatApi", "api.")(connection)
        self.formats = named("FormatsApi", "api.")(connection)
        self.searches = named("SearchApi", "api.")(connection)
        self.connector = named("ConnectorApi", "api.")(connection)
        self.user = named("UserApi", "api.")(connection)
        self.models = named("ModelsApi", "api.")(connection)
        self.applications = named("ApplicationsApi", "api.")(connection)
        self.well_known = named("WellKnownApi", "api.")(connection)

    def search(self, **criteria: Any) -> Any:
        """GET /assets/search."""
        return getattr(self.assets, SEARCH)(**criteria)
