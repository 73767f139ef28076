"""17:30: the day is closed; standings, movement and who is late go out as 第N期."""

from __future__ import annotations

from datetime import time

from bot.actions.day.close_day import close_day
from bot.actions.day.strike import Job
from bot.actions.notices.publish import publish
from bot.actions.replies.collect import read_before_closing
from bot.domain.campaigns.campaign import (
    BULLETIN,
    Audience,
    Campaign,
    Disclosure,
    LeadsTo,
    NoticeTraits,
)
from bot.domain.campaigns.enrolled import Enrolled
from bot.domain.campaigns.workdays import ScheduledRun, is_bulletin_day
from bot.domain.figures.progress import DaySheet
from bot.domain.notices.notice import Notice
from bot.store import Session
from bot.views.day import compose
from bot.views.day.sheets import issues_without_notice, sheets_until
from bot.views.day.steering import sentence_at
from bot.views.day.told import targets_moved
from bot.views.notices.wording import NoticeWording


def run(session: Session, enrolled: Enrolled, strike: ScheduledRun, wording: NoticeWording) -> None:
    """Closes `strike.day`, with every earlier day still open, and publishes its bulletin if the day
    has one.
    """
    campaign = enrolled.campaign
    read_before_closing(session, enrolled, wording.reading(), strike.at)
    close_day(session, campaign, strike)
    if not is_bulletin_day(campaign, strike.day):
        return
    merged = issues_without_notice(session, campaign, strike.day)
    sheets = sheets_until(session, campaign, strike)
    own = sentence_at(session, campaign.key, strike.day, strike.at)
    notice = compose.bulletin(
        wording,
        campaign,
        enrolled.version,
        strike,
        sheets,
        merged=merged,
        sentence="" if own is None else own.reason,
        targets=targets_moved(session, enrolled, strike.day),
    )
    publish(session, campaign, notice)


def _sample(
    wording: NoticeWording, campaign: Campaign, strike: ScheduledRun, sheets: tuple[DaySheet, ...]
) -> Notice:
    return compose.bulletin(wording, campaign, 0, strike, sheets)


JOB = Job(
    name=BULLETIN,
    order=30,
    held_back=True,
    usual_hour=time(17, 30),
    notice=NoticeTraits(
        resent_when_unknown=True,
        leads_to=LeadsTo.BOARD,
        disclosure=Disclosure.FULL,
        first_sent_to=frozenset(Audience),
    ),
    run=run,
    sample=_sample,
)
