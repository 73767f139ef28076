"""Takes a campaign file into the ledger: a changed file becomes a new version, an unchanged one
stays what it was.
"""

from __future__ import annotations

from datetime import datetime

from bot import log
from bot.domain.campaigns.campaign import Campaign
from bot.domain.campaigns.enrolled import Enrolled
from bot.store import Session
from bot.store.campaigns import contacts, versions


def enrol(session: Session, campaign: Campaign, content: str, at: datetime) -> Enrolled:
    """Records the campaign's content; figures and notices made from now on name the version
    returned.
    """
    before = versions.latest_version(session, campaign.key)
    version = versions.record_version(session, campaign.key, content, at)
    if version != before:
        contacts.record_contacts(session, campaign, version)
        log.event("campaign version recorded", campaign=campaign.key, version=version)
    return Enrolled(campaign=campaign, version=version)
