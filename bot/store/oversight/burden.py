"""How much people were told: what reached a campaign's groups with whom it named, and what its
contacts were answered (law 9).
"""

from __future__ import annotations

import json
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session, aliased

from bot.domain.campaigns.campaign import CampaignKey, GroupKey, NoticeKind
from bot.domain.notices.delivery import DeliveryState
from bot.store.notices.tables import DbDelivery, DbDeliveryEvent, DbNotice
from bot.store.replies.heard import AnswerState
from bot.store.replies.tables import DbAnswerEvent, DbHeard, DbReading, DbReply

PERHAPS = (DeliveryState.SENT.value, DeliveryState.UNKNOWN.value)
"""What may have arrived has been a burden; nobody can say that it was none."""


@dataclass(frozen=True, kw_only=True)
class GroupMessage:
    """A delivery that left for a group and arrived or may have: `messages` pages, `named` the
    people it called by name.
    """

    kind: NoticeKind
    group: GroupKey
    named: tuple[str, ...]
    messages: int
    left_at: datetime


@dataclass(frozen=True, kw_only=True)
class AnswerGiven:
    """An answer that went to whoever wrote, or may have: a question back, or the echo of what was
    accepted.
    """

    sender: str
    question: bool
    at: datetime


def group_messages(
    session: Session,
    campaign: CampaignKey,
    groups: Collection[GroupKey],
    since: datetime,
    until: datetime,
) -> list[GroupMessage]:
    """What left for these groups from `since` to before `until`, by the moment of the last
    attempt.
    """
    event = aliased(DbDeliveryEvent)
    last = (
        select(func.max(event.seq))
        .where(event.delivery_id == DbDelivery.id)
        .correlate(DbDelivery)
        .scalar_subquery()
    )
    left = (
        select(func.max(event.at))
        .where(event.delivery_id == DbDelivery.id, event.state == DeliveryState.ATTEMPTED.value)
        .correlate(DbDelivery)
        .scalar_subquery()
    )
    rows = session.execute(
        select(
            DbNotice.kind,
            DbDelivery.group_key,
            DbNotice.mentions_json,
            DbDeliveryEvent.page,
            left.label("left_at"),
        )
        .join(DbDelivery, DbDelivery.notice_id == DbNotice.id)
        .join(
            DbDeliveryEvent,
            (DbDeliveryEvent.delivery_id == DbDelivery.id) & (DbDeliveryEvent.seq == last),
        )
        .where(
            DbDelivery.campaign == campaign,
            DbDelivery.group_key.in_(groups),
            DbDeliveryEvent.state.in_(PERHAPS),
            DbNotice.made_at < until,
            left >= since,
            left < until,
        )
        .order_by(DbDelivery.id)
    )
    return [
        GroupMessage(
            kind=NoticeKind(kind),
            group=GroupKey(group),
            named=tuple(mention["name"] for mention in json.loads(mentions)),
            messages=max(page, 1),
            left_at=left_at,
        )
        for kind, group, mentions, page, left_at in rows
    ]


def answers_given(
    session: Session, campaign: CampaignKey, since: datetime, until: datetime
) -> list[AnswerGiven]:
    """What was answered to the senders of this campaign's replies from `since` to before
    `until`.
    """
    rows = session.execute(
        select(DbReply.sender, DbReading.outcome, DbAnswerEvent.at)
        .join(DbReading, DbReading.reply_id == DbReply.id)
        .join(
            DbHeard,
            (DbHeard.channel == DbReply.channel) & (DbHeard.message_id == DbReply.message_id),
        )
        .join(DbAnswerEvent, DbAnswerEvent.heard_id == DbHeard.id)
        .where(
            DbReply.campaign == campaign,
            DbAnswerEvent.state.in_([AnswerState.SENT.value, AnswerState.UNKNOWN.value]),
            DbAnswerEvent.at >= since,
            DbAnswerEvent.at < until,
        )
        .order_by(DbReply.id)
    )
    return [
        AnswerGiven(sender=sender, question=outcome == "ask", at=at) for sender, outcome, at in rows
    ]
