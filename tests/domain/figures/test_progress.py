"""What stands on a day as known at a moment, and what follows from it: rates, increase, standstill,
pace.
"""

from __future__ import annotations

import csv
from dataclasses import replace
from datetime import date, datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.campaigns.campaign import Calendar, Campaign, ReportingDays, Township, TownshipName
from bot.domain.campaigns.workdays import reporting_days
from bot.domain.figures.progress import (
    Asking,
    DaySheet,
    Figure,
    Reported,
    TownshipDay,
    day_sheet,
    day_sheets,
    figures_of_day,
    percent,
    plain,
    standing_figures,
    with_baseline,
)
from tests.builders import (
    COMPLETED,
    SEASON,
    STARTED,
    at,
    day,
    figure,
    rural_housing_2021,
    small_campaign,
)

A, B, C = map(TownshipName, "ABC")
CAMPAIGN = small_campaign({"A": 10, "B": 4, "C": 0})
EVER = at("12-31 00:00")
DAYS = reporting_days(CAMPAIGN)  # 1 to 10 November, a Monday to a Wednesday
WITH_STAGES = rural_housing_2021(start=DAYS[0], deadline=DAYS[-1])


def nov(number: int) -> date:
    return date(2021, 11, number)


def sheet(
    *figures: Figure, on: int, known_at: datetime = EVER, campaign: Campaign = CAMPAIGN
) -> DaySheet:
    return day_sheet(campaign, figures, nov(on), known_at)


def row_of_a(*figures: Figure, on: int, campaign: Campaign = CAMPAIGN) -> TownshipDay:
    return sheet(*figures, on=on, campaign=campaign).of(A)


def stated(*values: int | None) -> list[Figure]:
    """Township A's figures day by day from 1 November; None is a day of silence."""
    return [
        figure(n, "A", nov(n), value)
        for n, value in enumerate(values, start=1)
        if value is not None
    ]


@st.composite
def logs(draw: st.DrawFn) -> list[Figure]:
    """A log as it grows: figures, corrections and withdrawals of earlier rows, each known later
    than the one before.
    """
    log: list[Figure] = []
    moment = at("11-01 08:00")
    for number in range(1, draw(st.integers(0, 25)) + 1):
        moment += timedelta(minutes=draw(st.integers(0, 900)))
        changes: dict[str, Any] = {
            "recorded_at": moment,
            "late": draw(st.booleans()),
            "stage": draw(st.sampled_from([STARTED, COMPLETED])),
        }
        earlier = draw(st.one_of(st.none(), st.sampled_from(log))) if log else None
        if earlier is not None:
            value = draw(st.one_of(st.none(), st.integers(0, 12)))
            changes |= {"supersedes": earlier.number, "stage": earlier.stage}
            log.append(figure(number, earlier.township, earlier.day, value, **changes))
        else:
            township = draw(st.sampled_from("AB"))
            log.append(
                figure(
                    number,
                    township,
                    draw(st.sampled_from(DAYS)),
                    draw(st.integers(0, 12)),
                    **changes,
                )
            )
    return log


# What stands


def test_the_latest_figure_of_the_latest_day_stands() -> None:
    log = [
        figure(1, "A", nov(1), 3),
        figure(2, "A", nov(2), 5),
        figure(3, "A", nov(2), 6),
        figure(4, "A", nov(1), 4),
    ]
    assert standing_figures(log, nov(1), EVER) == {(A, COMPLETED, None): 4}
    assert standing_figures(log, nov(2), EVER) == {(A, COMPLETED, None): 6}
    assert standing_figures(log, nov(9), EVER) == {(A, COMPLETED, None): 6}


def test_a_figure_of_the_day_is_told_from_one_carried_into_it() -> None:
    log = [figure(1, "A", nov(1), 3), figure(2, "B", nov(2), 1)]
    assert figures_of_day(log, nov(2), EVER) == {(B, COMPLETED, None): 1}


