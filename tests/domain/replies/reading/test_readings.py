"""No report is passed over in silence, and an unknown word lets nothing through but what two
equations tie down (rule 11).
"""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.domain.replies.reading import Outcome
from bot.domain.replies.reading.explain import explain
from bot.domain.replies.reading.model import Incoming
from config.wording import templates
from tests.builders import at, day
from tests.domain.replies.reading.test_never_guessing import BEFORE, CAMPAIGN, completed, said

UNKNOWN = st.sampled_from(
    [
        "瓜田",
        "囍字",
        "低保户",
        "大岭片",
        "水电",
        "样板房外墙",
        "五保",
        "锣鼓",
        "雨棚",
        "猪圈",
        "疫情",
        "厕所",
        "资料",
        "路灯",
    ]
)
SAYS = st.sampled_from(
    [
        "17户",
        "竣工17户",
        "累计竣工17户",
        "累计17",
        "剩余8户",
        "17/25",
        "竣工率68%",
        "全部竣工",
        "已全部完工",
        "无新增",
        "零报告",
        "新增2户",
        "+2户",
        "今日竣工2户",
    ]
)
WORD_OF_THE_CAMPAIGN = st.sampled_from(["竣工", "稻溪镇", "危改", "C级", "开工", "农房"])


@settings(max_examples=300)
@given(UNKNOWN, SAYS, WORD_OF_THE_CAMPAIGN, st.booleans())
def test_an_unknown_word_beside_what_is_said_is_asked_about(
    word: str, says: str, own: str, before: bool
) -> None:
    text = f"{own}{word}{says}" if before else f"{own}{says}{word}"
    assert said(text).outcome is Outcome.ASK


@settings(max_examples=300)
@given(
    st.lists(st.sampled_from(["稻溪镇", "危改", "竣工", "累计", "今日", "17户", "2户", "（17）户", "全部竣工", "零报告", "无新增", "，", "。", "\n", "瓜田", "全市排名第5", "昨天忘记报了", "按通报要求", "机器人你好", "撤回重发", "[图片]", "收到"]), min_size=1, max_size=7)
)  # fmt: skip
def test_a_number_beside_a_word_of_the_campaign_is_never_passed_over(pieces: list[str]) -> None:
    text = "".join(pieces)
    clauses = text.replace("。", "，").replace("\n", "，").split("，")
    numbered = any(
        ("户" in clause or "全部" in clause) and ("竣工" in clause or "累计" in clause)
        for clause in clauses
    )
    assert said(text).outcome is not Outcome.NONE or not numbered


@pytest.mark.parametrize(
    "text",
    [
        "今日竣工（2）户，累计竣工（17）户",
        "累计17户，全市排名第5",
        "昨天忘记报了，累计17户",
        "稻溪镇累计竣工17户，按全市通报要求抓紧推进",
        "机器人你好，累计竣工17户",
        "竣工17栋",
        "尚未开工",
        "竣工户已全部拨款",
        "交钥匙2把",
        "大岭村8号竣工",
    ],
)
def test_a_report_is_accepted_or_asked_about(text: str) -> None:
    assert said(text).outcome is not Outcome.NONE


@pytest.mark.parametrize(
    "text",
    [
        "大岭村，已全部竣工",
        "大岭村：已全部竣工",
        "17户（不含大岭村）",
        "17户 不是",
        "不 17户",
        "核实17户",
        "停电17户",
        "自查17户，资料齐全",
        "计划2户，完成2户",
        "今晚竣工2户",
        "圆满完成任务",
        "其余17户竣工",
        "办理竣工17户",
        "推动竣工17户",
        "3个村已全部竣工",
        "今日没有",
        "3栋全部竣工",
        "还没有一户竣工",
    ],
)
def test_what_may_be_about_something_else_or_is_denied_is_asked_about(text: str) -> None:
    assert said(text).outcome is Outcome.ASK


CORROBORATED = "瓜田边今日竣工{0}户累计竣工{1}户剩余{2}户"


def test_two_equations_lift_an_unknown_word_and_one_does_not() -> None:
    assert completed(said(CORROBORATED.format(2, 17, 8))) == 17
    assert said("瓜田边今日竣工2户累计竣工17户").outcome is Outcome.ASK


@given(st.tuples(*[st.integers(0, 30)] * 3))
def test_a_corroborated_message_with_any_other_number_is_not_accepted(
    numbers: tuple[int, int, int],
) -> None:
    more, total, rest = numbers
    agrees = 15 + more == total and 25 - rest == total
    assert (said(CORROBORATED.format(*numbers)).outcome is Outcome.ACCEPT) == agrees


def test_the_equations_are_told() -> None:
    told = explain(
        CAMPAIGN,
        Incoming(
            id="1", text=CORROBORATED.format(2, 17, 8), sender="稻溪镇-谢", at=at("10-29 12:00")
        ),
        open_day=day("10-29"),
        late=False,
        before=BEFORE,
        today={},
        wording=templates.reading(),
    )
    assert {"等式：15+2=17", "等式：25-8=17"} <= set(told.said)


def test_the_question_names_the_word_it_stumbled_on() -> None:
    question = said("低保户竣工17户").asked[0].question
    assert "“低保”" in question


def test_a_row_of_the_office_does_not_disappear() -> None:
    reading = said("稻溪镇：累计17户\n云樟镇：领导在开会\n桐岗镇：瓜田24户", "office")
    assert completed(reading) == 17
    assert {doubt.township for doubt in reading.asked} == {"云樟镇", "桐岗镇"}
