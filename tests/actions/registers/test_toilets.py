"""A campaign of other words, heads and stages: files of its register are taken with no code that
knows them.
"""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from pathlib import Path

from bot.actions.registers.take import SentFile, TakenFile, take_in
from bot.domain.campaigns.campaign import StageKey, TownshipName
from bot.domain.campaigns.enrolled import Enrolled
from bot.domain.decisions.actor import Actor
from bot.domain.registers import cells
from bot.domain.registers.case import CaseCode, Paid, verified
from bot.store import Session, Store
from bot.store.campaigns import versions
from bot.views.registers.ledger import cases_known
from config.campaign_file.loader import load_campaign
from jobs import JOBS
from tests.actions.registers.conftest import KEYS
from tests.ledger2021 import PLATFORMS
from tests.sheets.books import csv_of, xlsx_of

CAMPAIGN = load_campaign(
    Path(__file__).parents[2] / "toilets2026" / "campaign.toml", platforms=PLATFORMS, jobs=JOBS
).campaign
BUILT, ACCEPTED, SUBSIDISED = map(StageKey, ("built", "accepted", "subsidised"))


def identity(order: int) -> str:
    first = f"99999919600101{order:03}"
    return first + cells.check_digit(first)


def filed(store: Store, kind: str, content: bytes, at: str) -> TakenFile:
    with store.writing() as session:
        version = versions.record_version(
            session, CAMPAIGN.key, "content", datetime.fromisoformat(at)
        )
        enrolled = Enrolled(campaign=CAMPAIGN, version=version)
        file = SentFile(name="表", content=content)
        return take_in(
            session,
            enrolled,
            kind,
            file,
            by=Actor(name="李"),
            keys=KEYS,
            at=datetime.fromisoformat(at),
        )


def paid(_: Session, __: object, known_at: datetime) -> dict[CaseCode, Paid]:
    """Two batches: the second is paid in June."""
    days = {"GCA-0001": date(2026, 5, 20), "GCA-0002": date(2026, 6, 10)}
    return {
        CaseCode(code): Paid(day=day, amount=150000, batch=number)
        for number, (code, day) in enumerate(days.items(), 1)
        if day <= known_at.date()
    }


def test_a_list_and_its_ten_day_returns(store: Store) -> None:
    head = ["序号", "所在镇", "厕编号", "户主", "村", "证件号码", "厕型", "奖补金额(元)", "卡号"]
    rows = [
        [n, town, f"GCA-000{n}", name, "东村", identity(n), kind, 1500, f"6200000{n}"]
        for n, (town, name, kind) in enumerate(
            [
                ("柳溪", "王一", "三格式"),
                ("柳溪镇", "李二", ""),
                ("石桥乡", "张三", "双瓮式"),
                ("石桥", "赵四", "三格式"),
            ],
            1,
        )
    ]
    taken = filed(
        store,
        "list",
        xlsx_of(["全县户厕改造花名册"], head, *rows, ["", "合计", "4座"]),
        "2026-04-01T09:00+08:00",
    )
    assert [
        (one.kind, one.row) for one in taken.taken.findings if one.kind != "account_check_digit"
    ] == [("gap_kind", 4)]

    head = ["所在镇", "户主", "证件号码", "动工日期", "建成日期", "验收日期"]
    weekly = csv_of(
        head,
        ["柳溪镇", "王一", identity(1), "4月2日", "4月20日", "5月6日"],
        ["柳溪镇", "李二", identity(2), "4.2", "4月25日", ""],
        ["石桥乡", "张三", identity(3), "2026/4/3", "2026-05-09", ""],
        ["石桥乡", "赵四", identity(4), "4月5日", "未建成", ""],
        encoding="gb18030",
    )
    taken = filed(store, "tenday", weekly, "2026-05-10T09:00+08:00")
    assert [(one.kind, one.row) for one in taken.taken.findings] == [("date_ambiguous", 3)]
    register = CAMPAIGN.register
    assert register is not None
    with store.reading() as session:
        cases = cases_known(
            session, CAMPAIGN, register, datetime.fromisoformat("2026-05-21T09:00+08:00"), paid
        )
    counted = verified(register, cases, date(2026, 5, 21))
    liuxi, shiqiao = TownshipName("柳溪镇"), TownshipName("石桥乡")
    assert counted[liuxi, BUILT, None] == Decimal(
        2
    )  # one without a start that can be read: a doubt, and built all the same
    assert counted[shiqiao, BUILT, None] == Decimal(1)
    assert counted[liuxi, SUBSIDISED, None] == Decimal(1)
    assert (shiqiao, ACCEPTED, None) not in counted
    assert {category for _, _, category in counted} == {None}