def test_what_was_not_yet_known_does_not_stand() -> None:
    log = [figure(1, "A", nov(1), 3), figure(2, "A", nov(1), 4, recorded_at=at("11-02 09:00"))]
    assert standing_figures(log, nov(1), at("11-02 08:59")) == {(A, COMPLETED, None): 3}
    assert standing_figures(log, nov(1), at("11-02 09:00")) == {(A, COMPLETED, None): 4}


def test_a_withdrawn_figure_gives_way_to_the_one_before() -> None:
    log = [
        figure(1, "A", nov(1), 3),
        figure(2, "A", nov(2), 9),
        figure(3, "A", nov(2), None, supersedes=2),
    ]
    assert standing_figures(log, nov(2), EVER) == {(A, COMPLETED, None): 3}
    assert figures_of_day(log, nov(2), EVER) == {}


def test_a_withdrawn_correction_lets_the_corrected_figure_stand_again() -> None:
    log = [
        figure(1, "A", nov(1), 3),
        figure(2, "A", nov(1), 8, supersedes=1),
        figure(3, "A", nov(1), None, supersedes=2),
    ]
    assert standing_figures(log, nov(1), EVER) == {(A, COMPLETED, None): 3}


def test_a_withdrawal_can_be_withdrawn() -> None:
    log = [
        figure(1, "A", nov(1), 3),
        figure(2, "A", nov(1), None, supersedes=1),
        figure(3, "A", nov(1), None, supersedes=2),
    ]
    assert standing_figures(log, nov(1), EVER) == {(A, COMPLETED, None): 3}


def test_a_correction_that_moves_a_figure_leaves_nothing_where_it_was() -> None:
    written_for_the_neighbour = [figure(1, "A", nov(1), 4), figure(2, "B", nov(1), 4, supersedes=1)]
    assert standing_figures(written_for_the_neighbour, nov(1), EVER) == {(B, COMPLETED, None): 4}
    assert sheet(*written_for_the_neighbour, on=1).of(A).reported is Reported.MISSING
    wrong_day = [figure(1, "A", nov(1), 4), figure(2, "A", nov(2), 4, supersedes=1)]
    assert standing_figures(wrong_day, nov(1), EVER) == {}


def test_a_figure_moved_twice_stands_only_at_the_end() -> None:
    log = [
        figure(1, "A", nov(1), 4),
        figure(2, "B", nov(1), 4, supersedes=1),
        figure(3, "C", nov(1), 4, supersedes=2),
    ]
    assert standing_figures(log, nov(1), EVER) == {(C, COMPLETED, None): 4}


def test_a_baseline_from_before_the_campaign_stands_on_its_first_day() -> None:
    baseline = figure(1, "A", date(2021, 10, 20), 2)
    row = row_of_a(baseline, on=1)
    assert (row.value, row.increase, row.reported) == (Decimal(2), None, Reported.MISSING)
    assert row.carried_from == date(2021, 10, 20)


def test_a_figure_a_person_admitted_for_a_day_off_stands_from_the_next_day_on() -> None:
    campaign = small_campaign({"A": 10}, days=ReportingDays.WORKDAYS, deadline=nov(30))
    log = [figure(1, "A", nov(5), 3), figure(2, "A", nov(6), 4)]  # the 6th is a Saturday
    assert row_of_a(*log, on=8, campaign=campaign).value == 4


@given(log=logs())
def test_a_sheet_shows_what_stands(log: list[Figure]) -> None:
    for made in day_sheets(CAMPAIGN, log, DAYS[-1], EVER):
        stands = standing_figures(log, made.day, EVER)
        assert {row.township: row.value for row in made.townships} == {
            name: stands.get((name, COMPLETED, None)) for name in (A, B, C)
        }


@given(log=logs(), shuffled=st.randoms())
def test_the_order_rows_are_read_in_changes_nothing(log: list[Figure], shuffled: Any) -> None:
    made = day_sheets(CAMPAIGN, log, DAYS[-1], EVER)
    shuffled.shuffle(log)
    assert day_sheets(CAMPAIGN, log, DAYS[-1], EVER) == made


