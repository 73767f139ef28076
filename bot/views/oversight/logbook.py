"""Who did what: everything people decided, with the versions of the campaign and the robots that were switched off, newest first."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from operator import attrgetter

from bot.domain.campaigns.campaign import Campaign
from bot.domain.figures.progress import Figure, plain
from bot.domain.notices.notice import phones_masked
from bot.store import Session
from bot.store.campaigns import versions
from bot.store.decisions import decisions
from bot.store.decisions.decisions import Decision
from bot.store.figures import figures
from bot.store.notices import deliveries, notices, robots
from bot.store.replies import replies
from bot.views.oversight.overdue import KINDS as OVERDUE

PAGE = 50
LAST = 2**62
"""Above the number of any row."""

ROBOT_OFF, VERSION = "robot off", "version"
"""Kinds of entry that are no decision: a platform's word, and a campaign file that was loaded."""

LONGEST_QUOTE = 40
_NUMBERED = re.compile(r"(reply|figure|delivery) (\d{1,18})")


@dataclass(frozen=True, kw_only=True)
class Entry:
    """One line of the log. `kind` and `facts` find its sentence in the wording; `reason` is in the person's own words."""

    at: datetime
    source: int  # 2 a decision, 1 a robot switched off, 0 a version: the order of one moment
    number: int
    kind: str
    person: str
    reason: str
    facts: dict[str, str]


@dataclass(frozen=True, kw_only=True)
class Place:
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
    """A page of the log, the place where the next one begins, and by whom and what it may be sifted."""

    entries: tuple[Entry, ...]
    next: Place | None
    persons: tuple[str, ...]
    kinds: tuple[str, ...]


def log_page(
    session: Session, campaign: Campaign, place: Place, *, person: str | None = None, kind: str | None = None
) -> LogPage:
    """The entries after a place, of one person or one kind if given; the same few queries whatever is in them."""
    most = PAGE + 1
    taken = decisions.decisions_before(
        session, campaign.key, most, at=place.at, below=place.below(2), person=person, kind=kind
    )
    found = [
        Entry(at=one.decided_at, source=2, number=one.number, kind=one.kind, person=one.person, reason="", facts={})
        for one in taken
    ]
    if person is None and kind in (None, ROBOT_OFF):
        names = {group.key: group.name for group in campaign.groups}
        found += [
            Entry(
                at=off.switched_at,
                source=1,
                number=number,
                kind=ROBOT_OFF,
                person="",
                reason=off.reason,
                facts={**_NOTHING, "group": names.get(off.group, off.group)},
            )
            for number, off in robots.switched_off_before(
                session, campaign.key, most, at=place.at, below=place.below(1)
            )
        ]
    if person is None and kind in (None, VERSION):
        found += [
            Entry(
                at=loaded_at,
                source=0,
                number=number,
                kind=VERSION,
                person="",
                reason="",
                facts={**_NOTHING, "value": str(number)},
            )
            for number, loaded_at in versions.loaded_before(
                session, campaign.key, most, at=place.at, below=place.below(0)
            )
        ]
    found.sort(key=attrgetter("at", "source", "number"), reverse=True)
    shown = found[:PAGE]
    told = _told(session, campaign, [one for one in taken if one.number in {e.number for e in shown if e.source == 2}])
    last = shown[-1] if len(found) > PAGE else None
    pairs = decisions.persons_and_kinds(session, campaign.key)
    return LogPage(
        entries=tuple(told[one.number] if one.source == 2 else one for one in shown),
        next=None if last is None else Place(at=last.at, source=last.source, number=last.number),
        persons=tuple(dict.fromkeys(one for one, _ in pairs)),
        kinds=tuple(dict.fromkeys([*(one for _, one in sorted(pairs, key=lambda pair: pair[1])), ROBOT_OFF, VERSION])),
    )


_NOTHING = dict.fromkeys(
    (
        "about",
        "day",
        "delivery",
        "figures",
        "group",
        "measure",
        "name",
        "owed",
        "role",
        "sender",
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
    numbers: dict[str, set[int]] = {"reply": set(), "figure": set(), "delivery": set()}
    for one in taken:
        if named := _NUMBERED.fullmatch(one.about):
            numbers[named[1]].add(int(named[2]))
    messages = replies.get_replies(session, numbers["reply"])
    sums = figures.get_figures(session, campaign.key, numbers["figure"])
    entered = figures.figures_of_decisions(session, campaign.key, [one.number for one in taken])
    carried = deliveries.get_deliveries(session, numbers["delivery"])
    titles = notices.get_notices(session, {one.notice_number for one in carried.values()})
    names = {str(group.key): group.name for group in campaign.groups}

    def about(decision: Decision) -> dict[str, str]:
        named = _NUMBERED.fullmatch(decision.about)
        number = int(named[2]) if named else 0
        facts = {"about": brief(decision.about), "figures": _figures(campaign, entered.get(decision.number, ()))}
        if (reply := messages.get(number)) and named and named[1] == "reply":
            return {**facts, "sender": brief(reply.sender), "text": brief(reply.text)}
        if (figure := sums.get(number)) and named and named[1] == "figure":
            return {
                **facts,
                "township": figure.township,
                "day": figure.day.isoformat(),
                "figures": _figures(campaign, [figure]),
            }
        if (delivery := carried.get(number)) and named and named[1] == "delivery":
            title = titles[delivery.notice_number].title
            return {**facts, "title": title, "group": names.get(delivery.group, delivery.group), "value": str(number)}
        kind, _, rest = decision.about.partition(" ")
        return {**facts, **({"group": names.get(rest, rest)} if kind == "group" else {}), "name": brief(rest)}

    return {one.number: _entry(one, about(one)) for one in taken}


def _entry(one: Decision, about: dict[str, str]) -> Entry:
    """The line of a decision; what its reason holds besides a person's own words becomes facts."""
    facts, kind, reason = {**_NOTHING, **about}, one.kind, one.reason
    if kind in OVERDUE:
        facts["owed"], _, facts["township"] = one.about.partition(" of ")
        if kind.startswith("measure"):
            facts["measure"], _, reason = reason.partition("\n")
    elif kind == "delivery settled":
        said, _, reason = reason.partition(": ")
        kind = f"{kind}: {said}"
    elif kind in ("tie sender", "tie chat"):
        facts["value"], reason = brief(reason), ""
    elif kind in ("account made", "role given"):
        (facts["text"], _, facts["role"]), reason = reason.rpartition(" "), ""
    elif kind == "paste vouched":
        reason = ""
    return Entry(
        at=one.decided_at, source=2, number=one.number, kind=kind, person=one.person, reason=reason, facts=facts
    )


def _figures(campaign: Campaign, told: Iterable[Figure]) -> str:
    """Figures in a few words: 竣工17户、C级维修竣工9户."""
    stages = {stage.key: stage.name for stage in campaign.stages}
    categories: dict[str | None, str] = {None: "", **{one.key: one.name for one in campaign.categories}}
    return "、".join(
        f"{categories.get(one.category, one.category)}{stages.get(one.stage, one.stage)}{plain(one.value)}{campaign.unit}"
        for one in told
        if one.value is not None
    )


def brief(text: str) -> str:
    """The beginning of what somebody wrote, on one line, telephone numbers masked (law 8)."""
    line = phones_masked(" ".join(text.split()))
    return line if len(line) <= LONGEST_QUOTE else f"{line[: LONGEST_QUOTE - 1]}…"
