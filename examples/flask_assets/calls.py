"""What a handler gets and gives."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from examples.flask_assets.errors import gone, unknown
from examples.flask_assets.faults import on
from examples.flask_assets.storage import Asset, Session, Store

JSON = "application/json"
TEXT = "text/plain; charset=utf-8"


@dataclass(frozen=True)
class Call:
    """A judged request."""

    store: Store
    values: dict[str, Any]
    body: Any = None
    cache: dict[Any, Any] = field(default_factory=dict)

    @property
    def contents(self) -> bool:
        """Whether the answer shall have the contents of formats."""
        return bool(self.values.get("transferables", self.values.get("transferable", True)))

    def cached(self, fault: str, key: Any, make: Callable[[], Any]) -> Any:
        """What ``make`` makes; with that fault, what it made when first asked for the key."""
        if not on(fault):
            return make()
        return self.cache.setdefault((fault, key), make())


@dataclass(frozen=True)
class Answer:
    """A success."""

    body: Any
    media_type: str = JSON
    status: int = 200


Handler = Callable[[Call], Answer]
HANDLERS: dict[str, Handler] = {}


def handles(*operations: str) -> Callable[[Handler], Handler]:
    """Register a handler for operations of the description."""

    def register(handler: Handler) -> Handler:
        HANDLERS.update(dict.fromkeys(operations, handler))
        return handler

    return register


def find(session: Session, key: str) -> Asset:
    """A live asset; raises 404 or 410."""
    asset = session.asset(key)
    if asset is None or (asset.deleted and on("gone_as_404")):
        raise unknown("asset", key)
    if asset.deleted:
        raise gone("asset", key)
    return asset


def visible(assets: list[Asset], pseudo: Any) -> list[Asset]:
    """Those that a list shows: pseudo assets only when asked for."""
    return [asset for asset in assets if pseudo or not asset.pseudo]