@given(log=logs(), known=st.integers(0, 12 * 24))
def test_what_is_recorded_later_changes_nothing_of_what_was_known(
    log: list[Figure], known: int
) -> None:
    known_at = at("11-01 00:00") + timedelta(hours=known)
    then = [row for row in log if row.recorded_at <= known_at]
    assert day_sheets(CAMPAIGN, log, DAYS[-1], known_at) == day_sheets(
        CAMPAIGN, then, DAYS[-1], known_at
    )


@given(log=logs(), on=st.sampled_from(DAYS))
def test_a_later_day_changes_nothing_of_an_earlier_sheet(log: list[Figure], on: date) -> None:
    every = day_sheets(CAMPAIGN, log, DAYS[-1], EVER)
    assert day_sheet(CAMPAIGN, log, on, EVER) == every[DAYS.index(on)]
    assert (
        day_sheets(CAMPAIGN, [row for row in log if row.day <= on], on, EVER)
        == every[: DAYS.index(on) + 1]
    )


@given(log=logs())
def test_totals_are_sums(log: list[Figure]) -> None:
    campaign = replace(CAMPAIGN, stages=WITH_STAGES.stages)
    for made in day_sheets(campaign, log, DAYS[-1], EVER):
        assert (
            made.total
            == sum(row.value or 0 for row in made.townships)
            == made.stages.get(COMPLETED, 0)
        )
        assert made.stages.get(STARTED, 0) == sum(
            row.stages.get(STARTED, 0) for row in made.townships
        )
        assert made.target == sum(row.target for row in made.townships)
        if made.previous is not None:
            assert (made.increase or 0) == sum(row.increase or 0 for row in made.townships)


def test_stages_and_categories_are_kept_apart() -> None:
    name = "云樟镇"
    log = [
        figure(1, name, nov(1), 31, stage=STARTED),
        figure(2, name, nov(1), 12),
        *(
            figure(number, name, nov(1), value, category=category.key)
            for number, (category, value) in enumerate(
                zip(WITH_STAGES.categories, (11, 1, 0), strict=True), start=3
            )
        ),
    ]
    made = sheet(*log, on=1, campaign=WITH_STAGES)
    assert made.of(TownshipName(name)).stages == {"started": 31, "completed": 12}
    assert made.categories == made.of(TownshipName(name)).categories == {"C": 11, "D": 1, "JYS": 0}


def test_nobody_has_a_sheet_for_a_day_that_is_not_reported() -> None:
    with pytest.raises(ValueError, match="2021-11-11"):
        sheet(on=11)
    assert day_sheets(CAMPAIGN, [], date(2021, 10, 31), EVER) == ()


def test_an_unknown_township_has_no_row() -> None:
    with pytest.raises(KeyError):
        sheet(on=1).of(TownshipName("D"))


# Who reported


@pytest.mark.parametrize(
    ("figures", "expected"),
    [
        ([], Reported.MISSING),
        ([figure(1, "A", nov(2), 3)], Reported.ON_TIME),
        ([figure(1, "A", nov(2), 3, late=True)], Reported.LATE),
        ([figure(1, "A", nov(2), 0, stage=STARTED)], Reported.ON_TIME),
        # A late correction does not make a punctual report late.
        (
            [figure(1, "A", nov(2), 3), figure(2, "A", nov(2), 4, late=True, supersedes=1)],
            Reported.ON_TIME,
        ),
        ([figure(1, "A", nov(2), 3), figure(2, "A", nov(2), None, supersedes=1)], Reported.MISSING),
        ([figure(1, "A", nov(1), 3)], Reported.MISSING),
        ([figure(1, "A", nov(1), 10)], Reported.DONE_BEFORE),
        ([figure(1, "A", nov(2), 10)], Reported.ON_TIME),
    ],
)
def test_what_a_township_did_about_the_report_of_a_day(
    figures: list[Figure], expected: Reported
) -> None:
    assert (
        row_of_a(*figures, on=2, campaign=replace(CAMPAIGN, stages=WITH_STAGES.stages)).reported
        is expected
    )


