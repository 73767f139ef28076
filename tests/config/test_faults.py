"""Every rule has one sentence in each language, is used, and the Chinese names places as the clerk
sees them.
"""

from __future__ import annotations

import ast
import re
import tomllib
from pathlib import Path

import pytest

from bot.domain.campaigns.jobs import notice_kinds
from bot.domain.notices.codes import FACTS, StepCode, stated
from config.wording import templates
from config.wording.faults import (
    FaultPlace,
    FaultWord,
    Sentence,
    address_fault,
    place_in_chinese,
    sentence,
    value_in_chinese,
    word,
)
from config.wording.kinds import words_of_kinds
from config.wording.statements import chinese, english
from jobs import JOBS

ROOT = Path(__file__).parents[2]
TABLE = tomllib.loads((ROOT / "config/wording/faults.toml").read_text(encoding="utf-8"))
RULES = {**TABLE["rules"], **TABLE["warnings"]}
HOLE = re.compile(r"{(\w+)}")


def strings(*folders: str) -> set[str]:
    """Every text that stands in the program by itself."""
    paths = [path for folder in folders for path in (ROOT / folder).glob("**/*.py")]
    trees = [ast.parse(path.read_text(encoding="utf-8")) for path in paths]
    return {
        str(node.value)
        for tree in trees
        for node in ast.walk(tree)
        if isinstance(node, ast.Constant)
    }


def test_each_rule_is_used_and_has_both_languages() -> None:
    said = strings("config", "bot")
    for rule, told in RULES.items():
        assert rule in said, rule
        assert set(told) == {"en", "zh"}, rule
        assert rule == "address" or re.search("[一-鿿]", told["zh"]), rule
        assert not re.search(
            "[一-鿿]", HOLE.sub("", told["en"]).replace("乡镇", "").replace("、", "")
        ), rule


@pytest.mark.parametrize(
    ("place", "seen"),
    [
        ("title", "专项名称"),
        ("hours.bulletin", "通报时间"),
        ("townships[3].target", "第3行“任务数”"),
        ("townships[3].targets.C", "第3行“C”"),
        ("townships[3].contacts[2].nick", "第3行“群昵称”"),
        ("stages[2].words[4]", "环节第2行“关键词”"),
        ("plan.milestones[2].share", "计划节点第2行“应完成比例”"),
        ("row 7, column 任务数", "名册第7行“任务数”列"),
        ("row 7", "名册第7行"),
        ("row 1, column 9", "名册第1行第9列"),
        ("groups", "工作群"),
        ("nothing known", "nothing known"),
    ],
)
def test_a_place_is_named_as_the_clerk_sees_it(place: str, seen: str) -> None:
    assert place_in_chinese(place) == seen


def test_a_fact_that_is_a_place_or_a_word_is_put_into_chinese_and_another_is_left_alone() -> None:
    told = sentence(
        "rung_doubled", other=FaultPlace("ladder[1].days"), trouble=FaultWord("missing")
    )
    assert (
        str(told) == "is also ladder[1].days of missing; one step a day, which tells one audience"
    )
    assert told.chinese() == "与督办阶梯第1行“连续天数”重复：未报送同一天数只能有一级"
    assert sentence("alias_taken", township="missing").chinese() == "已经指missing"


def test_what_was_perhaps_meant_is_asked_in_both_languages() -> None:
    told = sentence("unknown_key", near="days")
    assert str(told) == "is no key known here; did you mean days?"
    assert told.chinese() == "没有这一项；是不是“days”？"


@pytest.mark.parametrize(
    ("value", "seen"),
    [("", ""), ("(hidden)", "（不显示）"), ("true", "（现填“是”）"), ('"三十"', "（现填“三十”）")],
)
def test_a_value_is_shown_as_it_was_written(value: str, seen: str) -> None:
    assert value_in_chinese(value) == seen


def test_a_sentence_with_an_unknown_rule_or_a_missing_fact_is_an_error() -> None:
    with pytest.raises(KeyError):
        str(Sentence("no such rule"))
    with pytest.raises(KeyError):
        sentence("alias_taken").chinese()


@pytest.mark.parametrize("code", [one for one in StepCode if one.startswith(("address_", "mail_"))])
def test_what_is_wrong_with_an_address_is_told_in_both_languages(code: StepCode) -> None:
    said = stated(code, **dict.fromkeys(FACTS.get(code, ()), "x"))
    assert str(address_fault(said)) == english(said)
    assert address_fault(said).chinese() == chinese(said)


def test_a_notice_is_called_by_one_word_wherever_it_is_spoken_of() -> None:
    for kind in notice_kinds(JOBS):
        assert words_of_kinds()[kind].name
        assert word(kind) == templates.called("notice", kind)
    for job in JOBS:
        assert templates.setup()["happens"][job]
        assert place_in_chinese(f"hours.{job}") == f"{templates.called('notice', job)}时间"
