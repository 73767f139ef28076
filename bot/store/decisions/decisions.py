"""Decisions: what a person decided, about what, and why (law 10)."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import Session

from bot.domain.campaigns.campaign import CampaignKey
from bot.store.decisions.tables import DbDecision


@dataclass(frozen=True, kw_only=True)
class Decision:
    """What a person decided; `about` names the thing as "reply 17" or "figure 17"."""

    number: int
    person: str
    kind: str
    about: str
    reason: str
    decided_at: datetime


def add_decision(
    session: Session, *, campaign: CampaignKey, person: str, kind: str, about: str, reason: str, at: datetime
) -> int:
    """Keeps a person's decision and returns its number, which the figures it brings about name."""
    row = DbDecision(campaign=campaign, person=person, kind=kind, about=about, reason=reason, decided_at=at)
    session.add(row)
    session.flush()
    return row.id


def newest_decision(session: Session, campaign: CampaignKey, kind: str) -> Decision | None:
    """The last decision of that kind; None if none was taken."""
    mine = (DbDecision.campaign == campaign, DbDecision.kind == kind)
    row = session.scalar(select(DbDecision).where(*mine).order_by(DbDecision.id.desc()).limit(1))
    return None if row is None else _decision(row)


def decisions(
    session: Session, campaign: CampaignKey, kinds: Collection[str] = (), *, about: str | None = None
) -> list[Decision]:
    """Every decision of a campaign, in the order they were taken; only of these kinds and about that thing, if they are given."""
    wanted: list[ColumnElement[bool]] = [DbDecision.kind.in_(kinds)] if kinds else []
    wanted += [] if about is None else [DbDecision.about == about]
    rows = session.scalars(select(DbDecision).where(DbDecision.campaign == campaign, *wanted).order_by(DbDecision.id))
    return [_decision(row) for row in rows]


def decisions_before(
    session: Session,
    campaign: CampaignKey,
    most: int,
    *,
    at: datetime,
    below: int,
    person: str | None = None,
    kind: str | None = None,
) -> list[Decision]:
    """The newest `most` decisions, newest first: before `at`, or at that moment with a number below `below`."""
    rows = session.scalars(
        select(DbDecision)
        .where(
            DbDecision.campaign == campaign,
            (DbDecision.decided_at < at) | ((DbDecision.decided_at == at) & (DbDecision.id < below)),
            *([] if person is None else [DbDecision.person == person]),
            *([] if kind is None else [DbDecision.kind == kind]),
        )
        .order_by(DbDecision.decided_at.desc(), DbDecision.id.desc())
        .limit(most)
    )
    return [_decision(row) for row in rows]


def persons_and_kinds(session: Session, campaign: CampaignKey) -> list[tuple[str, str]]:
    """Who has taken which kinds of decision, each pair once."""
    pairs = select(DbDecision.person, DbDecision.kind).where(DbDecision.campaign == campaign).distinct()
    return sorted((person, kind) for person, kind in session.execute(pairs))


def _decision(row: DbDecision) -> Decision:
    return Decision(
        number=row.id,
        person=row.person,
        kind=row.kind,
        about=row.about,
        reason=row.reason,
        decided_at=row.decided_at,
    )
