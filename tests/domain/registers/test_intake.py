"""What the rows of a file say against what stands (invariants I3 and I6)."""

from __future__ import annotations

import hashlib
import random
from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from bot.domain.campaigns.register import FilingKind
from bot.domain.registers import cells
from bot.domain.registers.case import CaseCode, Mark, Paid, cases
from bot.domain.registers.doubts import People, Weight, across
from bot.domain.registers.intake import RowOutcome, StandingCases, Taken, take
from bot.domain.registers.reading import (
    Circumstances,
    RawRow,
    RawSums,
    RawTable,
    read_table,
    slot_words,
)
from tests.domain.registers.small import (
    BUILT,
    CODED,
    REGISTER,
    ROSTER,
    STARTED,
    TOLD,
    WEEKLY,
    moment,
    on,
)

TOWNSHIPS = {"云樟镇": "云樟镇", "云樟": "云樟镇", "桐岗镇": "桐岗镇"}
FILED = on("10-15")


def fingerprint(kind: str, text: str) -> str:
    return hashlib.sha256(f"{kind} {text}".encode()).hexdigest()[:16]


def identity(order: int) -> str:
    first = f"99999919500101{order:03}"
    return first + cells.check_digit(first)


class Ledger:
    """Marks in memory, taken from files one after another."""

    def __init__(self) -> None:
        self.marks: list[Mark] = []
        self.people: dict[Any, Any] = {}
        self.paid: dict[CaseCode, Paid] = {}

    def standing(self) -> StandingCases:
        found = cases(REGISTER, self.marks, moment(100_000), self.paid)
        return StandingCases(
            cases={case.code: case for case in found}, people=self.people, paid=self.paid
        )

    def taken(
        self,
        kind: FilingKind,
        rows: Sequence[Mapping[str, Any]],
        *,
        sums: Sequence[RawSums] = (),
        keep: bool = True,
    ) -> Taken:
        slots = [slot for slot in slot_words(REGISTER, kind) if any(slot in row for row in rows)]
        raw = RawTable(
            heads={slot: slot for slot in slots},
            rows=tuple(RawRow(row=number, cells=row) for number, row in enumerate(rows, 2)),
            sums=tuple(sums),
        )
        given_ = Circumstances(townships=TOWNSHIPS, filed_on=FILED, fixed_on=on("09-01"))
        read = read_table(REGISTER, raw, given_, fingerprint)
        taken = take(REGISTER, kind, self.standing(), read.said, filed_on=FILED)
        if keep:
            for new in taken.marks:
                number = len(self.marks) + 1
                self.marks.append(
                    Mark(
                        number=number,
                        case=new.case,
                        what=new.what,
                        value=new.value,
                        day=new.day,
                        mouth=kind.mouth,
                        recorded_at=moment(number),
                    )
                )
            self.people |= {one.key: one.person for one in read.personal.values() if one.person}
        return taken

    @property
    def people_known(self) -> People:
        return self.people


def row(number: int, **changes: Any) -> dict[str, Any]:
    """A good row of the roster."""
    return {
        "code": f"GC-{number:03}",
        "township": "云樟镇",
        "name": f"刘例{'甲乙丙丁戊己庚辛'[number % 8]}",
        "identity": identity(number),
        "kind": "三格式",
        "account": f"{99999900 + number}",
        "helper": "周书记",
        STARTED: "2021-09-10",
        BUILT: None,
        **changes,
    }


def kinds(taken: Taken) -> list[tuple[int | None, str, Weight]]:
    return sorted(
        (one.row, one.kind, one.weight)
        for one in taken.findings
        if one.kind != "account_check_digit"
    )


def test_good_rows_are_taken_and_the_same_again_adds_nothing() -> None:
    ledger = Ledger()
    first = ledger.taken(ROSTER, [row(1), row(2)])
    assert kinds(first) == []
    assert set(first.outcomes.values()) == {RowOutcome.NEW}
    again = ledger.taken(ROSTER, [row(1, township="云樟", **{STARTED: "9月10日"}), row(2)])
    assert (again.marks, set(again.outcomes.values())) == ((), {RowOutcome.STANDS})


