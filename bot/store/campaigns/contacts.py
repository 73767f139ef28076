"""Contacts of each campaign version: the only place of the ledger where a phone number stands for
itself.
"""

from __future__ import annotations

from sqlalchemy.orm import Session

from bot.domain.campaigns.campaign import Campaign
from bot.store.campaigns.tables import DbContact


def record_contacts(session: Session, campaign: Campaign, version: int) -> None:
    """Keeps who reports for each township under that version, once for each version."""
    session.add_all(
        DbContact(
            campaign=campaign.key,
            version=version,
            township=township.name,
            name=contact.name,
            nick=contact.nick,
            phone=contact.phone,
            user_id=contact.user_id,
        )
        for township in campaign.townships
        for contact in township.contacts
    )
    session.flush()
