"""The tables of day."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import UniqueConstraint
from sqlalchemy.orm import Mapped

from bot.store.engine.tables import Db, Number


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
