"""Runs: which planned hours of which jobs are done; the claim of one is its row (law 4)."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from bot.domain.campaigns.campaign import CampaignKey
from bot.store.day.tables import DbRun
from bot.store.engine.tables import insert_if_new


def claim_run(
    session: Session,
    campaign: CampaignKey,
    job: str,
    planned: datetime,
    *,
    ran_at: datetime,
    late: bool,
) -> bool:
    """Takes a planned hour for this transaction; False when somebody else has it, and then nothing
    is written.
    """
    claimed = session.scalar(
        insert_if_new(session, DbRun)
        .values(campaign=campaign, job=job, planned=planned, ran_at=ran_at, late=late)
        .returning(DbRun.id)
    )
    return claimed is not None


def runs_done(
    session: Session, campaign: CampaignKey, since: datetime, until: datetime
) -> set[tuple[str, datetime]]:
    """The (job, planned moment) of every hour done that was planned from `since` to `until`, both
    included.
    """
    return set(runs_between(session, campaign, since, until))


def runs_between(
    session: Session, campaign: CampaignKey, since: datetime, until: datetime
) -> dict[tuple[str, datetime], datetime]:
    """The same with the moment each was done."""
    rows = session.execute(
        select(DbRun.job, DbRun.planned, DbRun.ran_at).where(
            DbRun.campaign == campaign, DbRun.planned.between(since, until)
        )
    )
    return {(job, planned): ran for job, planned, ran in rows}


def ran_at(session: Session, campaign: CampaignKey, job: str, planned: datetime) -> datetime | None:
    """When that planned hour was done; None if it is not."""
    mine = (DbRun.campaign == campaign, DbRun.job == job, DbRun.planned == planned)
    return session.scalar(select(DbRun.ran_at).where(*mine))


def was_done(session: Session, campaign: CampaignKey, job: str, planned: datetime) -> bool:
    """Whether that planned hour is done."""
    return ran_at(session, campaign, job, planned) is not None


def last_runs(
    session: Session, campaign: CampaignKey, jobs: Iterable[str], since: datetime
) -> dict[str, tuple[datetime, datetime]]:
    """Of each job of a campaign the latest hour planned since then that was done, and when it was:
    (planned, ran at).
    """
    mine = (DbRun.campaign == campaign, DbRun.job.in_(list(jobs)), DbRun.planned >= since)
    rows = session.execute(
        select(DbRun.job, DbRun.planned, DbRun.ran_at).where(*mine).order_by(DbRun.planned)
    )
    return {job: (planned, ran_at) for job, planned, ran_at in rows}
