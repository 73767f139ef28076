"""An accountant's desk at a ledger into which the register of 2021 is filed before money is."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from bot.actions.money.take import (
    GRANTS,
    LIST,
    RETURN,
    TAKERS,
    ListApproval,
    ListTerms,
    MoneyTaken,
    ReturnTerms,
)
from bot.actions.registers.take import SentFile, TakenFile, take_in
from bot.actions.replies.paste import previewed
from bot.domain.campaigns.enrolled import Enrolled
from bot.domain.decisions.actor import Actor
from bot.domain.money.amounts import Fen
from bot.domain.money.doubts import MoneyDoubtKind
from bot.domain.money.ledger import Ledger
from bot.store import Store
from bot.views.money.ledger import ledger_at, payments
from tests import ledger2021
from tests.actions.registers.conftest import KEYS, desk_at

MONEY = {"grant": GRANTS, "payment_list": LIST, "bank_return": RETURN}
REGISTER = ("roster", "progress", "coding")


@dataclass
class MoneyDesk:
    """Files what comes in, of the register and of money."""

    store: Store
    enrolled: Enrolled
    taken: dict[str, MoneyTaken | TakenFile] = field(default_factory=dict)

    def money(
        self, kind: str, name: str, content: bytes, at: str, *, dry: bool = False, **terms: Any
    ) -> MoneyTaken:
        """Takes in a file of money."""
        word = ListApproval(by=Actor(name="王会计"), at=datetime.fromisoformat(at), keys=KEYS)
        sent = SentFile(name=name, content=content)
        given: dict[str, Any] = {}
        if kind == LIST:
            given["terms"] = ListTerms(**terms)
        elif kind == RETURN:
            given["terms"] = ReturnTerms(**terms)

        def deed(session: Any) -> MoneyTaken:
            return TAKERS[kind](session, self.enrolled, sent, word, **given)

        if dry:
            return previewed(self.store, deed)
        with self.store.writing() as session:
            return deed(session)

    def register(self, kind: str, path: str, at: str) -> TakenFile:
        """Takes in a file of the register; what was paid is what the bank answered."""
        file = SentFile(name=path.rpartition("/")[2], content=ledger2021.content(path))
        with self.store.writing() as session:
            return take_in(
                session,
                self.enrolled,
                kind,
                file,
                by=Actor(name="陈"),
                keys=KEYS,
                at=datetime.fromisoformat(at),
                payments=payments,
            )

    def file(self, one: Any) -> None:
        """Takes in one file of the season as it came, a list with the approval of its sum and of
        each new account on it.
        """
        path, at = one["path"], one["imported_at"]
        if one["kind"] in REGISTER:
            self.taken[path] = self.register(one["kind"], path, at)
            return
        kind, content = MONEY[one["kind"]], ledger2021.content(path)
        terms: dict[str, Any] = {}
        if kind == LIST:
            terms = {
                "approved": Fen(one["total_yuan"] * 100),
                "paper": f"X财农〔2021〕{one['batch']}号",
            }
            seen = self.money(kind, path, content, at, dry=True, **terms)
            rows = [
                doubt.row for doubt in seen.doubts if doubt.kind == MoneyDoubtKind.ACCOUNT_DIFFERS
            ]
            terms["new_accounts"] = frozenset(rows)
        self.taken[path] = self.money(kind, path, content, at, **terms)

    def ledger(self, known_at: str | None = None) -> Ledger:
        """The money as known at a moment."""
        with self.store.reading() as session:
            at = datetime.fromisoformat(known_at) if known_at else None
            return ledger_at(session, self.enrolled.campaign, at)


def money_desk(store: Store) -> MoneyDesk:
    """A desk at that ledger."""
    return MoneyDesk(store=store, enrolled=desk_at(store).enrolled)


def season_files() -> list[Any]:
    """Every file of the register of households and of money, in the order they came."""
    return list(ledger2021.files(*REGISTER, *MONEY))


@dataclass(frozen=True, kw_only=True)
class Season:
    """The ledger of the season as files: whole, and as it stood before each file came."""

    desk: MoneyDesk
    before: tuple[tuple[datetime, Path], ...]

    def until(self, moment: str, to: Path) -> Path:
        """A copy of the ledger that holds what came before that moment."""
        at = datetime.fromisoformat(moment)
        found = next((path for came, path in self.before if came >= at), self.before[-1][1])
        shutil.copy(found, to)
        return to


@pytest.fixture(scope="session")
def season(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Season]:
    """Every file of the season, taken one after the other."""
    folder = tmp_path_factory.mktemp("money")
    path = folder / "ledger.sqlite3"
    shutil.copy(sqlite_template, path)
    before = []
    taken: dict[str, MoneyTaken | TakenFile] = {}
    for number, one in enumerate(season_files()):
        shutil.copy(path, folder / f"{number}.sqlite3")
        before.append((datetime.fromisoformat(one["imported_at"]), folder / f"{number}.sqlite3"))
        store = Store(f"sqlite:///{path}")
        desk = money_desk(store)
        desk.taken = taken
        desk.file(one)
        store.close()  # what lies in the log of the database comes into its file
    store = Store(f"sqlite:///{path}")
    desk = money_desk(store)
    desk.taken = taken
    yield Season(desk=desk, before=tuple(before))
    store.close()


@pytest.fixture
def whole_season(season: Season) -> MoneyDesk:
    """A desk at which every file of the season was taken."""
    return season.desk


@pytest.fixture
def until(season: Season, tmp_path: Path) -> Iterator[Callable[[str], MoneyDesk]]:
    """Makes desks at ledgers that hold what came before a moment."""
    made: list[Store] = []

    def desk_until(moment: str) -> MoneyDesk:
        store = Store(f"sqlite:///{season.until(moment, tmp_path / f'{len(made)}.sqlite3')}")
        made.append(store)
        return money_desk(store)

    yield desk_until
    for store in made:
        store.close()
