"""What townships owe: each obligation in exactly one light, its trouble counted in consecutive
days.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, timedelta
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.campaigns.campaign import (
    Audience,
    Campaign,
    Milestone,
    ReportingDays,
    Rung,
    TownshipName,
    Trouble,
)
from bot.domain.campaigns.workdays import is_reporting_day, planned_close, reporting_days
from bot.domain.day.obligations import (
    FRESH_DAYS,
    Light,
    Obligation,
    Owed,
    Remark,
    RemarkKind,
    fresh,
    measures,
    obligations,
    open_proposals,
    outstanding,
    overdue,
    planned_course,
    planned_share,
    planned_value,
)
from bot.domain.decisions.actor import Actor
from bot.domain.figures.progress import Asking, Figure, day_sheets
from tests.builders import COMPLETED, at, day, figure, small_campaign

A = TownshipName("A")
SUPERVISED = Rung(trouble=Trouble.MISSING, days=2, audience=Audience.SUPERVISORS)
LED = Rung(trouble=Trouble.MISSING, days=3, audience=Audience.LEADERS, measure="约谈")
CAMPAIGN = small_campaign({"A": 10, "B": 20, "无": 0}, ladder=(LED, SUPERVISED))  # 1 to 10 November
EVER = at("12-31 00:00")


def owed_at(
    moment: str, figures: list[Figure], campaign: Campaign = CAMPAIGN
) -> tuple[Obligation, ...]:
    """What is owed at that moment of November, for the day it lies in."""
    now = at(moment)
    return obligations(campaign, day_sheets(campaign, figures, now.date(), EVER), now)


def of_a(
    what: Owed, moment: str, figures: list[Figure], campaign: Campaign = CAMPAIGN
) -> Obligation:
    (found,) = (
        one for one in owed_at(moment, figures, campaign) if one.township == A and one.owed is what
    )
    return found


def stated(*values: int | None) -> list[Figure]:
    """Township A's figures day by day from 1 November; None is a day of silence."""
    return [
        figure(n, "A", date(2021, 11, n), value)
        for n, value in enumerate(values, start=1)
        if value is not None
    ]


# The planned curve


