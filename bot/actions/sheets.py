"""Lays out the sheets of a campaign's days from the ledger: what every notice is written from."""

from __future__ import annotations

from datetime import date, datetime

from bot.domain.campaign import Campaign, NoticeKind
from bot.domain.progress import DaySheet, day_sheets
from bot.domain.workdays import Strike, bulletin_days
from bot.store import Session, figures, notices


def sheets_until(session: Session, campaign: Campaign, strike: Strike) -> tuple[DaySheet, ...]:
    """The sheets of all days up to the strike's own, as known at the moment it happens."""
    return sheets_known(session, campaign, strike.day, strike.at)


def sheets_known(session: Session, campaign: Campaign, day: date, known_at: datetime) -> tuple[DaySheet, ...]:
    """The sheets of all days up to `day`, as known at `known_at`."""
    return day_sheets(campaign, figures.figures_until(session, campaign.key, day, known_at), day, known_at)


def issues_without_notice(session: Session, campaign: Campaign, day: date) -> tuple[int, ...]:
    """The issue numbers just before that of `day` that never had a bulletin since the last one: `day`'s stands for them too.

    Empty while there has been no bulletin at all: an installation that begins in mid-season owes nothing for the days before.
    """
    issued = {notice.day for _, notice in notices.notices(session, campaign.key) if notice.kind is NoticeKind.BULLETIN}
    skipped: list[int] = []
    for number, earlier in reversed(list(enumerate(bulletin_days(campaign), 1))):
        if earlier >= day:
            continue
        if earlier in issued:
            return tuple(reversed(skipped))
        skipped.append(number)
    return ()
