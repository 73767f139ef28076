"""Who did what: everything people decided, with the versions of the campaign and the robots that
were switched off, newest first.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from operator import attrgetter

from bot.domain.campaigns.campaign import Campaign
from bot.domain.decisions.actor import Actor
from bot.domain.decisions.decision import Decision
from bot.domain.decisions.kinds import DecisionKind
from bot.domain.decisions.subjects import (
    AccountSubject,
    BankFormSubject,
    BatchSubject,
    CaseSubject,
    ChatSubject,
    DaySubject,
    DeliverySubject,
    FigureSubject,
    GroupSubject,
    ListSubject,
    OtherSubject,
    OwedSubject,
    ReaderSubject,
    ReplySubject,
    SenderSubject,
    Subject,
    TownshipDaySubject,
)
from bot.domain.figures.progress import Figure, plain
from bot.domain.keys import GroupKey
from bot.domain.notices.delivery import Delivery
from bot.domain.notices.notice import Notice, phones_masked
from bot.store import Session
from bot.store.campaigns import versions
from bot.store.decisions import decisions
from bot.store.figures import figures
from bot.store.notices import deliveries, notices, robots
from bot.store.replies import replies
from bot.store.replies.replies import StoredReply

PAGE = 50
LAST = 2**62
"""Above the number of any row."""

ROBOT_OFF, VERSION = "robot off", "version"
"""Kinds of entry that are no decision: a platform's word, and a campaign file that was loaded."""

LONGEST_QUOTE = 40
_KINDS = frozenset(map(str, DecisionKind))


@dataclass(frozen=True, kw_only=True)
class Entry:
    """One line of the log. `kind` and `facts` find its sentence in the wording; `reason` is in the
    person's own words.
    """

    at: datetime
    source: int  # 2 a decision, 1 a robot switched off, 0 a version: the order of one moment
    number: int
    kind: str
    person: str
    login: str
    reason: str
    facts: Mapping[str, object]


@dataclass(frozen=True, kw_only=True)
class LogCursor:
    """A place in the log, between two entries: those that follow are older."""

    at: datetime
    source: int = 3
    number: int = LAST

    def below(self, source: int) -> int:
        """Of the entries of that source at this very moment, those with a lower number follow."""
        if source == self.source:
            return self.number
        return LAST if source < self.source else 0


@dataclass(frozen=True, kw_only=True)
class LogPage:
    """A page of the log, the place where the next one begins, and by whom and what it may be
    sifted.
    """

    entries: tuple[Entry, ...]
    next: LogCursor | None
    actors: tuple[Actor, ...]
    kinds: tuple[str, ...]


def log_page(
    session: Session,
    campaign: Campaign,
    place: LogCursor,
    *,
    by: Actor | None = None,
    kind: str | None = None,
) -> LogPage:
    """The entries after a place, of one person or one kind if given; the same few queries whatever
    is in them.
    """
    most = PAGE + 1
    taken: list[Decision] = []
    if kind is None or kind in _KINDS:
        of = None if kind is None else DecisionKind(kind)
        taken = decisions.decisions_before(
            session, campaign.key, most, at=place.at, below=place.below(2), by=by, kind=of
        )
    found = [
        Entry(
            at=one.decided_at,
            source=2,
            number=one.number,
            kind=one.kind,
            person=one.person,
            login=one.login,
            reason="",
            facts={},
        )
        for one in taken
    ]
    if by is None and kind in (None, ROBOT_OFF):
        names = {group.key: group.name for group in campaign.groups}
        found += [
            Entry(
                at=off.switched_at,
                source=1,
                number=number,
                kind=ROBOT_OFF,
                person="",
                login="",
                reason=off.reason,
                facts={**_NOTHING, "group": names.get(off.group, off.group)},
            )
            for number, off in robots.switched_off_before(
                session, campaign.key, most, at=place.at, below=place.below(1)
            )
        ]
    if by is None and kind in (None, VERSION):
        found += [
            Entry(
                at=loaded_at,
                source=0,
                number=number,
                kind=VERSION,
                person="",
                login="",
                reason="",
                facts={**_NOTHING, "value": str(number)},
            )
            for number, loaded_at in versions.loaded_before(
                session, campaign.key, most, at=place.at, below=place.below(0)
            )
        ]
    found.sort(key=attrgetter("at", "source", "number"), reverse=True)
    shown = found[:PAGE]
    told = _told(
        session,
        campaign,
        [one for one in taken if one.number in {e.number for e in shown if e.source == 2}],
    )
    last = shown[-1] if len(found) > PAGE else None
    pairs = decisions.actors_and_kinds(session, campaign.key)
    return LogPage(
        entries=tuple(told[one.number] if one.source == 2 else one for one in shown),
        next=None
        if last is None
        else LogCursor(at=last.at, source=last.source, number=last.number),
        actors=tuple(dict.fromkeys(one for one, _ in pairs)),
        kinds=tuple(
            dict.fromkeys(
                [*(one for _, one in sorted(pairs, key=lambda pair: pair[1])), ROBOT_OFF, VERSION]
            )
        ),
    )


