"""A campaign as a notice told of it: ranked by the rule, the weights and the tie-breaks under which that notice was made."""

from __future__ import annotations

from dataclasses import replace

from bot.domain.campaigns.campaign import Campaign
from bot.domain.notices.notice import Notice
from bot.store import Session
from bot.store.campaigns import versions
from config.campaign_file.loader import campaign_from_content


def ranked_as_told(session: Session, campaign: Campaign, notice: Notice) -> Campaign:
    """The campaign in force, but ranking as it did in the version that the notice was made under (law 11)."""
    if notice.version == versions.latest_version(session, campaign.key):
        return campaign
    content = versions.version_content(session, campaign.key, notice.version)
    return replace(campaign, ranking=campaign_from_content(content, campaign.jobs).ranking)
