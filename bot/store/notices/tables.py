"""The tables of notices."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import ForeignKey, Index, UniqueConstraint, false, text, true
from sqlalchemy.orm import Mapped, mapped_column

from bot.store.engine.tables import Db, Number


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
    """One thing that happened to a delivery; `attempt` and `page` count attempts made and pages
    confirmed up to it.
    """

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
    # a statement of ours as JSON; then `detail` is empty
    said: Mapped[str] = mapped_column(server_default=text("''"))


UNASSIGNED = "robot = campaign || '/' || group_key"
"""What stands in the queue it was written into; asked in these very words, an index holds it and
nothing else is looked at.
"""


class DbOutbox(Db):
    """A delivery that is not at its end: its robot's queue, its last step, when it is to be looked
    at next. Its rows change and go.
    """

    __tablename__ = "outbox"
    __table_args__ = (
        Index(None, "campaign", "group_key", "delivery_id"),
        Index(None, "state", "next_at", "delivery_id"),
        Index(None, "robot", "delivery_id"),
        Index(
            "ix_outbox_unassigned",
            "delivery_id",
            sqlite_where=text(UNASSIGNED),
            postgresql_where=text(UNASSIGNED),
        ),
    )

    delivery_id: Mapped[int] = mapped_column(
        ForeignKey("deliveries.id"), primary_key=True, autoincrement=False
    )
    campaign: Mapped[str]
    group_key: Mapped[str]
    next_at: Mapped[datetime]
    robot: Mapped[str]
    state: Mapped[str]
    seq: Mapped[int]
    begun: Mapped[bool]


class DbRobot(Db):
    """How far a robot's pace is used up, and until when it must be silent. Its rows change: what is
    lost with one is a little patience.
    """

    __tablename__ = "robots"

    robot: Mapped[str] = mapped_column(primary_key=True)
    paced_to: Mapped[datetime]
    free_at: Mapped[datetime]


class DbRobotSwitch(Db):
    """A robot switched off because its platform said it is gone, or on again by a person. The last
    one holds.
    """

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