def test_who_finished_on_a_day_without_bulletin_is_not_missing_the_day_after() -> None:
    campaign = small_campaign(
        {"A": 10},
        days=ReportingDays.BULLETIN_ON_WORKDAYS,
        calendar=Calendar(years=frozenset({2021})),
    )
    finished_on_saturday = [figure(1, "A", nov(5), 8), figure(2, "A", nov(6), 10)]
    assert row_of_a(*finished_on_saturday, on=7, campaign=campaign).reported is Reported.DONE_BEFORE


def test_silence_is_shown_with_the_day_it_carries() -> None:
    log = stated(3, 4, None, None)
    assert [row_of_a(*log, on=n).carried_from for n in (1, 2, 3, 4)] == [None, None, nov(2), nov(2)]
    assert row_of_a(*log, on=4).value == 4
    assert row_of_a(on=4).carried_from is None


def test_the_day_carried_is_that_of_the_figure_shown() -> None:
    log = [figure(1, "A", nov(1), 3), figure(2, "A", nov(2), 9, stage=STARTED)]
    assert row_of_a(
        *log, on=3, campaign=replace(CAMPAIGN, stages=WITH_STAGES.stages)
    ).carried_from == nov(1)


def test_a_finished_township_carries_nothing() -> None:
    assert row_of_a(*stated(10), on=3).carried_from is None


def test_missing_days_are_counted_until_the_next_report() -> None:
    log = stated(None, 3, None, None, 3)
    assert [row_of_a(*log, on=n).missing_days for n in range(1, 6)] == [1, 0, 1, 2, 0]


# Increase, standstill, pace


def test_the_increase_is_against_the_bulletin_before() -> None:
    log = stated(3, None, 5, 4)
    assert [row_of_a(*log, on=n).increase for n in range(1, 5)] == [None, 0, 2, -1]
    made = sheet(*log, on=3)
    assert (made.previous, made.increase) == (nov(2), Decimal(2))


def test_after_a_weekend_without_bulletin_the_increase_covers_it() -> None:
    campaign = small_campaign({"A": 10}, days=ReportingDays.BULLETIN_ON_WORKDAYS)
    made = sheet(*stated(1, 1, 1, 1, 2, 4, 5, 7), on=8, campaign=campaign)
    assert (made.previous, made.increase) == (nov(5), Decimal(5))


@pytest.mark.parametrize(
    ("values", "still"),
    [
        ((3, 3, 3, 3), [0, 1, 2, 3]),
        ((3, 3, 4, 4), [0, 1, 0, 1]),
        ((3, 3, None, 3), [0, 1, 1, 2]),  # a silent day is not counted and breaks nothing
        ((3, 3, None, 4), [0, 1, 1, 0]),
        ((3, 10, 10, 10), [0, 0, 0, 0]),
        ((4, 3, 3, 3), [0, 1, 2, 3]),
    ],
)
def test_standing_still_is_counted_on_days_reported_without_increase(
    values: tuple[Any, ...], still: list[int]
) -> None:
    assert [row_of_a(*stated(*values), on=n).still_days for n in range(1, 5)] == still


def test_the_standstills_of_29_october_counted_from_the_recount() -> None:
    log: list[Figure] = []
    with (SEASON / "daily.csv").open(encoding="utf-8") as file:
        for number, row in enumerate(csv.DictReader(file), start=1):
            log.append(
                figure(
                    number, row["township"], date.fromisoformat(row["date"]), row["completed_total"]
                )
            )
    made = day_sheet(rural_housing_2021(), log, day("10-29"), EVER)
    still = {row.township: row.still_days for row in made.townships if row.still_days >= 5}
    assert still == {"茶埂乡": 14, "石磴乡": 12, "竹篁乡": 10, "荷舟镇": 9, "枫荻镇": 5}
    assert (made.total, made.increase, made.days_left, made.needed_per_day) == (
        Decimal(193),
        Decimal(9),
        22,
        Decimal(7),
    )
    assert percent(made.rate) == "56.60%"


