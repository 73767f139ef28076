"""The tables of the ledger. All but `outbox`, `robots` and `inbox` are facts: triggers refuse to change or delete their rows (law 1)."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import Annotated

from sqlalchemy import (
    BigInteger,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    Integer,
    MetaData,
    UniqueConstraint,
    false,
    text,
    true,
)
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, mapped_column

from bot.store.columns import AnyText, Moment, TenThousandths

# SQLite numbers rows by itself only in a column of exactly INTEGER.
Number = Annotated[int, mapped_column(BigInteger().with_variant(Integer, "sqlite"), primary_key=True)]


class Db(DeclarativeBase):
    """What all tables share: how Python types become columns, and how constraints are named."""

    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(table_name)s_%(column_0_N_name)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "fk": "fk_%(table_name)s_%(column_0_N_name)s",
            "pk": "pk_%(table_name)s",
        }
    )
    type_annotation_map = {  # noqa: RUF012
        str: AnyText,
        datetime: Moment,
        Decimal: TenThousandths,
        int: BigInteger().with_variant(Integer, "sqlite"),
    }


class DbCampaignVersion(Db):
    """A campaign file as it was loaded; a changed file is a new version."""

    __tablename__ = "campaign_versions"
    __table_args__ = (UniqueConstraint("campaign", "version"),)

    id: Mapped[Number]
    campaign: Mapped[str]
    version: Mapped[int]
    digest: Mapped[str]
    content: Mapped[str]
    loaded_at: Mapped[datetime]


class DbContact(Db):
    """A contact of a township as a campaign version names him."""

    __tablename__ = "contacts"
    __table_args__ = (
        ForeignKeyConstraint(["campaign", "version"], ["campaign_versions.campaign", "campaign_versions.version"]),
        Index(None, "campaign", "version"),
    )

    id: Mapped[Number]
    campaign: Mapped[str]
    version: Mapped[int]
    township: Mapped[str]
    name: Mapped[str]
    nick: Mapped[str]
    phone: Mapped[str | None]
    user_id: Mapped[str | None]


class DbSetup(Db):
    """A campaign that was set up or changed on a page, or ended there; the newest of a campaign holds."""

    __tablename__ = "setups"
    __table_args__ = (
        ForeignKeyConstraint(["campaign", "version"], ["campaign_versions.campaign", "campaign_versions.version"]),
        Index(None, "campaign", "id"),
    )

    id: Mapped[Number]
    campaign: Mapped[str]
    version: Mapped[int]
    in_force: Mapped[bool]
    decision_id: Mapped[int] = mapped_column(ForeignKey("decisions.id"))
    set_at: Mapped[datetime]


class DbAddress(Db):
    """Where the robot of a group is reached, sealed (law 8); the newest of a group holds, and an empty one takes it away."""

    __tablename__ = "addresses"
    __table_args__ = (Index(None, "campaign", "group_key", "id"),)

    id: Mapped[Number]
    campaign: Mapped[str]
    group_key: Mapped[str]
    sealed: Mapped[str]
    fingerprint: Mapped[str]
    decision_id: Mapped[int] = mapped_column(ForeignKey("decisions.id"))
    set_at: Mapped[datetime]


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


class DbDecision(Db):
    """What a person decided, about what, and why (law 10)."""

    __tablename__ = "decisions"
    __table_args__ = (Index(None, "campaign"),)

    id: Mapped[Number]
    campaign: Mapped[str]
    person: Mapped[str]
    kind: Mapped[str]
    about: Mapped[str]
    reason: Mapped[str]
    decided_at: Mapped[datetime]


class DbFigure(Db):
    """A cumulative value of one cell and day. Without a value it withdraws the figure it supersedes."""

    __tablename__ = "figures"
    __table_args__ = (
        Index(None, "campaign", "day"),
        Index(None, "supersedes"),
        Index(
            "ix_figures_withdrawals",
            "campaign",
            sqlite_where=text("value IS NULL"),
            postgresql_where=text("value IS NULL"),
        ),
    )

    id: Mapped[Number]
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


class DbClosing(Db):
    """A reporting day that ended."""

    __tablename__ = "closings"
    __table_args__ = (UniqueConstraint("campaign", "day"),)

    id: Mapped[Number]
    campaign: Mapped[str]
    day: Mapped[date]
    planned: Mapped[datetime]
    closed_at: Mapped[datetime]


class DbRun(Db):
    """A planned hour of a job that was done, or let pass (law 4)."""

    __tablename__ = "runs"
    __table_args__ = (UniqueConstraint("campaign", "job", "planned"),)

    id: Mapped[Number]
    campaign: Mapped[str]
    job: Mapped[str]
    planned: Mapped[datetime]
    ran_at: Mapped[datetime]
    late: Mapped[bool]


class DbNotice(Db):
    """A notice, made once (law 5)."""

    __tablename__ = "notices"
    __table_args__ = (UniqueConstraint("campaign", "kind", "day", "edition"),)

    id: Mapped[Number]
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
    table_json: Mapped[str]
    mentions_json: Mapped[str]
    rule_version: Mapped[int]


class DbDelivery(Db):
    """One notice to one group: one original, and of each delivery at most one resend."""

    __tablename__ = "deliveries"
    __table_args__ = (
        Index(
            "uq_deliveries_original",
            "notice_id",
            "group_key",
            unique=True,
            sqlite_where=text("resend_of IS NULL"),
            postgresql_where=text("resend_of IS NULL"),
        ),
        Index(None, "campaign", "id"),
    )

    id: Mapped[Number]
    notice_id: Mapped[int] = mapped_column(ForeignKey("notices.id"))
    campaign: Mapped[str]
    group_key: Mapped[str]
    resend_of: Mapped[int | None] = mapped_column(ForeignKey("deliveries.id"), unique=True)
    marked: Mapped[bool] = mapped_column(server_default=true())
    pages: Mapped[str] = mapped_column(server_default=text("''"))


class DbDeliveryEvent(Db):
    """One thing that happened to a delivery; `attempt` and `page` count attempts made and pages confirmed up to it."""

    __tablename__ = "delivery_events"
    __table_args__ = (
        Index(
            "ix_delivery_events_not_sent",
            "delivery_id",
            "seq",
            sqlite_where=text("state IN ('refused', 'unknown', 'dropped')"),
            postgresql_where=text("state IN ('refused', 'unknown', 'dropped')"),
        ),
    )

    delivery_id: Mapped[int] = mapped_column(ForeignKey("deliveries.id"), primary_key=True)
    seq: Mapped[int] = mapped_column(primary_key=True)
    state: Mapped[str]
    at: Mapped[datetime]
    attempt: Mapped[int]
    page: Mapped[int]
    until: Mapped[datetime | None]
    worker: Mapped[str]
    code: Mapped[str]
    detail: Mapped[str]
    tries: Mapped[int] = mapped_column(server_default="0")
    pages: Mapped[int] = mapped_column(server_default="0")
    faults: Mapped[str] = mapped_column(server_default=text("''"))
    late: Mapped[bool] = mapped_column(server_default=false())


UNASSIGNED = "robot = campaign || '/' || group_key"
"""What stands in the queue it was written into; asked in these very words, an index holds it and nothing else is looked at."""


class DbOutbox(Db):
    """A delivery that is not at its end: its robot's queue, its last step, when it is to be looked at next. Its rows change and go."""

    __tablename__ = "outbox"
    __table_args__ = (
        Index(None, "campaign", "group_key", "delivery_id"),
        Index(None, "state", "next_at", "delivery_id"),
        Index(None, "robot", "delivery_id"),
        Index("ix_outbox_unassigned", "delivery_id", sqlite_where=text(UNASSIGNED), postgresql_where=text(UNASSIGNED)),
    )

    delivery_id: Mapped[int] = mapped_column(ForeignKey("deliveries.id"), primary_key=True, autoincrement=False)
    campaign: Mapped[str]
    group_key: Mapped[str]
    next_at: Mapped[datetime]
    robot: Mapped[str]
    state: Mapped[str]
    seq: Mapped[int]
    begun: Mapped[bool]


