"""What is well formed in a campaign file and yet cannot be: sums, orders, doubles, names that lead
nowhere.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import date, time, timedelta
from decimal import Decimal
from fractions import Fraction
from itertools import pairwise
from typing import Any

from bot.domain.campaigns.campaign import BULLETIN, About, JobKind, ReportingDays
from bot.domain.campaigns.jobs import notice_kinds
from bot.domain.campaigns.workdays import UnknownYear, is_workday
from bot.domain.day.ranking import RULES
from config.campaign_file.money import misfits_of_money
from config.campaign_file.register_contradictions import register_contradictions
from config.campaign_file.shape import Misfit, near, shown
from config.holidays import calendar_for
from config.wording.faults import FaultPlace, FaultWord, Sentence, sentence

WITHOUT_ADDRESS = frozenset({"console", "files"})
LONGEST = timedelta(days=5 * 366)
"""A campaign longer than this is a slip of the pen, and would cost time on every question about its
days.
"""

Understood = Mapping[str, Any]
"""The understood part of a file (`config.campaign_file.shape.shape`): anything in it may be None,
and is then left to the fault of its shape.
"""


def contradictions(
    file: Understood,
    platforms: Collection[str],
    jobs: Mapping[str, JobKind],
    *,
    addresses_kept: bool = False,
) -> Iterator[Misfit]:
    """Every contradiction of what is understood of a file. `addresses_kept`: its groups' addresses
    lie sealed in the ledger.
    """
    yield from _dates(file)
    yield from _hours(file, jobs)
    yield from _stages_and_categories(file)
    yield from _townships(file)
    yield from _ranking(file)
    yield from _groups(file, platforms, jobs, addresses_kept)
    yield from _ladder(file)
    yield from register_contradictions(file)
    for place, value, told in misfits_of_money(file):
        yield Misfit(place=place, value=shown(value), told=told)


def cautions(file: Understood) -> Iterator[Sentence]:
    """What is allowed and yet likely not meant, a sentence each."""
    told = {kind for group in file["groups"] for kind in group["notices"]}
    if BULLETIN not in told:
        yield sentence("no_bulletin_told")
    audiences = {group["audience"] for group in file["groups"]}
    for audience in sorted({rung["audience"] for rung in file["ladder"]} - audiences):
        yield sentence("no_group_for", audience=FaultWord(audience))
    silent = [township["name"] for township in file["townships"] if not township["contacts"]]
    if silent:
        yield sentence("no_contact", townships="、".join(silent))
    if file["days"] is ReportingDays.EVERY_DAY and any(file["calendar"].values()):
        yield sentence("calendar_idle")


def _fault(place: str, value: object, rule: str, *, near: str = "", **facts: object) -> Misfit:
    return Misfit(place=place, value=shown(value), told=sentence(rule, near=near, **facts))


def _dates(file: Understood) -> Iterator[Misfit]:
    start, deadline = file["start"], file["deadline"]
    if start is None or deadline is None:
        return
    if deadline < start:
        yield _fault("deadline", deadline, "before_start", start=start)
        return
    if deadline - start > LONGEST:
        yield _fault("deadline", deadline, "too_long", start=start)
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
                yield _fault(f"{place}.day", day, "outside", start=start, deadline=deadline)
            elif day <= last_day:
                yield _fault(f"{place}.day", day, "not_after", last=last_day)
            last_day = day
        if milestone["share"] is not None:
            share = Fraction(milestone["share"])
            if share < last_share:
                yield _fault(
                    f"{place}.share", _percent(share), "share_falls", last=_percent(last_share)
                )
            elif day == deadline and share != 1:
                yield _fault(f"{place}.share", _percent(share), "share_not_whole")
            last_share = share


def _percent(share: Fraction) -> str:
    return f"{float(share * 100):g}%"


def _calendar(file: Understood, start: date, deadline: date) -> Iterator[Misfit]:
    calendar = file["calendar"]
    off, work = calendar["off"], calendar["work"]
    if off is None or work is None or calendar["years"] is None:
        return
    for both in sorted(set(off) & set(work)):
        yield _fault("calendar.work", both, "off_and_work")
    years = range(start.year, deadline.year + 1)
    known = calendar_for(years, off=off, work=work, known=calendar["years"])
    unknown = set()
    for later in range((deadline - start).days + 1):
        try:
            is_workday(known, start + timedelta(days=later))
        except UnknownYear as error:
            unknown.add(error.year)
    for year in sorted(unknown):
        yield _fault("days", file["days"].value, "unknown_year", year=year)


def _hours(file: Understood, jobs: Mapping[str, JobKind]) -> Iterator[Misfit]:
    given: Mapping[str, time | None] = file["hours"] or {}
    for job in given:
        if job not in jobs:
            known = tuple(map(FaultWord, sorted(jobs)))
            yield _fault(f"hours.{job}", None, "no_job", jobs=known, near=near(job, [*jobs]))
    if file["hours"] is not None and BULLETIN not in given:
        yield _fault("hours.bulletin", None, "no_bulletin")
    hours = {
        job: hour for job, hour in {**given, "cutoff": file["cutoff"]}.items() if hour is not None
    }
    yield from _order_of_hours(hours, jobs)
    yield from _quiet(file["quiet"], {job: hour for job, hour in hours.items() if job in jobs})


def _order_of_hours(hours: Mapping[str, time], jobs: Mapping[str, JobKind]) -> Iterator[Misfit]:
    """What asks for the day comes before its cut-off, the bulletin after it; what follows a
    bulletin comes with it or later.
    """
    asking = [name for name, job in jobs.items() if job.notice.asks_for_the_day]
    steps = [name for name in (*asking, "cutoff", BULLETIN) if name in hours]
    for earlier, later in pairwise(steps):
        if hours[earlier] >= hours[later]:
            yield _not_in_order(hours, earlier, later)
    for name, job in jobs.items():
        if name not in hours or not job.on_bulletin_days:
            continue
        if job.about is About.DAY_BEFORE:
            if BULLETIN in hours and hours[name] >= hours[BULLETIN]:
                hour, bulletin = (f"{hours[one]:%H:%M}" for one in (name, BULLETIN))
                yield _fault(
                    f"hours.{name}",
                    hour,
                    "next_morning_late",
                    job=FaultWord(name),
                    bulletin=bulletin,
                )
        elif steps and _comes_before(hours, name, steps[-1]):
            yield _not_in_order(hours, steps[-1], name)


def _comes_before(hours: Mapping[str, time], follower: str, last: str) -> bool:
    """Whether what follows a bulletin comes too early; it may come together with the bulletin, done
    after it.
    """
    return hours[follower] < hours[last] or (hours[follower] == hours[last] and last != BULLETIN)


def _not_in_order(hours: Mapping[str, time], earlier: str, later: str) -> Misfit:
    place = "cutoff" if later == "cutoff" else f"hours.{later}"
    hour = f"{hours[earlier]:%H:%M}"
    return _fault(
        place, f"{hours[later]:%H:%M}", "hour_order", earlier=FaultWord(earlier), hour=hour
    )


def _quiet(quiet: Understood | None, hours: Mapping[str, time]) -> Iterator[Misfit]:
    start, end = (quiet["start"], quiet["end"]) if quiet else (None, None)
    if start is None or end is None:
        return
    if start == end:
        yield _fault("quiet.end", f"{end:%H:%M}", "quiet_same")
        return
    for job, hour in hours.items():
        if start <= hour < end if start < end else hour >= start or hour < end:
            between = {"start": f"{start:%H:%M}", "end": f"{end:%H:%M}"}
            yield _fault(f"hours.{job}", f"{hour:%H:%M}", "in_quiet", **between)


def _stages_and_categories(file: Understood) -> Iterator[Misfit]:
    stages, categories = file["stages"] or (), file["categories"] or ()
    for kind, parts in (("stages", stages), ("categories", categories)):
        for what in ("key", "name"):
            yield from _doubled(kind, what, parts)
    headlines = [stage["key"] for stage in stages if stage["headline"]]
    if stages and len(headlines) != 1 and all(stage["headline"] is not None for stage in stages):
        found = ", ".join(map(str, headlines)) or None
        yield _fault("stages", found, "one_headline")
    keys = [stage["key"] for stage in stages]
    for number, stage in enumerate(stages, 1):
        within, place = stage["within"], f"stages[{number}].within"
        if within is None or None in keys[: number - 1]:
            continue
        if within not in keys:
            yield _fault(place, within, "no_stage", near=near(within, [key for key in keys if key]))
        elif within not in keys[: number - 1]:
            yield _fault(place, within, "stage_order")
    for number, category in enumerate(categories, 1):
        if category["key"] == "total":
            yield _fault(f"categories[{number}].key", "total", "total_is_kept")
    yield from _claimed_words(stages, categories)


def _claimed_words(
    stages: Sequence[Understood], categories: Sequence[Understood]
) -> Iterator[Misfit]:
    owners: dict[str, str] = {}
    for kind, parts in (("stages", stages), ("categories", categories)):
        for number, part in enumerate(parts, 1):
            owner = f"{kind}[{number}]"
            for word in filter(None, part["words"] or ()):
                held = owners.setdefault(_same(word), owner)
                if held != owner:
                    yield _fault(f"{owner}.words", word, "word_taken", other=FaultPlace(held))


def _townships(file: Understood) -> Iterator[Misfit]:
    townships: Sequence[Understood] = file["townships"] or ()
    yield from _doubled("townships", "name", townships)
    owners = {
        _same(township["name"]): number
        for number, township in enumerate(townships, 1)
        if township["name"]
    }
    nicks: dict[str, int] = {}
    staff = file["office_staff"] or ()
    for number, township in enumerate(townships, 1):
        place = f"townships[{number}]"
        for alias in filter(None, township["aliases"] or ()):
            if (other := owners.setdefault(_same(alias), number)) != number:
                yield _fault(
                    f"{place}.aliases", alias, "alias_taken", township=townships[other - 1]["name"]
                )
        for nth, contact in enumerate(township["contacts"] or (), 1):
            nick = contact["nick"]
            if nick is None:
                continue
            if (other := nicks.setdefault(nick, number)) != number:
                name = townships[other - 1]["name"]
                yield _fault(f"{place}.contacts[{nth}].nick", nick, "nick_taken", township=name)
            if nick in staff:
                yield _fault(f"{place}.contacts[{nth}].nick", nick, "nick_of_office")
        yield from _targets(file, place, township)
        yield from _baselines(file, place, township)
        ranking = file["ranking"] or {}
        if ranking.get("by_group") and township["ranking_group"] == "":
            yield _fault(f"{place}.ranking_group", None, "no_ranking_group")


def _targets(file: Understood, place: str, township: Understood) -> Iterator[Misfit]:
    target, targets = township["target"], township["targets"]
    name = township["name"] or sentence("this_township")
    categories = [category["key"] for category in file["categories"] or ()]
    for key, amount in (targets or {}).items():
        if key not in categories and None not in categories:
            meant = near(key, categories)
            yield _fault(
                f"{place}.targets.{key}",
                amount,
                "no_category",
                categories=tuple(categories),
                near=meant,
            )
        yield from _decimals(file, f"{place}.targets.{key}", amount)
    yield from _decimals(file, f"{place}.target", target)
    if targets is None or None in targets.values():
        return
    if target is None and not targets:
        yield _fault(f"{place}.target", None, "no_target", township=name)
    total = sum(targets.values(), Decimal(0))
    if target is not None and targets and total != target:
        yield _fault(f"{place}.target", target, "target_sum", total=f"{total:f}", township=name)


def _baselines(file: Understood, place: str, township: Understood) -> Iterator[Misfit]:
    """What stood before the start is of known stages and categories, within the task, and its parts
    within the whole.
    """
    stages = {stage["key"]: stage for stage in file["stages"] or ()}
    categories = [category["key"] for category in file["categories"] or ()]
    whole = township["baseline"] or {}
    targets = township["targets"] or {}
    target = (
        township["target"]
        if township["target"] is not None
        else sum(filter(None, targets.values()), Decimal(0))
    )
    for stage, value in whole.items():
        at = f"{place}.baseline.{stage}"
        if stage not in stages and None not in stages:
            yield _fault(at, value, "no_stage", near=near(stage, [*filter(None, stages)]))
        yield from _begins_at(file, at, value, target)
        bound = stages.get(stage, {}).get("within")
        if value is not None and whole.get(bound) is not None and value > whole[bound]:
            yield _fault(
                at, value, "baseline_order", limit=f"{whole[bound]:f}", within=stages[bound]["name"]
            )
    for stage, parts in (township["baselines"] or {}).items():
        for category, value in (parts or {}).items():
            at = f"{place}.baselines.{stage}.{category}"
            if stage not in stages and None not in stages:
                yield _fault(at, value, "no_stage", near=near(stage, [*filter(None, stages)]))
            if category not in categories and None not in categories:
                yield _fault(
                    at,
                    value,
                    "no_category",
                    categories=tuple(categories),
                    near=near(category, categories),
                )
            yield from _begins_at(file, at, value, targets.get(category) if targets else None)
        told = [value for value in (parts or {}).values() if value is not None]
        together, total = sum(told, Decimal(0)), whole.get(stage)
        every = {*(parts or {})} >= {key for key, task in targets.items() if task}
        if told and total is not None and (together > total or (every and together != total)):
            yield _fault(f"{place}.baseline.{stage}", total, "baseline_sum", total=f"{together:f}")


def _begins_at(
    file: Understood, place: str, value: Decimal | None, target: Decimal | None
) -> Iterator[Misfit]:
    yield from _decimals(file, place, value)
    if value is not None and target is not None and value > target:
        yield _fault(place, value, "baseline_above", target=f"{target:f}")


def _decimals(file: Understood, place: str, amount: Decimal | None) -> Iterator[Misfit]:
    allowed = file["decimals"]
    if amount is not None and allowed is not None and -int(amount.as_tuple().exponent) > allowed:
        yield _fault(place, amount, "decimals", decimals=allowed)


def _ranking(file: Understood) -> Iterator[Misfit]:
    ranking, stages = file["ranking"] or {}, file["stages"] or ()
    rule, weights = ranking.get("rule"), ranking.get("weights") or {}
    if rule is not None and rule not in RULES:
        yield _fault("ranking.rule", rule, "no_rule", rules=tuple(map(str, RULES)))
    elif rule is not None and weights and not RULES[rule].weighs:
        weighing = tuple(str(version) for version, known in RULES.items() if known.weighs)
        yield _fault("ranking.weights", None, "rule_without_weights", version=rule, rules=weighing)
    keys = {stage["key"]: stage for stage in stages}
    for key, weight in weights.items():
        if None not in keys and key not in keys:
            yield _fault(f"ranking.weights.{key}", weight, "no_stage", near=near(key, [*keys]))
        elif key in keys and keys[key]["low_is_good"]:
            yield _fault(f"ranking.weights.{key}", weight, "weight_of_few")


def _groups(
    file: Understood, platforms: Collection[str], jobs: Mapping[str, JobKind], addresses_kept: bool
) -> Iterator[Misfit]:
    kinds = tuple(map(FaultWord, notice_kinds(jobs)))
    groups: Sequence[Understood] = file["groups"] or ()
    yield from _doubled("groups", "key", groups)
    for number, group in enumerate(groups, 1):
        place, platform = f"groups[{number}]", group["platform"]
        for nth, kind in enumerate(group["notices"] or (), 1):
            if kind is not None and kind not in kinds:
                yield _fault(
                    f"{place}.notices[{nth}]", kind, "enum", expected=_one_of(kinds), choices=kinds
                )
        if platform is None:
            continue
        if platform not in platforms:
            known = tuple(map(FaultWord, sorted(platforms)))
            meant = near(platform, [*platforms])
            yield _fault(f"{place}.platform", platform, "no_platform", platforms=known, near=meant)
        elif (
            platform not in WITHOUT_ADDRESS
            and group["address_setting"] == ""
            and not addresses_kept
        ):
            yield _fault(
                f"{place}.address_setting", None, "no_address_setting", platform=FaultWord(platform)
            )


def _ladder(file: Understood) -> Iterator[Misfit]:
    steps: dict[tuple[Any, Any], int] = {}
    for number, rung in enumerate(file["ladder"] or (), 1):
        step = (rung["trouble"], rung["days"])
        if None not in step and (held := steps.setdefault(step, number)) != number:
            other, trouble = FaultPlace(f"ladder[{held}].days"), FaultWord(step[0].value)
            yield _fault(
                f"ladder[{number}].days", rung["days"], "rung_doubled", other=other, trouble=trouble
            )


def _doubled(place: str, what: str, parts: Sequence[Understood]) -> Iterator[Misfit]:
    held: dict[str, int] = {}
    for number, part in enumerate(parts, 1):
        value = part[what]
        if value is not None and (other := held.setdefault(_same(value), number)) != number:
            held_by = FaultPlace(f"{place}[{other}]")
            yield _fault(
                f"{place}[{number}].{what}", value, "doubled", what=FaultWord(what), other=held_by
            )


def _one_of(words: Sequence[str]) -> str:
    """Words as a choice: 'call', 'remind' or 'bulletin'."""
    *first, last = (f"'{word}'" for word in words)
    return f"{', '.join(first)} or {last}"


def _same(word: str) -> str:
    """Words that a reply cannot tell apart: full-width and half-width, capital and small."""
    return unicodedata.normalize("NFKC", word).casefold()
