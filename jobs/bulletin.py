"""17:30: the day is closed; standings, movement and who is late go out as 第N期."""

from __future__ import annotations

from bot.actions.day.close_day import close_day
from bot.actions.notices.publish import publish
from bot.actions.replies.collect import read_before_closing
from bot.domain.campaigns.enrolled import Enrolled
from bot.domain.campaigns.workdays import Strike, is_bulletin_day
from bot.store import Session
from bot.views.day import compose
from bot.views.day.sheets import issues_without_notice, sheets_until
from bot.views.day.steering import sentence_at
from bot.views.notices.wording import Wording


def run(session: Session, enrolled: Enrolled, strike: Strike, wording: Wording) -> None:
    """Closes `strike.day`, with every earlier day still open, and publishes its bulletin if the day has one."""
    campaign = enrolled.campaign
    read_before_closing(session, enrolled, wording.reading(), strike.at)
    close_day(session, campaign, strike)
    if not is_bulletin_day(campaign, strike.day):
        return
    merged = issues_without_notice(session, campaign, strike.day)
    sheets = sheets_until(session, campaign, strike)
    own = sentence_at(session, campaign.key, strike.day, strike.at)
    notice = compose.bulletin(
        wording, campaign, enrolled.version, strike, sheets, merged=merged, sentence="" if own is None else own.reason
    )
    publish(session, campaign, notice)
