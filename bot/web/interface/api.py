"""The read-only interface for other systems: what of a campaign can be asked, and the shape of
every answer.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from fractions import Fraction
from http import HTTPStatus
from typing import Annotated, Any, Literal, TypedDict

from starlette.routing import Mount

from bot.app import App
from bot.domain.campaigns.campaign import (
    BULLETIN,
    Audience,
    Campaign,
    Disclosure,
    JobKind,
    NoticeKind,
    ReportingDays,
    TieBreak,
    TownshipName,
    Trouble,
)
from bot.domain.campaigns.enrolled import Enrolled
from bot.domain.campaigns.jobs import notice_kinds, traits_of
from bot.domain.campaigns.workdays import open_day, reporting_days
from bot.domain.day.obligations import Light, Obligation, Owed, obligations, overdue, planned_share
from bot.domain.day.ranking import Standing, standings
from bot.domain.figures.progress import (
    Figure,
    Reported,
    TownshipDay,
    percent,
    plain,
    standing_figures,
)
from bot.domain.registers.case import on_list, verified
from bot.domain.registers.compare import differences, unproved
from bot.store.day import closings
from bot.store.figures import figures
from bot.store.notices import notices
from bot.views.day.told import in_force_at
from bot.views.oversight.overdue import words
from bot.views.registers.ledger import cases_known
from bot.web.callbacks import RequestPace
from bot.web.interface.door import (
    ApiEndpoint,
    Inquiry,
    Parameter,
    RequestRefused,
    api_mount,
    day_of,
    moment_of,
    one_of,
    whole,
)
from bot.web.interface.openapi import Also, Varies, described

USUAL, MOST = 100, 500
"""How many entries a page has, unless fewer are asked for or more."""

LARGEST = 10**15

Day = Annotated[str, Also(format="date")]
Moment = Annotated[str, Also(format="date-time")]
Amount = Annotated[
    str,
    "An exact amount in the campaign's unit, in plain decimal notation.",
    Also(pattern=r"^-?[0-9]+(\.[0-9]{1,4})?$"),
]
Share = Annotated[
    str,
    "In percent, rounded half up to two decimals; 100.00 only when all is done.",
    Also(pattern=r"^-?[0-9]+\.[0-9]{2}$"),
]
Kind = Annotated[str, Varies("kind")]
Next = Annotated[str | None, "The address of the next page; null on the last."]
KnownAt = Annotated[
    str | None,
    Also(format="date-time"),
    "The moment as of which was asked; null for what is known now.",
]


class RateTold(TypedDict):
    """An exact share: numerator and denominator in lowest terms, and as people read it."""

    numerator: int
    denominator: int
    percent: Share


class QuotientTold(TypedDict):
    """An exact quotient in lowest terms."""

    numerator: int
    denominator: int


class BriefTold(TypedDict):
    """A campaign in a list."""

    key: str
    title: str
    bureau: str
    start: Day
    deadline: Day
    version: Annotated[int, "Which version of the campaign's file is in force."]


class CampaignsTold(TypedDict):
    """The campaigns that are open to the token, by key."""

    campaigns: list[BriefTold]
    next: Next


class StageTold(TypedDict):
    """A stage of the work."""

    key: str
    name: str
    headline: Annotated[bool, "Whether this is the stage that is ranked; one is."]
    within: Annotated[str | None, "The stage whose amounts bound this one's."]


class CategoryTold(TypedDict):
    """A kind of the work; the kinds are disjoint."""

    key: str
    name: str


class TownshipTold(TypedDict):
    """A township with its task."""

    name: str
    kind: str
    ranking_group: str
    target: Amount
    targets: Annotated[dict[str, Amount], "The task by category."]
    target_set_on: Annotated[Day | None, "The day of the paper that set the task."]


class RankingTold(TypedDict):
    """How townships are ranked: by the exact rate of the headline stage, ties by these rules in
    turn.
    """

    enabled: bool
    by_group: bool
    tie_breaks: list[TieBreak]
    rule_version: int


class MilestoneTold(TypedDict):
    """By the end of the day this share of each task should be done."""

    day: Day
    share: RateTold


class CampaignTold(TypedDict):
    """A campaign as its file in force sets it."""

    key: str
    version: Annotated[int, "Which version of the campaign's file is in force."]
    title: str
    short_title: str
    area: str
    bureau: str
    timezone: Annotated[str, "Its name in the time zone database; all days are days there."]
    start: Day
    deadline: Day
    days: Annotated[ReportingDays, "On which days townships report and bulletins go out."]
    cutoff: Annotated[str, "The hour after which a report is late, HH:MM."]
    bulletin: Annotated[str, "The hour at which a day is closed, HH:MM."]
    unit: str
    decimals: Annotated[int, "How many decimals an amount may have."]
    target: Amount
    stages: list[StageTold]
    categories: list[CategoryTold]
    townships: Annotated[list[TownshipTold], "In the official order."]
    ranking: RankingTold
    milestones: Annotated[
        list[MilestoneTold], "None: the plan runs straight from the start to the deadline."
    ]


class StandingTold(TypedDict):
    """A township at the close of the day, or so far."""

    township: str
    group: Annotated[str, "The ranking group; empty when all are ranked together."]
    rank: Annotated[
        int | None, "1, 2, 2, 4; null without a task, and where the campaign does not rank."
    ]
    tied: bool
    movement: Annotated[
        int | None, "Ranks gained (+) or lost (-) against the bulletin before; null without one."
    ]
    value: Annotated[
        Amount | None,
        "What stands of the headline stage, carried forward when the day is missing; null if never told.",
    ]
    target: Amount
    rate: Annotated[RateTold | None, "null without a task, and if never told."]
    done: bool
    increase: Annotated[Amount | None, "Against the bulletin before; null without one."]
    reported: Annotated[Reported, "What the township did about the day's report."]
    carried_from: Annotated[Day | None, "The day whose amount is shown when this one is missing."]
    missing_days: Annotated[int, "Reporting days running without a report, up to this one."]
    still_days: Annotated[
        int, "Reporting days since the last increase, those without a report not counted."
    ]
    stages: Annotated[dict[str, Amount], "What stands of each stage that was told."]
    categories: Annotated[
        dict[str, Amount], "What stands of the headline stage, by category, where told."
    ]


class StandingsTold(TypedDict):
    """Where the work stands on a day."""

    campaign: str
    version: Annotated[int, "Which version of the campaign's file is in force."]
    day: Day
    closed_at: Annotated[Moment | None, "When the day was closed; null while it is open."]
    previous: Annotated[
        Day | None, "The day of the bulletin before; increase and movement are counted against it."
    ]
    known_at: KnownAt
    rule_version: int
    total: Amount
    target: Amount
    rate: RateTold | None
    increase: Amount | None
    planned: Annotated[RateTold, "The share of each task the plan expects by the end of the day."]
    days_left: Annotated[int, "Calendar days to the deadline."]
    needed_per_day: Annotated[
        Amount | None, "What is left over the days left, rounded up; null when no day is left."
    ]
    pace: Annotated[
        QuotientTold | None, "The average increase a day over the last seven reporting days."
    ]
    stages: dict[str, Amount]
    categories: dict[str, Amount]
    standings: Annotated[
        list[StandingTold], "By rank, group by group, then those that are not ranked."
    ]


class VerifiedTold(TypedDict):
    """How many cases of a register have a stage proved, of one township and category (null:
    all).
    """

    township: str
    stage: str
    category: str | None
    cases: int


class RegisterTold(TypedDict):
    """A register as counts: never a name, an identity or an account."""

    campaign: str
    register: str
    known_at: KnownAt
    day: Day
    cases: Annotated[int, "On the list on that day."]
    left: Annotated[int, "Cases that have left it by then."]
    verified: list[VerifiedTold]


class ClaimedTold(TypedDict):
    """One cell, as claimed and as proved by the register."""

    township: str
    stage: str
    category: str | None
    claimed: Annotated[Amount | None, "null: never told."]
    verified: Annotated[Amount | None, "null: nothing was ever filed."]
    since: Annotated[
        Day | None, "The first day of the run on which the claim stands above what is proved."
    ]


class ClaimedsTold(TypedDict):
    """What is claimed beside what is verified, cell by cell."""

    campaign: str
    known_at: KnownAt
    day: Day
    cells: list[ClaimedTold]


class FigureTold(TypedDict):
    """A row of the log: the cumulative amount of one township, day, stage and category (null: the
    total of the stage).
    """

    number: Annotated[int, "Its place in the log; numbers grow and are never used again."]
    township: str
    day: Day
    stage: str
    category: str | None
    value: Annotated[Amount | None, "null withdraws the figure it supersedes."]
    in_force: Annotated[
        bool, "Whether it holds at known_at; of a cell and day the last in force stands."
    ]
    late: Annotated[bool, "Whether it was reported after the cut-off."]
    recorded_at: Moment
    supersedes: Annotated[int | None, "The figure it corrects or withdraws."]
    source: Annotated[
        Literal["reply", "person"], "A report of the township, or a decision of the bureau."
    ]


class FiguresTold(TypedDict):
    """The log of figures, in its order."""

    campaign: str
    known_at: KnownAt
    figures: list[FigureTold]
    next: Next


class TableTold(TypedDict):
    """The table under a notice, as it was sent."""

    head: list[str]
    rows: list[list[str]]
    notes: list[str]


class NoticeTold(TypedDict):
    """Something the bureau sent to its groups."""

    number: Annotated[int, "Its place in the log; numbers grow and are never used again."]
    kind: Kind
    day: Day
    edition: Annotated[int, "1 for the notice of the day, more for a correction of the same issue."]
    issue: Annotated[int | None, "The number of a bulletin, counted from 1 over the campaign."]
    planned: Annotated[Moment, "The moment it stands for."]
    made_at: Moment
    catch_up: Annotated[bool, "Whether it was sent late for that moment."]
    version: Annotated[int, "The version of the campaign's file it was made under."]
    rule_version: int
    title: str
    text: Annotated[str | None, Varies("text")]
    table: TableTold | None


class NoticesTold(TypedDict):
    """The notices, in the order they were made."""

    campaign: str
    known_at: KnownAt
    notices: list[NoticeTold]
    next: Next


class StepTold(TypedDict):
    """The step of the ladder that has been reached, or is held at: who is told, and what is
    proposed to be decided by a person.
    """

    days: int
    audience: Audience
    measure: str


class OverdueTold(TypedDict):
    """Something a township owes and has not done."""

    owed: Owed
    township: str
    light: Annotated[Light, "red: past its moment; yellow: behind plan."]
    due: Moment
    since: Annotated[Day | None, "The first day of the present trouble."]
    days: Annotated[int, "How many reporting days running it has lasted."]
    short: Annotated[Amount | None, "How much is missing; 0 for a report."]
    trouble: Trouble | None
    answered_at: Annotated[
        Moment | None,
        "When somebody last answered for it, while that is fresh: it holds the ladder.",
    ]
    step: StepTold | None


class OverduesTold(TypedDict):
    """What is overdue on a day, the worst and oldest first."""

    campaign: str
    version: Annotated[int, "Which version of the campaign's file is in force."]
    day: Day
    known_at: KnownAt
    overdue: list[OverdueTold]


def _campaigns(asked: Inquiry) -> CampaignsTold:
    """The campaigns this token may read."""
    after, most = asked.values["after"] or "", asked.values["limit"] or USUAL
    found = [one for one in asked.open_to_reader() if one.campaign.key > after]
    return {
        "campaigns": [
            {
                "key": one.campaign.key,
                "title": one.campaign.title,
                "bureau": one.campaign.bureau,
                "start": str(one.campaign.start),
                "deadline": str(one.campaign.deadline),
                "version": one.version,
            }
            for one in found[:most]
        ],
        "next": asked.onward(found[most - 1].campaign.key) if len(found) > most else None,
    }


def _campaign(asked: Inquiry) -> CampaignTold:
    """A campaign: its townships and tasks, stages, days and rules."""
    campaign = asked.enrolled.campaign
    return {
        "key": campaign.key,
        "version": asked.enrolled.version,
        "title": campaign.title,
        "short_title": campaign.short_title,
        "area": campaign.area,
        "bureau": campaign.bureau,
        "timezone": campaign.timezone.key,
        "start": str(campaign.start),
        "deadline": str(campaign.deadline),
        "days": campaign.days,
        "cutoff": campaign.cutoff.isoformat("minutes"),
        "bulletin": campaign.hours[BULLETIN].isoformat("minutes"),
        "unit": campaign.unit,
        "decimals": campaign.decimals,
        "target": plain(campaign.target),
        "stages": [
            {
                "key": stage.key,
                "name": stage.name,
                "headline": stage.headline,
                "within": stage.within,
            }
            for stage in campaign.stages
        ],
        "categories": [
            {"key": category.key, "name": category.name} for category in campaign.categories
        ],
        "townships": [
            {
                "name": township.name,
                "kind": township.kind,
                "ranking_group": township.ranking_group,
                "target": plain(township.target),
                "targets": _amounts(township.targets),
                "target_set_on": None if township.basis.day is None else str(township.basis.day),
            }
            for township in campaign.townships
        ],
        "ranking": {
            "enabled": campaign.ranking.enabled,
            "by_group": campaign.ranking.by_group,
            "tie_breaks": list(campaign.ranking.tie_breaks),
            "rule_version": campaign.ranking.rule,
        },
        "milestones": [
            {"day": str(milestone.day), "share": _share(milestone.share)}
            for milestone in campaign.milestones
        ],
    }


def _standings(asked: Inquiry) -> StandingsTold:
    """Where the work stands on a day, and where each township stands."""
    day, closed_at = _day(asked)
    held, known_at = _held(asked), asked.known_at
    campaign = held.campaign
    sheets = asked.app.sheets.known(asked.session, campaign, day, known_at)
    sheet = sheets[-1]
    before = next((earlier for earlier in sheets if earlier.day == sheet.previous), None)
    ranked = standings(campaign, sheet, before) if campaign.ranking.enabled else ()
    placed = {standing.row.township for standing in ranked}
    return {
        "campaign": campaign.key,
        "version": held.version,
        "day": str(day),
        "closed_at": None if closed_at is None else _moment(campaign, closed_at),
        "previous": None if sheet.previous is None else str(sheet.previous),
        "known_at": _asked_as_of(asked),
        "rule_version": campaign.ranking.rule,
        "total": plain(sheet.total),
        "target": plain(sheet.target),
        "rate": _rate(sheet.rate),
        "increase": _amount(sheet.increase),
        "planned": _share(planned_share(campaign, day)),
        "days_left": sheet.days_left,
        "needed_per_day": _amount(sheet.needed_per_day),
        "pace": None
        if sheet.pace is None
        else {"numerator": sheet.pace.numerator, "denominator": sheet.pace.denominator},
        "stages": _amounts(sheet.stages),
        "categories": _amounts(sheet.categories),
        "standings": [
            *(_standing(standing.row, standing) for standing in ranked),
            *(_standing(row, None) for row in sheet.townships if row.township not in placed),
        ],
    }


def _register(asked: Inquiry) -> RegisterTold:
    """The cases of a register, counted by township, stage and category."""
    campaign, known_at = asked.enrolled.campaign, asked.known_at
    key = asked.values["register"]
    register = next((one for one in campaign.registers if key in (None, one.key)), None)
    if register is None:
        keys = ", ".join(one.key for one in campaign.registers) or "none"
        raise RequestRefused(
            HTTPStatus.UNPROCESSABLE_ENTITY,
            f"{campaign.key} has no such register; its registers are {keys}",
        )
    day = known_at.astimezone(campaign.timezone).date()
    cases = cases_known(asked.session, campaign, register, known_at, asked.app.payments)
    here = on_list(cases, day)
    return {
        "campaign": campaign.key,
        "register": register.key,
        "known_at": _asked_as_of(asked),
        "day": str(day),
        "cases": len(here),
        "left": len(cases) - len(here),
        "verified": [
            {"township": township, "stage": stage, "category": category, "cases": int(count)}
            for (township, stage, category), count in sorted(
                verified(register, cases, day).items(),
                key=lambda one: (one[0][0], one[0][1], one[0][2] or ""),
            )
        ],
    }


def _claimed(asked: Inquiry) -> ClaimedsTold:
    """What townships claim beside what the campaign's first register proves."""
    campaign, known_at = asked.enrolled.campaign, asked.known_at
    if campaign.register is None:
        raise RequestRefused(
            HTTPStatus.UNPROCESSABLE_ENTITY,
            f"{campaign.key} has no register that proves what is claimed",
        )
    day, _ = _day(asked)
    sheets = asked.app.sheets.known(asked.session, campaign, day, known_at)
    cases = cases_known(asked.session, campaign, campaign.register, known_at, asked.app.payments)
    logged = figures.figures_until(asked.session, campaign.key, day, known_at)
    since = (
        {one.township: one.since for one in unproved(campaign, campaign.register, cases, sheets)}
        if cases
        else {}
    )
    found = differences(
        standing_figures(logged, day, known_at), verified(campaign.register, cases, day), since
    )
    headline = (campaign.headline.key, None)
    return {
        "campaign": campaign.key,
        "known_at": _asked_as_of(asked),
        "day": str(day),
        "cells": [
            {
                "township": one.cell[0],
                "stage": one.cell[1],
                "category": one.cell[2],
                "claimed": _amount(one.claimed),
                "verified": plain(one.verified) if cases else None,
                "since": str(one.since)
                if one.since is not None and one.cell[1:] == headline
                else None,
            }
            for one in found
        ],
    }


