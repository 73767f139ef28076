"""The tables of replies."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import BigInteger, ForeignKey, Index, Integer, UniqueConstraint
from sqlalchemy import text as sql
from sqlalchemy.orm import Mapped, mapped_column

from bot.store.engine.tables import Db, Number


class DbReply(Db):
    """A message as it came; a platform's redelivery is the same row."""

    __tablename__ = "replies"
    __table_args__ = (
        UniqueConstraint("channel", "message_id"),
        Index(None, "campaign", "id"),
        Index(None, "campaign", "sender"),
    )

    id: Mapped[Number]
    campaign: Mapped[str]
    channel: Mapped[str]
    message_id: Mapped[str]
    sender: Mapped[str]
    text: Mapped[str]
    sent_at: Mapped[datetime]
    arrived_at: Mapped[datetime]
    # the cells of a form or a row, as JSON
    stated: Mapped[str] = mapped_column(server_default=sql("''"))


class DbReading(Db):
    """What a reply was read to say, by which reader, under which campaign version."""

    __tablename__ = "readings"

    id: Mapped[Number]
    reply_id: Mapped[int] = mapped_column(ForeignKey("replies.id"), unique=True)
    version: Mapped[int]
    reader_version: Mapped[int]
    outcome: Mapped[str]
    day: Mapped[date | None]
    late: Mapped[bool]
    asked: Mapped[str]
    echo: Mapped[str]
    answers: Mapped[int | None] = mapped_column(
        BigInteger().with_variant(Integer, "sqlite")
    )  # the reply whose question it answered
    read_at: Mapped[datetime]


class DbHeard(Db):
    """A message of a person as a platform's robot heard it; a redelivery is the same row."""

    __tablename__ = "heard"
    __table_args__ = (
        UniqueConstraint("channel", "message_id"),
        Index(None, "channel", "sender_id"),
    )

    id: Mapped[Number]
    channel: Mapped[str]
    message_id: Mapped[str]
    sender_id: Mapped[str]
    sender_name: Mapped[str]
    chat: Mapped[str]
    kind: Mapped[str]
    text: Mapped[str]
    sent_at: Mapped[datetime]
    arrived_at: Mapped[datetime]
    way_back: Mapped[str]
    answer_until: Mapped[datetime | None]


class DbAnswerEvent(Db):
    """One thing that happened to the answer of one message heard; *attempted* is there before it
    leaves.
    """

    __tablename__ = "answer_events"

    heard_id: Mapped[int] = mapped_column(ForeignKey("heard.id"), primary_key=True)
    seq: Mapped[int] = mapped_column(primary_key=True)
    state: Mapped[str]
    at: Mapped[datetime]
    text: Mapped[str]
    code: Mapped[str]
    detail: Mapped[str]


class DbInbox(Db):
    """A message heard that is not done with: to be read, held for a person, or to be answered. Its
    rows change and go.
    """

    __tablename__ = "inbox"
    __table_args__ = (Index(None, "stage", "next_at"), Index(None, "channel", "sender_id"))

    heard_id: Mapped[int] = mapped_column(
        ForeignKey("heard.id"), primary_key=True, autoincrement=False
    )
    channel: Mapped[str]
    sender_id: Mapped[str]
    chat: Mapped[str]
    stage: Mapped[str] = mapped_column(primary_key=True)
    next_at: Mapped[datetime]
