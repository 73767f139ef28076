"""The State Council's calendar: days off and weekend days worked, and which years are known at
all.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import date, datetime

from bot.domain.campaigns.campaign import Calendar, Campaign, ReportingDays

PUBLICATION_MONTH = 10
"""The notice for a year appears from October to December of the year before."""


def published_years() -> frozenset[int]:
    """The years whose notice is installed; of a year that is not, the calendar library may still
    know a stray day.
    """
    from chinese_calendar import constants  # only campaigns with working days pay for it

    return frozenset(day.year for day in constants.holidays if (day.month, day.day) == (10, 1))


def calendar_for(
    years: Collection[int],
    *,
    off: Collection[date] = (),
    work: Collection[date] = (),
    known: Collection[int] = (),
) -> Calendar:
    """The calendar of these years with the operator's own days over it; a year nobody has published
    is left out.

    `known` names years the operator has entered whole by hand.
    """
    from chinese_calendar import constants  # only campaigns with working days pay for it

    published = published_years() & set(years)
    return Calendar(
        years=frozenset(published | set(known)),
        off=frozenset(
            {day for day in constants.holidays if day.year in published} - set(work) | set(off)
        ),
        work=frozenset(
            {day for day in constants.workdays if day.year in published} - set(off) | set(work)
        ),
    )


def calendar_warnings(campaign: Campaign, at: datetime) -> list[str]:
    """From October on, while a working-day campaign runs: next year's calendar is not installed.

    A campaign that reaches into such a year is refused when it is loaded; this tells the operator
    before that happens.
    """
    local = at.astimezone(campaign.timezone)
    coming = local.year + 1
    if (
        campaign.days is ReportingDays.EVERY_DAY
        or local.month < PUBLICATION_MONTH
        or local.date() > campaign.deadline
        or coming in published_years() | campaign.calendar.years
    ):
        return []
    return [
        f"{campaign.key}: the working calendar of {coming} is not installed, and a campaign that reaches into {coming} will be"  # noqa: E501
        f" refused; update chinesecalendar once the State Council has published it, or enter the year under [calendar]"
    ]
