"""A person steers a day: reminds now, publishes early, holds its bulletin, adds a sentence of his
own; each act is a decision.
"""

from __future__ import annotations

import unicodedata
from datetime import date, datetime

from bot.actions.day.close_day import is_closed
from bot.actions.day.recover import not_done
from bot.actions.day.strike import Job, perform_within
from bot.actions.refusal import Refusal
from bot.actions.replies.collect import blacked_out
from bot.domain.campaigns.campaign import BULLETIN, Campaign, CampaignKey
from bot.domain.campaigns.enrolled import Enrolled
from bot.domain.campaigns.workdays import ScheduledRun, is_reporting_day, strike_for
from bot.domain.decisions.actor import Actor
from bot.domain.decisions.kinds import DecisionKind
from bot.domain.decisions.subjects import DaySubject
from bot.domain.notices.notice import after_quiet
from bot.store import Session, lock_campaign
from bot.store.day import closings, runs
from bot.store.decisions import decisions
from bot.views.day.sheets import sheets_known
from bot.views.day.steering import holds, keeping, sentence_at
from bot.views.notices.wording import NoticeWording

LONGEST = 120
"""Characters of a sentence of one's own."""


class NotSteered(Refusal):
    """An act on a day that cannot be done, or not any more; the text says why, and what can."""

    room = "steer"


def remind_now(
    session: Session,
    enrolled: Enrolled,
    wording: NoticeWording,
    job: Job,
    day: date,
    *,
    by: Actor,
    reason: str,
    at: datetime,
) -> None:
    """Sends the one reminder of the day now and not at its hour, by `job`, the one of `[hours]`.
    Raises NotSteered.
    """
    campaign = enrolled.campaign
    lock_campaign(session, campaign.key)
    strike = _today(session, campaign, "remind", day, at)
    reminded = runs.ran_at(session, campaign.key, "remind", strike.planned)
    if reminded is not None:
        raise NotSteered(
            "reminded",
            f"the reminder of {day} went at {_clock(campaign, reminded)}; there is one a day",
            time=_clock(campaign, reminded),
        )
    if at >= campaign.moment(day, campaign.cutoff):
        raise NotSteered(
            "after_cutoff", f"the cut-off of {day} has passed; nothing is left to remind of"
        )
    if after_quiet(campaign, at) != at:
        raise NotSteered("quiet", "these are the quiet hours; nobody is reminded now")
    if not any(row.awaited for row in sheets_known(session, campaign, day, at)[-1].townships):
        raise NotSteered("nobody_missing", "nobody is missing; there is nobody to remind")
    _decided(session, campaign.key, DecisionKind.REMINDED_NOW, day, by, reason, at)
    perform_within(session, enrolled, strike, wording, job)


def publish_early(
    session: Session,
    enrolled: Enrolled,
    wording: NoticeWording,
    job: Job,
    day: date,
    *,
    by: Actor,
    reason: str,
    at: datetime,
) -> None:
    """Ends the day now and publishes its bulletin by `job`; what follows it keeps its own hour.
    Raises NotSteered.
    """
    campaign = enrolled.campaign
    lock_campaign(session, campaign.key)
    strike = _today(session, campaign, BULLETIN, day, at)
    hold = keeping(campaign, holds(session, campaign.key), strike)
    if hold is not None:
        raise NotSteered(
            "held", f"{hold.person} holds the bulletin; release it first", person=hold.person
        )
    if any(one.job == BULLETIN and one.day < day for one in not_done(session, campaign, at)):
        raise NotSteered(
            "earlier_first", "the bulletin of an earlier day is about to go; publish after it"
        )
    _decided(session, campaign.key, DecisionKind.PUBLISHED_EARLY, day, by, reason, at)
    perform_within(session, enrolled, strike, wording, job)


def hold_bulletin(
    session: Session, campaign: Campaign, day: date, *, by: Actor, reason: str, at: datetime
) -> None:
    """Keeps the bulletin of a day back, with all that follows it, until it is released. Raises
    NotSteered.
    """
    lock_campaign(session, campaign.key)
    _not_closed(session, campaign, day, at)
    hold = holds(session, campaign.key).get(day)
    if hold is not None:
        raise NotSteered(
            "held_already", f"{hold.person} holds the bulletin of {day} already", person=hold.person
        )
    _decided(session, campaign.key, DecisionKind.BULLETIN_HELD, day, by, reason, at)


