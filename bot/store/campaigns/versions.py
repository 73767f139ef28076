"""Campaign versions: every content of a campaign file that was ever in force."""

from __future__ import annotations

import hashlib
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from bot.store.campaigns.tables import DbCampaignVersion
from bot.store.engine.store import lock_campaign


def latest_version(session: Session, key: str) -> int | None:
    """The number of the version in force, None for a campaign never loaded."""
    return session.scalar(
        select(func.max(DbCampaignVersion.version)).where(DbCampaignVersion.campaign == key)
    )


def record_version(session: Session, key: str, content: str, at: datetime) -> int:
    """Keeps the content as a new version and returns its number; the same content as the latest
    keeps that one's number.
    """
    lock_campaign(session, key)
    digest = hashlib.sha256(content.encode("utf-8", "surrogatepass")).hexdigest()
    latest = session.scalar(
        select(DbCampaignVersion)
        .where(DbCampaignVersion.campaign == key)
        .order_by(DbCampaignVersion.version.desc())
        .limit(1)
    )
    if latest is not None and latest.digest == digest:
        return latest.version
    version = 1 if latest is None else latest.version + 1
    session.add(
        DbCampaignVersion(
            campaign=key, version=version, digest=digest, content=content, loaded_at=at
        )
    )
    session.flush()
    return version


def version_content(session: Session, key: str, version: int) -> str:
    """The content of that version; KeyError if there is none."""
    content = session.scalar(
        select(DbCampaignVersion.content).where(
            DbCampaignVersion.campaign == key, DbCampaignVersion.version == version
        )
    )
    if content is None:
        raise KeyError((key, version))
    return content


def loaded_before(
    session: Session, key: str, most: int, *, at: datetime, below: int
) -> list[tuple[int, datetime]]:
    """The newest `most` versions with when each was loaded, newest first: before `at`, or at that
    moment and below `below`.
    """
    mine = DbCampaignVersion
    rows = session.execute(
        select(mine.version, mine.loaded_at)
        .where(
            mine.campaign == key,
            (mine.loaded_at < at) | ((mine.loaded_at == at) & (mine.version < below)),
        )
        .order_by(mine.loaded_at.desc(), mine.version.desc())
        .limit(most)
    )
    return [(version, loaded_at) for version, loaded_at in rows]


def version_at(session: Session, key: str, moment: datetime) -> int | None:
    """The number of the version that held at that moment, before all the first; None for a campaign
    never loaded.
    """
    mine = DbCampaignVersion
    held = (
        select(func.max(mine.version))
        .where(mine.campaign == key, mine.loaded_at <= moment)
        .scalar_subquery()
    )
    first = select(func.min(mine.version)).where(mine.campaign == key).scalar_subquery()
    version: int | None = session.scalar(select(func.coalesce(held, first)))
    return version


def first_loaded_at(session: Session, key: str) -> datetime | None:
    """When this installation first knew the campaign; what was due before is not owed."""
    return session.scalar(
        select(DbCampaignVersion.loaded_at)
        .where(DbCampaignVersion.campaign == key)
        .order_by(DbCampaignVersion.version)
        .limit(1)
    )
