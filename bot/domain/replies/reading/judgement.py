"""One reading of a township's claims against what stands: each leads to one value, all agree,
nothing breaks a rule (rules 6, 7).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction
from functools import cached_property
from math import ceil, floor

from bot.domain.campaigns.campaign import Campaign, CategoryKey, StageKey, Township, TownshipName
from bot.domain.figures.progress import StandingFigures
from bot.domain.replies.reading.grammar import CHECKS, Claim, Kind
from bot.domain.replies.reading.model import ReadFigure, Unclear

Part = tuple[StageKey, CategoryKey | None]


@dataclass(frozen=True, kw_only=True)
class Ground:
    """What a township's claims are judged against."""

    campaign: Campaign
    township: TownshipName
    day: date
    before: StandingFigures
    today: StandingFigures
    correction: bool

    def stood(self, part: Part) -> Decimal:
        """The value at the close of the day before."""
        return self.before.get((self.township, *part), Decimal(0))

    def told(self, part: Part) -> bool:
        """Whether anything was ever told of the cell, or its stage begins at nothing (rule 13)."""
        cell = (self.township, *part)
        return cell in self.before or cell in self.today or self.campaign.stage(part[0]).from_zero

    def stands(self, part: Part) -> Decimal:
        """The value now: today's if there is one."""
        return self.today.get((self.township, *part), self.stood(part))

    def target(self, category: CategoryKey | None) -> Decimal:
        """The task number."""
        return self.town.target_of(category)

    @cached_property
    def town(self) -> Township:
        """The township itself."""
        return self.campaign.township(self.township)


def judge(ground: Ground, claims: Sequence[Claim]) -> tuple[ReadFigure, ...]:
    """The figures of one reading, in which every claim says its kind; Unclear with the reason if
    something contradicts it.
    """
    headline = ground.campaign.headline.key
    said: dict[Part, list[Claim]] = {}
    for claim in claims:
        if claim.bare:
            raise Unclear("bare", claim.text, value=claim.value)
        if claim.kind in CHECKS or claim.check:
            continue
        if (
            claim.stage is None
            and claim.kind is not Kind.ZERO
            and not ground.campaign.unmarked_is_headline
        ):
            raise Unclear("stage", claim.text)
        said.setdefault((claim.stage or headline, claim.category), []).append(claim)
    _check_explained(ground, claims)
    if not said:
        told = next((claim for claim in claims if claim.kind is not Kind.TARGET), None)
        if told is None:
            return ()
        raise Unclear(ALONE.get(told.kind, "nothing"), told.text)
    values = _resolved(ground, said)
    _check_inherited(said, headline)
    _add_totals(ground, said, values)
    if any(claim.kind in CHECKS or claim.check for claim in claims):
        _check_in_progress(ground, claims, values)
        _check_villages(ground, claims, values)
        _check_beside(ground, claims, values)
    for part, value in values.items():
        _check(ground, part, value, values, said)
    return tuple(
        ReadFigure(
            township=ground.township,
            day=ground.day,
            stage=stage,
            category=category,
            value=value,
            correction=ground.correction,
        )
        for (stage, category), value in values.items()
    )


ALONE = {
    Kind.YESTERDAY: "closed_day",
    Kind.WAS: "correction",
    Kind.VILLAGE: "village",
    Kind.IN_PROGRESS: "in_progress",
}
"""Why a number of that kind is asked back when no figure stands beside it."""


def _check_explained(ground: Ground, claims: Sequence[Claim]) -> None:
    """A task, a value of yesterday or a corrected one must be what the ledger knows (rules 2, 6,
    7).
    """
    headline = ground.campaign.headline.key
    for claim in claims:
        if claim.kind not in CHECKS:
            continue
        part = (claim.stage or headline, claim.category)
        match claim.kind:
            case Kind.TARGET if claim.value != ground.target(claim.category):
                raise Unclear("target", claim.text, target=ground.target(claim.category))
            case Kind.YESTERDAY if claim.value != ground.stood(part) or ground.correction:
                raise Unclear("closed_day", claim.text)
            case Kind.WAS if claim.value != ground.stands(part):
                raise Unclear("correction", claim.text)


def _check_inherited(said: Mapping[Part, Sequence[Claim]], headline: StageKey) -> None:
    """今日新开工1户,累计18户: of started, if that agrees with the one; what agrees with nothing may
    be of another stage.
    """
    for (stage, category), claims in said.items():
        if stage == headline or category is not None:
            continue
        loose = [
            claim
            for claim in claims
            if claim.inherited and claim.kind in {Kind.CUMULATIVE, Kind.INCREMENT}
        ]
        listed = any(of == stage and part is not None for of, part in said)
        if not listed and loose and len(loose) == len(claims):
            raise Unclear("stage", loose[0].text)


