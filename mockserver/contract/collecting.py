"""Garbage collected seldom while a check runs."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager

THRESHOLDS = (50_000, 20, 20)
"""Objects made before the young are looked at, and how often that is before older ones are."""


@contextmanager
def seldom_collected() -> Iterator[None]:
    """Leave what is there when the block begins alone, and look at the rest less often than usual.

    Descriptions and their validators are hundreds of thousands of objects that stay; a body that is
    read is enough for the interpreter to walk through them again. What was set before is put back.
    Garbage is collected first: what an earlier check left would be left alone, too.
    """
    before = gc.get_threshold()
    gc.collect()
    gc.freeze()
    gc.set_threshold(*THRESHOLDS)
    try:
        yield
    finally:
        gc.set_threshold(*before)
        gc.unfreeze()
