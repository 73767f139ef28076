"""A new version of a campaign never loses what stands, and says what it moves."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, time, timedelta
from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.campaigns.campaign import CampaignKey, CategoryKey, ReportingDays, TownshipName
from bot.domain.figures.progress import Cell
from bot.domain.figures.revision import CampaignState, effects, obstacles
from tests.builders import COMPLETED, STARTED, day, rural_housing_2021

BEFORE = rural_housing_2021()
FIGURES: dict[Cell, Decimal] = {
    (TownshipName("稻溪镇"), COMPLETED, None): Decimal(17),
    (TownshipName("稻溪镇"), COMPLETED, CategoryKey("C")): Decimal(12),
    (TownshipName("稻溪镇"), STARTED, None): Decimal(20),
    (TownshipName("云樟镇"), COMPLETED, None): Decimal(0),
}
HELD = CampaignState(
    figures=FIGURES,
    days=(day("10-15"), day("10-29")),
    closed=[day("10-15") + timedelta(days=n) for n in range(15)],
)


def townships(changes: dict[str, Any]) -> Any:
    """The townships with some changed: another target, or None for one that is left out."""
    return tuple(
        replace(town, **changes.get(town.name, {}))
        for town in BEFORE.townships
        if changes.get(town.name, {}) is not None
    )


@pytest.mark.parametrize(
    ("changes", "rule", "place"),
    [
        ({"key": CampaignKey("another")}, "key_changed", "key"),
        ({"start": date(2021, 10, 16)}, "closed_days_move", "start"),
        ({"start": date(2021, 10, 14)}, "closed_days_move", "start"),
        ({"deadline": date(2021, 10, 28)}, "closed_days_move", "deadline"),
        ({"days": ReportingDays.BULLETIN_ON_WORKDAYS}, "closed_days_move", "days"),
        ({"townships": townships({"稻溪镇": None})}, "township_has_figures", "townships"),
        ({"townships": townships({"云樟镇": None})}, "township_has_figures", "townships"),
        (
            {"townships": townships({"稻溪镇": {"target": Decimal(19), "targets": {}}})},
            "target_below_figures",
            "townships",
        ),
        ({"stages": BEFORE.stages[1:]}, "stage_has_figures", "stages"),
        ({"categories": BEFORE.categories[1:]}, "category_has_figures", "categories"),
        ({"unit": "套"}, "unit_has_figures", "unit"),
    ],
)
def test_what_would_lose_something_is_an_obstacle(
    changes: dict[str, Any], rule: str, place: str
) -> None:
    found = obstacles(BEFORE, replace(BEFORE, **changes), HELD)
    assert (rule, place) in [(one.rule, one.place) for one in found]


@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"deadline": date(2021, 11, 30)},
        {"deadline": date(2021, 10, 29)},
        {"title": "危房改造"},
        {"hours": {"bulletin": time(18)}},
        {"townships": townships({"茶埂乡": None})},
        {
            "townships": townships(
                {"稻溪镇": {"target": Decimal(20), "targets": {CategoryKey("C"): Decimal(20)}}}
            )
        },
        {"categories": (*BEFORE.categories[:1], *BEFORE.categories[2:])},
        {"decimals": 2},
    ],
)
def test_what_loses_nothing_is_none(changes: dict[str, Any]) -> None:
    assert obstacles(BEFORE, replace(BEFORE, **changes), HELD) == []


def test_before_anything_is_reported_everything_may_change() -> None:
    after = replace(
        BEFORE,
        start=date(2021, 10, 20),
        deadline=date(2021, 12, 1),
        unit="套",
        stages=BEFORE.stages[1:],
        townships=BEFORE.townships[:2],
        categories=(),
    )
    assert obstacles(BEFORE, after, CampaignState(figures={})) == []


def test_decimals_that_figures_have_stay() -> None:
    before = replace(BEFORE, decimals=2)
    held = CampaignState(figures={(TownshipName("稻溪镇"), COMPLETED, None): Decimal("1.50")})
    assert [one.facts for one in obstacles(before, BEFORE, held)] == [{"decimals": "1"}]
    assert obstacles(before, replace(BEFORE, decimals=1), held) == []


def test_a_target_that_stood_below_its_figures_may_stay_there() -> None:
    figures = {(TownshipName("稻溪镇"), COMPLETED, None): Decimal(99)}
    assert obstacles(BEFORE, BEFORE, CampaignState(figures=figures)) == []


def test_a_figure_on_a_day_that_would_lie_outside_keeps_the_days_where_they_are() -> None:
    held = CampaignState(figures=FIGURES, days=(day("10-16"), day("10-20")))
    after = replace(BEFORE, start=date(2021, 10, 17), deadline=date(2021, 10, 19))
    assert [(one.place, one.facts["day"]) for one in obstacles(BEFORE, after, held)] == [
        ("start", "2021-10-16"),
        ("deadline", "2021-10-20"),
    ]


def test_what_moves_without_a_report_is_told_with_both_rates() -> None:
    after = replace(BEFORE, townships=townships({"稻溪镇": {"target": Decimal(34), "targets": {}}}))
    (effect,) = effects(BEFORE, after, FIGURES)
    assert (effect.township, effect.target) == ("稻溪镇", (25, 34))
    assert effect.rates == (Fraction(17, 25), Fraction(1, 2))
    ranked_by_start = tuple(
        replace(stage, headline=stage.key == STARTED) for stage in BEFORE.stages
    )
    other, one = effects(BEFORE, replace(BEFORE, stages=ranked_by_start), FIGURES)
    assert (one.township, one.value) == ("稻溪镇", (17, 20))
    # never told
    assert (other.township, other.value, other.rates) == ("云樟镇", (0, None), (Fraction(0), None))


@given(
    st.dictionaries(
        st.tuples(
            st.sampled_from([town.name for town in BEFORE.townships]),
            st.sampled_from([stage.key for stage in BEFORE.stages]),
            st.sampled_from([None, *(category.key for category in BEFORE.categories)]),
        ),
        st.integers(0, 40).map(Decimal),
        max_size=12,
    ),
    st.sets(st.sampled_from([town.name for town in BEFORE.townships])),
    st.integers(0, 40),
)
def test_no_figure_is_ever_left_without_its_township_or_above_a_lowered_target(
    figures: dict[Cell, Decimal], gone: set[TownshipName], target: int
) -> None:
    after = replace(
        BEFORE,
        townships=tuple(
            replace(town, target=Decimal(target), targets={})
            for town in BEFORE.townships
            if town.name not in gone
        ),
    )
    if obstacles(BEFORE, after, CampaignState(figures=figures)):
        return
    for (name, _, category), value in figures.items():
        before = BEFORE.township(name).target_of(category)
        # KeyError: a township with a figure was lost
        now = after.township(name).target_of(category)
        assert now >= before or value <= now
