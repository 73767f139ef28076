"""Closings: which reporting days ended, when they should have and when they did."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from bot.domain.campaigns.campaign import CampaignKey
from bot.domain.campaigns.workdays import Closing
from bot.store.day.tables import DbClosing
from bot.store.engine.tables import insert_if_new


def add_closing(
    session: Session, campaign: CampaignKey, day: date, *, planned: datetime, closed_at: datetime
) -> Closing:
    """Closes a day; one that is closed already stays as it was closed first. Returns the closing
    that holds.
    """
    session.execute(
        insert_if_new(session, DbClosing).values(
            campaign=campaign, day=day, planned=planned, closed_at=closed_at
        )
    )
    row = session.scalars(
        select(DbClosing).where(DbClosing.campaign == campaign, DbClosing.day == day)
    ).one()
    return Closing(day=row.day, planned=row.planned, closed_at=row.closed_at)


def closings(session: Session, campaign: CampaignKey) -> dict[date, Closing]:
    """Every closed day with its closing, first to last."""
    rows = session.scalars(
        select(DbClosing).where(DbClosing.campaign == campaign).order_by(DbClosing.day)
    )
    return {
        row.day: Closing(day=row.day, planned=row.planned, closed_at=row.closed_at) for row in rows
    }


def latest_closing(session: Session, campaign: CampaignKey) -> Closing | None:
    """The closing of the last day that was closed; None before the first."""
    row = session.scalars(
        select(DbClosing)
        .where(DbClosing.campaign == campaign)
        .order_by(DbClosing.day.desc())
        .limit(1)
    ).first()
    return (
        None if row is None else Closing(day=row.day, planned=row.planned, closed_at=row.closed_at)
    )
