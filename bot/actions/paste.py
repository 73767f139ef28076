"""Takes in a chat that a clerk copied out of the group by hand: each message a reply, vouched for by that clerk."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from bot.actions.collect import PASTED, blacked_out, read_reply
from bot.actions.enrol import Enrolled
from bot.domain.reading import Reading, Wording
from bot.domain.reading.chat import Chat, ChatMessage
from bot.store import Session, decisions, lock_campaign, replies

VOUCHED = "paste vouched"
"""The kind of decision by which a clerk says that a pasted message stood in the group as it is."""


@dataclass(frozen=True, kw_only=True)
class Taken:
    """One message of the paste and what became of it; `reading` is None if it had been taken in before."""

    message: ChatMessage
    reply_number: int
    reading: Reading | None


def take_in(
    session: Session, enrolled: Enrolled, wording: Wording, chat: Chat, *, by: str, at: datetime
) -> list[Taken]:
    """Stores and reads every message of the chat that is new, in its order; nothing is answered to the group.

    One transaction is right here, unlike for a platform: nobody waits to hear that it was stored, and pasting again is safe.
    """
    campaign = enrolled.campaign
    lock_campaign(session, campaign.key)
    taken = []
    for message in chat.messages:
        reply, new = replies.add_reply(
            session,
            campaign=campaign.key,
            channel=PASTED,
            message_id=message.id,
            sender=message.sender,
            text=blacked_out(message.text),
            sent_at=message.at,
            arrived_at=at,
        )
        reading = None
        if new:
            decisions.add_decision(
                session,
                campaign=campaign.key,
                person=by,
                kind=VOUCHED,
                about=f"reply {reply.number}",
                reason="pasted from the chat",
                at=at,
            )
            reading = read_reply(session, enrolled, wording, reply, at)
        taken.append(Taken(message=message, reply_number=reply.number, reading=reading))
    return taken
