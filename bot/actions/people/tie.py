"""A person says who a platform's number is; only then is what it wrote read (law 10)."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from bot import log
from bot.actions.refusal import Refusal
from bot.domain.campaigns.campaign import Campaign, CampaignKey
from bot.domain.campaigns.enrolled import Enrolled
from bot.domain.decisions.actor import Actor
from bot.domain.decisions.kinds import DecisionKind
from bot.domain.decisions.subjects import ChatSubject, SenderSubject, Subject
from bot.domain.people.contacts import nicks
from bot.store import Session
from bot.store.decisions import decisions
from bot.store.people import ties
from bot.store.people.ties import TieKind
from bot.store.replies import heard
from bot.store.replies.heard import WaitsFor


class IdentityRefused(Refusal):
    """A number, a contact or a group that cannot be tied; the text says what is there instead."""

    room = "tie"


@dataclass(frozen=True, kw_only=True)
class LinkedIdentity:
    """What a tie brought about: in which campaigns it holds, and how many held messages go to the
    reading.
    """

    campaigns: tuple[CampaignKey, ...]
    released: int


def tie_sender(
    session: Session,
    enrolled: Sequence[Enrolled],
    platform_id: str,
    nick: str,
    *,
    by: Actor,
    channel: str | None,
    at: datetime,
) -> LinkedIdentity:
    """Ties a sender's number to a contact, or to the office, by the name the campaign gives him in
    the group.

    Where several campaigns have that name it is tied in those that this robot's chats are tied to,
    which are of one organisation; where that leaves none, the campaign must be named.
    IdentityRefused says what cannot be tied.
    """
    channel = channel or _channel(session, WaitsFor.SENDER, platform_id)
    chosen = _chosen(session, enrolled, nicks, nick, channel, what="contact")
    return _tie(session, TieKind.SENDER, chosen, channel, platform_id, nick, by=by, at=at)


def tie_chat(
    session: Session,
    enrolled: Sequence[Enrolled],
    chat: str,
    group: str,
    *,
    by: Actor,
    channel: str | None,
    at: datetime,
) -> LinkedIdentity:
    """Ties a chat to a group of a campaign: from then on what known contacts write there counts.
    IdentityRefused as above.
    """
    channel = channel or _channel(session, WaitsFor.CHAT, chat)
    having = [one for one in enrolled if group in _groups(one.campaign)]
    if len(having) > 1:
        raise IdentityRefused(
            "group_of_several",
            f"{_keys(having)} have a group {group}",
            keys=_keys(having),
            campaigns=_titles(having),
            name=group,
        )
    chosen = _chosen(session, enrolled, _groups, group, channel, what="group")
    return _tie(session, TieKind.CHAT, chosen, channel, chat, group, by=by, at=at)


def _groups(campaign: Campaign) -> set[str]:
    return {str(group.key) for group in campaign.groups}


def _channel(session: Session, waits_for: WaitsFor, platform_id: str) -> str:
    found = {
        one.channel
        for one in heard.waiting_for_people(session)
        if one.stage is waits_for and one.platform_id == platform_id
    }
    if len(found) > 1:
        heard_by = sorted(found)
        raise IdentityRefused(
            "several_robots",
            f"{platform_id} was heard by {', '.join(heard_by)}",
            heard_by=", ".join(heard_by),
            id=platform_id,
            robots="、".join(heard_by),
        )
    if not found:
        raise IdentityRefused(
            "nothing_held",
            f"nothing is held of {platform_id}",
            id=platform_id,
        )
    return found.pop()


def _chosen(
    session: Session,
    enrolled: Sequence[Enrolled],
    names: Callable[[Campaign], set[str]],
    name: str,
    channel: str,
    *,
    what: str,
) -> list[Enrolled]:
    having = [one for one in enrolled if name in names(one.campaign)]
    if not having:
        known = "、".join(sorted(set().union(*(names(one.campaign) for one in enrolled))))
        raise IdentityRefused(
            "no_such",
            f"no campaign has a {what} {name}; there are {known}",
            what=what,
            name=name,
            known=known,
        )
    if len(having) > 1:
        heard_here = [one for one in having if channel in ties.heard_by(session, one.campaign.key)]
        if not heard_here:
            raise IdentityRefused(
                "several_campaigns",
                f"{_keys(having)} have a {what} {name}",
                keys=_keys(having),
                campaigns=_titles(having),
                what=what,
                name=name,
            )
        return heard_here
    return having


_DECIDED = {
    TieKind.SENDER: (DecisionKind.TIE_SENDER, "nick"),
    TieKind.CHAT: (DecisionKind.TIE_CHAT, "group"),
}
"""The kind of decision that ties, and the fact that names what was tied to."""


def _tie(
    session: Session,
    kind: TieKind,
    chosen: Sequence[Enrolled],
    channel: str,
    platform_id: str,
    name: str,
    *,
    by: Actor,
    at: datetime,
) -> LinkedIdentity:
    decided, fact = _DECIDED[kind]
    subject: Subject = (
        SenderSubject(channel=channel, platform_id=platform_id)
        if kind is TieKind.SENDER
        else ChatSubject(channel=channel, platform_id=platform_id)
    )
    for one in chosen:
        number = decisions.add_decision(
            session,
            campaign=one.campaign.key,
            by=by,
            kind=decided,
            subject=subject,
            facts={fact: name},
            at=at,
        )
        ties.add_tie(
            session,
            kind,
            channel=channel,
            platform_id=platform_id,
            campaign=one.campaign.key,
            name=name,
            decision_number=number,
            at=at,
        )
    whose = {"sender_id": platform_id} if kind is TieKind.SENDER else {"chat": platform_id}
    released = heard.release(session, channel, at, **whose)
    log.event(
        "tied",
        kind=kind,
        channel=channel,
        campaigns=[one.campaign.key for one in chosen],
        released=released,
    )
    return LinkedIdentity(campaigns=tuple(one.campaign.key for one in chosen), released=released)


def _keys(enrolled: Sequence[Enrolled]) -> str:
    return ", ".join(one.campaign.key for one in enrolled)


def _titles(enrolled: Sequence[Enrolled]) -> str:
    return "、".join(one.campaign.short_title for one in enrolled)
