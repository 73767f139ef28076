"""The State Council's calendar: which days are worked, which years are known, and when the operator
is warned.
"""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from bot.domain.campaigns.campaign import Calendar, ReportingDays
from bot.domain.campaigns.workdays import is_workday
from config.holidays import calendar_for, calendar_warnings, published_years
from tests.builders import at, rural_housing_2021

NOTICES = {
    # year: (days off, weekend days worked), as month-day, from the State Council's notices
    2021: (
        ["01-01..03", "02-11..17", "04-03..05", "05-01..05", "06-12..14", "09-19..21", "10-01..07"],
        ["02-07", "02-20", "04-25", "05-08", "09-18", "09-26", "10-09"],
    ),
    2026: (
        ["01-01..03", "02-15..23", "04-04..06", "05-01..05", "06-19..21", "09-25..27", "10-01..07"],
        ["01-04", "02-14", "02-28", "05-09", "09-20", "10-10"],
    ),
}


@pytest.mark.parametrize("year", NOTICES)
def test_every_day_of_a_year_is_as_the_notice_says(year: int) -> None:
    spans, worked = NOTICES[year]
    off = set()
    for span in spans:
        first, last = span.split("..")
        off |= {
            date.fromisoformat(f"{year}-{first[:2]}-{day:02}")
            for day in range(int(first[3:]), int(last) + 1)
        }
    made_up = {date.fromisoformat(f"{year}-{day}") for day in worked}
    calendar = calendar_for([year])
    for number in range(365):
        day = date(year, 1, 1) + timedelta(days=number)
        assert is_workday(calendar, day) == (
            day in made_up or (day.weekday() < 5 and day not in off)
        ), day


def test_the_operators_own_days_win_over_the_notice() -> None:
    calendar = calendar_for(
        [2021], off=[date(2021, 10, 9), date(2021, 11, 1)], work=[date(2021, 10, 7)]
    )
    assert not is_workday(calendar, date(2021, 10, 9))
    assert not is_workday(calendar, date(2021, 11, 1))
    assert is_workday(calendar, date(2021, 10, 7))


def test_a_year_nobody_has_published_is_unknown_unless_the_operator_enters_it() -> None:
    assert {2021, 2026} <= published_years()
    assert 2097 not in published_years()
    assert calendar_for([2021, 2097]).years == {2021}
    assert calendar_for([2097], known=[2097], off=[date(2097, 10, 1)]).years == {2097}


LAST = max(published_years())


@pytest.mark.parametrize(
    ("moment", "days", "calendar", "warned"),
    [
        (f"{LAST}-09-30 23:59", ReportingDays.WORKDAYS, Calendar(), False),
        (f"{LAST}-10-01 00:00", ReportingDays.WORKDAYS, Calendar(), True),
        (f"{LAST}-12-31 23:59", ReportingDays.BULLETIN_ON_WORKDAYS, Calendar(), True),
        (f"{LAST}-12-31 23:59", ReportingDays.EVERY_DAY, Calendar(), False),
        (
            f"{LAST}-12-31 23:59",
            ReportingDays.WORKDAYS,
            Calendar(years=frozenset({LAST + 1})),
            False,
        ),
        (f"{LAST - 1}-10-01 00:00", ReportingDays.WORKDAYS, Calendar(), False),
    ],
)
def test_from_october_on_the_missing_calendar_of_next_year_is_told(
    moment: str, days: ReportingDays, calendar: Calendar, warned: bool
) -> None:
    campaign = rural_housing_2021(days=days, calendar=calendar, deadline=date(LAST + 1, 3, 31))
    warnings = calendar_warnings(campaign, at(moment))
    assert len(warnings) == warned
    assert all(
        f"the working calendar of {LAST + 1} is not installed" in warning for warning in warnings
    )


def test_a_campaign_that_is_over_is_not_warned_about() -> None:
    campaign = rural_housing_2021(days=ReportingDays.WORKDAYS, deadline=date(LAST, 11, 20))
    assert calendar_warnings(campaign, at(f"{LAST}-11-20 23:00"))
    assert calendar_warnings(campaign, at(f"{LAST}-11-21 00:00")) == []
