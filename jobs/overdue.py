"""17:40: supervisors get the list of what is overdue, with the name of who owes it."""

from __future__ import annotations

from bot.actions.campaigns.enrol import Enrolled
from bot.actions.day import compose
from bot.actions.day.publish import publish
from bot.actions.day.sheets import sheets_until
from bot.actions.oversight.overdue import words
from bot.domain.workdays import Strike
from bot.store import Session


def run(session: Session, enrolled: Enrolled, strike: Strike, wording: compose.Wording) -> None:
    """Publishes the overdue list of `strike.day`; says nothing when nothing is overdue."""
    sheets = sheets_until(session, enrolled.campaign, strike)
    said = words(session, enrolled.campaign, strike.at)
    notice = compose.overdue_list(wording, enrolled.campaign, enrolled.version, strike, sheets, said)
    if notice is not None:
        publish(session, enrolled.campaign, notice)