def test_one_key_twice_takes_neither() -> None:
    taken = Ledger().taken(
        ROSTER,
        [
            row(1),
            row(1, identity=identity(9)),
            row(2),
            row(3, identity=identity(2), kind="双瓮式"),
            row(4),
            row(5),
        ],
    )
    assert kinds(taken) == [
        (2, "code_twice", Weight.BOTH),
        (3, "code_twice", Weight.BOTH),
        (4, "two_categories", Weight.BOTH),
        (5, "two_categories", Weight.BOTH),
    ]
    assert {taken.outcomes[number] for number in (2, 3, 4, 5)} == {RowOutcome.WAITS}
    assert {mark.case for mark in taken.marks} == {"GC-004", "GC-005"}


def test_an_identity_of_another_case_is_refused() -> None:
    ledger = Ledger()
    ledger.taken(ROSTER, [row(1)])
    assert kinds(ledger.taken(ROSTER, [row(2, identity=identity(1))])) == [
        (2, "id_twice", Weight.ROW)
    ]


def test_rows_without_a_code_find_their_case() -> None:
    ledger = Ledger()
    ledger.taken(ROSTER, [row(1), row(2, name="刘例乙"), row(3, township="桐岗镇")])
    weekly = [
        {"township": "云樟镇", "name": "刘例乙", "identity": identity(1), BUILT: "2021-10-01"},
        {"township": "桐岗镇", "name": "刘例丙", "identity": identity(2), BUILT: "2021-10-01"},
        {"township": "云樟镇", "name": "别人", "identity": identity(3), BUILT: "2021-10-01"},
        {"township": "云樟镇", "name": "刘例乙", "identity": identity(7), BUILT: "2021-10-01"},
    ]
    taken = ledger.taken(WEEKLY, weekly)
    assert kinds(taken) == [
        (3, "township_differs", Weight.ROW),
        (4, "township_differs", Weight.ROW),
        (5, "case_unknown", Weight.ROW),
    ]
    assert [(mark.case, mark.what) for mark in taken.marks] == [("GC-001", BUILT)]


def test_a_name_and_the_last_four_signs_find_a_case_exactly() -> None:
    ledger = Ledger()
    built = {BUILT: "2021-09-20"}
    ledger.taken(
        ROSTER,
        [
            row(1, name="刘例甲", **built),
            row(2, name="刘例甲", **built),
            row(3, name="刘例丙", **built),
        ],
    )
    ledger.paid = {
        CaseCode(f"GC-00{n}"): Paid(day=on("10-01"), amount=100, batch=1) for n in (1, 2, 3)
    }
    done = {"township": "云樟镇", CODED: "2021-10-05", CODED + "?": "是"}
    taken = ledger.taken(
        TOLD,
        [
            {**done, "name": "刘例甲", "tail": identity(2)[-4:]},
            {**done, "name": "刘例丙", "tail": "0000"},
            {**done, "name": "刘例丙", "tail": identity(3)[-4:], CODED: None},
            {**done, "name": "刘例丁", "tail": "1234"},
        ],
    )
    assert kinds(taken) == [
        (3, "id_tail_differs", Weight.ROW),
        (4, "date_missing", Weight.ASK),
        (5, "case_unknown", Weight.ROW),
    ]
    assert [mark.case for mark in taken.marks] == ["GC-002"]
    several = ledger.taken(TOLD, [{**done, "name": "刘例甲"}])
    assert kinds(several) == [(2, "several", Weight.ASK)]


def test_a_stage_after_the_bank_waits_for_the_bank() -> None:
    ledger = Ledger()
    ledger.taken(ROSTER, [row(1, **{BUILT: "2021-09-20"}), row(2, **{BUILT: "2021-09-20"})])
    ledger.paid = {CaseCode("GC-001"): Paid(day=on("10-06"), amount=100, batch=1)}
    told = [{"code": f"GC-00{n}", "township": "云樟镇", CODED: "2021-10-05"} for n in (1, 2)]
    assert kinds(ledger.taken(TOLD, told)) == [
        (2, "date_order", Weight.ROW),
        (3, "not_paid", Weight.ROW),
    ]


def test_an_undoing_takes_the_stage_back_and_is_no_withdrawal() -> None:
    ledger = Ledger()
    ledger.taken(ROSTER, [row(1, **{BUILT: "2021-10-01"})])
    ledger.taken(WEEKLY, [{"code": "GC-001", "township": "云樟镇", BUILT: "2021-10-02"}])
    ledger.taken(WEEKLY, [{"code": "GC-001", "township": "云樟镇", BUILT: "撤销"}])
    assert ledger.standing().cases[CaseCode("GC-001")].proved == {STARTED: on("09-10")}
    again = ledger.taken(WEEKLY, [{"code": "GC-001", "township": "云樟镇", BUILT: "撤销"}])
    assert again.marks == ()


