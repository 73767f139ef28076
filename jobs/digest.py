"""08:00 the next morning: leaders read where it stands, and whether the pace kept is the pace needed."""

from __future__ import annotations

from bot.actions.campaigns.enrol import Enrolled
from bot.actions.day import compose
from bot.actions.day.publish import publish
from bot.actions.day.sheets import sheets_until
from bot.domain.workdays import Strike
from bot.store import Session


def run(session: Session, enrolled: Enrolled, strike: Strike, wording: compose.Wording) -> None:
    """Publishes the leaders' digest about `strike.day`, the day before the morning it strikes on."""
    sheets = sheets_until(session, enrolled.campaign, strike)
    notice = compose.digest(wording, enrolled.campaign, enrolled.version, strike, sheets)
    publish(session, enrolled.campaign, notice)