def test_the_pace_is_the_average_of_the_last_seven_days() -> None:
    log = stated(1, 1, 2, 2, 3, 3, 5, 6, 8)
    assert sheet(*log, on=1).pace is None
    assert sheet(*log, on=2).pace == 0
    assert sheet(*log, on=4).pace == Fraction(1, 3)
    assert sheet(*log, on=8).pace == Fraction(5, 7)
    assert sheet(*log, on=9).pace == 1


def test_the_pace_and_what_is_needed_are_both_a_calendar_day() -> None:
    campaign = small_campaign({"A": 40}, days=ReportingDays.WORKDAYS, deadline=nov(30))
    log = [figure(1, "A", nov(5), 10), figure(2, "A", nov(8), 16)]  # a Friday and the Monday after
    made = sheet(figure(0, "A", nov(4), 10), *log, on=8, campaign=campaign)
    assert made.pace == Fraction(6, 4)  # from the 4th, the first day that was told, to the 8th
    assert made.needed_per_day == 2  # 24 in 22 days


@pytest.mark.parametrize(
    ("done", "decimals", "on", "needed"),
    [
        (4, 0, 9, "10"),
        (4, 0, 8, "5"),
        (3, 0, 8, "6"),
        (3, 2, 7, "3.67"),
        (14, 0, 8, "0"),
        (20, 0, 8, "0"),
        (3, 0, 10, None),
    ],
)
def test_what_is_needed_a_day_is_rounded_up_to_the_unit(
    done: int, decimals: int, on: int, needed: str | None
) -> None:
    campaign = replace(CAMPAIGN, decimals=decimals)
    made = sheet(figure(1, "A", nov(1), done), figure(2, "B", nov(1), 0), on=on, campaign=campaign)
    assert made.needed_per_day == (None if needed is None else Decimal(needed))


# Never told


def test_what_was_never_told_is_neither_zero_nor_summed() -> None:
    made = sheet(figure(1, "A", nov(1), 4), on=2)
    row = made.of(B)
    assert (row.value, row.rate, row.remaining, row.increase, row.still_days) == (
        None,
        None,
        None,
        None,
        0,
    )
    assert (row.untold, made.of(A).untold, made.of(C).untold) == (True, False, False)
    assert [one.township for one in made.untold] == ["B"]
    assert (made.total, made.target, made.all_told, made.needed_per_day) == (4, 14, False, None)


def test_a_first_report_is_no_increase() -> None:
    log = [figure(1, "A", nov(1), 4), figure(2, "A", nov(2), 5), figure(3, "B", nov(2), 3)]
    made = sheet(*log, on=2)
    assert (made.total, made.increase, made.pace) == (8, 1, 1)
    assert [one.township for one in made.new] == ["B"]
    assert made.of(B).increase is None
    assert sheet(*log, on=3).new == ()


def test_a_baseline_stands_before_the_first_day() -> None:
    begun = {(COMPLETED, None): Decimal(3)}
    towns = tuple(
        replace(town, baseline=begun if town.name == A else {}) for town in CAMPAIGN.townships
    )
    campaign = replace(CAMPAIGN, townships=towns)
    row = row_of_a(on=1, campaign=campaign)
    assert (row.value, row.baseline, row.first_told, row.reported) == (
        3,
        3,
        nov(1) - timedelta(days=1),
        Reported.MISSING,
    )
    assert (row.carried, row.carried_from) == (True, None)
    assert [one.township for one in sheet(on=1, campaign=campaign).untold] == ["B"]
    log = [figure(1, "A", nov(2), 5)]
    made = sheet(*log, on=2, campaign=campaign)
    assert (made.of(A).value, made.of(A).increase, made.of(A).baseline, made.new) == (5, 2, 3, ())
    assert with_baseline(campaign, {}) == {(A, COMPLETED, None): 3}
    assert with_baseline(campaign, {(A, COMPLETED, None): Decimal(5)}) == {(A, COMPLETED, None): 5}


def test_parts_are_whole_only_where_they_come_to_the_total() -> None:
    name = "云樟镇"
    total, part = figure(1, name, nov(1), 12), figure(2, name, nov(1), 11, category="C")
    assert not sheet(total, on=1, campaign=WITH_STAGES).parts_whole
    assert not sheet(total, part, on=1, campaign=WITH_STAGES).parts_whole
    assert sheet(
        total, part, figure(3, name, nov(1), 1, category="D"), on=1, campaign=WITH_STAGES
    ).parts_whole


