"""08:30: the day's request goes to the township group, with yesterday's three figures."""

from __future__ import annotations

from datetime import time

from bot.actions.day.close_day import is_closed
from bot.actions.day.strike import Job
from bot.actions.notices.publish import publish
from bot.domain.campaigns.campaign import Audience, Campaign, Disclosure, NoticeTraits
from bot.domain.campaigns.enrolled import Enrolled
from bot.domain.campaigns.workdays import ScheduledRun
from bot.domain.figures.progress import DaySheet
from bot.domain.notices.notice import Notice
from bot.store import Session
from bot.views.day import compose
from bot.views.day.sheets import sheets_until
from bot.views.notices.wording import NoticeWording


def run(session: Session, enrolled: Enrolled, strike: ScheduledRun, wording: NoticeWording) -> None:
    """Asks the townships for the figures of `strike.day`; says nothing when all of them are
    done.
    """
    if is_closed(session, enrolled.campaign, strike.day):
        return
    earlier = [
        sheet
        for sheet in sheets_until(session, enrolled.campaign, strike)
        if sheet.day < strike.day
    ]
    notice = compose.call(
        wording, enrolled.campaign, enrolled.version, strike, earlier[-1] if earlier else None
    )
    if notice is not None:
        publish(session, enrolled.campaign, notice)


def _sample(
    wording: NoticeWording, campaign: Campaign, strike: ScheduledRun, sheets: tuple[DaySheet, ...]
) -> Notice | None:
    return compose.call(wording, campaign, 0, strike, sheets[-2] if len(sheets) > 1 else None)


JOB = Job(
    name="call",
    order=10,
    usual_hour=time(8, 30),
    notice=NoticeTraits(
        asks_for_the_day=True,
        disclosure=Disclosure.FULL,
        first_sent_to=frozenset({Audience.TOWNSHIPS}),
    ),
    run=run,
    sample=_sample,
)
