"""Who was really asked for a day's report, and who answered without a figure: what lateness is
judged by (law 12).
"""

from __future__ import annotations

from datetime import date, datetime

from bot.domain.campaigns.campaign import Audience, Campaign, TownshipName
from bot.domain.campaigns.workdays import reporting_days
from bot.domain.figures.progress import Asking
from bot.store import Session
from bot.store.figures import figures
from bot.store.notices import notices
from bot.store.replies import readings

NEVER_TOLD = "never_told"
"""The doubt of a reply that is asked for its first cumulative count (docs/reading-rules.md, rule
13).
"""


def asking_known(session: Session, campaign: Campaign, known_at: datetime) -> Asking:
    """Who was asked on which day as known at `known_at`, by two questions to the ledger.

    A day counts when a request of that day is confirmed to have reached a group of the townships.
    Where the campaign asks by no notice of ours, the bureau asks by other means, and every day
    counts from the first that anybody has reported for.
    """
    return Asking(
        days=_days(session, campaign, known_at), answered=_answered(session, campaign, known_at)
    )


def _days(session: Session, campaign: Campaign, known_at: datetime) -> frozenset[date]:
    told = {group.key for group in campaign.groups if group.audience is Audience.TOWNSHIPS}
    requests = [job.kind for job in campaign.jobs.values() if job.notice.asks_for_the_day]
    if told and any(kind in campaign.hours for kind in requests):
        return notices.days_that_arrived(session, campaign.key, requests, told, known_at)
    known = figures.first_and_last_day(session, campaign.key)
    if known is None:
        return frozenset()
    return frozenset(day for day in reporting_days(campaign) if day >= known[0])


def _answered(
    session: Session, campaign: Campaign, known_at: datetime
) -> dict[date, frozenset[TownshipName]]:
    nicks = {
        contact.nick: township.name
        for township in campaign.townships
        for contact in township.contacts
    }
    found: dict[date, set[TownshipName]] = {}
    for day, sender in readings.asked_for(session, campaign.key, NEVER_TOLD, known_at):
        if sender in nicks:
            found.setdefault(day, set()).add(nicks[sender])
    return {day: frozenset(townships) for day, townships in found.items()}
