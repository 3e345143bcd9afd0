"""How often something is done."""

from __future__ import annotations

import random


def likely(choice: random.Random, odds: float) -> bool:
    """True as often as the odds say, between 0 and 1."""
    return choice.random() < odds
