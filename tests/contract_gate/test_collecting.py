from __future__ import annotations

import gc
import weakref

from mockserver.contract.collecting import THRESHOLDS, seldom_collected


def test_garbage_is_collected_as_before_once_the_check_is_over() -> None:
    before, frozen = gc.get_threshold(), gc.get_freeze_count()
    with seldom_collected():
        assert gc.get_threshold() == THRESHOLDS
        assert gc.get_freeze_count() > frozen
    assert gc.get_threshold() == before
    assert gc.get_freeze_count() == 0


class Ring:
    """Something that only the collector finds."""

    def __init__(self) -> None:
        self.itself = self


def test_what_an_earlier_check_left_does_not_stay() -> None:
    left = weakref.ref(Ring())
    with seldom_collected():
        assert left() is None