def _standing(row: TownshipDay, standing: Standing | None) -> StandingTold:
    return {
        "township": row.township,
        "group": "" if standing is None else standing.group,
        "rank": None if standing is None else standing.rank,
        "tied": standing is not None and standing.tied,
        "movement": None if standing is None else standing.movement,
        "value": _amount(row.value),
        "target": plain(row.target),
        "rate": _rate(row.rate),
        "done": row.done,
        "increase": _amount(row.increase),
        "reported": row.reported,
        "carried_from": None if row.carried_from is None else str(row.carried_from),
        "missing_days": row.missing_days,
        "still_days": row.still_days,
        "stages": _amounts(row.stages),
        "categories": _amounts(row.categories),
    }


def _figures(asked: Inquiry) -> FiguresTold:
    """The log of figures from which everything else is computed."""
    campaign, known_at = asked.enrolled.campaign, asked.known_at
    township, most = asked.values["township"], asked.values["limit"] or USUAL
    if township is not None and township not in {one.name for one in campaign.townships}:
        raise RequestRefused(
            HTTPStatus.UNPROCESSABLE_ENTITY,
            f"township {township[:60]} is none of {campaign.key}; write one of: "
            f"{', '.join(one.name for one in campaign.townships)}",
        )
    found = figures.figures_page(
        asked.session,
        campaign.key,
        asked.values["after"] or 0,
        known_at,
        most=most + 1,
        day=asked.values["day"],
        township=None if township is None else TownshipName(township),
    )
    return {
        "campaign": campaign.key,
        "known_at": _asked_as_of(asked),
        "figures": [_figure(campaign, figure, in_force) for figure, in_force in found[:most]],
        "next": asked.onward(found[most - 1][0].number) if len(found) > most else None,
    }


