"""Carries deliveries to their end: claimed, attempted, and then what the platform itself said (law 5)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from random import Random

from bot import log
from bot.actions.compose import Wording
from bot.channels.channel import Address, Answer, Channel, Confirmed, Message, NoAnswer, Refused, TryLater
from bot.domain.campaign import CampaignKey, GroupKey, NoticeKind
from bot.domain.notice import Delivery, Mention, Notice
from bot.store import Session, Store, deliveries, notices
from bot.store.deliveries import Overtaken

LEASE = timedelta(minutes=2)
"""How long a claimed delivery is left alone: longer than the slowest platform may take over one page."""

RESENT_KINDS = frozenset({NoticeKind.BULLETIN, NoticeKind.CORRECTION})
"""Kinds that are sent once more, marked 【重发】, when nobody knows whether they arrived."""

FIRST_PAUSE = timedelta(seconds=30)
LONGEST_PAUSE = timedelta(minutes=30)
MOST_ATTEMPTS = 12


@dataclass(frozen=True, kw_only=True)
class Robot:
    """A group as the deliverer needs it: its channel, where its robot is reached, and whom it may call by what.

    Phones are looked up here, at the last moment: the ledger keeps only the names to be called (law 8).
    """

    channel: Channel
    address: Address
    people: Mapping[str, Mention] = field(default_factory=dict)


Robots = Callable[[CampaignKey, GroupKey], Robot | None]
"""Finds the robot of a group; None when the campaign no longer has that group."""


def deliver_due(store: Store, robots: Robots, wording: Wording, *, at: datetime, worker: str, limit: int = 50) -> int:
    """Carries every delivery that is due at `at` one step further; how many were taken up.

    At most one delivery of a group is under way, the oldest first; a slow or dead robot holds nobody else's.
    """
    settle_expired(store, robots, at=at)
    with store.writing() as session:
        claimed = deliveries.claim_due(session, at=at, until=at + LEASE, worker=worker, limit=limit)
    for delivery in claimed:
        try:
            carry(store, robots, wording, delivery, at=at)
        except Overtaken:
            # Its lease was over before its turn came; whoever took it on says how it ended.
            log.trouble("delivery taken on by somebody else", delivery=delivery.number, group=delivery.group)
    return len(claimed)


def settle_expired(store: Store, robots: Robots, *, at: datetime) -> None:
    """Ends the leases of processes that died: an attempt without an answer is *unknown*, and never quietly sent again.

    Where sending twice has one effect (a file of a fixed name) the attempt is simply made again.
    """
    with store.writing() as session:
        for delivery in deliveries.expire(
            session, at, repeatable=lambda expired: _repeatable(robots, session, expired)
        ):
            notice = notices.get_notice(session, delivery.notice_number)
            log.trouble("delivery of unknown end", delivery=delivery.number, group=delivery.group, kind=notice.kind)
            _resend_once(session, delivery, notice, at)


def _repeatable(robots: Robots, session: Session, delivery: Delivery) -> bool:
    robot = robots(notices.get_notice(session, delivery.notice_number).campaign, delivery.group)
    return robot is not None and robot.channel.repeatable


def _resend_once(session: Session, delivery: Delivery, notice: Notice, at: datetime) -> None:
    """A bulletin of unknown end is sent once more, marked 【重发】; a resend of unknown end is not, the clerk decides."""
    if notice.kind in RESENT_KINDS and delivery.resend_of is None:
        deliveries.add_resend(session, delivery, at=at, not_before=at)


def carry(store: Store, robots: Robots, wording: Wording, delivery: Delivery, *, at: datetime) -> None:
    """Sends the pages of one claimed delivery that are not confirmed yet, each attempt written down before it leaves."""
    with store.reading() as session:
        notice = notices.get_notice(session, delivery.notice_number)
    with log.about(campaign=notice.campaign, group=delivery.group, day=notice.day):
        robot = robots(notice.campaign, delivery.group)
        if robot is None:
            answer: Answer = Refused(code="group", detail="the campaign has no such group any more")
            _record(store, delivery, notice, answer, at)
            return
        message = message_of(notice, wording, resend=delivery.resend_of is not None)
        called = tuple(robot.people.get(mention.name, mention) for mention in message.mentions)
        pages = robot.channel.pages(replace(message, mentions=called))
        for page in pages[delivery.page :]:
            with store.writing() as session:
                delivery = deliveries.record_attempt(session, delivery, at=at, until=at + LEASE, page=page.number)
            answer = robot.channel.send(page, robot.address, delivery=delivery.number, at=at)
            if isinstance(answer, Confirmed) and page.number < len(pages):
                with store.writing() as session:
                    delivery = deliveries.record_page(session, delivery, at=at, until=at + LEASE)
                continue
            _record(store, delivery, notice, answer, at)
            return


def message_of(notice: Notice, wording: Wording, *, resend: bool = False) -> Message:
    """The notice as one group is to read it, with its marks (补发, 重发) before the title."""
    marks = [wording.phrase("mark_catch_up")] if notice.catch_up else []
    marks += [wording.phrase("mark_resend")] if resend else []
    return Message(
        title=notice.title, text=notice.text, table=notice.table, mentions=notice.mentions, marks=tuple(marks)
    )


def pause_before(delivery: Delivery, after: timedelta) -> timedelta:
    """How long to wait before the next attempt: growing, spread by up to a quarter, never shorter than the platform asks.

    The spread is drawn from the delivery and its attempt, so that the same history always gives the same pause.
    """
    growing = min(FIRST_PAUSE * 2 ** max(delivery.attempts - 1, 0), LONGEST_PAUSE)
    spread = Random(delivery.number * 1009 + delivery.attempts).random() / 4  # noqa: S311
    pause: timedelta = max(after, growing) * (1 + spread)
    return pause


def _record(store: Store, delivery: Delivery, notice: Notice, answer: Answer, at: datetime) -> None:
    with store.writing() as session:
        match answer:
            case Confirmed(detail=detail):
                deliveries.record_sent(session, delivery, at=at, detail=detail)
                log.event("delivery sent", delivery=delivery.number, kind=notice.kind)
            case Refused(code=code, detail=detail):
                deliveries.record_refused(session, delivery, at=at, code=code, detail=detail)
                log.trouble("delivery refused", delivery=delivery.number, kind=notice.kind, code=code, detail=detail)
            case TryLater(code=code, detail=detail) if delivery.attempts >= MOST_ATTEMPTS:
                given_up = f"given up after {delivery.attempts} attempts: {detail}"
                deliveries.record_refused(session, delivery, at=at, code=code, detail=given_up)
                log.trouble("delivery given up", delivery=delivery.number, kind=notice.kind, code=code)
            case TryLater(code=code, detail=detail, after=after):
                again = at + pause_before(delivery, after)
                deliveries.record_retry(session, delivery, at=at, not_before=again, code=code, detail=detail)
                log.event("delivery put off", delivery=delivery.number, code=code, until=again)
            case NoAnswer(detail=detail):
                deliveries.record_unknown(session, delivery, at=at, detail=detail)
                log.trouble("delivery of unknown end", delivery=delivery.number, kind=notice.kind, detail=detail)
                _resend_once(session, delivery, notice, at)
