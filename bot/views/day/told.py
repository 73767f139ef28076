"""A campaign as it was told of: laid out and ranked by the version that held then, whatever was changed since (laws 1 and 11)."""

from __future__ import annotations

from datetime import datetime

from bot.domain.campaigns.campaign import Campaign
from bot.domain.campaigns.enrolled import Enrolled
from bot.domain.notices.notice import Notice
from bot.store import Session
from bot.store.campaigns import versions
from config.campaign_file.loader import campaign_from_content


def as_told(session: Session, campaign: Campaign, notice: Notice) -> Campaign:
    """The campaign in the version that the notice was made under: its tasks, its townships and its rule of ranking."""
    return _version(session, campaign, notice.version)


def in_force_at(session: Session, enrolled: Enrolled, moment: datetime) -> Enrolled:
    """The campaign in the version that held at that moment; before it was first known, in its first."""
    version = versions.version_at(session, enrolled.campaign.key, moment)
    if version is None or version == enrolled.version:
        return enrolled
    return Enrolled(campaign=_version(session, enrolled.campaign, version), version=version)


def _version(session: Session, campaign: Campaign, version: int) -> Campaign:
    if version == versions.latest_version(session, campaign.key):
        return campaign
    return campaign_from_content(versions.version_content(session, campaign.key, version), campaign.jobs)
