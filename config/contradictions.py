"""What is well formed in a campaign file and yet cannot be: sums, orders, doubles, names that lead nowhere."""

from __future__ import annotations

import unicodedata
from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import date, time, timedelta
from decimal import Decimal
from fractions import Fraction
from itertools import pairwise
from typing import Any

from bot.domain.campaign import NoticeKind, ReportingDays
from bot.domain.workdays import UnknownYear, is_workday
from config.holidays import calendar_for
from config.shape import Misfit, near, shown

WITHOUT_ADDRESS = frozenset({"console", "files"})
ORDER_OF_HOURS = ("call", "remind", "cutoff", "bulletin", "overdue")
LONGEST = timedelta(days=5 * 366)
"""A campaign longer than this is a slip of the pen, and would cost time on every question about its days."""

Understood = Mapping[str, Any]
"""The understood part of a file (`config.shape.shape`): anything in it may be None, and is then left to the fault of its shape."""


def contradictions(file: Understood, platforms: Collection[str], jobs: Collection[str]) -> Iterator[Misfit]:
    """Every contradiction of what is understood of a file."""
    yield from _dates(file)
    yield from _hours(file, jobs)
    yield from _stages_and_categories(file)
    yield from _townships(file)
    yield from _groups(file, platforms)
    yield from _ladder(file)


def cautions(file: Understood) -> Iterator[str]:
    """What is allowed and yet likely not meant, a sentence each."""
    told = {kind for group in file["groups"] for kind in group["notices"]}
    if NoticeKind.BULLETIN not in told:
        yield "groups: no group is sent the bulletin"
    audiences = {group["audience"] for group in file["groups"]}
    for audience in sorted({rung["audience"] for rung in file["ladder"]} - audiences):
        yield f"ladder: tells {audience}, and there is no group for them"
    silent = [township["name"] for township in file["townships"] if not township["contacts"]]
    if silent:
        yield f"townships: no contact is named for {'、'.join(silent)}, so only the office can report for them"
    if file["days"] is ReportingDays.EVERY_DAY and any(file["calendar"].values()):
        yield 'calendar: has no effect while days = "every_day"'


def _fault(place: str, value: object, allowed: str) -> Misfit:
    return Misfit(place=place, value=shown(value), allowed=allowed)


def _dates(file: Understood) -> Iterator[Misfit]:
    start, deadline = file["start"], file["deadline"]
    if start is None or deadline is None:
        return
    if deadline < start:
        yield _fault("deadline", deadline, f"must not be before start = {start}")
        return
    if deadline - start > LONGEST:
        yield _fault("deadline", deadline, f"must be within five years of start = {start}")
        return
    yield from _milestones(file, start, deadline)
    if file["calendar"] is not None and file["days"] not in {None, ReportingDays.EVERY_DAY}:
        yield from _calendar(file, start, deadline)


def _milestones(file: Understood, start: date, deadline: date) -> Iterator[Misfit]:
    last_day, last_share = date.min, Fraction(0)
    for number, milestone in enumerate((file["plan"] or {}).get("milestones") or (), 1):
        place, day = f"plan.milestones[{number}]", milestone["day"]
        if day is not None:
            if not start <= day <= deadline:
                yield _fault(f"{place}.day", day, f"must lie from start = {start} to deadline = {deadline}")
            elif day <= last_day:
                yield _fault(f"{place}.day", day, f"must come after the milestone before it, {last_day}")
            last_day = day
        if milestone["share"] is not None:
            share = Fraction(milestone["share"])
            if share < last_share:
                yield _fault(f"{place}.share", _percent(share), f"must not fall below {_percent(last_share)} before it")
            elif day == deadline and share != 1:
                yield _fault(f"{place}.share", _percent(share), "must be 100% on the day of the deadline")
            last_share = share


def _percent(share: Fraction) -> str:
    return f"{float(share * 100):g}%"


def _calendar(file: Understood, start: date, deadline: date) -> Iterator[Misfit]:
    calendar = file["calendar"]
    off, work = calendar["off"], calendar["work"]
    if off is None or work is None or calendar["years"] is None:
        return
    for both in sorted(set(off) & set(work)):
        yield _fault("calendar.work", both, "is also under calendar.off")
    years = range(start.year, deadline.year + 1)
    known = calendar_for(years, off=off, work=work, known=calendar["years"])
    unknown = set()
    for later in range((deadline - start).days + 1):
        try:
            is_workday(known, start + timedelta(days=later))
        except UnknownYear as error:
            unknown.add(error.year)
    for year in sorted(unknown):
        yield _fault(
            "days",
            file["days"].value,
            f"needs the working calendar of {year}, which is not installed; once the State Council has published it, update"
            f" chinesecalendar, or enter its days off and weekend days worked under [calendar] with years = [{year}]",
        )