class DbRobot(Db):
    """How far a robot's pace is used up, and until when it must be silent. Its rows change: what is lost with one is a little patience."""

    __tablename__ = "robots"

    robot: Mapped[str] = mapped_column(primary_key=True)
    paced_to: Mapped[datetime]
    free_at: Mapped[datetime]


class DbRobotSwitch(Db):
    """A robot switched off because its platform said it is gone, or on again by a person. The last one holds."""

    __tablename__ = "robot_switches"
    __table_args__ = (Index(None, "robot", "id"),)

    id: Mapped[Number]
    robot: Mapped[str]
    live: Mapped[bool]
    campaign: Mapped[str]
    group_key: Mapped[str]
    person: Mapped[str]
    reason: Mapped[str]
    switched_at: Mapped[datetime]


class DbHeard(Db):
    """A message of a person as a platform's robot heard it; a redelivery is the same row."""

    __tablename__ = "heard"
    __table_args__ = (UniqueConstraint("channel", "message_id"), Index(None, "channel", "sender_id"))

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


class DbTie(Db):
    """A platform's number of a person or a chat, tied by a person to a contact or a group of a campaign; the newest holds."""

    __tablename__ = "ties"
    __table_args__ = (Index(None, "channel", "platform_id"),)

    id: Mapped[Number]
    kind: Mapped[str]
    channel: Mapped[str]
    platform_id: Mapped[str]
    campaign: Mapped[str]
    name: Mapped[str]
    decision_id: Mapped[int] = mapped_column(ForeignKey("decisions.id"))
    tied_at: Mapped[datetime]


