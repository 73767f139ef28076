"""The files of another bureau: a cover sheet, other heads in another order, other words for the
same things, no codes.
"""

from __future__ import annotations

import io
from datetime import date, datetime
from typing import Any

import pytest
import xlsxwriter  # type: ignore[import-untyped]

from bot.actions.registers.take import SentFile, TakenFile, preview
from bot.domain.campaigns.campaign import StageKey
from tests import ledger2021
from tests.actions.registers.conftest import KEYS, Desk

HOUSES = [
    one for one in ledger2021.golden("households") if one["township"] in ("云樟镇", "苍峦林场")
][:20]
HEADS = {
    "序号": lambda n, _: n,
    "所属乡镇": lambda n, one: "云樟" if one["township"] == "云樟镇" and n % 2 else one["township"],
    "行政村（社区）": lambda _, one: one["village"],
    "户主": lambda _, one: one["name"],
    "户主电话": lambda *_: "139****1234",
    "公民身份号码": lambda _, one: one["id"],
    "危房改造户编号": lambda _, one: one["case"],
    "家庭人口数": lambda *_: "3人",
    "保障对象类别": lambda _, one: one["group"],
    "危房等级": lambda _, one: one["grade"] + "级",
    "房屋鉴定日期": lambda *_: "2021年6月10号",
    "身份认定时间": lambda *_: "20210609",
    "改造类型": lambda n, one: {"C": ("C级维修加固", "修缮加固"), "D": ("D级拆除重建", "重建"), "JYS": ("交钥匙工程",) * 2}[
        one["category"]
    ][n % 2],
    "包保责任人": lambda *_: "周书记",
    "责任书号": lambda n, _: f"责{n}",
    "建设方式": lambda *_: "自建",
    "实际开工日期": lambda n, one: told(one["started"], n),
    "实际竣工日期": lambda n, one: told(one["completed"], n + 1),
    "竣工验收日期": lambda n, one: told(one["accepted"], n + 2),
    "补助标准（元）": lambda _, one: one["yuan"],
    "社会保障卡账号": lambda _, one: one["accounts"][0],
    "开户银行": lambda *_: "样例银行",
}  # fmt: skip


def told(day: str, number: int) -> Any:
    """A day up to the file's own, in one of the ways people write it."""
    if day > "2021-10-14":
        return None
    on = date.fromisoformat(day)
    return [day, f"{on.year}/{on.month}/{on.day}", f"{on.month}月{on.day}日", f"{on:%Y%m%d}", on][
        number % 5
    ]


def book(heads: list[str]) -> bytes:
    written = io.BytesIO()
    with xlsxwriter.Workbook(
        written, {"in_memory": True, "default_date_format": "yyyy-mm-dd"}
    ) as made:
        made.add_worksheet("封面").write(3, 2, "某市农村危房改造花名册")
        page = made.add_worksheet("明细")
        page.merge_range(0, 0, 0, len(heads) - 1, "某市农村危房改造花名册")
        page.write(1, 0, "填报单位：农房办　截止2021年10月14日　单位：户、元")
        page.write_row(2, 0, heads)
        for number, one in enumerate(HOUSES, 1):
            for column, head in enumerate(heads):
                cell = HEADS[head](number, one)
                if isinstance(cell, date):
                    page.write_datetime(
                        number + 2,
                        column,
                        datetime(cell.year, cell.month, cell.day),  # noqa: DTZ001
                    )
                elif cell is not None:
                    page.write(number + 2, column, cell)
        page.write(len(HOUSES) + 3, 0, "合计")
        page.write(len(HOUSES) + 3, 3, f"共{len(HOUSES)}户")
        page.write(len(HOUSES) + 5, 0, "制表人：　　审核人：")
    return written.getvalue()


def taken(desk: Desk, heads: list[str]) -> TakenFile:
    at = datetime.fromisoformat("2021-10-15T09:00:00+08:00")
    with desk.store.reading() as session:
        return preview(
            session,
            desk.enrolled,
            "roster",
            SentFile(name="名册.xlsx", content=book(heads)),
            keys=KEYS,
            at=at,
        )


@pytest.mark.parametrize("order", ["as they are", "turned round"])
def test_the_roster_of_another_bureau_is_read_whole(desk: Desk, order: str) -> None:
    heads = list(HEADS) if order == "as they are" else ["序号", *reversed(list(HEADS)[1:])]
    found = taken(desk, heads)
    assert [(one.kind, one.row) for one in found.taken.findings] == []
    assert len(found.rows) == len(HOUSES)
    days = {(mark.case, mark.what): mark.day for mark in found.taken.marks if mark.day}
    for one in HOUSES:
        for stage in ("started", "completed", "accepted"):
            expected = date.fromisoformat(one[stage]) if one[stage] <= "2021-10-14" else None
            assert days.get((one["case"], StageKey(stage))) == expected
    values = {(mark.case, mark.what): mark.value for mark in found.taken.marks}
    for one in HOUSES:
        assert values[one["case"], "method"] == one["category"]
        assert values[one["case"], "amount"] == str(one["yuan"] * 100)
        assert tuple(what for what in ("holder", "account") if (one["case"], what) in values) == (
            "holder",
            "account",
        )


def test_a_column_missing_leaves_the_rest(desk: Desk) -> None:
    found = taken(
        desk, [head for head in HEADS if head not in ("保障对象类别", "开户银行", "户主电话")]
    )
    assert {one.kind for one in found.taken.findings} == set()
