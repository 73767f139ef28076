"""A person's word on figures: a reply settled or refused, a figure entered or withdrawn; what a
bulletin told is corrected (law 10).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from decimal import Decimal

from bot import log
from bot.actions.refusal import Refusal
from bot.actions.replies.collect import standing_before
from bot.actions.replies.hear import answer_settled
from bot.domain.campaigns.campaign import BULLETIN, CORRECTION, Campaign, CategoryKey, TownshipName
from bot.domain.campaigns.enrolled import Enrolled
from bot.domain.campaigns.workdays import ScheduledRun, is_late, is_reporting_day
from bot.domain.decisions.actor import Actor
from bot.domain.decisions.kinds import DecisionKind
from bot.domain.decisions.subjects import (
    FigureSubject,
    ReplySubject,
    Subject,
    TownshipDaySubject,
    kept_as,
)
from bot.domain.figures.progress import Cell, DaySheet, Figure, plain
from bot.domain.notices.notice import Notice, after_quiet
from bot.domain.replies.reading import Incoming, Outcome, ReadFigure, Reading, ReadingWording, read
from bot.domain.replies.reading.answer import echo_of
from bot.domain.replies.reading.exchange import options_from_json
from bot.domain.replies.reading.stated import read_stated, stated_from_json
from bot.store import Session, lock_campaign
from bot.store.decisions import decisions
from bot.store.figures import figures
from bot.store.figures.figures import NewFigure
from bot.store.notices import deliveries, notices
from bot.store.replies import readings, replies
from bot.views.day import compose
from bot.views.day.sheets import sheets_known
from bot.views.day.told import as_told
from bot.views.notices.wording import NoticeWording
from bot.views.replies.held import FOR_A_PERSON, SETTLING, HeldReply, why_held

OF_A_DAY = frozenset({"closed_day", "other_day"})


class CorrectionRefused(Refusal):
    """A decision that cannot be carried out as it was given; the text says why and what to give."""

    room = "correct"


@dataclass(frozen=True, kw_only=True)
class TypedValue:
    """What a person says stands: `stage` and `category` by key or by name, the category empty for
    the total.
    """

    stage: str
    category: str
    value: Decimal


@dataclass(frozen=True, kw_only=True)
class Settled:
    """What a decision came to: the figures that entered the log, and the correction that tells of
    it, if one was needed.
    """

    decision: int
    figures: tuple[NewFigure, ...]
    notice: Notice | None = None


def approve(  # noqa: PLR0913
    session: Session,
    enrolled: Enrolled,
    wording: NoticeWording,
    reading_wording: ReadingWording,
    number: int,
    *,
    by: Actor,
    at: datetime,
    reason: str = "",
    township: str | None = None,
    day: date | None = None,
    values: Sequence[TypedValue] = (),
    choice: int | None = None,
) -> Settled:
    """Lets a held reply stand, with what a person adds: whose it is, of which day, or what it says.
    Raises CorrectionRefused.

    The reply is read once more, as if its day were open and its sender had the right; what is still
    not certain then must be given as `values`. A question that is open is settled by `values`, or
    by one of the readings it offers: `choice`, from 1. A closed day that a bulletin has told brings
    out its correction, in this very transaction, and the writer is answered with what stands, in
    his own chat, if that is still open.
    """
    campaign = enrolled.campaign
    lock_campaign(session, campaign.key)
    waiting = _waiting(session, campaign, number, asked_will_do=bool(values) or choice is not None)
    if choice is not None:
        waiting, label = _chosen(waiting, choice)
        reason = f"{label}；{reason}" if reason else label
    about = _has_come(campaign, day or waiting.reading.day, at)
    late = is_late(campaign, about, waiting.reply.sent_at)
    before, today = standing_before(session, campaign, about, at)
    if values:
        named = _township(campaign, waiting, township)
        said = tuple(_said(campaign, named, about, value) for value in values)
        standing = {**before, **{cell: f.value for cell, f in today.items() if f.value is not None}}
        _within_the_stages(campaign, said, standing)
        _parts_fit(campaign, said, standing)
    else:
        stands = {cell: figure.value for cell, figure in today.items() if figure.value is not None}
        said = _read_again(
            campaign, reading_wording, waiting, township, day, about, late, before, stands
        )
    if not waiting.why:
        _still_open(waiting, said, today)
    settled = _enter(
        session,
        enrolled,
        wording,
        _new(said, late, today),
        kind=DecisionKind.REPLY_APPROVED,
        about=ReplySubject(number=number),
        by=by,
        reason=reason,
        at=at,
        reply=number,
    )
    if any(one.category is None for one in said):
        echo = echo_of(campaign, reading_wording, said, before, late=late)
        answer_settled(session, campaign, waiting.reply, echo, at)
    return settled


def enter(  # noqa: PLR0913
    session: Session,
    enrolled: Enrolled,
    wording: NoticeWording,
    township: str,
    day: date,
    values: Sequence[TypedValue],
    *,
    by: Actor,
    reason: str,
    at: datetime,
    correction: bool = False,
) -> Settled:
    """Sets what stands for a township on a day, open or closed, without any reply: told by
    telephone, say. Raises CorrectionRefused.

    Less than what stands is taken only as a `correction`. A closed day brings out its correction as
    an approved reply does.
    """
    campaign = enrolled.campaign
    lock_campaign(session, campaign.key)
    named = _known_township(campaign, township)
    _has_come(campaign, day, at)
    if not values:
        raise CorrectionRefused("no_value", "no value is given that would stand")
    before, today = standing_before(session, campaign, day, at)
    said = tuple(_said(campaign, named, day, value) for value in values)
    stands = {
        **before,
        **{cell: figure.value for cell, figure in today.items() if figure.value is not None},
    }
    _within_the_stages(campaign, said, stands)
    _parts_fit(campaign, said, stands)
    for one in said:
        stood = stands.get((one.township, one.stage, one.category), Decimal(0))
        if one.value < stood and not correction:
            stage = campaign.stage(one.stage)
            raise CorrectionRefused(
                "below",
                f"{named}: {stage.key} stands at {plain(stood)}, more than {plain(one.value)}; say that it is a correction",  # noqa: E501
                township=named,
                stage=stage.name,
                value=plain(one.value),
                stood=plain(stood),
            )
    reported = [today.get((one.township, one.stage, one.category)) for one in said]
    if all(
        held is not None and held.value == one.value
        for held, one in zip(reported, said, strict=True)
    ):
        raise CorrectionRefused(
            "stands", f"{named}: that stands for {day} already", township=named, day=day
        )
    return _enter(
        session,
        enrolled,
        wording,
        _new(said, is_late(campaign, day, at), today),
        kind=DecisionKind.FIGURE_ENTERED,
        about=TownshipDaySubject(township=named, day=day),
        by=by,
        reason=reason,
        at=at,
    )


def _new(said: Sequence[ReadFigure], late: bool, today: Mapping[Cell, Figure]) -> list[NewFigure]:
    """The figures as they enter the log, each naming the one of its day that it takes the place
    of.
    """
    return [
        NewFigure(
            township=one.township,
            day=one.day,
            stage=one.stage,
            category=one.category,
            value=one.value,
            late=late,
            supersedes=held.number
            if (held := today.get((one.township, one.stage, one.category)))
            and held.value != one.value
            else None,
        )
        for one in said
    ]


def refuse(
    session: Session, campaign: Campaign, number: int, *, by: Actor, reason: str, at: datetime
) -> int:
    """Ends the waiting of a held reply, or an open question, without any figure; the number of the
    decision. Raises CorrectionRefused.
    """
    lock_campaign(session, campaign.key)
    _waiting(session, campaign, number, asked_will_do=True)
    log.event("reply refused", reply=number)
    return decisions.add_decision(
        session,
        campaign=campaign.key,
        by=by,
        kind=DecisionKind.REPLY_REFUSED,
        subject=ReplySubject(number=number),
        reason=reason,
        at=at,
    )


def withdraw(
    session: Session,
    enrolled: Enrolled,
    wording: NoticeWording,
    number: int,
    *,
    by: Actor,
    reason: str,
    at: datetime,
    whole_reply: bool = False,
) -> Settled:
    """Takes a figure out of force, or all that came from the same reply; what stood before it
    stands again. Raises CorrectionRefused.
    """
    campaign = enrolled.campaign
    lock_campaign(session, campaign.key)
    try:
        figure = figures.get_figure(session, campaign.key, number)
    except KeyError:
        raise CorrectionRefused(
            "no_figure",
            f"{campaign.key} has no figure {number}; `diaodu figures` lists them",
            number=number,
        ) from None
    gone = figures.withdrawn(session, campaign.key)
    if number in gone:
        raise CorrectionRefused("withdrawn", f"figure {number} was withdrawn before", number=number)
    whole = [figure]
    if whole_reply and figure.reply_number is not None:
        told = figures.figures_of_reply(session, campaign.key, figure.reply_number)
        whole = [one for one in told if one.number not in gone]
    added = [
        NewFigure(
            township=one.township,
            day=one.day,
            stage=one.stage,
            category=one.category,
            value=None,
            late=one.late,
            supersedes=one.number,
        )
        for one in whole
    ]
    return _enter(
        session,
        enrolled,
        wording,
        added,
        kind=DecisionKind.FIGURE_WITHDRAWN,
        about=FigureSubject(number=number),
        by=by,
        reason=reason,
        at=at,
    )


def _enter(  # noqa: PLR0913
    session: Session,
    enrolled: Enrolled,
    wording: NoticeWording,
    added: Sequence[NewFigure],
    *,
    kind: DecisionKind,
    about: Subject,
    by: Actor,
    reason: str,
    at: datetime,
    reply: int | None = None,
) -> Settled:
    """Writes the decision, its figures and, where a bulletin has told otherwise, the correction:
    all or nothing.
    """
    campaign = enrolled.campaign
    made = [(number, notice) for number, notice in notices.notices(session, campaign.key)]
    if any(at <= notice.made_at for _, notice in made):
        # What was known when a notice was made must stay what it was (law 1).
        raise CorrectionRefused(
            "clock",
            "the clock stands before the last notice that was made; set it right and decide again",
        )
    touched = [one.day for one in added]
    for one in added:
        if one.value is None and one.supersedes is not None:
            undone = figures.get_figure(session, campaign.key, one.supersedes)
            # a figure that had been moved to another day goes back there
            if undone.supersedes is not None:
                touched.append(figures.get_figure(session, campaign.key, undone.supersedes).day)
    first = min(touched)
    told = [(number, n) for number, n in made if n.kind == BULLETIN and n.day >= first]
    told.sort(key=lambda one: one[1].day)
    before = _as_told(session, campaign, told, at)
    decision = decisions.add_decision(
        session, campaign=campaign.key, by=by, kind=kind, subject=about, reason=reason, at=at
    )
    figures.add_figures(
        session,
        campaign=campaign.key,
        version=enrolled.version,
        recorded_at=at,
        reply_number=reply,
        decision_number=decision,
        figures=added,
    )
    log.event(
        kind,
        about=" ".join(kept_as(about)),
        figures=len(added),
        days=sorted({str(day) for day in touched}),
    )
    notice = None
    if told:
        notice = _tell(
            session, enrolled, wording, told, before, _as_told(session, campaign, told, at), at
        )
    return Settled(decision=decision, figures=tuple(added), notice=notice)


@dataclass(frozen=True, kw_only=True)
class _Laid:
    """A campaign in one of its versions, and its days as they stand by that version."""

    campaign: Campaign
    sheets: tuple[DaySheet, ...]


def _as_told(
    session: Session, campaign: Campaign, told: Sequence[tuple[int, Notice]], at: datetime
) -> dict[int, _Laid]:
    """By version, what these bulletins would say now: each by the version it was told under (law
    1).
    """
    laid: dict[int, _Laid] = {}
    for _, issue in reversed(told):
        if issue.version not in laid:
            version = as_told(session, campaign, issue)
            laid[issue.version] = _Laid(
                campaign=version, sheets=sheets_known(session, version, issue.day, at)
            )
    return laid


def _tell(
    session: Session,
    enrolled: Enrolled,
    wording: NoticeWording,
    issues: Sequence[tuple[int, Notice]],
    before: Mapping[int, _Laid],
    after: Mapping[int, _Laid],
    at: datetime,
) -> Notice | None:
    """The correction of the first issue that moved, to the groups that got it; the later ones that
    moved with it are named there.
    """
    campaign = enrolled.campaign
    moved, later = [], []
    for number, issue in issues:
        then = [sheet for sheet in before[issue.version].sheets if sheet.day <= issue.day]
        now = [sheet for sheet in after[issue.version].sheets if sheet.day <= issue.day]
        if not then or then[-1].day != issue.day:
            continue
        if compose.moved_cells(before[issue.version].campaign, then[-1], now[-1]):
            moved.append((number, issue, then, now))
        if moved and moved[0][0] != number and then[-1].townships != now[-1].townships:
            later.append(issue.number or 0)
    if not moved:
        return None
    bulletin, issue, then, now = moved[0]
    day = issue.day
    earlier = notices.find_notice(session, campaign.key, CORRECTION, day)
    notice = compose.correction(
        wording,
        before[issue.version].campaign,
        enrolled.version,
        ScheduledRun(job=CORRECTION, day=day, planned=at, at=at),
        then,
        now,
        edition=2 if earlier is None else earlier[1].edition + 1,
        later=later,
    )
    if notice is None:
        return None
    here = {group.key for group in campaign.groups}
    got = dict.fromkeys(
        one.group
        for one in deliveries.deliveries(session, campaign.key)
        if one.notice_number == bulletin and one.group in here
    )
    notices.add_notice(session, notice, list(got), not_before=after_quiet(campaign, at))
    return notice


def _has_come(campaign: Campaign, day: date | None, at: datetime) -> date:
    """That day, if figures can be of it: a reporting day that has begun."""
    if day is None or not is_reporting_day(campaign, day):
        raise CorrectionRefused(
            "which_day",
            f"it is of no reporting day from {campaign.start} to {campaign.deadline}",
            first=campaign.start,
            last=campaign.deadline,
        )
    if day > at.astimezone(campaign.timezone).date():
        raise CorrectionRefused("not_come", f"{day} has not come yet", day=day)
    return day


def _chosen(waiting: HeldReply, choice: int) -> tuple[HeldReply, str]:
    """The reply as if it said the reading of that number which its question offers, and how that
    was put to its writer.
    """
    asked = waiting.reading.asked
    options = options_from_json(asked[0].get("options", ())) if len(asked) == 1 else ()
    if not 1 <= choice <= len(options):
        raise CorrectionRefused("not_offered", "the question offers no such reading")
    option = options[choice - 1]
    return replace(waiting, reply=replace(waiting.reply, text=option.text)), option.label


def _still_open(
    waiting: HeldReply, said: Sequence[ReadFigure], today: Mapping[Cell, Figure]
) -> None:
    """A question is over once something of its township was accepted after it was put: nobody
    decides over the newer word.
    """
    for one in said:
        newer = today.get((one.township, one.stage, one.category))
        if newer is not None and newer.recorded_at > waiting.reading.read_at:
            raise CorrectionRefused(
                "answered_since",
                f"{one.township} has reported since; withdraw that figure, or enter another",
                township=one.township,
            )


def _waiting(
    session: Session, campaign: Campaign, number: int, *, asked_will_do: bool = False
) -> HeldReply:
    """The reply of that number, if it waits for a person; with `asked_will_do` one that was only
    asked back does as well.
    """
    try:
        reply = replies.get_reply(session, number)
    except KeyError:
        reply = None
    if reply is None or reply.campaign != campaign.key:
        raise CorrectionRefused(
            "no_reply",
            f"{campaign.key} has no reply {number}; `diaodu replies` lists what waits",
            number=number,
        )
    reading = readings.find_reading(session, number)
    if reading is None:
        raise CorrectionRefused("unread", f"reply {number} has not been read yet", number=number)
    for decision in decisions.decisions(
        session, campaign.key, SETTLING, about=ReplySubject(number=number)
    ):
        raise CorrectionRefused(
            "decided",
            f"{decision.person} has decided on reply {number} already: {decision.kind}",
            person=decision.person,
            number=number,
            decision=decision.kind,
        )
    why = why_held(str(doubt["why"]) for doubt in reading.asked)
    if not why and not (asked_will_do and reading.asked):
        raise CorrectionRefused(
            "waits_for_nobody",
            f"reply {number} waits for nobody: it was read as {reading.outcome}",
            number=number,
            outcome=reading.outcome,
        )
    return HeldReply(reply=reply, reading=reading, why=why)


def _township(campaign: Campaign, waiting: HeldReply, given: str | None) -> TownshipName:
    """Whose figures they are: as the person says, or as the reply leaves no doubt."""
    if given is not None:
        return _known_township(campaign, given)
    named = {
        doubt.get("township") for doubt in waiting.reading.asked if doubt["why"] == "other_township"
    }
    if not named:
        named = {
            township.name
            for township in campaign.townships
            for contact in township.contacts
            if contact.nick == waiting.reply.sender
        }
    if len(named) != 1 or None in named:
        raise CorrectionRefused("whose", "nobody has said whose figures these are")
    return TownshipName(str(named.pop()))


def _known_township(campaign: Campaign, given: str) -> TownshipName:
    for township in campaign.townships:
        if given in (township.name, *township.aliases):
            return township.name
    raise CorrectionRefused(
        "no_township", f"{given} is no township of {campaign.key}", township=given
    )


def _speaker(campaign: Campaign, waiting: HeldReply, township: str | None) -> str:
    """Who is taken to have written the reply once a person has answered for it."""
    if township is not None or "other_township" in waiting.why:
        contacts = campaign.township(_township(campaign, waiting, township)).contacts
        if not contacts:
            raise CorrectionRefused("no_contact", "the township has no contact to read it for")
        return contacts[0].nick
    if "sender" in waiting.why and campaign.office_staff:
        return campaign.office_staff[0]  # who approves it speaks for the office
    return waiting.reply.sender


def _read_again(  # noqa: PLR0913
    campaign: Campaign,
    wording: ReadingWording,
    waiting: HeldReply,
    township: str | None,
    day: date | None,
    about: date,
    late: bool,
    before: dict[Cell, Decimal],
    today: dict[Cell, Decimal],
) -> tuple[ReadFigure, ...]:
    """What the reply says when the person's answers are taken as given; CorrectionRefused if that
    is still not certain.
    """
    sender = _speaker(campaign, waiting, township)
    reply = waiting.reply

    def judged(text: str) -> Reading:
        if reply.stated is not None:  # the person has said of which day its cells are
            stated = replace(stated_from_json(reply.stated), day=None)
            return read_stated(
                campaign,
                stated,
                open_day=about,
                late=late,
                before=before,
                today=today,
                wording=wording,
            )
        return read(
            campaign,
            Incoming(id=reply.message_id, text=text, sender=sender, at=reply.sent_at),
            open_day=about,
            late=late,
            before=before,
            today=today,
            wording=wording,
        )

    text = reply.text
    for _ in range(4):
        reading = judged(text)
        doubts = [doubt for doubt in reading.asked if doubt.why in OF_A_DAY]
        if day is None or not doubts or doubts[0].text not in text:
            break
        text = text.replace(doubts[0].text, "", 1)  # 昨日: the person has said which day that is
    if reading.outcome is Outcome.ACCEPT:
        return reading.figures
    why = ", ".join(dict.fromkeys(doubt.why for doubt in reading.asked)) or "it is no report"
    if any(doubt.why in OF_A_DAY for doubt in reading.asked):
        raise CorrectionRefused(
            "other_day",
            "the text names another day",
        )
    if any(doubt.why in FOR_A_PERSON | {"whose"} for doubt in reading.asked):
        raise CorrectionRefused("whose", "nobody has said whose figures these are")
    raise CorrectionRefused("uncertain", f"the text is still not certain ({why})", doubts=why)


def _said(campaign: Campaign, township: TownshipName, day: date, value: TypedValue) -> ReadFigure:
    """A person's value as a figure; CorrectionRefused if there is no such stage or category, or it
    is beyond the task.
    """
    stage = next((one for one in campaign.stages if value.stage in (one.key, one.name)), None)
    if stage is None:
        raise CorrectionRefused(
            "no_stage",
            f"{value.stage} is no stage; write one of {', '.join(one.key for one in campaign.stages)}",
            stage=value.stage,
            stages="、".join(one.name for one in campaign.stages),
        )
    category = next(
        (one for one in campaign.categories if value.category in (one.key, one.name)), None
    )
    if value.category and category is None:
        raise CorrectionRefused(
            "no_category",
            f"{value.category} is no category of {campaign.key}",
            category=value.category,
        )
    key: CategoryKey | None = category.key if category else None
    target = campaign.township(township).target_of(key)
    if not 0 <= value.value <= target:
        raise CorrectionRefused(
            "beyond",
            f"{township}: {plain(value.value)} is not from 0 to {plain(target)}, which is the task",
            township=township,
            value=plain(value.value),
            target=plain(target),
        )
    if value.value != round(value.value, campaign.decimals):
        raise CorrectionRefused(
            "decimals",
            f"{plain(value.value)} has more than {campaign.decimals} decimals",
            value=plain(value.value),
            decimals=campaign.decimals,
        )
    return ReadFigure(
        township=township,
        day=day,
        stage=stage.key,
        category=key,
        value=value.value,
        correction=True,
    )


def _within_the_stages(
    campaign: Campaign, said: Sequence[ReadFigure], stands: dict[Cell, Decimal]
) -> None:
    """No stage may stand above the one that bounds it: what is accepted was completed, what is
    completed was started.
    """
    after = {**stands, **{(one.township, one.stage, one.category): one.value for one in said}}

    for township in {one.township for one in said if one.category is None}:
        for stage in campaign.stages:
            value = after.get((township, stage.key, None))
            limit = after.get((township, stage.within, None)) if stage.within is not None else None
            # What was never told bounds nothing: it is not zero (law 2).
            if value is None or limit is None or value <= limit or stage.within is None:
                continue
            raise CorrectionRefused(
                "above_its_bound",
                f"{township}: {stage.key} would stand at {plain(value)}, above {stage.within} at {plain(limit)};"
                " give both",
                township=township,
                stage=stage.name,
                value=plain(value),
                bound=campaign.stage(stage.within).name,
                limit=plain(limit),
            )


def _parts_fit(
    campaign: Campaign, said: Sequence[ReadFigure], stands: Mapping[Cell, Decimal]
) -> None:
    """No parts may contradict their whole, by the rule a contact's own are read by
    (docs/reading-rules.md, rule 7).
    """
    after = {**stands, **{(one.township, one.stage, one.category): one.value for one in said}}
    for township, stage in dict.fromkeys(
        (one.township, one.stage) for one in said if one.category is not None
    ):
        whole = after.get((township, stage, None))
        with_task = [
            one.key
            for one in campaign.categories
            if campaign.township(township).target_of(one.key) > 0
        ]
        mine = [one for one in said if (one.township, one.stage) == (township, stage)]
        told = {one.category: one.value for one in mine if one.category is not None}
        stood = [stands.get((township, stage, key)) for key in with_task]
        fitted = None not in stood and sum(filter(None, stood), Decimal(0)) == stands.get(
            (township, stage, None)
        )
        if fitted:  # those that are not given stand as they were
            told = {key: after[township, stage, key] for key in with_task} | told
        together = sum(told.values(), Decimal(0))
        if (
            whole is None
            or together == whole
            or (together < whole and not set(with_task) <= set(told))
        ):
            continue
        raise CorrectionRefused(
            "parts",
            f"{township}: the categories of {stage} come to {plain(together)}, not to {plain(whole)}; give both",
            township=township,
            stage=campaign.stage(stage).name,
            value=plain(together),
            limit=plain(whole),
        )
