"""Whether a payment list may go to the bank: every fault of it at once, and all of it or
nothing.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

from bot.domain.money.amounts import Fen, yuan
from bot.domain.money.doubts import CaseDoubt, MoneyDoubtKind, Weight
from bot.domain.money.ledger import Ledger, Line, LineState
from bot.domain.registers.case import CaseCode, PersonKey


@dataclass(frozen=True, kw_only=True)
class Payee:
    """A household of the register as it stands: who it is, what is due to it, whether it may be
    paid.

    `ready_on` is the day of the stage that must be proved before money goes out; None while it is
    not. `account` is None while the register has none.
    """

    case: CaseCode
    name: PersonKey
    account: PersonKey | None
    due: Fen | None
    ready_on: date | None
    left: bool = False


@dataclass(frozen=True, kw_only=True)
class ListRow:
    """One row of a payment list, matched to the register. Empty `cases`: nobody; several: it cannot
    be told.

    `unread` are cells that could not be read, by column, with what is wrong with them. `identity`
    is the key of what the row was matched by, where it has one; `part` marks a part payment.
    """

    row: int
    cases: tuple[CaseCode, ...]
    identity: PersonKey | None
    name: PersonKey | None
    account: PersonKey | None
    amount: Fen | None
    part: bool = False
    unread: Mapping[str, MoneyDoubtKind] = field(default_factory=dict)
    shown: str = ""


@dataclass(frozen=True, kw_only=True)
class StatedSum:
    """What a list says of itself: its rows counted and summed, and where that stands. `rows` is
    None for all of them.
    """

    row: int | None = None
    amount: Fen | None = None
    lines: int | None = None
    rows: frozenset[int] | None = None


@dataclass(frozen=True, kw_only=True)
class Terms:
    """Under which terms a list goes. `approved` is what the paper of the decision names, None
    before it.

    `in_parts`: the campaign pays as work proceeds. `new_accounts`: the households whose account on
    the list a person of finance has looked at and takes for the right one.
    """

    batch: int
    approved: Fen | None = None
    in_parts: bool = False
    new_accounts: Collection[CaseCode] = ()


def may_go(
    rows: Sequence[ListRow],
    payees: Mapping[CaseCode, Payee],
    ledger: Ledger,
    terms: Terms,
    stated: Sequence[StatedSum] = (),
) -> tuple[CaseDoubt, ...]:
    """Everything for which the list must not go; nothing of it goes while there is anything.

    What follows from another fault of the same row is not told: a row under another's identity
    number has another's name and account too.
    """
    return _List(rows, payees, ledger, terms).doubts(stated)


def batch_of(rows: Sequence[ListRow], ledger: Ledger, named: int | None) -> int:
    """The batch a list belongs to: as it is named; else that of the failed lines it repeats; else
    the next.
    """
    if named is not None:
        return named
    waiting = {line.case: line.batch for line in ledger.to_list_again()}
    found = {
        waiting[row.cases[0]] for row in rows if len(row.cases) == 1 and row.cases[0] in waiting
    }
    if len(found) == 1 and all(len(row.cases) == 1 and row.cases[0] in waiting for row in rows):
        return found.pop()
    return next_batch(ledger)


def next_batch(ledger: Ledger) -> int:
    """The number of the batch that a list of new households is."""
    return max((batch.number for batch in ledger.batches), default=0) + 1


def next_attempt(ledger: Ledger, batch: int) -> int:
    """The number of the next attempt of a batch."""
    return max((line.attempt for line in ledger.lines if line.batch == batch), default=0) + 1


@dataclass
class _List:
    rows: Sequence[ListRow]
    payees: Mapping[CaseCode, Payee]
    ledger: Ledger
    terms: Terms
    found: list[CaseDoubt] = field(default_factory=list)

    def doubts(self, stated: Sequence[StatedSum]) -> tuple[CaseDoubt, ...]:
        if not self.rows:
            return (CaseDoubt(kind=MoneyDoubtKind.NO_ROWS, weight=Weight.LIST),)
        twice = self._same_household()
        shared = self._same_account(twice)
        for row in self.rows:
            if row.row not in twice:
                self._one(row, shared)
        self._sums(stated)
        return tuple(sorted(self.found, key=lambda one: (one.row is None, one.row or 0)))

    def _same_household(self) -> set[int]:
        """The rows of a household that another row has already, told once with the row it
        repeats.
        """
        rows_of: defaultdict[CaseCode, list[ListRow]] = defaultdict(list)
        for row in self.rows:
            if len(row.cases) == 1:
                rows_of[row.cases[0]].append(row)
        told: set[int] = set()
        for case, rows in rows_of.items():
            # The row under the household's own name is the right one; what is the matter with the
            # others follows.
            right = next((row for row in rows if row.name == self.payees[case].name), rows[0])
            for row in rows:
                if row is right:
                    continue
                told.add(row.row)
                self._pair(MoneyDoubtKind.ID_TWICE, row, right, "identity")
        return told

    def _same_account(self, twice: set[int]) -> set[int]:
        rows_of: defaultdict[PersonKey, list[ListRow]] = defaultdict(list)
        for row in self.rows:
            if row.account is not None and row.row not in twice:
                rows_of[row.account].append(row)
        told: set[int] = set()
        for account, rows in rows_of.items():
            right = next((row for row in rows if self._own_account(row, account)), rows[0])
            for row in rows:
                if row is right:
                    continue
                told.add(row.row)
                self._pair(MoneyDoubtKind.ACCOUNT_TWICE, row, right, "account", account=row.shown)
        return told

    def _own_account(self, row: ListRow, account: PersonKey) -> bool:
        case = self._case(row)
        return case is not None and self.payees[case].account == account

    def _case(self, row: ListRow) -> CaseCode | None:
        return row.cases[0] if len(row.cases) == 1 else None

    def _one(self, row: ListRow, shared: set[int]) -> None:
        for column, kind in row.unread.items():
            self._tell(kind, row, column, self._case(row))
        case = self._case(row)
        if case is None:
            if "identity" not in row.unread:
                self._tell(
                    MoneyDoubtKind.CASE_SEVERAL if row.cases else MoneyDoubtKind.CASE_UNKNOWN,
                    row,
                    "identity",
                )
            return
        payee = self.payees[case]
        if row.name is not None and row.name != payee.name and "name" not in row.unread:
            self._tell(MoneyDoubtKind.NAME_DIFFERS, row, "name", case)
        if row.row not in shared and "account" not in row.unread:
            self._account(row, payee)
        if self._may_be_paid(row, payee) and "amount" not in row.unread:
            self._amount(row, payee)

    def _account(self, row: ListRow, payee: Payee) -> None:
        if row.account == payee.account or payee.case in self.terms.new_accounts:
            return
        self._tell(MoneyDoubtKind.ACCOUNT_DIFFERS, row, "account", payee.case, account=row.shown)

    def _may_be_paid(self, row: ListRow, payee: Payee) -> bool:
        lines = self.ledger.of_case.get(payee.case, ())
        open_line = next(
            (one for one in lines if self.ledger.state(one) is LineState.IN_TRANSIT), None
        )
        waiting = next((one for one in lines if self.ledger.state(one) is LineState.FAILED), None)
        if payee.left:
            self._tell(MoneyDoubtKind.CASE_LEFT, row, "name", payee.case)
        elif open_line is not None:
            self._tell(MoneyDoubtKind.IN_TRANSIT, row, "name", payee.case, **_place(open_line))
        elif self._paid_whole(payee):
            paid = [line for line in lines if self.ledger.state(line) is LineState.PAID]
            self._tell(MoneyDoubtKind.PAID_ALREADY, row, "name", payee.case, **_place(paid[-1]))
        elif payee.ready_on is None:
            self._tell(MoneyDoubtKind.NOT_ACCEPTED, row, "name", payee.case)
        elif waiting is not None and waiting.batch != self.terms.batch:
            self._tell(MoneyDoubtKind.BATCH_DIFFERS, row, "name", payee.case, **_place(waiting))
        elif waiting is None and self._is_known_batch():
            self._tell(
                MoneyDoubtKind.BATCH_DIFFERS, row, "name", payee.case, batch=str(self.terms.batch)
            )
        else:
            return True
        return False

    def _is_known_batch(self) -> bool:
        """Whether this list is a further attempt, which holds failed lines of its batch and nothing
        else.
        """
        return any(line.batch == self.terms.batch for line in self.ledger.lines)

    def _paid_whole(self, payee: Payee) -> bool:
        paid = self.ledger.paid(payee.case)
        return paid > 0 and (not self.terms.in_parts or payee.due is None or paid >= payee.due)

    def _amount(self, row: ListRow, payee: Payee) -> None:
        if payee.due is None:
            self._tell(MoneyDoubtKind.DUE_MISSING, row, "amount", payee.case)
            return
        if row.amount is None:
            return
        left = Fen(payee.due - self.ledger.paid(payee.case))
        facts = {"said": yuan(row.amount), "due": yuan(left)}
        if row.amount > left:
            self._tell(MoneyDoubtKind.AMOUNT_OVER, row, "amount", payee.case, **facts)
        elif row.amount < left and not (self.terms.in_parts and row.part and row.amount > 0):
            self._tell(MoneyDoubtKind.AMOUNT_UNDER, row, "amount", payee.case, **facts)

    def _sums(self, stated: Sequence[StatedSum]) -> None:
        amounts = [row.amount for row in self.rows if row.amount is not None]
        total = Fen(sum(amounts))
        whole = len(amounts) == len(self.rows)
        for one in stated:
            self._stated(one)
        approved = self.terms.approved
        if whole and approved is not None and approved != total:
            self._file(
                MoneyDoubtKind.BATCH_TOTAL_DIFFERS, None, said=yuan(approved), sum=yuan(total)
            )
        new = not self._is_known_batch()
        room = self.ledger.free_to_approve()
        # What is listed again was taken from the pot with its first attempt.
        if whole and new and total > room:
            self._file(MoneyDoubtKind.GRANTED_EXCEEDED, None, sum=yuan(total), free=yuan(room))

    def _stated(self, stated: StatedSum) -> None:
        rows = [row for row in self.rows if stated.rows is None or row.row in stated.rows]
        amounts = [row.amount for row in rows if row.amount is not None]
        total = Fen(sum(amounts))
        if len(amounts) == len(rows) and stated.amount is not None and stated.amount != total:
            self._file(
                MoneyDoubtKind.TOTAL_DIFFERS, stated.row, said=yuan(stated.amount), sum=yuan(total)
            )
        if stated.lines is not None and stated.lines != len(rows):
            self._file(
                MoneyDoubtKind.COUNT_DIFFERS, stated.row, said=str(stated.lines), sum=str(len(rows))
            )

    def _tell(
        self,
        kind: MoneyDoubtKind,
        row: ListRow,
        column: str,
        case: CaseCode | None = None,
        **facts: str,
    ) -> None:
        self.found.append(
            CaseDoubt(
                kind=kind,
                weight=Weight.LIST,
                row=row.row,
                column=column,
                cases=_cases(case),
                facts=facts,
            )
        )

    def _pair(
        self, kind: MoneyDoubtKind, row: ListRow, right: ListRow, column: str, **facts: str
    ) -> None:
        self.found.append(
            CaseDoubt(
                kind=kind,
                weight=Weight.LIST,
                row=row.row,
                other_row=right.row,
                column=column,
                cases=_cases(self._case(row)),
                facts=facts,
            )
        )

    def _file(self, kind: MoneyDoubtKind, row: int | None, **facts: str) -> None:
        self.found.append(
            CaseDoubt(kind=kind, weight=Weight.LIST, row=row, column="amount", facts=facts)
        )


def _cases(case: CaseCode | None) -> tuple[CaseCode, ...]:
    return () if case is None else (case,)


def _place(line: Line) -> dict[str, str]:
    return {"batch": str(line.batch), "attempt": str(line.attempt)}


def ready(payees: Iterable[Payee], ledger: Ledger, in_parts: bool = False) -> tuple[Payee, ...]:
    """The households that may be paid now and are not: what a new batch is made from, in the order
    given.
    """
    out = []
    for payee in payees:
        lines = ledger.of_case.get(payee.case, ())
        busy = any(ledger.state(line) in (LineState.IN_TRANSIT, LineState.FAILED) for line in lines)
        paid = ledger.paid(payee.case)
        done = paid > 0 and (not in_parts or payee.due is None or paid >= payee.due)
        if payee.ready_on is not None and not payee.left and not busy and not done:
            out.append(payee)
    return tuple(out)
