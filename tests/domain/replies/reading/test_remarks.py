"""Remarks beside a report: a 今天 in one marks what follows only if nothing contradicts that, and
unknown words count at every place.
"""

from __future__ import annotations

import pytest

from tests.domain.replies.reading.test_labelled import reading_of

BEFORE = {"稻溪镇": {"started": {"total": 25}, "completed": {"total": 15}}}
FEW = {"稻溪镇": {"started": {"total": 25}, "completed": {"total": 8}}}


def said(text: str, before: dict[str, dict[str, dict[str, int]]] = BEFORE) -> tuple[str, list[int]]:
    got = reading_of(
        {
            "id": "1",
            "text": text,
            "sender": "稻溪镇-谢",
            "at": "2021-10-29T15:00:00+08:00",
            "before": before,
        }
    )
    return got["outcome"], [figure["value"] for figure in got["figures"]]


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("今天开了推进会,竣工17户", 17),  # as an increase 32 of 25: it is the count in all
        ("县里今天来人了,稻溪竣工17户", 17),
        ("今日进度汇报如下:竣工17户", 17),  # a title
        ("今天天气不错,竣工2户", 17),  # as a count in all below the 15 that stand: it is of today
        ("今天天气不错,稻溪竣工2户", 17),
    ],
)
def test_a_today_in_a_remark_marks_what_follows_only_if_that_can_be(text: str, value: int) -> None:
    assert said(text) == ("accept", [value])


@pytest.mark.parametrize("text", ["今天开了推进会,竣工9户", "县里今天来人了,稻溪竣工9户"])
def test_where_it_could_be_either_it_is_asked(text: str) -> None:
    assert said(text, FEW) == ("ask", [])


@pytest.mark.parametrize(
    "text", ["拨款到户2户,17户拨款", "张三家拨款,17户拨款", "入册3户,累计17户入册"]
)
def test_a_number_right_behind_another_doubtful_clause_is_doubtful_too(text: str) -> None:
    assert said(text) == ("ask", [])


@pytest.mark.parametrize(
    "text", ["今天慰问2户,累计17户", "比昨日少2户,累计竣工17户", "今天慰问3户,累计竣工17户"]
)
def test_an_increase_of_what_nobody_knows_spoils_a_count_that_does_not_name_its_stage_or_does_not_agree(
    text: str,
) -> None:
    assert said(text) == ("ask", [])


def test_an_increase_of_what_nobody_knows_adds_nothing_to_a_count_that_names_its_stage_and_agrees() -> (
    None
):
    assert said("今天又有2户搬进新居,累计竣工17户") == ("accept", [17])


@pytest.mark.parametrize(
    "text", ["稻溪镇 今日竣工2 累计竣工17,资料在整理", "稻溪 累计竣工17户,照片随后"]
)
def test_what_stands_behind_the_comma_is_no_word_of_the_clause_before(text: str) -> None:
    assert said(text) == ("accept", [17])


def test_a_day_in_a_title_marks_no_row() -> None:
    got = reading_of(
        {
            "id": "1",
            "text": "各乡镇今日报数:\n稻溪9\n云樟18",
            "sender": "office",
            "at": "2021-10-29T15:00:00+08:00",
            "before": {**FEW, "云樟镇": {"started": {"total": 33}, "completed": {"total": 17}}},
        }
    )
    assert [figure["value"] for figure in got["figures"]] == [9, 18]


@pytest.mark.parametrize(
    ("text", "values"),
    [
        # 共 right behind a category is still of it
        ("C级累计共竣工14户，D级共3户，交钥匙共0户", [0, 3, 14, 17]),
        ("今日完工户：下坪村林某、上坝村黄某，共2户，总共17户", [17]),
        ("今天新增竣工两户目前已竣工十七户", [17]),
    ],
)
def test_a_word_for_the_sum_is_of_what_it_sums_up(text: str, values: list[int]) -> None:
    of_kinds = {"total": 15, "C": 14, "D": 1, "JYS": 0}
    outcome, figures = said(text, {"稻溪镇": {"started": {"total": 25}, "completed": of_kinds}})
    assert (outcome, sorted(figures)) == ("accept", values)


@pytest.mark.parametrize("text", ["任务25户，已经完成", "今日无又新增"])
def test_what_may_say_that_all_is_done_or_nothing_is_not_passed_over(text: str) -> None:
    assert said(text) == ("ask", [])


@pytest.mark.parametrize(
    "text",
    ["竣工没17户", "累计竣工未17户", "总共竣工没有17户,比昨天多2户", "今日竣工2户,累计17户没"],
)
def test_a_not_right_before_a_number_or_at_the_end_of_its_clause_is_asked(text: str) -> None:
    assert said(text) == ("ask", [])


@pytest.mark.parametrize(
    "text",
    [
        "今天另外1户竣工",
        "另外2户竣工",
        "另外2户",
        "17户已竣工，其余8户今天竣工",
        "17户还未正式竣工",
    ],
)
def test_of_the_others_nobody_knows_whether_they_are_done_or_left(text: str) -> None:
    assert said(text) == ("ask", [])


@pytest.mark.parametrize(
    "text", ["竣工17户，另外8户正在施工", "剩余8户尚未正式竣工", "竣工17户,还有8户正在竣工"]
)
def test_what_is_left_is_read_where_it_is_said_to_be_left(text: str) -> None:
    assert said(text) == ("accept", [17])
