"""A ledger of the time when decisions were phrases opens, and its log and every answer read as they
did.
"""

from __future__ import annotations

import io
import json
from collections.abc import Iterator
from copy import copy
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import create_engine, make_url, text

from bot.app import App
from bot.channels import open_channels
from bot.domain.campaigns.enrolled import Enrolled
from bot.domain.decisions.actor import Actor
from bot.domain.decisions.decision import check
from bot.domain.decisions.kinds import DecisionKind
from bot.domain.keys import CampaignKey
from bot.store import Store
from bot.store.decisions import decisions
from config.settings import Settings
from jobs import JOBS
from tests.builders import rural_housing_2021
from tests.conftest import Postgres
from tests.store.decisions.old_ledger import DECISIONS, HOUSING, OF_EVERY_CAMPAIGN, build
from tests.views.oversight.old_answers import answers, log_of

# What the program of that time answered, kept when it still ran.
THEN: dict[str, Any] = json.loads(
    Path(__file__).with_name("old_answers.json").read_text(encoding="utf-8")
)

IN_CHINESE_SINCE = {
    51: ["停用银行格式rcb。", ""],
    50: ["登记银行格式rcb。", ""],
    49: ["批准第1号发放清单（农计财〔2021〕8号）。", ""],
    48: ["编制第2批发放清单第二批。", ""],
    47: ["认定WG2021-01-001的收款账号**** 4732。", ""],
    46: ["收下银行回盘回盘1.txt。", ""],
    45: ["收下表格台账.xlsx。", ""],
    4: ["导入表格10月: 各乡镇.xlsx：office“稻溪镇竣工6户”。", ""],
}
"""The lines that were told in English, as they are told now: the sentence and the reason."""


NAMED_SINCE = {
    "import vouched": "导入表格",
    "filed": "收下表格",
    "money filed": "收下资金文件",
    "account taken": "认定账号",
    "list made": "编制清单",
    "list approved": "批准清单",
    "bank form written": "登记银行格式",
    "bank form ended": "停用银行格式",
    "moved the moon": "其他",
}
"""The kinds of decision that had no Chinese name to sift by, and the one nobody knows."""


@pytest.fixture(params=["sqlite", "postgresql"])
def old(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[App]:
    """The program of today on a ledger of then."""
    server: Postgres | None = (
        request.getfixturevalue("postgres") if request.param == "postgresql" else None
    )
    address = server.empty() if server else f"sqlite:///{tmp_path / 'old.sqlite3'}"
    build(address)
    store = Store(address)
    store.upgrade()
    channels = open_channels(hosts=[], console=io.StringIO(), folder=tmp_path / "notices")
    app = App(settings=Settings.load({}, None), store=store, channels=channels, jobs=JOBS)
    campaign = rural_housing_2021()
    app.campaigns[campaign.key] = Enrolled(campaign=campaign, version=1)
    yield app
    store.close()


def test_the_log_reads_to_the_letter(old: App) -> None:
    enrolled = old.campaigns[CampaignKey(HOUSING)]
    then = [
        [*line[:3], *IN_CHINESE_SINCE.get(line[0], line[3:])] if line[2] else line
        for line in THEN["log"]
    ]
    assert log_of(old, enrolled) == then


def test_every_answer_is_what_it_was(old: App) -> None:
    told = json.loads(json.dumps(answers(old, old.campaigns[CampaignKey(HOUSING)])))
    then = {name: copy(answer) for name, answer in THEN.items() if name != "log"}
    of_kind = then.pop("of each kind")
    for english, chinese in NAMED_SINCE.items():
        of_kind[chinese] = of_kind.pop(english)
    assert told.pop("of each kind") == of_kind
    assert told == then


def test_every_old_kind_is_known_and_consists_of_what_a_new_one_does(old: App) -> None:
    with old.store.reading() as session:
        kept = [
            one
            for campaign in (HOUSING, "*")
            for one in decisions.decisions(session, CampaignKey(campaign))
            if one.kind is not DecisionKind.OTHER
        ]
    for one in kept:
        check(one.kind, one.subject, one.facts)
    assert {str(one.kind) for one in kept} == {
        kind for _, kind, _, _ in (*DECISIONS, *OF_EVERY_CAMPAIGN)
    } - {"moved the moon"}
    assert {one.login for one in kept} == {""}


def test_what_was_written_stands_as_it_was_written(old: App) -> None:
    with old.store.reading() as session:
        rows = session.execute(
            text("SELECT person, kind, about, reason FROM decisions ORDER BY id")
        ).all()
    assert [tuple(row) for row in rows] == [*DECISIONS, *OF_EVERY_CAMPAIGN]


def test_the_ledger_goes_on_and_still_refuses_changes(old: App) -> None:
    with old.store.writing() as session:
        number = decisions.add_decision(
            session,
            campaign=CampaignKey(HOUSING),
            by=Actor(name="张三", login="zhang"),
            kind=DecisionKind.BOARD_LINKS_ENDED,
            subject=decisions.decisions(
                session, CampaignKey(HOUSING), (DecisionKind.BOARD_LINK_MADE,)
            )[0].subject,
            at=rural_housing_2021().moment(rural_housing_2021().start, rural_housing_2021().cutoff),
        )
    assert number == len(DECISIONS) + len(OF_EVERY_CAMPAIGN) + 1
    address = str(old.store._url.render_as_string(hide_password=False))
    engine = create_engine(make_url(address))
    for change in ("UPDATE decisions SET facts = '{}'", "DELETE FROM decisions"):
        with pytest.raises(Exception, match="append-only"), engine.begin() as connection:
            connection.execute(text(change))
    engine.dispose()
