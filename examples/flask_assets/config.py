"""What the environment decides about one process."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


@dataclass(frozen=True)
class Settings:
    """Where the data is, what it begins with, and what is switched on."""

    database: Path = Path("assets.db")
    seed: Path | None = None
    fault: str = ""
    reset: bool = False
    description: Path = ROOT / "spec" / "assets.yaml"

    @classmethod
    def from_environment(cls) -> Settings:
        """Read DATABASE, SEED, FAULT, ALLOW_RESET and DESCRIPTION."""
        seed = os.environ.get("SEED")
        return cls(
            database=Path(os.environ.get("DATABASE", "assets.db")),
            seed=Path(seed) if seed else None,
            fault=os.environ.get("FAULT", ""),
            reset=os.environ.get("ALLOW_RESET", "") not in {"", "0"},
            description=Path(os.environ.get("DESCRIPTION", cls.description)),
        )
