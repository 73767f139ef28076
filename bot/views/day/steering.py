"""What people have said of a day: its bulletin held, a sentence added."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime

from bot.domain.campaigns.campaign import Campaign, CampaignKey
from bot.domain.campaigns.workdays import ScheduledRun
from bot.domain.decisions.decision import Decision
from bot.domain.decisions.kinds import DecisionKind
from bot.domain.decisions.subjects import DaySubject
from bot.store import Session
from bot.store.decisions import decisions


def holds(session: Session, campaign: CampaignKey) -> dict[date, Decision]:
    """The days whose bulletin is held, each with the decision that holds it."""
    held: dict[date, Decision] = {}
    kinds = (DecisionKind.BULLETIN_HELD, DecisionKind.BULLETIN_RELEASED)
    for decision in decisions.decisions(session, campaign, kinds):
        match decision.subject:
            case DaySubject(day=day) if decision.kind is DecisionKind.BULLETIN_HELD:
                held[day] = decision
            case DaySubject(day=day):
                held.pop(day, None)
    return held


def keeping(
    campaign: Campaign, held: Mapping[date, Decision], strike: ScheduledRun
) -> Decision | None:
    """The hold that keeps this strike back; None if none does.

    A hold keeps back the bulletin of its day, what follows it, and the same of later days, for no
    issue passes another.
    """
    first = min(held, default=None)
    kept = first is not None and campaign.jobs[strike.job].held_back and first <= strike.day
    return held[first] if kept and first is not None else None


def sentence_at(
    session: Session, campaign: CampaignKey, day: date, at: datetime
) -> Decision | None:
    """The decision whose sentence stands for that day's bulletin at that moment, its reason the
    sentence; None if none does.
    """
    kinds = (DecisionKind.SENTENCE_SET, DecisionKind.SENTENCE_WITHDRAWN)
    said = decisions.decisions(session, campaign, kinds, about=DaySubject(day=day))
    last = [one for one in said if one.decided_at <= at][-1:]
    return last[0] if last and last[0].kind is DecisionKind.SENTENCE_SET else None
