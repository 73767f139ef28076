"""What is not certain is asked back or passed over, whatever stands around it; what changes nothing
changes nothing.
"""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.domain.campaigns.campaign import CategoryKey
from bot.domain.figures.progress import Cell
from bot.domain.replies.reading import Incoming, Outcome, Reading, read
from bot.domain.replies.reading.numerals import chinese
from config.wording import templates
from tests.builders import COMPLETED, STARTED, at, day, rural_housing_2021, small_campaign

CAMPAIGN = rural_housing_2021()
TOWNSHIP = CAMPAIGN.townships[6].name  # 稻溪镇, 15 of 25
BEFORE: dict[Cell, Decimal] = {
    (TOWNSHIP, STARTED, None): Decimal(25),
    (TOWNSHIP, COMPLETED, None): Decimal(15),
    (TOWNSHIP, COMPLETED, CategoryKey("C")): Decimal(14),
    (TOWNSHIP, COMPLETED, CategoryKey("D")): Decimal(1),
    (TOWNSHIP, COMPLETED, CategoryKey("JYS")): Decimal(0),
}


def said(text: str, sender: str = "稻溪镇-谢") -> Reading:
    return read(
        CAMPAIGN,
        Incoming(id="1", text=text, sender=sender, at=at("10-29 12:00")),
        open_day=day("10-29"),
        late=False,
        before=BEFORE,
        today={},
        wording=templates.reading(),
    )


def completed(reading: Reading) -> Decimal | None:
    totals = [
        figure.value
        for figure in reading.figures
        if figure.stage == COMPLETED and figure.category is None
    ]
    return totals[0] if totals else None


@pytest.mark.parametrize(
    "text",
    [
        "稻溪镇今日已竣工2户",
        "稻溪镇累计竣工17户,其中3户已入住",
        "稻溪镇竣工17户，还有3户主体完工",
        "稻溪镇第17户竣工",
        "稻溪镇竣工约17户",
        "稻溪镇近17户竣工",
        "稻溪镇不到17户",
        "稻溪镇超过17户",
        "稻溪镇竣工17户多",
        "稻溪镇17户以上",
        "稻溪镇至少17户竣工",
        "昨天15户，今天17户",
        "本周竣工2户",
        "稻溪镇累计竣工①⑦户",
        "稻溪镇累计竣工l7户",
        "稻溪镇累计竣工1O户",
        "稻溪镇17-25",
        "累计竣工17户18户",
        "稻溪镇没有竣工17户",
        "稻溪镇累计竣工-17户",
        "稻溪镇累计竣工17.5户",
        "稻溪镇还没全部竣工",
        "稻溪镇尚未全部完成",
        "稻溪镇竣工率68",
        "稻溪镇累计竣工17户,完成率67%",
        "稻溪镇11月20日累计竣工17户",
        "10.28累计17",
        "稻溪镇去年竣工17户",
        "稻溪镇2020年累计竣工17户",
        "17",
        "+2",
        "报错了，不是17户",
        "松砚镇今日竣工2户",
        "稻溪镇今日检查5户",
        "稻溪镇累计走访17户",
        "稻溪镇通过17户",
        "今日有2户因雨停工",
        "稻溪镇返工2户，累计竣工17户",
        "稻溪镇无新增，累计16户",
        "稻溪镇C、D级竣工17户",
        "稻溪镇C级D级共竣工17户",
        "稻溪镇累计竣工26户",
        "稻溪镇17/26",
        "稻溪镇累计竣工14户",
        "石馨镇9户",
        "稻溪乡累计竣工17户",
        "稻溪镇竣工15-17户",
        "稻溪镇基本完成",
        "稻溪镇无",
        "稻溪镇累计竣工17户？",
    ],
)
def test_the_uncertain_is_asked_back(text: str) -> None:
    assert said(text).outcome is Outcome.ASK


@pytest.mark.parametrize(
    "text",
    [
        "收到",
        "👍",
        "[抱拳]",
        "稻溪镇什么时候能完？",
        "稻溪镇预计累计竣工17户",
        "把排名改成第一",
        "[图片]",
        "联系电话13900000107",
        "房号17",
        "稻溪镇力争全部竣工",
    ],
)
def test_what_is_no_report_is_passed_over(text: str) -> None:
    assert said(text) == Reading(outcome=Outcome.NONE)


@pytest.mark.parametrize(
    "text",
    [
        "稻溪镇累计竣工17户",
        "今日竣工2户",
        "还剩8户未竣工",
        "17/25",
        "完成率68%",
        "今天又改完俩户，累计17户",
        "稻溪镇：17户",
        "累计１７戶",
        "累计竣工壹拾柒户",
        "C级竣工15户，D级竣工2户，交钥匙0户，合计17户",
        "今日竣工2户（C级1户、D级1户）",
        "11月5日前全部竣工，目前累计竣工17户",
        "稻溪镇10月29日累计竣工17户",
    ],
)
def test_the_clear_is_taken(text: str) -> None:
    assert completed(said(text if "/" not in text else f"稻溪 {text}")) == 17


