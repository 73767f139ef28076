"""The season of 2021 as it was published: `bulletins.csv` by day, and a standing as a row of it."""

from __future__ import annotations

import csv
from collections import defaultdict

from bot.domain.day.ranking import Standing
from bot.domain.figures.progress import percent
from tests.builders import SEASON

GOLDEN: dict[str, list[tuple[str, ...]]] = defaultdict(list)
with (SEASON / "bulletins.csv").open(encoding="utf-8") as _file:
    for _row in csv.DictReader(_file):
        GOLDEN[_row["date"]].append(tuple(_row.values())[1:])


def row_of(standing: Standing) -> tuple[str, ...]:
    """Rank, township, done, target, rate, increase, reported, each as the file writes it."""
    return (
        str(standing.rank),
        standing.row.township,
        str(standing.row.value),
        str(standing.row.target),
        percent(standing.score).rstrip("%"),
        "" if standing.row.increase is None else str(standing.row.increase),
        standing.row.reported.value,
    )
