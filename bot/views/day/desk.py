"""What the clerk's one page shows: each township of a day with what came of it, and everything that
waits for a person.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from enum import StrEnum
from operator import itemgetter

from bot.domain.campaigns.campaign import Campaign, Township, TownshipName
from bot.domain.campaigns.workdays import Closing, ScheduledRun, reporting_days, strike_for, strikes
from bot.domain.day.ranking import Standing, standings
from bot.domain.decisions.decision import Decision
from bot.domain.decisions.kinds import DecisionKind
from bot.domain.decisions.subjects import ReplySubject, Subject, TownshipDaySubject
from bot.domain.figures.progress import (
    Cell,
    DaySheet,
    Figure,
    Reported,
    TownshipDay,
    day_sheets,
    figures_of_day,
    in_force,
    latest_of_day,
    standing_figures,
    with_baseline,
)
from bot.domain.replies.reading import Incoming, Option, Outcome, ReadingWording, answered
from bot.domain.replies.reading.exchange import options_from_json
from bot.domain.replies.reading.explain import Explanation, TokenPlace, explain, placed
from bot.store import Session
from bot.store.day import closings, runs
from bot.store.decisions import decisions
from bot.store.figures import figures
from bot.store.people import ties
from bot.store.replies import heard, readings, replies
from bot.store.replies.heard import UnidentifiedSource
from bot.store.replies.readings import StoredReading
from bot.store.replies.replies import StoredReply
from bot.views.day.asking import asking_known
from bot.views.day.steering import holds, keeping, sentence_at
from bot.views.replies.held import SETTLING, HeldReply, why_held

AHEAD = timedelta(days=4)
"""How far ahead the next hours are looked for: over a long weekend."""


class State(StrEnum):
    """How a township stands on a day, as the clerk sees it; in the order in which he looks at
    them.
    """

    ASKED = "asked"  # it has written, and what it wrote is not settled
    MISSING = "missing"
    NOT_ASKED = "not_asked"  # nothing came, and no request has reached it
    ANSWERED = "answered"  # it wrote, and owes its first cumulative count
    LATE = "late"
    ON_TIME = "on_time"
    DONE = "done"
    IDLE = "idle"  # it has no task


@dataclass(frozen=True, kw_only=True)
class DeskReply:
    """One reply and what came of it. `waits` is why a person may settle it ("question", or the
    doubts only he can), else empty.

    `figures` are all that came from it, `stands` the numbers of those still in force; `newer` is
    whether anything of its township was accepted after it was read.
    """

    reply: StoredReply
    reading: StoredReading
    figures: tuple[Figure, ...]
    stands: frozenset[int]
    waits: tuple[str, ...]
    newer: bool
    decision: Decision | None

    @property
    def options(self) -> tuple[Option, ...]:
        """The readings that its question offers, while it can be settled by one."""
        asked = self.reading.asked
        return (
            options_from_json(asked[0].get("options", ())) if self.waits and len(asked) == 1 else ()
        )


@dataclass(frozen=True, kw_only=True)
class DeskRow:
    """One township of the day: how it stands, what it said, and its figures of the day that are in
    force.
    """

    township: Township
    state: State
    day: TownshipDay
    standing: Standing | None
    told: tuple[DeskReply, ...]
    figures: tuple[Figure, ...]
    # the last word of the office on it, where no reply stands behind a figure
    entered: Decision | None

    @property
    def waits(self) -> bool:
        """Whether something of it waits for a person."""
        return any(one.waits for one in self.told)


@dataclass(frozen=True, kw_only=True)
class NextHour:
    """The next time a job strikes, and who holds it back."""

    strike: ScheduledRun
    hold: Decision | None


@dataclass(frozen=True, kw_only=True)
class Desk:
    """The desk of a campaign at a moment. `others` are replies of the day that are of no known
    township, `held` those of other days.
    """

    day: date
    days: tuple[date, ...]  # the reporting days up to now
    sheet: DaySheet
    rows: tuple[DeskRow, ...]
    others: tuple[DeskReply, ...]
    held: tuple[HeldReply, ...]
    strangers: tuple[UnidentifiedSource, ...]
    next_hours: tuple[NextHour, ...]
    closing: Closing | None
    # what keeps its bulletin back: its own hold, or that of an earlier day
    hold: tuple[date, Decision] | None
    sentence: Decision | None
    reminded_at: datetime | None

    @property
    def counts(self) -> dict[State, int]:
        """How many townships are in each state."""
        return {state: sum(row.state is state for row in self.rows) for state in State}

    @property
    def waiting(self) -> int:
        """How many things wait for a person."""
        told = {one.reply.number for row in self.rows for one in row.told if one.waits}
        told |= {one.reply.number for one in self.others if one.waits}
        return len(told) + len(self.held) + len(self.strangers)


def desk_day(campaign: Campaign, at: datetime) -> date:
    """The day the desk opens on: today, or the last reporting day before it; the first before the
    campaign has begun.
    """
    days = reporting_days(campaign)
    today = at.astimezone(campaign.timezone).date()
    return next((day for day in reversed(days) if day <= today), days[0])


def desk(session: Session, campaign: Campaign, day: date, at: datetime) -> Desk:
    """Everything the desk of `day` shows at `at`, by a few queries whose number depends on
    nothing.
    """
    log = figures.figures_until(session, campaign.key, day, at)
    sheets = day_sheets(campaign, log, day, at, asking_known(session, campaign, at))
    sheet = sheets[-1]
    before = next((one for one in sheets if one.day == sheet.previous), None)
    ranked = (
        {one.row.township: one for one in standings(campaign, sheet, before)}
        if campaign.ranking.enabled
        else {}
    )
    decided = decisions.decisions(session, campaign.key, (*SETTLING, DecisionKind.FIGURE_ENTERED))
    about = {one.subject: one for one in decided}
    in_day = latest_of_day(log, day, at)
    told = _told(
        campaign,
        readings.readings(session, campaign.key, day),
        log,
        in_day.values(),
        about,
        day,
        at,
    )
    by_township: dict[TownshipName, list[DeskReply]] = {}
    others = []
    for one in told:
        whose = _whose(campaign, one)
        for name in whose:
            by_township.setdefault(name, []).append(one)
        if not whose and one.reading.outcome != Outcome.NONE:
            others.append(one)
    rows = []
    for township, row in zip(campaign.townships, sheet.townships, strict=True):
        replies_of = tuple(by_township.get(township.name, ()))
        rows.append(
            DeskRow(
                township=township,
                state=_state(campaign, row, replies_of),
                day=row,
                standing=ranked.get(township.name),
                told=replies_of,
                figures=tuple(
                    figure for cell, figure in in_day.items() if cell[0] == township.name
                ),
                entered=about.get(TownshipDaySubject(township=township.name, day=day)),
            )
        )
    hours = runs.runs_between(session, campaign.key, at - AHEAD, at + AHEAD)
    held_back = holds(session, campaign.key)
    return Desk(
        day=day,
        days=tuple(
            one
            for one in reporting_days(campaign)
            if one <= at.astimezone(campaign.timezone).date()
        ),
        sheet=sheet,
        rows=tuple(rows),
        others=tuple(others),
        held=tuple(
            HeldReply(reply=reply, reading=reading, why=why)
            for reply, reading in readings.readings(session, campaign.key, doubted=True)
            if reading.day != day
            and (why := why_held(str(doubt["why"]) for doubt in reading.asked))
            and ReplySubject(number=reply.number) not in about
        ),
        strangers=tuple(_of_campaign(session, campaign, heard.waiting_for_people(session))),
        next_hours=tuple(_next_hours(campaign, at, hours, held_back)),
        closing=closings.closings(session, campaign.key).get(day),
        hold=min(
            ((one, hold) for one, hold in held_back.items() if one <= day),
            key=itemgetter(0),
            default=None,
        ),
        sentence=sentence_at(session, campaign.key, day, at),
        reminded_at=_reminded(campaign, day, at, hours),
    )


def _told(
    campaign: Campaign,
    read: Sequence[tuple[StoredReply, StoredReading]],
    log: Sequence[Figure],
    in_day: Iterable[Figure],
    decided: Mapping[Subject, Decision],
    day: date,
    at: datetime,
) -> list[DeskReply]:
    stands = frozenset(figure.number for figure in in_force(log, day, at))
    by_reply: dict[int, list[Figure]] = {}
    for figure in log:
        if figure.reply_number is not None and figure.value is not None:
            by_reply.setdefault(figure.reply_number, []).append(figure)
    newest: dict[TownshipName, datetime] = {}
    for figure in in_day:
        newest[figure.township] = max(
            newest.get(figure.township, figure.recorded_at), figure.recorded_at
        )
    # A contact's newest word that says anything; what it leaves open closes whatever he was asked
    # before.
    last = {
        reply.sender: reply.number for reply, reading in read if reading.outcome != Outcome.NONE
    }
    nicks = _nicks(campaign)
    told = []
    for reply, reading in read:
        decision = decided.get(ReplySubject(number=reply.number))
        waits = why_held(str(doubt["why"]) for doubt in reading.asked)
        names = {nicks.get(reply.sender), *(doubt.get("township") for doubt in reading.asked)} - {
            None
        }
        since = any(newest[name] > reading.read_at for name in names if name in newest)
        if reading.asked and not waits:
            overtaken = reply.sender in nicks and last[reply.sender] != reply.number
            waits = () if since or overtaken else ("question",)
        told.append(
            DeskReply(
                reply=reply,
                reading=reading,
                figures=tuple(by_reply.get(reply.number, ())),
                stands=stands,
                waits=() if decision is not None else waits,
                newer=since,
                decision=decision,
            )
        )
    return told


def _nicks(campaign: Campaign) -> dict[str, TownshipName]:
    return {
        contact.nick: township.name
        for township in campaign.townships
        for contact in township.contacts
    }


def _whose(campaign: Campaign, told: DeskReply) -> list[TownshipName]:
    """The townships a reply is about: its writer's, those its figures are of, those it was asked
    back of.
    """
    whose = [_nicks(campaign).get(told.reply.sender), *(figure.township for figure in told.figures)]
    whose += [doubt.get("township") for doubt in told.reading.asked]
    return list(dict.fromkeys(name for name in whose if name is not None))


def _state(campaign: Campaign, row: TownshipDay, told: Sequence[DeskReply]) -> State:
    """What the township itself has done: what somebody else wrote of it leaves it missing, whoever
    must settle that.
    """
    nicks = _nicks(campaign)
    if any(
        one.waits and not one.newer and nicks.get(one.reply.sender) == row.township for one in told
    ):
        return State.ASKED
    if row.done:
        return State.DONE
    if row.target == 0:
        return State.IDLE
    match row.reported:
        case Reported.LATE:
            return State.LATE
        case Reported.MISSING | Reported.NOT_ASKED | Reported.ANSWERED:
            return State(row.reported)
        case _:
            return State.ON_TIME


def _of_campaign(
    session: Session, campaign: Campaign, waiting: Sequence[UnidentifiedSource]
) -> list[UnidentifiedSource]:
    """Of the chats and senders nobody knows those that may be of this campaign: of its chats, of
    its robots, or of nobody's yet.
    """
    if not waiting:
        return []
    tied = ties.chats(session)
    robots: dict[str, set[str]] = {}
    for (channel, _), campaigns in tied.items():
        robots.setdefault(channel, set()).update(campaigns)
    return [
        one
        for one in waiting
        if campaign.key
        in tied.get((one.channel, one.chat), robots.get(one.channel, {campaign.key}))
    ]


def _next_hours(
    campaign: Campaign,
    at: datetime,
    done: Mapping[tuple[str, datetime], datetime],
    held: Mapping[date, Decision],
) -> list[NextHour]:
    first: dict[str, ScheduledRun] = {}
    for strike in strikes(campaign, at, at + AHEAD):
        if (strike.job, strike.planned) not in done:
            first.setdefault(strike.job, strike)
    return [
        NextHour(strike=strike, hold=keeping(campaign, held, strike)) for strike in first.values()
    ]


def _reminded(
    campaign: Campaign, day: date, at: datetime, done: Mapping[tuple[str, datetime], datetime]
) -> datetime | None:
    if "remind" not in campaign.hours:
        return None
    return done.get(("remind", strike_for(campaign, "remind", day, at).planned))


@dataclass(frozen=True, kw_only=True)
class Explained:
    """Why a reply was read as it was, with the marks laid on its own words."""

    explanation: Explanation
    places: tuple[TokenPlace, ...]


def explained(
    session: Session, campaign: Campaign, wording: ReadingWording, number: int
) -> Explained | None:
    """How a reply was read, against what stood when it was read; None for one that is not of this
    campaign or not read yet.
    """
    try:
        reply = replies.get_reply(session, number)
    except KeyError:
        return None
    reading = readings.find_reading(session, number)
    if reply.campaign != campaign.key or reading is None:
        return None
    before, today = _stood(session, campaign, reply, reading)
    text = _meant(session, reply, reading)
    explanation = explain(
        campaign,
        Incoming(id=reply.message_id, text=text, sender=reply.sender, at=reply.sent_at),
        open_day=reading.day,
        late=reading.late,
        before=before,
        today=today,
        wording=wording,
    )
    return Explained(explanation=explanation, places=placed(text, explanation))


def _stood(
    session: Session, campaign: Campaign, reply: StoredReply, reading: StoredReading
) -> tuple[Mapping[Cell, Decimal], Mapping[Cell, Decimal]]:
    """What stood before the reply's day and what was accepted for it, at the moment it was read,
    without what came of it.
    """
    if reading.day is None:
        return {}, {}
    log = [
        figure
        for figure in figures.figures_until(session, campaign.key, reading.day, reading.read_at)
        if figure.recorded_at < reading.read_at or (figure.reply_number or 0) < reply.number
    ]
    eve = reading.day - timedelta(days=1)
    return with_baseline(campaign, standing_figures(log, eve, reading.read_at)), figures_of_day(
        log, reading.day, reading.read_at
    )


def _meant(session: Session, reply: StoredReply, reading: StoredReading) -> str:
    """The words that were read: the reply's own, or those of the reading it chose."""
    question = None if reading.answers is None else readings.find_reading(session, reading.answers)
    option = None
    if question is not None and len(question.asked) == 1:
        option = answered(reply.text, options_from_json(question.asked[0].get("options", ())))
    return reply.text if option is None else option.text