def _check_villages(
    ground: Ground, claims: Sequence[Claim], values: Mapping[Part, Decimal]
) -> None:
    """Villages are explained if they sum up to a stated figure, or to the day's increase (rule
    2).
    """
    headline = (ground.campaign.headline.key, None)
    stated = {
        claim.value
        for claim in claims
        if claim.kind in {Kind.CUMULATIVE, Kind.INCREMENT, Kind.UNMARKED}
    }
    stated |= {claim.value for claim in claims if claim.kind is Kind.REMAINING}
    stated |= {value - ground.stood(part) for part, value in values.items()} | {
        values.get(headline, Decimal(-1))
    }
    for run in {claim.run for claim in claims if claim.kind is Kind.VILLAGE}:
        parts = [claim for claim in claims if claim.kind is Kind.VILLAGE and claim.run == run]
        if sum((claim.value for claim in parts), Decimal(0)) not in stated:
            raise Unclear("village", "，".join(claim.text for claim in parts))


def _check_beside(ground: Ground, claims: Sequence[Claim], values: Mapping[Part, Decimal]) -> None:
    """What is said beside the figures without being one must be true of them: 剩余8户,均未开工."""
    headline = ground.campaign.headline.key
    for claim in claims:
        if claim.check and claim.kind not in CHECKS:
            part = (claim.stage or headline, claim.category)
            if _value(ground, part, claim) != values.get(part, ground.stands(part)):
                raise Unclear("disagree", claim.text)


def without_the_task_in_front(ground: Ground, claims: tuple[Claim, ...]) -> tuple[Claim, ...]:
    """我镇共25户,竣工17户: a whole said before the first stage word is the task, if it is the task
    (rule 6).
    """
    first = claims[0] if claims else None
    if (
        first is not None
        and len(claims) > 1
        and not first.explicit
        and first.kind in {Kind.CUMULATIVE, Kind.UNMARKED}
        and first.category is None
        and first.of is None
        and first.value == ground.target(None)
        and any(claim.explicit or claim.kind is Kind.REMAINING for claim in claims[1:])
    ):
        return tuple(_without_the_kind_of(first, claims[1:]))
    return claims


def _without_the_kind_of(whole: Claim, claims: Sequence[Claim]) -> list[Claim]:
    """共25户,竣工9户: the 共 is of the task, so what follows it is not marked by it."""
    loose: list[Claim] = []
    for at, claim in enumerate(claims):
        if claim.marked or claim.kind is not whole.kind or claim.kind is not Kind.CUMULATIVE:
            return [*loose, *claims[at:]]
        loose.append(replace(claim, kind=Kind.UNMARKED))
    return loose


def _resolved(ground: Ground, said: Mapping[Part, Sequence[Claim]]) -> dict[Part, Decimal]:
    """One value for each cell; claims of one cell must agree."""
    values: dict[Part, Decimal] = {}
    for part, claims in said.items():
        if ground.correction and all(claim.kind is Kind.INCREMENT for claim in claims):
            raise Unclear("correction_increment", claims[0].text)
        if len(claims) > 1 and all(claim.kind is Kind.INCREMENT for claim in claims):
            # said twice, or one after the other?
            raise Unclear("disagree", "，".join(claim.text for claim in claims))
        results = {
            _value(ground, part, claim) for claim in claims if claim.kind is not Kind.PERCENT
        }
        if len(results) > 1:
            raise Unclear("disagree", "，".join(claim.text for claim in claims))
        if any(claim.rounded for claim in claims) and all(
            claim.rounded or claim.places for claim in claims
        ):
            # 11.2万人, and nothing that says it to the last one
            raise Unclear("vague", claims[0].text)
        percents = [claim for claim in claims if claim.kind is Kind.PERCENT]
        if not results:
            results = {_from_percent(ground, part, percents[0])}
        (value,) = results
        for percent in percents:
            if not _rounds_to(value, ground.target(part[1]), percent):
                raise Unclear("percent", percent.text)
        values[part] = value
    return values


def _value(ground: Ground, part: Part, claim: Claim) -> Decimal:
    target = ground.target(part[1])
    if claim.of is not None and claim.of != target:
        raise Unclear("denominator", claim.text, target=target)
    if claim.kind in {Kind.INCREMENT, Kind.ZERO} and not ground.told(part):
        raise Unclear("never_told", claim.text)
    match claim.kind:
        case Kind.INCREMENT:
            return ground.stood(part) + claim.value
        case Kind.REMAINING:
            return target - claim.value
        case Kind.ZERO:
            return ground.stood(part)
        case Kind.ALL:
            return target
    return claim.value


def _rounds_to(value: Decimal, target: Decimal, percent: Claim) -> bool:
    if target == 0:
        return False
    exact = Fraction(value) * 100 / Fraction(target)
    step = Fraction(1, 10**percent.places)
    return floor(exact / step + Fraction(1, 2)) * step == Fraction(percent.value)


