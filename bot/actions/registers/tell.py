"""What a township tells of its own cases: a stage reached on a day, which stands beside until it is
proved.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from bot.actions.registers.settle import NotDone
from bot.domain.campaigns.campaign import Township
from bot.domain.campaigns.enrolled import Enrolled
from bot.domain.campaigns.register import Mouth, Register, RegisterStage
from bot.domain.decisions.actor import Actor
from bot.domain.decisions.kinds import DecisionKind
from bot.domain.decisions.subjects import CaseSubject
from bot.domain.registers.case import REACHED, Case, CaseCode, MarkSource
from bot.store import Session, lock_campaign
from bot.store.decisions import decisions
from bot.store.registers import marks
from bot.store.registers.marks import MarkToAdd
from bot.views.registers.ledger import Payments, cases_known


@dataclass(frozen=True, kw_only=True)
class ToTell:
    """A case of a township with the stage it may tell next, and the day before which that cannot
    be.
    """

    case: Case
    stage: RegisterStage
    earliest: date | None


def to_tell(
    register: Register, cases: Sequence[Case], township: Township, day: date
) -> list[ToTell]:
    """The cases of a township that are not through, each with the stage it may tell next; those
    that wait for others are left out.
    """
    found = []
    for case in cases:
        if (
            case.township == township.name
            and case.on_list(day)
            and (one := _next(register, case, township.basis.day))
        ):
            found.append(one)
    return found


def _next(register: Register, case: Case, fixed_on: date | None) -> ToTell | None:
    earliest = fixed_on  # nothing was begun before the list was fixed
    for stage in register.stages:
        reached = case.proved.get(stage.key) or case.told.get(stage.key)
        if reached is None:
            tells = stage.told and stage.proof is not Mouth.BANK
            return ToTell(case=case, stage=stage, earliest=earliest) if tells else None
        earliest = reached
    return None


def tell(
    session: Session,
    enrolled: Enrolled,
    register: Register,
    township: Township,
    told: Mapping[CaseCode, date],
    *,
    by: Actor,
    at: datetime,
    payments: Payments,
) -> int:
    """Marks the next stage of each of these cases by the township's word; how many. NotDone, and
    then nothing is marked.
    """
    campaign = enrolled.campaign
    lock_campaign(session, campaign.key)
    today = at.astimezone(campaign.timezone).date()
    cases = cases_known(session, campaign, register, at, payments)
    may = {one.case.code: one for one in to_tell(register, cases, township, today)}
    for code, day in told.items():
        if code not in may:
            raise NotDone("no_case", f"{code} has nothing to tell", code=code)
        earliest = may[code].earliest
        if day > today:
            raise NotDone("future", f"{day} has not come")
        if earliest is not None and day < earliest:
            raise NotDone("too_early", f"{day} is before {earliest}", code=code, day=earliest)
    for code, day in told.items():
        decision = decisions.add_decision(
            session,
            campaign=campaign.key,
            by=by,
            kind=DecisionKind.CASE_TOLD,
            subject=CaseSubject(code=code),
            at=at,
        )
        mark = MarkToAdd(
            case=code,
            what=may[code].stage.key,
            value=REACHED,
            day=day,
            mouth=Mouth.TOWNSHIP,
            source=MarkSource(decision=decision),
        )
        marks.add_marks(
            session, campaign.key, register.key, [mark], version=enrolled.version, at=at
        )
    return len(told)
