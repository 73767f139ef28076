"""Fair ranking (law 11): exact fractions, ties shared, groups apart, nobody finished named last."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.campaigns.campaign import (
    Campaign,
    RankingRule,
    StageKey,
    TieBreak,
    Township,
    TownshipName,
)
from bot.domain.day.ranking import (
    NEWEST_RULE,
    RULES,
    Standing,
    first_named,
    last_named,
    ranks,
    standings,
)
from bot.domain.figures.progress import DaySheet, day_sheets
from tests.builders import COMPLETED, STARTED, at, day, figure, rural_housing_2021, small_campaign

EVER = at("12-31 00:00")

tasks = st.lists(
    st.tuples(
        st.integers(0, 12), st.integers(0, 12), st.integers(0, 3), st.sampled_from(["镇", "街道"])
    ),
    min_size=1,
    max_size=12,
)
rules = st.builds(
    RankingRule,
    by_group=st.booleans(),
    first=st.integers(0, 4),
    last=st.integers(0, 4),
    tie_breaks=st.sampled_from(
        [(), (TieBreak.LARGER_TARGET,), (TieBreak.LARGER_INCREASE, TieBreak.LARGER_TARGET)]
    ),
)


def two_days(
    campaign: Campaign, before: dict[str, int], now: dict[str, int]
) -> tuple[DaySheet, DaySheet]:
    log = [
        figure(n, name, day("11-01"), value)
        for n, (name, value) in enumerate(before.items(), start=1)
    ]
    log += [
        figure(n, name, day("11-02"), value)
        for n, (name, value) in enumerate(now.items(), start=len(log) + 1)
    ]
    first, second = day_sheets(campaign, log, day("11-02"), EVER)
    return first, second


def ranking(
    targets: dict[str, int], done: dict[str, int], **rule: Any
) -> tuple[Campaign, tuple[Standing, ...]]:
    campaign = small_campaign(targets, ranking=RankingRule(**rule))
    return campaign, standings(campaign, two_days(campaign, done, {})[1], None)


def grouped(
    targets: dict[str, tuple[str, int]], done: dict[str, int], **rule: Any
) -> tuple[Campaign, tuple[Standing, ...]]:
    campaign = small_campaign(
        {},
        townships=tuple(
            Township(name=TownshipName(name), ranking_group=group, target=Decimal(target))
            for name, (group, target) in targets.items()
        ),
        ranking=RankingRule(by_group=True, **rule),
    )
    return campaign, standings(campaign, two_days(campaign, done, {})[1], None)


def made_up(
    rows: list[tuple[int, int, int, str]], rule: RankingRule
) -> tuple[Campaign, DaySheet, DaySheet]:
    """Townships of (target, done yesterday, more today, group)."""
    campaign = small_campaign(
        {},
        townships=tuple(
            Township(name=TownshipName(f"T{n}"), ranking_group=group, target=Decimal(target))
            for n, (target, _, _, group) in enumerate(rows)
        ),
        ranking=rule,
    )
    before = {f"T{n}": min(done, target) for n, (target, done, _, _) in enumerate(rows)}
    now = {f"T{n}": min(done + more, target) for n, (target, done, more, _) in enumerate(rows)}
    return campaign, *two_days(campaign, before, now)


def names(told: tuple[Standing, ...]) -> list[str]:
    return [standing.row.township for standing in told]


def test_equal_fractions_share_a_rank_and_the_next_is_skipped() -> None:
    _, ranked = ranking(
        {"大": 21, "小": 14, "快": 4, "慢": 10}, {"大": 9, "小": 6, "快": 3, "慢": 1}
    )
    assert [(standing.row.township, standing.rank, standing.tied) for standing in ranked] == [
        ("快", 1, False),
        ("大", 2, True),
        ("小", 2, True),
        ("慢", 4, False),
    ]


def test_rates_that_only_look_equal_do_not_tie() -> None:
    _, ranked = ranking({"A": 30_000, "B": 30_001}, {"A": 10_000, "B": 10_000})
    assert [standing.rank for standing in ranked] == [1, 2]


def test_a_township_without_a_task_is_left_out() -> None:
    _, ranked = ranking({"A": 5, "无": 0}, {"A": 1})
    assert names(ranked) == ["A"]


@pytest.mark.parametrize(
    ("breaks", "expected"),
    [
        ((), {"小": 1, "大": 1, "中": 1}),
        ((TieBreak.LARGER_TARGET,), {"大": 1, "中": 2, "小": 3}),
        ((TieBreak.LARGER_INCREASE,), {"中": 1, "小": 2, "大": 2}),
        ((TieBreak.LARGER_INCREASE, TieBreak.LARGER_TARGET), {"中": 1, "大": 2, "小": 3}),
    ],
)
def test_a_tie_is_broken_only_by_the_rules_named(
    breaks: tuple[TieBreak, ...], expected: dict[str, int]
) -> None:
    campaign = small_campaign({"小": 2, "大": 20, "中": 10}, ranking=RankingRule(tie_breaks=breaks))
    _, now = two_days(campaign, {"小": 1, "大": 10, "中": 4}, {"中": 5})
    assert ranks(standings(campaign, now, None)) == expected


def test_groups_are_ranked_apart_in_the_order_they_first_appear() -> None:
    _, ranked = grouped(
        {"甲街道": ("街道", 4), "甲镇": ("镇", 4), "乙街道": ("街道", 4), "乙镇": ("镇", 4)},
        {"甲街道": 1, "甲镇": 2, "乙街道": 3, "乙镇": 4},
    )
    assert [(standing.group, standing.row.township, standing.rank) for standing in ranked] == [
        ("街道", "乙街道", 1),
        ("街道", "甲街道", 2),
        ("镇", "乙镇", 1),
        ("镇", "甲镇", 2),
    ]


def test_movement_is_the_ranks_gained_since_the_bulletin_before() -> None:
    campaign = small_campaign({"A": 10, "B": 10, "C": 10})
    before, now = two_days(campaign, {"A": 3, "B": 2, "C": 1}, {"C": 5})
    assert {
        standing.row.township: standing.movement for standing in standings(campaign, now, before)
    } == {
        "C": 2,
        "A": -1,
        "B": -1,
    }
    assert {standing.movement for standing in standings(campaign, now, None)} == {None}


def test_the_first_are_named_with_all_who_tie() -> None:
    campaign, ranked = ranking(dict.fromkeys("ABCDE", 10), {"A": 9, "B": 8, "C": 7, "D": 7, "E": 1})
    assert names(first_named(campaign, ranked)) == ["A", "B", "C", "D"]


def test_the_last_are_named_worst_last_with_all_who_tie() -> None:
    campaign, ranked = ranking(
        dict.fromkeys("ABCDEFG", 10), {"A": 9, "B": 8, "C": 7, "D": 3, "E": 3, "F": 2, "G": 1}
    )
    assert names(last_named(campaign, ranked)) == ["D", "E", "F", "G"]


def test_a_finished_township_is_never_named_last() -> None:
    campaign, ranked = ranking(dict.fromkeys("ABCDE", 4), {"A": 4, "B": 4, "C": 4, "D": 4, "E": 3})
    assert names(last_named(campaign, ranked)) == ["E"]


def test_nobody_is_first_and_last() -> None:
    campaign, ranked = ranking(dict.fromkeys("ABCD", 10), {"A": 4, "B": 3, "C": 2, "D": 1})
    assert names(last_named(campaign, ranked)) == ["D"]
    campaign, ranked = ranking(dict.fromkeys("ABC", 10), {"A": 4, "B": 3, "C": 2})
    assert last_named(campaign, ranked) == ()


def test_when_all_are_equal_there_is_no_last_even_if_a_tie_break_orders_them() -> None:
    none_done = dict.fromkeys("ABCD", 0)
    campaign, ranked = ranking({"A": 2, "B": 4, "C": 6, "D": 8}, none_done)
    assert last_named(campaign, ranked) == ()
    breaks = (TieBreak.LARGER_TARGET,)
    campaign, ranked = ranking(
        {"A": 2, "B": 4, "C": 6, "D": 8}, none_done, tie_breaks=breaks, first=1
    )
    assert [standing.rank for standing in ranked] == [1, 2, 3, 4]
    assert last_named(campaign, ranked) == ()


def test_who_has_never_told_has_no_rank() -> None:
    campaign, ranked = ranking({"A": 2, "B": 4, "C": 6}, {"A": 1, "C": 6})
    assert names(ranked) == ["C", "A"]
    assert names(last_named(campaign, ranked)) in ([], ["A"])


def test_a_campaign_may_name_nobody_last() -> None:
    campaign, ranked = ranking(dict.fromkeys("ABCDE", 10), {"A": 4, "B": 3, "C": 2}, last=0)
    assert last_named(campaign, ranked) == ()


def test_every_group_has_its_own_first_and_last() -> None:
    targets = {f"{group}{n}": (group, 10) for group in ("街道", "镇") for n in range(1, 5)}
    campaign, ranked = grouped(
        targets, {name: n for n, name in enumerate(targets)}, first=1, last=1
    )
    assert names(first_named(campaign, ranked)) == ["街道4", "镇4"]
    assert names(last_named(campaign, ranked)) == ["街道1", "镇1"]


@given(rows=tasks, rule=rules, shuffled=st.randoms())
def test_ranks_do_not_hang_on_the_order_of_townships(
    rows: list[tuple[int, int, int, str]], rule: RankingRule, shuffled: Any
) -> None:
    campaign, _, now = made_up(rows, rule)
    townships = list(campaign.townships)
    shuffled.shuffle(townships)
    other = replace(campaign, townships=tuple(townships))
    told, told_otherwise = standings(campaign, now, None), standings(other, now, None)
    assert ranks(told_otherwise) == ranks(told)
    assert set(names(last_named(other, told_otherwise))) == set(names(last_named(campaign, told)))
    assert set(names(first_named(other, told_otherwise))) == set(names(first_named(campaign, told)))


@given(rows=tasks, rule=rules)
def test_a_rank_is_one_more_than_the_number_of_those_ahead(
    rows: list[tuple[int, int, int, str]], rule: RankingRule
) -> None:
    campaign, before, now = made_up(rows, rule)
    ranked = standings(campaign, now, before)
    was = ranks(standings(campaign, before, None))
    assert sorted(names(ranked)) == sorted(
        township.name for township in campaign.townships if township.target
    )
    for one in ranked:
        same_group = [other for other in ranked if other.group == one.group]
        assert one.score == Fraction(one.row.value) / Fraction(one.row.target)
        assert one.rank == 1 + sum(other.rank < one.rank for other in same_group)
        assert one.tied == (sum(other.rank == one.rank for other in same_group) > 1)
        assert one.movement == was[one.row.township] - one.rank
        for other in same_group:
            if other.score > one.score:
                assert other.rank < one.rank
            if other.score == one.score and not rule.tie_breaks:
                assert other.rank == one.rank


@given(rows=tasks, rule=rules)
def test_whoever_is_named_last_deserves_it(
    rows: list[tuple[int, int, int, str]], rule: RankingRule
) -> None:
    campaign, _, now = made_up(rows, rule)
    ranked = standings(campaign, now, None)
    last = last_named(campaign, ranked)
    first = first_named(campaign, ranked)
    assert not any(standing.row.done for standing in last)
    assert not set(names(first)) & set(names(last))
    for group in {standing.group for standing in ranked}:
        members = [standing for standing in ranked if standing.group == group]
        named = [standing for standing in last if standing.group == group]
        others = [
            standing for standing in members if standing not in named and standing not in first
        ]
        assert all(other.row.done or not named or other.rank < named[0].rank for other in others)
        if len({standing.score for standing in members}) > 1 and rule.last:
            unfinished = [
                standing for standing in members if not standing.row.done and standing not in first
            ]
            assert len(named) >= min(rule.last, len(unfinished))
        else:
            assert not named


def staged(weights: dict[str, int], *done: tuple[int, int], rule: int = 2) -> tuple[Standing, ...]:
    """Townships of ten, each with what it started and completed, ranked by these weights."""
    base = rural_housing_2021()
    campaign = small_campaign(
        {f"{nth}镇": 10 for nth in range(len(done))},
        stages=base.stages[:2],
        ranking=RankingRule(
            rule=rule, weights={StageKey(key): Decimal(much) for key, much in weights.items()}
        ),
    )
    log = [
        figure(2 * nth + at_stage + 1, f"{nth}镇", day("11-01"), value, stage=stage)
        for nth, values in enumerate(done)
        for at_stage, (stage, value) in enumerate(zip((STARTED, COMPLETED), values, strict=True))
    ]
    return standings(campaign, day_sheets(campaign, log, day("11-01"), EVER)[-1], None)


def test_rule_2_sums_the_stages_by_their_weights() -> None:
    found = staged({"started": 1, "completed": 3}, (10, 4), (6, 6), (4, 4))
    assert [(one.row.township, one.rank, one.score) for one in found] == [
        ("1镇", 1, Fraction(24, 40)),
        ("0镇", 2, Fraction(22, 40)),
        ("2镇", 3, Fraction(16, 40)),
    ]
    assert [one.row.rate for one in found] == [Fraction(6, 10), Fraction(4, 10), Fraction(4, 10)]


def test_rule_1_never_learns_of_weights() -> None:
    found = staged({"started": 1, "completed": 3}, (10, 4), (6, 6), (4, 4), rule=1)
    assert [(one.row.township, one.rank) for one in found] == [("1镇", 1), ("0镇", 2), ("2镇", 2)]


@given(tasks, rules, st.sampled_from([{}, {"completed": 1}, {"completed": 7}, {"completed": 0}]))
def test_rule_2_with_the_headline_alone_ranks_as_rule_1(
    data: list[tuple[int, int, int, str]], rule: RankingRule, weights: dict[str, int]
) -> None:
    targets = {f"{nth}乡": target for nth, (target, *_) in enumerate(data)}
    done = {f"{nth}乡": min(done, target) for nth, (target, done, *_) in enumerate(data)}
    weighed = {StageKey(key): Decimal(much) for key, much in weights.items()}
    first, second = (
        standings(campaign, two_days(campaign, done, {})[1], None)
        for campaign in (
            small_campaign(targets, ranking=replace(rule, by_group=False)),
            small_campaign(targets, ranking=replace(rule, by_group=False, rule=2, weights=weighed)),
        )
    )
    assert first == second


def test_every_version_that_ever_ranked_is_there() -> None:
    assert list(RULES) == list(range(1, NEWEST_RULE + 1))
