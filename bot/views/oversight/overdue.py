"""What is overdue at a moment, as a supervisor needs it, with all that people have said of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from itertools import groupby

from bot.domain.campaigns.campaign import Campaign, TownshipName
from bot.domain.day.obligations import (
    Light,
    Measure,
    Obligation,
    Owed,
    Remark,
    RemarkKind,
    begun,
    measures,
    outstanding,
    overdue,
)
from bot.domain.decisions.kinds import DecisionKind
from bot.domain.decisions.subjects import OwedSubject
from bot.domain.figures.progress import DaySheet, Figure, TownshipDay, day_sheets, in_force
from bot.store import Session
from bot.store.decisions import decisions
from bot.store.figures import figures
from bot.store.replies import replies
from bot.store.replies.replies import StoredReply
from bot.views.day.asking import asking_known
from bot.views.money.ledger import owed_by_money, payments
from bot.views.registers.ledger import owed_by_register

KINDS = {
    DecisionKind.OVERDUE_ANSWERED: RemarkKind.ANSWERED,
    DecisionKind.MEASURE_PROPOSED: RemarkKind.PROPOSED,
    DecisionKind.MEASURE_APPROVED: RemarkKind.APPROVED,
    DecisionKind.MEASURE_DECLINED: RemarkKind.DECLINED,
}
"""The kinds of decision that keep what people say of something overdue."""


EVIDENCE = 3
"""Of so many of a township's last reports the very words are shown."""


@dataclass(frozen=True, kw_only=True)
class Report:
    """Figures a township gave at one time, and the message they came in; None where a person
    entered them.
    """

    day: date
    figures: tuple[Figure, ...]
    reply: StoredReply | None


@dataclass(frozen=True, kw_only=True)
class Late:
    """One overdue obligation with all a supervisor asks: whose, since when, the evidence, what
    people have said of it.
    """

    obligation: Obligation
    contacts: tuple[str, ...]
    row: TownshipDay
    since: date
    days: int  # reporting days; of the deadline, calendar days past it
    missing: tuple[date, ...]  # days of the present trouble without a report
    reports: tuple[Report, ...]  # the last ones, newest first
    said: tuple[Remark, ...]  # everything said in the present trouble
    measures: tuple[Measure, ...]


@dataclass(frozen=True, kw_only=True)
class OverdueNow:
    """What is overdue and what is due soon at one moment; `sheet` is the day it was judged by, None
    before the first cut-off.
    """

    at: datetime
    sheet: DaySheet | None
    late: tuple[Late, ...]
    soon: tuple[Obligation, ...]


def overdue_now(session: Session, campaign: Campaign, at: datetime) -> OverdueNow:
    """The overdue list of a campaign as known at a moment, by three queries whatever its size."""
    day = at.astimezone(campaign.timezone).date()
    told = figures.figures_until(session, campaign.key, day, at)
    said = words(session, campaign, at)
    sheets = day_sheets(campaign, told, day, at, asking_known(session, campaign, at))
    late, soon = outstanding(campaign, sheets, at, said)
    by_facts = (
        *owed_by_register(session, campaign, sheets, at, payments),
        *owed_by_money(session, campaign, at),
    )
    judged = tuple(sheet for sheet in sheets if at >= campaign.moment(sheet.day, campaign.cutoff))
    if judged:  # before the first cut-off nobody is judged
        late = overdue((*late, *by_facts))
        soon = (*soon, *(one for one in by_facts if one.light is Light.BLUE))
    reports = _reports(session, told, {one.township for one in late}, day, at)
    return OverdueNow(
        at=at,
        sheet=judged[-1] if judged else None,
        late=tuple(
            _late(campaign, one, judged, said, reports.get(one.township, ()), day) for one in late
        ),
        soon=soon,
    )


def words(session: Session, campaign: Campaign, at: datetime) -> list[Remark]:
    """Everything people had said by then of what is overdue, first to last."""
    townships = {township.name for township in campaign.townships}
    said = []
    for one in decisions.decisions(session, campaign.key, KINDS):
        match one.subject:
            # A township that has left the campaign owes nothing.
            case OwedSubject(owed=owed, township=township) if (
                one.decided_at <= at and township in townships and owed in set(Owed)
            ):
                said.append(
                    Remark(
                        number=one.number,
                        word=KINDS[one.kind],
                        owed=Owed(owed),
                        township=township,
                        measure=str(one.facts.get("measure", "")),
                        text=one.reason,
                        by=one.by,
                        at=one.decided_at,
                    )
                )
    return said


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
        together = [
            tuple(same)
            for _, same in groupby(found, key=lambda figure: (figure.day, figure.reply_number))
        ]
        last[township] = together[: -EVIDENCE - 1 : -1]
    numbers = {one[0].reply_number for given in last.values() for one in given}
    messages = replies.get_replies(session, {number for number in numbers if number is not None})
    return {
        township: tuple(
            Report(day=one[0].day, figures=one, reply=messages.get(one[0].reply_number or 0))
            for one in given
        )
        for township, given in last.items()
    }


def _late(
    campaign: Campaign,
    late: Obligation,
    judged: Sequence[DaySheet],
    said: Sequence[Remark],
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
        missing=tuple(
            sheet.day for sheet in judged if sheet.day >= since and sheet.of(late.township).absent
        ),
        reports=reports,
        said=tuple(
            one
            for one in said
            if (one.township, one.owed) == (late.township, late.owed) and one.at >= beginning
        ),
        measures=measures(campaign, late, said),
    )
