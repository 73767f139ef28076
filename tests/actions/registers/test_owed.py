"""What is verified stands in the bulletin and may be ranked by; what is unproved, and tails, are
owed.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from dataclasses import replace
from datetime import date, datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest

from bot.domain.campaigns.campaign import RankedBy, StageKey, TownshipName
from bot.domain.campaigns.workdays import ScheduledRun
from bot.domain.day.obligations import Light, Owed
from bot.domain.day.ranking import standings
from bot.domain.figures.progress import DaySheet, Figure, day_sheets
from bot.domain.registers.compare import unproved
from bot.domain.registers.obligations import register_obligations
from bot.store import Session, Store
from bot.views.day import compose
from bot.views.day.sheets import with_verified
from bot.views.registers.ledger import cases_known
from bot.views.registers.shown import claimed_shown
from config.wording import templates
from tests import ledger2021
from tests.actions.registers.conftest import Desk, desk_at, paid_by

CAMPAIGN = ledger2021.campaign()
HOUSEHOLDS = CAMPAIGN.registers[0]
COMPLETED = StageKey("completed")
END = datetime.fromisoformat("2021-12-24T17:30:00+08:00")


def claimed(until: date) -> tuple[DaySheet, ...]:
    """The sheets of the season, from what stood claimed every evening."""
    figures = [
        Figure(
            number=number,
            township=TownshipName(row["township"]),
            day=date.fromisoformat(row["date"]),
            stage=COMPLETED,
            category=None,
            value=Decimal(row["claimed"]),
            recorded_at=datetime.fromisoformat(f"{row['date']}T16:00:00+08:00"),
        )
        for number, row in enumerate(ledger2021.claimed_verified(), 1)
    ]
    return day_sheets(CAMPAIGN, figures, until, END)


@pytest.fixture(scope="module")
def desk(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    """A desk at which the rosters and weekly returns of the season were taken."""
    path = tmp_path_factory.mktemp("owed") / "ledger.sqlite3"
    shutil.copy(sqlite_template, path)
    store = Store(f"sqlite:///{path}")
    desk = desk_at(store)
    for one in ledger2021.files("roster", "progress"):
        desk.take(one["kind"], one["path"], one["imported_at"])
    yield desk
    store.close()


@pytest.fixture
def session(desk: Desk) -> Iterator[Session]:
    with desk.store.reading() as session:
        yield session


@pytest.mark.parametrize(
    "golden", ledger2021.golden("unproved")["moments"], ids=lambda one: one["after_file_of"]
)
def test_since_when_a_claim_is_unproved(session: Session, golden: Any) -> None:
    known_at = datetime.fromisoformat(golden["after_file_of"])
    cases = cases_known(session, CAMPAIGN, HOUSEHOLDS, known_at, paid_by)
    sheets = claimed(min(known_at.date(), CAMPAIGN.deadline))
    found = {one.township: one for one in unproved(CAMPAIGN, HOUSEHOLDS, cases, sheets)}
    # A run that was caught up is over; golden tells of the first day ever, so nobody may be missing
    # and no day earlier.
    still = {
        name: told
        for name, told in golden["townships"].items()
        if int(told["claimed"]) > int(told["verified"])
    }
    assert set(found) == set(still)
    for name, told in still.items():
        assert (int(found[name].claimed), int(found[name].verified)) == (
            told["claimed"],
            told["verified"],
        )
        assert found[name].since >= date.fromisoformat(told["since"])


def test_the_cells_claimed_and_verified_of_an_evening(session: Session) -> None:
    day = date(2021, 10, 29)
    known_at = datetime.fromisoformat("2021-10-29T18:00:00+08:00")
    cases = cases_known(session, CAMPAIGN, HOUSEHOLDS, known_at, paid_by)
    sheets = claimed(day)
    standing = {(row.township, COMPLETED, None): row.value for row in sheets[-1].townships}
    shown = claimed_shown(CAMPAIGN, HOUSEHOLDS, cases, standing, sheets, day)
    cell = next(
        one
        for one in shown["cells"]
        if (one["township"], one["stage"], one["category"]) == ("兰皋镇", "completed", None)
    )
    assert (cell["claimed"], cell["verified"], cell["since"]) == (19, 18, "2021-10-27")
    assert shown["total"] == {"claimed": 193, "verified": 192}
    before = claimed_shown(CAMPAIGN, HOUSEHOLDS, (), standing, sheets, day)
    assert before["total"] == {"claimed": 193, "verified": None}
    assert before["unproved"] == {}


def test_the_bulletin_has_a_line_where_the_campaign_wants_it(session: Session) -> None:
    day, evening = date(2021, 10, 29), datetime.fromisoformat("2021-10-29T18:00:00+08:00")
    strike = ScheduledRun(job="bulletin", day=day, planned=evening, at=evening)
    told = replace(CAMPAIGN, proof=replace(CAMPAIGN.proof, told=True))
    sheets = with_verified(session, told, claimed(day), evening)
    assert (
        "\n台账核实192户，待核实1户。\n"
        in compose.bulletin(templates, told, 1, strike, sheets).text
    )
    silent = with_verified(session, CAMPAIGN, claimed(day), evening)
    assert "台账核实" not in compose.bulletin(templates, CAMPAIGN, 1, strike, silent).text


def test_a_campaign_may_rank_by_what_is_verified(session: Session) -> None:
    day, evening = date(2021, 10, 15), datetime.fromisoformat("2021-10-15T17:30:00+08:00")
    ranked = replace(CAMPAIGN, ranking=replace(CAMPAIGN.ranking, by=RankedBy.VERIFIED))
    sheets = with_verified(session, ranked, claimed(day), evening)
    by_name = {one.row.township: one for one in standings(ranked, sheets[-1], None)}
    # 青禾渡镇 claims 8 and proves 6 of 23.
    assert by_name[TownshipName("青禾渡镇")].score == Fraction(6, 23)
    strike = ScheduledRun(job="bulletin", day=day, planned=evening, at=evening)
    notice = compose.bulletin(templates, ranked, 1, strike, sheets)
    assert notice.table is not None
    assert any("6/23" in row for row in notice.table.rows)
    assert "排名以台账核实数为准。" in notice.table.notes


def test_tails_and_claims_without_proof_are_owed(session: Session) -> None:
    known_at = datetime.fromisoformat("2021-11-20T17:40:00+08:00")
    cases = cases_known(session, CAMPAIGN, HOUSEHOLDS, known_at, paid_by)
    owed = register_obligations(CAMPAIGN, HOUSEHOLDS, cases, claimed(known_at.date()), known_at)
    late = [one for one in owed if one.light in (Light.RED, Light.YELLOW) and one.owed is Owed.TAIL]
    golden = ledger2021.golden("tails")["as_of"]["2021-11-20"]["completed→accepted"][
        "overdue_by_township"
    ]
    told = {
        one.township: int(one.short)
        for one in late
        if one.stages == (COMPLETED, StageKey("accepted"))
    }
    # Of the golden values, which are of all that was known at the end, nothing is missing.
    assert golden.items() <= told.items()
    assert all(len(one.cases) == one.short for one in late)
    proofs = [one for one in owed if one.owed is Owed.PROOF]
    assert proofs
    for one in proofs:
        assert one.since is not None
        overdue = known_at.date() > one.since + timedelta(days=CAMPAIGN.proof.within_days)
        assert (one.light is Light.YELLOW) == overdue
    strike = ScheduledRun(job="overdue", day=known_at.date(), planned=known_at, at=known_at)
    notice = compose.overdue_list(
        templates, CAMPAIGN, 1, strike, claimed(known_at.date()), (), owed
    )
    assert notice is not None
    assert "竣工后逾期未验收：" in notice.text
    assert not any(code in notice.text for one in late for code in one.cases)
