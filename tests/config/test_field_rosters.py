"""Rosters as offices really have them: each loads as a careful clerk reads it, or is refused with
the cell and what to do.
"""

from __future__ import annotations

import io
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

import pytest
import xlsxwriter  # type: ignore[import-untyped]

from config.campaign_file.loader import heads_of_baselines
from config.campaign_file.roster import read_roster
from tests.sheets.books import FILES, csv_of, xlsx_of

CATEGORIES = {"C级": "C", "C级维修": "C", "D级": "D"}


def town(
    name: str, target: int, *contacts: tuple[str, ...], alias: str = "", **others: Any
) -> dict[str, Any]:
    people = [dict(zip(("name", "nick", "phone"), contact, strict=False)) for contact in contacts]
    facts = {
        "name": name,
        "aliases": [alias or name[:2]],
        "target": Decimal(target),
        "targets": {},
        **others,
    }
    return {**facts, "contacts": people} if people else facts


XIE, ZHONG = ("谢某", "稻溪镇-谢", "13900000107"), ("钟某", "云樟镇-钟", "13900000108")
LI = ("李某", "稻溪镇-李", "13900000109")
DAOXI, YUNZHANG = town("稻溪镇", 25, XIE), town("云樟镇", 33, ZHONG)
BOTH = [DAOXI, YUNZHANG]


@dataclass(frozen=True)
class Right:
    """The townships of a roster, its faults as (place, sentence), what is told of it besides."""

    townships: list[dict[str, Any]] = field(default_factory=list)
    faults: list[tuple[str, str]] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)


RIGHT = {
    "r04_title_merged.xlsx": Right(BOTH),
    "r05_old.xls": Right(BOTH),
    "r06_phone_number.xlsx": Right(BOTH),
    "r07_two_phones.csv": Right(
        [DAOXI, town("云樟镇", 33, ("钟某", "云樟镇-钟", "139 0000 0108"))],
        notes=["第2行有几个号码，只收其中的手机号"],
    ),
    "r08_padded.csv": Right(BOTH),
    "r09_two_row_head.xlsx": Right([DAOXI]),
    "r10_more_columns.csv": Right([DAOXI], notes=["没有读的列：分管领导、职务"]),
    "r12_total_first.xlsx": Right(BOTH),
    "r13_group_merged.xlsx": Right(
        [
            town("稻溪镇", 25, XIE[:2], ranking_group="东片"),
            town("云樟镇", 33, ZHONG[:2], ranking_group="东片"),
        ]
    ),
    "r18_0.csv": Right([town("稻溪镇", 25, XIE[:2])]),
    "r18_1.csv": Right([town("稻溪镇", 25, XIE[:2])]),
    "r20_newline_contacts.csv": Right([town("稻溪镇", 25, XIE, LI)]),
    "r22_comma_contacts.csv": Right([town("稻溪镇", 25, XIE, LI)]),
    "r26_no_nick.csv": Right(
        [
            town("稻溪镇", 25, ("谢某", "谢某", "13900000107")),
            {**town("云樟镇", 33), "contacts": []},
        ],
        faults=[
            (
                "row 3, column 联络员",
                "与稻溪镇的联络员同名；请加一列“群昵称”，写各人在工作群里显示的昵称",
            )
        ],
    ),
    "r27_formula.xlsx": Right(
        [{**DAOXI, "target": Decimal(0)}, YUNZHANG],
        faults=[
            (
                "row 2, column 任务数",
                "G2是公式，文件里没有存下结果；请用Excel或WPS打开，保存一次再上传",
            )
        ],
    ),
    "r28_second_sheet.xlsx": Right(BOTH, notes=["读的是工作表“名册”", "另有工作表没有读：说明"]),
    "r50_leader_and_contact.xlsx": Right(
        [
            town(
                "稻溪镇",
                25,
                ("谢某", "稻溪镇-谢", "13900000107"),
                targets={"C": Decimal(17), "D": Decimal(8)},
            )
        ],
        notes=["没有读的列：分管领导·姓名、分管领导·电话"],
    ),
    "r51_two_phone_cols.xlsx": Right(
        [town("稻溪镇", 25, ("谢某", "谢某", "13900000001"))],
        faults=[("row 1, column 5", "与“电话”列是一个意思，只留一列")],
        notes=["没有读的列：分管领导、电话"],
    ),
    "r52_contact_rows.xlsx": Right(
        [
            town(
                "稻溪镇",
                25,
                ("谢某", "稻溪镇-谢", "13900000107"),
                ("李某", "稻溪镇-李", "13900000109"),
            ),
            town("云樟镇", 33, ("钟某", "云樟镇-钟", "13900000108")),
        ]
    ),
    "r54_footer.xlsx": Right(
        [town("稻溪镇", 25, ("谢某", "谢某")), town("云樟镇", 33, ("钟某", "钟某"))]
    ),
    "r56_nick_slash.xlsx": Right([town("稻溪镇", 25, ("谢某", "稻溪镇/谢某"))]),
    "r57_phones_blank.xlsx": Right(
        [
            town(
                "稻溪镇",
                25,
                ("谢某", "稻溪镇-谢", "13900000107"),
                ("李某", "稻溪镇-李", "13900000109"),
            ),
            town("云樟镇", 33, ("钟某", "云樟镇-钟", "+86 139-0000-0108")),
            town("桐岗镇", 27, ("王某", "桐岗-王")),
            town("石磬镇", 9),
        ],
        faults=[
            ("row 5, column 电话", "D5“13900000000”已经丢了后几位；请把单元格设为文本，重新填写")
        ],
    ),
    "r60_total_bad.xlsx": Right(
        [
            town("稻溪镇", 25, targets={"C": Decimal(17), "D": Decimal(8)}),
            town("云樟镇", 33, targets={"C": Decimal(30), "D": Decimal(3)}),
        ],
        faults=[("row 4, column 任务数", "应为58，即各行之和")],
    ),
    "r61_numbered.xlsx": Right(
        [
            town("稻溪镇", 25, ("谢某", "谢某", "13900000107")),
            town("云樟镇", 33, ("钟某", "钟某", "13900000108")),
        ]
    ),
    "r62_side.xlsx": Right([town("稻溪镇", 25), town("桐岗镇", 27), town("云樟镇", 33)]),
}


