"""What is offered is what could stand; a short answer is taken only where it means one of them for
certain.
"""

from __future__ import annotations

from decimal import Decimal

import pytest

from bot.domain.replies.reading import Incoming, Option, Outcome, Reading, answered, read
from bot.domain.replies.reading.explain import RULE_OF, explain
from bot.domain.replies.reading.roles import TokenRole
from config.wording import templates
from tests.builders import COMPLETED, STARTED, at, day
from tests.domain.replies.reading.test_never_guessing import BEFORE, CAMPAIGN, TOWNSHIP, said

WORDING = templates.reading()


def options(reading: Reading) -> list[str]:
    return [option.label for option in reading.asked[0].options]


def test_only_readings_that_could_stand_are_offered() -> None:
    # 2 is below the 15 that stand: it is no total.
    assert options(said("稻溪镇2户")) == ["竣工今日新增2户（累计17户）", "竣工剩余2户（累计23户）"]
    assert options(said("今日竣工2户，累计18户")) == ["竣工累计18户", "竣工今日新增2户（累计17户）"]
    assert options(said("17")) == ["竣工累计17户"]
    assert options(said("累计竣工26户")) == []


def test_a_doubt_of_one_stage_costs_no_other_its_figure() -> None:
    asked = said("开工25户，竣工2户")
    assert options(asked) == [
        "开工累计25户，竣工今日新增2户（累计17户）",
        "开工累计25户，竣工剩余2户（累计23户）",
    ]
    for option, completed in zip(asked.asked[0].options, (17, 23), strict=True):
        figures = {figure.stage: figure.value for figure in said(option.text).figures}
        assert figures == {STARTED: 25, COMPLETED: completed}
    assert options(said("今日竣工2户，累计18户，累计开工25户")) == [
        "开工累计25户，竣工累计18户",
        "开工累计25户，竣工今日新增2户（累计17户）",
    ]
    # The completed have fallen, and no reading of them stands: the started are not offered in their
    # place.
    assert options(said("累计开工25户，累计竣工12户")) == []


def test_a_look_alike_name_is_offered_and_never_taken() -> None:
    asked = said("稻溪乡累计竣工17户")
    assert asked.outcome is Outcome.ASK
    assert options(asked) == ["稻溪镇"]


def test_every_offer_reads_as_it_says() -> None:
    for text in ("稻溪镇2户", "今日竣工2户，累计18户", "17", "+2", "稻溪乡累计竣工17户"):
        for option in said(text).asked[0].options:
            assert said(option.text).outcome is Outcome.ACCEPT


OFFERED = (
    Option(label="竣工累计12户", text="累计12户", kind="cumulative", value=Decimal(12)),
    Option(label="今日新增12户", text="今日新增12户", kind="increment", value=Decimal(12)),
)


@pytest.mark.parametrize(
    ("words", "meant"),
    [
        ("1", 0), ("2", 1), ("２", 1), ("1。", 0), ("选2", 1), ("第一个", 0), ("2，谢谢", 1), ("累计", 0), ("是累计", 0), ("对,是新增", 1),
        ("今日新增的", 1), ("累计12", 0), ("累计12户", 0), ("新增12户", 1), ("新增十二", 1),
        ("3", None), ("0", None), ("是", None), ("对", None), ("累计13", None), ("不是", None), ("收到", None), ("", None), ("1或2", None),
        ("12户", None), ("不是累计", None), ("1户", None), ("累计还是新增？", None), ("1" * 100, None),
    ],
)  # fmt: skip
def test_a_short_answer_means_one_of_them_or_nothing(words: str, meant: int | None) -> None:
    assert answered(words, OFFERED) == (None if meant is None else OFFERED[meant])


def test_yes_answers_a_single_offer() -> None:
    assert answered("是的", OFFERED[:1]) == OFFERED[0]
    assert answered("对对，没错", OFFERED[:1]) == OFFERED[0]
    assert answered("是", ()) is None


def test_an_explanation_tells_each_word_each_claim_and_the_rule() -> None:
    told = explain(
        CAMPAIGN,
        Incoming(
            id="1",
            text="稻溪镇今日竣工2户，累计18户，预计明天再竣工3户",
            sender="稻溪镇-谢",
            at=at("10-29 12:00"),
        ),
        open_day=day("10-29"),
        late=False,
        before=BEFORE,
        today={},
        wording=WORDING,
    )
    assert "".join(mark.text for mark in told.marks) == told.plain
    assert [(mark.text, mark.role) for mark in told.marks[:4]] == [
        ("稻溪镇", "乡镇"),
        ("今日", "新增"),
        ("竣工", "环节"),
        ("2户", "数量"),
    ]
    assert {mark.text for mark in told.marks if mark.passed_over} >= {"预计", "明天", "3户"}
    assert told.said == (
        "稻溪镇　“2户”＝竣工 今日新增 2",
        "稻溪镇　“18户”＝竣工 累计 18（环节随前文）",
    )
    assert told.reading.outcome is Outcome.ASK
    assert "规则6" in told.decided[0]


def test_every_doubt_has_a_rule_and_every_role_a_name() -> None:
    named = {key.removeprefix("role_") for key in WORDING if key.startswith("role_")}
    unseen = {"NEWLINE", "SPACE"}
    assert {role.value for role in TokenRole} - unseen <= named
    asks = {key.removeprefix("ask_") for key in WORDING if key.startswith("ask_")}
    assert asks <= RULE_OF.keys()


def test_what_the_first_contact_sent_another_may_raise_and_must_correct_to_lower() -> None:
    stands = {(TOWNSHIP, COMPLETED, None): Decimal(17)}

    def then(text: str) -> Reading:
        return read(
            CAMPAIGN,
            Incoming(id="2", text=text, sender="稻溪镇-谢", at=at("10-29 12:30")),
            open_day=day("10-29"),
            late=False,
            before=BEFORE,
            today=stands,
            wording=WORDING,
        )

    assert then("累计竣工18户").outcome is Outcome.ACCEPT
    assert then("累计竣工16户").outcome is Outcome.ASK
    assert then("更正：累计竣工16户").figures[0].correction


@pytest.mark.parametrize(
    "text", ["@所有人 走访17户", "@all 走访17户", "\u202e走访17户\u202c", "走访\0\x1b[31m17户"]
)
def test_a_question_calls_nobody_and_carries_no_hidden_signs(text: str) -> None:
    asked = said(text)
    assert asked.outcome is Outcome.ASK
    for shown in (asked.echo, asked.asked[0].text, asked.asked[0].question):
        assert "@" not in shown
        assert all(sign.isprintable() for sign in shown)