def _figure(campaign: Campaign, figure: Figure, in_force: bool) -> FigureTold:
    return {
        "number": figure.number,
        "township": figure.township,
        "day": str(figure.day),
        "stage": figure.stage,
        "category": figure.category,
        "value": _amount(figure.value),
        "in_force": in_force,
        "late": figure.late,
        "recorded_at": _moment(campaign, figure.recorded_at),
        "supersedes": figure.supersedes,
        "source": "person" if figure.reply_number is None else "reply",
    }


def _notices(asked: Inquiry) -> NoticesTold:
    """What was sent to the groups: bulletins, corrections, requests, reminders, overdue lists."""
    campaign, known_at = asked.enrolled.campaign, asked.known_at
    kind, most = asked.values["kind"], asked.values["limit"] or USUAL
    found = notices.notices_page(
        asked.session,
        campaign.key,
        asked.values["after"] or 0,
        known_at,
        most=most + 1,
        kinds=disclosed(asked.app.jobs) if kind is None else [NoticeKind(kind)],
        day=asked.values["day"],
    )
    return {
        "campaign": campaign.key,
        "known_at": _asked_as_of(asked),
        "notices": [
            {
                "number": number,
                "kind": notice.kind,
                "day": str(notice.day),
                "edition": notice.edition,
                "issue": notice.number,
                "planned": _moment(campaign, notice.planned),
                "made_at": _moment(campaign, notice.made_at),
                "catch_up": notice.catch_up,
                "version": notice.version,
                "rule_version": notice.rule_version,
                "title": notice.title,
                "text": notice.text if _is_disclosed_in_full(asked, notice.kind) else None,
                "table": None
                if notice.table is None
                else {
                    "head": list(notice.table.head),
                    "rows": [list(row) for row in notice.table.rows],
                    "notes": list(notice.table.notes),
                },
            }
            for number, notice in found[:most]
        ],
        "next": asked.onward(found[most - 1][0]) if len(found) > most else None,
    }


