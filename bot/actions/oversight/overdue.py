"""What is overdue, as a supervisor needs it, and what people say of it: an answer, a measure
proposed, a measure decided (law 10).
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from bot import log
from bot.actions.refusal import Refusal
from bot.actions.replies.collect import blacked_out
from bot.domain.campaigns.campaign import Campaign
from bot.domain.day.obligations import (
    Measure,
    Obligation,
    Owed,
    Remark,
    RemarkKind,
    measures,
    outstanding,
)
from bot.domain.decisions.actor import Actor
from bot.domain.decisions.decision import Facts
from bot.domain.decisions.subjects import OwedSubject
from bot.domain.figures.progress import day_sheets
from bot.store import Session, lock_campaign
from bot.store.decisions import decisions
from bot.store.figures import figures
from bot.views.day.asking import asking_known
from bot.views.oversight.overdue import KINDS, words

LONGEST_WORD = 200
LONGEST_MEASURE = 40


class NotSaid(Refusal):
    """A word that cannot be kept as it was given; its text says why."""

    room = "overdue"


def acknowledge(
    session: Session,
    campaign: Campaign,
    township: str,
    owed: str,
    *,
    word: str,
    by: Actor,
    at: datetime,
) -> int:
    """Answers for something overdue with a word, which stops its ladder while it is fresh; the
    decision's number. Raises NotSaid.
    """
    late, _ = _overdue(session, campaign, township, owed, at)
    text = _line(word, LONGEST_WORD)
    if not text:
        raise NotSaid("no_word", "an answer needs a word: what is being done, until when")
    if late.answer is not None and (late.answer.by, late.answer.text) == (by, text):
        return late.answer.number  # pressed twice
    return _decided(session, campaign, late, RemarkKind.ANSWERED, {}, text, by, at)


def propose(
    session: Session,
    campaign: Campaign,
    township: str,
    owed: str,
    *,
    measure: str,
    reason: str,
    by: Actor,
    at: datetime,
) -> int:
    """Proposes a measure, the ladder's or one in a person's own words; the decision's number.
    Raises NotSaid.
    """
    late, said = _overdue(session, campaign, township, owed, at)
    text, why = _line(measure, LONGEST_MEASURE), _line(reason, LONGEST_WORD)
    if not text:
        raise NotSaid("no_measure", "say which measure is proposed")
    known = _known(campaign, late, said, text)
    if known is not None and known.said and known.state is not RemarkKind.DECLINED:
        raise _said_before(known)
    return _decided(session, campaign, late, RemarkKind.PROPOSED, {"measure": text}, why, by, at)


def decide(  # noqa: PLR0913
    session: Session,
    campaign: Campaign,
    township: str,
    owed: str,
    *,
    measure: str,
    approve: bool,
    reason: str,
    by: Actor,
    at: datetime,
) -> int:
    """Approves or declines a measure that is proposed; only an approved one is to be taken. The
    decision's number. Raises NotSaid.
    """
    late, said = _overdue(session, campaign, township, owed, at)
    text, why = _line(measure, LONGEST_MEASURE), _line(reason, LONGEST_WORD)
    known = _known(campaign, late, said, text)
    if known is None:
        raise NotSaid("not_proposed", f"nobody proposes {text or 'that'} here", measure=text)
    if known.state is not RemarkKind.PROPOSED:
        raise _said_before(known)
    if not approve and not why:
        raise NotSaid("no_reason", "say why it is declined")
    word = RemarkKind.APPROVED if approve else RemarkKind.DECLINED
    return _decided(session, campaign, late, word, {"measure": text}, why, by, at)


def _overdue(
    session: Session, campaign: Campaign, township: str, owed: str, at: datetime
) -> tuple[Obligation, list[Remark]]:
    """The overdue obligation of that name, and what has been said; behind the lock, so that of two
    who decide one is told.
    """
    lock_campaign(session, campaign.key)
    if township not in {one.name for one in campaign.townships}:
        raise NotSaid(
            "no_township", f"{township} is no township of {campaign.key}", township=township
        )
    if owed not in set(Owed):
        raise NotSaid("no_obligation", f"nobody owes {owed}; a township owes {', '.join(Owed)}")
    day = at.astimezone(campaign.timezone).date()
    said = words(session, campaign, at)
    asking = asking_known(session, campaign, at)
    sheets = day_sheets(
        campaign, figures.figures_until(session, campaign.key, day, at), day, at, asking
    )
    for one in outstanding(campaign, sheets, at, said)[0]:
        if (one.township, one.owed) == (township, owed):
            return one, said
    raise NotSaid(
        "not_overdue", f"the {owed} of {township} is not overdue any more", township=township
    )


def _known(
    campaign: Campaign, late: Obligation, said: Sequence[Remark], text: str
) -> Measure | None:
    return next((one for one in measures(campaign, late, said) if one.text == text), None)


def _said_before(known: Measure) -> NotSaid:
    last = known.said[-1]
    told = f"{known.text} was {last.word} by {last.person}"
    return NotSaid("said_before", told, measure=known.text, word=last.word, person=last.person)


def _decided(
    session: Session,
    campaign: Campaign,
    late: Obligation,
    word: RemarkKind,
    facts: Facts,
    reason: str,
    by: Actor,
    at: datetime,
) -> int:
    kind = next(kind for kind, meant in KINDS.items() if meant is word)
    log.event(kind, township=late.township, owed=late.owed)
    return decisions.add_decision(
        session,
        campaign=campaign.key,
        by=by,
        kind=kind,
        subject=OwedSubject(owed=late.owed.value, township=late.township),
        facts=facts,
        reason=reason,
        at=at,
    )


def _line(text: str, longest: int) -> str:
    """What a person wrote, in one line, identity and card numbers blacked out: it may be repeated
    to a group (law 8).
    """
    line = blacked_out(" ".join(text.split()))
    if len(line) > longest:
        raise NotSaid(
            "too_long", f"that is {len(line)} characters; at most {longest}", longest=longest
        )
    return line
