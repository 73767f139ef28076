"""The tables of decisions."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Index
from sqlalchemy.orm import Mapped

from bot.store.engine.tables import Db, Number


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
