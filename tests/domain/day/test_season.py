"""The 2021 season from its labelled readings alone: every row of every bulletin."""

from __future__ import annotations

import json
from datetime import date, datetime
from decimal import Decimal

import pytest

from bot.domain.campaigns.campaign import CategoryKey, StageKey, TownshipName
from bot.domain.campaigns.workdays import planned_close
from bot.domain.day.ranking import standings
from bot.domain.figures.progress import Figure, day_sheets
from tests.builders import SEASON, rural_housing_2021
from tests.season2021 import GOLDEN, row_of

CAMPAIGN = rural_housing_2021()


def labelled_figures() -> list[Figure]:
    figures: list[Figure] = []
    for line in (SEASON / "replies-gold.jsonl").read_text(encoding="utf-8").splitlines():
        reply = json.loads(line)
        for said in reply["gold"]["figures"]:
            figures.append(
                Figure(
                    number=len(figures) + 1,
                    township=TownshipName(said["township"]),
                    day=date.fromisoformat(said["date"]),
                    stage=StageKey(said["stage"]),
                    category=CategoryKey(said["category"]) if said["category"] else None,
                    value=Decimal(said["value"]),
                    recorded_at=datetime.fromisoformat(reply["at"]),
                    late=reply["gold"]["late"],
                )
            )
    return figures


FIGURES = labelled_figures()


@pytest.mark.parametrize("on", sorted(GOLDEN))
def test_every_row_of_every_bulletin(on: str) -> None:
    closed = date.fromisoformat(on)
    sheets = day_sheets(CAMPAIGN, FIGURES, closed, planned_close(CAMPAIGN, closed))
    ranked = standings(CAMPAIGN, sheets[-1], sheets[-2] if len(sheets) > 1 else None)
    assert [row_of(standing) for standing in ranked] == GOLDEN[on]
