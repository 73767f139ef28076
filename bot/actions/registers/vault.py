"""Seals the names, identities and accounts of a campaign's registers, and makes the fingerprints
they are compared by.
"""

from __future__ import annotations

import hmac
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from hashlib import sha256

from bot.channels.encryption import decrypt_key, decrypt_text, encrypt_key, encrypt_text, new_key
from bot.domain.campaigns.campaign import CampaignKey
from bot.domain.registers.reading import Personal
from bot.store import Session
from bot.store.registers import holders
from bot.store.registers.holders import ALL_CAMPAIGNS, Holder


class VaultShut(Exception):
    """The keys of the registers cannot be opened: SECRET_KEY is another than the one they were
    sealed under.
    """


@dataclass(frozen=True, kw_only=True)
class Whole:
    """A person or an account, whole."""

    name: str = field(default="", repr=False)
    number: str = field(default="", repr=False)


@dataclass(frozen=True, kw_only=True)
class Vault:
    """The opened keys of one campaign: `fingers` makes fingerprints, `texts` seals; None when it
    was destroyed.
    """

    campaign: CampaignKey
    fingers: str = field(repr=False)
    texts: str | None = field(repr=False)

    def fingerprint(self, kind: str, text: str) -> str:
        """The keyed fingerprint of a text of some kind; equal in all campaigns of the
        installation.
        """
        return hmac.new(self.fingers.encode(), f"{kind}\0{text}".encode(), sha256).hexdigest()[:32]

    def holder(self, personal: Personal) -> Holder:
        """A person or an account as the ledger keeps it. RuntimeError when the campaign's key was
        destroyed.
        """
        if self.texts is None:
            raise RuntimeError(f"the key of {self.campaign} was destroyed")
        whole = json.dumps({"name": personal.name, "number": personal.number}, ensure_ascii=False)
        person = personal.person
        return Holder(
            key=personal.key,
            kind=personal.kind,
            name_finger=person.name if person else "",
            identity_finger=person.identity if person else "",
            tail=person.tail if person else personal.number[-4:],
            shown=masked_name(personal.name)
            if personal.kind == holders.PERSON
            else masked_number(personal.number),
            sealed=encrypt_text(whole, self.texts),
        )

    def opened(self, sealed: Mapping[str, str]) -> dict[str, Whole]:
        """The whole texts of these sealed ones; those that cannot be opened any more are left
        out.
        """
        found: dict[str, Whole] = {}
        for key, text in sealed.items():
            whole = decrypt_text(text, self.texts) if self.texts else None
            if whole is not None:
                facts = json.loads(whole)
                found[key] = Whole(name=facts["name"], number=facts["number"])
        return found


def open_vault(
    session: Session, campaign: CampaignKey, keys: Sequence[str], at: datetime | None = None
) -> Vault:
    """Opens the vault of a campaign. With `at`, keys that are not there yet are drawn and kept.
    VaultShut.
    """
    return Vault(
        campaign=campaign,
        # Where nobody is known yet a passing key compares the rows of one file as well as a lasting
        # one.
        fingers=_key(session, ALL_CAMPAIGNS, keys, at) or new_key(),
        texts=_key(session, campaign, keys, at),
    )


def forget(session: Session, campaign: CampaignKey) -> bool:
    """Destroys the key of a campaign: its names, identities and accounts can never be read again;
    every count stays.
    """
    return holders.destroy_key(session, campaign)


def seal_keys_anew(
    session: Session, campaigns: Sequence[CampaignKey], keys: Sequence[str], at: datetime
) -> int:
    """Seals the keys of these campaigns, and that of the fingerprints, under the first of the keys;
    how many there are.
    """
    count = 0
    for campaign in (ALL_CAMPAIGNS, *campaigns):
        key = _key(session, campaign, keys, None)
        if key is not None:
            holders.replace_key(
                session, campaign, encrypt_key(key, f"register {campaign}", keys), at
            )
            count += 1
    return count


def masked_name(name: str) -> str:
    """A name as it may be shown: its first character, and a star for each other."""
    return name[:1] + "*" * max(len(name) - 1, 0)


def masked_number(number: str) -> str:
    """An identity or account number as it may be shown: its last four characters."""
    return "*" * max(len(number) - 4, 0) + number[-4:]


def _key(
    session: Session, campaign: CampaignKey, keys: Sequence[str], at: datetime | None
) -> str | None:
    kept = holders.key_of(session, campaign)
    if kept is None:
        if at is None:
            return None
        holders.add_key(session, campaign, encrypt_key(new_key(), f"register {campaign}", keys), at)
        kept = holders.key_of(session, campaign)
    key = decrypt_key(kept, f"register {campaign}", keys) if kept else None
    if kept and key is None:
        raise VaultShut(campaign or "fingerprints")
    return key
