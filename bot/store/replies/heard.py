"""What robots heard: messages as they came, what of them still waits, and every step of their
answers (laws 3 and 5).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from sqlalchemy import Select, delete, func, select, update
from sqlalchemy.orm import Session

from bot.store.engine.tables import insert_if_new
from bot.store.replies.tables import DbAnswerEvent, DbHeard, DbInbox, DbReply


class WaitsFor(StrEnum):
    """What a message heard waits for."""

    READING = "reading"
    CHAT = "chat"  # a person must say what chat it is
    SENDER = "sender"  # a person must say who it is
    ANSWER = "answer"


class AnswerState(StrEnum):
    """The course of an answer: due → attempted → sent | refused | unknown; gone when its window
    closed first.
    """

    DUE = "due"
    ATTEMPTED = "attempted"
    SENT = "sent"
    REFUSED = "refused"
    UNKNOWN = "unknown"
    GONE = "gone"
    REMINDED = "reminded"  # it went with the reminder instead


@dataclass(frozen=True, kw_only=True)
class NewHeard:
    """One message to be kept. `way_back` is sealed by whoever hears: the ledger holds no bearer
    secret in clear.
    """

    channel: str
    message_id: str
    sender_id: str
    sender_name: str
    chat: str
    kind: str
    text: str = field(repr=False)
    sent_at: datetime
    arrived_at: datetime
    way_back: str = field(default="", repr=False)
    answer_until: datetime | None = None


@dataclass(frozen=True, kw_only=True)
class StoredHeard(NewHeard):
    """A message of the ledger; `number` is its place in it."""

    number: int


@dataclass(frozen=True, kw_only=True)
class UnidentifiedSource:
    """What is held of one sender, or of one chat, until a person says who it is."""

    stage: WaitsFor
    channel: str
    platform_id: str
    name: str
    chat: str
    messages: int
    first_at: datetime
    newest: str = field(repr=False)


@dataclass(frozen=True, kw_only=True)
class AnswerEvent:
    """One thing that happened to the answer of the message `heard_number`."""

    heard_number: int
    seq: int
    state: AnswerState
    at: datetime
    text: str = field(repr=False)
    code: str
    detail: str


def add_heard(session: Session, messages: Sequence[NewHeard]) -> int:
    """Keeps these messages, each to be read; how many were new. One already known stays as it first
    came.
    """
    if not messages:
        return 0
    # By the connection and not the session: nothing here is an object, and a burst waits for these
    # two lines.
    connection, heard = session.connection(), DbHeard.__table__.c
    kept = connection.execute(
        insert_if_new(session, DbHeard).returning(
            heard.id, heard.channel, heard.sender_id, heard.chat, heard.arrived_at
        ),
        [vars(message) for message in messages],
    ).all()
    if kept:
        connection.execute(
            insert_if_new(session, DbInbox),
            [
                {
                    "heard_id": row.id,
                    "channel": row.channel,
                    "sender_id": row.sender_id,
                    "chat": row.chat,
                    "stage": WaitsFor.READING.value,
                    "next_at": row.arrived_at,
                }
                for row in kept
            ],
        )
    return len(kept)


def take_to_read(session: Session, at: datetime) -> StoredHeard | None:
    """The message to be read next, by the platform's own time, held for this transaction; None when
    none waits.
    """
    return _first(
        session,
        select(DbHeard, DbInbox)
        .join(DbInbox, DbInbox.heard_id == DbHeard.id)
        .where(DbInbox.stage == WaitsFor.READING.value, DbInbox.next_at <= at)
        .order_by(DbHeard.sent_at, DbHeard.id),
    )


def take_to_answer(session: Session, channel: str, at: datetime) -> StoredHeard | None:
    """The message of that robot whose answer is due, oldest first, held for this transaction; None
    when none is.
    """
    return _first(
        session,
        select(DbHeard, DbInbox)
        .join(DbInbox, DbInbox.heard_id == DbHeard.id)
        .where(
            DbInbox.stage == WaitsFor.ANSWER.value,
            DbInbox.channel == channel,
            DbInbox.next_at <= at,
        )
        .order_by(DbInbox.next_at, DbHeard.id),
    )


def _first(session: Session, question: Select[DbHeard, DbInbox]) -> StoredHeard | None:
    row = session.execute(question.limit(1).with_for_update(of=DbInbox)).first()
    return None if row is None else stored_heard(row[0])


def hold(session: Session, number: int, stage: WaitsFor) -> None:
    """A message taken to be read waits for a person from now on."""
    session.execute(
        update(DbInbox)
        .where(DbInbox.heard_id == number, DbInbox.stage == WaitsFor.READING.value)
        .values(stage=stage.value)
    )


def put_off(session: Session, number: int, stage: WaitsFor, until: datetime) -> None:
    """The message is not looked at for this again before `until`."""
    session.execute(
        update(DbInbox)
        .where(DbInbox.heard_id == number, DbInbox.stage == stage.value)
        .values(next_at=until)
    )


def done_with(session: Session, number: int, stage: WaitsFor) -> None:
    """The message waits for this no more; it stays in the ledger."""
    session.execute(delete(DbInbox).where(DbInbox.heard_id == number, DbInbox.stage == stage.value))


def add_answer(session: Session, message: StoredHeard, text: str, at: datetime) -> None:
    """Writes that the message is to be answered with `text`, from now on."""
    record_answer(session, message.number, AnswerState.DUE, at=at, text=text)
    session.add(
        DbInbox(
            heard_id=message.number,
            channel=message.channel,
            sender_id=message.sender_id,
            chat=message.chat,
            stage=WaitsFor.ANSWER.value,
            next_at=at,
        )
    )
    session.flush()


def release(
    session: Session,
    channel: str,
    at: datetime,
    *,
    sender_id: str | None = None,
    chat: str | None = None,
) -> int:
    """Gives what was held of a sender or of a chat back to the reading; how many messages there
    were.
    """
    held = [WaitsFor.CHAT.value, WaitsFor.SENDER.value]
    whose = DbInbox.sender_id == sender_id if chat is None else DbInbox.chat == chat
    found = select(DbInbox.heard_id).where(
        DbInbox.channel == channel, DbInbox.stage.in_(held), whose
    )
    numbers = list(session.scalars(found))
    session.execute(
        update(DbInbox)
        .where(DbInbox.heard_id.in_(numbers))
        .values(stage=WaitsFor.READING.value, next_at=at)
    )
    return len(numbers)


def waiting_for_people(session: Session) -> list[UnidentifiedSource]:
    """Every chat and sender that messages are held for, the longest waiting first."""
    rows = session.execute(
        select(DbHeard, DbInbox.stage)
        .join(DbInbox, DbInbox.heard_id == DbHeard.id)
        .where(DbInbox.stage.in_([WaitsFor.CHAT.value, WaitsFor.SENDER.value]))
        .order_by(DbHeard.id)
    )
    held: dict[tuple[str, str, str], list[DbHeard]] = {}
    for row, stage in rows:
        whose = row.chat if stage == WaitsFor.CHAT else row.sender_id
        held.setdefault((stage, row.channel, whose), []).append(row)
    return [
        UnidentifiedSource(
            stage=WaitsFor(stage),
            channel=channel,
            platform_id=whose,
            name=messages[-1].sender_name,
            chat=messages[-1].chat,
            messages=len(messages),
            first_at=messages[0].arrived_at,
            newest=messages[-1].text,
        )
        for (stage, channel, whose), messages in held.items()
    ]


def find_heard(session: Session, channel: str, message_id: str) -> StoredHeard | None:
    """The message of that number of that robot; None if it was never heard."""
    row = session.scalar(
        select(DbHeard).where(DbHeard.channel == channel, DbHeard.message_id == message_id)
    )
    return None if row is None else stored_heard(row)


def record_answer(
    session: Session,
    number: int,
    state: AnswerState,
    *,
    at: datetime,
    text: str = "",
    code: str = "",
    detail: str = "",
) -> None:
    """Writes the next step of an answer. Two who write the same step: one gets an IntegrityError
    and must not send.
    """
    seq = (
        session.scalar(select(func.max(DbAnswerEvent.seq)).where(DbAnswerEvent.heard_id == number))
        or 0
    )
    session.add(
        DbAnswerEvent(
            heard_id=number,
            seq=seq + 1,
            state=state.value,
            at=at,
            text=text,
            code=code,
            detail=detail,
        )
    )
    session.flush()


def answer_history(session: Session, number: int) -> list[AnswerEvent]:
    """Everything that happened to the answer of one message, first to last."""
    rows = session.scalars(
        select(DbAnswerEvent).where(DbAnswerEvent.heard_id == number).order_by(DbAnswerEvent.seq)
    )
    return [
        AnswerEvent(
            heard_number=row.heard_id,
            seq=row.seq,
            state=AnswerState(row.state),
            at=row.at,
            text=row.text,
            code=row.code,
            detail=row.detail,
        )
        for row in rows
    ]


def answers_since(session: Session, channel: str, sender_id: str, since: datetime) -> list[str]:
    """The texts of the answers that were put down for one sender since a moment, first to last."""
    return list(
        session.scalars(
            select(DbAnswerEvent.text)
            .join(DbHeard, DbHeard.id == DbAnswerEvent.heard_id)
            .where(
                DbHeard.channel == channel,
                DbHeard.sender_id == sender_id,
                DbAnswerEvent.at >= since,
                DbAnswerEvent.seq == 1,
            )
            .order_by(DbAnswerEvent.heard_id)
        )
    )


def unsaid(session: Session, reply_numbers: Sequence[int]) -> dict[int, int]:
    """Of these replies those whose answer found its window closed and was not said since: reply
    number → heard number.
    """
    last = (
        select(DbAnswerEvent.heard_id, func.max(DbAnswerEvent.seq).label("seq"))
        .group_by(DbAnswerEvent.heard_id)
        .subquery()
    )
    rows = session.execute(
        select(DbReply.id, DbHeard.id)
        .join(
            DbHeard,
            (DbHeard.channel == DbReply.channel) & (DbHeard.message_id == DbReply.message_id),
        )
        .join(DbAnswerEvent, DbAnswerEvent.heard_id == DbHeard.id)
        .join(last, (last.c.heard_id == DbAnswerEvent.heard_id) & (last.c.seq == DbAnswerEvent.seq))
        .where(DbReply.id.in_(reply_numbers), DbAnswerEvent.state == AnswerState.GONE.value)
    )
    return {row[0]: row[1] for row in rows}


def stored_heard(row: DbHeard) -> StoredHeard:
    """The value of a row."""
    return StoredHeard(
        number=row.id,
        channel=row.channel,
        message_id=row.message_id,
        sender_id=row.sender_id,
        sender_name=row.sender_name,
        chat=row.chat,
        kind=row.kind,
        text=row.text,
        sent_at=row.sent_at,
        arrived_at=row.arrived_at,
        way_back=row.way_back,
        answer_until=row.answer_until,
    )