class DbAnswerEvent(Db):
    """One thing that happened to the answer of one message heard; *attempted* is there before it leaves."""

    __tablename__ = "answer_events"

    heard_id: Mapped[int] = mapped_column(ForeignKey("heard.id"), primary_key=True)
    seq: Mapped[int] = mapped_column(primary_key=True)
    state: Mapped[str]
    at: Mapped[datetime]
    text: Mapped[str]
    code: Mapped[str]
    detail: Mapped[str]


class DbInbox(Db):
    """A message heard that is not done with: to be read, held for a person, or to be answered. Its rows change and go."""

    __tablename__ = "inbox"
    __table_args__ = (Index(None, "stage", "next_at"), Index(None, "channel", "sender_id"))

    heard_id: Mapped[int] = mapped_column(ForeignKey("heard.id"), primary_key=True, autoincrement=False)
    channel: Mapped[str]
    sender_id: Mapped[str]
    chat: Mapped[str]
    stage: Mapped[str] = mapped_column(primary_key=True)
    next_at: Mapped[datetime]


class DbAccount(Db):
    """Somebody who may sign in; the newest row of a login holds. Without a password nobody may."""

    __tablename__ = "accounts"
    __table_args__ = (Index(None, "login"),)

    id: Mapped[Number]
    login: Mapped[str]
    name: Mapped[str]
    password: Mapped[str]
    by: Mapped[str]
    made_at: Mapped[datetime]


class DbGrant(Db):
    """What a login may do in a campaign, or in all of them ("*"); the newest of the two together holds, an empty role is none."""

    __tablename__ = "grants"
    __table_args__ = (Index(None, "login"), Index(None, "campaign"))

    id: Mapped[Number]
    login: Mapped[str]
    campaign: Mapped[str]
    role: Mapped[str]
    by: Mapped[str]
    made_at: Mapped[datetime]


class DbSignIn(Db):
    """An attempt to sign in; `source` is a fingerprint of where it came from."""

    __tablename__ = "sign_ins"
    __table_args__ = (Index(None, "login", "at"), Index(None, "source", "at"))

    id: Mapped[Number]
    login: Mapped[str]
    source: Mapped[str]
    taken: Mapped[bool]
    at: Mapped[datetime]


class DbReader(Db):
    """A system that may read over the interface; `token` is a fingerprint. The newest row of a name holds, without a token it is over."""

    __tablename__ = "readers"
    __table_args__ = (Index(None, "token"),)

    id: Mapped[Number]
    name: Mapped[str]
    campaign: Mapped[str]
    token: Mapped[str]
    by: Mapped[str]
    made_at: Mapped[datetime]


def insert_if_new(session: Session, table: type[Db]) -> postgresql.Insert | sqlite.Insert:
    """An INSERT into the table that does nothing where the row exists already; execute it to make it happen."""
    if session.get_bind().dialect.name == "sqlite":
        return sqlite.insert(table).on_conflict_do_nothing()
    return postgresql.insert(table).on_conflict_do_nothing()


def insert_or_change(
    engine: str, table: type[Db], *, by: str, changed: tuple[str, ...]
) -> postgresql.Insert | sqlite.Insert:
    """An INSERT into the table for that engine (`sqlite`, `postgresql`) that changes these columns where the row exists already."""
    if engine == "sqlite":
        new = sqlite.insert(table)
        return new.on_conflict_do_update(index_elements=[by], set_={name: new.excluded[name] for name in changed})
    other = postgresql.insert(table)
    return other.on_conflict_do_update(index_elements=[by], set_={name: other.excluded[name] for name in changed})
