"""16:00: those missing, and only those, are reminded, once."""

from __future__ import annotations

from datetime import time

from bot.actions.day.close_day import is_closed
from bot.actions.day.strike import Job
from bot.actions.notices.publish import publish
from bot.actions.replies.collect import asked_townships
from bot.actions.replies.hear import say_with_reminder, unsaid_questions
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
    """Reminds the townships that have not reported for `strike.day`, their contacts mentioned;
    nobody else is told.
    """
    campaign = enrolled.campaign
    if is_closed(session, campaign, strike.day):
        return
    sheet = sheets_until(session, campaign, strike)[-1]
    asked = asked_townships(session, campaign, strike.day)
    unsaid = unsaid_questions(session, campaign, strike.day)
    questions = {
        township: question
        for township, (_, question) in unsaid.items()
        if sheet.of(township).awaited
    }
    notice = compose.remind(wording, campaign, enrolled.version, strike, sheet, asked, questions)
    if notice is not None:
        publish(session, campaign, notice)
        say_with_reminder(session, (unsaid[township][0] for township in questions), strike.at)


def _sample(
    wording: NoticeWording, campaign: Campaign, strike: ScheduledRun, sheets: tuple[DaySheet, ...]
) -> Notice | None:
    return compose.remind(wording, campaign, 0, strike, sheets[-1], ())


JOB = Job(
    name="remind",
    order=20,
    usual_hour=time(16),
    notice=NoticeTraits(
        asks_for_the_day=True,
        disclosure=Disclosure.WITHOUT_TEXT,
        first_sent_to=frozenset({Audience.TOWNSHIPS}),
    ),
    run=run,
    sample=_sample,
)
