"""A whole season of files, taken in their order, comes to the golden values as known at every
moment.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from datetime import date, datetime
from pathlib import Path
from typing import Any

import pytest

from bot.domain.campaigns.campaign import RegisterKey, StageKey, TownshipName
from bot.domain.registers.appraisal import held_against
from bot.domain.registers.compare import by_day, verified_total
from bot.store import Store
from bot.store.registers import holders
from bot.views.registers.ledger import cases_known, standing
from bot.views.registers.shown import register_shown
from tests import ledger2021
from tests.actions.registers.conftest import Desk, desk_at, paid_by

KINDS = ("roster", "progress", "coding", "appraisal")
HOUSEHOLDS, APPRAISAL = ledger2021.campaign().registers
END = datetime.fromisoformat("2021-12-24T17:30:00+08:00")


@pytest.fixture(scope="module")
def season(
    sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[Desk, dict[str, Any]]]:
    """A desk at which every file of the season was taken, and what taking each came to."""
    path = tmp_path_factory.mktemp("season") / "ledger.sqlite3"
    shutil.copy(sqlite_template, path)
    store = Store(f"sqlite:///{path}")
    desk = desk_at(store)
    taken = {
        one["path"]: desk.take(one["kind"], one["path"], one["imported_at"])
        for one in ledger2021.files(*KINDS)
    }
    yield desk, taken
    store.close()


def shown(desk: Desk, register: Any, known_at: datetime, day: date) -> dict[str, Any]:
    with desk.store.reading() as session:
        held = standing(session, desk.enrolled.campaign, register, known_at, paid_by)
    return register_shown(
        desk.enrolled.campaign, register, tuple(held.cases.values()), held.people, day
    )


@pytest.mark.parametrize("file", ledger2021.files(*KINDS), ids=lambda file: file["path"])
def test_every_row_is_read_and_nothing_but_gaps_is_found(
    season: tuple[Desk, dict[str, Any]], file: Any
) -> None:
    taken = season[1][file["path"]]
    assert len(taken.rows) == file["rows"]
    assert [one for one in taken.taken.findings if not one.kind.startswith("gap_")] == []


@pytest.mark.parametrize(
    "golden", ledger2021.golden("totals")["as_of_files"], ids=lambda one: one["known_at"]
)
def test_the_totals_as_known_after_each_file(
    season: tuple[Desk, dict[str, Any]], golden: Any
) -> None:
    stages = shown(
        season[0],
        HOUSEHOLDS,
        datetime.fromisoformat(golden["known_at"]),
        date.fromisoformat(golden["day"]),
    )["stages"]
    assert {key: stages[key] for key in ("started", "completed", "accepted")} == {
        key: golden[key] for key in ("started", "completed", "accepted")
    }


def test_the_final_truth_of_every_household(season: tuple[Desk, dict[str, Any]]) -> None:
    desk = season[0]
    with desk.store.reading() as session:
        cases = cases_known(session, desk.enrolled.campaign, HOUSEHOLDS, END, paid_by)
        people = holders.people(session, desk.enrolled.campaign.key)
    stages = [stage.key for stage in HOUSEHOLDS.stages]
    for case, golden in zip(cases, ledger2021.golden("households"), strict=True):
        assert case.code == golden["case"]
        assert {key: case.proved[key].isoformat() for key in stages} == {
            key: golden[key] for key in stages
        }
        assert (case.township, case.values["method"], case.values["amount"]) == (
            golden["township"],
            golden["category"],
            str(golden["yuan"] * 100),
        )
        assert people[case.values["holder"]].tail == golden["id"][-4:]  # type: ignore[index]


def test_the_final_roster_adds_the_accounts_and_the_gaps_alone(
    season: tuple[Desk, dict[str, Any]],
) -> None:
    final = next(taken for path, taken in season[1].items() if "终稿" in path)
    whats = [mark.what for mark in final.taken.marks]
    assert len(whats) == 14
    assert whats.count("account") == ledger2021.golden("totals")["final_roster_changes"]["accounts"]


def test_the_same_files_again_add_nothing(season: tuple[Desk, dict[str, Any]]) -> None:
    desk = season[0]
    for file in ledger2021.files(*KINDS)[-4:]:
        again = desk.take(file["kind"], file["path"], "2021-12-25T09:00:00+08:00")
        assert (again.taken.marks, again.filing) == ((), None)
        assert [one.kind for one in again.taken.findings] == ["file_again"]


@pytest.mark.parametrize("day", ["2021-09-18", "2021-10-15", "2021-12-24"])
def test_the_gaps_of_each_roster(season: tuple[Desk, dict[str, Any]], day: str) -> None:
    golden = ledger2021.golden("completeness")
    known_at = datetime.fromisoformat(f"{day}T23:00:00+08:00")
    found = shown(season[0], HOUSEHOLDS, known_at, date.fromisoformat(day))["completeness"]
    assert [{"case": gap["case"], "field": gap["field"]} for gap in found["gaps"]] == sorted(
        golden[f"gaps_on_{day}"],
        key=lambda gap: (gap["case"], [c.name for c in HOUSEHOLDS.columns].index(gap["field"])),
    )
    assert found["complete"] == golden["cases_complete"][day]


@pytest.mark.parametrize("day", list(ledger2021.golden("tails")["as_of"]))
def test_the_tails_of_each_day(season: tuple[Desk, dict[str, Any]], day: str) -> None:
    found = shown(season[0], HOUSEHOLDS, END, date.fromisoformat(day))["tails"]
    asked = ("waiting", "overdue", "overdue_by_township")
    assert {
        key: {name: tail[name] for name in asked} for key, tail in found.items()
    } == ledger2021.golden("tails")["as_of"][day]


def test_the_appraisal_by_group_and_grade(season: tuple[Desk, dict[str, Any]]) -> None:
    golden = ledger2021.golden("appraisal")
    before = shown(
        season[0], APPRAISAL, datetime.fromisoformat("2021-09-20T00:00+08:00"), date(2021, 9, 20)
    )
    assert before["cases"] == golden["rows"]
    assert before["choices"]["鉴定等级"] == {
        f"{grade}级": count for grade, count in golden["by_grade"].items()
    }
    assert before["choices"]["六类人群"] == golden["by_group"]
    assert before["choices"]["三类监测对象"] == golden["monitored"]
    crossed = next(
        one
        for one in before["crossed"]
        if (one["rows"], one["columns"]) == ("六类人群", "鉴定等级")
    )
    assert crossed["counts"] == {
        group: {f"{grade}级": count for grade, count in grades.items()}
        for group, grades in golden["by_group_and_grade"].items()
    }
    after = shown(season[0], APPRAISAL, END, END.date())
    assert after["cases"] == golden["rows"] + golden["supplement"]["rows"]
    assert [one for one in after["doubts"] if one["kind"] == "missed"] == []


def test_both_registers_say_the_same_of_everybody_on_the_list(
    season: tuple[Desk, dict[str, Any]],
) -> None:
    desk = season[0]
    with desk.store.reading() as session:
        campaign = desk.enrolled.campaign
        listed = cases_known(session, campaign, HOUSEHOLDS, END, paid_by)
        appraised = cases_known(session, campaign, APPRAISAL, END, paid_by)
        people = holders.people(session, campaign.key)
    assert held_against(HOUSEHOLDS, listed, APPRAISAL, appraised, people) == ()


def test_verified_beside_claimed_cell_by_cell(season: tuple[Desk, dict[str, Any]]) -> None:
    desk = season[0]
    completed = StageKey("completed")
    rows = ledger2021.claimed_verified()
    days = sorted({date.fromisoformat(row["date"]) for row in rows})
    final: dict[date, dict[TownshipName, int]] = {}
    then: dict[date, dict[TownshipName, int]] = {}
    with desk.store.reading() as session:
        campaign = desk.enrolled.campaign
        cases = cases_known(session, campaign, HOUSEHOLDS, END, paid_by)
        final = by_day(HOUSEHOLDS, cases, completed, days)
        for day in days:
            evening = datetime.fromisoformat(f"{day}T17:30:00+08:00")
            known = cases_known(session, campaign, HOUSEHOLDS, evening, paid_by)
            then[day] = by_day(HOUSEHOLDS, known, completed, [day])[day]
    for row in rows:
        day, township = date.fromisoformat(row["date"]), TownshipName(row["township"])
        assert final[day].get(township, 0) == int(row["verified_final"])
        assert then[day].get(township, 0) == int(row["verified_then"]), (day, township)
    assert verified_total(HOUSEHOLDS, cases, completed, date(2021, 11, 20)) == 341


def test_nothing_personal_is_in_the_ledger_or_in_what_is_shown(
    season: tuple[Desk, dict[str, Any]],
) -> None:
    """Every identity number and account of the data, grepped for."""
    desk = season[0]
    secrets = {one["id"] for one in ledger2021.golden("households")}
    secrets |= {account for one in ledger2021.golden("households") for account in one["accounts"]}
    secrets |= {one["name"] for one in ledger2021.golden("households")}
    told = json.dumps(shown(desk, HOUSEHOLDS, END, END.date()), ensure_ascii=False)
    told += json.dumps([str(taken.taken) for taken in season[1].values()], ensure_ascii=False)
    assert [secret for secret in secrets if secret in told] == []
    with desk.store.reading() as session:
        file = Path(str(session.connection().engine.url.database))
    kept = b"".join(one.read_bytes() for one in file.parent.glob(f"{file.name}*"))
    assert "云樟镇".encode() in kept
    assert [secret for secret in secrets if secret.encode() in kept] == []


def test_the_register_of_households_is_the_first() -> None:
    assert HOUSEHOLDS.key == RegisterKey("households")