def _hours(file: Understood, jobs: Collection[str]) -> Iterator[Misfit]:
    given: Mapping[str, time | None] = file["hours"] or {}
    for job in given:
        if job not in jobs:
            yield _fault(f"hours.{job}", None, f"is no job; the jobs are {', '.join(sorted(jobs))}{near(job, [*jobs])}")
    if file["hours"] is not None and "bulletin" not in given:
        yield _fault("hours.bulletin", None, "must be there: it ends the day")
    hours = {job: hour for job, hour in {**given, "cutoff": file["cutoff"]}.items() if hour is not None}
    for earlier, later in pairwise(job for job in ORDER_OF_HOURS if job in hours):
        together = (earlier, later) == ("bulletin", "overdue")
        if hours[earlier] > hours[later] or (hours[earlier] == hours[later] and not together):
            place = "cutoff" if later == "cutoff" else f"hours.{later}"
            yield _fault(place, f"{hours[later]:%H:%M}", f"must come after {earlier} = {hours[earlier]:%H:%M}")
    if "digest" in hours and "bulletin" in hours and hours["digest"] >= hours["bulletin"]:
        allowed = f"must come before bulletin = {hours['bulletin']:%H:%M}: it is about the day before"
        yield _fault("hours.digest", f"{hours['digest']:%H:%M}", allowed)
    yield from _quiet(file["quiet"], {job: hour for job, hour in hours.items() if job in jobs})


def _quiet(quiet: Understood | None, hours: Mapping[str, time]) -> Iterator[Misfit]:
    start, end = (quiet["start"], quiet["end"]) if quiet else (None, None)
    if start is None or end is None:
        return
    if start == end:
        yield _fault("quiet.end", f"{end:%H:%M}", "must differ from quiet.start")
        return
    for job, hour in hours.items():
        if start <= hour < end if start < end else hour >= start or hour < end:
            allowed = f"lies in the quiet hours from {start:%H:%M} to {end:%H:%M}, when nothing goes out"
            yield _fault(f"hours.{job}", f"{hour:%H:%M}", allowed)


def _stages_and_categories(file: Understood) -> Iterator[Misfit]:
    stages, categories = file["stages"] or (), file["categories"] or ()
    for kind, parts in (("stages", stages), ("categories", categories)):
        for what in ("key", "name"):
            yield from _doubled(kind, what, parts)
    headlines = [stage["key"] for stage in stages if stage["headline"]]
    if stages and len(headlines) != 1 and all(stage["headline"] is not None for stage in stages):
        found = ", ".join(map(str, headlines)) or None
        yield _fault("stages", found, "exactly one stage must have headline = true: the one that is ranked")
    keys = [stage["key"] for stage in stages]
    for number, stage in enumerate(stages, 1):
        within, place = stage["within"], f"stages[{number}].within"
        if within is None or None in keys[: number - 1]:
            continue
        if within not in keys:
            yield _fault(place, within, f"is no stage{near(within, [key for key in keys if key])}")
        elif within not in keys[: number - 1]:
            yield _fault(
                place, within, "must be a stage that stands before this one; stages never go round in a circle"
            )
    for number, category in enumerate(categories, 1):
        if category["key"] == "total":
            yield _fault(f"categories[{number}].key", "total", "is kept for the sum of all categories")
    yield from _claimed_words(stages, categories)


def _claimed_words(stages: Sequence[Understood], categories: Sequence[Understood]) -> Iterator[Misfit]:
    owners: dict[str, str] = {}
    for kind, parts in (("stages", stages), ("categories", categories)):
        for number, part in enumerate(parts, 1):
            owner = f"{kind}[{number}]"
            for word in filter(None, part["words"] or ()):
                held = owners.setdefault(_same(word), owner)
                if held != owner:
                    yield _fault(f"{owner}.words", word, f"is already a word of {held}; a word may mean one thing only")