def release_bulletin(
    session: Session, campaign: Campaign, day: date, *, by: Actor, reason: str, at: datetime
) -> None:
    """Lets a bulletin go that was held: it strikes at its hour or, when that has passed, at the
    next tick. Raises NotSteered.
    """
    lock_campaign(session, campaign.key)
    if day not in holds(session, campaign.key):
        raise NotSteered("not_held", f"nobody holds the bulletin of {day}", day=day)
    _decided(session, campaign.key, DecisionKind.BULLETIN_RELEASED, day, by, reason, at)


def add_sentence(
    session: Session,
    campaign: Campaign,
    day: date,
    sentence: str,
    *,
    instead_of: int | None,
    by: Actor,
    at: datetime,
) -> None:
    """Gives the day's bulletin one sentence of a person's own. Raises NotSteered.

    `instead_of` is the decision whose sentence he saw standing, None if he saw none: nobody writes
    over what he has not read.
    """
    lock_campaign(session, campaign.key)
    _not_closed(session, campaign, day, at)
    _as_seen(session, campaign, day, instead_of, at)
    if len(sentence.strip().splitlines()) > 1:
        raise NotSteered("lines", "the sentence must stand on one line")
    said = " ".join(sentence.split())
    if not said:
        raise NotSteered("empty", "write a sentence, or withdraw the one that stands")
    if len(said) > LONGEST:
        raise NotSteered(
            "long",
            f"the sentence has {len(said)} characters; {LONGEST} fit",
            length=len(said),
            most=LONGEST,
        )
    if any(unicodedata.category(sign) in ("Cc", "Cs") for sign in said):
        raise NotSteered("signs", "the sentence holds signs that cannot be printed")
    if blacked_out(said) != said:
        raise NotSteered(
            "number", "the sentence holds an identity or card number, which no group may read"
        )
    _decided(session, campaign.key, DecisionKind.SENTENCE_SET, day, by, said, at)


def withdraw_sentence(
    session: Session,
    campaign: Campaign,
    day: date,
    *,
    instead_of: int,
    by: Actor,
    reason: str,
    at: datetime,
) -> None:
    """Takes the sentence of a day back before it is printed. Raises NotSteered."""
    lock_campaign(session, campaign.key)
    _not_closed(session, campaign, day, at)
    _as_seen(session, campaign, day, instead_of, at)
    _decided(session, campaign.key, DecisionKind.SENTENCE_WITHDRAWN, day, by, reason, at)


def _as_seen(
    session: Session, campaign: Campaign, day: date, seen: int | None, at: datetime
) -> None:
    stands = sentence_at(session, campaign.key, day, at)
    if (stands.number if stands else None) == seen:
        return
    if stands is None:
        raise NotSteered("sentence_gone", "that sentence was withdrawn meanwhile")
    raise NotSteered(
        "sentence_changed",
        f"{stands.person} has written another sentence meanwhile: {stands.reason}",
        person=stands.person,
        sentence=stands.reason,
    )


def _today(session: Session, campaign: Campaign, job: str, day: date, at: datetime) -> ScheduledRun:
    """The strike of that job about `day`, happening now, if that is today and still open."""
    if day != at.astimezone(campaign.timezone).date():
        raise NotSteered("not_today", f"{day} is not today", day=day)
    _not_closed(session, campaign, day, at)
    if job not in campaign.hours:
        raise NotSteered("no_hour", f"the campaign gives no hour for {job}")
    return strike_for(campaign, job, day, at)


def _not_closed(session: Session, campaign: Campaign, day: date, at: datetime) -> None:
    if not is_reporting_day(campaign, day) or day > at.astimezone(campaign.timezone).date():
        raise NotSteered("no_day", f"{day} is no reporting day that has begun", day=day)
    if is_closed(session, campaign, day):
        closed = _clock(campaign, closings.closings(session, campaign.key)[day].closed_at)
        raise NotSteered(
            "closed",
            f"{day} was closed at {closed}; a figure can still be corrected",
            day=day,
            time=closed,
        )


def _clock(campaign: Campaign, moment: datetime) -> str:
    return moment.astimezone(campaign.timezone).strftime("%H:%M")


def _decided(
    session: Session,
    campaign: CampaignKey,
    kind: DecisionKind,
    day: date,
    by: Actor,
    reason: str,
    at: datetime,
) -> None:
    decisions.add_decision(
        session,
        campaign=campaign,
        by=by,
        kind=kind,
        subject=DaySubject(day=day),
        reason=reason,
        at=at,
    )
