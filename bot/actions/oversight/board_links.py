"""Opens the board to whoever holds a link, until the campaign ends or a person ends all links of
it.
"""

from __future__ import annotations

from datetime import datetime, time, timedelta

from bot import log
from bot.actions.refusal import Refusal
from bot.channels.channel import Link
from bot.domain.campaigns.campaign import Audience, Campaign, Group, LeadsTo, NoticeKind
from bot.domain.campaigns.jobs import traits_of
from bot.domain.decisions.actor import Actor
from bot.domain.decisions.decision import Decision
from bot.domain.decisions.kinds import DecisionKind
from bot.domain.decisions.subjects import BoardSubject
from bot.links import Links
from bot.store import Session
from bot.store.decisions import decisions
from bot.views.notices.wording import NoticeWording

MADE, ENDED = DecisionKind.BOARD_LINK_MADE, DecisionKind.BOARD_LINKS_ENDED
PURPOSE = "board"


class NoLink(Refusal):
    """The board cannot be opened to others."""

    room = "board"


def links_end(campaign: Campaign) -> datetime:
    """The moment every link to the board of a campaign ends: midnight after the deadline that is in
    force.
    """
    return campaign.moment(campaign.deadline + timedelta(days=1), time(0))


def make_link(session: Session, campaign: Campaign, *, by: Actor, at: datetime) -> int:
    """Records that a person opens the board to whoever holds a link with the number returned.
    NoLink once the campaign is over.
    """
    if at >= links_end(campaign):
        raise NoLink("over", f"{campaign.key} is over; its board is opened to nobody any more")
    log.event(MADE, campaign=campaign.key)
    return decisions.add_decision(
        session, campaign=campaign.key, by=by, kind=MADE, subject=BoardSubject(), at=at
    )


def end_links(session: Session, campaign: Campaign, *, by: Actor, at: datetime) -> None:
    """Ends every link made so far; those made afterwards hold."""
    log.event(ENDED, campaign=campaign.key)
    decisions.add_decision(
        session, campaign=campaign.key, by=by, kind=ENDED, subject=BoardSubject(), at=at
    )


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


def token_of(links: Links, campaign: Campaign, number: int) -> str:
    """What the address of the link with that number ends with."""
    return links.signed(PURPOSE, {"campaign": campaign.key, "link": number})


def link_under(
    session: Session,
    campaign: Campaign,
    group: Group,
    kind: NoticeKind,
    at: datetime,
    *,
    root: str,
    links: Links,
    wording: NoticeWording,
) -> Link | None:
    """The page a notice of that kind leads its group to, under the origin `root`; None for none.

    Leaders and supervisors are led to the board where a person has opened it by a link, supervisors
    from the overdue list to its page, where they answer. Townships are led nowhere: their own link
    is theirs alone.
    """
    if group.audience is Audience.TOWNSHIPS:
        return None
    leads_to = traits_of(campaign.jobs, kind).leads_to
    if leads_to is LeadsTo.OVERDUE:
        return Link(words=wording.phrase("link_overdue"), url=f"{root}/c/{campaign.key}/overdue")
    held = link_in_force(session, campaign, at) if leads_to is LeadsTo.BOARD else None
    if held is None:
        return None
    return Link(
        words=wording.phrase("link_board"), url=f"{root}/b/{token_of(links, campaign, held.number)}"
    )
