"""Figures: what the database says stands is what the rules of the domain say stands."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from itertools import count

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.domain.campaigns.campaign import CampaignKey, CategoryKey, StageKey, TownshipName
from bot.domain.figures.progress import _valid, figures_of_day, standing_figures
from bot.store import Session, Store
from bot.store.figures import figures
from bot.store.figures.figures import NewFigure
from tests.builders import ACCEPTED, COMPLETED, at, day
from tests.store.facts import HOUSING

BRIDGE, RIVER = TownshipName("石桥镇"), TownshipName("清河乡")
FIRST = date(2021, 10, 29)
NOON = at("10-29 12:00")
_example = count(1)


def new(
    value: str | None, on: str = "10-29", township: TownshipName = BRIDGE, **changes: object
) -> NewFigure:
    facts: dict[str, object] = {
        "township": township,
        "day": day(on),
        "stage": COMPLETED,
        "category": None,
        "value": None if value is None else Decimal(value),
        "late": False,
    }
    return NewFigure(**{**facts, **changes})  # type: ignore[arg-type]


def add(
    session: Session, *added: NewFigure, campaign: CampaignKey = HOUSING, when: datetime = NOON
) -> list[int]:
    return figures.add_figures(
        session, campaign=campaign, version=1, recorded_at=when, figures=added
    )


def test_figures_are_numbered_in_the_order_given_and_read_back_whole(store: Store) -> None:
    with store.writing() as session:
        numbers = add(session, new("17"), new("432.8723", category=CategoryKey("C"), late=True))
        assert numbers == sorted(numbers)
        assert add(session) == []
    with store.reading() as session:
        one, two = figures.figures_until(session, HOUSING, day("10-29"), NOON)
    assert [one.number, two.number] == numbers
    assert (str(one.value), str(two.value), two.category, two.late) == ("17", "432.8723", "C", True)
    assert one.recorded_at == NOON


def test_the_latest_figure_of_the_latest_day_stands(store: Store) -> None:
    with store.writing() as session:
        add(
            session,
            new("5", "10-28"),
            new("7"),
            new("6", "10-28"),
            new("9", "10-30"),
            new("1", township=RIVER),
        )
        add(session, new("99"), campaign=CampaignKey("another"))
    with store.reading() as session:
        assert figures.standing(session, HOUSING, day("10-29"), NOON) == {
            (BRIDGE, COMPLETED, None): 7,
            (RIVER, COMPLETED, None): 1,
        }


def test_what_was_not_known_at_the_moment_does_not_stand(store: Store) -> None:
    with store.writing() as session:
        (first,) = add(session, new("5"))
        add(session, new("7", supersedes=first), when=NOON + timedelta(hours=1))
    with store.reading() as session:
        assert figures.standing(session, HOUSING, FIRST, NOON) == {(BRIDGE, COMPLETED, None): 5}
        assert figures.standing(session, HOUSING, FIRST, NOON + timedelta(hours=1)) == {
            (BRIDGE, COMPLETED, None): 7
        }
        assert figures.standing(session, HOUSING, FIRST, NOON - timedelta(hours=1)) == {}


def test_a_figure_moved_to_a_later_day_leaves_the_earlier_one(store: Store) -> None:
    with store.writing() as session:
        (first,) = add(session, new("5"))
        add(session, new("5", "10-30", supersedes=first))
    with store.reading() as session:
        known = figures.figures_until(session, HOUSING, day("10-29"), NOON)
        assert standing_figures(known, day("10-29"), NOON) == {}
        assert figures.standing(session, HOUSING, day("10-29"), NOON) == {}
        assert figures.latest_figures(session, HOUSING, day("10-29")) == {}


def test_the_log_is_read_on_from_a_number_by_day_and_by_township(store: Store) -> None:
    with store.writing() as session:
        first, second, third = add(session, new("5"), new("6", "10-30"), new("7", township=RIVER))
        add(session, new("99"), campaign=CampaignKey("another"))
        (moved,) = add(session, new("5", "10-30", supersedes=first), when=NOON + timedelta(hours=1))
    with store.reading() as session:

        def read(
            number: int, hours: int = 1, most: int = 9, **only: object
        ) -> list[tuple[int, bool]]:
            known_at = NOON + timedelta(hours=hours)
            found = figures.figures_page(session, HOUSING, number, known_at, most=most, **only)  # type: ignore[arg-type]
            return [(figure.number, in_force) for figure, in_force in found]

        assert read(0) == [(first, False), (second, True), (third, True), (moved, True)]
        assert read(0, hours=0) == [(first, True), (second, True), (third, True)]
        assert read(first, most=2) == [(second, True), (third, True)]
        assert read(moved) == []
        assert read(0, day=day("10-30")) == [(second, True), (moved, True)]
        assert read(0, township=RIVER) == [(third, True)]


@dataclass(frozen=True, kw_only=True)
class Step:
    """One row of a made-up log; `of` picks the earlier row it supersedes, if there is any."""

    township: TownshipName
    stage: StageKey
    category: CategoryKey | None
    days: int
    value: int | None
    of: int | None
    minutes: int


steps = st.lists(
    st.builds(
        Step,
        township=st.sampled_from([BRIDGE, RIVER]),
        stage=st.sampled_from([COMPLETED, ACCEPTED]),
        category=st.sampled_from([None, CategoryKey("C")]),
        days=st.integers(0, 2),
        value=st.one_of(st.none(), st.integers(0, 9)),
        of=st.one_of(st.none(), st.integers(0, 50)),
        minutes=st.integers(0, 3),
    ),
    max_size=14,
)


@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(log=steps, days=st.integers(0, 2), minutes=st.integers(0, 3))
def test_the_database_and_the_domain_agree_on_what_stands(
    store: Store, log: Sequence[Step], days: int, minutes: int
) -> None:
    asked, known_at = FIRST + timedelta(days=days), NOON + timedelta(minutes=minutes)
    # Facts cannot be taken away again, so every example is a campaign of its own.
    campaign = CampaignKey(f"example {next(_example)}")
    numbers: list[int] = []
    with store.writing() as session:
        for step in log:
            figure = NewFigure(
                township=step.township,
                day=FIRST + timedelta(days=step.days),
                stage=step.stage,
                category=step.category,
                value=None if step.value is None else Decimal(step.value),
                late=False,
                supersedes=numbers[step.of % len(numbers)]
                if step.of is not None and numbers
                else None,
            )
            numbers += add(
                session, figure, campaign=campaign, when=NOON + timedelta(minutes=step.minutes)
            )
        everything = figures.figures_until(
            session, campaign, FIRST + timedelta(days=9), NOON + timedelta(days=9)
        )
        until = figures.figures_until(session, campaign, asked, known_at)
        assert [figure.number for figure in everything] == numbers
        assert figures.standing(session, campaign, asked, known_at) == standing_figures(
            everything, asked, known_at
        )
        assert standing_figures(until, asked, known_at) == standing_figures(
            everything, asked, known_at
        )
        told = figures.figures_page(session, campaign, 0, known_at, most=99)
        assert [figure for figure, _ in told] == [
            one for one in everything if one.recorded_at <= known_at
        ]
        assert [figure for figure, in_force in told if in_force] == _valid(everything, known_at)
        latest = figures.latest_figures(session, campaign, asked)
        of_day = figures_of_day(everything, asked, NOON + timedelta(days=9))
        assert {cell: figure.value for cell, figure in latest.items()} == of_day
