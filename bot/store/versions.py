"""Versions of campaign files: which content was in force when."""

from __future__ import annotations

import hashlib
from datetime import datetime

from sqlalchemy import func, select

from bot.store.database import Session
from bot.store.tables import DbVersion


def latest_version(session: Session, campaign: str) -> int | None:
    """The number of the version in force; None for a campaign never loaded."""
    return session.scalar(select(func.max(DbVersion.version)).where(DbVersion.campaign == campaign))


def record_version(session: Session, campaign: str, content: str, at: datetime) -> int:
    """The number of the version with this content: the one in force if nothing changed, else a new one."""
    digest = hashlib.sha256(content.encode()).hexdigest()
    latest = session.scalar(
        select(DbVersion).where(DbVersion.campaign == campaign).order_by(DbVersion.version.desc()).limit(1)
    )
    if latest is not None and latest.digest == digest:
        return latest.version
    version = 1 if latest is None else latest.version + 1
    session.add(DbVersion(campaign=campaign, version=version, digest=digest, content=content, loaded_at=at))
    session.flush()
    return version


def version_content(session: Session, campaign: str, version: int) -> str:
    """The content of one version; KeyError if there is none."""
    found = session.scalar(
        select(DbVersion.content).where(DbVersion.campaign == campaign, DbVersion.version == version)
    )
    if found is None:
        raise KeyError((campaign, version))
    return found


def first_loaded_at(session: Session, campaign: str) -> datetime | None:
    """When this installation first knew the campaign."""
    return session.scalar(select(func.min(DbVersion.loaded_at)).where(DbVersion.campaign == campaign))
