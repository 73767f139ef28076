"""What is overdue, as a supervisor needs it, and what people say of it: an answer, a measure proposed, a measure decided (law 10)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from itertools import groupby

from bot import log
from bot.actions.refusal import Refusal
from bot.actions.replies.collect import blacked_out
from bot.domain.campaign import Campaign, TownshipName
from bot.domain.obligations import Measure, Obligation, Owed, Said, Word, begun, measures, outstanding
from bot.domain.progress import DaySheet, Figure, TownshipDay, day_sheets, in_force
from bot.store import Session, decisions, figures, lock_campaign, replies
from bot.store.replies import StoredReply

KINDS = {
    "overdue answered": Word.ANSWERED,
    "measure proposed": Word.PROPOSED,
    "measure approved": Word.APPROVED,
    "measure declined": Word.DECLINED,
}
"""The kinds of decision that keep what people say of something overdue. A measure is the first line of its reason."""

EVIDENCE = 3
"""Of so many of a township's last reports the very words are shown."""

LONGEST_WORD = 200
LONGEST_MEASURE = 40


class NotSaid(Refusal):
    """A word that cannot be kept as it was given; its text says why."""

    room = "overdue"


@dataclass(frozen=True, kw_only=True)
class Report:
    """Figures a township gave at one time, and the message they came in; None where a person entered them."""

    day: date
    figures: tuple[Figure, ...]
    reply: StoredReply | None


@dataclass(frozen=True, kw_only=True)
class Late:
    """One overdue obligation with all a supervisor asks: whose, since when, the evidence, what people have said of it."""

    obligation: Obligation
    contacts: tuple[str, ...]
    row: TownshipDay
    since: date
    days: int  # reporting days; of the deadline, calendar days past it
    missing: tuple[date, ...]  # days of the present trouble without a report
    reports: tuple[Report, ...]  # the last ones, newest first
    said: tuple[Said, ...]  # everything said in the present trouble
    measures: tuple[Measure, ...]


@dataclass(frozen=True, kw_only=True)
class OverdueNow:
    """What is overdue and what is due soon at one moment; `sheet` is the day it was judged by, None before the first cut-off."""

    at: datetime
    sheet: DaySheet | None
    late: tuple[Late, ...]
    soon: tuple[Obligation, ...]


def overdue_now(session: Session, campaign: Campaign, at: datetime) -> OverdueNow:
    """The overdue list of a campaign as known at a moment, by three queries whatever its size."""
    day = at.astimezone(campaign.timezone).date()
    told = figures.figures_until(session, campaign.key, day, at)
    said = words(session, campaign, at)
    sheets = day_sheets(campaign, told, day, at)
    late, soon = outstanding(campaign, sheets, at, said)
    judged = tuple(sheet for sheet in sheets if at >= campaign.moment(sheet.day, campaign.cutoff))
    reports = _reports(session, told, {one.township for one in late}, day, at)
    return OverdueNow(
        at=at,
        sheet=judged[-1] if judged else None,
        late=tuple(_late(campaign, one, judged, said, reports.get(one.township, ()), day) for one in late),
        soon=soon,
    )


def words(session: Session, campaign: Campaign, at: datetime) -> list[Said]:
    """Everything people had said by then of what is overdue, first to last."""
    about = {_about(owed, township.name): (owed, township.name) for owed in Owed for township in campaign.townships}
    said = []
    for one in decisions.decisions(session, campaign.key, KINDS):
        if one.decided_at > at or one.about not in about:  # a township that has left the campaign owes nothing
            continue
        word = KINDS[one.kind]
        measure, _, text = ("", "", one.reason) if word is Word.ANSWERED else one.reason.partition("\n")
        owed, township = about[one.about]
        said.append(
            Said(
                number=one.number,
                word=word,
                owed=owed,
                township=township,
                measure=measure,
                text=text,
                person=one.person,
                at=one.decided_at,
            )
        )
    return said


def acknowledge(
    session: Session, campaign: Campaign, township: str, owed: str, *, word: str, by: str, at: datetime
) -> int:
    """Answers for something overdue with a word, which stops its ladder while it is fresh; the decision's number. Raises NotSaid."""
    late, _ = _overdue(session, campaign, township, owed, at)
    text = _line(word, LONGEST_WORD)
    if not text:
        raise NotSaid("no_word", "an answer needs a word: what is being done, until when")
    if late.answer is not None and (late.answer.person, late.answer.text) == (by, text):
        return late.answer.number  # pressed twice
    return _decided(session, campaign, late, Word.ANSWERED, text, by, at)


def propose(
    session: Session, campaign: Campaign, township: str, owed: str, *, measure: str, reason: str, by: str, at: datetime
) -> int:
    """Proposes a measure, the ladder's or one in a person's own words; the decision's number. Raises NotSaid."""
    late, said = _overdue(session, campaign, township, owed, at)
    text, why = _line(measure, LONGEST_MEASURE), _line(reason, LONGEST_WORD)
    if not text:
        raise NotSaid("no_measure", "say which measure is proposed")
    known = _known(campaign, late, said, text)
    if known is not None and known.said and known.state is not Word.DECLINED:
        raise _said_before(known)
    return _decided(session, campaign, late, Word.PROPOSED, f"{text}\n{why}" if why else text, by, at)


