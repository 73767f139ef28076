"""Each code of a step has one sentence in each language, each sentence a code, and it names the
facts of its code and no others.
"""

from __future__ import annotations

import string
import tomllib

import pytest

from bot.domain.notices.codes import FACTS, StepCode, stated
from bot.domain.statement import Statement, as_json, from_json
from config.wording import templates
from config.wording.statements import chinese, english

with (templates.ROOM / "steps.toml").open("rb") as file:
    SENTENCES = tomllib.load(file)


def test_the_codes_and_the_sentences_are_the_same() -> None:
    assert SENTENCES.keys() == {code.value for code in StepCode}


@pytest.mark.parametrize("code", StepCode)
def test_a_sentence_names_the_facts_of_its_code(code: StepCode) -> None:
    told = {
        language: {name for _, name, _, _ in string.Formatter().parse(sentence) if name is not None}
        for language, sentence in SENTENCES[code].items()
    }
    assert told.keys() == {"en", "zh"}
    assert told["en"] <= FACTS.get(code, frozenset())
    assert told["zh"] <= told["en"]


@pytest.mark.parametrize("code", StepCode)
def test_every_code_is_told_and_kept(code: StepCode) -> None:
    facts = dict.fromkeys(FACTS.get(code, ()), "某事")
    said = stated(code, **facts)
    assert from_json(as_json(said)) == said
    assert chinese(said)
    assert english(said)


def test_what_others_wrote_is_never_translated() -> None:
    typed = stated(StepCode.DROPPED_BY, by="张三", reason="HTTP 500")
    assert chinese(typed) == "张三作罢：HTTP 500"
    assert english(typed) == "dropped by 张三: HTTP 500"
    assert chinese("the lease ran out") == "the lease ran out"


def test_what_is_told_within_is_told_in_the_same_language() -> None:
    page = stated(
        StepCode.PAGE_UNKNOWN, page=1, of=2, told=stated(StepCode.NO_ANSWER, error="ReadTimeout")
    )
    said = stated(
        StepCode.PAGES, pages=(page, stated(StepCode.PAGE_REFUSED, page=2, of=2, told="系统繁忙"))
    )
    assert (
        chinese(said)
        == "第1页（共2页）是否发到不明：已发出，没有收到平台答复（ReadTimeout） 第2页（共2页）被拒收：系统繁忙"
    )
    assert english(said) == (
        "page 1 of 2 unknown: the request left and no answer came back (ReadTimeout); page 2 of 2 refused: 系统繁忙"
    )
    assert from_json(as_json(said)) == said


def test_a_code_has_its_own_facts_only() -> None:
    with pytest.raises(ValueError, match="has the facts"):
        stated(StepCode.GIVEN_UP, tries=3)
    with pytest.raises(ValueError, match="has the facts"):
        stated(StepCode.LEASE_ENDED, at="noon")


@pytest.mark.parametrize(
    "kept", [3, None, [], {"code": "status"}, {"code": 3, "facts": {}}, {"facts": {}}]
)
def test_what_was_never_written_is_not_read(kept: object) -> None:
    with pytest.raises(ValueError, match="neither text nor a statement"):
        from_json(kept)


def test_a_code_nobody_knows_is_a_fault() -> None:
    with pytest.raises(KeyError):
        chinese(Statement("moved_the_moon"))
