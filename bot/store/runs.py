"""Runs: which planned hours of which jobs are done; the claim of one is its row (law 4)."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from bot.domain.campaign import CampaignKey
from bot.store.tables import DbRun, insert_if_new


def claim_run(
    session: Session, campaign: CampaignKey, job: str, planned: datetime, *, ran_at: datetime, late: bool
) -> bool:
    """Takes a planned hour for this transaction; False when somebody else has it, and then nothing is written."""
    claimed = session.scalar(
        insert_if_new(session, DbRun)
        .values(campaign=campaign, job=job, planned=planned, ran_at=ran_at, late=late)
        .returning(DbRun.id)
    )
    return claimed is not None


def runs_done(session: Session, campaign: CampaignKey, since: datetime, until: datetime) -> set[tuple[str, datetime]]:
    """The (job, planned moment) of every hour done that was planned from `since` to `until`, both included."""
    rows = session.execute(
        select(DbRun.job, DbRun.planned).where(DbRun.campaign == campaign, DbRun.planned.between(since, until))
    )
    return {(job, planned) for job, planned in rows}


def last_runs(session: Session) -> list[tuple[CampaignKey, str, datetime, datetime]]:
    """Of each campaign and job the latest planned hour that was done, and when it was: (campaign, job, planned, ran at)."""
    place = func.row_number().over(partition_by=(DbRun.campaign, DbRun.job), order_by=DbRun.planned.desc())
    latest = select(DbRun.campaign, DbRun.job, DbRun.planned, DbRun.ran_at, place.label("place")).subquery()
    rows = session.execute(
        select(latest.c.campaign, latest.c.job, latest.c.planned, latest.c.ran_at)
        .where(latest.c.place == 1)
        .order_by(latest.c.campaign, latest.c.job)
    )
    return [(CampaignKey(campaign), job, planned, ran_at) for campaign, job, planned, ran_at in rows]
