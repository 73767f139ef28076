"""Makes the money of a small batch for tests of the ledger."""

from __future__ import annotations

from datetime import date, datetime

from bot.domain.decisions.actor import Actor
from bot.domain.decisions.kinds import DecisionKind
from bot.domain.decisions.subjects import FileSubject
from bot.domain.money.amounts import Fen
from bot.domain.money.ledger import Result
from bot.domain.money.reasons import ToDo
from bot.domain.money.returns import NewAnswer
from bot.domain.registers.case import CaseCode, PersonKey
from bot.store import Session
from bot.store.decisions import decisions
from bot.store.money import money
from bot.store.money.money import NewGrant, NewLine
from tests.builders import at
from tests.store.facts import HOUSING


def decided(session: Session, kind: str, moment: datetime) -> int:
    """A decision of the accountant."""
    return decisions.add_decision(
        session,
        campaign=HOUSING,
        by=Actor(name="王会计"),
        kind=DecisionKind.FILED,
        subject=FileSubject(digest="1f"),
        facts={"file": kind},
        at=moment,
    )


def a_file(session: Session, kind: str, moment: datetime, digest: str = "d1") -> int:
    """A file of money that was taken in."""
    return money.add_file(
        session,
        HOUSING,
        kind=kind,
        name=f"{kind}.xlsx",
        digest=digest,
        form="",
        rows=2,
        doubts="[]",
        decision_number=decided(session, "file taken", moment),
        at=moment,
    )


def a_list(
    session: Session, moment: datetime, cases: tuple[str, ...] = ("C1", "C2"), batch: int = 1
) -> int:
    """A list of 7,500 yuan a household that waits for its approval."""
    return money.add_list(
        session,
        HOUSING,
        batch=batch,
        name="第一批",
        lines=[
            NewLine(
                row=row,
                case=CaseCode(case),
                name=PersonKey(f"name {case}"),
                account=PersonKey(f"account {case}"),
                amount=Fen(750_000),
            )
            for row, case in enumerate(cases, 4)
        ],
        file=None,
        decision_number=decided(session, "list made", moment),
        at=moment,
    )


def approved(
    session: Session, number: int, moment: datetime, batch: int = 1, attempt: int = 1
) -> None:
    """Lets a list go."""
    money.add_approval(
        session,
        HOUSING,
        number,
        batch=batch,
        attempt=attempt,
        approved=Fen(1_500_000),
        paper="X财〔2021〕9号",
        decision_number=decided(session, "list approved", moment),
        at=moment,
    )


def said(line: int, result: Result = Result.THROUGH, serial: str = "S1") -> NewAnswer:
    """An answer of the bank."""
    return NewAnswer(
        row=1,
        line=line,
        result=result,
        to_do=None if result is Result.THROUGH else ToDo.MEND,
        words="" if result is Result.THROUGH else "户名不符",
        serial=serial,
        day=date(2021, 10, 25),
    )


def some_money(session: Session) -> None:
    """A grant, a batch of two lines, one answer, a form of a bank."""
    first = a_file(session, "grants", at("10-15 09:30"))
    grant = NewGrant(
        row=2, paper="X财社指〔2020〕100号", day=date(2020, 12, 25), amount=Fen(170_000_000)
    )
    money.add_grants(session, HOUSING, first, [grant], at=at("10-15 09:30"))
    number = a_list(session, at("10-25 09:00"))
    approved(session, number, at("10-25 09:30"))
    back = a_file(session, "return", at("10-25 17:10"), digest="d2")
    line = money.ledger(session, HOUSING).lines[0]
    money.add_answers(session, back, [said(line.number)], at=at("10-25 17:10"))
    money.add_form(
        session,
        HOUSING,
        key="ours",
        text="shape = 'csv'",
        decision_number=decided(session, "form written", at("10-25 17:10")),
        at=at("10-25 17:10"),
    )