def _is_disclosed_in_full(asked: Inquiry, kind: NoticeKind) -> bool:
    return traits_of(asked.app.jobs, kind).disclosure is Disclosure.FULL


def _overdue(asked: Inquiry) -> OverduesTold:
    """What is overdue: reports not given, progress behind plan, townships standing still, the
    deadline missed.
    """
    day, _ = _day(asked)
    held, known_at = _held(asked), asked.known_at
    campaign = held.campaign
    said = words(asked.session, campaign, known_at)
    sheets = asked.app.sheets.known(asked.session, campaign, day, known_at)
    said = words(asked.session, campaign, known_at)
    return {
        "campaign": campaign.key,
        "version": held.version,
        "day": str(day),
        "known_at": _asked_as_of(asked),
        "overdue": [
            _late(campaign, late) for late in overdue(obligations(campaign, sheets, known_at, said))
        ],
    }


def _late(campaign: Campaign, late: Obligation) -> OverdueTold:
    return {
        "owed": late.owed,
        "township": late.township,
        "light": late.light,
        "due": _moment(campaign, late.due),
        "since": None if late.since is None else str(late.since),
        "days": late.days,
        "short": _amount(late.short),
        "trouble": late.trouble,
        "answered_at": None if late.answer is None else _moment(campaign, late.answer.at),
        "step": None
        if late.rung is None
        else {"days": late.rung.days, "audience": late.rung.audience, "measure": late.rung.measure},
    }


