"""The dead-man's switch: somebody outside is called while all is well, and raises the alarm when
the calls stop.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from datetime import UTC, datetime, timedelta

from bot import log
from bot.domain.campaigns.campaign import Campaign, CampaignKey
from bot.store import Session, Store
from bot.store.day import closings, runs
from bot.views.day.watch import watch

JOB = "heartbeat"
EVERYBODY = CampaignKey("*")
"""Under this key the ledger keeps the hours; the closed days stand under their campaigns."""

PAUSES = tuple(timedelta(minutes=minutes) for minutes in (1, 2, 5, 10))
"""Between tries at a service that does not answer."""

Knock = Callable[[], str | None]
"""Calls the operator's address; None when that was taken, else what went wrong, without the
address.
"""


class Heart:
    """Calls once for each hour and once for each closed day, and only while nothing is in trouble;
    says its own troubles once.
    """

    def __init__(self, store: Store, knock: Knock) -> None:
        self._store, self._knock = store, knock
        self._not_before: datetime | None = None
        self._failed = 0
        self._withheld = False

    def beat(self, campaigns: Collection[Campaign], at: datetime) -> bool:
        """Calls if a call is due and all is well; whether it was called and taken.

        The hours are written down after the call: a restart neither skips nor repeats one, and only
        a process that dies between the two, or a second one in the same minute, calls once more,
        which means the same to whoever is called. What was missed while the machine slept is not
        made up for; the call of this hour says it all.
        """
        # A moment far ahead was set by a clock that has been put back since.
        if self._not_before is not None and at < self._not_before <= at + PAUSES[-1]:
            return False
        with self._store.reading() as session:
            due = _due(session, campaigns, at)
            troubles = watch(session, campaigns, at).troubles if due else ()
        if not due or troubles:
            if troubles and not self._withheld:
                log.trouble("heartbeat withheld", troubles=troubles)
            self._withheld = self._withheld or bool(troubles)
            return False
        fault = self._knock()
        if fault is not None:
            if not self._failed:
                log.trouble("heartbeat not taken", detail=fault)
            self._not_before = at + PAUSES[min(self._failed, len(PAUSES) - 1)]
            self._failed += 1
            return False
        with self._store.writing() as session:
            for campaign, planned in due:
                runs.claim_run(session, campaign, JOB, planned, ran_at=at, late=False)
        if self._failed or self._withheld:
            log.event("heartbeat taken again", failed=self._failed)
        self._not_before, self._failed, self._withheld = None, 0, False
        return True


def _due(
    session: Session, campaigns: Collection[Campaign], at: datetime
) -> list[tuple[CampaignKey, datetime]]:
    """What no call has been made for yet: this hour, and the last closed day of each campaign."""
    marks = [(EVERYBODY, at.astimezone(UTC).replace(minute=0, second=0, microsecond=0))]
    for campaign in campaigns:
        closing = closings.latest_closing(session, campaign.key)
        if closing is not None:
            marks.append((campaign.key, closing.planned))
    return [
        (key, planned) for key, planned in marks if not runs.was_done(session, key, JOB, planned)
    ]
