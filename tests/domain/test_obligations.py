"""What townships owe: each obligation in exactly one light, its trouble counted in consecutive days."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, timedelta
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.campaign import Audience, Campaign, Milestone, ReportingDays, Rung, TownshipName, Trouble
from bot.domain.obligations import Light, Obligation, Owed, obligations, overdue, planned_share
from bot.domain.progress import Figure, day_sheets
from bot.domain.workdays import planned_close, reporting_days
from tests.builders import at, day, figure, small_campaign

A = TownshipName("A")
SUPERVISED = Rung(trouble=Trouble.MISSING, days=2, audience=Audience.SUPERVISORS)
LED = Rung(trouble=Trouble.MISSING, days=3, audience=Audience.LEADERS, measure="约谈")
CAMPAIGN = small_campaign({"A": 10, "B": 20, "无": 0}, ladder=(LED, SUPERVISED))  # 1 to 10 November
EVER = at("12-31 00:00")


def owed_at(moment: str, figures: list[Figure], campaign: Campaign = CAMPAIGN) -> tuple[Obligation, ...]:
    """What is owed at that moment of November, for the day it lies in."""
    now = at(moment)
    return obligations(campaign, day_sheets(campaign, figures, now.date(), EVER), now)


def of_a(what: Owed, moment: str, figures: list[Figure], campaign: Campaign = CAMPAIGN) -> Obligation:
    (found,) = (one for one in owed_at(moment, figures, campaign) if one.township == A and one.owed is what)
    return found


def stated(*values: int | None) -> list[Figure]:
    """Township A's figures day by day from 1 November; None is a day of silence."""
    return [figure(n, "A", date(2021, 11, n), value) for n, value in enumerate(values, start=1) if value is not None]


# The planned curve


def test_the_plan_runs_straight_from_the_morning_of_the_start_to_the_deadline() -> None:
    assert [planned_share(CAMPAIGN, day(on)) for on in ("10-31", "11-01", "11-05", "11-10", "11-11")] == [
        0,
        Fraction(1, 10),
        Fraction(1, 2),
        1,
        1,
    ]


def test_a_campaign_of_one_day_expects_all_of_it() -> None:
    assert planned_share(small_campaign({"A": 1}, deadline=day("11-01")), day("11-01")) == 1


def test_milestones_bend_the_curve() -> None:
    campaign = replace(
        CAMPAIGN,
        milestones=(
            Milestone(day=day("11-04"), share=Fraction(1, 5)),
            Milestone(day=day("11-08"), share=Fraction(4, 5)),
        ),
    )
    assert [planned_share(campaign, day(f"11-{n:02}")) for n in (2, 4, 6, 8, 9, 10)] == [
        Fraction(1, 10),
        Fraction(1, 5),
        Fraction(1, 2),
        Fraction(4, 5),
        Fraction(9, 10),
        1,
    ]


@given(before=st.integers(-5, 15), after=st.integers(-5, 15))
def test_the_plan_never_falls_and_stays_between_nothing_and_all(before: int, after: int) -> None:
    before, after = sorted((before, after))
    shares = [planned_share(CAMPAIGN, CAMPAIGN.start + timedelta(days=n)) for n in (before, after)]
    assert 0 <= shares[0] <= shares[1] <= 1


# The report


@pytest.mark.parametrize(
    ("moment", "figures", "light"),
    [
        ("11-02 09:00", stated(1), Light.BLUE),
        ("11-02 17:01", stated(1), Light.RED),
        ("11-02 09:00", stated(1, 2), Light.DONE),
        ("11-02 17:40", stated(1, 2), Light.DONE),
        ("11-02 17:40", [figure(1, "A", day("11-02"), 2, late=True)], Light.DONE),
        ("11-02 17:40", stated(10), Light.DONE),
    ],
)
def test_a_report_is_due_at_the_cut_off(moment: str, figures: list[Figure], light: Light) -> None:
    report = of_a(Owed.REPORT, moment, figures)
    assert (report.light, report.due, report.short) == (light, at("11-02 17:00"), Decimal(0))


