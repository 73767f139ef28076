"""What people decided, and why (law 10)."""

from __future__ import annotations

from datetime import datetime

from bot.store.database import Session
from bot.store.tables import DbDecision


def add_decision(
    session: Session, *, campaign: str, person: str, kind: str, about: str, reason: str, at: datetime
) -> int:
    """Records a person's decision; its number, which what follows from it names."""
    row = DbDecision(campaign=campaign, person=person, kind=kind, about=about, reason=reason, decided_at=at)
    session.add(row)
    session.flush()
    return row.id
