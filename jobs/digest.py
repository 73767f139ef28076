"""08:00 the next morning: leaders read where it stands, and whether the pace kept is the pace needed."""

from __future__ import annotations

from bot.actions.notices.publish import publish
from bot.domain.campaigns.enrolled import Enrolled
from bot.domain.campaigns.workdays import Strike
from bot.store import Session
from bot.views.day import compose
from bot.views.day.sheets import sheets_until
from bot.views.notices.wording import Wording


def run(session: Session, enrolled: Enrolled, strike: Strike, wording: Wording) -> None:
    """Publishes the leaders' digest about `strike.day`, the day before the morning it strikes on."""
    sheets = sheets_until(session, enrolled.campaign, strike)
    notice = compose.digest(wording, enrolled.campaign, enrolled.version, strike, sheets)
    publish(session, enrolled.campaign, notice)