def test_the_plan_runs_straight_from_the_morning_of_the_start_to_the_deadline() -> None:
    assert [
        planned_share(CAMPAIGN, day(on)) for on in ("10-31", "11-01", "11-05", "11-10", "11-11")
    ] == [
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
    assert (behind.light, behind.short, behind.trouble) == (
        Light.YELLOW,
        Decimal(2),
        Trouble.BEHIND,
    )
    assert (behind.since, behind.days) == (day("11-03"), 2)


def test_the_plan_begins_with_what_stood_when_the_campaign_was_taken_up() -> None:
    """With 7 of 10 done on the first of ten days, a third of the rest is expected after a third of
    the way.
    """
    sheets = day_sheets(CAMPAIGN, stated(7, None, None, 8), day("11-04"), EVER)
    row = sheets[-1].of(A)
    assert planned_value(CAMPAIGN, row, day("11-01")) == 7
    assert planned_value(CAMPAIGN, row, day("11-04")) == 8
    assert planned_value(CAMPAIGN, row, day("11-10")) == 10
    assert planned_course(CAMPAIGN, [row]) == ((day("11-01"), 7), (day("11-10"), 10))
    behind = of_a(Owed.PROGRESS, "11-05 17:40", stated(7, None, None, 7, 7))
    assert (behind.light, behind.short) == (Light.YELLOW, 1)


def test_a_stage_that_begins_at_nothing_is_planned_from_the_start() -> None:
    """Who tells 5 on the fifth day is where the plan is, though nothing was known of it before."""
    stages = tuple(replace(stage, from_zero=True) for stage in CAMPAIGN.stages)
    campaign = replace(CAMPAIGN, stages=stages)
    row = day_sheets(campaign, [figure(1, "A", day("11-05"), 5)], day("11-05"), EVER)[-1].of(A)
    assert planned_value(campaign, row, day("11-05")) == 5
    assert planned_course(campaign, [row]) == ((day("10-31"), 0), (day("11-10"), 10))
    untold = day_sheets(campaign, [], day("11-05"), EVER)[-1].of(A)
    assert (untold.untold, planned_value(campaign, untold, day("11-05"))) == (True, None)


def test_a_baseline_begins_the_plan_on_the_eve() -> None:
    towns = tuple(
        replace(town, baseline={(COMPLETED, None): Decimal(5)}) for town in CAMPAIGN.townships
    )
    campaign = replace(CAMPAIGN, townships=towns)
    row = day_sheets(campaign, [], day("11-02"), EVER)[-1].of(A)
    assert planned_value(campaign, row, day("11-02")) == 6
    assert planned_course(campaign, [row]) == ((day("10-31"), 5), (day("11-10"), 10))


def test_who_has_never_told_owes_a_report_and_the_deadline_and_nothing_else() -> None:
    lights = {
        one.owed: (one.light, one.short) for one in owed_at("11-03 17:40", []) if one.township == A
    }
    assert lights == {
        Owed.REPORT: (Light.RED, 0),
        Owed.PROGRESS: (Light.OPEN, 0),
        Owed.MOVEMENT: (Light.OPEN, 0),
        Owed.DEADLINE: (Light.OPEN, None),
    }


def test_nobody_is_late_for_what_nobody_asked() -> None:
    sheets = day_sheets(CAMPAIGN, [], day("11-05"), EVER, Asking(days=frozenset({day("11-04")})))
    now = at("11-05 17:40")
    reports = [one for one in obligations(CAMPAIGN, sheets, now) if one.owed is Owed.REPORT]
    assert [one.light for one in reports] == [Light.OPEN, Light.OPEN]
    earlier = obligations(CAMPAIGN, sheets[:-1], at("11-04 17:40"))
    (report,) = (one for one in earlier if one.township == A and one.owed is Owed.REPORT)
    assert (report.light, report.days, report.since) == (Light.RED, 1, day("11-04"))


def test_what_is_due_is_rounded_down_to_the_unit() -> None:
    log = stated(0, 0)  # 15 in the nine days that are left: 1⅔ a day
    assert of_a(Owed.PROGRESS, "11-02 17:40", log, small_campaign({"A": 15})).short == 1
    assert of_a(
        Owed.PROGRESS, "11-02 17:40", log, small_campaign({"A": 15}, decimals=1)
    ).short == Decimal("1.6")


def test_standing_still_counts_from_the_day_the_campaign_says() -> None:
    log = stated(1, 9, 9, 9, 9, 9, 9)
    moving = of_a(Owed.MOVEMENT, "11-06 17:40", log)
    assert (moving.light, moving.days, moving.trouble) == (Light.OPEN, 0, None)
    still = of_a(Owed.MOVEMENT, "11-07 17:40", log)
    assert (still.light, still.days, still.since, still.trouble) == (
        Light.YELLOW,
        5,
        day("11-03"),
        Trouble.STILL,
    )
    # ahead of the plan and yet at a stand
    assert of_a(Owed.PROGRESS, "11-07 17:40", log).light is Light.OPEN


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
def test_the_deadline_is_blue_within_three_days_and_red_when_past(
    moment: str, light: Light
) -> None:
    deadline = of_a(Owed.DEADLINE, moment, stated(7))
    assert (deadline.light, deadline.due, deadline.short) == (light, at("11-10 17:30"), Decimal(3))


def test_whoever_is_done_owes_nothing_more() -> None:
    for moment in ("11-02 09:00", "11-02 17:40", "11-10 17:40"):
        assert {
            (one.light, one.short) for one in owed_at(moment, stated(10)) if one.township == A
        } == {(Light.DONE, Decimal(0))}


def test_a_township_without_a_task_owes_nothing() -> None:
    assert {one.township for one in owed_at("11-02 17:40", [])} == {"A", "B"}


def test_before_the_first_day_nobody_owes_anything() -> None:
    assert obligations(CAMPAIGN, (), at("10-31 12:00")) == ()


# The overdue list


def test_the_overdue_list_has_the_worst_and_oldest_first() -> None:
    listed = overdue(
        owed_at("11-03 17:40", [figure(1, "B", day("11-01"), 2), figure(2, "B", day("11-02"), 3)])
    )
    assert [(one.owed, one.township, one.days) for one in listed] == [
        (Owed.REPORT, "A", 3),
        (Owed.REPORT, "B", 1),
        (Owed.PROGRESS, "B", 2),
    ]


def test_what_is_equally_old_stands_in_official_order() -> None:
    campaign = small_campaign(dict.fromkeys("乙甲丙", 10))
    reports = [
        one.township
        for one in overdue(owed_at("11-01 17:40", [], campaign))
        if one.owed is Owed.REPORT
    ]
    assert reports == ["乙", "甲", "丙"]


# What people say of it


def said(
    word: RemarkKind, moment: str, owed: Owed = Owed.REPORT, measure: str = "", number: int = 1
) -> Remark:
    """A word on township A's trouble."""
    return Remark(
        number=number,
        word=word,
        owed=owed,
        township=A,
        measure=measure,
        text="已联系" if word is RemarkKind.ANSWERED else "",
        by=Actor(name="王敏"),
        at=at(moment),
    )


def answered(*moments: str) -> tuple[Remark, ...]:
    return tuple(
        said(RemarkKind.ANSWERED, moment, number=n) for n, moment in enumerate(moments, start=1)
    )


def silent_since_the_first(
    moment: str, *words: Remark, campaign: Campaign = CAMPAIGN
) -> Obligation:
    """A's report at that moment, never sent from 1 November on."""
    now = at(moment)
    owed = obligations(campaign, day_sheets(campaign, [], now.date(), EVER), now, words)
    (found,) = (one for one in owed if one.township == A and one.owed is Owed.REPORT)
    return found


def test_the_ladder_stands_still_while_an_answer_is_fresh_and_then_goes_on_where_it_would_be() -> (
    None
):
    words = answered("11-02 18:00")  # two days of silence: the step is the supervisors'
    seen = [silent_since_the_first(f"11-0{n} 17:40", *words) for n in range(1, 7)]
    assert [one.rung for one in seen] == [None, SUPERVISED, SUPERVISED, SUPERVISED, SUPERVISED, LED]
    assert [one.days for one in seen] == [1, 2, 3, 4, 5, 6]  # the days are told as they are
    assert [one.answer for one in seen] == [None, None, *words * 3, None]


def test_an_answer_counts_from_the_cut_off_after_it() -> None:
    # before the third day's cut-off, so that step is not taken
    in_the_morning = answered("11-03 09:00")
    assert silent_since_the_first("11-03 17:40", *in_the_morning).rung == SUPERVISED
    in_the_evening = answered("11-03 17:00")
    assert silent_since_the_first("11-03 17:40", *in_the_evening).rung == LED


def test_a_second_answer_holds_the_step_the_first_one_held() -> None:
    words = answered("11-02 18:00", "11-04 18:00")
    assert [silent_since_the_first(f"11-0{n} 17:40", *words).rung for n in (5, 6, 7, 8)] == [
        SUPERVISED
    ] * 3 + [LED]


def test_an_answer_ends_with_the_trouble_it_was_given_in() -> None:
    log = stated(None, None, 1)  # silent for two days, then reported, then silent again
    now = at("11-04 17:40")
    owed = obligations(
        CAMPAIGN, day_sheets(CAMPAIGN, log, now.date(), EVER), now, answered("11-02 18:00")
    )
    (report,) = (one for one in owed if one.township == A and one.owed is Owed.REPORT)
    assert (report.days, report.answer, report.rung) == (1, None, None)


def test_an_answer_to_one_trouble_leaves_the_others_alone() -> None:
    campaign = small_campaign(
        {"A": 10},
        ladder=(
            Rung(trouble=Trouble.BEHIND, days=2, audience=Audience.LEADERS, measure="通报"),
            LED,
        ),
    )
    now = at("11-03 17:40")
    words = (said(RemarkKind.ANSWERED, "11-02 18:00", Owed.PROGRESS),)
    log = [figure(1, "A", day("10-31"), 0)]  # a baseline, and silence since
    owed = {
        one.owed: one
        for one in obligations(campaign, day_sheets(campaign, log, now.date(), EVER), now, words)
    }
    assert (owed[Owed.REPORT].rung, owed[Owed.REPORT].answer) == (LED, None)
    assert owed[Owed.PROGRESS].answer == words[0]


def test_a_missed_deadline_can_be_answered_and_the_answer_grows_stale_by_the_calendar() -> None:
    words = (said(RemarkKind.ANSWERED, "11-11 09:00", Owed.DEADLINE),)
    held = []
    for moment in ("11-11 08:00", "11-11 09:00", "11-13 17:30", "11-14 17:00"):
        owed = obligations(
            CAMPAIGN, day_sheets(CAMPAIGN, stated(1), day("11-10"), EVER), at(moment), words
        )
        (deadline,) = (one for one in owed if one.township == A and one.owed is Owed.DEADLINE)
        held.append(deadline.answer is not None)
    assert held == [False, True, True, False]


@given(
    days=st.sampled_from(ReportingDays),
    said_after=st.integers(0, 14 * 24 * 60),
    later=st.integers(0, 14 * 24 * 60),
)
def test_an_answer_is_fresh_for_exactly_so_many_cut_offs(
    days: ReportingDays, said_after: int, later: int
) -> None:
    campaign = replace(CAMPAIGN, days=days)
    moment = at("11-01 00:00") + timedelta(minutes=said_after)
    now = moment + timedelta(minutes=later)
    every = [CAMPAIGN.start + timedelta(days=n) for n in range(60)]
    cut_offs = [
        campaign.moment(on, campaign.cutoff)
        for on in every
        if on > campaign.deadline or is_reporting_day(campaign, on)
    ]
    assert fresh(campaign, moment, now) == (
        sum(moment < cut_off <= now for cut_off in cut_offs) <= FRESH_DAYS
    )
    assert not fresh(campaign, now + timedelta(minutes=1), now)


# Measures


def test_a_measure_is_proposed_by_the_ladder_and_decided_by_a_person() -> None:
    led = silent_since_the_first("11-03 17:40")
    (of_ladder,) = measures(CAMPAIGN, led, ())
    assert (of_ladder.text, of_ladder.state, of_ladder.of_ladder) == (
        "约谈",
        RemarkKind.PROPOSED,
        True,
    )
    for word in (RemarkKind.APPROVED, RemarkKind.DECLINED):
        (decided,) = measures(CAMPAIGN, led, (said(word, "11-03 18:00", measure="约谈"),))
        assert (decided.state, decided.of_ladder) == (word, True)
        assert open_proposals(led, (decided,)) == ()


def test_what_was_declined_may_be_proposed_again_by_a_person() -> None:
    led = silent_since_the_first("11-03 17:40")
    words = (
        said(RemarkKind.DECLINED, "11-03 18:00", measure="约谈"),
        said(RemarkKind.PROPOSED, "11-03 19:00", measure="约谈"),
    )
    (again,) = measures(CAMPAIGN, led, words)
    assert (again.state, again.said) == (RemarkKind.PROPOSED, words)
    assert open_proposals(led, (again,)) == ("约谈",)


def test_a_word_on_a_measure_ends_with_the_trouble() -> None:
    now = at("11-06 17:40")
    owed = obligations(CAMPAIGN, day_sheets(CAMPAIGN, stated(None, None, 1), now.date(), EVER), now)
    (report,) = (one for one in owed if one.township == A and one.owed is Owed.REPORT)
    assert report.rung == LED  # silent again since the fourth
    (of_ladder,) = measures(
        CAMPAIGN, report, (said(RemarkKind.DECLINED, "11-03 16:00", measure="约谈"),)
    )
    assert of_ladder.state is RemarkKind.PROPOSED


def test_an_answer_stops_what_the_ladder_proposes_and_not_what_a_person_does() -> None:
    words = (
        *answered("11-03 17:45"),
        said(RemarkKind.PROPOSED, "11-03 17:50", measure="书面说明", number=2),
    )
    led = silent_since_the_first("11-04 17:40", *words)
    assert led.rung == LED
    assert [one.text for one in measures(CAMPAIGN, led, words)] == ["约谈", "书面说明"]
    assert open_proposals(led, measures(CAMPAIGN, led, words)) == ("书面说明",)


# At any hour


def test_before_the_cut_off_what_was_overdue_the_evening_before_still_is() -> None:
    log = [*stated(None, None), figure(9, "B", day("11-01"), 2), figure(10, "B", day("11-02"), 3)]
    sheets = day_sheets(CAMPAIGN, log, day("11-03"), EVER)
    late, soon = outstanding(CAMPAIGN, sheets, at("11-03 09:00"))
    assert [(one.owed, one.township, one.days) for one in late] == [
        (Owed.REPORT, "A", 2),
        (Owed.PROGRESS, "B", 1),
    ]
    assert [(one.owed, one.township) for one in soon] == [(Owed.REPORT, "A"), (Owed.REPORT, "B")]
    late, soon = outstanding(CAMPAIGN, sheets, at("11-03 17:00"))
    assert [(one.owed, one.township) for one in late if one.owed is Owed.REPORT] == [
        (Owed.REPORT, "A"),
        (Owed.REPORT, "B"),
    ]
    assert soon == ()


@pytest.mark.parametrize(
    ("this_morning", "left"),
    [
        (None, {Owed.REPORT, Owed.PROGRESS}),
        (1, {Owed.PROGRESS}),  # reported, and still below the 2 that yesterday expected
        (2, set()),  # and reached that
        (10, set()),
    ],
)
def test_what_is_mended_in_the_morning_is_overdue_no_more(
    this_morning: int | None, left: set[Owed]
) -> None:
    log = stated(1, None, this_morning)
    late, _ = outstanding(
        CAMPAIGN, day_sheets(CAMPAIGN, log, day("11-03"), EVER), at("11-03 12:00")
    )
    assert {one.owed for one in late if one.township == A} == left


def test_movement_in_the_morning_ends_a_standstill() -> None:
    for this_morning, left in ((8, {Owed.MOVEMENT}), (9, set())):
        log = stated(1, 8, 8, 8, 8, 8, 8, this_morning)
        late, _ = outstanding(
            CAMPAIGN, day_sheets(CAMPAIGN, log, day("11-08"), EVER), at("11-08 12:00")
        )
        assert {one.owed for one in late if one.township == A} == left


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


OF_THE_DAY = (Owed.REPORT, Owed.PROGRESS, Owed.MOVEMENT, Owed.DEADLINE)
"""What every township owes; the others come from registers and money."""


@given(given_=moments_of_a_campaign())
def test_every_obligation_is_owed_once_and_in_exactly_one_light(
    given_: tuple[Campaign, list[Figure], datetime],
) -> None:
    campaign, log, now = given_
    sheets = day_sheets(campaign, log, now.date(), EVER)
    owed = obligations(campaign, sheets, now)
    assert sorted((one.township, one.owed) for one in owed) == sorted(
        (name, what) for name in "AB" for what in OF_THE_DAY
    )
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
        assert all(
            one.light in (Light.RED, Light.DONE) for one in owed if one.owed is Owed.DEADLINE
        )


@given(given_=moments_of_a_campaign())
def test_the_deadline_and_the_plan_of_a_past_day_never_get_better_by_waiting(
    given_: tuple[Campaign, list[Figure], datetime],
) -> None:
    campaign, log, now = given_
    order = [Light.DONE, Light.OPEN, Light.BLUE, Light.YELLOW, Light.RED]
    sheets = day_sheets(campaign, log, now.date(), EVER)
    for one, later in zip(
        obligations(campaign, sheets, now),
        obligations(campaign, sheets, now + timedelta(hours=9)),
        strict=True,
    ):
        assert order.index(one.light) <= order.index(later.light)


@given(
    given_=moments_of_a_campaign(),
    hours=st.lists(st.integers(0, 12 * 24), max_size=4),
    owed=st.sampled_from(Owed),
)
def test_an_answer_only_ever_keeps_the_ladder_from_climbing(
    given_: tuple[Campaign, list[Figure], datetime], hours: list[int], owed: Owed
) -> None:
    campaign, log, now = given_
    campaign = replace(
        campaign,
        ladder=tuple(
            Rung(trouble=what, days=n, audience=Audience.LEADERS)
            for what in Trouble
            for n in range(1, 13)
        ),
    )
    words = [
        replace(
            said(RemarkKind.ANSWERED, "11-01 00:00", owed),
            number=n,
            at=at("11-01 00:00") + timedelta(hours=hour),
        )
        for n, hour in enumerate(sorted(hours), start=1)
    ]
    sheets = day_sheets(campaign, log, now.date(), EVER)
    for plain, one in zip(
        obligations(campaign, sheets, now), obligations(campaign, sheets, now, words), strict=True
    ):
        assert replace(one, answer=None, rung=plain.rung) == plain
        if one.answer is None:
            assert one.rung == plain.rung
        else:
            assert (one.township, one.owed) == (A, owed)
            assert one.answer.at <= now
            assert fresh(campaign, one.answer.at, now)
        if one.rung is not None:
            assert plain.rung is not None
            assert one.rung.days <= plain.rung.days


@given(given_=moments_of_a_campaign())
def test_at_any_hour_only_what_is_late_or_near_is_shown(
    given_: tuple[Campaign, list[Figure], datetime],
) -> None:
    campaign, log, now = given_
    sheets = day_sheets(campaign, log, now.date(), EVER)
    late, soon = outstanding(campaign, sheets, now)
    assert {one.light for one in late} <= {Light.RED, Light.YELLOW}
    assert {one.light for one in soon} <= {Light.BLUE}
    if sheets and now >= campaign.moment(sheets[-1].day, campaign.cutoff):
        assert late == overdue(obligations(campaign, sheets, now))
    for one in late:
        assert not sheets[-1].of(one.township).done
