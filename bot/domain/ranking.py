"""Who stands where: competition ranking on exact fractions (law 11)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction

from bot.domain.campaign import Campaign, TieBreak, TownshipName
from bot.domain.progress import DaySheet, TownshipDay

RULE_VERSION = 1
"""Stands on every bulletin: which version of these rules made its ranking."""


@dataclass(frozen=True, kw_only=True)
class Standing:
    """名次: a township's rank on a day, within its ranking group ("" when the campaign ranks all together)."""

    group: str
    rank: int
    tied: bool
    movement: int | None  # ranks gained (+) or lost (-) against the bulletin before; None without one
    row: TownshipDay
    rate: Fraction


def standings(campaign: Campaign, sheet: DaySheet, before: DaySheet | None) -> tuple[Standing, ...]:
    """All townships with a task, in order of rank, ties in official order: 1, 2, 2, 4.

    With ranking groups each group is ranked apart, in the order the groups first appear in the campaign.
    """
    earlier = {} if before is None else ranks(standings(campaign, before, None))
    ranked: list[Standing] = []
    for group, rows in _by_group(campaign, sheet).items():
        ordered = sorted(rows, key=lambda row: _merit(campaign, row), reverse=True)
        merits = [_merit(campaign, row) for row in ordered]
        for row in ordered:
            merit = _merit(campaign, row)
            rank = merits.index(merit) + 1
            was = earlier.get(row.township)
            ranked.append(
                Standing(
                    group=group,
                    rank=rank,
                    tied=merits.count(merit) > 1,
                    movement=None if was is None else was - rank,
                    row=row,
                    rate=merit[0],
                )
            )
    return tuple(ranked)


def first_named(campaign: Campaign, ranked: tuple[Standing, ...]) -> tuple[Standing, ...]:
    """前三: the standings of rank 1 to `ranking.first` of one group, ties included."""
    return tuple(standing for standing in ranked if standing.rank <= campaign.ranking.first)


def last_named(campaign: Campaign, ranked: tuple[Standing, ...]) -> tuple[Standing, ...]:
    """后三 of one group: the unfinished at the end, worst last, `ranking.last` of them and all that tie with those.

    Nobody when all are equal, never a finished township, never one that is also named first (law 11).
    """
    if len({standing.rank for standing in ranked}) < 2:
        return ()
    first = {standing.row.township for standing in first_named(campaign, ranked)}
    behind = [standing for standing in ranked if not standing.row.done and standing.row.township not in first]
    if not behind:
        return ()
    limit = behind[max(0, len(behind) - campaign.ranking.last)].rank
    return tuple(standing for standing in behind if standing.rank >= limit)


def ranks(ranked: tuple[Standing, ...]) -> Mapping[TownshipName, int]:
    """Rank by township."""
    return {standing.row.township: standing.rank for standing in ranked}


def _by_group(campaign: Campaign, sheet: DaySheet) -> dict[str, list[TownshipDay]]:
    groups: dict[str, list[TownshipDay]] = {}
    for township in campaign.townships:
        if township.target > 0:
            group = township.ranking_group if campaign.ranking.by_group else ""
            groups.setdefault(group, []).append(sheet.of(township.name))
    return groups


def _merit(campaign: Campaign, row: TownshipDay) -> tuple[Fraction, ...]:
    """What a township is ranked by: its exact rate, then the campaign's named tie-breaks."""
    breaks = {
        TieBreak.LARGER_TARGET: Fraction(row.target),
        TieBreak.LARGER_INCREASE: Fraction(row.increase or 0),
    }
    return (Fraction(row.value) / Fraction(row.target), *(breaks[name] for name in campaign.ranking.tie_breaks))