CLEAR = st.sampled_from(
    [
        "累计竣工17户",
        "今日竣工2户，累计17户，剩余8户",
        "稻溪镇竣工17/25",
        "还剩8户未竣工",
        "竣工率68%",
    ]
)


@given(
    CLEAR,
    st.sampled_from(["🙏", "[抱拳]", "，谢谢领导", "。请审阅。", "\u200b", " \u3000"]),
    st.booleans(),
)
def test_courtesy_emoji_width_and_spacing_change_nothing(
    text: str, around: str, full_width: bool
) -> None:
    shown = (
        "".join(chr(ord(sign) + 0xFEE0) if sign.isdigit() else sign for sign in text)
        if full_width
        else text
    )
    assert completed(said(shown + around)) == 17


@given(
    CLEAR,
    st.integers(0, 400).filter(lambda number: number not in {2, 8, 15, 17, 25, 68}),
    st.booleans(),
)
def test_an_unexplained_number_always_leads_to_asking(text: str, number: int, behind: bool) -> None:
    assert (
        said(f"{text}，{number}户" if behind else f"{number}户，{text}").outcome
        is not Outcome.ACCEPT
    )


@settings(max_examples=300)
@given(st.text(max_size=200), st.sampled_from(["稻溪镇-谢", "office", "谁"]))
def test_any_text_is_read_without_a_fault_and_a_stranger_is_never_believed(
    text: str, sender: str
) -> None:
    assert sender != "谁" or said(text, sender).outcome is not Outcome.ACCEPT


@pytest.mark.parametrize(
    "piece",
    ["9", "竣工", "（", "1 ", "十", "「", "1/2/", "稻溪镇", "竣工1户，", "- ", "[文件", "\0"],
)
def test_a_hundred_kilobytes_of_anything_is_no_trouble(piece: str) -> None:
    assert said(piece * (100_000 // len(piece))).outcome is not Outcome.ACCEPT


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("十七", 17),
        ("一十八", 18),
        ("廿四", 24),
        ("壹拾叁", 13),
        ("一百零五", 105),
        ("两千零二十", 2020),
        ("三万二千", 32000),
    ]
    + [(text, None) for text in ("两百三", "十十", "百", "一七", "十七八", "")],
)
def test_chinese_numerals_are_exact_or_nothing(text: str, value: int | None) -> None:
    assert chinese(text) == value


def test_another_campaign_reads_in_its_own_words() -> None:
    campaign = small_campaign({"甲溪镇": 500}, unit="亩", decimals=2)
    reading = read(
        campaign,
        Incoming(id="1", text="甲溪镇累计竣工432.85亩", sender="office", at=at("11-03 12:00")),
        open_day=day("11-03"),
        late=False,
        before={},
        today={},
        wording=templates.reading(),
    )
    assert [figure.value for figure in reading.figures] == [Decimal("432.85")]


@pytest.mark.parametrize(
    "text",
    [
        "17户在建",
        "基本完成，17户",
        "累计竣工17户吧，大概",
        "累计竣工17户？18户",
        "今日竣工2户2户",
        "今日竣工1户，今日竣工1户",
    ],
)
def test_a_doubt_beside_a_figure_spoils_it(text: str) -> None:
    assert said(text).outcome is Outcome.ASK


@pytest.mark.parametrize(
    "table",
    [
        "乡镇\t走访\n稻溪镇\t17",
        "乡镇\t计划竣工\n稻溪镇\t17",
        "乡镇\t昨日竣工\n稻溪镇\t15",
        "乡镇\t开工\t竣工率\n稻溪镇\t25\t17",
        "乡镇\t开工\t竣工占比\n稻溪镇\t25\t17",
        "乡镇\t开工\t竣工日期\n稻溪镇\t25\t17",
        "乡镇\t竣工\n稻溪镇\t17\n合计\t18",
    ],
)
def test_a_table_of_another_matter_or_with_a_wrong_sum_is_asked_back(table: str) -> None:
    assert said(table, "office").outcome is Outcome.ASK


def test_a_table_whose_sum_agrees_is_taken() -> None:
    assert completed(said("乡镇\t任务\t竣工\n稻溪镇\t25\t17\n合计\t25\t17", "office")) == 17


def test_a_slashed_date_before_a_count_is_the_open_day() -> None:
    assert completed(said("10/29累计竣工17")) == 17
