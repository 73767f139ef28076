"""A form's fields and a table's cells are judged as they are."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from bot.domain.campaigns.campaign import CategoryKey, TownshipName
from bot.domain.replies.reading import Outcome
from bot.domain.replies.reading.grammar import Kind
from bot.domain.replies.reading.stated import (
    Stated,
    StatedCell,
    column_cell,
    form_cell,
    read_stated,
)
from config.wording import templates
from tests.builders import ACCEPTED, COMPLETED, STARTED, day, rural_housing_2021

CAMPAIGN = rural_housing_2021()
DAOXI = TownshipName("稻溪镇")
C = CategoryKey("C")


def read(*cells: StatedCell, **changes: Any) -> Any:
    stated = Stated(township=DAOXI, cells=cells, **changes)
    before = {(DAOXI, STARTED, None): Decimal(25), (DAOXI, COMPLETED, None): Decimal(15)}
    return read_stated(
        CAMPAIGN,
        stated,
        open_day=day("10-29"),
        late=False,
        before=before,
        today={},
        wording=templates.reading(),
    )


def cell(stage: Any, value: int, category: CategoryKey | None = None) -> StatedCell:
    return form_cell(CAMPAIGN, stage, category, Decimal(value))


def test_what_is_stated_stands() -> None:
    reading = read(cell(COMPLETED, 17))
    assert reading.outcome is Outcome.ACCEPT
    assert [(one.stage, one.value) for one in reading.figures] == [(COMPLETED, 17)]


@pytest.mark.parametrize(
    ("cells", "why", "about"),
    [
        ((cell(COMPLETED, 26),), "above", ((COMPLETED, None),)),
        ((cell(COMPLETED, 14),), "below_yesterday", ((COMPLETED, None),)),
        ((cell(COMPLETED, 17), cell(ACCEPTED, 18)), "order", ((ACCEPTED, None),)),
    ],
)
def test_a_question_names_the_very_cells(cells: Any, why: str, about: Any) -> None:
    """Two fields may hold the same number; which of them is wrong is known without looking for the
    number.
    """
    reading = read(*cells)
    (doubt,) = reading.asked
    assert (reading.outcome, doubt.why) == (Outcome.ASK, why)
    assert set(about) <= set(doubt.cells)
    assert all(
        one.label in doubt.question for one in cells if (one.stage, one.category) in about[:1]
    )


def test_parts_that_do_not_come_to_the_whole_are_asked_about_together() -> None:
    (doubt,) = read(cell(COMPLETED, 17), cell(COMPLETED, 18, C)).asked
    assert (doubt.why, set(doubt.cells)) == ("sum", {(COMPLETED, None), (COMPLETED, C)})


def test_a_row_of_another_day_waits_for_a_person() -> None:
    assert read(cell(COMPLETED, 17), day=day("10-28")).asked[0].why == "closed_day"
    assert read(cell(COMPLETED, 17), day=day("10-29")).outcome is Outcome.ACCEPT


@pytest.mark.parametrize(
    ("head", "kind", "stage", "category"),
    [
        ("累计竣工", Kind.CUMULATIVE, COMPLETED, None),
        ("今日新增竣工", Kind.INCREMENT, COMPLETED, None),
        ("C级维修竣工", Kind.CUMULATIVE, COMPLETED, C),
        ("任务数", Kind.TARGET, None, None),
        ("备注", None, None, None),
        ("走访", None, None, None),
    ],
)
def test_a_head_says_what_its_cells_count(
    head: str, kind: Kind | None, stage: Any, category: Any
) -> None:
    found = column_cell(CAMPAIGN, templates.reading(), head, Decimal(3))
    if kind is None:
        assert found is None
    else:
        assert found is not None
        assert (found.kind, found.stage, found.category, found.value) == (kind, stage, category, 3)
