"""18:00: leaders read how many townships have reported; what a stranger's first job may look
like.
"""

from __future__ import annotations

from bot.actions.day.strike import Job
from bot.actions.notices.publish import publish
from bot.domain.campaigns.campaign import Audience, Campaign, Disclosure, LeadsTo, NoticeTraits
from bot.domain.campaigns.enrolled import Enrolled
from bot.domain.campaigns.workdays import ScheduledRun
from bot.domain.figures.progress import DaySheet, Reported
from bot.domain.notices.notice import Notice
from bot.store import Session
from bot.views.day import compose
from bot.views.day.sheets import sheets_until
from bot.views.notices.wording import NoticeWording

REPORTED = (Reported.ON_TIME, Reported.LATE)


def run(session: Session, enrolled: Enrolled, strike: ScheduledRun, wording: NoticeWording) -> None:
    """Publishes how many townships have reported for `strike.day`."""
    sheets = sheets_until(session, enrolled.campaign, strike)
    notice = _brief(wording, enrolled.campaign, enrolled.version, strike, sheets)
    publish(session, enrolled.campaign, notice)


def _brief(
    wording: NoticeWording,
    campaign: Campaign,
    version: int,
    strike: ScheduledRun,
    sheets: tuple[DaySheet, ...],
) -> Notice:
    reported = sum(row.reported in REPORTED for row in sheets[-1].townships)
    return compose.notice(wording, campaign, version, strike, {"reported": reported})


JOB = Job(
    name="brief",
    order=45,
    on_bulletin_days=True,
    held_back=True,
    notice=NoticeTraits(
        resent_when_unknown=True,
        leads_to=LeadsTo.BOARD,
        disclosure=Disclosure.WITHOUT_TEXT,
        first_sent_to=frozenset({Audience.LEADERS}),
    ),
    run=run,
    sample=lambda wording, campaign, strike, sheets: _brief(wording, campaign, 0, strike, sheets),
)
