"""Kinds of mistakes that only some calls show: each is found on a server that makes just that."""

from __future__ import annotations

from typing import Any

import pytest

from mockserver.contract.checking import check
from mockserver.contract.results import Options
from tests.contract_gate.notes import DESCRIPTION, Notes, Refused
from tests.contract_gate.serving import EMPTY


class Wrong(Notes):
    """Notes with a mistake of a kind."""

    def reset(self) -> None:
        super().reset()
        self.first: dict[int, dict[str, Any]] = {}

    def _read(self, key: int) -> dict[str, Any]:
        found = super()._read(key)
        if self.fault == "stale":
            return self.first.setdefault(key, found)
        return found

    def _about(self, method: str, key: int, sent: Any) -> tuple[int, Any, dict[str, str]]:
        if method == "DELETE" and key in self.gone and self.fault == "twice":
            return 204, None, {}
        if method == "PUT" and key in self.gone and self.fault == "revived":
            self.notes[key] = self.gone.pop(key)
            raise Refused(404)
        return super()._about(method, key, sent)

    def _whole(self, note: dict[str, Any]) -> dict[str, Any]:
        whole = super()._whole(note)
        if self.fault == "trimmed":
            return {**whole, "text": whole["text"].strip() or whole["text"]}
        return whole

    def _list(self, query: dict[str, list[str]]) -> dict[str, Any]:
        if self.fault == "beside" and len(query) > 1 and "done" in query:
            query = {name: values for name, values in query.items() if name != "label"}
        found = super()._list(query)
        if self.fault == "cap":
            found["items"] = found["items"][:12]
        return found


@pytest.mark.parametrize("fault", ["stale", "twice", "revived", "trimmed", "beside", "cap"])
def test_a_mistake_of_that_kind_is_found(fault: str) -> None:
    notes = Wrong(fault)
    options = Options(seconds=120, requests=1_500, most=1, settings=EMPTY, quick=True)
    assert not check(notes, str(DESCRIPTION), options, reset=notes.reset).kept


@pytest.mark.parametrize("seed", [0, 1])
def test_without_a_mistake_nothing_is_found(seed: int) -> None:
    notes = Wrong()
    options = Options(seconds=120, requests=800, seed=seed, settings=EMPTY, quick=True)
    result = check(notes, str(DESCRIPTION), options, reset=notes.reset)
    assert [(f.endpoint, f.expected, f.got) for f in result.findings] == []
