"""Replies that only a person can settle: of a closed day, of somebody nobody registered, of another
township (law 10).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from bot.domain.campaigns.campaign import CampaignKey
from bot.domain.decisions.kinds import DecisionKind
from bot.domain.decisions.subjects import ReplySubject
from bot.store import Session
from bot.store.decisions import decisions
from bot.store.replies import readings
from bot.store.replies.readings import StoredReading
from bot.store.replies.replies import StoredReply

FOR_A_PERSON = frozenset({"closed_day", "other_day", "sender", "other_township"})
"""The doubts that no further word of the sender can settle."""

SETTLING = (DecisionKind.REPLY_APPROVED, DecisionKind.REPLY_REFUSED)
"""The kinds of decision that end the waiting."""


@dataclass(frozen=True, kw_only=True)
class HeldReply:
    """A reply that waits, with its reading and why."""

    reply: StoredReply
    reading: StoredReading
    why: tuple[str, ...]


def held(session: Session, campaign: CampaignKey) -> list[HeldReply]:
    """Every reply that waits for a person's word, in the order they came."""
    settled = {one.subject for one in decisions.decisions(session, campaign, SETTLING)}
    waiting = []
    for reply, reading in readings.readings(session, campaign, doubted=True):
        why = why_held(str(doubt["why"]) for doubt in reading.asked)
        if why and ReplySubject(number=reply.number) not in settled:
            waiting.append(HeldReply(reply=reply, reading=reading, why=why))
    return waiting


def why_held(doubts: Iterable[str]) -> tuple[str, ...]:
    """Those of the doubts that wait for a person, each once."""
    return tuple(dict.fromkeys(why for why in doubts if why in FOR_A_PERSON))
