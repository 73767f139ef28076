"""What a new version of a campaign would do to what stands: what it must not, and what it moves
(law 1).
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from fractions import Fraction

from bot.domain.campaigns.campaign import Campaign, CategoryKey, TownshipName
from bot.domain.campaigns.workdays import is_bulletin_day, reporting_days
from bot.domain.figures.progress import StandingFigures, plain, rate


@dataclass(frozen=True, kw_only=True)
class CampaignState:
    """What a campaign holds already: the figures in force, the first and the last day they are for,
    the days that are closed.
    """

    figures: StandingFigures
    days: tuple[date, date] | None = None
    closed: Collection[date] = ()


@dataclass(frozen=True, kw_only=True)
class Obstacle:
    """Why a version may not come into force: the place of the campaign file, the rule it would
    break, the facts of the case.
    """

    place: str
    rule: str
    facts: Mapping[str, str]


@dataclass(frozen=True, kw_only=True)
class Effect:
    """A township whose count or target is another under the new version, though nobody has reported
    anything.
    """

    township: TownshipName
    value: tuple[Decimal | None, Decimal | None]  # None for one that has never told
    target: tuple[Decimal, Decimal]

    @property
    def rates(self) -> tuple[Fraction | None, Fraction | None]:
        """The rate before and after."""
        was, now = self.value
        return (
            None if was is None else rate(was, self.target[0]),
            None if now is None else rate(now, self.target[1]),
        )


def obstacles(before: Campaign, after: Campaign, held: CampaignState) -> list[Obstacle]:
    """Everything for which `after` must not take the place of `before`; nothing that is stored is
    lost by a change.
    """
    return [
        *_key(before, after),
        *_days(before, after, held),
        *_cells(before, after, held.figures),
        *_targets(before, after, held.figures),
        *_measure(before, after, held.figures),
    ]


def effects(before: Campaign, after: Campaign, figures: StandingFigures) -> list[Effect]:
    """The townships of both versions whose headline count or target moves by the change itself."""
    were = {township.name: township for township in before.townships}
    found = []
    for township in after.townships:
        if township.name not in were:
            continue
        values = [
            figures.get((township.name, campaign.headline.key, None))
            for campaign in (before, after)
        ]
        effect = Effect(
            township=township.name,
            value=(values[0], values[1]),
            target=(were[township.name].target, township.target),
        )
        if len({*effect.value}) > 1 or len({*effect.target}) > 1:
            found.append(effect)
    return found


def _key(before: Campaign, after: Campaign) -> Iterator[Obstacle]:
    if before.key != after.key:
        yield Obstacle(place="key", rule="key_changed", facts={"key": before.key})


def _days(before: Campaign, after: Campaign, held: CampaignState) -> Iterator[Obstacle]:
    """Closed days stay days, and their bulletins keep their numbers, which count from the start."""
    if held.closed:
        last = max(held.closed)
        told = [
            [
                (day, is_bulletin_day(campaign, day))
                for day in reporting_days(campaign)
                if day <= last
            ]
            for campaign in (before, after)
        ]
        if told[0] != told[1]:
            place = (
                "start"
                if before.start != after.start
                else "deadline"
                if after.deadline < last
                else "days"
            )
            yield Obstacle(
                place=place,
                rule="closed_days_move",
                facts={"first": str(before.start), "last": str(last)},
            )
            return
    for day, place, outside in (
        (
            (held.days[0], "start", held.days[0] < after.start),
            (held.days[1], "deadline", held.days[1] > after.deadline),
        )
        if held.days
        else ()
    ):
        if outside:
            yield Obstacle(place=place, rule="figures_outside", facts={"day": str(day)})


def _cells(before: Campaign, after: Campaign, figures: StandingFigures) -> Iterator[Obstacle]:
    """Whatever has figures stays: a township, a stage, a category."""
    stages = {stage.key for stage in after.stages}
    categories = {category.key for category in after.categories}
    townships = {township.name for township in after.townships}
    for name in dict.fromkeys(township for township, _, _ in figures):
        if name not in townships:
            value = figures.get((name, before.headline.key, None), Decimal(0))
            facts = {"township": str(name), "value": plain(value) + before.unit}
            yield Obstacle(place="townships", rule="township_has_figures", facts=facts)
    for key in dict.fromkeys(stage for _, stage, _ in figures):
        if key not in stages:
            called = next((stage.name for stage in before.stages if stage.key == key), str(key))
            yield Obstacle(place="stages", rule="stage_has_figures", facts={"stage": called})
    for part in dict.fromkeys(category for _, _, category in figures):
        if part is not None and part not in categories:
            called = next(
                (category.name for category in before.categories if category.key == part), str(part)
            )
            yield Obstacle(
                place="categories", rule="category_has_figures", facts={"category": called}
            )


def _targets(before: Campaign, after: Campaign, figures: StandingFigures) -> Iterator[Obstacle]:
    """A target is not lowered below what stands; one that stood below it before may stay as it
    is.
    """
    were = {township.name: township for township in before.townships}
    for township in after.townships:
        if township.name not in were:
            continue
        parts: list[tuple[CategoryKey | None, str]] = [(None, "")]
        parts += [(category.key, category.name) for category in after.categories]
        for category, name in parts:
            target = township.target_of(category)
            if target >= were[township.name].target_of(category):
                continue
            counts = [
                (figures.get((township.name, stage.key, category), Decimal(0)), stage.name)
                for stage in after.stages
            ]
            value, stage = max(counts, key=lambda count: count[0])
            if value > target:
                facts = {
                    "township": str(township.name),
                    "value": plain(value) + after.unit,
                    "what": name + stage,
                }
                yield Obstacle(place="townships", rule="target_below_figures", facts=facts)


def _measure(before: Campaign, after: Campaign, figures: StandingFigures) -> Iterator[Obstacle]:
    if not figures:
        return
    if before.unit != after.unit:
        yield Obstacle(place="unit", rule="unit_has_figures", facts={"unit": before.unit})
    used = max(len(plain(value).partition(".")[2]) for value in figures.values())
    if after.decimals < used:
        yield Obstacle(
            place="decimals", rule="decimals_below_figures", facts={"decimals": str(used)}
        )