def _from_percent(ground: Ground, part: Part, percent: Claim) -> Decimal:
    """A percentage alone is taken only if exactly one count that could stand rounds to it (rule
    7).
    """
    target = ground.target(part[1])
    about = Fraction(percent.value) * Fraction(target) / 100
    step = Fraction(1, 10**ground.campaign.decimals)
    width = Fraction(target) / 100 / 10**percent.places + step
    least = Fraction(0) if ground.correction else Fraction(ground.stood(part))
    low, high = (
        ceil(max(about - width, least) / step),
        floor(min(about + width, Fraction(target)) / step),
    )
    if high - low > 10_000:
        raise Unclear("percent", percent.text)
    fits = [
        value
        for count in range(low, high + 1)
        if (value := Decimal(count).scaleb(-ground.campaign.decimals)) >= 0
        and _rounds_to(value, target, percent)
    ]
    if len(fits) != 1:
        raise Unclear("percent", percent.text)
    return fits[0]


def _add_totals(  # noqa: C901
    ground: Ground, said: Mapping[Part, Sequence[Claim]], values: dict[Part, Decimal]
) -> None:
    """Categories and total of a stage belong together: the total follows from them, or must agree
    (docs/reading-rules.md#what-a-reading-is).
    """
    if all(part[1] is None for part in values):
        return
    with_task = [c.key for c in ground.campaign.categories if ground.target(c.key) > 0]
    for stage in dict.fromkeys(part[0] for part in values):
        told = {
            part[1]: value
            for part, value in values.items()
            if part[0] == stage and part[1] is not None
        }
        if not told:
            continue
        if (stage, None) not in values and not all(
            key in told or ground.told((stage, key)) for key in with_task
        ):
            continue  # of a category nothing is known: no total follows
        known = {key: told.get(key, ground.stands((stage, key))) for key in with_task}
        total = sum({**known, **told}.values(), Decimal(0))
        consistent = all(ground.told((stage, key)) for key in with_task) and sum(
            (ground.stands((stage, key)) for key in with_task), Decimal(0)
        ) == ground.stands((stage, None))
        if (stage, None) not in values:
            if not consistent and not set(with_task) <= set(told):
                raise Unclear("categories", "")
            values[(stage, None)] = total
            continue
        if set(with_task) <= set(told) or consistent:
            if total != values[(stage, None)]:
                raise Unclear("sum", "", sum=total, total=values[(stage, None)])
        elif sum(told.values(), Decimal(0)) > values[(stage, None)]:
            raise Unclear(
                "sum", "", sum=sum(told.values(), Decimal(0)), total=values[(stage, None)]
            )
        rises = [c.value for c in said.get((stage, None), ()) if c.kind is Kind.INCREMENT]
        parts = [
            c.value
            for (at, category), claims in said.items()
            if at == stage and category is not None
            for c in claims
            if c.kind is Kind.INCREMENT and c.inner
        ]
        if rises and parts and sum(parts, Decimal(0)) != rises[0]:
            raise Unclear("sum", "", sum=sum(parts, Decimal(0)), total=rises[0])


def _check_in_progress(
    ground: Ground, claims: Sequence[Claim], values: Mapping[Part, Decimal]
) -> None:
    """在建 must be started less completed; alone it says nothing (rule 5)."""
    for claim in claims:
        if claim.kind is not Kind.IN_PROGRESS:
            continue
        headline = ground.campaign.headline
        if headline.within is None:
            raise Unclear("in_progress", claim.text)
        started = values.get((headline.within, None), ground.stands((headline.within, None)))
        done = values.get((headline.key, None), ground.stands((headline.key, None)))
        if started - done != claim.value:
            raise Unclear("in_progress", claim.text)


def _check(
    ground: Ground,
    part: Part,
    value: Decimal,
    values: Mapping[Part, Decimal],
    said: Mapping[Part, Sequence[Claim]],
) -> None:
    """Rule 7 for one value."""
    stage, category = part
    target = ground.target(category)
    if value % 1 and value != value.quantize(
        Decimal(1).scaleb(-ground.campaign.decimals), ROUND_HALF_UP
    ):
        raise Unclear("decimals", _text(said, part))
    if value < 0 or value > target:
        raise Unclear("above", _text(said, part), target=target)
    falls = ground.campaign.stage(stage).low_is_good
    if value < ground.stood(part) and not falls:
        raise Unclear("below_yesterday", _text(said, part), stood=ground.stood(part))
    if value < ground.stands(part) and not ground.correction and not falls:
        raise Unclear("below_today", _text(said, part), stands=ground.stands(part))
    held_by = ground.campaign.stage(stage).within
    if held_by is not None:
        limit_part = (held_by, category)
        limit = values.get(limit_part)
        if limit is None and ground.told(limit_part):
            limit = ground.stands(limit_part)
        if limit is not None and value > limit:
            raise Unclear(
                "order", _text(said, part), limit=limit, within=ground.campaign.stage(held_by).name
            )
    for other in ground.campaign.stages:
        if (
            other.within == stage
            and (other.key, category) not in values
            and value < ground.stands((other.key, category))
        ):
            raise Unclear(
                "order",
                _text(said, part),
                limit=ground.stands((other.key, category)),
                within=other.name,
            )


def _text(said: Mapping[Part, Sequence[Claim]], part: Part) -> str:
    """The words of a cell's claims."""
    return "，".join(claim.text for claim in said.get(part, ()))
