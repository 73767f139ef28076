"""Takes in a chat that a clerk copied out of the group by hand: each message a reply, vouched for
by that clerk.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import TypeVar

from bot.actions.refusal import Refusal
from bot.actions.replies.collect import PASTED, blacked_out, read_reply
from bot.domain.campaigns.campaign import Campaign, Contact, Township
from bot.domain.campaigns.enrolled import Enrolled
from bot.domain.decisions.actor import Actor
from bot.domain.decisions.decision import NO_FACTS, Facts
from bot.domain.decisions.kinds import DecisionKind
from bot.domain.decisions.subjects import ReplySubject
from bot.domain.replies.reading import Outcome, Reading, ReadingWording
from bot.domain.replies.reading.chat import Chat, ChatMessage
from bot.store import Session, Store, lock_campaign
from bot.store.decisions import decisions
from bot.store.replies import replies
from bot.views.replies.held import why_held

NO_TIES: Mapping[str, str] = {}
LONGEST_PASTE = 5_000_000
"""Bytes of a paste; a group writes less in a month."""

Made = TypeVar("Made")


class NotText(Refusal):
    """A paste that is no text, or too much of it."""

    room = "chat"


class Came(StrEnum):
    """What became of one message."""

    ACCEPTED = "accepted"
    ASKED = "asked"
    HELD = "held"
    IGNORED = "ignored"
    KNOWN = "known"


@dataclass(frozen=True, kw_only=True)
class PasteResult:
    """One message of the paste and what became of it; `reading` is None if it had been taken in
    before.
    """

    message: ChatMessage
    reply_number: int
    reading: Reading | None

    @property
    def came(self) -> Came:
        """What became of it, in a word."""
        if self.reading is None:
            return Came.KNOWN
        if self.reading.outcome is Outcome.ASK:
            return Came.HELD if why_held(doubt.why for doubt in self.reading.asked) else Came.ASKED
        return Came.ACCEPTED if self.reading.outcome is Outcome.ACCEPT else Came.IGNORED


class _Undo(Exception):
    """Ends a preview: what was written for it is undone."""


def previewed(store: Store, deed: Callable[[Session], Made]) -> Made:
    """What the deed would come to, done in a transaction that is undone: nothing is kept."""
    made: list[Made] = []
    try:
        with store.writing() as session:
            made.append(deed(session))
            raise _Undo
    except _Undo:
        return made[0]


def decoded(content: bytes) -> tuple[str, str]:
    """A paste as text, and the encoding it was read by: UTF-8, or what Windows writes. NotText for
    anything else.
    """
    if len(content) > LONGEST_PASTE:
        raise NotText(
            "too_long",
            f"the paste is longer than {LONGEST_PASTE} bytes; take in one day at a time",
            most=LONGEST_PASTE,
        )
    encodings = (
        ["utf-16"] if content.startswith((b"\xff\xfe", b"\xfe\xff")) else ["utf-8-sig", "gb18030"]
    )
    for encoding in encodings:
        try:
            text = content.decode(encoding)
        except UnicodeDecodeError:
            continue
        if "\0" in text:
            break
        return text, encoding
    raise NotText(
        "no_text", "the paste is no text in UTF-8 or GB18030; save it as a text file in UTF-8"
    )


def strangers(campaign: Campaign, chat: Chat) -> list[str]:
    """Who wrote in a chat and is none of the campaign's people, in the order in which they
    wrote.
    """
    known = {contact.nick for township in campaign.townships for contact in township.contacts}
    known |= {*campaign.office_staff, campaign.office}
    return list(
        dict.fromkeys(message.sender for message in chat.messages if message.sender not in known)
    )


def likely(campaign: Campaign, name: str) -> list[Contact]:
    """The contacts, those first whom a name may mean: of a township it says, and among these who is
    called so. Offered, never taken.
    """

    def unlike(pair: tuple[Township, Contact]) -> tuple[bool, bool]:
        township, contact = pair
        return not any(
            word in name for word in (township.name, *township.aliases)
        ), contact.name not in name

    pairs = [
        (township, contact) for township in campaign.townships for contact in township.contacts
    ]
    return [contact for _, contact in sorted(pairs, key=unlike)]


def take_in(  # noqa: PLR0913
    session: Session,
    enrolled: Enrolled,
    wording: ReadingWording,
    chat: Chat,
    *,
    by: Actor,
    at: datetime,
    channel: str = PASTED,
    vouched: DecisionKind = DecisionKind.PASTE_VOUCHED,
    facts: Facts = NO_FACTS,
    ties: Mapping[str, str] = NO_TIES,
) -> list[PasteResult]:
    """Stores and reads every message of the chat that is new, in its order; nothing is answered to
    the group.

    `vouched` is the kind of decision by which somebody answers for each, and `facts` those of that
    kind. `ties` gives the nick of a contact for a name that is in no list: who takes the chat in
    says that he wrote what stands under it.

    One transaction is right here, unlike for a platform: nobody waits to hear that it was stored,
    and pasting again is safe.
    """
    campaign = enrolled.campaign
    lock_campaign(session, campaign.key)
    taken = []
    for message in chat.messages:
        tied = ties.get(message.sender)
        reply, new = replies.add_reply(
            session,
            campaign=campaign.key,
            channel=channel,
            message_id=message.id,
            sender=message.sender if tied is None else tied,
            text=blacked_out(message.text),
            sent_at=message.at,
            arrived_at=at,
            stated=message.stated,
        )
        reading = None
        if new:
            decisions.add_decision(
                session,
                campaign=campaign.key,
                by=by,
                kind=vouched if tied is None else DecisionKind.PASTE_TIED,
                subject=ReplySubject(number=reply.number),
                facts=facts if tied is None else {"nick": message.sender[:80]},
                at=at,
            )
            reading = read_reply(session, enrolled, wording, reply, at)
        taken.append(PasteResult(message=message, reply_number=reply.number, reading=reading))
    return taken
