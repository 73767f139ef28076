"""17:40: supervisors get the list of what is overdue, with the name of who owes it."""

from __future__ import annotations

from datetime import time

from bot.actions.day.close_day import is_closed
from bot.actions.day.strike import Job
from bot.actions.notices.publish import publish
from bot.domain.campaigns.campaign import Audience, Campaign, Disclosure, LeadsTo, NoticeTraits
from bot.domain.campaigns.enrolled import Enrolled
from bot.domain.campaigns.workdays import ScheduledRun
from bot.domain.figures.progress import DaySheet
from bot.domain.notices.notice import Notice
from bot.store import Session
from bot.views.day import compose
from bot.views.day.sheets import sheets_until
from bot.views.money.ledger import owed_by_money, payments
from bot.views.notices.wording import NoticeWording
from bot.views.oversight.overdue import words
from bot.views.registers.ledger import owed_by_register


def run(session: Session, enrolled: Enrolled, strike: ScheduledRun, wording: NoticeWording) -> None:
    """Publishes the overdue list of `strike.day`; says nothing when nothing is overdue, and of a
    day that never ended.
    """
    if not is_closed(session, enrolled.campaign, strike.day):
        return
    sheets = sheets_until(session, enrolled.campaign, strike)
    said = words(session, enrolled.campaign, strike.at)
    campaign = enrolled.campaign
    more = (
        *owed_by_register(session, campaign, sheets, strike.at, payments),
        *owed_by_money(session, campaign, strike.at),
    )
    notice = compose.overdue_list(
        wording, enrolled.campaign, enrolled.version, strike, sheets, said, more
    )
    if notice is not None:
        publish(session, enrolled.campaign, notice)


def _sample(
    wording: NoticeWording, campaign: Campaign, strike: ScheduledRun, sheets: tuple[DaySheet, ...]
) -> Notice | None:
    return compose.overdue_list(wording, campaign, 0, strike, sheets)


JOB = Job(
    name="overdue",
    order=40,
    on_bulletin_days=True,
    held_back=True,
    usual_hour=time(17, 40),
    notice=NoticeTraits(
        leads_to=LeadsTo.OVERDUE,
        disclosure=Disclosure.WITHOUT_TEXT,
        first_sent_to=frozenset({Audience.SUPERVISORS}),
    ),
    run=run,
    sample=_sample,
)
