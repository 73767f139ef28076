"""Was it posted? The notices of a day, each group's delivery with its whole course, and what a
person may do about it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date

from bot.domain.campaigns.campaign import Campaign, GroupKey
from bot.domain.notices.delivery import FAILED, Delivery, DeliveryState
from bot.domain.notices.notice import Notice
from bot.store import Session
from bot.store.notices import deliveries, notices, robots
from bot.store.notices.deliveries import DeliveryEvent, Queues
from bot.store.notices.robots import Switch


@dataclass(frozen=True, kw_only=True)
class Posting:
    """A delivery as it stands, the group by its name, and the deeds open to a person: retry, drop,
    settle.
    """

    delivery: Delivery
    group: str
    repeated_by: int | None
    may: frozenset[str]


@dataclass(frozen=True, kw_only=True)
class PostedNotice:
    """A notice with its deliveries, in the order of the campaign's groups."""

    number: int
    notice: Notice
    postings: tuple[Posting, ...]


@dataclass(frozen=True, kw_only=True)
class RobotOff:
    """A group whose robot is switched off, since when and why, and how many of its deliveries
    wait.
    """

    group: GroupKey
    name: str
    switch: Switch
    waiting: int


@dataclass(frozen=True, kw_only=True)
class PostedDay:
    """One day of notices, newest first, with the days beside it; and what of any day is not sent,
    oldest first.
    """

    day: date | None
    earlier: date | None
    later: date | None
    notices: tuple[PostedNotice, ...]
    not_sent: tuple[tuple[Notice, Posting], ...]
    off: tuple[RobotOff, ...]


def posted(
    session: Session, campaign: Campaign, queues: Queues, day: date | None = None
) -> PostedDay:
    """The deliveries page of a day, or of the last with a notice up to it; the same few queries
    whatever its size.
    """
    days = notices.days_of_notices(session, campaign.key)
    shown = max((one for one in days if day is None or one <= day), default=None)
    said = dict(notices.notices(session, campaign.key, shown)) if shown else {}
    carried = deliveries.of_notices(session, said)
    waiting = deliveries.not_sent(session, campaign.key)
    others = notices.get_notices(session, {one.notice_number for one in waiting} - said.keys())
    titles = {**others, **said}
    switches = robots.last_switches(session)
    return PostedDay(
        day=shown,
        earlier=max((one for one in days if shown and one < shown), default=None),
        later=min((one for one in days if shown and one > shown), default=None),
        notices=tuple(
            PostedNotice(
                number=number,
                notice=notice,
                postings=_postings(
                    campaign, [one for one in carried if one.notice_number == number]
                ),
            )
            for number, notice in sorted(said.items(), reverse=True)
        ),
        # What is not sent is by its nature not repeated.
        not_sent=tuple(
            (titles[one.notice_number], _posting(campaign, one, None)) for one in waiting
        ),
        off=_switched_off(campaign, queues, switches, waiting),
    )


def course(
    session: Session, campaign: Campaign, number: int
) -> tuple[Posting, list[DeliveryEvent]] | None:
    """Everything that happened to a delivery of this campaign, first to last; None if it has no
    such delivery.
    """
    found = deliveries.get_delivery(session, number)
    if found is None or found[0] != campaign.key:
        return None
    posting = _posting(campaign, found[1], deliveries.repetition_of(session, number))
    return posting, deliveries.history(session, number)


def _postings(campaign: Campaign, carried: list[Delivery]) -> tuple[Posting, ...]:
    again = {one.resend_of: one.number for one in carried}
    order = {group.key: place for place, group in enumerate(campaign.groups)}
    carried.sort(key=lambda one: (order.get(one.group, len(order)), one.number))
    return tuple(_posting(campaign, one, again.get(one.number)) for one in carried)


def _posting(campaign: Campaign, one: Delivery, repeated_by: int | None) -> Posting:
    names = {group.key: group.name for group in campaign.groups}
    may = {
        "retry": one.state in FAILED and repeated_by is None and one.group in names,
        "drop": one.state is DeliveryState.DUE,
        "settle": one.state is DeliveryState.UNKNOWN,
    }
    return Posting(
        delivery=one,
        group=names.get(one.group, one.group),
        repeated_by=repeated_by,
        may=frozenset(deed for deed, open_ in may.items() if open_),
    )


def _switched_off(
    campaign: Campaign, queues: Queues, switches: Mapping[str, Switch], waiting: Iterable[Delivery]
) -> tuple[RobotOff, ...]:
    held = Counter(one.group for one in waiting if one.state is DeliveryState.DUE)
    off = []
    for group in campaign.groups:
        switch = switches.get(queues.queue_of(campaign.key, group.key) or "")
        if switch is not None and not switch.live:
            off.append(
                RobotOff(group=group.key, name=group.name, switch=switch, waiting=held[group.key])
            )
    return tuple(off)
