"""What a person decides about a register: a mark withdrawn, a stage undone or corrected, a case
that leaves, a doubt settled.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from bot.actions.refusal import Refusal
from bot.actions.registers.vault import Whole, open_vault
from bot.domain.campaigns.enrolled import Enrolled
from bot.domain.campaigns.register import Mouth, Register
from bot.domain.decisions.actor import Actor
from bot.domain.decisions.kinds import DecisionKind
from bot.domain.decisions.subjects import CaseSubject, DoubtSubject
from bot.domain.registers.case import LEFT, REACHED, UNDONE, Case, CaseCode, Leaving, MarkSource
from bot.domain.registers.doubts import CaseDoubt, DoubtWord
from bot.store import Session, lock_campaign
from bot.store.decisions import decisions
from bot.store.registers import holders, marks
from bot.store.registers.marks import MarkToAdd
from bot.views.registers.ledger import Payments, cases_known, no_payments


class NotDone(Refusal):
    """What was asked for cannot be done to the register."""

    room = "register"


@dataclass(frozen=True, kw_only=True)
class Deed:
    """Who does something to a case of a register, when and why."""

    enrolled: Enrolled
    register: Register
    code: CaseCode
    by: Actor
    reason: str
    at: datetime

    def case(self, session: Session, payments: Payments = no_payments) -> Case:
        """The case as it stands. NotDone."""
        known = cases_known(session, self.enrolled.campaign, self.register, self.at, payments)
        for case in known:
            if case.code == self.code:
                return case
        raise NotDone("no_case", f"there is no case {self.code}", code=self.code)

    def decided(self, session: Session, kind: DecisionKind) -> int:
        """Keeps the decision; its number. NotDone without a reason."""
        if not self.reason:
            raise NotDone("no_reason", "say why")
        return decisions.add_decision(
            session,
            campaign=self.enrolled.campaign.key,
            by=self.by,
            kind=kind,
            subject=CaseSubject(code=self.code),
            reason=self.reason,
            at=self.at,
        )

    def marked(
        self, session: Session, kind: DecisionKind, what: str, value: str | None, **more: object
    ) -> None:
        """Adds one mark by this decision. NotDone."""
        lock_campaign(session, self.enrolled.campaign.key)
        decision = self.decided(session, kind)
        mark = MarkToAdd(
            case=self.code,
            what=what,
            value=value,
            mouth=Mouth.OFFICE,
            source=MarkSource(decision=decision),
            **{"day": None, "supersedes": None, **more},  # type: ignore[arg-type]
        )
        marks.add_marks(
            session,
            self.enrolled.campaign.key,
            self.register.key,
            [mark],
            version=self.enrolled.version,
            at=self.at,
        )


def withdraw(session: Session, deed: Deed, number: int) -> None:
    """Withdraws a mark that was wrong: what stood before it stands again. NotDone."""
    case = deed.case(session)
    standing = {**case.stands, **case.told_stands}
    what = next((key for key, mark in standing.items() if mark == number), None)
    if what is None:
        raise NotDone("not_standing", f"mark {number} does not stand", number=number)
    deed.marked(session, DecisionKind.MARK_WITHDRAWN, what, None, supersedes=number)


def reach(session: Session, deed: Deed, stage: str, day: date) -> None:
    """Sets the day on which a stage was reached, by the office's word. NotDone."""
    found = next((one for one in deed.register.stages if one.key == stage), None)
    if found is None or found.proof is Mouth.BANK:
        raise NotDone("no_stage", f"{stage} is no stage that is set by hand")
    if day > deed.at.astimezone(deed.enrolled.campaign.timezone).date():
        raise NotDone("future", f"{day} has not come")
    case = deed.case(session)
    deed.marked(
        session,
        DecisionKind.CASE_CORRECTED,
        stage,
        REACHED,
        day=day,
        supersedes=case.stands.get(stage),
    )


def undo(session: Session, deed: Deed, stage: str) -> None:
    """Takes a stage back because it is not reached after all; nothing earlier stands again.
    NotDone.
    """
    case = deed.case(session)
    if stage not in case.proved or stage not in case.stands:
        raise NotDone("not_reached", f"{deed.code} has not reached {stage}")
    deed.marked(session, DecisionKind.CASE_CORRECTED, stage, UNDONE, supersedes=case.stands[stage])


def leave(session: Session, deed: Deed, day: date, paper: str) -> None:
    """Takes a case from the list from a day on, by a paper. NotDone without one."""
    if not paper:
        raise NotDone("no_paper", "name the paper by which the case leaves")
    case = deed.case(session)
    if case.left is not None:
        raise NotDone("left_already", f"{deed.code} has left")
    deed.marked(
        session,
        DecisionKind.CASE_LEFT,
        LEFT,
        Leaving(day=day, paper=paper, why=deed.reason).value(),
        day=day,
    )


def settle_doubt(
    session: Session,
    enrolled: Enrolled,
    found: Sequence[CaseDoubt],
    digest: str,
    *,
    word: str,
    by: Actor,
    at: datetime,
) -> None:
    """Keeps a person's word on a doubt, on exactly its facts: it is silent until they change.
    NotDone.
    """
    if not word:
        raise NotDone("no_reason", "say a word")
    if not any(doubt.digest == digest for doubt in found):
        raise NotDone("no_doubt", "that doubt is no more")
    decisions.add_decision(
        session,
        campaign=enrolled.campaign.key,
        by=by,
        kind=DecisionKind.DOUBT_SETTLED,
        subject=DoubtSubject(digest=digest),
        reason=word,
        at=at,
    )


def doubt_words(session: Session, enrolled: Enrolled) -> list[DoubtWord]:
    """What people have said of doubts."""
    return [
        DoubtWord(digest=one.subject.digest, text=one.reason, person=one.person, at=one.decided_at)
        for one in decisions.decisions(session, enrolled.campaign.key, [DecisionKind.DOUBT_SETTLED])
        if isinstance(one.subject, DoubtSubject)
    ]


def see_whole(session: Session, deed: Deed, keys: Sequence[str]) -> Mapping[str, Whole]:
    """The whole name, identity and account of a case, which is recorded with its reason. NotDone,
    VaultShut.
    """
    case = deed.case(session)
    deed.decided(session, DecisionKind.CASE_SEEN)
    sealed = holders.sealed(session, deed.enrolled.campaign.key, list(case.values.values()))
    return open_vault(session, deed.enrolled.campaign.key, keys).opened(sealed)
