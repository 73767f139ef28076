"""17:40: supervisors get the list of what is overdue, with the name of who owes it."""

from __future__ import annotations

from bot.actions import compose
from bot.actions.enrol import Enrolled
from bot.actions.overdue import words
from bot.actions.publish import publish
from bot.actions.sheets import sheets_until
from bot.domain.workdays import Strike
from bot.store import Session


def run(session: Session, enrolled: Enrolled, strike: Strike, wording: compose.Wording) -> None:
    """Publishes the overdue list of `strike.day`; says nothing when nothing is overdue."""
    sheets = sheets_until(session, enrolled.campaign, strike)
    said = words(session, enrolled.campaign, strike.at)
    notice = compose.overdue_list(wording, enrolled.campaign, enrolled.version, strike, sheets, said)
    if notice is not None:
        publish(session, enrolled.campaign, notice)
