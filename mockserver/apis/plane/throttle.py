"""How often each caller has called within the last minute, as Django REST framework counts."""

from __future__ import annotations

import math
import threading
from collections import deque
from datetime import datetime, timedelta
from typing import NamedTuple

MINUTE = timedelta(minutes=1)


class Window(NamedTuple):
    """What a call was told: whether it counted, how many are left, seconds until one is free."""

    admitted: bool
    remaining: int
    wait: int


class Throttle:
    """The calls of one sandbox by caller, each caller's at most as many as their rate allows."""

    def __init__(self) -> None:
        self._calls: dict[str, deque[datetime]] = {}
        self._lock = threading.Lock()

    def call(self, caller: str, rate: int, now: datetime) -> Window:
        """Count a call; one past ``rate`` a minute is not counted."""
        with self._lock:
            calls = self._calls.setdefault(caller, deque())
            if calls and calls[-1] > now:
                calls.clear()  # the clock was set back
            while calls and calls[0] <= now - MINUTE:
                calls.popleft()
            if len(calls) >= rate:
                left = (calls[0] + MINUTE - now).total_seconds()
                return Window(admitted=False, remaining=0, wait=math.ceil(left))
            calls.append(now)
            return Window(admitted=True, remaining=rate - len(calls), wait=0)
