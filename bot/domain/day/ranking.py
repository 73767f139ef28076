"""Who stands where: competition ranking on exact fractions (law 11)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from itertools import groupby

from bot.domain.campaigns.campaign import Campaign, TieBreak, TownshipName
from bot.domain.figures.progress import DaySheet, TownshipDay

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
        # Sorting is stable, so those of equal merit stay in official order.
        ordered = sorted(((_merit(campaign, row), row) for row in rows), key=lambda pair: pair[0], reverse=True)
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
                        rate=merit[0],
                    )
                )
            rank += len(tied)
    return tuple(ranked)


def first_named(campaign: Campaign, ranked: tuple[Standing, ...]) -> tuple[Standing, ...]:
    """前三: of every group the standings of rank 1 to `ranking.first`, ties included."""
    return tuple(standing for standing in ranked if standing.rank <= campaign.ranking.first)


def last_named(campaign: Campaign, ranked: tuple[Standing, ...]) -> tuple[Standing, ...]:
    """后三: of every group the unfinished at the end, worst last, `ranking.last` of them and all that tie with those.

    Nobody when all of a group have the same rate, even if a tie-break orders them; never a finished township, never one that
    is also named first (law 11).
    """
    named: list[Standing] = []
    for _, members in groupby(ranked, key=lambda standing: standing.group):
        group = tuple(members)
        if len({standing.rate for standing in group}) < 2:
            continue
        behind = [standing for standing in group if not standing.row.done and standing.rank > campaign.ranking.first]
        end = behind[max(0, len(behind) - campaign.ranking.last) :]
        named += [standing for standing in behind if end and standing.rank >= end[0].rank]
    return tuple(named)


def ranks(ranked: tuple[Standing, ...]) -> Mapping[TownshipName, int]:
    """Rank by township."""
    return {standing.row.township: standing.rank for standing in ranked}


def _by_group(campaign: Campaign, sheet: DaySheet) -> dict[str, list[TownshipDay]]:
    rows = {row.township: row for row in sheet.townships}
    groups: dict[str, list[TownshipDay]] = {}
    for township in campaign.townships:
        if township.target > 0:
            group = township.ranking_group if campaign.ranking.by_group else ""
            groups.setdefault(group, []).append(rows[township.name])
    return groups


def _merit(campaign: Campaign, row: TownshipDay) -> tuple[Fraction, ...]:
    """What a township is ranked by: its exact rate, then the campaign's named tie-breaks."""
    breaks = {
        TieBreak.LARGER_TARGET: Fraction(row.target),
        TieBreak.LARGER_INCREASE: Fraction(row.increase or 0),
    }
    return (Fraction(row.value) / Fraction(row.target), *(breaks[name] for name in campaign.ranking.tie_breaks))
