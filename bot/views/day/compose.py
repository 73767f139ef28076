"""Writes a notice from the day's sheets: which facts each kind needs, in the words of
`config/wording/`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from fractions import Fraction
from functools import partial
from itertools import groupby
from typing import Any

from bot.domain.campaigns.campaign import (
    Campaign,
    CategoryKey,
    NoticeKind,
    RankedBy,
    StageKey,
    TownshipName,
)
from bot.domain.campaigns.workdays import ScheduledRun, issue_number
from bot.domain.day.obligations import (
    Obligation,
    Owed,
    Remark,
    RemarkKind,
    due_by,
    measures,
    obligations,
    open_proposals,
    overdue,
)
from bot.domain.day.ranking import (
    Standing,
    first_named,
    last_named,
    ranked_value,
    standings,
    weights_in_use,
)
from bot.domain.decisions.actor import Actor
from bot.domain.figures.progress import (
    DaySheet,
    Reported,
    TownshipDay,
    one_decimal,
    plain,
    rate,
    round_up,
)
from bot.domain.notices.notice import Mention, Notice, Table
from bot.views.day.told import TargetMoved
from bot.views.notices.wording import NoticeWording

MOST_NAMED = 6
"""More that share a place are not named one by one."""

MOST_OF_A_WORD = 30
"""Characters of an answer that the overdue list repeats."""


@dataclass(frozen=True, kw_only=True)
class Tie:
    """Townships that share a rank at the head of the ranking."""

    rank: int
    names: tuple[TownshipName, ...]
    score: Fraction


@dataclass(frozen=True, kw_only=True)
class Podium:
    """First and last of one ranking group, as they are named in the text.

    `crowded`: so many share the last place that nobody is named.
    """

    prefix: str
    first: tuple[Tie, ...]
    last: tuple[Standing, ...]
    crowded: bool = False


@dataclass(frozen=True, kw_only=True)
class Moved:
    """A cell of a bulletin that is another after a correction; the total of the stage or of one
    category of it.

    None where it was, or is now, never told.
    """

    township: TownshipName
    what: str
    was: Decimal | None
    now: Decimal | None


@dataclass(frozen=True, kw_only=True)
class RankMoved:
    """A rank of a bulletin that is another after a correction."""

    group: str
    township: TownshipName
    was: int
    now: int


@dataclass(frozen=True, kw_only=True)
class Item:
    """One overdue obligation as the supervisor reads it: who owes it, how much, for how long."""

    who: str
    untold: bool
    value: Any
    target: Any
    planned: Any
    short: Any
    days: int
    since: date | None


def call(
    wording: NoticeWording,
    campaign: Campaign,
    version: int,
    strike: ScheduledRun,
    yesterday: DaySheet | None,
) -> Notice | None:
    """The day's request to the townships, with yesterday's three figures; None when every township
    is done (law 9).
    """
    finished = tuple(row.township for row in yesterday.townships if row.done) if yesterday else ()
    if yesterday and all(row.done or row.target == 0 for row in yesterday.townships):
        return None
    facts = {
        "yesterday": yesterday,
        "finished": finished,
        "untold": [row.township for row in yesterday.untold] if yesterday else [],
        "first_stages": tuple(
            stage.name for stage in campaign.stages[: campaign.stages.index(campaign.headline) + 1]
        ),
    }
    return notice(wording, campaign, version, strike, facts)


def remind(
    wording: NoticeWording,
    campaign: Campaign,
    version: int,
    strike: ScheduledRun,
    sheet: DaySheet,
    asked: Iterable[TownshipName],
    questions: Mapping[TownshipName, str] | None = None,
) -> Notice | None:
    """The one reminder of the day, to the missing and only to them, their contacts mentioned; None
    when nobody is missing.

    A township whose reply was asked back and not yet answered is named apart: it has written, and
    need not write anew. `questions` are those that could not be put where the reply was written;
    they are put here.
    """
    doubtful = set(asked)
    awaited = [row.township for row in sheet.townships if row.awaited]
    if not awaited:
        return None
    facts = {
        "at": strike.at.astimezone(campaign.timezone),
        "missing": [township for township in awaited if township not in doubtful],
        "asked": [township for township in awaited if township in doubtful],
        "questions": dict(questions or {}),
    }
    mentions = tuple(
        # phone and id are added when it is sent, and never stored with the notice
        Mention(name=contact.nick)
        for township in awaited
        for contact in campaign.township(township).contacts
    )
    return notice(wording, campaign, version, strike, facts, mentions=mentions)


def bulletin(
    wording: NoticeWording,
    campaign: Campaign,
    version: int,
    strike: ScheduledRun,
    sheets: Sequence[DaySheet],
    merged: Sequence[int] = (),
    sentence: str = "",
    targets: Sequence[TargetMoved] = (),
) -> Notice:
    """The numbered notice of a closed day. `sheets` ends with that day; `merged` are the issues it
    stands for besides its own.

    `targets` are the tasks that have changed since the bulletin before. `sentence` is one of the
    clerk's own, printed as it is before the signature.
    """
    sheet = sheets[-1]
    ranked = _ranked(campaign, sheets)
    facts = {
        **_where_it_stands(campaign, sheet),
        "number": issue_number(campaign, strike.day),
        "as_of": min(strike.at, strike.planned).astimezone(campaign.timezone),
        "categories": [
            (
                category.name,
                sheet.categories.get(category.key, 0),
                _category_target(campaign, category.key),
            )
            for category in campaign.categories
        ]
        if sheet.parts_whole
        else [],
        "classified": classified
        if (classified := sum(sheet.categories.values(), Decimal(0))) < sheet.total
        else None,
        "other_stages": [
            (stage.name, sheet.stages[stage.key], sheet.told_by(stage.key))
            for stage in campaign.stages
            if not stage.headline and sheet.stages.get(stage.key)
        ],
        "ratio": rate,
        "unranked": campaign.ranking.enabled and campaign.ranking.by is RankedBy.CLAIMED,
        "rankings": _podiums(campaign, ranked),
        "weighted": bool(weights_in_use(campaign)),
        "ranked_value": partial(ranked_value, campaign),
        "missing": [row for row in sheet.townships if row.absent],
        "answered": [row.township for row in sheet.with_task if row.reported is Reported.ANSWERED],
        "not_asked": [
            row.township for row in sheet.with_task if row.reported is Reported.NOT_ASKED
        ],
        "late": [row.township for row in sheet.townships if row.reported is Reported.LATE],
        "merged": merged,
        "targets": targets,
        "target_before": campaign.target
        - sum(((one.now or 0) - (one.was or 0) for one in targets), Decimal(0)),
        "sentence": sentence,
        "verified": sheet.verified if campaign.proof.told else None,
    }
    return notice(
        wording,
        campaign,
        version,
        strike,
        facts,
        table=_table(wording, campaign, sheet, ranked),
        number=issue_number(campaign, strike.day),
    )


def overdue_list(
    wording: NoticeWording,
    campaign: Campaign,
    version: int,
    strike: ScheduledRun,
    sheets: Sequence[DaySheet],
    said: Sequence[Remark] = (),
    more: Sequence[Obligation] = (),
) -> Notice | None:
    """What is past its moment and not done, with the name of who owes it, for the supervisors; None
    when nothing is.

    `said` is what people have said of it: what was answered or declined is not proposed again, and
    who answered is named. `more` is what the register shows to be owed.
    """
    sheet = sheets[-1]
    late = overdue((*obligations(campaign, tuple(sheets), strike.at, said), *more))
    if not late:
        return None
    facts = {
        "count": len(late),
        "deadline": _items(wording, campaign, sheet, late, lambda owed: owed.owed is Owed.DEADLINE),
        "reports": _items(wording, campaign, sheet, late, lambda owed: owed.owed is Owed.REPORT),
        "behind": _items(wording, campaign, sheet, late, lambda owed: owed.owed is Owed.PROGRESS),
        "still": _items(wording, campaign, sheet, late, lambda owed: owed.owed is Owed.MOVEMENT),
        "proof": _items(wording, campaign, sheet, late, lambda owed: owed.owed is Owed.PROOF),
        "repay": _items(wording, campaign, sheet, late, lambda owed: owed.owed is Owed.REPAY),
        "tails": _tails(campaign, late),
        "proposals": _by_measure(
            (text, one.township)
            for one in late
            for text in open_proposals(one, measures(campaign, one, said))
        ),
        "approved": _by_measure(
            (measure.text, one.township)
            for one in late
            for measure in measures(campaign, one, said)
            if measure.state is RemarkKind.APPROVED
        ),
        "answers": _answers(late),
    }
    return notice(wording, campaign, version, strike, facts)


def digest(
    wording: NoticeWording,
    campaign: Campaign,
    version: int,
    strike: ScheduledRun,
    sheets: Sequence[DaySheet],
) -> Notice:
    """The leaders' morning line about the day before: where it stands, the pace needed against the
    pace kept, who lags.
    """
    sheet = sheets[-1]
    ranked = _ranked(campaign, sheets)
    today = strike.planned.astimezone(campaign.timezone).date()
    facts = {
        **_where_it_stands(campaign, sheet),
        "today": today,
        "days_left": (campaign.deadline - today).days,
        "needed": needed_per_day(sheet, today, campaign),
        "on_pace": sheet.pace is not None
        and sheet.pace * sheet.days_left >= Fraction(sheet.target) - Fraction(sheet.total),
        "finished": [row.township for row in sheet.townships if row.done],
        "rankings": _podiums(campaign, ranked),
        "missing": [row.township for row in sheet.townships if row.absent],
    }
    return notice(wording, campaign, version, strike, facts)


def correction(
    wording: NoticeWording,
    campaign: Campaign,
    version: int,
    strike: ScheduledRun,
    told: Sequence[DaySheet],
    now: Sequence[DaySheet],
    *,
    edition: int,
    later: Sequence[int] = (),
) -> Notice | None:
    """第N期（更正）: every cell and rank of a bulletin that a decision moved; None when nothing
    did.

    `told` and `now` both end with the bulletin's day; `later` are the issues after it whose numbers
    moved with it.
    """
    cells = moved_cells(campaign, told[-1], now[-1])
    ranks = _moved_ranks(_ranked(campaign, told), _ranked(campaign, now))
    if not cells and not ranks:
        return None
    number = issue_number(campaign, strike.day)
    facts = {
        "number": number,
        "which": edition - 1,
        "cells": cells,
        "ranks": ranks,
        "was": told[-1],
        "sheet": now[-1],
        "today": strike.at.astimezone(campaign.timezone).date(),
        "later": later,
    }
    return notice(wording, campaign, version, strike, facts, number=number, edition=edition)


def moved_cells(campaign: Campaign, told: DaySheet, now: DaySheet) -> list[Moved]:
    """What differs between two sheets of one day, township by township: totals of the stages,
    categories of the headline.
    """
    moved = []
    for was, is_now in zip(told.townships, now.townships, strict=True):
        pairs = [
            (stage.name, was.stages.get(stage.key), is_now.stages.get(stage.key))
            for stage in campaign.stages
        ]
        pairs += [
            (
                f"{category.name}{campaign.headline.name}",
                was.categories.get(category.key),
                is_now.categories.get(category.key),
            )
            for category in campaign.categories
        ]
        moved += [
            Moved(township=was.township, what=what, was=before, now=after)
            for what, before, after in pairs
            if before != after
        ]
    return moved


def _moved_ranks(told: Sequence[Standing], now: Sequence[Standing]) -> list[RankMoved]:
    was = {standing.row.township: standing.rank for standing in told}
    return [
        RankMoved(
            group=standing.group,
            township=standing.row.township,
            was=was[standing.row.township],
            now=standing.rank,
        )
        for standing in now
        if was.get(standing.row.township, standing.rank) != standing.rank
    ]


def notice(  # noqa: PLR0913
    wording: NoticeWording,
    campaign: Campaign,
    version: int,
    strike: ScheduledRun,
    facts: Mapping[str, Any],
    *,
    table: Table | None = None,
    mentions: tuple[Mention, ...] = (),
    number: int | None = None,
    edition: int = 1,
) -> Notice:
    """A notice of the strike's job about its day, in the words of the text file of that name, which
    `facts` fill in.
    """
    kind = NoticeKind(strike.job)
    shared = {
        "campaign": campaign,
        "stage": campaign.headline,
        "day": strike.day,
        "planned": strike.planned.astimezone(campaign.timezone),
        "catch_up": strike.late,
        "plain": plain,
        "percent": wording.percent,
    }
    title, text = wording.notice(kind, {**shared, **facts})
    return Notice(
        campaign=campaign.key,
        version=version,
        kind=kind,
        day=strike.day,
        edition=edition,
        number=number,
        planned=strike.planned,
        made_at=strike.at,
        catch_up=strike.late,
        title=title,
        text=text,
        table=table,
        mentions=mentions,
        rule_version=campaign.ranking.rule,
    )


def _where_it_stands(campaign: Campaign, sheet: DaySheet) -> dict[str, Any]:
    unfinished = [row for row in sheet.told if not row.done]
    still = [row for row in unfinished if row.still_days >= campaign.still_days]
    return {
        "sheet": sheet,
        "remaining": sum((row.target - (row.value or 0) for row in sheet.told), Decimal(0)),
        "finished_all": sheet.all_told and sheet.total >= sheet.target,
        "untold": [row.township for row in sheet.untold],
        "new": sheet.new,
        # One day is no pace.
        "pace": None if sheet.pace is None or sheet.pace_days < 2 else one_decimal(sheet.pace),
        "still": sorted(still, key=lambda row: -row.still_days),
    }


def _ranked(campaign: Campaign, sheets: Sequence[DaySheet]) -> tuple[Standing, ...]:
    """The standings of the last sheet, moved against the bulletin before; none where ranking is
    switched off.
    """
    if not campaign.ranking.enabled:
        return ()
    before = next((sheet for sheet in sheets if sheet.day == sheets[-1].previous), None)
    return standings(campaign, sheets[-1], before)


def _category_target(campaign: Campaign, category: CategoryKey) -> Any:
    return sum(township.target_of(category) for township in campaign.townships)


def _podiums(campaign: Campaign, ranked: Sequence[Standing]) -> list[Podium]:
    """First and last of every ranking group, in the order the groups first appear in the
    campaign.
    """
    podiums = []
    for group, members in groupby(ranked, key=lambda standing: standing.group):
        within = tuple(members)
        # Where all are equal nobody is first, as nobody is last; and nobody is first who has done
        # nothing.
        first = (
            first_named(campaign, within) if len({standing.rank for standing in within}) > 1 else ()
        )
        first = tuple(standing for standing in first if standing.score > 0)
        last = last_named(campaign, within)
        ties = tuple(
            Tie(
                rank=rank,
                names=tuple(standing.row.township for standing in tied),
                score=tied[0].score,
            )
            for rank, tied in (
                (rank, list(tied))
                for rank, tied in groupby(first, key=lambda standing: standing.rank)
            )
        )
        podiums.append(
            Podium(
                prefix=group,
                first=ties,
                last=() if len(last) > MOST_NAMED else last,
                crowded=len(last) > MOST_NAMED,
            )
        )
    return podiums


def _table(
    wording: NoticeWording, campaign: Campaign, sheet: DaySheet, ranked: Sequence[Standing]
) -> Table | None:
    """The table under a bulletin; None while nobody has told anything."""
    if not sheet.told:
        return None
    grouped = campaign.ranking.by_group and bool(ranked)
    weighted = bool(ranked) and bool(weights_in_use(campaign))
    daily = sheet.previous is None or (sheet.day - sheet.previous).days == 1
    heads = [
        *(["head_group"] if grouped else []),
        *(["head_rank"] if ranked else []),
        "head_township",
        "head_done",
        "head_rate",
        *(["head_score"] if weighted else []),
        "head_today" if daily else "head_since",
    ]
    notes = []
    untold = [row.township for row in sheet.untold]
    if ranked:
        rows = [
            (
                *((standing.group,) if grouped else ()),
                _rank(wording, standing),
                *_cells(
                    wording,
                    standing.row,
                    ranked_value(campaign, standing.row),
                    standing.score if weighted else None,
                ),
            )
            for standing in ranked
        ]
        ties = [wording.phrase(f"tie_{tie_break}") for tie_break in campaign.ranking.tie_breaks]
        notes.append(_ranking_note(wording, campaign, "".join(ties)))
        if campaign.ranking.by is RankedBy.VERIFIED:
            notes.append(wording.phrase("note_verified"))
        weighed = [stage.key for stage, _ in weights_in_use(campaign)]
        if any(key not in standing.row.stages for standing in ranked for key in weighed):
            notes.append(wording.phrase("note_unweighed"))
    else:
        rows = [_cells(wording, row, row.value) for row in sheet.townships if not row.untold]
    idle = [row.township for row in sheet.townships if row.target == 0]
    if ranked and idle:
        notes.append(wording.phrase("note_idle", townships="、".join(idle)))
    if untold and ranked and campaign.ranking.by is RankedBy.CLAIMED:
        notes.append(wording.phrase("note_untold", count=len(untold)))
    carried = [row for row in sheet.townships if row.carried]
    if carried:
        notes.append(
            wording.phrase("note_missing" if all(row.absent for row in carried) else "note_carried")
        )
    return Table(
        head=tuple(wording.phrase(key, stage=campaign.headline.name) for key in heads),
        rows=tuple(rows),
        notes=tuple(notes),
    )


def _ranking_note(wording: NoticeWording, campaign: Campaign, ties: str) -> str:
    """What is ranked by and by which version of the rule, for the reader of the table."""
    weights = weights_in_use(campaign)
    facts = {"stage": campaign.headline.name, "ties": ties, "version": campaign.ranking.rule}
    if not weights:
        return wording.phrase("note_ranking", **facts)
    parts = (
        wording.phrase("weight", stage=stage.name, weight=plain(weight))
        for stage, weight in weights
    )
    return wording.phrase("note_ranking_weighted", **facts, weights="、".join(parts))


def _cells(
    wording: NoticeWording, row: TownshipDay, value: Decimal | None, score: Fraction | None = None
) -> tuple[str, ...]:
    increase = (
        "" if row.increase is None else f"{'+' if row.increase >= 0 else ''}{plain(row.increase)}"
    )
    return (
        wording.phrase("cell_carried", township=row.township) if row.carried else row.township,
        f"{plain(value or 0)}/{plain(row.target)}",
        wording.percent(None if value is None else rate(value, row.target)),
        *(() if score is None else (wording.percent(score),)),
        increase,
    )


def _rank(wording: NoticeWording, standing: Standing) -> str:
    if not standing.movement:
        return str(standing.rank)
    way = "rank_up" if standing.movement > 0 else "rank_down"
    return wording.phrase(way, rank=standing.rank, by=abs(standing.movement))


def _items(
    wording: NoticeWording,
    campaign: Campaign,
    sheet: DaySheet,
    late: Sequence[Obligation],
    wanted: Callable[[Obligation], bool],
) -> list[Item]:
    return [
        Item(
            who=_who(wording, campaign, obligation.township),
            untold=sheet.of(obligation.township).untold,
            value=sheet.of(obligation.township).value,
            target=sheet.of(obligation.township).target,
            planned=due_by(campaign, sheet.of(obligation.township), sheet.day),
            short=obligation.short,
            days=obligation.days,
            since=obligation.since,
        )
        for obligation in late
        if wanted(obligation)
    ]


def _tails(
    campaign: Campaign, late: Sequence[Obligation]
) -> list[tuple[str, str, list[tuple[TownshipName, Decimal]]]]:
    """Overdue tails by their two stages, each with the townships and how many cases: counts, never
    who they are.
    """
    names = {stage.key: stage.name for register in campaign.registers for stage in register.stages}
    found: dict[tuple[StageKey, StageKey], list[tuple[TownshipName, Decimal]]] = {}
    for one in late:
        if one.stages is not None:
            found.setdefault(one.stages, []).append((one.township, one.short or Decimal(0)))
    return [(names[first], names[then], townships) for (first, then), townships in found.items()]


def needed_per_day(sheet: DaySheet, today: date, campaign: Campaign) -> Decimal | None:
    """What must be done a day from `today` on, that day included; None once the deadline is past,
    and while anybody is untold.
    """
    left = (campaign.deadline - today).days + 1
    if left <= 0 or not sheet.all_told:
        return None
    return round_up(Fraction(sheet.target - sheet.total) / left, campaign.decimals)


def _who(wording: NoticeWording, campaign: Campaign, name: TownshipName) -> str:
    contacts = campaign.township(name).contacts
    if not contacts:
        return name
    return wording.phrase(
        "who", township=name, contacts="、".join(contact.name for contact in contacts)
    )


def _by_measure(named: Iterable[tuple[str, TownshipName]]) -> list[tuple[str, list[TownshipName]]]:
    """Each measure with its townships, each once."""
    by_measure: dict[str, dict[TownshipName, None]] = {}
    for measure, township in named:
        by_measure.setdefault(measure, {})[township] = None
    return [(measure, list(townships)) for measure, townships in by_measure.items()]


def _answers(late: Sequence[Obligation]) -> list[tuple[str, str, list[Obligation]]]:
    """Who has answered, with which word, shortened, and for what."""
    answered: dict[tuple[Actor, str], list[Obligation]] = {}
    for one in late:
        if one.answer is not None:
            text = one.answer.text
            brief = text if len(text) <= MOST_OF_A_WORD else f"{text[: MOST_OF_A_WORD - 1]}…"
            answered.setdefault((one.answer.by, brief), []).append(one)
    return [(by.name, text, about) for (by, text), about in answered.items()]
