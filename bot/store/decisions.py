"""Decisions: what a person decided, about what, and why (law 10)."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Session

from bot.domain.campaign import CampaignKey
from bot.store.tables import DbDecision


def add_decision(
    session: Session, *, campaign: CampaignKey, person: str, kind: str, about: str, reason: str, at: datetime
) -> int:
    """Keeps a person's decision and returns its number, which the figures it brings about name."""
    row = DbDecision(campaign=campaign, person=person, kind=kind, about=about, reason=reason, decided_at=at)
    session.add(row)
    session.flush()
    return row.id
