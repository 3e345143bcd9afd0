"""A server that keeps ``shop.yaml`` as services do: it begins empty, and has rules of its own."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs

DESCRIPTION = str(Path(__file__).parent / "shop.yaml")


class Refused(Exception):
    """An answer with that status, described or not."""


class Shop:
    """A WSGI application. ``fault`` is what it gets wrong, ``stock`` how many customers it has.

    Orders go with their customer, and are for customers that are there; an order is cancelled
    once; what is no JSON is refused with 400, other media types with 415, which nobody describes.
    """

    def __init__(self, fault: str = "", stock: int = 0) -> None:
        self.fault = fault
        self._stock = stock
        self.reset()

    def reset(self) -> None:
        """Begin again."""
        self.customers: dict[int, Any] = {}
        self.orders: dict[int, Any] = {}
        self._last = {"customers": 0, "orders": 0}
        for number in range(self._stock):
            self._add("customers", {"name": f"stock {number}", "active": True})

    def _add(self, kind: str, value: Any) -> Any:
        self._last[kind] += 1
        made = {"id": self._last[kind], **value}
        getattr(self, kind)[made["id"]] = made
        return made

    def __call__(self, environ: dict[str, Any], start: Callable[..., Any]) -> Iterable[bytes]:
        """Answer a request."""
        try:
            status, value = self._answer(environ)
        except Refused as error:
            status, value = error.args[0], None
        data = b"" if value is None else json.dumps(value).encode()
        start(f"{status} x", [("Content-Type", "application/json")] if data else [])
        return [data]

    def _answer(self, environ: dict[str, Any]) -> tuple[int, Any]:  # noqa: PLR0911 - a table
        method, parts = environ["REQUEST_METHOD"], environ["PATH_INFO"].strip("/").split("/")
        match (method, parts):
            case ("GET", ["customers"]):
                return 200, self._listed(parse_qs(environ["QUERY_STRING"], keep_blank_values=True))
            case ("GET", ["orders"]):
                return 200, list(self.orders.values())
            case ("POST", ["customers"]):
                return 201, self._new_customer(_body(environ))
            case ("POST", ["orders"]):
                return 201, self._new_order(_body(environ))
            case ("DELETE", ["customers", key]):
                gone = _of(self.customers, key)["id"]
                if self.fault != "a removal is lost":
                    del self.customers[gone]
                self.orders = {k: o for k, o in self.orders.items() if o["customer_id"] != gone}
                return 204, None
            case ("GET", ["orders", key]):
                return 200, _of(self.orders, key)
            case ("POST", ["orders", key, "cancel"]):
                return 200, self._cancel(_of(self.orders, key))
            case (
                _,
                ["customers"]
                | ["orders"]
                | ["customers", _]
                | ["orders", _]
                | ["orders", _, "cancel"],
            ):
                raise Refused(405)
        raise Refused(404)

    def _listed(self, query: dict[str, list[str]]) -> list[Any]:
        limit, active = query.get("limit", ["50"])[-1], query.get("active", [""])[-1]
        if not limit.isdecimal() or not 1 <= int(limit) <= 50 or active not in {"", *TRUTHS}:
            raise Refused(400)
        wanted = TRUTHS.get(active) if self.fault != "filter is ignored" else None
        found = [c for c in self.customers.values() if wanted in {None, c["active"]}]
        return found[: int(limit)]

    def _new_customer(self, body: Any) -> Any:
        name, active = body.get("name"), body.get("active", True)
        if not isinstance(name, str) or not name or not isinstance(active, bool):
            raise Refused(422)
        return self._add("customers", {"name": name, "active": active})

    def _new_order(self, body: Any) -> Any:
        customer, told = body.get("customer_id"), body.get("quantities")
        if not _is_integer(customer) or int(customer) not in self.customers:
            raise Refused(422)
        if not isinstance(told, list) or not told:
            raise Refused(422)
        if not all(_is_integer(each) and 1 <= each <= 9 for each in told):
            raise Refused(422)
        value = {"customer_id": customer, "quantities": told, "status": "open", "total": sum(told)}
        return self._add("orders", value)

    def _cancel(self, order: Any) -> Any:
        if order["status"] == "cancelled":
            raise Refused(409)
        order["status"] = "cancelled"
        return order


TRUTHS = {"true": True, "false": False}


def _is_integer(value: Any) -> bool:
    whole = isinstance(value, int) or (isinstance(value, float) and value.is_integer())
    return whole and not isinstance(value, bool)


def _of(records: dict[int, Any], key: str) -> Any:
    if not key.isdecimal() or int(key) < 1:
        raise Refused(422)
    if int(key) not in records:
        raise Refused(404)
    return records[int(key)]


def _body(environ: dict[str, Any]) -> Any:
    if not environ.get("CONTENT_TYPE", "").lower().startswith("application/json"):
        raise Refused(415)
    try:
        value = json.loads(environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0)))
    except ValueError:
        raise Refused(400) from None
    if not isinstance(value, dict):
        raise Refused(422)
    return value
