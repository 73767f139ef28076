"""Sets a campaign up on a page: its content becomes a version in the ledger and is served like one
of the settings' files.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from bot import log
from bot.actions.campaigns.enrol import enrol
from bot.actions.campaigns.keep_address import forget_address
from bot.domain.campaigns.campaign import Campaign, CampaignKey
from bot.domain.campaigns.enrolled import Enrolled
from bot.domain.decisions.actor import Actor
from bot.domain.decisions.kinds import DecisionKind
from bot.domain.decisions.subjects import VersionSubject
from bot.domain.figures.revision import CampaignState, Effect, Obstacle, effects, obstacles
from bot.store import Session, lock_campaign
from bot.store.campaigns import addresses, setups, versions
from bot.store.day import closings
from bot.store.decisions import decisions
from bot.store.figures import figures
from config.campaign_file.loader import (
    CampaignFault,
    CampaignRefused,
    LoadedCampaign,
    campaign_from_content,
)
from config.wording.faults import sentence


@dataclass(frozen=True, kw_only=True)
class Over:
    """The campaign that is changed, and the version of it that whoever changes it has looked at."""

    key: CampaignKey
    version: int


def examine(
    session: Session,
    loaded: LoadedCampaign,
    *,
    over: Over | None,
    files: Collection[str],
    at: datetime,
) -> list[Effect]:
    """What the campaign would do to what stands, were it set up now; `over` is what it changes,
    None for a new one.

    `files` are the keys of campaign files, which only their files can change. Raises
    CampaignRefused with every reason why not.
    """
    key, known = loaded.campaign.key, setups.setups(session).get(loaded.campaign.key)
    if over is not None and over.key != key:
        raise _refused([Obstacle(place="key", rule="key_changed", facts={"key": over.key})])
    if key in files:
        raise _refused([Obstacle(place="key", rule="key_of_a_file", facts={"key": key})])
    if over is None or known is None:
        if versions.latest_version(session, key) is not None:
            raise _refused([Obstacle(place="key", rule="key_used", facts={"key": key})])
        return []
    if over.version != known.version:
        told = f"{known.set_at.astimezone(loaded.campaign.timezone):%m-%d %H:%M}"
        raise _refused(
            [
                Obstacle(
                    place="key",
                    rule="changed_meanwhile",
                    facts={"person": known.person, "at": told},
                )
            ]
        )
    before = campaign_from_content(
        versions.version_content(session, key, known.version), loaded.campaign.jobs
    )
    held = _held(session, before, at)
    if found := obstacles(before, loaded.campaign, held):
        raise _refused(found)
    return effects(before, loaded.campaign, held.figures)


def set_up(
    session: Session,
    loaded: LoadedCampaign,
    *,
    over: Over | None = None,
    files: Collection[str] = (),
    person: Actor,
    reason: str = "",
    at: datetime,
) -> Enrolled:
    """Puts the campaign in force by a person's word, as a new version; the same content in force
    already changes nothing.

    Raises CampaignRefused with every reason why it may not (see `examine`).
    """
    key = loaded.campaign.key
    lock_campaign(session, key)
    examine(session, loaded, over=over, files=files, at=at)
    known = setups.setups(session).get(key)
    _drop_addresses(session, loaded.campaign, person, at)
    enrolled = enrol(session, loaded.campaign, loaded.content, at)
    if known is not None and known.in_force and known.version == enrolled.version:
        return enrolled
    _put(
        session,
        key,
        enrolled.version,
        in_force=True,
        kind=DecisionKind.SET_UP,
        person=person,
        reason=reason,
        at=at,
    )
    return enrolled


def _drop_addresses(session: Session, campaign: Campaign, person: Actor, at: datetime) -> None:
    """A group that is gone leaves no address behind for another of its key, nor one of another
    platform.
    """
    kept = addresses.addresses(session, campaign.key)
    platforms = {group.key: group.platform for group in campaign.groups}
    known = setups.setups(session).get(campaign.key)
    if known is None or not kept:
        return
    before = campaign_from_content(
        versions.version_content(session, campaign.key, known.version), campaign.jobs
    )
    for group in before.groups:
        if (campaign.key, group.key) in kept and platforms.get(group.key) != group.platform:
            forget_address(session, campaign.key, group.key, person=person, at=at)


def end(session: Session, key: CampaignKey, *, person: Actor, reason: str, at: datetime) -> None:
    """Ends a campaign set up on a page: nothing more is asked, closed or sent. What it holds stays.
    KeyError if it is none.
    """
    lock_campaign(session, key)
    known = setups.setups(session)[key]
    if known.in_force:
        _put(
            session,
            key,
            known.version,
            in_force=False,
            kind=DecisionKind.END,
            person=person,
            reason=reason,
            at=at,
        )


def resume(session: Session, key: CampaignKey, *, person: Actor, reason: str, at: datetime) -> None:
    """Puts a campaign that was ended in force again as it was. KeyError if it was none of those set
    up on a page.
    """
    lock_campaign(session, key)
    known = setups.setups(session)[key]
    if not known.in_force:
        _put(
            session,
            key,
            known.version,
            in_force=True,
            kind=DecisionKind.RESUME,
            person=person,
            reason=reason,
            at=at,
        )


def _put(
    session: Session,
    key: CampaignKey,
    version: int,
    *,
    in_force: bool,
    kind: DecisionKind,
    person: Actor,
    reason: str,
    at: datetime,
) -> None:
    decision = decisions.add_decision(
        session,
        campaign=key,
        by=person,
        kind=kind,
        subject=VersionSubject(version=version),
        reason=reason,
        at=at,
    )
    setups.add_setup(session, key, version, in_force=in_force, decision_number=decision, at=at)
    log.event("campaign set up" if in_force else "campaign ended", campaign=key, version=version)


def _held(session: Session, campaign: Campaign, at: datetime) -> CampaignState:
    return CampaignState(
        figures=figures.standing(session, campaign.key, date.max, at),
        days=figures.first_and_last_day(session, campaign.key),
        closed=tuple(closings.closings(session, campaign.key)),
    )


def _refused(found: Sequence[Obstacle]) -> CampaignRefused:
    return CampaignRefused(
        [
            CampaignFault(
                file="",
                place=obstacle.place,
                value="",
                told=sentence(obstacle.rule, **dict(obstacle.facts)),
            )
            for obstacle in found
        ]
    )
