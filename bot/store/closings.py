"""Closed days: when each was planned to close, and when it did."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import select

from bot.domain.workdays import Closing
from bot.store.database import Session
from bot.store.tables import DbClosing


def add_closing(session: Session, campaign: str, day: date, *, planned: datetime, closed_at: datetime) -> None:
    """Writes down that a day was closed; a day closes once."""
    session.add(DbClosing(campaign=campaign, day=day, planned=planned, closed_at=closed_at))
    session.flush()


def closings(session: Session, campaign: str) -> dict[date, Closing]:
    """Every closed day of the campaign."""
    rows = session.scalars(select(DbClosing).where(DbClosing.campaign == campaign))
    return {row.day: Closing(day=row.day, planned=row.planned, closed_at=row.closed_at) for row in rows}