@pytest.mark.parametrize("file", RIGHT)
def test_a_roster_is_read_as_a_careful_clerk_reads_it(file: str) -> None:
    right = RIGHT[file]
    roster = read_roster(file, (FILES / "rosters" / file).read_bytes(), CATEGORIES)
    assert roster.townships == right.townships
    assert [(fault.place, fault.told.chinese()) for fault in roster.faults] == right.faults
    assert [note.chinese() for note in roster.notes] == right.notes


def test_every_file_has_its_right_result() -> None:
    assert {path.name for path in (FILES / "rosters").iterdir()} == RIGHT.keys()


def faults(content: bytes) -> list[tuple[str, str]]:
    return [(one.place, one.told.chinese()) for one in read_roster("a", content, CATEGORIES).faults]


def test_a_phone_that_has_lost_its_digits_is_refused() -> None:
    content = csv_of(["乡镇", "联络员", "电话", "任务数"], ["稻溪镇", "谢某", "1.39E+10", "25"])
    assert faults(content) == [
        ("row 2, column 电话", "C2“1.39E+10”已经丢了后几位；请把单元格设为文本，重新填写")
    ]


def test_a_short_name_is_given_only_where_no_other_township_could_be_meant() -> None:
    rows = [
        ["乡镇", "简称", "任务数"],
        ["城关镇", "", "1"],
        ["城关乡", "", "1"],
        ["大岭乡", "", "1"],
        ["石镇", "", "1"],
    ]
    roster = read_roster("a", csv_of(*rows), {})
    assert [one["aliases"] for one in roster.townships] == [[], [], ["大岭"], []]


def test_targets_by_category_stand_under_one_head() -> None:
    rows = [
        ["乡镇", "任务数", "", ""],
        ["", "合计", "C级", "D级"],
        ["稻溪镇", 25, 17, 8],
        ["合计", 25, 17, 8],
    ]
    roster = read_roster("a", xlsx_of(*rows), CATEGORIES)
    assert roster.faults == []
    assert [(one["target"], one["targets"]) for one in roster.townships] == [
        (Decimal(25), {"C": Decimal(17), "D": Decimal(8)})
    ]


def test_what_stood_at_the_start_stands_in_columns_of_its_own() -> None:
    raw = {
        "stages": [
            {"key": "started", "name": "开工", "words": ["动工"]},
            {"key": "completed", "name": "竣工", "words": ["完工"], "headline": True},
        ],
        "categories": [{"key": "C", "name": "C级维修", "words": ["C级"]}],
    }
    rows = [
        ["乡镇", "C级", "任务数", "动工起报数", "起报数", "C级起报数"],
        ["稻溪镇", 25, 25, 20, 12, 12],
        ["云樟镇", 3, 3, "", "", ""],
        ["合计", 28, 28, 20, 12, 12],
    ]
    roster = read_roster("a", xlsx_of(*rows), {"C级维修": "C", "C级": "C"}, heads_of_baselines(raw))
    assert roster.faults == []
    first, second = roster.townships
    assert first["baseline"] == {"started": Decimal(20), "completed": Decimal(12)}
    assert first["baselines"] == {"completed": {"C": Decimal(12)}}
    assert "baseline" not in second


def test_a_line_that_a_comma_has_moved_is_not_taken() -> None:
    content = "乡镇,任务数,联络员\n石磬镇,13,175,邱某\n稻溪镇,25,谢某\n".encode()
    assert [place for place, _ in faults(content)] == ["row 2"]
    assert [one["name"] for one in read_roster("a", content, {}).townships] == ["稻溪镇"]


def test_a_task_number_that_several_rows_share_is_asked() -> None:

    written = io.BytesIO()
    with xlsxwriter.Workbook(written, {"in_memory": True}) as book:
        sheet = book.add_worksheet()
        for number, row in enumerate([["乡镇", "任务数"], ["稻溪镇"], ["云樟镇"]]):
            sheet.write_row(number, 0, row)
        sheet.merge_range("B2:B3", 58)
    assert [place for place, _ in faults(written.getvalue())] == [
        "row 2, column 任务数",
        "row 3, column 任务数",
    ]