def asked(*days: int, answered: tuple[int, ...] = ()) -> Asking:
    return Asking(
        days=frozenset(map(nov, days)), answered={nov(on): frozenset({A}) for on in answered}
    )


@pytest.mark.parametrize(
    ("asking", "on", "reported", "missing_days"),
    [
        (asked(), 3, Reported.NOT_ASKED, 0),
        (asked(3), 3, Reported.MISSING, 1),
        # what nobody asked for neither breaks nor lengthens the run
        (asked(1, 3), 3, Reported.MISSING, 2),
        (asked(1, 3), 2, Reported.NOT_ASKED, 1),
        (asked(1, 2, 3, answered=(2,)), 2, Reported.ANSWERED, 0),
        (asked(1, 2, 3, answered=(2,)), 3, Reported.MISSING, 1),
    ],
)
def test_nobody_is_missing_whom_nobody_asked(
    asking: Asking, on: int, reported: Reported, missing_days: int
) -> None:
    row = day_sheet(CAMPAIGN, [], nov(on), EVER, asking).of(A)
    assert (row.reported, row.missing_days, row.absent) == (
        reported,
        missing_days,
        reported is Reported.MISSING,
    )


@given(log=logs())
def test_nothing_is_said_of_an_untold_township(log: list[Figure]) -> None:
    told = standing_figures(log, DAYS[-1], EVER)
    for made in day_sheets(CAMPAIGN, log, DAYS[-1], EVER):
        for row in made.townships:
            assert row.told or (row.value, row.rate, row.increase, row.still_days, row.done) == (
                None,
            ) * 3 + (0, False)
        assert (
            made.all_told == all((name, COMPLETED, None) in told for name in (A, B))
            or made.day < DAYS[-1]
        )


def test_a_campaign_of_decimals_is_exact() -> None:
    campaign = small_campaign(
        {"A": 1}, decimals=4, townships=(Township(name=A, target=Decimal("432.8723")),)
    )
    row = row_of_a(
        figure(1, "A", nov(1), "0.1"), figure(2, "A", nov(2), "0.3"), on=2, campaign=campaign
    )
    assert (row.increase, row.rate) == (Decimal("0.2"), Fraction(3000, 4328723))


# Rates as people read them


@pytest.mark.parametrize(
    ("value", "target", "shown"),
    [
        (0, 5, "0.00%"),
        (193, 341, "56.60%"),
        (340, 341, "99.71%"),
        (99996, 100000, "99.99%"),  # never 100.00% before all are done
        (341, 341, "100.00%"),
        (51, 50, "102.00%"),
        (1, 32, "3.13%"),  # 3.125 goes up
        (9, 22, "40.91%"),
    ],
)
def test_a_rate_is_shown_half_up_from_the_exact_fraction(
    value: int, target: int, shown: str
) -> None:
    assert percent(Fraction(value, target)) == shown


@given(target=st.integers(1, 10**9), value=st.integers(0, 10**9))
def test_only_what_is_done_is_shown_as_100_percent(target: int, value: int) -> None:
    shown = percent(Fraction(value, target))
    if value < target:
        assert Decimal(shown.rstrip("%")) < 100
    else:
        assert Decimal(shown.rstrip("%")) >= 100
    assert abs(Fraction(shown.rstrip("%")) - Fraction(value * 100, target)) <= Fraction(1, 100)


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        (Decimal("17"), "17"),
        (Decimal("17.00"), "17"),
        (Decimal("432.8723"), "432.8723"),
        (Decimal("1E+3"), "1000"),
        (Decimal("100"), "100"),
        (Decimal("0.50"), "0.5"),
        (Decimal("0.00"), "0"),
        (341, "341"),
        (Decimal("-3"), "-3"),
    ],
)
def test_a_value_is_shown_without_trailing_zeros_and_exponents(
    value: Decimal | int, shown: str
) -> None:
    assert plain(value) == shown
