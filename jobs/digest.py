"""08:00 the next morning: leaders read where it stands, and whether the pace kept is the pace
needed.
"""

from __future__ import annotations

from datetime import time

from bot.actions.day.close_day import is_closed
from bot.actions.day.strike import Job
from bot.actions.notices.publish import publish
from bot.domain.campaigns.campaign import (
    About,
    Audience,
    Campaign,
    Disclosure,
    LeadsTo,
    NoticeTraits,
)
from bot.domain.campaigns.enrolled import Enrolled
from bot.domain.campaigns.workdays import ScheduledRun
from bot.domain.figures.progress import DaySheet
from bot.domain.notices.notice import Notice
from bot.store import Session
from bot.views.day import compose
from bot.views.day.sheets import sheets_until
from bot.views.notices.wording import NoticeWording


def run(session: Session, enrolled: Enrolled, strike: ScheduledRun, wording: NoticeWording) -> None:
    """Publishes the leaders' digest about `strike.day`, the day before the morning it strikes on.

    Of a day that never ended, because the campaign was taken up after its bulletin, nothing is
    said.
    """
    if not is_closed(session, enrolled.campaign, strike.day):
        return
    sheets = sheets_until(session, enrolled.campaign, strike)
    notice = compose.digest(wording, enrolled.campaign, enrolled.version, strike, sheets)
    publish(session, enrolled.campaign, notice)


def _sample(
    wording: NoticeWording, campaign: Campaign, strike: ScheduledRun, sheets: tuple[DaySheet, ...]
) -> Notice:
    return compose.digest(wording, campaign, 0, strike, sheets)


JOB = Job(
    name="digest",
    order=50,
    about=About.DAY_BEFORE,
    on_bulletin_days=True,
    held_back=True,
    usual_hour=time(8),
    notice=NoticeTraits(
        leads_to=LeadsTo.BOARD,
        disclosure=Disclosure.FULL,
        first_sent_to=frozenset({Audience.LEADERS}),
    ),
    run=run,
    sample=_sample,
)