_NOTHING = dict.fromkeys(
    (
        "about",
        "arrived",
        "day",
        "delivery",
        "figures",
        "file",
        "group",
        "measure",
        "money",
        "name",
        "owed",
        "paper",
        "role",
        "sender",
        "shown",
        "text",
        "title",
        "township",
        "value",
    ),
    "",
)
"""Every fact a sentence may name; one that is not there is left out of it."""


def _told(session: Session, campaign: Campaign, taken: Sequence[Decision]) -> dict[int, Entry]:
    """Each decision with what it was about, looked up for all of them at one time."""
    about = [one.subject for one in taken]
    carried = deliveries.get_deliveries(
        session, {one.number for one in about if isinstance(one, DeliverySubject)}
    )
    things = _Things(
        campaign=campaign,
        replies=replies.get_replies(
            session, {one.number for one in about if isinstance(one, ReplySubject)}
        ),
        figures=figures.get_figures(
            session, campaign.key, {one.number for one in about if isinstance(one, FigureSubject)}
        ),
        deliveries=carried,
        notices=notices.get_notices(session, {one.notice_number for one in carried.values()}),
        groups={group.key: group.name for group in campaign.groups},
    )
    entered = figures.figures_of_decisions(session, campaign.key, [one.number for one in taken])
    return {
        one.number: Entry(
            at=one.decided_at,
            source=2,
            number=one.number,
            kind=one.kind,
            person=one.person,
            login=one.login,
            reason=one.reason,
            facts={
                **_NOTHING,
                "figures": _figures(campaign, entered.get(one.number, ())),
                **{
                    _SAID_AS.get(name, name): _shown(name, fact) for name, fact in one.facts.items()
                },
                **things.facts(one.subject),
            },
        )
        for one in taken
    }


_SAID_AS = {"nick": "value", "name": "text"}
"""The names that facts of a decision have in the sentences, where they are others."""


def _shown(name: str, fact: str | bool) -> str:
    if isinstance(fact, bool):
        return "yes" if fact else "no"
    return brief(fact) if name in ("nick", "group", "file", "paper") else fact


@dataclass(frozen=True, kw_only=True)
class _Things:
    """The things that the decisions of a page are about, by their numbers."""

    campaign: Campaign
    replies: Mapping[int, StoredReply]
    figures: Mapping[int, Figure]
    deliveries: Mapping[int, Delivery]
    notices: Mapping[int, Notice]
    groups: Mapping[GroupKey, str]

    def facts(self, subject: Subject) -> dict[str, object]:
        """What the sentences may say of a thing; nothing of one that is not there."""
        match subject:
            case ReplySubject(number=number) if reply := self.replies.get(number):
                return {"sender": brief(reply.sender), "text": brief(reply.text)}
            case FigureSubject(number=number) if figure := self.figures.get(number):
                told = _figures(self.campaign, [figure])
                return {"township": figure.township, "day": figure.day, "figures": told}
            case DeliverySubject(number=number) if delivery := self.deliveries.get(number):
                title = self.notices[delivery.notice_number].title
                return {"title": title, "group": self._group(delivery.group), "value": str(number)}
            case _:
                return self._named(subject)

    def _named(self, subject: Subject) -> dict[str, object]:
        match subject:
            case GroupSubject(group=group):
                return {"group": self._group(group)}
            case DaySubject(day=day):
                return {"day": day}
            case TownshipDaySubject(township=township, day=day):
                return {"about": brief(f"{township} {day}")}
            case OwedSubject(owed=owed, township=township):
                return {"owed": owed, "township": township}
            case (
                SenderSubject(channel=channel, platform_id=number)
                | ChatSubject(channel=channel, platform_id=number)
            ):
                return {"about": brief(f"{channel} {number}")}
            case (
                AccountSubject(login=name)
                | ReaderSubject(name=name)
                | CaseSubject(code=name)
                | BankFormSubject(key=name)
            ):
                return {"name": brief(name)}
            case BatchSubject(batch=number) | ListSubject(number=number):
                return {"value": str(number)}
            case OtherSubject(key=key):
                return {"about": brief(key)}
            case _:
                return {}

    def _group(self, group: GroupKey) -> str:
        return self.groups.get(group, group)


def _figures(campaign: Campaign, told: Iterable[Figure]) -> str:
    """Figures in a few words: 竣工17户、C级维修竣工9户."""
    stages = {stage.key: stage.name for stage in campaign.stages}
    categories: dict[str | None, str] = {
        None: "",
        **{one.key: one.name for one in campaign.categories},
    }
    return "、".join(
        f"{categories.get(one.category, one.category)}{stages.get(one.stage, one.stage)}{plain(one.value)}{campaign.unit}"  # noqa: E501
        for one in told
        if one.value is not None
    )


def brief(text: str) -> str:
    """The beginning of what somebody wrote, on one line, telephone numbers masked (law 8)."""
    line = phones_masked(" ".join(text.split()))
    return line if len(line) <= LONGEST_QUOTE else f"{line[: LONGEST_QUOTE - 1]}…"
