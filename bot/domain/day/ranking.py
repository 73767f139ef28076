"""Who stands where: competition ranking on exact fractions, by the version of the rule that the
campaign names (law 11).

A version that ever ranked is never changed and never goes, so that each bulletin can be made again
from the log. What is to rank otherwise is a new version with a function of its own; what two
versions share may only be changed where it gives the same.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from decimal import Decimal
from fractions import Fraction
from itertools import groupby

from bot.domain.campaigns.campaign import Campaign, RankedBy, Stage, TieBreak, TownshipName
from bot.domain.figures.progress import DaySheet, TownshipDay


@dataclass(frozen=True, kw_only=True)
class Standing:
    """名次: a township's rank on a day, within its ranking group ("" when the campaign ranks all
    together).
    """

    group: str
    rank: int
    tied: bool
    # ranks gained (+) or lost (-) against the bulletin before; None without one
    movement: int | None
    row: TownshipDay
    score: Fraction  # what it was ranked by, before any tie-break: 1 is the whole task


Score = Callable[[Campaign, TownshipDay], Fraction]
"""What a township with a task is ranked by on a day; the larger is the better."""


def _headline_rate(_campaign: Campaign, row: TownshipDay) -> Fraction:
    """Version 1: the rate of the headline stage, which it must have told."""
    return row.rate or Fraction(0)


def _weighted_stages(campaign: Campaign, row: TownshipDay) -> Fraction:
    """Version 2: the rates of the stages by their weights, the whole of which is 1; without weights
    the headline's alone.

    A stage it has never told adds nothing until it tells.
    """
    weights = {key: Fraction(weight) for key, weight in campaign.ranking.weights.items()}
    whole = sum(weights.values(), Fraction(0))
    if not whole:
        return _headline_rate(campaign, row)
    done = sum(
        (weight * Fraction(row.stages.get(key, 0)) for key, weight in weights.items()), Fraction(0)
    )
    return done / (whole * Fraction(row.target))


@dataclass(frozen=True, kw_only=True)
class Rule:
    """One version of the rule. `weighs` is whether it reads the campaign's weights of stages."""

    score: Score
    weighs: bool = False


RULES: Mapping[int, Rule] = {
    1: Rule(score=_headline_rate),
    2: Rule(score=_weighted_stages, weighs=True),
}
"""The rule of each version, by its number; a campaign names one, and its notices keep the
number.
"""

NEWEST_RULE = max(RULES)


def standings(campaign: Campaign, sheet: DaySheet, before: DaySheet | None) -> tuple[Standing, ...]:
    """All townships with a task that have told, by the campaign's rule, in order of rank, ties in
    official order: 1, 2, 2, 4.

    With ranking groups each group is ranked apart, in the order the groups first appear in the
    campaign.
    """
    earlier = {} if before is None else ranks(standings(campaign, before, None))
    ranked: list[Standing] = []
    for group, rows in _by_group(campaign, sheet).items():
        # Sorting is stable, so those of equal merit stay in official order.
        ordered = sorted(
            ((_merit(campaign, row), row) for row in rows), key=lambda pair: pair[0], reverse=True
        )
        rank = 1
        for merit, equals in groupby(ordered, key=lambda pair: pair[0]):
            tied = [row for _, row in equals]
            for row in tied:
                was = earlier.get(row.township)
                ranked.append(
                    Standing(
                        group=group,
                        rank=rank,
                        tied=len(tied) > 1,
                        movement=None if was is None else was - rank,
                        row=row,
                        score=merit[0],
                    )
                )
            rank += len(tied)
    return tuple(ranked)


def first_named(campaign: Campaign, ranked: tuple[Standing, ...]) -> tuple[Standing, ...]:
    """前三: of every group the standings of rank 1 to `ranking.first`, ties included."""
    return tuple(standing for standing in ranked if standing.rank <= campaign.ranking.first)


def last_named(campaign: Campaign, ranked: tuple[Standing, ...]) -> tuple[Standing, ...]:
    """后三: of every group the unfinished at the end, worst last, `ranking.last` of them and all
    that tie with those.

    Nobody when all of a group have the same score, even if a tie-break orders them; never a
    finished township, never one that is also named first (law 11).
    """
    named: list[Standing] = []
    for _, members in groupby(ranked, key=lambda standing: standing.group):
        group = tuple(members)
        if len({standing.score for standing in group}) < 2:
            continue
        behind = [
            standing
            for standing in group
            if not standing.row.done and standing.rank > campaign.ranking.first
        ]
        end = behind[max(0, len(behind) - campaign.ranking.last) :]
        named += [standing for standing in behind if end and standing.rank >= end[0].rank]
    return tuple(named)


def weights_in_use(campaign: Campaign) -> list[tuple[Stage, Decimal]]:
    """The stages that the ranking weighs, with their weights, in the order of the work; none where
    it does not weigh.
    """
    weights = campaign.ranking.weights if RULES[campaign.ranking.rule].weighs else {}
    return [(stage, weights[stage.key]) for stage in campaign.stages if weights.get(stage.key)]


def ranks(ranked: tuple[Standing, ...]) -> Mapping[TownshipName, int]:
    """Rank by township."""
    return {standing.row.township: standing.rank for standing in ranked}


def _by_group(campaign: Campaign, sheet: DaySheet) -> dict[str, list[TownshipDay]]:
    rows = {row.township: row for row in sheet.townships}
    groups: dict[str, list[TownshipDay]] = {}
    for township in campaign.townships:
        if township.target > 0 and ranked_value(campaign, rows[township.name]) is not None:
            group = township.ranking_group if campaign.ranking.by_group else ""
            groups.setdefault(group, []).append(rows[township.name])
    return groups


def ranked_value(campaign: Campaign, row: TownshipDay) -> Decimal | None:
    """The figure a township is ranked by: what it claims or, where the campaign ranks so, what the
    register proves of it.

    None, and no rank, for one that has never told, and while nothing was filed into the register.
    """
    return row.verified if campaign.ranking.by is RankedBy.VERIFIED else row.value


def _merit(campaign: Campaign, row: TownshipDay) -> tuple[Fraction, ...]:
    """What a township is ordered by: its score, then the campaign's named tie-breaks."""
    breaks = {
        TieBreak.LARGER_TARGET: Fraction(row.target),
        TieBreak.LARGER_INCREASE: Fraction(row.increase or 0),
    }
    ranked = (
        replace(row, value=ranked_value(campaign, row))
        if campaign.ranking.by is RankedBy.VERIFIED
        else row
    )
    score = RULES[campaign.ranking.rule].score(campaign, ranked)
    return (score, *(breaks[name] for name in campaign.ranking.tie_breaks))
