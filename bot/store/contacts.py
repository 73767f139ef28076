"""The contacts of each campaign version, as they were then."""

from __future__ import annotations

from bot.domain.campaign import Campaign
from bot.store.database import Session
from bot.store.tables import DbContact


def record_contacts(session: Session, campaign: Campaign, version: int) -> None:
    """Writes down who reported for which township under this version."""
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
