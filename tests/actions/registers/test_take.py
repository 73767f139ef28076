"""Files with planted faults: each is found with its kind and effect, and nothing else is."""

from __future__ import annotations

import io
from datetime import datetime
from typing import Any

import pytest
from python_calamine import CalamineWorkbook

from bot.actions.registers.refused import refused_workbook
from bot.actions.registers.take import MovedMeanwhile
from bot.actions.registers.vault import VaultShut, forget, open_vault, seal_keys_anew
from bot.domain.registers.doubts import Weight
from bot.domain.registers.intake import RowOutcome
from bot.store.registers import holders, marks
from bot.views.registers.ledger import cases_known
from config.wording import registers as wording
from tests import ledger2021
from tests.actions.registers.conftest import KEYS, Desk

ROSTER = "in/roster/2021年农村危房改造台账(10月15日).xlsx"
WEEKLY = "in/progress/危房改造进度周报(10月22日).xlsx"
FILED = "2021-10-15T09:00:00+08:00"
HOUSEHOLDS, APPRAISAL = ledger2021.campaign().registers


def found(taken: Any) -> list[tuple[Any, ...]]:
    return sorted(
        ((one.kind, one.row, one.weight.value, one.column) for one in taken.taken.findings),
        key=lambda one: str(one),
    )


def planted(file: str) -> list[tuple[Any, ...]]:
    """The planted faults of a file; of two rows that exclude or share something each is told of."""
    golden = [
        one for one in ledger2021.golden("faults")["faults"] if one["file"] == f"faults/{file}"
    ]
    told = [(one["kind"], one["row"], one["effect"], one["column"]) for one in golden]
    told += [
        (one["kind"], one["other_row"], one["effect"], one["column"])
        for one in golden
        if one["other_row"] is not None
    ]
    return sorted(told, key=lambda one: str(one))


def before(desk: Desk, moment: str) -> None:
    """Files everything that had come in by then."""
    for one in ledger2021.files("roster", "progress", "coding"):
        if datetime.fromisoformat(one["imported_at"]) < datetime.fromisoformat(moment):
            desk.take(one["kind"], one["path"], one["imported_at"])


def test_the_faults_of_a_roster(desk: Desk) -> None:
    taken = desk.take("roster", "faults/roster-faulty.xlsx", FILED)
    assert found(taken) == planted("roster-faulty.xlsx")
    # What is sound of the file is taken.
    assert (
        sum(one is RowOutcome.NEW for one in taken.taken.outcomes.values()) == 343 - 2 * 3 - 11
    )  # pairs of which neither is taken, and rows refused
    with desk.store.reading() as session:
        remark = next(
            m
            for m in marks.marks(
                session, desk.enrolled.campaign.key, HOUSEHOLDS.key, datetime.fromisoformat(FILED)
            )
            if m.what == "remark" and m.case == "WG2021-03-003"
        )
    assert remark.value is not None
    assert remark.value.startswith("=HYPERLINK")


def test_a_roster_whose_sum_is_wrong_is_refused_whole(desk: Desk) -> None:
    taken = desk.take("roster", "faults/roster-total.xlsx", FILED)
    assert found(taken) == planted("roster-total.xlsx")
    with desk.store.reading() as session:
        assert marks.newest_mark(session, desk.enrolled.campaign.key) == 0
        assert marks.filings(session, desk.enrolled.campaign.key) == []


def test_the_faults_of_a_feedback(desk: Desk) -> None:
    moment = "2021-11-19T17:00:00+08:00"
    before(desk, moment)
    assert found(desk.take("coding", "faults/coding-faulty.xlsx", moment)) == planted(
        "coding-faulty.xlsx"
    )


def test_who_is_missed(desk: Desk) -> None:
    before(desk, FILED)
    taken = desk.take("appraisal", "faults/appraisal-missed.xlsx", FILED)
    assert found(taken) == planted("appraisal-missed.xlsx")


def test_every_finding_has_a_sentence(desk: Desk) -> None:
    taken = desk.take("roster", "faults/roster-faulty.xlsx", FILED)
    for doubt in taken.taken.findings:
        told = wording.finding_at(doubt)
        assert told.startswith(f"第{doubt.row}行")
        assert doubt.kind not in told
        assert "{" not in told


