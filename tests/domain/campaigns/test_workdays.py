"""Which days are worked, which day a message counts for, and which hours strike."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.campaigns.campaign import Calendar, Campaign, JobKind, NoticeTraits, ReportingDays
from bot.domain.campaigns.workdays import (
    Closing,
    ScheduledRun,
    UnknownYear,
    bulletin_days,
    is_late,
    is_workday,
    issue_number,
    open_day,
    opened_at,
    planned_close,
    reporting_days,
    strike_for,
    strikes,
)
from jobs import JOBS
from tests.builders import SHANGHAI, at, day, rural_housing_2021

EVERY_DAY = rural_housing_2021()
# 1 October is a Friday off, 9 October a Saturday worked; Sunday 10 October is the start of a
# shorter campaign.
NATIONAL_DAY = Calendar(
    years=frozenset({2021}),
    off=frozenset(date(2021, 10, n) for n in range(1, 8)),
    work=frozenset({date(2021, 10, 9)}),
)
WORKDAYS = rural_housing_2021(days=ReportingDays.WORKDAYS, calendar=NATIONAL_DAY)
BULLETIN_ON_WORKDAYS = rural_housing_2021(
    days=ReportingDays.BULLETIN_ON_WORKDAYS, calendar=NATIONAL_DAY
)
WAYS = (EVERY_DAY, WORKDAYS, BULLETIN_ON_WORKDAYS)

minutes_around_the_season = st.integers(-3 * 24 * 60, 41 * 24 * 60).map(
    lambda minutes: at("10-15 00:00") + timedelta(minutes=minutes)
)


def counts_for(
    campaign: Campaign, sent: datetime, arrived: datetime | None = None, *closed: Closing
) -> date | None:
    closings = {closing.day: closing for closing in closed}
    return open_day(campaign, sent_at=sent, arrived_at=arrived or sent, closings=closings)


def closed(on: str, moment: str, campaign: Campaign = EVERY_DAY) -> Closing:
    return Closing(day=day(on), planned=planned_close(campaign, day(on)), closed_at=at(moment))


@pytest.mark.parametrize(
    ("on", "worked"),
    [
        (date(2021, 9, 30), True),
        (date(2021, 10, 1), False),
        (date(2021, 10, 8), True),
        (date(2021, 10, 9), True),
        (date(2021, 10, 10), False),
    ],
)
def test_the_state_council_moves_working_days(on: date, worked: bool) -> None:
    assert is_workday(NATIONAL_DAY, on) is worked


def test_a_year_without_data_is_a_plain_error() -> None:
    with pytest.raises(UnknownYear, match="2022"):
        is_workday(NATIONAL_DAY, date(2022, 1, 4))
    with pytest.raises(UnknownYear, match="2022"):
        reporting_days(rural_housing_2021(days=ReportingDays.WORKDAYS, deadline=date(2022, 1, 20)))


def test_a_campaign_of_every_day_needs_no_calendar() -> None:
    campaign = rural_housing_2021(calendar=Calendar(), deadline=date(2022, 1, 20))
    assert reporting_days(campaign)[-1] == date(2022, 1, 20)
    assert strikes(campaign, at("10-15 00:00"), at("10-15 23:00"))


def test_the_season_has_37_days_and_37_bulletins() -> None:
    assert len(reporting_days(EVERY_DAY)) == 37
    assert bulletin_days(EVERY_DAY) == reporting_days(EVERY_DAY)
    assert issue_number(EVERY_DAY, day("10-15")) == 1
    assert issue_number(EVERY_DAY, day("10-29")) == 15


def test_weekends_are_not_numbered_where_bulletins_go_out_on_working_days() -> None:
    assert day("10-16") in reporting_days(BULLETIN_ON_WORKDAYS)
    assert day("10-16") not in bulletin_days(BULLETIN_ON_WORKDAYS)
    assert issue_number(BULLETIN_ON_WORKDAYS, day("10-18")) == 2
    with pytest.raises(KeyError):
        issue_number(BULLETIN_ON_WORKDAYS, day("10-16"))


@pytest.mark.parametrize("campaign", WAYS, ids=lambda campaign: campaign.days)
def test_issues_are_numbered_without_a_gap_and_every_bulletin_day_is_reported(
    campaign: Campaign,
) -> None:
    days = bulletin_days(campaign)
    assert [issue_number(campaign, on) for on in days] == list(range(1, len(days) + 1))
    assert set(days) <= set(reporting_days(campaign))


@pytest.mark.parametrize(
    "campaign", [WORKDAYS, BULLETIN_ON_WORKDAYS], ids=lambda campaign: campaign.days
)
def test_the_deadline_is_reported_and_told_though_it_is_a_saturday(campaign: Campaign) -> None:
    assert bulletin_days(campaign)[-1] == reporting_days(campaign)[-1] == day("11-20")


@pytest.mark.parametrize(
    ("sent", "expected"),
    [
        ("10-14 23:59", None),
        ("10-15 00:00", "10-15"),
        ("10-29 17:29", "10-29"),
        ("10-29 17:30", "10-30"),
        ("11-20 17:29", "11-20"),
        ("11-20 17:30", None),
    ],
)
def test_a_day_runs_from_bulletin_to_bulletin(sent: str, expected: str | None) -> None:
    assert counts_for(EVERY_DAY, at(sent)) == (day(expected) if expected else None)


def test_a_message_of_the_weekend_belongs_to_the_next_working_day() -> None:
    assert counts_for(WORKDAYS, at("10-16 09:00")) == day("10-18")
    assert counts_for(WORKDAYS, at("10-15 17:31")) == day("10-18")
    assert counts_for(BULLETIN_ON_WORKDAYS, at("10-16 09:00")) == day("10-16")


def test_the_first_day_is_open_from_midnight_of_a_start_that_is_not_worked() -> None:
    campaign = rural_housing_2021(days=ReportingDays.WORKDAYS, start=date(2021, 10, 16))
    assert counts_for(campaign, at("10-15 23:59")) is None
    assert counts_for(campaign, at("10-16 00:00")) == day("10-18")


def test_a_catch_up_bulletin_still_counts_what_was_written_before_its_planned_hour() -> None:
    late_close = closed("10-29", "10-29 19:10")
    assert counts_for(EVERY_DAY, at("10-29 17:29"), at("10-29 19:09"), late_close) == day("10-29")
    assert counts_for(EVERY_DAY, at("10-29 17:29"), at("10-29 19:10"), late_close) == day("10-30")
    assert counts_for(EVERY_DAY, at("10-29 17:31"), at("10-29 17:32"), late_close) == day("10-30")


def test_publishing_early_ends_the_day() -> None:
    early = closed("10-29", "10-29 16:40")
    assert counts_for(EVERY_DAY, at("10-29 16:39"), at("10-29 16:39"), early) == day("10-29")
    assert counts_for(EVERY_DAY, at("10-29 16:39"), at("10-29 16:40"), early) == day("10-30")


def test_what_waited_while_nobody_closed_the_day_still_counts_for_it() -> None:
    assert counts_for(EVERY_DAY, at("10-29 16:00"), at("10-30 09:00")) == day("10-29")


def test_a_closed_day_has_closed_those_before_it() -> None:
    away_since_the_28th = closed("10-29", "10-29 17:30")
    assert counts_for(EVERY_DAY, at("10-28 16:00"), at("10-29 18:00"), away_since_the_28th) == day(
        "10-30"
    )


@given(sent=minutes_around_the_season, later=minutes_around_the_season)
@pytest.mark.parametrize("campaign", WAYS, ids=lambda campaign: campaign.days)
def test_the_open_days_follow_one_another_without_gap(
    campaign: Campaign, sent: datetime, later: datetime
) -> None:
    sent, later = sorted((sent, later))
    first, second = counts_for(campaign, sent), counts_for(campaign, later)
    days = reporting_days(campaign)
    if at("10-15 00:00") <= sent < planned_close(campaign, days[-1]):
        assert first in days
        assert sent < planned_close(campaign, first)
        assert all(planned_close(campaign, on) <= sent for on in days if on < first)
    else:
        assert first is None
    if first and second:
        assert first <= second


@given(sent=minutes_around_the_season, spread=st.integers(0, 3000))
def test_a_closing_never_moves_a_message_back(sent: datetime, spread: int) -> None:
    arrived = sent + timedelta(minutes=spread)
    one_closed = closed("11-01", "11-01 17:34")
    before = counts_for(EVERY_DAY, sent, arrived)
    after = counts_for(EVERY_DAY, sent, arrived, one_closed)
    if before and after:
        assert after >= before
    if arrived >= one_closed.closed_at:
        assert after != one_closed.day


@given(
    sent=minutes_around_the_season,
    zone=st.sampled_from(["UTC", "America/New_York", "Pacific/Auckland"]),
)
def test_the_zone_a_moment_is_written_in_changes_nothing(sent: datetime, zone: str) -> None:
    elsewhere = sent.astimezone(ZoneInfo(zone))
    assert counts_for(EVERY_DAY, elsewhere) == counts_for(EVERY_DAY, sent)
    assert is_late(EVERY_DAY, day("10-29"), elsewhere) == is_late(EVERY_DAY, day("10-29"), sent)
    until = elsewhere + timedelta(hours=30)
    told = strikes(EVERY_DAY, elsewhere, until)
    assert [(strike.job, strike.day) for strike in told] == [
        (strike.job, strike.day) for strike in strikes(EVERY_DAY, sent, until.astimezone(SHANGHAI))
    ]


@given(sent=minutes_around_the_season, early=st.integers(1, 400))
@pytest.mark.parametrize("campaign", WAYS, ids=lambda campaign: campaign.days)
def test_no_message_counts_for_a_day_before_it_opened(
    campaign: Campaign, sent: datetime, early: int
) -> None:
    moment = planned_close(campaign, day("11-01")) - timedelta(minutes=early)
    one_closed = Closing(
        day=day("11-01"), planned=planned_close(campaign, day("11-01")), closed_at=moment
    )
    counted = counts_for(campaign, sent, sent, one_closed)
    if counted is not None:
        opened = opened_at(campaign, counted, {one_closed.day: one_closed})
        assert opened <= sent
        assert counts_for(campaign, opened, opened, one_closed) == counted
        assert (
            counts_for(campaign, opened - timedelta(seconds=1), opened - timedelta(seconds=1))
            != counted
        )


def test_what_comes_after_the_cut_off_is_late() -> None:
    cutoff = at("10-29 17:00")
    assert not is_late(EVERY_DAY, day("10-29"), cutoff - timedelta(seconds=1))
    assert is_late(EVERY_DAY, day("10-29"), cutoff + timedelta(seconds=1))
    assert not is_late(EVERY_DAY, day("10-30"), cutoff + timedelta(hours=1))


def test_the_hours_of_a_day_strike_in_their_order() -> None:
    told = strikes(EVERY_DAY, at("10-15 00:00"), at("10-16 08:30"))
    assert [(strike.job, strike.day, strike.planned) for strike in told] == [
        ("call", day("10-15"), at("10-15 08:30")),
        ("remind", day("10-15"), at("10-15 16:00")),
        ("bulletin", day("10-15"), at("10-15 17:30")),
        ("overdue", day("10-15"), at("10-15 17:40")),
        ("digest", day("10-15"), at("10-16 08:00")),
        ("call", day("10-16"), at("10-16 08:30")),
    ]
    assert {strike.at for strike in told} == {at("10-16 08:30")}


def test_an_hour_strikes_once_at_the_end_of_the_window_that_holds_it() -> None:
    assert [strike.job for strike in strikes(EVERY_DAY, at("10-20 17:29"), at("10-20 17:30"))] == [
        "bulletin"
    ]
    assert strikes(EVERY_DAY, at("10-20 17:30"), at("10-20 17:39")) == ()
    assert strikes(EVERY_DAY, at("10-20 17:30"), at("10-20 17:00")) == ()


def test_a_campaign_ends_by_itself_with_the_digest_of_its_last_day() -> None:
    told = strikes(EVERY_DAY, at("11-20 17:35"), datetime(2023, 1, 1, tzinfo=UTC))
    assert [(strike.job, strike.day) for strike in told] == [
        ("overdue", day("11-20")),
        ("digest", day("11-20")),
    ]
    assert told[-1].planned == at("11-21 08:00")


def test_nothing_strikes_before_the_campaign() -> None:
    assert strikes(EVERY_DAY, at("10-01 00:00"), at("10-15 08:29")) == ()


def test_nobody_is_called_on_a_day_that_is_not_worked() -> None:
    told = strikes(WORKDAYS, at("10-15 17:00"), at("10-18 08:30"))
    assert [(strike.job, strike.day) for strike in told] == [
        ("bulletin", day("10-15")),
        ("overdue", day("10-15")),
        ("digest", day("10-15")),
        ("call", day("10-18")),
    ]


def test_a_day_without_bulletin_is_closed_all_the_same() -> None:
    told = strikes(BULLETIN_ON_WORKDAYS, at("10-16 08:00"), at("10-17 08:10"))
    assert [(strike.job, strike.day) for strike in told] == [
        ("call", day("10-16")),
        ("remind", day("10-16")),
        ("bulletin", day("10-16")),
    ]


@given(cuts=st.lists(minutes_around_the_season, min_size=2, max_size=6).map(sorted))
@pytest.mark.parametrize("campaign", WAYS, ids=lambda campaign: campaign.days)
def test_however_the_time_is_cut_every_hour_strikes_exactly_once(
    campaign: Campaign, cuts: list[datetime]
) -> None:
    whole = [
        (strike.job, strike.day, strike.planned) for strike in strikes(campaign, cuts[0], cuts[-1])
    ]
    pieces = [
        (strike.job, strike.day, strike.planned)
        for since, until in pairwise(cuts)
        for strike in strikes(campaign, since, until)
    ]
    assert pieces == whole
    assert len(set(whole)) == len(whole)
    assert [planned for _, _, planned in whole] == sorted(planned for _, _, planned in whole)


def test_a_short_window_of_a_long_campaign_asks_the_calendar_for_its_own_days_only() -> None:
    campaign = rural_housing_2021(days=ReportingDays.WORKDAYS, deadline=date(2200, 1, 1))
    assert [strike.job for strike in strikes(campaign, at("11-01 08:00"), at("11-01 09:00"))] == [
        "call"
    ]


def test_the_strike_of_a_job_is_the_one_the_clock_would_have_struck() -> None:
    (struck,) = strikes(EVERY_DAY, at("10-30 07:59"), at("10-30 08:00"))
    assert strike_for(EVERY_DAY, "digest", day("10-29"), at("10-30 08:00")) == struck


@pytest.mark.parametrize(
    ("campaign", "job", "on", "named"),
    [
        (EVERY_DAY, "lunch", "10-29", "lunch"),
        (EVERY_DAY, "call", "11-21", "2021-11-20"),
        (WORKDAYS, "call", "10-16", "2021-10-16"),
        (BULLETIN_ON_WORKDAYS, "digest", "10-16", "2021-10-16"),
    ],
)
def test_what_is_not_planned_is_refused_by_name(
    campaign: Campaign, job: str, on: str, named: str
) -> None:
    with pytest.raises(ValueError, match=named):
        strike_for(campaign, job, day(on), at("10-29 12:00"))


def test_a_few_minutes_are_not_lateness() -> None:
    def happens_at(moment: str) -> ScheduledRun:
        return strike_for(EVERY_DAY, "bulletin", day("10-29"), at(moment))

    assert not happens_at("10-29 17:20").late
    assert not happens_at("10-29 17:40").late
    assert happens_at("10-29 17:41").late
    assert happens_at("10-30 09:00").late


def test_an_hour_of_another_name_strikes_on_reporting_days() -> None:
    weather = JobKind(name="weather", order=5, notice=NoticeTraits())
    hours = {"bulletin": time(17, 30), "weather": time(7)}
    campaign = rural_housing_2021(jobs={**JOBS, "weather": weather}, hours=hours)
    told = strikes(campaign, at("10-20 06:00"), at("10-20 18:00"))
    assert [strike.job for strike in told] == ["weather", "bulletin"]