def _townships(file: Understood) -> Iterator[Misfit]:
    townships: Sequence[Understood] = file["townships"] or ()
    yield from _doubled("townships", "name", townships)
    owners = {_same(township["name"]): number for number, township in enumerate(townships, 1) if township["name"]}
    nicks: dict[str, int] = {}
    staff = file["office_staff"] or ()
    for number, township in enumerate(townships, 1):
        place = f"townships[{number}]"
        for alias in filter(None, township["aliases"] or ()):
            if (other := owners.setdefault(_same(alias), number)) != number:
                yield _fault(f"{place}.aliases", alias, f"already means {townships[other - 1]['name']}")
        for nth, contact in enumerate(township["contacts"] or (), 1):
            nick = contact["nick"]
            if nick is None:
                continue
            if (other := nicks.setdefault(nick, number)) != number:
                name = townships[other - 1]["name"]
                yield _fault(f"{place}.contacts[{nth}].nick", nick, f"is already the nick of a contact of {name}")
            if nick in staff:
                yield _fault(f"{place}.contacts[{nth}].nick", nick, "is also named in office_staff")
        yield from _targets(file, place, township)
        ranking = file["ranking"] or {}
        if ranking.get("by_group") and township["ranking_group"] == "":
            yield _fault(f"{place}.ranking_group", None, "must be there, because ranking.by_group = true")


def _targets(file: Understood, place: str, township: Understood) -> Iterator[Misfit]:
    target, targets, name = township["target"], township["targets"], township["name"] or "this township"
    categories = [category["key"] for category in file["categories"] or ()]
    for key, amount in (targets or {}).items():
        if key not in categories and None not in categories:
            allowed = f"is no category; the categories are {', '.join(categories) or 'none'}"
            yield _fault(f"{place}.targets.{key}", amount, allowed + near(key, categories))
        yield from _decimals(file, f"{place}.targets.{key}", amount)
    yield from _decimals(file, f"{place}.target", target)
    if targets is None or None in targets.values():
        return
    if target is None and not targets:
        yield _fault(f"{place}.target", None, f"must be there: the task number of {name}, 0 if it has no task")
    total = sum(targets.values(), Decimal(0))
    if target is not None and targets and total != target:
        yield _fault(f"{place}.target", target, f"must be {total:f}, the sum of the targets of {name} by category")


def _decimals(file: Understood, place: str, amount: Decimal | None) -> Iterator[Misfit]:
    allowed = file["decimals"]
    if amount is not None and allowed is not None and -int(amount.as_tuple().exponent) > allowed:
        yield _fault(place, amount, f"has more decimals than decimals = {allowed} allows")


def _groups(file: Understood, platforms: Collection[str]) -> Iterator[Misfit]:
    groups: Sequence[Understood] = file["groups"] or ()
    yield from _doubled("groups", "key", groups)
    for number, group in enumerate(groups, 1):
        place, platform = f"groups[{number}]", group["platform"]
        if platform is None:
            continue
        if platform not in platforms:
            allowed = f"must be one of {', '.join(sorted(platforms))}{near(platform, [*platforms])}"
            yield _fault(f"{place}.platform", platform, allowed)
        elif platform not in WITHOUT_ADDRESS and group["address_setting"] == "":
            allowed = f"must be there: the name of the setting that holds the address of this {platform} robot"
            yield _fault(f"{place}.address_setting", None, allowed)


def _ladder(file: Understood) -> Iterator[Misfit]:
    steps: dict[tuple[Any, Any], int] = {}
    for number, rung in enumerate(file["ladder"] or (), 1):
        step = (rung["trouble"], rung["days"])
        if None not in step and (held := steps.setdefault(step, number)) != number:
            allowed = f"is also ladder[{held}].days of {step[0].value}; one step a day, which tells one audience"
            yield _fault(f"ladder[{number}].days", rung["days"], allowed)


def _doubled(place: str, what: str, parts: Sequence[Understood]) -> Iterator[Misfit]:
    held: dict[str, int] = {}
    for number, part in enumerate(parts, 1):
        value = part[what]
        if value is not None and (other := held.setdefault(_same(value), number)) != number:
            yield _fault(f"{place}[{number}].{what}", value, f"is already the {what} of {place}[{other}]")


def _same(word: str) -> str:
    """Words that a reply cannot tell apart: full-width and half-width, capital and small."""
    return unicodedata.normalize("NFKC", word).casefold()
