"""Opens the board to whoever holds a link, until the campaign ends or a person ends all links of it."""

from __future__ import annotations

from datetime import datetime, time, timedelta

from bot import log
from bot.actions.refusal import Refusal
from bot.domain.campaign import Campaign
from bot.store import Session, decisions
from bot.store.decisions import Decision

MADE, ENDED = "board link made", "board links ended"


class NoLink(Refusal):
    """The board cannot be opened to others."""

    room = "board"


def links_end(campaign: Campaign) -> datetime:
    """The moment every link to the board of a campaign ends: midnight after the deadline that is in force."""
    return campaign.moment(campaign.deadline + timedelta(days=1), time(0))


def make_link(session: Session, campaign: Campaign, *, by: str, at: datetime) -> int:
    """Records that a person opens the board to whoever holds a link with the number returned. NoLink once the campaign is over."""
    if at >= links_end(campaign):
        raise NoLink("over", f"{campaign.key} is over; its board is opened to nobody any more")
    log.event(MADE, campaign=campaign.key)
    return decisions.add_decision(session, campaign=campaign.key, person=by, kind=MADE, about="board", reason="", at=at)


def end_links(session: Session, campaign: Campaign, *, by: str, at: datetime) -> None:
    """Ends every link made so far; those made afterwards hold."""
    log.event(ENDED, campaign=campaign.key)
    decisions.add_decision(session, campaign=campaign.key, person=by, kind=ENDED, about="board", reason="", at=at)


def link_in_force(session: Session, campaign: Campaign, at: datetime) -> Decision | None:
    """The newest link that still holds; None when there is none."""
    made = decisions.newest_decision(session, campaign.key, MADE)
    return made if made is not None and link_holds(session, campaign, made.number, at) else None


def link_holds(session: Session, campaign: Campaign, number: int, at: datetime) -> bool:
    """Whether the link made by the decision of that number opens the board at `at`."""
    if at >= links_end(campaign):
        return False
    ended = decisions.newest_decision(session, campaign.key, ENDED)
    return ended is None or ended.number < number
