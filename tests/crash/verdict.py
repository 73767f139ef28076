"""Holds what the groups saw against what had to be said: by the ledger's own notices, and without
it.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import timedelta
from itertools import pairwise
from typing import Any

from bot.app import App, build_app, load_campaigns
from bot.domain.campaigns.campaign import CampaignKey, GroupKey, NoticeKind
from bot.domain.notices.delivery import Delivery, DeliveryState
from bot.domain.notices.notice import Notice
from bot.store.figures import figures
from bot.store.notices import deliveries, notices
from bot.store.replies import readings
from bot.store.replies.replies import unread_replies
from bot.views.notices.messages import message_of
from config.settings import Settings
from jobs import JOBS
from tests.crash import drill
from tests.crash.season import Played

CAMPAIGN = CampaignKey(drill.KEY)
TOLD_TO_THE_CLERK = {DeliveryState.UNKNOWN, DeliveryState.REFUSED}
ENDS = {DeliveryState.SENT, *TOLD_TO_THE_CLERK}


@dataclass(kw_only=True)
class Verdict:
    """The figures of a season, or of many added up. `lost`, `double_unmarked` and `sent_not_seen`
    must be none.
    """

    kills: int = 0
    days: int = 0
    replies: int = 0
    notices: int = 0
    deliveries: int = 0
    messages: int = 0
    lost: int = 0
    double_unmarked: int = 0
    sent_not_seen: int = 0
    not_resent: int = 0
    unfinished: int = 0
    double_marked: int = 0
    unknown: int = 0
    refused: int = 0
    notices_missing: int = 0
    notices_too_many: int = 0
    strange: int = 0
    out_of_order: int = 0
    replies_lost: int = 0
    replies_double: int = 0
    replies_held: int = 0
    logged: list[str] = field(default_factory=list)
    """The errors that the services logged, a line each."""
    told: list[str] = field(default_factory=list)
    """What was found, a line each, for whoever must find the reason."""

    @property
    def faults(self) -> int:
        """How much was found that may never be."""
        return (
            self.lost
            + self.double_unmarked
            + self.sent_not_seen
            + self.not_resent
            + self.unfinished
            + self.notices_missing
            + self.notices_too_many
            + self.strange
            + self.out_of_order
            + self.replies_lost
            + self.replies_double
        )

    def __add__(self, other: Verdict) -> Verdict:
        return Verdict(**{name: getattr(self, name) + getattr(other, name) for name in vars(self)})

    def table(self) -> str:
        """The figures for people."""
        rows = [
            ("kills", self.kills),
            ("days played", self.days),
            ("replies taken", self.replies),
            ("notices", self.notices),
            ("deliveries", self.deliveries),
            ("messages the groups saw", self.messages),
            ("", None),
            ("lost", self.lost),
            ("double, unmarked", self.double_unmarked),
            ("counted as sent, not seen", self.sent_not_seen),
            ("unknown bulletins not resent", self.not_resent),
            ("deliveries without an end", self.unfinished),
            ("notices missing", self.notices_missing),
            ("notices too many", self.notices_too_many),
            ("messages nobody wrote", self.strange),
            ("messages out of order", self.out_of_order),
            ("replies lost", self.replies_lost),
            ("replies counted double", self.replies_double),
            ("", None),
            ("double, marked 【重发】", self.double_marked),
            ("unknown, told to the clerk", self.unknown),
            ("refused, told to the clerk", self.refused),
            ("replies held for a person", self.replies_held),
            ("errors logged by the service", len(self.logged)),
        ]
        return "\n".join(
            "" if number is None else f"{name:<30}{number:>8,}" for name, number in rows
        )


def judge(played: Played) -> Verdict:
    """What came of a season that was played to its end."""
    verdict = Verdict(
        kills=played.kills, days=played.days, replies=len(played.replies), logged=played.errors
    )
    app = build_app(Settings.load(played.settings, None), JOBS)
    try:
        (loaded,) = load_campaigns([str(played.campaign)], JOBS)
        app.enrol(loaded, played.ended)
        _judge_notices(verdict, played, app)
        _judge_deliveries(verdict, played, app)
        _judge_replies(verdict, played, app)
    finally:
        app.close()
    return verdict


def _judge_notices(verdict: Verdict, played: Played, app: App) -> None:
    """Which notices there must be follows from when the service could look, and from nothing in its
    ledger.
    """
    with app.store.reading() as session:
        written = Counter(
            (notice.kind, notice.day) for _, notice in notices.notices(session, CAMPAIGN)
        )
        titles = {
            (notice.kind, notice.day): notice.title
            for _, notice in notices.notices(session, CAMPAIGN)
        }
        # Whom no request reached owes no report (law 12), and the list may have nothing to say.
        asked = notices.days_that_arrived(
            session, CAMPAIGN, ("call", "remind"), [GroupKey("townships")], played.ended
        )
    verdict.notices = written.total()
    for due in drill.notices_due(played.days):
        made = written.pop((due.kind, due.day), 0)
        within = [through for at, through in played.looks if due.since <= at < due.until]
        nobody_asked = due.kind == "overdue" and due.day not in asked
        if not made and any(within) and not nobody_asked:
            verdict.notices_missing += 1
            verdict.told.append(f"no {due.kind} of {due.day}, though the service looked in time")
        if made > 1 or (made and not within):
            verdict.notices_too_many += 1
            verdict.told.append(
                f"{made} {due.kind} of {due.day}, where there were {len(within)} looks in its time"
            )
        if made and titles[due.kind, due.day] != due.title:
            verdict.strange += 1
            verdict.told.append(
                f"{due.kind} of {due.day} is called {titles[due.kind, due.day]}, not {due.title}"
            )
    verdict.notices_too_many += written.total()
    verdict.told += [f"nobody owed a {kind} of {day}" for kind, day in written]


@dataclass
class Said:
    """One notice to one group: its deliveries, and the pages of each as the platform is sent
    them.
    """

    notice: Notice
    original: Delivery | None = None
    resends: list[Delivery] = field(default_factory=list)
    plain: list[str] = field(default_factory=list)
    marked: list[str] = field(default_factory=list)


def _judge_deliveries(verdict: Verdict, played: Played, app: App) -> None:
    with app.store.reading() as session:
        written = dict(notices.notices(session, CAMPAIGN))
        carried = deliveries.deliveries(session, CAMPAIGN)
    verdict.deliveries = len(carried)
    said: dict[tuple[int, str], Said] = {}
    for number, notice in written.items():
        for group, (_, kinds) in drill.GROUPS.items():
            if notice.kind in kinds:
                plain, marked = (
                    pages_of(app, notice, group, resend=resend) for resend in (False, True)
                )
                said[number, group] = Said(notice=notice, plain=plain, marked=marked)
    for delivery in carried:
        one = said.get((delivery.notice_number, str(delivery.group)))
        if one is None or (delivery.resend_of is None and one.original is not None):
            verdict.double_unmarked += 1
            verdict.told.append(f"delivery {delivery.number} should not be")
        elif delivery.resend_of is None:
            one.original = delivery
        else:
            one.resends.append(delivery)
    for group, robot in played.groups.by_group.items():
        seen = Counter(without_signature(message.body) for message in robot.seen)
        verdict.messages += seen.total()
        mine = {number: one for (number, to), one in said.items() if to == group}
        for one in mine.values():
            judge_one(verdict, group, one, seen)
        verdict.strange += seen.total()
        verdict.told += [f"{group} saw what nobody wrote: {body[:120]}" for body in seen]
        _judge_order(verdict, played, app, group, mine)


def judge_one(verdict: Verdict, group: str, one: Said, seen: Counter[str]) -> None:
    """Takes the pages of one notice out of what the group saw, and says what is wrong with them."""
    name = f"{one.notice.title} to {group}"
    plain = [seen.pop(body, 0) for body in one.plain]
    marked = [seen.pop(body, 0) for body in one.marked]
    ends = [delivery for delivery in [one.original, *one.resends] if delivery is not None]
    states = [delivery.state for delivery in ends]
    verdict.unknown += states.count(DeliveryState.UNKNOWN)
    verdict.refused += states.count(DeliveryState.REFUSED)
    open_still = [state for state in states if state not in ENDS]
    if open_still:
        verdict.unfinished += len(open_still)
        verdict.told.append(f"{name}: ends as {states}")
    if max(plain) > 1 or max(marked) > len(one.resends):
        verdict.double_unmarked += 1
        verdict.told.append(
            f"{name}: seen {plain} times, marked {marked} times, by {len(one.resends)} resends"
        )
    if any(first and second for first, second in zip(plain, marked, strict=False)):
        verdict.double_marked += 1
    for delivery in ends:
        pages = plain if delivery.resend_of is None else marked
        if delivery.only and delivery.of == len(delivery.only):  # a repetition of those pages alone
            pages = [pages[number - 1] for number in delivery.only]
        if delivery.state is DeliveryState.SENT and not (
            delivery.page == len(pages) and all(pages)
        ):
            verdict.sent_not_seen += 1
            verdict.told.append(
                f"{name}: delivery {delivery.number} counts as sent, pages seen {pages}"
            )
    whole = all(plain) or all(marked)
    if len(plain) == len(marked):  # else a repetition was cut otherwise and repeats them all
        whole = all(first or second for first, second in zip(plain, marked, strict=True))
    if not whole and (not ends or ends[-1].state not in TOLD_TO_THE_CLERK):
        verdict.lost += 1
        verdict.told.append(
            f"{name}: seen {plain}, marked {marked}, while the ledger says {states}"
        )
    if one.notice.kind == NoticeKind("bulletin") and states == [DeliveryState.UNKNOWN]:
        verdict.not_resent += 1
        verdict.told.append(f"{name}: unknown and not sent once more")


def _judge_order(
    verdict: Verdict, played: Played, app: App, group: str, mine: Mapping[int, Said]
) -> None:
    """The first copies must have appeared in the order the notices were made, and the pages of each
    in theirs.

    Not so what the ledger calls unknown, or once did: its lease was over, the next was let go, and
    it may arrive yet.
    """
    place = {
        body: (number, page) for number, one in mine.items() for page, body in enumerate(one.plain)
    }
    with app.store.reading() as session:
        for number, one in mine.items():
            steps = (
                deliveries.history(session, one.original.number) if one.original is not None else []
            )
            if any(step.state is DeliveryState.UNKNOWN for step in steps):
                place = {body: at for body, at in place.items() if at[0] != number}
    shown = [without_signature(message.body) for message in played.groups.by_group[group].seen]
    order = [place[body] for body in shown if body in place]
    for before, after in pairwise(order):
        if after < before:
            verdict.out_of_order += 1
            verdict.told.append(
                f"{group}: {mine[after[0]].notice.title} after {mine[before[0]].notice.title}"
            )


def pages_of(app: App, notice: Notice, group: str, *, resend: bool) -> list[str]:
    """The bodies of the requests that carry the notice to that group."""
    robot = app.robots.of(CAMPAIGN, GroupKey(group))
    assert robot is not None
    message = message_of(notice, app.wording, resend=resend)
    called = tuple(robot.people.get(mention.name, mention) for mention in message.mentions)
    return [
        without_signature(page.body)
        for page in robot.channel.pages(replace(message, mentions=called))
    ]


def without_signature(body: Mapping[str, Any]) -> str:
    """The body without what differs at each attempt, as a value to compare."""
    return json.dumps(
        {key: value for key, value in body.items() if key not in ("timestamp", "sign")},
        sort_keys=True,
    )


def _judge_replies(verdict: Verdict, played: Played, app: App) -> None:
    """Each reply stands once and has its one effect, which is known without reading it."""
    with app.store.reading() as session:
        kept = readings.readings(session, CAMPAIGN)
        unread = unread_replies(session, CAMPAIGN)
        told = figures.figures_until(
            session, CAMPAIGN, drill.day_of(drill.DAYS), played.ended + timedelta(days=drill.DAYS)
        )
    times = Counter(reply.message_id for reply, _ in kept)
    number_of = {reply.message_id: reply.number for reply, _ in kept}
    values = {}
    effects: Counter[int | None] = Counter()
    for figure in told:
        effects[figure.reply_number] += 1
        values[figure.reply_number] = (str(figure.township), figure.value)
    # Stored by one process while another closed their day: no bulletin is changed behind its back,
    # a person decides.
    held = {
        reply.message_id
        for reply, reading in kept
        if any(doubt["why"] == "closed_day" for doubt in reading.asked)
    }
    verdict.replies_held += len(held)
    verdict.replies_lost += len(unread) + len(played.unheard)
    verdict.told += [f"reply {reply.message_id} was stored and never read" for reply in unread]
    verdict.told += [f"reply {reply.id} was never acknowledged" for reply in played.unheard]
    for reply in played.replies:
        number = number_of.get(reply.id, -1)
        if reply.id in held and times[reply.id] == 1 and number not in values:
            continue
        if not times[reply.id] or values.get(number) != drill.value_of(reply):
            verdict.replies_lost += 1
            verdict.told.append(
                f"reply {reply.id} says {drill.value_of(reply)}, the ledger {values.get(number)}"
            )
        if times[reply.id] > 1 or effects[number] > 1:
            verdict.replies_double += 1
            verdict.told.append(
                f"reply {reply.id} was read {times[reply.id]} times, with {effects[number]} figures"
            )
