"""The tables. All but `outbox` are logs: rows are only added, and the database itself refuses anything else (law 1)."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime
from decimal import Decimal

from sqlalchemy import (
    BigInteger,
    Boolean,
    DateTime,
    Dialect,
    ForeignKey,
    Index,
    Integer,
    Text,
    TypeDecorator,
    UniqueConstraint,
)
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

SCALE = 4
"""Values are kept as whole ten-thousandths: exact on every database, up to 922 million million."""


class Moment(TypeDecorator[datetime]):
    """An aware moment, kept and given back in UTC."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, _: Dialect) -> datetime | None:
        """To UTC; a moment without a time zone is a fault of ours."""
        if value is not None and value.tzinfo is None:
            raise ValueError("a moment needs a time zone")
        return value and value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, _: Dialect) -> datetime | None:
        """Back as aware UTC (SQLite forgets the zone)."""
        return value and (value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC))


class Exact(TypeDecorator[Decimal]):
    """A value as whole ten-thousandths."""

    impl = BigInteger
    cache_ok = True

    def process_bind_param(self, value: Decimal | None, _: Dialect) -> int | None:
        """ValueError for more decimals than are kept."""
        if value is None:
            return None
        scaled = Decimal(value).scaleb(SCALE)
        if scaled != scaled.to_integral_value():
            raise ValueError(f"{value} has more than {SCALE} decimals")
        return int(scaled)

    def process_result_value(self, value: int | None, _: Dialect) -> Decimal | None:
        """The value without trailing zeros it never had."""
        if value is None:
            return None
        exact = Decimal(value).scaleb(-SCALE)
        return exact.to_integral_value() if exact == exact.to_integral_value() else exact.normalize()