def test_the_preview_is_the_import_and_keeps_nothing(desk: Desk) -> None:
    seen = desk.take("roster", "faults/roster-faulty.xlsx", FILED, dry=True)
    with desk.store.reading() as session:
        assert marks.newest_mark(session, desk.enrolled.campaign.key) == 0
    taken = desk.take("roster", "faults/roster-faulty.xlsx", FILED, seen_mark=seen.newest_mark)
    assert found(taken) == found(seen)
    shape = [(mark.case, mark.what, mark.day, mark.row) for mark in seen.taken.marks]
    assert shape == [(mark.case, mark.what, mark.day, mark.row) for mark in taken.taken.marks]


def test_the_second_of_two_clerks_is_told_that_the_ledger_moved(desk: Desk) -> None:
    seen = desk.take("roster", ROSTER, FILED, dry=True)
    desk.take("roster", "faults/roster-faulty.xlsx", FILED)
    with pytest.raises(MovedMeanwhile):
        desk.take("roster", ROSTER, FILED, seen_mark=seen.newest_mark)


def test_a_fault_between_file_and_commit_leaves_nothing(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    def dies(*_: Any, **__: Any) -> None:
        raise RuntimeError("the power went")

    monkeypatch.setattr(marks, "add_marks", dies)
    with pytest.raises(RuntimeError):
        desk.take("roster", ROSTER, FILED)
    monkeypatch.undo()
    with desk.store.reading() as session:
        assert marks.filings(session, desk.enrolled.campaign.key) == []
        assert holders.people(session, desk.enrolled.campaign.key) == {}
    assert desk.take("roster", ROSTER, FILED).taken.marks


def test_the_rows_not_taken_come_back_with_their_reasons(desk: Desk) -> None:
    taken = desk.take("roster", "faults/roster-faulty.xlsx", FILED)
    content = refused_workbook(taken)
    assert content is not None
    rows = CalamineWorkbook.from_filelike(io.BytesIO(content)).get_sheet_by_index(0).to_python()
    assert rows[0][-1] == "原因"
    assert len(rows) - 1 == len({one.row for one in taken.taken.findings if one.weight.refuses})
    assert all(row[-1] for row in rows[1:])
    # Mended there and filed again, it is a roster.
    again = desk.enrolled
    assert again.campaign.register is not None


def test_a_file_that_is_no_table_is_a_sentence(desk: Desk) -> None:
    taken = desk.take("roster", "in/chat/cases.jsonl", FILED)
    assert [one.weight for one in taken.taken.findings] == [Weight.FILE]
    assert wording.finding(taken.taken.findings[0]).startswith("文件读不出来：")


def test_forgetting_destroys_the_names_and_leaves_every_count(desk: Desk) -> None:
    desk.take("roster", ROSTER, FILED)
    campaign = desk.enrolled.campaign
    with desk.store.reading() as session:
        sealed = holders.sealed(session, campaign.key, list(holders.people(session, campaign.key)))
        whole = open_vault(session, campaign.key, KEYS).opened(sealed)
        counted = cases_known(session, campaign, HOUSEHOLDS, datetime.fromisoformat(FILED))
    assert {one.name for one in whole.values()} >= {"刘虚谷", "宋例泉"}
    with desk.store.writing() as session:
        assert forget(session, campaign.key)
    with desk.store.reading() as session:
        assert open_vault(session, campaign.key, KEYS).opened(sealed) == {}
        assert cases_known(session, campaign, HOUSEHOLDS, datetime.fromisoformat(FILED)) == counted


def test_a_new_secret_key_seals_the_keys_anew(desk: Desk) -> None:
    desk.take("roster", ROSTER, FILED)
    campaign = desk.enrolled.campaign.key
    with desk.store.reading() as session, pytest.raises(VaultShut):
        open_vault(session, campaign, ("another",))
    with desk.store.writing() as session:
        assert (
            seal_keys_anew(session, [campaign], ("another", *KEYS), datetime.fromisoformat(FILED))
            == 2
        )
    with desk.store.reading() as session:
        sealed = holders.sealed(session, campaign, list(holders.people(session, campaign))[:1])
        assert open_vault(session, campaign, ("another",)).opened(sealed)
