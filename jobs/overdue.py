"""17:40: supervisors get the list of what is overdue, with the name of who owes it."""

from __future__ import annotations

from bot.actions.notices.publish import publish
from bot.domain.campaigns.enrolled import Enrolled
from bot.domain.campaigns.workdays import Strike
from bot.store import Session
from bot.views.day import compose
from bot.views.day.sheets import sheets_until
from bot.views.notices.wording import Wording
from bot.views.oversight.overdue import words


def run(session: Session, enrolled: Enrolled, strike: Strike, wording: Wording) -> None:
    """Publishes the overdue list of `strike.day`; says nothing when nothing is overdue."""
    sheets = sheets_until(session, enrolled.campaign, strike)
    said = words(session, enrolled.campaign, strike.at)
    notice = compose.overdue_list(wording, enrolled.campaign, enrolled.version, strike, sheets, said)
    if notice is not None:
        publish(session, enrolled.campaign, notice)