def _day(asked: Inquiry) -> tuple[date, datetime | None]:
    """The day asked about, else the one open at the moment asked about; and when it was closed.
    RequestRefused for one that cannot be.
    """
    campaign, known_at = asked.enrolled.campaign, asked.known_at
    closed = closings.closings(asked.session, campaign.key)
    days = reporting_days(campaign)
    newest = open_day(campaign, sent_at=known_at, arrived_at=known_at, closings=closed) or (
        days[0] if known_at < campaign.moment(campaign.start, campaign.cutoff) else days[-1]
    )
    day: date = asked.values["day"] or newest
    if day not in days:
        raise RequestRefused(
            HTTPStatus.UNPROCESSABLE_ENTITY,
            f"{day} is no reporting day of {campaign.key}: it runs from {days[0]} to {days[-1]} ({campaign.days})",
        )
    if day > newest:
        raise RequestRefused(
            HTTPStatus.UNPROCESSABLE_ENTITY,
            f"{day} has not begun; the last day there is something of is {newest}",
        )
    closing = closed.get(day)
    return day, closing.closed_at if closing is not None and closing.closed_at <= known_at else None


def _held(asked: Inquiry) -> Enrolled:
    """The campaign in the version that held at the moment that is asked about, or holds now where
    none is.
    """
    moment = asked.values["known_at"]
    return asked.enrolled if moment is None else in_force_at(asked.session, asked.enrolled, moment)


