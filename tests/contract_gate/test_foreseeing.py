from __future__ import annotations

from collections.abc import Iterator

import pytest

from mockserver.contract.checking import Check, opened
from mockserver.contract.reference import Reference
from mockserver.contract.results import Options
from mockserver.contract.values import Answered, Json, Sent
from tests.contract_gate.servers import Spoilt


@pytest.fixture
def checked() -> Iterator[Check]:
    server = Spoilt("assets", lambda method, path, status, body: (status, body))
    with opened(server, "assets", Options(), reset=server.reset) as made:
        yield made


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What the references are asked."""
    calls: list[str] = []
    apply = Reference.apply

    def counted(self, message, world, origin):
        calls.append(message.target)
        return apply(self, message, world, origin)

    monkeypatch.setattr(Reference, "apply", counted)
    return calls


def sent(checked: Check, path: str, method: str = "GET", **more) -> Sent:
    found = next(o for o in checked.operations if (o.method, o.path) == (method, path))
    return Sent(found.id, method, path, **more)


def test_what_was_foreseen_of_the_next_call_is_not_asked_again(checked, asked) -> None:
    listed = sent(checked, "/assets")
    foreseen = checked.session.outlook(listed)
    checked.session.expect(listed, foreseen)
    step = checked.session.step(listed)
    assert len(asked) == 1
    assert step.a == foreseen.answer
    assert step.differences == []


def test_what_was_foreseen_before_another_call_is_asked_again(checked, asked) -> None:
    listed = sent(checked, "/assets")
    checked.session.expect(listed, checked.session.outlook(listed))
    checked.session.step(sent(checked, "/formats"))
    asked.clear()
    checked.session.step(listed)
    assert asked == ["/assets"]


def test_an_outlook_says_when_it_lacks_the_reasons_of_a_refusal(checked) -> None:
    wrong = sent(
        checked, "/assets/search", "POST", body=Json({"query": 5}), media_type="application/json"
    )
    whole, brief = checked.session.foresee(wrong), checked.session.outlook(wrong)
    assert isinstance(whole.answer, Answered)
    assert isinstance(brief.answer, Answered)
    assert (whole.whole, brief.whole) == (True, False)
    assert brief.answer.status == whole.answer.status
    assert brief.answer.body != whole.answer.body


def test_a_refusal_without_its_reasons_is_asked_again(checked) -> None:
    wrong = sent(
        checked, "/assets/search", "POST", body=Json({"query": 5}), media_type="application/json"
    )
    whole = checked.session.foresee(wrong)
    checked.session.expect(wrong, checked.session.outlook(wrong))
    assert checked.session.step(wrong).a == whole.answer


def test_the_clock_is_where_it_was_after_a_call_was_tried(checked) -> None:
    watch = checked.session.a.watch
    before = watch.read(0)
    checked.session.foresee(sent(checked, "/assets"))
    assert (watch.read(0), watch.moves) == (before, 0)