class AnyText(TypeDecorator[str]):
    """Text as it came, whatever it holds: NUL and lone surrogates, which databases refuse, are kept as U+001A + 4 hex digits."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: str | None, _: Dialect) -> str | None:
        """Escapes what a database refuses, and the escape sign itself."""
        return value and re.sub("[\0\x1a\ud800-\udfff]", lambda sign: f"\x1a{ord(sign.group()):04x}", value)

    def process_result_value(self, value: str | None, _: Dialect) -> str | None:
        """The very text that was stored."""
        return value and re.sub("\x1a([0-9a-f]{4})", lambda code: chr(int(code.group(1), 16)), value)


Number = BigInteger().with_variant(Integer, "sqlite")


class Base(DeclarativeBase):
    """What all tables share."""

    type_annotation_map = {datetime: Moment, Decimal: Exact, str: Text, bool: Boolean}  # noqa: RUF012


class DbVersion(Base):
    __tablename__ = "campaign_versions"
    __table_args__ = (UniqueConstraint("campaign", "version"),)

    id: Mapped[int] = mapped_column(Number, primary_key=True)
    campaign: Mapped[str]
    version: Mapped[int]
    digest: Mapped[str]
    content: Mapped[str]
    loaded_at: Mapped[datetime]


class DbContact(Base):
    __tablename__ = "contacts"
    __table_args__ = (Index("contacts_of_version", "campaign", "version"),)

    id: Mapped[int] = mapped_column(Number, primary_key=True)
    campaign: Mapped[str]
    version: Mapped[int]
    township: Mapped[str]
    name: Mapped[str]
    nick: Mapped[str]
    phone: Mapped[str | None]
    user_id: Mapped[str | None]


class DbReply(Base):
    __tablename__ = "replies"
    __table_args__ = (UniqueConstraint("channel", "message_id"), Index("replies_of_campaign", "campaign", "id"))

    id: Mapped[int] = mapped_column(Number, primary_key=True)
    campaign: Mapped[str]
    channel: Mapped[str]
    message_id: Mapped[str] = mapped_column(AnyText)
    sender: Mapped[str] = mapped_column(AnyText)
    text: Mapped[str] = mapped_column(AnyText)
    sent_at: Mapped[datetime]
    arrived_at: Mapped[datetime]


class DbReading(Base):
    __tablename__ = "readings"

    id: Mapped[int] = mapped_column(Number, primary_key=True)
    reply_id: Mapped[int] = mapped_column(ForeignKey("replies.id"), unique=True)
    version: Mapped[int]
    reader_version: Mapped[int]
    outcome: Mapped[str]
    day: Mapped[date | None]
    late: Mapped[bool]
    asked: Mapped[str] = mapped_column(AnyText)
    echo: Mapped[str] = mapped_column(AnyText)
    read_at: Mapped[datetime]


class DbDecision(Base):
    __tablename__ = "decisions"
    __table_args__ = (Index("decisions_of_campaign", "campaign", "id"),)

    id: Mapped[int] = mapped_column(Number, primary_key=True)
    campaign: Mapped[str]
    person: Mapped[str]
    kind: Mapped[str]
    about: Mapped[str] = mapped_column(AnyText)
    reason: Mapped[str] = mapped_column(AnyText)
    decided_at: Mapped[datetime]


class DbFigure(Base):
    __tablename__ = "figures"
    __table_args__ = (Index("figures_of_campaign", "campaign", "day"),)

    id: Mapped[int] = mapped_column(Number, primary_key=True)
    campaign: Mapped[str]
    version: Mapped[int]
    township: Mapped[str]
    day: Mapped[date]
    stage: Mapped[str]
    category: Mapped[str | None]
    value: Mapped[Decimal | None]
    late: Mapped[bool]
    recorded_at: Mapped[datetime]
    supersedes: Mapped[int | None] = mapped_column(ForeignKey("figures.id"))
    reply_id: Mapped[int | None] = mapped_column(ForeignKey("replies.id"))
    decision_id: Mapped[int | None] = mapped_column(ForeignKey("decisions.id"))


class DbClosing(Base):
    __tablename__ = "closings"
    __table_args__ = (UniqueConstraint("campaign", "day"),)

    id: Mapped[int] = mapped_column(Number, primary_key=True)
    campaign: Mapped[str]
    day: Mapped[date]
    planned: Mapped[datetime]
    closed_at: Mapped[datetime]


class DbRun(Base):
    __tablename__ = "runs"
    __table_args__ = (UniqueConstraint("campaign", "job", "planned"),)

    id: Mapped[int] = mapped_column(Number, primary_key=True)
    campaign: Mapped[str]
    job: Mapped[str]
    planned: Mapped[datetime]
    ran_at: Mapped[datetime]
    late: Mapped[bool]


class DbNotice(Base):
    __tablename__ = "notices"
    __table_args__ = (UniqueConstraint("campaign", "kind", "day", "edition"),)

    id: Mapped[int] = mapped_column(Number, primary_key=True)
    campaign: Mapped[str]
    version: Mapped[int]
    kind: Mapped[str]
    day: Mapped[date]
    edition: Mapped[int]
    number: Mapped[int | None]
    planned: Mapped[datetime]
    made_at: Mapped[datetime]
    catch_up: Mapped[bool]
    title: Mapped[str]
    text: Mapped[str]
    table: Mapped[str]
    mentions: Mapped[str]
    rule_version: Mapped[int]


class DbDelivery(Base):
    __tablename__ = "deliveries"
    # resend_of 0 is the original: a NULL would be unlike every other NULL and let two originals in.
    __table_args__ = (UniqueConstraint("notice_id", "group_key", "resend_of"),)

    id: Mapped[int] = mapped_column(Number, primary_key=True)
    notice_id: Mapped[int] = mapped_column(ForeignKey("notices.id"))
    group_key: Mapped[str]
    resend_of: Mapped[int] = mapped_column(Number)


class DbDeliveryEvent(Base):
    __tablename__ = "delivery_events"

    delivery_id: Mapped[int] = mapped_column(ForeignKey("deliveries.id"), primary_key=True)
    seq: Mapped[int] = mapped_column(primary_key=True)
    state: Mapped[str]
    at: Mapped[datetime]
    attempts: Mapped[int]
    page: Mapped[int]
    until: Mapped[datetime | None]
    worker: Mapped[str]
    code: Mapped[str]
    detail: Mapped[str] = mapped_column(AnyText)


class DbOutbox(Base):
    """What still has to be delivered: a queue made from the log, the only table whose rows change and go."""

    __tablename__ = "outbox"
    __table_args__ = (Index("outbox_next", "next_at"), Index("outbox_group", "campaign", "group_key", "delivery_id"))

    delivery_id: Mapped[int] = mapped_column(ForeignKey("deliveries.id"), primary_key=True)
    campaign: Mapped[str]
    group_key: Mapped[str]
    next_at: Mapped[datetime]


LOGS = tuple(sorted(table for table in Base.metadata.tables if table != DbOutbox.__tablename__))
"""The tables whose rows are only added."""
