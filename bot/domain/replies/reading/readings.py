"""All readings that a message's claims could bear, and which of them are left
(docs/reading-rules.md, rules 6 and 11).
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from functools import cached_property

from bot.domain.campaigns.campaign import CategoryKey, StageKey
from bot.domain.figures.progress import plain
from bot.domain.replies.reading.grammar import CHECKS, Claim, Kind
from bot.domain.replies.reading.judgement import Ground, Part, judge, without_the_task_in_front
from bot.domain.replies.reading.model import ReadFigure, Unclear

OPEN_KINDS = (Kind.CUMULATIVE, Kind.INCREMENT)
"""What an unmarked count may be; those of one message are all one of these (rule 6)."""
ENOUGH = 2
"""Equations that leave no room for chance among small numbers (rule 11)."""


@dataclass(frozen=True, kw_only=True)
class Interpretation:
    """What a message says of one township, before it is decided in which way its unmarked counts
    are meant.
    """

    ground: Ground
    claims: tuple[Claim, ...]

    @cached_property
    def is_open(self) -> bool:
        """Whether a count of it is unmarked."""
        return any(claim.kind is Kind.UNMARKED for claim in self.claims)

    def as_kind(self, kind: Kind) -> tuple[ReadFigure, ...]:
        """The figures if its unmarked counts are of that kind; Unclear with what contradicts that.

        今日…共2户,累计15户: where the two as counts in all is contradicted, and as the day's own
        agrees with what is said beside it, it is that.
        """
        told = list(self.claims)
        if self.is_open:
            told = [
                replace(claim, kind=kind) if claim.kind is Kind.UNMARKED else claim
                for claim in told
            ]
        if any(claim.of_a_remark for claim in told):
            return self._beside_a_remark(told)
        return self._as(told)

    def _beside_a_remark(self, told: Sequence[Claim]) -> tuple[ReadFigure, ...]:
        """今天开了会,竣工17户: whether the seventeen are of today nobody says, so what contradicts
        goes; if nothing does it is asked.
        """
        in_all = [replace(c, kind=Kind.CUMULATIVE) if c.of_a_remark else c for c in told]
        left = {figures for claims in (told, in_all) for figures in self._judged(claims)}
        loose = next(claim for claim in told if claim.of_a_remark)
        if len(left) > 1 or not self.ground.told(
            (loose.stage or self.ground.campaign.headline.key, loose.category)
        ):
            raise _unmarked(self.ground, loose)
        return left.pop() if left else self._as(told)

    def _judged(self, claims: Sequence[Claim]) -> list[tuple[ReadFigure, ...]]:
        """The figures of one reading, in a list; an empty one if something contradicts it."""
        try:
            return [self._as(claims)]
        except Unclear:
            return []

    def _as(self, told: Sequence[Claim]) -> tuple[ReadFigure, ...]:
        if not any(claim.weak or claim.loose for claim in told):
            return judge(self.ground, told)
        try:
            return judge(self.ground, told)
        except Unclear as unclear:
            others = {
                figures
                for claims in self._otherwise(told)
                for figures in _judged(self.ground, claims)
            }
            if len(others) != 1:
                raise unclear
            return others.pop()

    def _otherwise(self, told: Sequence[Claim]) -> list[list[Claim]]:
        """What the claims may mean besides: 共2户 of the day alone, and D级新增2户,累计3户 all of
        the category.
        """
        of_the_day = [
            replace(c, kind=Kind.INCREMENT) if c.weak and self._said_beside(c) else c for c in told
        ]
        of_the_kind = [replace(c, category=c.loose) if self._goes_on(c) else c for c in told]
        return [claims for claims in (of_the_day, of_the_kind) if claims != list(told)]

    def _goes_on(self, claim: Claim) -> bool:
        """Whether a category is said in another way right before a count without one."""
        cell = (claim.stage, claim.loose)
        return (
            claim.loose is not None
            and claim.kind is Kind.CUMULATIVE
            and any(c.kind is Kind.INCREMENT and (c.stage, c.category) == cell for c in self.claims)
        )

    def _said_beside(self, claim: Claim) -> bool:
        """Whether the cell is also told of in a way that leaves nothing open, or summed up once
        more behind it: 共2户,总共15户.
        """
        cell = (claim.stage, claim.category)
        firm = {Kind.CUMULATIVE, Kind.REMAINING}
        told = [c for c in self.claims if c.kind in firm and (c.stage, c.category) == cell]
        return any(not c.weak for c in told) or (claim in told and told[-1] != claim)


def _judged(ground: Ground, claims: Sequence[Claim]) -> list[tuple[ReadFigure, ...]]:
    """The figures of one reading, in a list; an empty one if something contradicts it."""
    try:
        return [judge(ground, claims)]
    except Unclear:
        return []


@dataclass(frozen=True, kw_only=True)
class Judged:
    """What one reading comes to: its figures, or why it cannot be."""

    figures: tuple[ReadFigure, ...] = ()
    contradicted: Unclear | None = None


def decided(all_said: Sequence[Interpretation]) -> list[Judged]:
    """What stands of each township, in order: what all readings that are left agree on, or why
    nothing does.

    The readings of a message are two at most: its unmarked counts, of all townships, are counts in
    all, or increases. What is said of a township that neither reading leaves anything of is wrong
    by itself, and settles nothing for the others.
    """
    all_said = [_plainly(said) for said in all_said]
    if not any(said.is_open for said in all_said):
        return [_explained(said, _tried(said, Kind.CUMULATIVE)) for said in all_said]
    outcomes: list[dict[Kind, Judged]] = [
        {kind: _tried(said, kind) for kind in (OPEN_KINDS if said.is_open else OPEN_KINDS[:1])}
        for said in all_said
    ]
    both = [(said, tried) for said, tried in zip(all_said, outcomes, strict=True) if said.is_open]
    left = [
        (said, tried)
        for said, tried in both
        if any(one.contradicted is None for one in tried.values())
    ]
    cumulative = all(tried[Kind.CUMULATIVE].contradicted is None for _, tried in left)
    increment = all(tried[Kind.INCREMENT].contradicted is None for _, tried in left)
    same = all(tried[Kind.CUMULATIVE].figures == tried[Kind.INCREMENT].figures for _, tried in left)
    results = []
    for said, tried in zip(all_said, outcomes, strict=True):
        first = tried[Kind.CUMULATIVE]
        if not said.is_open:
            results.append(first)
        elif all(one.contradicted is not None for one in tried.values()):
            results.append(_impossible(said, first))
        elif not cumulative:
            results.append(Judged(contradicted=Unclear("impossible", _open_claim(said).text)))
        elif increment and not same:
            results.append(Judged(contradicted=_unmarked(said.ground, _open_claim(said))))
        else:
            results.append(first)
    return [_explained(said, outcome) for said, outcome in zip(all_said, results, strict=True)]


def _plainly(said: Interpretation) -> Interpretation:
    """What is said, without a task named in front, a zero of another matter, and with parts that
    sum up to what is told as parts.
    """
    claims = without_the_task_in_front(said.ground, said.claims)
    if claims is said.claims and not any(claim.doubtful for claim in claims):
        return said
    clear = [claim for claim in claims if not claim.doubtful and claim.kind not in CHECKS]
    if clear:
        claims = tuple(
            claim
            for claim in claims
            if not (claim.doubtful and _of_another_matter(said, claim, clear))
        )
        claims = _with_parts(claims, clear)
    return replace(said, claims=claims)


def _of_another_matter(said: Interpretation, claim: Claim, clear: Sequence[Claim]) -> bool:
    """Whether a claim beside unknown words gives no figure, whatever it is about: a zero
    (疫情零报告), or a rate (返岗率88%) beside the headline's count.
    """
    if claim.explicit:
        return False
    if claim.kind is not Kind.PERCENT:
        return claim.kind is Kind.ZERO
    headline = (said.ground.campaign.headline.key, None)
    told = any(
        (c.stage or headline[0], c.category) == headline and c.kind is not Kind.PERCENT
        for c in clear
    )
    return (
        told
        and claim.category is None
        and claim.doubtful is not None
        and "率" in claim.doubtful.clause
    )


def _with_parts(claims: tuple[Claim, ...], clear: Sequence[Claim]) -> tuple[Claim, ...]:
    """The claims with a run of counts of unknown things as villages, where they sum up to a count
    that is told clearly (rule 2).
    """
    stated = {
        claim.value
        for claim in clear
        if claim.kind in {Kind.CUMULATIVE, Kind.INCREMENT, Kind.UNMARKED}
    }
    remaining = {claim.value for claim in clear if claim.kind is Kind.REMAINING}
    told = list(claims)
    at = 0
    while at < len(told):
        end = at
        while end < len(told) and _may_be_a_part(told[end]):
            end += 1
        of = remaining if told[at].kind is Kind.REMAINING else stated
        if end > at and sum((claim.value for claim in told[at:end]), Decimal(0)) in of:
            run = 1000 + at
            told[at:end] = [
                replace(claim, kind=Kind.VILLAGE, doubtful=None, run=run) for claim in told[at:end]
            ]
        at = max(end, at + 1)
    return tuple(told)


def _may_be_a_part(claim: Claim) -> bool:
    """Whether a count beside unknown words is said as a part of another: in brackets behind it, or
    under 各村.
    """
    part = claim.kind is Kind.VILLAGE or (
        claim.inner and claim.kind in {*OPEN_KINDS, Kind.UNMARKED, Kind.REMAINING}
    )
    return claim.doubtful is not None and part and claim.category is None


def _tried(said: Interpretation, kind: Kind) -> Judged:
    try:
        return Judged(figures=said.as_kind(kind))
    except Unclear as unclear:
        parts = [claim for claim in said.claims if claim.kind is Kind.UNMARKED]
        if (
            unclear.why == "never_told"
            and kind is Kind.INCREMENT
            and parts
            and not _sum_up(said.claims, parts)
        ):
            return Judged()  # it may be so: nobody knows what it would come to
        return Judged(contradicted=unclear)


def _sum_up(claims: Sequence[Claim], parts: Sequence[Claim]) -> bool:
    """Whether unmarked categories are the parts of a count in all that is told: increases of cells
    never told of would not be.
    """
    total = sum((claim.value for claim in parts), Decimal(0))
    wholes = {
        claim.value for claim in claims if claim.kind is Kind.CUMULATIVE and claim.category is None
    }
    return len(parts) > 1 and all(claim.category is not None for claim in parts) and total in wholes


def _open_claim(said: Interpretation) -> Claim:
    return [claim for claim in said.claims if claim.kind is Kind.UNMARKED][-1]


def _impossible(said: Interpretation, first: Judged) -> Judged:
    """Of two contradictions the one of the counts as counts in all; where that is only that they
    are too low or high, that nothing fits.
    """
    why = first.contradicted
    assert why is not None  # noqa: S101
    if why.why in {"above", "below_yesterday", "below_today", "order", "disagree"}:
        return Judged(contradicted=Unclear("impossible", _open_claim(said).text))
    return first


def _unmarked(ground: Ground, claim: Claim) -> Unclear:
    part = (claim.stage or ground.campaign.headline.key, claim.category)
    if not ground.told(part):
        return Unclear("never_told", claim.text)
    return Unclear(
        "unmarked", str(claim.value), value=claim.value, sum=ground.stood(part) + claim.value
    )


def _explained(said: Interpretation, outcome: Judged) -> Judged:
    """The outcome, or a question where a claim may be about something else and nothing ties it down
    (rule 11).
    """
    doubtful = [claim for claim in said.claims if claim.doubtful]
    if not doubtful:
        return outcome
    if outcome.contradicted is None and corroborated(said, outcome.figures):
        return outcome
    clause, words = doubtful[0].doubtful or ("", "")
    return Judged(contradicted=Unclear("words", clause, word=words))


@dataclass(frozen=True, kw_only=True)
class Equation:
    """Something that ties a number of the message to the ledger, the task or another of its
    numbers.
    """

    stage: StageKey
    category: CategoryKey | None
    kind: Kind


def equations(said: Interpretation, figures: Sequence[ReadFigure]) -> list[Equation]:
    """The independent equations of a reading: of a cell all ways to say it but one, and the task
    where it is named.

    累计20户 is said once and tied to nothing. 今日1户,累计20户,还差7户 with 19 of 27 standing: 19 +
    1 = 20, 27 - 20 = 7.
    """
    headline = said.ground.campaign.headline.key
    found: list[Equation] = []
    for figure in figures:
        part: Part = (figure.stage, figure.category)
        claims = [
            c for c in said.claims if (c.stage or headline, c.category) == part and not c.check
        ]
        kinds = {_way(claim.kind) for claim in claims if claim.kind not in CHECKS}
        found += [
            Equation(stage=part[0], category=part[1], kind=kind) for kind in sorted(kinds)[1:]
        ]
        if any(claim.of is not None for claim in claims):
            found.append(Equation(stage=part[0], category=part[1], kind=Kind.TARGET))
    for category in {claim.category for claim in said.claims if claim.kind is Kind.TARGET}:
        tied = Equation(stage=headline, category=category, kind=Kind.TARGET)
        if tied not in found:
            found.append(tied)
    return found


def told_equations(said: Interpretation, figures: Sequence[ReadFigure]) -> tuple[str, ...]:
    """What of the message agrees with the ledger and the tasks, each as an equation for the clerk's
    eyes.
    """
    ground, headline = said.ground, said.ground.campaign.headline.key
    lines: list[str] = []
    for figure in figures:
        part: Part = (figure.stage, figure.category)
        target = ground.target(figure.category)
        value = plain(figure.value)
        for claim in said.claims:
            if (claim.stage or headline, claim.category) != part or claim.check:
                continue
            match claim.kind:
                case Kind.INCREMENT:
                    lines.append(f"{plain(ground.stood(part))}+{plain(claim.value)}={value}")
                case Kind.REMAINING:
                    lines.append(f"{plain(target)}-{plain(claim.value)}={value}")
                case Kind.PERCENT:
                    lines.append(f"{value}/{plain(target)}≈{plain(claim.value)}%")
                case Kind.ZERO:
                    lines.append(f"{plain(ground.stood(part))}+0={value}")
            if claim.of is not None:
                lines.append(f"{claim.text}: {plain(claim.of)}={plain(target)}")
    lines += [
        f"{claim.text}: {plain(claim.value)}={plain(ground.target(claim.category))}"
        for claim in said.claims
        if claim.kind is Kind.TARGET and claim.value == ground.target(claim.category)
    ]
    return tuple(dict.fromkeys(lines))


def _way(kind: Kind) -> Kind:
    """Kinds that say a value in the same way: a zero report is an increase of nothing, all of them
    a count in all.
    """
    return {
        Kind.ZERO: Kind.INCREMENT,
        Kind.UNMARKED: Kind.CUMULATIVE,
        Kind.ALL: Kind.CUMULATIVE,
    }.get(kind, kind)


def corroborated(said: Interpretation, figures: Sequence[ReadFigure]) -> bool:
    """Whether every claim that stands beside unknown words is tied by two independent equations, or
    only says what remains.
    """
    headline = said.ground.campaign.headline.key
    tied = equations(said, figures)
    for claim in said.claims:
        if not claim.doubtful:
            continue
        part = (claim.stage or headline, claim.category)
        of_the_cell = [one for one in tied if (one.stage, one.category) == part]
        if claim.kind in {Kind.VILLAGE, Kind.WAS, Kind.YESTERDAY} or (
            len(of_the_cell) < ENOUGH
            and not (_adds_nothing(claim) and _said_clearly(said, part, claim.kind) and of_the_cell)
        ):
            return False
    return True


FEWER = re.compile("[少减退降撤不没未非无错]|取消")
"""Words that may turn an increase into something else: 比昨日少1户."""


def _adds_nothing(claim: Claim) -> bool:
    """Whether a claim gives no other figure than a clear count in all beside it, if it agrees with
    that at all.
    """
    return claim.kind is Kind.REMAINING or (
        claim.kind is Kind.INCREMENT
        and claim.category is None
        and not FEWER.search(claim.doubtful.words if claim.doubtful else "")
    )


def _said_clearly(said: Interpretation, part: Part, kind: Kind) -> bool:
    """Whether the cell has a count in all from a clause without unknown words: the other is then
    only compared.

    Beside an increase of what nobody knows, the count in all must name its stage:
    今天拨款2户,累计17户 may all be of the payments.
    """
    headline = said.ground.campaign.headline.key
    return any(
        not claim.doubtful
        and (claim.stage or headline, claim.category) == part
        and _way(claim.kind) is Kind.CUMULATIVE
        and (kind is Kind.REMAINING or (claim.explicit and not claim.inherited))
        for claim in said.claims
    )
