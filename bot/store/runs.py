"""Claimed hours: (campaign, job, planned moment), each once, whoever asks (law 4)."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.dialects import postgresql, sqlite

from bot.store.database import Session
from bot.store.tables import DbRun


def claim_run(session: Session, campaign: str, job: str, planned: datetime, *, ran_at: datetime, late: bool) -> bool:
    """Takes that hour for this transaction; False if it was taken before. A rival waits for whoever came first."""
    row = {"campaign": campaign, "job": job, "planned": planned, "ran_at": ran_at, "late": late}
    dialect = postgresql if session.get_bind().dialect.name == "postgresql" else sqlite
    claimed = session.scalar(dialect.insert(DbRun).values(row).on_conflict_do_nothing().returning(DbRun.id))
    return claimed is not None


def runs_done(session: Session, campaign: str, since: datetime, until: datetime) -> set[tuple[str, datetime]]:
    """The hours planned in (since, until] that are taken."""
    rows = session.execute(
        select(DbRun.job, DbRun.planned).where(
            DbRun.campaign == campaign, DbRun.planned > since, DbRun.planned <= until
        )
    )
    return {(job, planned) for job, planned in rows}


def last_runs(session: Session) -> list[tuple[str, str, datetime, datetime]]:
    """Of every campaign and job the latest hour that was done: campaign, job, planned, ran_at."""
    rows = session.execute(
        select(DbRun.campaign, DbRun.job, DbRun.planned, DbRun.ran_at).order_by(DbRun.planned.desc())
    )
    last: dict[tuple[str, str], tuple[str, str, datetime, datetime]] = {}
    for campaign, job, planned, ran_at in rows:
        last.setdefault((campaign, job), (campaign, job, planned, ran_at))
    return list(last.values())