def _asked_as_of(asked: Inquiry) -> str | None:
    # Not the moment of the answer where none was asked for: an answer that says nothing new must be
    # the same to the letter.
    moment = asked.values["known_at"]
    return None if moment is None else _moment(asked.enrolled.campaign, moment)


def _moment(campaign: Campaign, moment: datetime) -> str:
    return moment.astimezone(campaign.timezone).isoformat()


def _amount(value: Decimal | None) -> str | None:
    return None if value is None else plain(value)


def _amounts(values: Mapping[Any, Decimal]) -> dict[str, str]:
    return {str(key): plain(value) for key, value in values.items()}


def _rate(rate: Fraction | None) -> RateTold | None:
    return None if rate is None else _share(rate)


def _share(share: Fraction) -> RateTold:
    return {
        "numerator": share.numerator,
        "denominator": share.denominator,
        "percent": percent(share).rstrip("%"),
    }


DAY = Parameter(
    name="day",
    told="A reporting day; the day that is open at known_at if left out, or the last one of a campaign that has ended.",
    schema={"type": "string", "format": "date"},
    read=day_of,
)
OF_DAY = Parameter(
    name="day",
    told="Only those of this day.",
    schema={"type": "string", "format": "date"},
    read=day_of,
)
KNOWN_AT = Parameter(
    name="known_at",
    told="As of this moment: only what was known then. Now if left out; not a moment that has not come.",
    schema={"type": "string", "format": "date-time"},
    read=moment_of,
)
AFTER = Parameter(
    name="after",
    told="Only those with a higher number: the page after it, or what has come since.",
    schema={"type": "integer", "minimum": 0, "maximum": LARGEST},
    read=whole(LARGEST),
)
LIMIT = Parameter(
    name="limit",
    told="How many at the most.",
    schema={"type": "integer", "minimum": 1, "maximum": MOST, "default": USUAL},
    read=whole(MOST, least=1),
)
AFTER_KEY = Parameter(
    name="after",
    told="Only those whose key comes after this one.",
    schema={"type": "string"},
    read=str,
)
REGISTER = Parameter(
    name="register",
    told="The register, by its key; the first if left out.",
    schema={"type": "string"},
    read=str,
)
TOWNSHIP = Parameter(
    name="township",
    told="Only those of this township, by its full name.",
    schema={"type": "string"},
    read=str,
)


