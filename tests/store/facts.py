"""Makes single facts for the tests of the ledger."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import time
from typing import Any, TypeVar

from sqlalchemy import delete, insert

from bot.domain.campaigns.campaign import Audience, Campaign, CampaignKey, GroupKey, NoticeKind
from bot.domain.campaigns.workdays import reporting_days
from bot.domain.decisions.decision import Decision
from bot.domain.decisions.subjects import kept_as
from bot.domain.notices.delivery import LEASE, Delivery, claimed, follow, nothing_left
from bot.domain.notices.notice import Notice
from bot.store import Session
from bot.store.notices import deliveries, notices
from bot.store.notices.tables import DbDeliveryEvent, DbOutbox
from bot.store.replies import replies
from bot.store.replies.replies import StoredReply
from tests.builders import at, day

HOUSING = CampaignKey("rural-housing-2021")
T = TypeVar("T")


def about(decision: Decision) -> str:
    """What a decision is about, as the ledger keeps it: "reply 17"."""
    return " ".join(kept_as(decision.subject)).rstrip()


def a_reply(session: Session, message_id: str, **changes: Any) -> StoredReply:
    """Adds a message of the housing campaign."""
    facts: dict[str, Any] = {
        "campaign": HOUSING,
        "channel": "dingtalk",
        "message_id": message_id,
        "sender": "石桥镇张三",
        "text": "竣工17户",
        "sent_at": at("10-29 11:59"),
        "arrived_at": at("10-29 12:00"),
    }
    return replies.add_reply(session, **{**facts, **changes})[0]


def a_notice(**changes: Any) -> Notice:
    """The bulletin of 29 October."""
    facts: dict[str, Any] = {
        "campaign": HOUSING,
        "version": 1,
        "kind": NoticeKind("bulletin"),
        "day": day("10-29"),
        "planned": at("10-29 17:30"),
        "made_at": at("10-29 17:30"),
        "title": "调度通报",
        "text": "各乡镇：",
        "rule_version": 1,
    }
    return Notice(**{**facts, **changes})


def a_delivery(
    session: Session, on: str = "10-29", group: str = "townships", **changes: Any
) -> Delivery:
    """Adds the bulletin of a day with one delivery, due at once."""
    notice = a_notice(day=day(on), made_at=at(f"{on} 17:30"), planned=at(f"{on} 17:30"), **changes)
    number = notices.add_notice(session, notice, [GroupKey(group)], not_before=notice.made_at)
    return next(
        delivery
        for delivery in deliveries.deliveries(session, notice.campaign)
        if delivery.notice_number == number
    )


def asked_every_day(session: Session, campaign: Campaign) -> None:
    """Adds the call of every reporting day, confirmed to have reached the townships at half past
    eight.
    """
    groups = [group.key for group in campaign.groups if group.audience is Audience.TOWNSHIPS]
    for on in reporting_days(campaign):
        moment = campaign.moment(on, time(8, 30))
        call = a_notice(
            campaign=campaign.key, kind=NoticeKind("call"), day=on, planned=moment, made_at=moment
        )
        number = notices.add_notice(session, call, groups, not_before=moment)
        for delivery in deliveries.of_notices(session, [number] if number else []):
            taken = claimed(delivery, at=moment, until=moment + LEASE, worker="calls")
            session.execute(insert(DbDeliveryEvent), [deliveries.event_of(taken)])
            sent = follow(taken, nothing_left(taken, at=moment))
            session.execute(insert(DbDeliveryEvent), [deliveries.event_of(sent)])
            session.execute(delete(DbOutbox).where(DbOutbox.delivery_id == delivery.number))


def all_at_once(deeds: int, deed: Callable[[int], T]) -> list[T]:
    """Does the deed so many times in as many threads that start together; what each came to."""
    start = threading.Barrier(deeds)
    done: list[T] = []
    failed: list[BaseException] = []

    def one(place: int) -> None:
        try:
            start.wait()
            done.append(deed(place))
        except BaseException as fault:
            failed.append(fault)

    threads = [threading.Thread(target=one, args=(place,)) for place in range(deeds)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if failed:
        raise failed[0]
    return done
