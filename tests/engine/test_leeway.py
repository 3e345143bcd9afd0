from __future__ import annotations

from mockserver.engine.leeway import about, either, otherwise


def test_a_server_decides_as_its_handlers_say() -> None:
    assert about(3.0, 1.0, 2.0) == 3.0
    assert either(True)


def test_otherwise_other_decisions_are_made() -> None:
    decided = set()
    for seed in range(40):
        with otherwise(seed):
            decided.add((about(3.0, 1.0), either(True)))
    assert decided == {(3.0, True), (3.0, False), (1.0, True), (1.0, False)}


def test_the_same_seed_decides_the_same_way() -> None:
    decided = []
    for _ in range(2):
        with otherwise(7):
            decided.append([about(1.0, 2.0, 3.0) for _ in range(20)])
    assert decided[0] == decided[1]


def test_mirrored_each_decision_goes_the_other_way() -> None:
    decided = []
    for mirrored in (False, True):
        with otherwise(7, mirrored=mirrored):
            decided.append([(either(True), about(1.0, 2.0, 3.0)) for _ in range(20)])
    assert all(
        one != other and level != another
        for (one, level), (other, another) in zip(*decided, strict=True)
    )
