"""What the rows of a bank's return say of the lines that were listed (M2 to M5, M8).

A return tells of money that has moved already: each good row is a fact whatever the others say. A
row that cannot be what it says is refused with its reason, and its line stays in transit.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date

from bot.domain.money.amounts import Fen, yuan
from bot.domain.money.doubts import CaseDoubt, MoneyDoubtKind, Weight
from bot.domain.money.ledger import Answer, Ledger, Line, LineState, Result, came_back, is_number
from bot.domain.money.reasons import ToDo
from bot.domain.registers.case import PersonKey

FEW = 10
"""Up to one line in so many without an answer is named by itself; more of them are the other part
of a return.
"""


@dataclass(frozen=True, kw_only=True)
class SaidRow:
    """One row of a bank's return, its name and account as keys. `result` is None for a word that is
    not known.

    `own` is our line's number, where the form carries it; `shown` is the end of the account.
    `wordless` marks a failure without a word why. `serial` is never empty, see `NO_NUMBER`.
    """

    row: int
    account: PersonKey
    name: PersonKey | None
    amount: Fen
    day: date
    result: Result | None
    serial: str
    original: str = ""
    own: int | None = None
    to_do: ToDo | None = None
    words: str = ""
    code: str = ""
    shown: str = ""
    wordless: bool = False


@dataclass(frozen=True, kw_only=True)
class NewAnswer:
    """An answer to be kept, and the row that gave it."""

    row: int
    line: int
    result: Result
    to_do: ToDo | None
    words: str
    serial: str
    day: date


@dataclass(frozen=True, kw_only=True)
class Answered:
    """What a return comes to. `unchanged` counts the rows that say what stands already."""

    answers: tuple[NewAnswer, ...] = ()
    doubts: tuple[CaseDoubt, ...] = ()
    unchanged: int = 0
    attempts: tuple[tuple[int, int], ...] = ()

    @property
    def refused(self) -> bool:
        """Whether nothing of the file may be taken."""
        return any(doubt.weight is Weight.FILE for doubt in self.doubts)


@dataclass(frozen=True, kw_only=True)
class Within:
    """Of which attempts a return may be, and how whole it must be.

    `batch` and `attempt` are what the person who files it says; None is any. `part`: lines without
    an answer are no doubt. `same_set`: a row or a line too many stops the whole file.
    """

    batch: int | None = None
    attempt: int | None = None
    part: bool = False
    same_set: bool = False

    def holds(self, line: Line) -> bool:
        """Whether the return may speak of that line."""
        return self.batch in (None, line.batch) and self.attempt in (None, line.attempt)


def answered(
    ledger: Ledger, rows: Iterable[SaidRow], *, today: date, within: Within | None = None
) -> Answered:
    """What the rows of one return add to the ledger, and everything in them that cannot be right.

    Rows that say again what stands add nothing. When no row fits any line, or the sets must be the
    same and are not, nothing is taken.
    """
    return _Return(ledger, within or Within(), today).read(tuple(rows))


@dataclass(kw_only=True)
class _Spoken:
    """What this file has said of a line so far."""

    row: int
    result: Result
    serial: str
    day: date


@dataclass
class _Return:
    ledger: Ledger
    within: Within
    today: date
    answers: list[NewAnswer] = field(default_factory=list)
    doubts: list[CaseDoubt] = field(default_factory=list)
    unchanged: int = 0

    def __post_init__(self) -> None:
        self.lines = [line for line in self.ledger.lines if self.within.holds(line)]
        self.by_account: defaultdict[PersonKey, list[Line]] = defaultdict(list)
        for line in sorted(self.lines, key=lambda one: one.number):
            self.by_account[line.account].append(line)
        self.by_number = {line.number: line for line in self.lines}
        self.spoken: defaultdict[int, list[_Spoken]] = defaultdict(list)
        self.touched: set[int] = set()
        self.strangers: list[SaidRow] = []

    def read(self, rows: Sequence[SaidRow]) -> Answered:
        known = [row for row in rows if self._candidates(row)]
        if not known:
            return self._refused(MoneyDoubtKind.BATCH_DIFFERS if rows else MoneyDoubtKind.NO_ROWS)
        for row in rows:
            self._one(row)
        self._contradictions()
        missing = self._missing()
        if self.within.same_set and (missing or self.strangers):
            return self._refused(MoneyDoubtKind.SET_DIFFERS)
        if not self.within.part:
            self._tell_missing(missing)
        if not self.answers and not self.doubts and self.unchanged:
            self.doubts.append(CaseDoubt(kind=MoneyDoubtKind.FILE_AGAIN, weight=Weight.NOTHING))
        attempts = {
            (self.by_number[one].batch, self.by_number[one].attempt) for one in self.touched
        }
        return Answered(
            answers=tuple(self.answers),
            doubts=tuple(sorted(self.doubts, key=lambda one: (one.row is None, one.row or 0))),
            unchanged=self.unchanged,
            attempts=tuple(sorted(attempts)),
        )

    def _refused(self, kind: MoneyDoubtKind) -> Answered:
        facts = {"batch": str(self.within.batch)} if self.within.batch is not None else {}
        rows = sorted(row.row for row in self.strangers)
        if rows:
            facts["rows"] = "、".join(map(str, rows[:20]))
        return Answered(doubts=(CaseDoubt(kind=kind, weight=Weight.FILE, facts=facts),))

    def _candidates(self, row: SaidRow) -> Sequence[Line]:
        if row.own is not None:
            line = self.by_number.get(row.own)
            return (line,) if line else ()
        return self.by_account.get(row.account, ())

    def _one(self, row: SaidRow) -> None:
        candidates = self._candidates(row)
        if not candidates:
            self.strangers.append(row)
            self._doubt(MoneyDoubtKind.LINE_UNKNOWN, Weight.ROW, row, "account", account=row.shown)
            return
        line, fits = self._line_of(row, candidates)
        self.touched.add(line.number)
        if not fits or self._stands(row, line):
            return
        if row.result is None:
            self._doubt(
                MoneyDoubtKind.RESULT_UNKNOWN,
                Weight.ROW,
                row,
                "code",
                line,
                code=row.code or row.words,
            )
        elif row.day > self.today:
            self._doubt(
                MoneyDoubtKind.DATE_FUTURE, Weight.ROW, row, "day", line, day=row.day.isoformat()
            )
        else:
            self._say(row, line, row.result)

    def _line_of(self, row: SaidRow, candidates: Sequence[Line]) -> tuple[Line, bool]:
        """The line a row speaks of, and whether account, name and amount are those of the line.

        Of several that fit, one with the same serial comes first, then one without an answer, in
        their own order: two equal lines are answered by two equal rows.
        """
        exact = [line for line in candidates if self._fits(row, line)]
        pool = exact or candidates
        line = min(
            pool,
            key=lambda one: (not self._has_serial(row, one), not self._open(one), self._order(one)),
        )
        if exact:
            return line, True
        if row.account != line.account:
            self._doubt(
                MoneyDoubtKind.ACCOUNT_DIFFERS, Weight.ROW, row, "account", line, account=row.shown
            )
        if row.name is not None and row.name != line.name:
            self._doubt(MoneyDoubtKind.NAME_DIFFERS, Weight.ROW, row, "name", line)
        if row.amount != line.amount:
            said = {"said": yuan(row.amount), "listed": yuan(line.amount)}
            self._doubt(MoneyDoubtKind.AMOUNT_DIFFERS, Weight.ROW, row, "amount", line, **said)
        return line, False

    def _order(self, line: Line) -> tuple[int, int]:
        # An open line is taken in the order it was listed; of those that are answered, the newest
        # attempt.
        return (0, line.number) if self._open(line) else (-line.attempt, line.number)

    def _fits(self, row: SaidRow, line: Line) -> bool:
        named = row.name is None or row.name == line.name
        return row.account == line.account and named and row.amount == line.amount

    def _open(self, line: Line) -> bool:
        return line.number not in self.ledger.by_line and not self.spoken[line.number]

    def _has_serial(self, row: SaidRow, line: Line) -> bool:
        if not is_number(row.serial):
            return False
        stands = {answer.serial for answer in self.ledger.by_line.get(line.number, ())}
        return row.serial in stands | {one.serial for one in self.spoken[line.number]}

    def _stands(self, row: SaidRow, line: Line) -> bool:
        """Whether the ledger or an earlier row of this file says the very same of the line."""
        for said in self.spoken[line.number]:
            if (said.result, said.serial) == (row.result, row.serial):
                facts = {"serial": row.serial} if is_number(row.serial) else {}
                self.doubts.append(
                    CaseDoubt(
                        kind=MoneyDoubtKind.LINE_TWICE,
                        weight=Weight.NOTHING,
                        row=said.row,
                        other_row=row.row,
                        column="account",
                        cases=(line.case,),
                        facts=facts,
                    )
                )
                return True
        for answer in self.ledger.by_line.get(line.number, ()):
            if self._same(row, answer):
                self.unchanged += 1
                return True
        return False

    def _same(self, row: SaidRow, answer: Answer) -> bool:
        if row.result is Result.REVERSED or answer.result is Result.REVERSED:
            came = row.original or row.serial
            return came_back(answer) and row.result is not Result.THROUGH and answer.serial == came
        return row.result is answer.result and row.serial == answer.serial

    def _say(self, row: SaidRow, line: Line, result: Result) -> None:
        if result is Result.THROUGH:
            self._through(row, line)
        elif result is Result.REVERSED:
            self._reversed(row, line)
        else:
            self._failed(row, line)

    def _through(self, row: SaidRow, line: Line) -> None:
        earlier = self._answers(line)
        if any(
            came_back(one) and one.serial == row.serial and one.day < row.day for one in earlier
        ):
            # What came back under a number cannot go out under it on a later day.
            self._doubt(
                MoneyDoubtKind.RESULT_DIFFERS, Weight.ASK, row, "code", line, serial=row.serial
            )
            return
        if self._paid_otherwise(row, line):
            self._doubt(
                MoneyDoubtKind.PAID_TWICE,
                Weight.WARN,
                row,
                "serial",
                line,
                amount=yuan(row.amount),
                serial=row.serial,
            )
        self._keep(row, line, Result.THROUGH, row.serial)

    def _paid_otherwise(self, row: SaidRow, line: Line) -> bool:
        """Whether the household has this money already, by this line or by a newer attempt of
        it.
        """
        if self._standing(line, except_serial=row.serial):
            return True
        newer = (
            other
            for other in self.ledger.of_case.get(line.case, ())
            if other.batch == line.batch and other.attempt > line.attempt
        )
        return any(self.ledger.state(other) is LineState.PAID for other in newer)

    def _failed(self, row: SaidRow, line: Line) -> None:
        standing = self._standing(line)
        same = next((one for one in standing if one.serial == row.serial), None)
        if same is not None and same.day < row.day:
            self._reverse(row, line, row.serial)
        elif same is not None and same.number == 0 and same.day == row.day:
            self._keep(row, line, Result.FAILED, row.serial)  # both go, see _contradictions
        elif same is not None:
            self._doubt(
                MoneyDoubtKind.RESULT_DIFFERS, Weight.ASK, row, "code", line, serial=row.serial
            )
        elif standing:
            self._doubt(
                MoneyDoubtKind.FAILED_AFTER_PAID, Weight.ASK, row, "code", line, words=row.words
            )
        else:
            if row.wordless:
                self._doubt(
                    MoneyDoubtKind.REASON_MISSING, Weight.WARN, row, "reason", line, code=row.code
                )
            self._keep(row, line, Result.FAILED, row.serial)

    def _reversed(self, row: SaidRow, line: Line) -> None:
        standing = self._standing(line)
        came = row.original or row.serial
        if any(one.serial == came for one in standing):
            self._reverse(row, line, came)
        elif len(standing) == 1:
            self._reverse(row, line, standing[0].serial)
        elif not standing and is_number(came):
            # Told before what it reverses; when that comes in, it finds itself reversed.
            self._reverse(row, line, came)
        else:
            self._doubt(MoneyDoubtKind.RESULT_DIFFERS, Weight.ASK, row, "serial", line, serial=came)

    def _reverse(self, row: SaidRow, line: Line, serial: str) -> None:
        self._doubt(
            MoneyDoubtKind.REVERSED,
            Weight.WARN,
            row,
            "code",
            line,
            amount=yuan(row.amount),
            serial=serial,
        )
        self._keep(row, line, Result.REVERSED, serial)

    def _answers(self, line: Line) -> list[Answer]:
        """The answers of the line, those of this file among them."""
        new = [
            Answer(
                number=0,
                line=line.number,
                result=one.result,
                serial=one.serial,
                day=one.day,
                recorded_at=line.listed_at,
            )
            for one in self.spoken[line.number]
        ]
        return [*self.ledger.by_line.get(line.number, ()), *new]

    def _standing(self, line: Line, except_serial: str | None = None) -> list[Answer]:
        answers = self._answers(line)
        back = {one.serial for one in answers if came_back(one)}
        return [
            one
            for one in answers
            if one.result is Result.THROUGH
            and one.serial not in back
            and one.serial != except_serial
        ]

    def _keep(self, row: SaidRow, line: Line, result: Result, serial: str) -> None:
        through = result is Result.THROUGH
        self.spoken[line.number].append(
            _Spoken(row=row.row, result=result, serial=serial, day=row.day)
        )
        self.answers.append(
            NewAnswer(
                row=row.row,
                line=line.number,
                result=result,
                to_do=None if through else row.to_do,
                words="" if through else row.words,
                serial=serial,
                day=row.day,
            )
        )

    def _contradictions(self) -> None:
        """Neither of two rows is taken that say of one serial number, on one day, that it went
        through and that it did not.
        """
        neither: set[int] = set()
        for line, spoken in self.spoken.items():
            through = {
                (one.serial, one.day): one.row for one in spoken if one.result is Result.THROUGH
            }
            for one in [*spoken]:
                first = through.get((one.serial, one.day))
                if one.result is not Result.FAILED or first is None:
                    continue
                rows = {first, one.row}
                neither |= rows
                self.doubts.append(
                    CaseDoubt(
                        kind=MoneyDoubtKind.RESULT_DIFFERS,
                        weight=Weight.BOTH,
                        row=min(rows),
                        other_row=max(rows),
                        column="code",
                        cases=(self.by_number[line].case,),
                        facts={"serial": one.serial},
                    )
                )
        if neither:
            self.answers = [kept for kept in self.answers if kept.row not in neither]

    def _missing(self) -> list[Line]:
        """The lines of the attempts this file speaks of that have no answer and of which no row
        speaks.
        """
        attempts = {
            (self.by_number[one].batch, self.by_number[one].attempt) for one in self.touched
        }
        silent = [
            line
            for line in self.lines
            if (line.batch, line.attempt) in attempts
            and line.number not in self.touched
            and line.number not in self.ledger.by_line
        ]
        # A row under an unknown account is most likely the answer of the one line with its name and
        # amount.
        alike: defaultdict[tuple[PersonKey | None, Fen], list[Line]] = defaultdict(list)
        for line in silent:
            alike[line.name, line.amount].append(line)
        for row in self.strangers:
            found = alike[row.name, row.amount]
            if len(found) == 1:
                found.clear()
        kept = {line.number for lines in alike.values() for line in lines}
        return [line for line in silent if line.number in kept]

    def _tell_missing(self, missing: Sequence[Line]) -> None:
        per_attempt: defaultdict[tuple[int, int], list[Line]] = defaultdict(list)
        for line in missing:
            per_attempt[(line.batch, line.attempt)].append(line)
        for (batch, attempt), lines in per_attempt.items():
            whole = sum(
                1 for line in self.ledger.lines if (line.batch, line.attempt) == (batch, attempt)
            )
            place = {"batch": str(batch), "attempt": str(attempt)}
            if len(lines) * FEW > whole and len(lines) > 1:
                amount = yuan(Fen(sum(line.amount for line in lines)))
                facts = {**place, "lines": str(len(lines)), "amount": amount}
                self.doubts.append(
                    CaseDoubt(
                        kind=MoneyDoubtKind.LINE_MISSING,
                        weight=Weight.WARN,
                        column="account",
                        facts=facts,
                    )
                )
                continue
            for line in lines:
                facts = {**place, "amount": yuan(line.amount)}
                self.doubts.append(
                    CaseDoubt(
                        kind=MoneyDoubtKind.LINE_MISSING,
                        weight=Weight.WARN,
                        column="account",
                        cases=(line.case,),
                        facts=facts,
                    )
                )

    def _doubt(
        self,
        kind: MoneyDoubtKind,
        weight: Weight,
        row: SaidRow,
        column: str,
        line: Line | None = None,
        **facts: str,
    ) -> None:
        cases = (line.case,) if line else ()
        self.doubts.append(
            CaseDoubt(
                kind=kind, weight=weight, cases=cases, row=row.row, column=column, facts=facts
            )
        )