def test_days_of_silence_climb_the_ladder_one_step_at_a_time() -> None:
    log = stated(1)
    seen = [of_a(Owed.REPORT, f"11-0{n} 17:40", log) for n in range(1, 6)]
    assert [one.days for one in seen] == [0, 1, 2, 3, 4]
    assert [one.rung for one in seen] == [None, None, SUPERVISED, LED, LED]
    assert [one.since for one in seen] == [None] + [day("11-02")] * 4
    assert seen[1].trouble is Trouble.MISSING


def test_an_answer_stops_the_ladder() -> None:
    log = stated(1, None, None, 1)
    assert of_a(Owed.REPORT, "11-04 17:40", log).rung is None
    assert of_a(Owed.REPORT, "11-05 17:40", log).days == 1


def test_nobody_climbs_while_the_day_is_not_over() -> None:
    early = of_a(Owed.REPORT, "11-04 09:00", stated(1))
    assert (early.light, early.trouble, early.days, early.rung) == (Light.BLUE, None, 0, None)


# The plan and the standstill


def test_being_behind_the_plan_is_told_exactly() -> None:
    on_plan = of_a(Owed.PROGRESS, "11-02 17:40", stated(1, 2))
    assert (on_plan.light, on_plan.short, on_plan.trouble) == (Light.OPEN, Decimal(0), None)
    behind = of_a(Owed.PROGRESS, "11-04 17:40", stated(1, 2, 2, 2))
    assert (behind.light, behind.short, behind.trouble) == (Light.YELLOW, Decimal(2), Trouble.BEHIND)
    assert (behind.since, behind.days) == (day("11-03"), 2)


def test_what_is_short_is_rounded_up_to_the_unit() -> None:
    assert of_a(Owed.PROGRESS, "11-01 17:40", [], small_campaign({"A": 15})).short == 2
    assert of_a(Owed.PROGRESS, "11-01 17:40", [], small_campaign({"A": 15}, decimals=1)).short == Decimal("1.5")


def test_standing_still_counts_from_the_day_the_campaign_says() -> None:
    log = stated(8, 8, 8, 8, 8, 8)
    moving = of_a(Owed.MOVEMENT, "11-05 17:40", log)
    assert (moving.light, moving.days, moving.trouble) == (Light.OPEN, 0, None)
    still = of_a(Owed.MOVEMENT, "11-06 17:40", log)
    assert (still.light, still.days, still.since, still.trouble) == (Light.YELLOW, 5, day("11-02"), Trouble.STILL)
    assert of_a(Owed.PROGRESS, "11-06 17:40", log).light is Light.OPEN  # ahead of the plan and yet at a stand


def test_a_silent_day_does_not_lengthen_a_standstill() -> None:
    assert of_a(Owed.MOVEMENT, "11-06 17:40", stated(8, 8, 8, None, 8, 8)).light is Light.OPEN


# The deadline


@pytest.mark.parametrize(
    ("moment", "light"),
    [
        ("11-06 23:59", Light.OPEN),
        ("11-07 00:00", Light.BLUE),
        ("11-10 17:29", Light.BLUE),
        ("11-10 17:30", Light.RED),
        ("11-10 17:40", Light.RED),
    ],
)
def test_the_deadline_is_blue_within_three_days_and_red_when_past(moment: str, light: Light) -> None:
    deadline = of_a(Owed.DEADLINE, moment, stated(7))
    assert (deadline.light, deadline.due, deadline.short) == (light, at("11-10 17:30"), Decimal(3))


def test_whoever_is_done_owes_nothing_more() -> None:
    for moment in ("11-02 09:00", "11-02 17:40", "11-10 17:40"):
        assert {(one.light, one.short) for one in owed_at(moment, stated(10)) if one.township == A} == {
            (Light.DONE, Decimal(0))
        }