def test_days_out_of_order_refuse_their_cell_alone() -> None:
    taken = Ledger().taken(
        ROSTER, [row(1, **{BUILT: "2021-09-09"}), row(2, **{STARTED: "9月31日", BUILT: "10月1日"})]
    )
    assert kinds(taken) == [(2, "date_order", Weight.CELL), (3, "date_impossible", Weight.CELL)]
    assert {(mark.case, mark.what) for mark in taken.marks if mark.day} == {
        ("GC-001", STARTED),
        ("GC-002", BUILT),
    }


def test_sums_that_do_not_hold_stop_the_whole_file() -> None:
    def total(says: str) -> RawSums:
        return RawSums(row=9, word="合计", rows=(2, 3), cells={}, texts=("合计", says))

    rows = [row(1), row(2)]
    assert Ledger().taken(ROSTER, rows, sums=[total("2座")]).marks
    refused = Ledger().taken(ROSTER, rows, sums=[total("3座")])
    assert (refused.marks, [one.kind for one in refused.findings]) == ((), ["total_differs"])


@st.composite
def files(draw: st.DrawFn) -> list[dict[str, Any]]:
    """Rows good and bad, keys doubled and shared."""
    rows = []
    for _ in range(draw(st.integers(1, 7))):
        number = draw(st.integers(1, 5))
        started = on("09-02") + timedelta(days=draw(st.integers(0, 30)))
        built = started + timedelta(days=draw(st.integers(-2, 9)))
        rows.append(
            row(
                number,
                township=draw(st.sampled_from(["云樟镇", "云樟", "桐岗镇", "石馨镇"])),
                identity=identity(draw(st.sampled_from([number, number, number, 1]))),
                kind=draw(st.sampled_from(["三格式", "双瓮式", "旱厕"])),
                helper=draw(st.sampled_from(["周书记", ""])),
                account=draw(st.sampled_from(["99999901", f"{99999900 + number}"])),
                **{STARTED: started, BUILT: draw(st.sampled_from([built, None, "10.6"]))},
            )
        )
    return rows


def state(ledger: Ledger) -> list[tuple[str, Any, Any]]:
    found = ledger.standing().cases.values()
    return sorted(
        (case.code, sorted(case.values.items()), sorted(case.proved.items())) for case in found
    )


@settings(deadline=None)
@given(files(), st.randoms())
def test_the_order_of_rows_changes_nothing(
    rows: list[dict[str, Any]], chance: random.Random
) -> None:
    one, other = Ledger(), Ledger()
    one.taken(ROSTER, rows)
    shuffled = list(rows)
    chance.shuffle(shuffled)
    other.taken(ROSTER, shuffled)
    assert state(one) == state(other)


@settings(deadline=None)
@given(files())
def test_taking_a_file_twice_is_taking_it_once(rows: list[dict[str, Any]]) -> None:
    ledger = Ledger()
    ledger.taken(ROSTER, rows)
    assert ledger.taken(ROSTER, rows).marks == ()


@settings(deadline=None)
@given(files(), files())
def test_one_identity_is_one_case_on_the_list(
    first: list[dict[str, Any]], then: list[dict[str, Any]]
) -> None:
    ledger = Ledger()
    ledger.taken(ROSTER, first)
    ledger.taken(ROSTER, then)
    doubts = across(REGISTER, tuple(ledger.standing().cases.values()), ledger.people_known)
    assert not [doubt for doubt in doubts if doubt.kind in ("id_twice", "two_categories")]


@settings(deadline=None)
@given(files())
def test_every_row_has_an_outcome_and_no_refused_row_a_mark(rows: list[dict[str, Any]]) -> None:
    taken = Ledger().taken(ROSTER, rows, keep=False)
    assert set(taken.outcomes) == set(range(2, 2 + len(rows)))
    refused = {
        number for number, outcome in taken.outcomes.items() if outcome is RowOutcome.REFUSED
    }
    assert not refused & {mark.row for mark in taken.marks}
    assert refused <= {doubt.row for doubt in taken.findings}
    assert all(mark.day is None or mark.day <= date(2021, 10, 15) for mark in taken.marks)
