"""Makes grants, lines, answers and rows of returns for tests of money."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

from bot.domain.money.amounts import Fen
from bot.domain.money.ledger import Answer, Batch, Grant, Ledger, Line, Result
from bot.domain.money.returns import NewAnswer, SaidRow
from bot.domain.registers.case import CaseCode, PersonKey

START = datetime(2021, 10, 25, 1, tzinfo=UTC)
TODAY = date(2021, 12, 31)


def moment(days: int) -> datetime:
    """So many days after the first list."""
    return START + timedelta(days=days)


def grant(amount: int, number: int = 1) -> Grant:
    """Money passed down before anything else."""
    return Grant(
        number=number,
        paper=f"X{number}",
        day=date(2021, 6, 18),
        amount=Fen(amount),
        recorded_at=START,
    )


def batch(number: int = 1, approved: int = 0) -> Batch:
    """A batch approved with the first list."""
    return Batch(
        number=number, name=str(number), approved=Fen(approved), paper="P", recorded_at=START
    )


def line(
    number: int,
    *,
    case: str = "",
    amount: int = 750_000,
    batch: int = 1,
    attempt: int = 1,
    account: str = "",
    listed: int = 0,
) -> Line:
    """A line, by default of its own household and account."""
    case = case or f"C{number}"
    return Line(
        number=number,
        batch=batch,
        attempt=attempt,
        case=CaseCode(case),
        name=PersonKey(f"name {case}"),
        account=PersonKey(account or f"account {number}"),
        amount=Fen(amount),
        listed_at=moment(listed),
    )


def answer(
    number: int, line: int, result: Result, serial: str = "", day: int = 25, recorded: int = 0
) -> Answer:
    """What the bank said of a line."""
    return Answer(
        number=number,
        line=line,
        result=result,
        serial=serial or f"S{number}",
        day=date(2021, 10, day),
        recorded_at=moment(recorded),
    )


def row(
    of: Line,
    number: int = 1,
    result: Result | None = Result.THROUGH,
    serial: str = "",
    day: int = 25,
    **changed: object,
) -> SaidRow:
    """A row of a return that says this of a line."""
    facts = {
        "row": number,
        "account": of.account,
        "name": of.name,
        "amount": of.amount,
        "day": date(2021, 10, 1) + timedelta(days=day - 1),
        "result": result,
        "serial": serial or f"S{of.number}",
        **changed,
    }
    return SaidRow(**facts)  # type: ignore[arg-type]


def kept(ledger: Ledger, new: tuple[NewAnswer, ...], recorded: int = 0) -> Ledger:
    """The ledger with new answers in it, as the store keeps them."""
    first = len(ledger.answers) + 1
    answers = tuple(
        Answer(
            number=first + at,
            line=one.line,
            result=one.result,
            to_do=one.to_do,
            words=one.words,
            serial=one.serial,
            day=one.day,
            recorded_at=moment(recorded),
        )
        for at, one in enumerate(new)
    )
    return Ledger(
        grants=ledger.grants,
        batches=ledger.batches,
        lines=ledger.lines,
        answers=(*ledger.answers, *answers),
    )
