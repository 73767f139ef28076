"""Closes a reporting day: from here on a figure for it is a correction, and a person decides."""

from __future__ import annotations

from datetime import date

from bot import log
from bot.domain.campaigns.campaign import Campaign
from bot.domain.campaigns.workdays import ScheduledRun, planned_close, reporting_days
from bot.store import Session
from bot.store.day import closings


def is_closed(session: Session, campaign: Campaign, day: date) -> bool:
    """Whether that day has ended: at its bulletin's hour, or earlier by a person's word. Nothing is
    asked for it any more.
    """
    return day in closings.closings(session, campaign.key)


def close_day(session: Session, campaign: Campaign, strike: ScheduledRun) -> None:
    """Records that the day of `strike` ended now, and with it every earlier reporting day still
    open.
    """
    closed = closings.closings(session, campaign.key)
    for day in reporting_days(campaign):
        if day <= strike.day and day not in closed:
            closings.add_closing(
                session,
                campaign.key,
                day,
                planned=planned_close(campaign, day),
                closed_at=strike.at,
            )
            log.event("day closed", day=day, late=strike.late)