def decide(
    session: Session,
    campaign: Campaign,
    township: str,
    owed: str,
    *,
    measure: str,
    approve: bool,
    reason: str,
    by: str,
    at: datetime,
) -> int:
    """Approves or declines a measure that is proposed; only an approved one is to be taken. The decision's number. Raises NotSaid."""
    late, said = _overdue(session, campaign, township, owed, at)
    text, why = _line(measure, LONGEST_MEASURE), _line(reason, LONGEST_WORD)
    known = _known(campaign, late, said, text)
    if known is None:
        raise NotSaid("not_proposed", f"nobody proposes {text or 'that'} here", measure=text)
    if known.state is not Word.PROPOSED:
        raise _said_before(known)
    if not approve and not why:
        raise NotSaid("no_reason", "say why it is declined")
    word = Word.APPROVED if approve else Word.DECLINED
    return _decided(session, campaign, late, word, f"{text}\n{why}" if why else text, by, at)


def _overdue(
    session: Session, campaign: Campaign, township: str, owed: str, at: datetime
) -> tuple[Obligation, list[Said]]:
    """The overdue obligation of that name, and what has been said; behind the lock, so that of two who decide one is told."""
    lock_campaign(session, campaign.key)
    if township not in {one.name for one in campaign.townships}:
        raise NotSaid("no_township", f"{township} is no township of {campaign.key}", township=township)
    if owed not in set(Owed):
        raise NotSaid("no_obligation", f"nobody owes {owed}; a township owes {', '.join(Owed)}")
    day = at.astimezone(campaign.timezone).date()
    said = words(session, campaign, at)
    sheets = day_sheets(campaign, figures.figures_until(session, campaign.key, day, at), day, at)
    for one in outstanding(campaign, sheets, at, said)[0]:
        if (one.township, one.owed) == (township, owed):
            return one, said
    raise NotSaid("not_overdue", f"the {owed} of {township} is not overdue any more", township=township)


def _known(campaign: Campaign, late: Obligation, said: Sequence[Said], text: str) -> Measure | None:
    return next((one for one in measures(campaign, late, said) if one.text == text), None)


def _said_before(known: Measure) -> NotSaid:
    last = known.said[-1]
    told = f"{known.text} was {last.word} by {last.person}"
    return NotSaid("said_before", told, measure=known.text, word=last.word, person=last.person)


def _decided(
    session: Session, campaign: Campaign, late: Obligation, word: Word, reason: str, by: str, at: datetime
) -> int:
    kind = next(kind for kind, meant in KINDS.items() if meant is word)
    log.event(kind, township=late.township, owed=late.owed)
    return decisions.add_decision(
        session,
        campaign=campaign.key,
        person=by,
        kind=kind,
        about=_about(late.owed, late.township),
        reason=reason,
        at=at,
    )


def _about(owed: Owed, township: TownshipName) -> str:
    return f"{owed} of {township}"


def _line(text: str, longest: int) -> str:
    """What a person wrote, in one line, identity and card numbers blacked out: it may be repeated to a group (law 8)."""
    line = blacked_out(" ".join(text.split()))
    if len(line) > longest:
        raise NotSaid("too_long", f"that is {len(line)} characters; at most {longest}", longest=longest)
    return line


def _reports(
    session: Session, told: Sequence[Figure], townships: set[TownshipName], day: date, at: datetime
) -> dict[TownshipName, tuple[Report, ...]]:
    """The last reports of these townships, newest first."""
    mine: dict[TownshipName, list[Figure]] = {}
    for figure in in_force(told, day, at):
        if figure.township in townships:
            mine.setdefault(figure.township, []).append(figure)
    last: dict[TownshipName, list[tuple[Figure, ...]]] = {}
    for township, found in mine.items():
        found.sort(key=lambda figure: (figure.day, figure.number))
        together = [tuple(same) for _, same in groupby(found, key=lambda figure: (figure.day, figure.reply_number))]
        last[township] = together[: -EVIDENCE - 1 : -1]
    numbers = {one[0].reply_number for given in last.values() for one in given}
    messages = replies.get_replies(session, {number for number in numbers if number is not None})
    return {
        township: tuple(
            Report(day=one[0].day, figures=one, reply=messages.get(one[0].reply_number or 0)) for one in given
        )
        for township, given in last.items()
    }


def _late(
    campaign: Campaign,
    late: Obligation,
    judged: Sequence[DaySheet],
    said: Sequence[Said],
    reports: tuple[Report, ...],
    today: date,
) -> Late:
    since = late.since or campaign.deadline
    beginning = begun(campaign, late)
    return Late(
        obligation=late,
        contacts=tuple(contact.name for contact in campaign.township(late.township).contacts),
        row=judged[-1].of(late.township),
        since=since,
        days=late.days if late.since else (today - campaign.deadline).days,
        missing=tuple(sheet.day for sheet in judged if sheet.day >= since and sheet.of(late.township).absent),
        reports=reports,
        said=tuple(
            one for one in said if (one.township, one.owed) == (late.township, late.owed) and one.at >= beginning
        ),
        measures=measures(campaign, late, said),
    )
