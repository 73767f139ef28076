"""The tables of figures."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal

from sqlalchemy import ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from bot.store.engine.tables import Db, Number


class DbFigure(Db):
    """A cumulative value of one cell and day. Without a value it withdraws the figure it
    supersedes.
    """

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
