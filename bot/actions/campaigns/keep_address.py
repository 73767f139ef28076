"""Takes the address of a group's robot from a page: looked at by its own channel, sealed, and never
shown again (law 8).
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from bot import log
from bot.channels.channel import Address, Addressed, Channel
from bot.channels.encryption import decrypt_address, encrypt_address
from bot.domain.campaigns.campaign import CampaignKey, Group, GroupKey
from bot.domain.decisions.actor import Actor
from bot.domain.decisions.kinds import DecisionKind
from bot.domain.decisions.subjects import GroupSubject
from bot.store import Session
from bot.store.campaigns import addresses
from bot.store.campaigns.addresses import SealedAddress
from bot.store.decisions import decisions
from bot.store.notices.robots import fingerprint
from config.wording.faults import FaultWord, Sentence, address_fault, sentence


class AddressRefused(Exception):
    """An address that is not kept; `told` says why and what to do, without any of it."""

    def __init__(self, told: Sentence) -> None:
        self.told = told
        super().__init__(str(told))


def keep_address(
    session: Session,
    campaign: CampaignKey,
    group: Group,
    address: Address,
    *,
    channel: Channel,
    keys: Sequence[str],
    person: Actor,
    at: datetime,
) -> str:
    """Keeps the address sealed under the first of the keys; it holds from now on. Returns its
    fingerprint. AddressRefused.
    """
    if not keys:
        raise AddressRefused(sentence("no_secret_key"))
    if not isinstance(channel, Addressed):
        raise AddressRefused(sentence("no_address_needed", platform=FaultWord(group.platform)))
    address = Address(address.url.strip(), (address.secret or "").strip() or None)
    if fault := channel.fault(address):
        raise AddressRefused(address_fault(fault))
    shown = fingerprint(address.url)
    decision = _decided(session, campaign, group.key, DecisionKind.ADDRESS_SET, person, at)
    addresses.add_address(
        session,
        campaign,
        group.key,
        sealed=encrypt_address(address, _of(campaign, group.key), keys),
        fingerprint=shown,
        decision_number=decision,
        at=at,
    )
    log.event("address set", campaign=campaign, group=group.key, robot=shown[:8])
    return shown


def forget_address(
    session: Session, campaign: CampaignKey, group: GroupKey, *, person: Actor, at: datetime
) -> None:
    """Takes the group's address away: nothing is sent to it until another is entered."""
    decision = _decided(session, campaign, group, DecisionKind.ADDRESS_TAKEN_AWAY, person, at)
    addresses.add_address(
        session, campaign, group, sealed="", fingerprint="", decision_number=decision, at=at
    )


def opened(kept: SealedAddress, keys: Sequence[str]) -> Address | None:
    """The address itself; None when it was sealed under a key that is not here any more, so that it
    must be entered anew.
    """
    return decrypt_address(kept.sealed, _of(kept.campaign, kept.group), keys)


def seal_anew(session: Session, keys: Sequence[str], *, person: Actor, at: datetime) -> int:
    """Seals under the first key what lies under another of them, so that the old one can be thrown
    away; how many that were.
    """
    moved = 0
    for kept in addresses.addresses(session).values():
        address = opened(kept, keys)
        if address is None or opened(kept, keys[:1]) is not None:
            continue
        decision = _decided(
            session, kept.campaign, kept.group, DecisionKind.ADDRESS_SEALED_ANEW, person, at
        )
        addresses.add_address(
            session,
            kept.campaign,
            kept.group,
            sealed=encrypt_address(address, _of(kept.campaign, kept.group), keys),
            fingerprint=kept.fingerprint,
            decision_number=decision,
            at=at,
        )
        moved += 1
    return moved


def _decided(
    session: Session,
    campaign: CampaignKey,
    group: GroupKey,
    kind: DecisionKind,
    person: Actor,
    at: datetime,
) -> int:
    return decisions.add_decision(
        session, campaign=campaign, by=person, kind=kind, subject=GroupSubject(group=group), at=at
    )


def _of(campaign: CampaignKey, group: GroupKey) -> str:
    return f"{campaign}/{group}"
