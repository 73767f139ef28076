"""A season of the 2021 campaign as files of a bureau: what came in, files with planted faults, and
what is right of both.
"""

from __future__ import annotations

import csv
import json
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import Any

from bot.domain.campaigns.campaign import Campaign
from config.campaign_file.loader import load_campaign
from jobs import JOBS

ROOM = Path(__file__).parent
PLATFORMS = ("console", "files")


@cache
def golden(name: str) -> Any:
    """The golden values of that name."""
    return json.loads((ROOM / "golden" / f"{name}.json").read_text(encoding="utf-8"))


@cache
def claimed_verified() -> tuple[dict[str, str], ...]:
    """The rows of claimed-verified.csv."""
    with (ROOM / "golden" / "claimed-verified.csv").open(encoding="utf-8") as file:
        return tuple(csv.DictReader(file))


def files(*kinds: str) -> Sequence[Any]:
    """The files that came in, of these kinds, in their order."""
    return [one for one in golden("files")["order"] if one["kind"] in kinds]


def content(path: str) -> bytes:
    """The bytes of a file by its path in the golden values."""
    return (ROOM / path).read_bytes()


@cache
def campaign() -> Campaign:
    """The campaign of 2021 as its file gives it, with its registers."""
    return load_campaign("rural-housing-2021", platforms=PLATFORMS, jobs=JOBS).campaign
