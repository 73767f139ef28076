"""The clerk's own table becomes townships; whatever is wrong with it is told by row and column."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
import xlsxwriter  # type: ignore[import-untyped]

from config.campaign_file.loader import (
    CampaignRefused,
    LoadedCampaign,
    campaign_from_content,
    load_campaign,
)
from jobs import JOBS
from tests.config.test_campaign_file import PLATFORMS, SOUND, told_in_chinese

HEAD = ["乡镇", "简称", "分组", "联络员", "群昵称", "电话", "任务数", "新建", "B"]
ROWS = [
    ["甲溪镇", "甲溪", "川区", "赵某", "甲溪镇-赵", "13900000101", "30", "10", "20"],
    ["乙山乡", "乙山、乙山头", "山区", "钱某", "乙山乡-钱", "", "12", "12", ""],
]
WITHOUT_TOWNSHIPS = SOUND[: SOUND.index("[[townships]]")]


def campaign(folder: Path, name: str) -> Path:
    path = folder / "toilets.toml"
    path.write_text(f'{WITHOUT_TOWNSHIPS}\n[roster]\nfile = "{name}"\n', encoding="utf-8")
    return path


def load_csv(
    folder: Path, *rows: list[str], encoding: str = "utf-8", head: list[str] = HEAD
) -> LoadedCampaign:
    text = "\r\n".join(",".join(row) for row in [head, *(rows or ROWS)])
    (folder / "t.csv").write_bytes(text.encode(encoding))
    return load_campaign(campaign(folder, "t.csv"), platforms=PLATFORMS, jobs=JOBS)


def load_sheet(folder: Path, rows: list[list[Any]]) -> LoadedCampaign:
    with xlsxwriter.Workbook(folder / "t.xlsx") as book:
        sheet = book.add_worksheet("乡镇")
        for number, row in enumerate(rows):
            sheet.write_row(number, 0, row)
    return load_campaign(campaign(folder, "t.xlsx"), platforms=PLATFORMS, jobs=JOBS)


def told(folder: Path, *rows: list[str], head: list[str] = HEAD) -> list[str]:
    with pytest.raises(CampaignRefused) as refused:
        load_csv(folder, *rows, head=head)
    assert all(map(told_in_chinese, refused.value.faults))
    return [str(fault) for fault in refused.value.faults]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gbk", "gb18030"])
def test_a_csv_is_read_in_the_encodings_excel_writes(tmp_path: Path, encoding: str) -> None:
    first, second = load_csv(tmp_path, encoding=encoding).campaign.townships
    assert (first.name, first.aliases, first.ranking_group, first.target) == (
        "甲溪镇",
        ("甲溪",),
        "川区",
        Decimal(30),
    )
    assert first.targets == {"A": Decimal(10), "B": Decimal(20)}
    assert (first.contacts[0].name, first.contacts[0].nick, first.contacts[0].phone) == (
        "赵某",
        "甲溪镇-赵",
        "13900000101",
    )
    assert (second.aliases, second.targets) == (("乙山", "乙山头"), {"A": Decimal(12)})
    assert second.contacts[0].phone is None


def test_an_excel_file_gives_the_same_campaign_as_a_csv(tmp_path: Path) -> None:
    rows: list[list[Any]] = [["全县户厕改造任务分解表"], HEAD]
    for row in ROWS:
        rows.append(
            [*row[:5], float(row[5]) if row[5] else None, *(float(cell or 0) for cell in row[6:])]
        )
    rows[-1][-1] = None
    from_sheet = load_sheet(tmp_path, rows)
    assert from_sheet.digest == load_csv(tmp_path).digest
    assert campaign_from_content(from_sheet.content, JOBS) == from_sheet.campaign


def test_a_roster_and_townships_written_out_have_one_digest(tmp_path: Path) -> None:
    rows = [[*row[:1], row[1].partition("、")[0], "", *row[3:5], "", *row[6:]] for row in ROWS]
    written = SOUND.replace(', phone = "13900000101"', "")
    path = tmp_path / "written.toml"
    path.write_text(written, encoding="utf-8")
    assert (
        load_csv(tmp_path, *rows).digest
        == load_campaign(path, platforms=PLATFORMS, jobs=JOBS).digest
    )


def test_a_changed_roster_changes_the_digest(tmp_path: Path) -> None:
    changed = [ROWS[0], [*ROWS[1][:6], "13", "13", ""]]
    assert load_csv(tmp_path).digest != load_csv(tmp_path, *changed).digest


def test_what_excel_shows_is_what_is_read(tmp_path: Path) -> None:
    path = campaign(tmp_path, "t.xlsx")
    with_decimals = path.read_text(encoding="utf-8").replace(
        'unit = "座"', 'unit = "亩"\ndecimals = 2'
    )
    with xlsxwriter.Workbook(tmp_path / "t.xlsx") as book:
        sheet = book.add_worksheet()
        sheet.write_row(0, 0, ["乡镇", "任务数"])
        sheet.write_row(1, 0, ["甲溪镇", 0.1 + 0.2])
    path.write_text(with_decimals, encoding="utf-8")
    (only,) = load_campaign(path, platforms=PLATFORMS, jobs=JOBS).campaign.townships
    assert only.target == Decimal("0.3")


def test_heads_are_known_in_english_with_units_and_with_blanks_and_unneeded_columns_are_passed_over(
    tmp_path: Path,
) -> None:
    head = [
        "序号",
        "township",
        "aliases",
        "联 络 员",
        "nick",
        "phone",
        "任务数（座）",
        "新建任务数",
        "target_B",
        "备注",
    ]
    rows = [["1", "甲溪镇", "甲溪", "赵某", "甲溪镇-赵", "", "30", "10", "20", "重点"]]
    (only,) = load_csv(tmp_path, *rows, head=head).campaign.townships
    assert (only.target, only.contacts[0].name) == (Decimal(30), "赵某")
    assert only.targets == {"A": Decimal(10), "B": Decimal(20)}


def test_a_row_of_totals_is_checked_and_left_out(tmp_path: Path) -> None:
    total = ["合计", "", "", "", "", "", "42", "22", "20"]
    assert len(load_csv(tmp_path, *ROWS, total).campaign.townships) == 2
    total[6:8] = ["43", "21"]
    assert told(tmp_path, *ROWS, total) == [
        "t.csv: row 4, column 任务数 = 43: must be 42, the sum of its rows",
        "t.csv: row 4, column 新建 = 21: must be 22, the sum of its rows",
    ]


def test_several_contacts_stand_in_one_row(tmp_path: Path) -> None:
    row = ["甲溪镇", "", "", "赵某、李某", "甲溪镇-赵、甲溪镇-李", "", "1", "1", ""]
    (only,) = load_csv(tmp_path, row).campaign.townships
    assert [(contact.name, contact.nick) for contact in only.contacts] == [
        ("赵某", "甲溪镇-赵"),
        ("李某", "甲溪镇-李"),
    ]
    row[4] = "甲溪镇-赵"
    assert told(tmp_path, row) == [
        "t.csv: row 2: 联络员, 群昵称 must name equally many people, set apart by 、"
    ]


def changed(row: int, column: str, value: str) -> list[list[str]]:
    rows = [list(cells) for cells in ROWS]
    rows[row - 2][HEAD.index(column)] = value
    return rows


@pytest.mark.parametrize(
    ("rows", "sentence"),
    [
        (changed(2, "任务数", "三十"), 't.csv: row 2, column 任务数 = "三十": must be a number'),
        (changed(3, "新建", "nan"), 't.csv: row 3, column 新建 = "nan": must be a number'),
        (changed(2, "任务数", "-30"), "t.csv: row 2, column 任务数 = -30: must be at least 0"),
        (
            changed(2, "任务数", "31"),
            "t.csv: row 2, column 任务数 = 31: must be 30, the sum of the targets of 甲溪镇 by category",
        ),
        (
            changed(3, "乡镇", ""),
            "t.csv: row 3, column 乡镇: must be there: the name of the township",
        ),
        (
            changed(3, "乡镇", "甲溪镇"),
            't.csv: row 3, column 乡镇 = "甲溪镇": is already the name of row 2',
        ),
        (changed(3, "简称", "甲溪"), 't.csv: row 3, column 简称 = "甲溪": already means 甲溪镇'),
        (
            changed(3, "群昵称", "甲溪镇-赵"),
            't.csv: row 3, column 群昵称 = "甲溪镇-赵": is already the nick of a contact of 甲溪镇',
        ),
        (
            changed(2, "电话", "139****0101"),
            "t.csv: row 2, column 电话 = (hidden): must be a whole telephone number; leave it out if it is not known whole",
        ),
        (
            [[*ROWS[0], "5"]],
            "t.csv: row 2: has more cells than the head; a comma within a number needs quotation marks",
        ),
        (
            [["甲溪镇", "甲溪"]],
            "t.csv: row 2, column 任务数: must be there: the task number of 甲溪镇, 0 if it has no task",
        ),
        ([["", ""]], "t.csv: file: names no township"),
    ],
)
def test_each_fault_of_a_row_is_told_by_row_and_column(
    tmp_path: Path, rows: list[list[str]], sentence: str
) -> None:
    assert told(tmp_path, *rows) == [sentence]


def test_faults_of_the_roster_and_of_the_file_are_told_together(tmp_path: Path) -> None:
    rows = changed(2, "任务数", "x")
    rows[1][1] = "甲溪镇"
    path = campaign(tmp_path, "t.csv")
    path.write_text(path.read_text(encoding="utf-8").replace('area = "全县"', ""), encoding="utf-8")
    (tmp_path / "t.csv").write_text(
        "\n".join(",".join(row) for row in [HEAD, *rows]), encoding="utf-8"
    )
    with pytest.raises(CampaignRefused) as refused:
        load_campaign(path, platforms=PLATFORMS, jobs=JOBS)
    assert [(fault.file, fault.place) for fault in refused.value.faults] == [
        ("t.csv", "row 2, column 任务数"),
        ("toilets.toml", "area"),
        ("t.csv", "row 3, column 简称"),
    ]


@pytest.mark.parametrize(
    ("head", "sentence"),
    [
        (
            ["乡镇", "人口", "竣工数"],
            "row 1: has no column 任务数; columns that were not read: 人口, 竣工数",
        ),
        (["乡镇", "任务量", "备注"], "did you mean 任务数?"),
        (["乡镇", "任务数", "任务数（座）"], '"任务数(座)": means the same as column 任务数'),
        (["名字", "任务数"], "no row of it is the head of such a table: it must have 乡镇"),
    ],
)
def test_a_head_that_cannot_be_understood_is_told(
    tmp_path: Path, head: list[str], sentence: str
) -> None:
    (fault,) = told(tmp_path, ["甲溪镇", "30", ""], head=head)
    assert sentence in fault


@pytest.mark.parametrize(
    ("name", "content", "sentence"),
    [
        ("t.csv", b"", "it is empty"),
        ("t.csv", b"\x81\xff\xff\x00", "no text in UTF-8, UTF-16 or GBK"),
        ("t.csv", b'a,"' + b"x" * 1_100_000, "no table that is known"),
        ("t.xlsx", b"", "it is empty"),
        ("t.xlsx", b"PK\x03\x04 cut off", "it is damaged"),
        ("t.xls", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1 cut off", "it is damaged"),
        ("t.xlsx", None, "is not there; it is looked for beside the campaign file"),
        ("t.csv", None, "is not there; it is looked for beside the campaign file"),
    ],
)
def test_a_damaged_or_missing_roster_is_told_in_one_sentence(
    tmp_path: Path, name: str, content: bytes | None, sentence: str
) -> None:
    if content is not None:
        (tmp_path / name).write_bytes(content)
    with pytest.raises(CampaignRefused) as refused:
        load_campaign(campaign(tmp_path, name), platforms=PLATFORMS, jobs=JOBS)
    (fault,) = refused.value.faults
    assert (fault.file, fault.place) == (name, "file")
    assert sentence in fault.allowed
    assert told_in_chinese(fault)


def test_a_truncated_workbook_is_refused_wherever_it_ends(tmp_path: Path) -> None:
    load_sheet(tmp_path, [HEAD, *ROWS])
    whole = (tmp_path / "t.xlsx").read_bytes()
    for length in range(0, len(whole), 1_009):
        (tmp_path / "t.xlsx").write_bytes(whole[:length])
        with pytest.raises(CampaignRefused, match=r"it is (empty|damaged)"):
            load_campaign(tmp_path / "toilets.toml", platforms=PLATFORMS, jobs=JOBS)


def test_a_cell_of_another_kind_than_a_number_is_told(tmp_path: Path) -> None:
    with pytest.raises(CampaignRefused, match="row 2, column 任务数"):
        load_sheet(tmp_path, [["乡镇", "任务数"], ["甲溪镇", True]])
    with xlsxwriter.Workbook(tmp_path / "t.xlsx") as book:
        sheet = book.add_worksheet()
        sheet.write_row(0, 0, ["乡镇", "任务数"])
        sheet.write(1, 0, "甲溪镇")
        sheet.write_datetime(1, 1, date(2022, 3, 1), book.add_format({"num_format": "yyyy-mm-dd"}))
    with pytest.raises(CampaignRefused, match="row 2, column 任务数"):
        load_campaign(tmp_path / "toilets.toml", platforms=PLATFORMS, jobs=JOBS)
