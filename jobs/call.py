"""08:30: the day's request goes to the township group, with yesterday's three figures."""

from __future__ import annotations

from bot.actions.day.close_day import is_closed
from bot.actions.notices.publish import publish
from bot.domain.campaigns.enrolled import Enrolled
from bot.domain.campaigns.workdays import Strike
from bot.store import Session
from bot.views.day import compose
from bot.views.day.sheets import sheets_until
from bot.views.notices.wording import Wording


def run(session: Session, enrolled: Enrolled, strike: Strike, wording: Wording) -> None:
    """Asks the townships for the figures of `strike.day`; says nothing when all of them are done."""
    if is_closed(session, enrolled.campaign, strike.day):
        return
    earlier = [sheet for sheet in sheets_until(session, enrolled.campaign, strike) if sheet.day < strike.day]
    notice = compose.call(wording, enrolled.campaign, enrolled.version, strike, earlier[-1] if earlier else None)
    if notice is not None:
        publish(session, enrolled.campaign, notice)
