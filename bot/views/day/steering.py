"""What people have said of a day: its bulletin held, a sentence added."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime

from bot.domain.campaigns.campaign import Campaign, CampaignKey
from bot.domain.campaigns.workdays import Strike
from bot.store import Session
from bot.store.decisions import decisions
from bot.store.decisions.decisions import Decision

HELD, RELEASED = "bulletin held", "bulletin released"
"""The kinds of decision about "day 2021-10-29" by which a person holds the bulletin of that day, and lets it go."""


def holds(session: Session, campaign: CampaignKey) -> dict[date, Decision]:
    """The days whose bulletin is held, each with the decision that holds it."""
    held: dict[date, Decision] = {}
    for decision in decisions.decisions(session, campaign, (HELD, RELEASED)):
        day = date.fromisoformat(decision.about.removeprefix("day "))
        if decision.kind == HELD:
            held[day] = decision
        else:
            held.pop(day, None)
    return held


def keeping(campaign: Campaign, held: Mapping[date, Decision], strike: Strike) -> Decision | None:
    """The hold that keeps this strike back; None if none does.

    A hold keeps back the bulletin of its day, what follows it, and the same of later days, for no issue passes another.
    """
    first = min(held, default=None)
    kept = first is not None and campaign.jobs[strike.job].held_back and first <= strike.day
    return held[first] if kept and first is not None else None


SAID, UNSAID = "sentence set", "sentence withdrawn"
"""The kinds of decision about "day 2021-10-29"; of a sentence set the reason is the sentence itself."""


def sentence_at(session: Session, campaign: CampaignKey, day: date, at: datetime) -> Decision | None:
    """The decision whose sentence stands for that day's bulletin at that moment, its reason the sentence; None if none does."""
    said = decisions.decisions(session, campaign, (SAID, UNSAID), about=f"day {day}")
    last = [one for one in said if one.decided_at <= at][-1:]
    return last[0] if last and last[0].kind == SAID else None