def disclosed(jobs: Mapping[str, JobKind]) -> list[NoticeKind]:
    """The kinds of notice a reader is told of; the fault of a robot, say, is the bureau's own
    affair.
    """
    return [
        kind
        for kind, traits in notice_kinds(jobs).items()
        if traits.disclosure is not Disclosure.NONE
    ]


def endpoints(jobs: Mapping[str, JobKind]) -> tuple[ApiEndpoint, ...]:
    """Every address with what may be asked there; the routes and their description are both made
    from this.
    """
    kinds = disclosed(jobs)
    kind = Parameter(
        name="kind",
        told="Only those of this kind.",
        schema={"type": "string", "enum": kinds},
        read=one_of(kinds),
    )
    key = "/v1/campaigns/{key}"
    return (
        ApiEndpoint(path="/v1/campaigns", answer=_campaigns, parameters=(AFTER_KEY, LIMIT)),
        ApiEndpoint(path=key, answer=_campaign),
        ApiEndpoint(path=f"{key}/standings", answer=_standings, parameters=(DAY, KNOWN_AT)),
        ApiEndpoint(
            path=f"{key}/figures",
            answer=_figures,
            parameters=(OF_DAY, TOWNSHIP, KNOWN_AT, AFTER, LIMIT),
        ),
        ApiEndpoint(
            path=f"{key}/notices",
            answer=_notices,
            parameters=(OF_DAY, kind, KNOWN_AT, AFTER, LIMIT),
        ),
        ApiEndpoint(path=f"{key}/overdue", answer=_overdue, parameters=(DAY, KNOWN_AT)),
        ApiEndpoint(path=f"{key}/register", answer=_register, parameters=(REGISTER, KNOWN_AT)),
        ApiEndpoint(path=f"{key}/claimed", answer=_claimed, parameters=(DAY, KNOWN_AT)),
    )


def description(jobs: Mapping[str, JobKind]) -> dict[str, Any]:
    """The interface of a program with these jobs, as OpenAPI."""
    kinds = notice_kinds(jobs)
    unread = [
        kind for kind, traits in kinds.items() if traits.disclosure is Disclosure.WITHOUT_TEXT
    ]
    return described(
        endpoints(jobs),
        {
            "kind": {"enum": disclosed(jobs)},
            "text": {
                "description": f"null for the kinds whose text names people: {_listed(unread)}."
            },
        },
    )


def _listed(words: Sequence[str]) -> str:
    return " and ".join(filter(None, [", ".join(words[:-1]), *words[-1:]])) or "none"


def interface(app: App, now: Callable[[], datetime], pace: RequestPace | None = None) -> Mount:
    """The interface as a route of the site, below `/api`. `pace` is how often one token may ask."""
    return api_mount(
        app, endpoints(app.jobs), functools.cache(lambda: description(app.jobs)), now, pace
    )
