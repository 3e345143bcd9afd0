"""Lists of records: those that the parameters ask for, in their order, a page of them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from mockserver.engine.endpoint import PutOff
from mockserver.engine.handlers import Call, Reply
from mockserver.engine.inferred.acting import Acting
from mockserver.engine.inferred.answers import READ
from mockserver.engine.inferred.bodies import ListAnswer
from mockserver.engine.inferred.filtering import Filters
from mockserver.engine.inferred.locating import Locator
from mockserver.engine.inferred.paging import Page, Pager
from mockserver.engine.inferred.selecting import in_order, orders

LONG = 2_000
"""Records past which a list is walked in a thread of its own."""


class Listing:
    """What one operation lists."""

    def __init__(self, acting: Acting) -> None:
        self._world = acting.world
        self._operation = acting.operation
        self._role = acting.role
        self._locator: Locator = acting.locator
        self._answer = acting.answer(READ)
        self._shelf = ListAnswer(acting, self._answer)
        self._pager = Pager(
            acting.world, acting.operation, acting.role.queries, self._answer.envelope
        )
        self._filters = Filters(
            acting.world, acting.operation, acting.role, acting.locator.resource
        )

    def reply(self, call: Call) -> Reply:
        """The records that a call asks for."""
        size = len(call.transaction.collection(self._locator.resource.name).records)
        if size > LONG and not call.request.patient:
            raise PutOff(self._operation.id)
        self._locator.need_parents(call)
        page = self._page(call, size)
        if self._answer.is_empty or self._answer.envelope.form not in ("list", "map"):
            return self._answer.reply(call, self._other(call), self._headers(call, page))
        body = self._shelf.body(page.records)
        return self._answer.reply(
            call, self._pager.told(call, body, page), self._headers(call, page)
        )

    def _other(self, call: Call) -> Any:
        if self._answer.is_empty:
            return None
        return self._answer.makes(self._answer.envelope.schema, (self._operation.id,))

    def _headers(self, call: Call, page: Page) -> dict[str, Any]:
        if not self._answer.has_headers:
            return {}
        total = dict.fromkeys(("x-total-count", "x-total", "total-count", "x-total-records",
                               "x-count", "x-result-count"), page.total)  # fmt: skip
        counted = {"x-page": page.number, "x-per-page": page.limit, "x-total-pages": page.pages}
        return {**total, **counted, "link": self._pager.links(call, page)}

    def _page(self, call: Call, size: int) -> Page:
        by, falls = self._order(call)
        if self._locator.shows_all and not (by or falls or self._filters.asks(call)):
            known = call.transaction.records(self._locator.resource.name)
            page = self._pager.first_of(call, known, size)
            if page is not None:
                return page
        records = self._filters.chosen(call, self._locator.records(call))
        records = in_order(records, by) if by else records
        return self._pager.page(call, records[::-1] if falls else records)

    def _order(self, call: Call) -> tuple[Sequence[Any], bool]:
        """What to sort by; without a property, whether the newest comes first."""
        sort, way = self._pager.asked(call, "sort"), self._pager.asked(call, "direction")
        if sort is None and way is None:
            return (), False
        fields = self._world.facts(self._locator.resource).fields
        by = orders(sort, way, fields)
        return by, not by and str(way).lower().startswith("desc")
