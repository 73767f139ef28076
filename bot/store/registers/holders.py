"""The sealed texts of persons and accounts, and the keys they are sealed with."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from bot.domain.campaigns.campaign import CampaignKey
from bot.domain.registers.case import PersonKey
from bot.domain.registers.doubts import CasePerson
from bot.store.engine.tables import insert_if_new
from bot.store.registers.tables import DbHolder, DbRegisterKey

PERSON, ACCOUNT = "person", "account"
ALL_CAMPAIGNS = CampaignKey("")
"""Whose key makes the fingerprints: one for the installation, so that doubles across campaigns are
found.
"""


@dataclass(frozen=True, kw_only=True)
class Holder:
    """A person or an account of a campaign; `shown` is all of it that may be seen without a
    reason.
    """

    key: str
    kind: str
    name_finger: str = ""
    identity_finger: str = ""
    tail: str
    shown: str
    sealed: str = field(repr=False)


def add_holders(
    session: Session, campaign: CampaignKey, holders: Sequence[Holder], at: datetime
) -> None:
    """Keeps these holders; those known already stay as they are."""
    if holders:
        session.execute(
            insert_if_new(session, DbHolder),
            [
                {
                    "campaign": campaign,
                    "key": holder.key,
                    "kind": holder.kind,
                    "name_finger": holder.name_finger,
                    "identity_finger": holder.identity_finger,
                    "tail": holder.tail,
                    "shown": holder.shown,
                    "sealed": holder.sealed,
                    "added_at": at,
                }
                for holder in holders
            ],
        )


def people(session: Session, campaign: CampaignKey) -> dict[PersonKey, CasePerson]:
    """The persons of a campaign, as far as they may be compared."""
    columns = (DbHolder.key, DbHolder.name_finger, DbHolder.identity_finger, DbHolder.tail)
    rows = session.execute(
        select(*columns).where(DbHolder.campaign == campaign, DbHolder.kind == PERSON)
    )
    return {
        PersonKey(key): CasePerson(key=PersonKey(key), name=name, identity=identity, tail=tail)
        for key, name, identity, tail in rows
    }


def shown(session: Session, campaign: CampaignKey) -> Mapping[str, str]:
    """What may be seen of every person and account of a campaign: 刘**, the last four of an
    account.
    """
    rows = session.execute(
        select(DbHolder.key, DbHolder.shown).where(DbHolder.campaign == campaign)
    )
    return {row[0]: row[1] for row in rows}


def sealed(session: Session, campaign: CampaignKey, keys: Sequence[str]) -> Mapping[str, str]:
    """The sealed texts of these persons and accounts."""
    rows = session.execute(
        select(DbHolder.key, DbHolder.sealed).where(
            DbHolder.campaign == campaign, DbHolder.key.in_(keys)
        )
    )
    return {row[0]: row[1] for row in rows}


def key_of(session: Session, campaign: CampaignKey) -> str | None:
    """The sealed key of a campaign, or of all fingerprints; None if there is none, or it was
    destroyed.
    """
    return session.scalar(select(DbRegisterKey.sealed).where(DbRegisterKey.campaign == campaign))


def add_key(session: Session, campaign: CampaignKey, sealed_key: str, at: datetime) -> None:
    """Keeps the first key of a campaign; one that is there stays."""
    session.execute(
        insert_if_new(session, DbRegisterKey),
        [{"campaign": campaign, "sealed": sealed_key, "made_at": at}],
    )


def replace_key(session: Session, campaign: CampaignKey, sealed_key: str, at: datetime) -> None:
    """Puts the same key, sealed anew, in the place of what there is."""
    session.execute(delete(DbRegisterKey).where(DbRegisterKey.campaign == campaign))
    add_key(session, campaign, sealed_key, at)


def destroy_key(session: Session, campaign: CampaignKey) -> bool:
    """Destroys the key of a campaign: nobody can read its names, identities and accounts again.
    Whether there was one.
    """
    gone = session.execute(
        delete(DbRegisterKey).where(DbRegisterKey.campaign == campaign).returning(DbRegisterKey.id)
    ).all()
    return bool(gone)
