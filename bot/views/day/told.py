"""A campaign as it was told of: laid out and ranked by the version that held then, whatever was
changed since (laws 1 and 11).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from bot.domain.campaigns.campaign import BULLETIN, Basis, Campaign, TownshipName
from bot.domain.campaigns.enrolled import Enrolled
from bot.domain.notices.notice import Notice
from bot.store import Session
from bot.store.campaigns import versions
from bot.store.notices import notices
from config.campaign_file.loader import campaign_from_content


def as_told(session: Session, campaign: Campaign, notice: Notice) -> Campaign:
    """The campaign in the version that the notice was made under: its tasks, its townships and its
    rule of ranking.
    """
    return _version(session, campaign, notice.version)


def in_force_at(session: Session, enrolled: Enrolled, moment: datetime) -> Enrolled:
    """The campaign in the version that held at that moment; before it was first known, in its
    first.
    """
    version = versions.version_at(session, enrolled.campaign.key, moment)
    if version is None or version == enrolled.version:
        return enrolled
    return Enrolled(campaign=_version(session, enrolled.campaign, version), version=version)


@dataclass(frozen=True, kw_only=True)
class TargetMoved:
    """A task that is another than the bulletin before told; None where the township was not, or is
    no more.
    """

    township: TownshipName
    was: Decimal | None
    now: Decimal | None
    basis: Basis  # the day and the paper that set it


def targets_moved(session: Session, enrolled: Enrolled, day: date) -> tuple[TargetMoved, ...]:
    """The tasks that have changed since the bulletin before that of `day`, in official order; none
    where there was none.
    """
    campaign = enrolled.campaign
    before = notices.last_notice(session, campaign.key, BULLETIN, day)
    if before is None or before.version == enrolled.version:
        return ()
    were = {one.name: one.target for one in as_told(session, campaign, before).townships}
    now = {one.name: one for one in campaign.townships}
    moved = [
        TargetMoved(township=one.name, was=were.get(one.name), now=one.target, basis=one.basis)
        for one in campaign.townships
        if were.get(one.name) != one.target
    ]
    gone = [
        TargetMoved(township=name, was=was, now=None, basis=Basis())
        for name, was in were.items()
        if name not in now
    ]
    return (*moved, *gone)


def _version(session: Session, campaign: Campaign, version: int) -> Campaign:
    if version == versions.latest_version(session, campaign.key):
        return campaign
    return campaign_from_content(
        versions.version_content(session, campaign.key, version), campaign.jobs
    )
