"""Who may report in a campaign, by the name they have in the group."""

from __future__ import annotations

from bot.domain.campaigns.campaign import Campaign


def nicks(campaign: Campaign) -> set[str]:
    """Everybody who may report: the contacts, by the name they have in the group, and the
    office.
    """
    known = {contact.nick for township in campaign.townships for contact in township.contacts}
    return known | set(campaign.office_staff)


def nick_of(campaign: Campaign, user_id: str) -> str | None:
    """The contact the campaign file gives this number to; None when it is nobody's, or more than
    one's.
    """
    found = {
        contact.nick
        for township in campaign.townships
        for contact in township.contacts
        if contact.user_id and contact.user_id == user_id
    }
    return found.pop() if len(found) == 1 else None
