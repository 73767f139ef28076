"""A season that is played and judged."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from tests.crash.season import Season
from tests.crash.verdict import Verdict, judge

SEED = 20211015


def played(folder: Path, address: str, *, seed: int = SEED, **how: Any) -> Verdict:
    with Season(folder, address, seed=seed, **how) as season:
        return judge(season.play())