def test_a_township_without_a_task_owes_nothing() -> None:
    assert {one.township for one in owed_at("11-02 17:40", [])} == {"A", "B"}


def test_before_the_first_day_nobody_owes_anything() -> None:
    assert obligations(CAMPAIGN, (), at("10-31 12:00")) == ()


# The overdue list


def test_the_overdue_list_has_the_worst_and_oldest_first() -> None:
    listed = overdue(owed_at("11-03 17:40", [figure(1, "B", day("11-01"), 2), figure(2, "B", day("11-02"), 3)]))
    assert [(one.owed, one.township, one.days) for one in listed] == [
        (Owed.REPORT, "A", 3),
        (Owed.REPORT, "B", 1),
        (Owed.PROGRESS, "A", 3),
        (Owed.PROGRESS, "B", 2),
    ]


def test_what_is_equally_old_stands_in_official_order() -> None:
    campaign = small_campaign(dict.fromkeys("乙甲丙", 10))
    reports = [one.township for one in overdue(owed_at("11-01 17:40", [], campaign)) if one.owed is Owed.REPORT]
    assert reports == ["乙", "甲", "丙"]


@st.composite
def moments_of_a_campaign(draw: st.DrawFn) -> tuple[Campaign, list[Figure], datetime]:
    campaign = replace(
        CAMPAIGN,
        days=draw(st.sampled_from(ReportingDays)),
        still_days=draw(st.integers(1, 4)),
        due_soon_days=draw(st.integers(0, 5)),
    )
    days = reporting_days(campaign)
    log: list[Figure] = []
    for township in "AB":
        value = 0
        for on in days:
            value += draw(st.sampled_from([0, 0, 1, 3]))
            if draw(st.booleans()):
                log.append(figure(len(log) + 1, township, on, value, late=draw(st.booleans())))
    return campaign, log, at("11-01 00:00") + timedelta(minutes=draw(st.integers(0, 12 * 24 * 60)))


@given(given_=moments_of_a_campaign())
def test_every_obligation_is_owed_once_and_in_exactly_one_light(
    given_: tuple[Campaign, list[Figure], datetime],
) -> None:
    campaign, log, now = given_
    sheets = day_sheets(campaign, log, now.date(), EVER)
    owed = obligations(campaign, sheets, now)
    assert sorted((one.township, one.owed) for one in owed) == sorted((name, what) for name in "AB" for what in Owed)
    for one in owed:
        row = sheets[-1].of(one.township)
        troubled = one.light in (Light.RED, Light.YELLOW)
        assert (one.light is Light.DONE) >= row.done
        assert one.light is not Light.RED or now >= one.due
        assert one.light is not Light.BLUE or now <= one.due
        assert (one.trouble is not None) == (troubled and one.owed is not Owed.DEADLINE)
        assert (one.days > 0) == (one.since is not None) == (one.trouble is not None)
        if one.rung is not None:
            assert one.rung.trouble is one.trouble
            assert one.rung.days <= one.days
        if one.since is not None:
            assert one.days <= sum(one.since <= sheet.day for sheet in sheets)
    assert set(overdue(owed)) == {one for one in owed if one.light in (Light.RED, Light.YELLOW)}
    if now >= planned_close(campaign, campaign.deadline):
        assert all(one.light in (Light.RED, Light.DONE) for one in owed if one.owed is Owed.DEADLINE)


@given(given_=moments_of_a_campaign())
def test_the_deadline_and_the_plan_of_a_past_day_never_get_better_by_waiting(
    given_: tuple[Campaign, list[Figure], datetime],
) -> None:
    campaign, log, now = given_
    order = [Light.DONE, Light.OPEN, Light.BLUE, Light.YELLOW, Light.RED]
    sheets = day_sheets(campaign, log, now.date(), EVER)
    for one, later in zip(
        obligations(campaign, sheets, now), obligations(campaign, sheets, now + timedelta(hours=9)), strict=True
    ):
        assert order.index(one.light) <= order.index(later.light)
