"""Tables as offices really have them: what is taken of each, what is refused with which reason,
what a person is told.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

import pytest

from bot.actions.replies.spreadsheet import NotTaken, Table, table_of
from bot.domain.campaigns.campaign import Campaign, Stage, StageKey
from bot.sheets.cells import Unreadable
from config.wording.faults import sentence_of
from tests.builders import SHANGHAI, rural_housing_2021
from tests.sheets.books import FILES

TODAY = date(2026, 11, 30)
SPAN = {"start": date(2026, 10, 15), "deadline": date(2026, 12, 31)}
HOUSING = rural_housing_2021(**SPAN)


def other(unit: str, *stages: tuple[str, ...], decimals: int = 0) -> Campaign:
    """A campaign of another trade; the words of its stages, the last of which is ranked."""
    made = tuple(
        Stage(
            key=StageKey(f"s{number}"), name=words[0], words=words, headline=number == len(stages)
        )
        for number, words in enumerate(stages, 1)
    )
    return rural_housing_2021(unit=unit, stages=made, decimals=decimals, categories=(), **SPAN)


LAND = other("亩", ("签约",), ("征地",), decimals=4)
TOILETS = other("座", ("开工",), ("完工", "竣工", "完成"))
INSURANCE = other("人", ("缴费", "参保"))
PLOUGHING = other("亩", ("深松", "完成"), decimals=4)


@dataclass(frozen=True)
class Right:
    """What stands in the table: rows as (line, township, cells), doubts as (line, sentence), notes,
    columns passed over.
    """

    rows: list[tuple[Any, ...]] = field(default_factory=list)
    doubts: list[tuple[int, str]] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    passed_over: list[str] = field(default_factory=list)
    campaign: Campaign = HOUSING
    sheet: str | None = None


def housing(*rows: tuple[Any, ...]) -> list[tuple[Any, ...]]:
    return [(line, name, {"开工": started, "竣工": done}) for line, name, started, done in rows]


THREE = housing((2, "稻溪镇", "25", "17"), (3, "云樟镇", "33", "18"), (4, "桐岗镇", "27", "24"))
TWO = THREE[:2]
UNCALCULATED = "是公式，文件里没有存下结果；请用Excel或WPS打开，保存一次再上传"

RIGHT = {
    "i04_old.xls": Right(THREE),
    "i05_html.xls": Right(THREE),
    "i06_html.xlsx": Right(THREE),
    "i07_title_footer.xlsx": Right(
        housing((4, "稻溪镇", "25", "17"), (5, "云樟镇", "33", "18")),
        notes=["第7行是表下的说明，略过", "第6行的合计核对无误"],
        passed_over=["序号", "备注"],
    ),
    "i07b_total_in_name.xlsx": Right(
        TWO, notes=["第5行是表下的说明，略过", "第4行的合计核对无误"], passed_over=["序号"]
    ),
    "i08_two_row_head.xlsx": Right(
        [
            (
                3,
                "稻溪镇",
                {
                    "任务数": "25",
                    "开工今日": "0",
                    "开工累计": "25",
                    "竣工今日": "17",
                    "竣工累计": "17",
                },
            ),
            (
                4,
                "云樟镇",
                {
                    "任务数": "33",
                    "开工今日": "0",
                    "开工累计": "33",
                    "竣工今日": "18",
                    "竣工累计": "18",
                },
            ),
        ],
        passed_over=["序号"],
    ),
    "i08b_two_row_same.xlsx": Right(
        [(3, "稻溪镇", {"竣工情况今日竣工": "17", "竣工情况累计竣工": "17"})]
    ),
    "i09_merged_town.xlsx": Right(
        [
            (
                2,
                "稻溪镇",
                {
                    "C级维修开工": "17",
                    "C级维修竣工": "14",
                    "D级重建开工": "4",
                    "D级重建竣工": "3",
                    "交钥匙开工": "4",
                    "交钥匙竣工": "0",
                },
            )
        ]
    ),
    "i10_padded.xlsx": Right(THREE),
    "i11_text_numbers.xlsx": Right(
        [*THREE, *housing((6, "石磬镇", "25", "9"))],
        doubts=[(5, "C5“15(+2)”里不止一个数；请只写一个")],
    ),
    "i12_dates.xlsx": Right(
        housing(
            (2, "稻溪镇", "25", "1"),
            (3, "云樟镇", "33", "1"),
            (4, "桐岗镇", "27", "1"),
            (5, "鹭汀镇", "26", "1"),
            (6, "石磬镇", "25", "1"),
            (7, "枫荻镇", "21", "1"),
            (9, "兰皋镇", "20", "1"),
        ),
        doubts=[(8, "D8“今日”不是确定的日期；请写成“11月3日”的样子")],
    ),
    "i14_units.xlsx": Right(
        [
            (2, "稻溪镇", {"任务数": "25", "累计开工": "25", "累计竣工": "17"}),
            (3, "云樟镇", {"任务数": "33", "累计开工": "33", "累计竣工": "18"}),
        ]
    ),
    "i14b_land_units.xlsx": Right(
        [
            (2, "石磬镇", {"任务": "318.27", "签约": "318.27", "累计征地": "316.24"}),
            (3, "桐岗镇", {"任务": "89.9625", "签约": "89.9625", "累计征地": "85.5"}),
        ],
        campaign=LAND,
    ),
    "i14e_toilet_units.xlsx": Right(
        [
            (2, "稻溪镇", {"任务数": "1560", "开工数": "1210", "完工数": "985"}),
            (3, "石磬镇", {"任务数": "13175", "开工数": "13000", "完工数": "12022"}),
        ],
        campaign=TOILETS,
    ),
    "i14f_people.xlsx": Right(
        [(2, "稻溪镇", {"任务数": "32145", "缴费人数": "21346"})],
        passed_over=["缴费率"],
        campaign=INSURANCE,
    ),
    "i15_total_first.xlsx": Right(
        housing((3, "稻溪镇", "25", "17"), (4, "云樟镇", "33", "18")), notes=["第2行的合计核对无误"]
    ),
    "i15b_total_spaced.xlsx": Right(TWO, notes=["第4行的合计核对无误"]),
    "i16_hidden.xlsx": Right(
        THREE, notes=["隐藏的行也读了：第3行", "隐藏的列，没有读：C 竣工旧"], passed_over=["竣工旧"]
    ),
    "i17_formula_nocache.xlsx": Right(
        doubts=[(2, f"E2{UNCALCULATED}"), (3, f"E3{UNCALCULATED}")], passed_over=["昨日"]
    ),
    "i17b_formula_nocache_one.xlsx": Right(TWO[1:], doubts=[(2, f"C2{UNCALCULATED}")]),
    "i18_second_sheet.xlsx": Right(THREE, notes=["另有工作表没有读：封面"], sheet="进度"),
    "i18b_hidden_first.xlsx": Right(THREE, sheet="今日"),
    "i21_tab.txt": Right(THREE),
    "i24b_villages.csv": Right(TWO[:1], notes=["分村的行没有收：第3、4行"]),
    "i25_errors.xlsx": Right(
        TWO[:1], doubts=[(3, "C3是错误值#REF!；请改正公式或直接填数")], passed_over=["完成率"]
    ),
    "i26_names.csv": Right(
        housing(
            (2, "稻溪镇", "25", "17"),
            (3, "云樟镇", "33", "18"),
            (4, "汀前街道", "2", "1"),
            (5, "梅砚街道", "5", "1"),
            (6, "苍峦林场", "9", "1"),
            (7, "桐岗镇", "27", "24"),
            (8, "鹭汀镇", "26", "15"),
        ),
        doubts=[(9, "名单里没有“石馨镇”，请写全名")],
    ),
    "i27_chongqing.xlsx": Right(
        [
            (4, "石磬镇", {"下达任务面积": "318.27", "累计完成面积": "316.24"}),
            (5, "桐岗镇", {"下达任务面积": "89.9625", "累计完成面积": "85.5"}),
        ],
        passed_over=["序号", "当月完成面积(亩)", "任务完成量占比(%)", "备注"],
        campaign=PLOUGHING,
    ),
    "i29_thousands.csv": Right(
        [
            (2, "石磬镇", {"任务数": "13175", "开工": "13000", "完工": "12022"}),
            (3, "稻溪镇", {"任务数": "1560", "开工": "1210", "完工": "985"}),
        ],
        campaign=TOILETS,
    ),
    "i29b_wan.csv": Right([(2, "石磬镇", {"开工": "13000", "完工": "12000"})], campaign=TOILETS),
    "i33_side_by_side.xlsx": Right(
        [
            *housing((2, "稻溪镇", "25", "17"), (2, "桐岗镇", "27", "24")),
            *housing((3, "云樟镇", "33", "18"), (3, "鹭汀镇", "26", "15")),
        ],
        passed_over=["序号"],
    ),
    "i36b_utf16.txt": Right(THREE),
    "i42_group_sub.csv": Right(
        [*TWO, *housing((5, "桐岗镇", "27", "24"))],
        passed_over=["片区"],
        notes=["第4、6、7行的合计核对无误"],
    ),
    "i43_phone.csv": Right(TWO[:1], passed_over=["联系人", "联系电话"]),
    "k01_date_float.xlsx": Right(
        doubts=[
            (2, "A2“11.3”可能是11月3日、11月30日；请写成“11月3日”的样子"),
            (3, "A3“11.2”可能是11月2日、11月20日；请写成“11月3日”的样子"),
        ]
    ),
    "k02_padded_names.xlsx": Right(THREE),
    "k03_all_formula.xlsx": Right(doubts=[(2, f"B2{UNCALCULATED}"), (3, f"B3{UNCALCULATED}")]),
    "k11_sheet2_more.xlsx": Right(TWO[:1], notes=["另有工作表没有读：续、续1"], sheet="Sheet"),
    "a01_three_head.xlsx": Right(
        [
            (
                5,
                "稻溪镇",
                {
                    "任务数": "25",
                    "工程进度开工今日": "0",
                    "工程进度开工累计": "25",
                    "工程进度竣工今日": "2",
                    "工程进度竣工累计": "17",
                },
            ),
            (
                6,
                "云樟镇",
                {
                    "任务数": "33",
                    "工程进度开工今日": "1",
                    "工程进度开工累计": "33",
                    "工程进度竣工今日": "1",
                    "工程进度竣工累计": "18",
                },
            ),
        ],
        notes=["第8行是表下的说明，略过", "第7行的合计核对无误"],
        passed_over=["序号", "备注"],
    ),
    "a02_lanci.xlsx": Right(
        [
            (3, "稻溪镇", {"任务数": "25", "开工": "25", "竣工": "17"}),
            (4, "云樟镇", {"任务数": "33", "开工": "33", "竣工": "18"}),
        ],
        notes=["第2行是栏次，略过", "第5行的合计核对无误"],
        passed_over=["序号", "竣工率"],
    ),
    "a03_lanci2.xlsx": Right(housing((3, "稻溪镇", "25", "17")), notes=["第2行是栏次，略过"]),
    "a04_sub_first.xlsx": Right(
        housing((4, "稻溪镇", "25", "17"), (5, "云樟镇", "33", "18"), (7, "桐岗镇", "27", "24")),
        notes=["第2、3、6行的合计核对无误"],
        passed_over=["片区"],
    ),
    "a05_total_formula.xlsx": Right(
        housing((2, "稻溪镇", "25", "17"), (3, "云樟镇", "33", "18")),
        notes=["合计B4读不出数，没有核对", "合计C4读不出数，没有核对"],
    ),
    "a06_total_wrong_bad_cell.xlsx": Right(
        housing((3, "云樟镇", "33", "18")),
        doubts=[(2, "C2“约15”不是确切的数；请写确切的数字")],
        notes=["合计C4没有核对：有的行读不出数"],
    ),
    "a07_side_gap.xlsx": Right(
        housing((3, "稻溪镇", "25", "17"), (3, "桐岗镇", "27", "24"), (4, "云樟镇", "33", "18")),
        notes=["第4行的合计核对无误"],
    ),
    "a09_head_day.xlsx": Right(
        [
            (2, "稻溪镇", {"累计竣工户数": "17"}, "2026年11月29日"),
            (3, "云樟镇", {"累计竣工户数": "18"}, "2026年11月29日"),
        ]
    ),
    "a10_title_day.xlsx": Right(
        housing((3, "稻溪镇", "25", "17")),
        notes=["表上方写的是11月29日，这里按11月30日收入；如是补报，请加一列“日期”"],
    ),
    "a11_merged_figure.xlsx": Right(
        [],
        doubts=[
            (2, "C2是几行合并的，分不清是哪一行的；请取消合并，每行各填"),
            (3, "C3是几行合并的，分不清是哪一行的；请取消合并，每行各填"),
        ],
    ),
    "a12_cat_total.xlsx": Right(
        [
            (
                2,
                "稻溪镇",
                {
                    "任务数": "25",
                    "开工": "25",
                    "竣工": "17",
                    "C级维修任务数": "17",
                    "C级维修开工": "17",
                    "C级维修竣工": "14",
                    "D级重建任务数": "4",
                    "D级重建开工": "4",
                    "D级重建竣工": "3",
                    "交钥匙任务数": "4",
                    "交钥匙开工": "4",
                    "交钥匙竣工": "0",
                },
            ),
            (
                6,
                "云樟镇",
                {
                    "任务数": "33",
                    "开工": "33",
                    "竣工": "18",
                    "C级维修任务数": "33",
                    "C级维修开工": "33",
                    "C级维修竣工": "18",
                },
            ),
        ],
        notes=["第8行的合计核对无误"],
    ),
    "a13_village_merged.xlsx": Right(
        housing((4, "稻溪镇", "25", "17")),
        doubts=[(5, "云樟镇只有分村的行，没有全镇的数；请加一行全镇合计")],
        notes=["分村的行没有收：第2、3行"],
    ),
    "a14_serial_empty.xlsx": Right(
        housing((2, "稻溪镇", "25", "17")), notes=["第3、4行没有内容，略过"], passed_over=["序号"]
    ),
    "a15_names2.xlsx": Right(
        [
            (2, "稻溪镇", {"竣工户数": "17"}),
            (3, "云樟镇", {"竣工户数": "18"}),
            (4, "桐岗镇", {"竣工户数": "24"}),
            (5, "汀前街道", {"竣工户数": "2"}),
            (6, "石磬镇", {"竣工户数": "9"}),
        ],
        doubts=[
            (7, "名单里没有“石磬镇、桐岗镇”，请写全名"),
            (8, "名单里没有“稻溪镇稻溪村”，请写全名"),
        ],
    ),
    "a16_numbers.xlsx": Right(
        [
            (3, "云樟镇", {"开工": "33", "竣工": "18"}),
            (6, "石磬镇", {"开工": "25", "竣工": "9"}),
            (7, "枫荻镇", {"竣工": "0"}),
        ],
        doubts=[
            (2, "B2“二十五”不是数字，请填阿拉伯数字"),
            (4, "B4“27/30”里不止一个数；请只写一个"),
            (5, "B5“26户(含2户)”里不止一个数；请只写一个"),
            (8, "B8“21.5”的小数多于0位"),
            (9, "B9“-1”小于零"),
            (10, "C10“无”不是数字，请填阿拉伯数字"),
        ],
    ),
    "a18_roster_and_figures.xlsx": Right(
        housing((2, "稻溪镇", "25", "17")), notes=["另有工作表没有读：名册"], sheet="进度"
    ),
    "a20_other_table.xlsx": Right(
        housing((2, "稻溪镇", "25", "17"), (3, "云樟镇", "33", "18")),
        notes=["第5行是表下的说明，略过", "第6行起是另一张表，没有读"],
    ),
    "a21_head_again.xlsx": Right(
        housing((2, "稻溪镇", "25", "17"), (4, "云樟镇", "33", "18")),
        notes=["第3行是重复的表头，略过"],
    ),
    "a22_far.xlsx": Right(housing((2, "稻溪镇", "25", "17"))),
    "a23_group_heading.xlsx": Right(
        housing((3, "稻溪镇", "25", "17"), (4, "云樟镇", "33", "18"), (6, "桐岗镇", "27", "24")),
        notes=["第2、5行只有文字，略过", "第7行的合计核对无误"],
    ),
    "a24_errors_total.xlsx": Right(
        housing((2, "稻溪镇", "25", "17"), (3, "云樟镇", "33", "18")),
        notes=["合计B4读不出数，没有核对"],
    ),
    "a25_date_merged.xlsx": Right(
        [
            (2, "稻溪镇", {"开工": "25", "竣工": "17"}, "2026年11月29日"),
            (3, "云樟镇", {"开工": "33", "竣工": "18"}, "2026年11月29日"),
            (4, "桐岗镇", {"开工": "27", "竣工": "24"}, "2026年11月28日"),
            (5, "鹭汀镇", {"开工": "26", "竣工": "15"}, "2026年11月27日"),
            (6, "石磬镇", {"开工": "25", "竣工": "9"}, "2026年11月24日"),
            (8, "松砚镇", {"开工": "1", "竣工": "1"}, "2026年11月9日"),
            (10, "汀前街道", {"开工": "1", "竣工": "1"}, "2026年11月29日"),
        ],
        doubts=[
            (7, "A7“2026年11月31日”没有这一天"),
            (9, "A9“29日”不是确定的日期；请写成“11月3日”的样子"),
        ],
    ),
    "a26_units_head.xlsx": Right(housing((3, "稻溪镇", "25", "17"))),
    "a27_unit_other.xlsx": Right(
        [(2, "稻溪镇", {"开工": "25"})], passed_over=["竣工(平方米)", "拨付资金(万元)"]
    ),
    "a28_rates.xlsx": Right(
        [(2, "稻溪镇", {"任务数": "25", "竣工": "17"})],
        passed_over=["竣工率(%)", "较上周增加", "全市排名"],
    ),
    "a29_whole_row_title_merge.xlsx": Right(
        [(5, "稻溪镇", {"任务户数": "25", "已开工户数": "25", "已竣工户数": "17"})],
        notes=["第7行是表下的说明，略过", "第6行的合计核对无误"],
    ),
    "b01_gbk.csv": Right(
        housing((3, "稻溪镇", "25", "17")), notes=["第5行是表下的说明，略过", "第4行的合计核对无误"]
    ),
    "b02_semicolon.csv": Right(housing((2, "稻溪镇", "25", "17"))),
    "b03_shift.csv": Right(
        housing((3, "稻溪镇", "25", "17")),
        doubts=[
            (2, "比表头多出几格，可能是数字里的逗号把格子隔开了；请改成.xlsx，或去掉数字里的逗号")
        ],
        passed_over=["D"],
    ),
    "b04_utf16be.txt": Right(housing((2, "稻溪镇", "25", "17"))),
    "b05_pipes.txt": Right(housing((2, "稻溪镇", "25", "17"))),
    "b06_spaces.txt": Right(housing((2, "稻溪镇", "25", "17"))),
    "b07_eq.csv": Right(housing((2, "稻溪镇", "25", "17"))),
    "b08_cjkcomma.csv": Right(housing((2, "稻溪镇", "25", "17"))),
    "b10_quotes.csv": Right(housing((2, "稻溪镇", "25", "17"))),
    "b11.xls": Right(housing((2, "稻溪镇", "25", "17"))),
    "b12.xls": Right(housing((2, "稻溪镇", "25", "17")), notes=["另有工作表没有读：2"], sheet="1"),
    "b14_trailing.csv": Right(
        housing((2, "稻溪镇", "25", "17"), (3, "云樟镇", "33", "18")), passed_over=["D"]
    ),
    "c01.xls": Right(
        [
            (2, "稻溪镇", {"开工": "25", "竣工": "17"}, "2026年11月29日"),
            (4, "桐岗镇", {"开工": "27", "竣工": "24"}),
            (5, "石磬镇", {"开工": "25", "竣工": "9"}),
        ],
        doubts=[(3, "C3是公式，文件里没有存下结果；请用Excel或WPS打开，保存一次再上传")],
        notes=["隐藏的行也读了：第4行", "隐藏的列也读了：B 开工"],
        sheet="表",
    ),
    "c02_hidden_sheet.xls": Right(housing((2, "稻溪镇", "25", "17")), sheet="表"),
    "c04_error.xls": Right(
        housing((3, "云樟镇", "33", "18")),
        doubts=[
            (2, "C2是错误值#REF!；请改正公式或直接填数"),
            (4, "C4“TRUE”不是数字，请填阿拉伯数字"),
        ],
        passed_over=["竣工率"],
        sheet="进度",
    ),
}
REFUSED = {
    "a08_side_diff.xlsx": "side_by_side",
    "a17_two_fit.xlsx": "several_sheets",
    "a19_only_hidden.xlsx": "hidden_sheet",
    "a30_cross_day.xlsx": "no_figures",
    "b13_xml2003.xls": "no_columns",
    "c03_far.xls": "far",
    "heads.txt": "no_head",
    "k06_total_serial_wrong.xlsx": "sum",
    "two_sheets.xlsx": "several_sheets",
}


def read(file: str, campaign: Campaign = HOUSING) -> Table:
    at = datetime(2026, 11, 30, 12, tzinfo=SHANGHAI)
    content = (FILES / "import" / file).read_bytes()
    return table_of(campaign, content, at=at, open_day=TODAY, mark="m")


def rows(table: Table) -> list[tuple[Any, ...]]:
    found = []
    for message in table.chat.messages:
        *above, head, row = (line.split("\t") for line in message.text.split("\n"))
        cells = dict(zip(head[1:], row[1:], strict=True))
        found.append(
            (message.line, row[0], cells)
            if not above
            else (message.line, row[0], cells, above[0][0])
        )
    return found


@pytest.mark.parametrize("file", RIGHT)
def test_a_table_is_read_as_a_careful_clerk_reads_it(file: str) -> None:
    right = RIGHT[file]
    table = read(file, right.campaign)
    assert rows(table) == right.rows
    told = [
        (doubt.line, sentence_of(doubt.code, doubt.facts).chinese()) for doubt in table.chat.doubts
    ]
    assert told == right.doubts
    assert [note.chinese() for note in table.notes] == right.notes
    assert list(table.passed_over) == right.passed_over
    assert right.sheet in {None, table.sheet}


@pytest.mark.parametrize(("file", "code"), REFUSED.items())
def test_a_table_that_cannot_be_right_is_refused(file: str, code: str) -> None:
    with pytest.raises((NotTaken, Unreadable)) as refused:
        read(file)
    assert refused.value.args[0] == code or getattr(refused.value, "why", "") == code


def test_every_file_has_its_right_result() -> None:
    assert {path.name for path in (FILES / "import").iterdir()} == {*RIGHT, *REFUSED}
