"""A campaign file becomes a `Campaign`, or a list of everything that is wrong with it."""

from __future__ import annotations

import difflib
import json
import tomllib
from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, time
from decimal import Decimal
from fractions import Fraction
from itertools import pairwise
from pathlib import Path
from typing import Annotated, Any
from zoneinfo import ZoneInfo

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, ValidationError

from bot.domain import campaign as domain
from bot.domain.workdays import UnknownYear, bulletin_days
from config.holidays import calendar_for
from config.roster import read_roster

ROOM = Path(__file__).parent / "campaigns"
WITHOUT_ADDRESS = frozenset({"console", "files"})
ORDER_OF_HOURS = ("call", "remind", "cutoff", "bulletin", "overdue")


@dataclass(frozen=True, kw_only=True)
class Fault:
    """One thing wrong with a campaign file: where, what stands there, what is allowed."""

    file: str
    place: str
    value: str
    allowed: str

    def __str__(self) -> str:
        stands = f" = {self.value}" if self.value else ""
        return f"{self.file}: {self.place}{stands}: {self.allowed}"


class CampaignRefused(Exception):
    """A campaign file that cannot be used; `faults` are all that were found, its text a line for each."""

    def __init__(self, faults: Collection[Fault]) -> None:
        self.faults = tuple(faults)
        super().__init__("\n".join(str(fault) for fault in self.faults))


@dataclass(frozen=True, kw_only=True)
class LoadedCampaign:
    """A campaign and its canonical content, from which any version can be built again."""

    campaign: domain.Campaign
    content: str
    path: Path


def _zone(name: str) -> str:
    try:
        ZoneInfo(name)
    except (KeyError, ValueError, OSError):
        raise ValueError("a time zone such as Asia/Shanghai") from None
    return name


def _share(value: object) -> object:
    """A milestone's share, written "45%" or 0.45, as an exact fraction's text."""
    try:
        text = str(value).strip()
        share = Fraction(text.removesuffix("%")) / (100 if text.endswith("%") else 1)
    except (ValueError, ZeroDivisionError):
        raise ValueError('a share from 0 to 1, or a percentage such as "45%"') from None
    if not 0 <= share <= 1:
        raise ValueError('a share from 0 to 1, or a percentage such as "45%"')
    return str(share)


Text = Annotated[str, Field(min_length=1, max_length=200)]
Key = Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9_-]*$", max_length=64)]
Words = Annotated[list[Text], Field(min_length=1)]
Amount = Annotated[Decimal, Field(ge=0, le=Decimal("1e12"))]


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class _Basis(_Part):
    day: date | None = None
    paper: str = ""


class _Stage(_Part):
    key: Key
    name: Text
    words: Words
    headline: bool = False
    within: str | None = None


class _Category(_Part):
    key: Key
    name: Text
    words: Words


class _Contact(_Part):
    name: Text
    nick: Text
    phone: str | None = None
    user_id: str | None = None


class _Township(_Part):
    name: Text
    aliases: list[Text] = []
    kind: str = ""
    ranking_group: str = ""
    contacts: list[_Contact] = []
    target: Amount | None = None
    targets: dict[str, Amount] = {}
    basis: _Basis | None = None


class _Roster(_Part):
    file: Text


class _Group(_Part):
    key: Key
    name: Text
    platform: Text
    audience: domain.Audience
    notices: list[domain.NoticeKind]
    address_setting: str = ""
    secret_setting: str = ""


class _Ranking(_Part):
    enabled: bool = True
    by_group: bool = False
    tie_breaks: list[domain.TieBreak] = []
    first: Annotated[int, Field(ge=1, le=50)] = 3
    last: Annotated[int, Field(ge=0, le=50)] = 3


class _Milestone(_Part):
    day: date
    share: Annotated[str, BeforeValidator(_share)]


class _Plan(_Part):
    milestones: list[_Milestone] = []


class _Rung(_Part):
    trouble: domain.Trouble
    days: Annotated[int, Field(ge=1)]
    audience: domain.Audience
    measure: str = ""


class _Quiet(_Part):
    start: time = time(20)
    end: time = time(8)


class _Calendar(_Part):
    off: list[date] = []
    work: list[date] = []
    years: list[int] = []


class _File(_Part):
    key: Key
    title: Text
    short_title: Text
    area: Text
    bureau: Text
    office: Text
    office_staff: list[Text]
    timezone: Annotated[str, AfterValidator(_zone)] = "Asia/Shanghai"
    start: date
    deadline: date
    days: domain.ReportingDays = domain.ReportingDays.EVERY_DAY
    unit: Text
    decimals: Annotated[int, Field(ge=0, le=4)] = 0
    still_days: Annotated[int, Field(ge=1)] = 5
    due_soon_days: Annotated[int, Field(ge=0)] = 3
    unmarked_is_headline: bool = True
    cutoff: time
    hours: dict[str, time]
    basis: _Basis = _Basis()
    stages: Annotated[list[_Stage], Field(min_length=1)]
    categories: list[_Category] = []
    roster: _Roster | None = None
    townships: Annotated[list[_Township], Field(min_length=1)]
    groups: list[_Group] = []
    ranking: _Ranking = _Ranking()
    plan: _Plan = _Plan()
    ladder: list[_Rung] = []
    quiet: _Quiet = _Quiet()
    calendar: _Calendar = _Calendar()


def known_keys() -> list[str]:
    """The keys of the campaigns that come with the program."""
    return sorted(path.stem for path in ROOM.glob("*.toml"))


def load_campaign(path_or_key: str, *, platforms: Collection[str], jobs: Collection[str]) -> LoadedCampaign:
    """Reads and checks a campaign file, given by its path or by the key of a bundled one.

    Raises CampaignRefused with every fault found, each naming file, place, value and what is allowed.
    """
    path = ROOM / f"{path_or_key}.toml" if path_or_key in known_keys() else Path(path_or_key)
    raw = _read(path)
    faults = _with_roster(raw, path)
    shaped, shape_faults = _shape(raw, path.name)
    faults += shape_faults
    if shaped is not None:
        faults += _contradictions(shaped, path.name, platforms, jobs)
    if faults or shaped is None:
        raise CampaignRefused(faults)
    content = json.dumps(shaped.model_dump(mode="json"), ensure_ascii=False, sort_keys=True, indent=1)
    return LoadedCampaign(campaign=_campaign(shaped), content=content, path=path)


def campaign_from_content(content: str) -> domain.Campaign:
    """The campaign as it was under a recorded version."""
    return _campaign(_File.model_validate_json(content))


def _read(path: Path) -> dict[str, Any]:
    def refuse(place: str, allowed: str) -> CampaignRefused:
        return CampaignRefused([Fault(file=str(path), place=place, value="", allowed=allowed)])

    try:
        text = path.read_bytes().decode("utf-8-sig")
    except FileNotFoundError:
        raise refuse("file", f"is not there; give a path, or one of {', '.join(known_keys())}") from None
    except UnicodeDecodeError:
        raise refuse("file", "is not UTF-8 text; save it as UTF-8") from None
    except OSError as error:
        raise refuse("file", f"cannot be read: {error.strerror}") from None
    if "\0" in text:
        raise refuse("file", "holds NUL bytes; it is damaged or no TOML file")
    if not text.strip():
        raise refuse("file", "is empty; copy a campaign of config/campaigns and change it")
    try:
        return tomllib.loads(text, parse_float=Decimal)
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        raise refuse("TOML", f"{error}; a text value needs quotation marks, a table a closing bracket") from None


def _with_roster(raw: dict[str, Any], path: Path) -> list[Fault]:
    """Puts the townships of the named roster into the file's own; the faults name its rows and columns."""
    roster = raw.get("roster")
    if not isinstance(roster, dict) or not isinstance(roster.get("file"), str):
        return []
    if raw.get("townships"):
        return [_fault(path.name, "roster", roster["file"], "either [roster] or [[townships]], not both")]
    categories = {
        str(name): str(category["key"])
        for category in raw.get("categories", [])
        if isinstance(category, dict) and "key" in category
        for name in (category["key"], category.get("name", ""), *category.get("words", []))
    }
    raw["townships"], faults = read_roster(path.parent / roster["file"], categories)
    return [_fault(roster["file"], fault.place, fault.value, fault.allowed) for fault in faults]


def _fault(file: str, place: str, value: object, allowed: str) -> Fault:
    shown = "" if value is None else str(value)
    return Fault(file=file, place=place, value=shown if len(shown) <= 80 else shown[:77] + "...", allowed=allowed)


def _shape(raw: dict[str, Any], file: str) -> tuple[_File | None, list[Fault]]:
    """The file in its shape, and the faults of shape.

    What is at fault is taken out and the rest looked at again, so that contradictions elsewhere are told in the same breath.
    """
    faults: list[Fault] = []
    for _ in range(10):
        try:
            return _File.model_validate(raw), faults
        except ValidationError as refused:
            errors = refused.errors(include_url=False)
        for error in errors:
            fault = _fault(file, _place(error["loc"]), _stands(error), _allowed(error))
            if fault not in faults:
                faults.append(fault)
        usable = [_take_out(raw, error["loc"]) for error in reversed(errors)]
        if not all(usable):
            return None, faults
    return None, faults


def _place(location: tuple[int | str, ...]) -> str:
    place = ""
    for part in location:
        if part == "[key]":
            continue
        place += f"[{part + 1}]" if isinstance(part, int) else f".{part}" if place else str(part)
    return place


def _stands(error: Mapping[str, Any]) -> object:
    return None if error["type"] == "missing" or isinstance(error["input"], dict | list) else repr(error["input"])


def _allowed(error: Mapping[str, Any]) -> str:
    kind, context = error["type"], error.get("ctx", {})
    if kind == "missing":
        return "must be there"
    if kind == "extra_forbidden":
        near = difflib.get_close_matches(str(error["loc"][-1]), _keys_beside(error["loc"]), n=1)
        return "is no key of a campaign file" + (f"; did you mean {near[0]}?" if near else "")
    if kind == "value_error":
        return f"allowed is {context['error']}"
    if kind in {"time_parsing", "time_type"}:
        return 'allowed is an hour such as "17:30"'
    if kind.startswith("date"):
        return "allowed is a day such as 2021-10-15"
    if kind == "string_pattern_mismatch":
        return "allowed are letters, digits, - and _"
    return f"allowed is: {error['msg'].removeprefix('Input should be ')}"


def _keys_beside(location: tuple[int | str, ...]) -> list[str]:
    """The keys that are known where an unknown one stands."""
    parts: dict[str, type[_Part]] = {
        "stages": _Stage,
        "categories": _Category,
        "townships": _Township,
        "contacts": _Contact,
        "groups": _Group,
        "ranking": _Ranking,
        "milestones": _Milestone,
        "plan": _Plan,
        "ladder": _Rung,
        "quiet": _Quiet,
        "calendar": _Calendar,
        "basis": _Basis,
        "roster": _Roster,
    }
    holders = [part for part in location[:-1] if isinstance(part, str)]
    model = parts.get(holders[-1], _File) if holders else _File
    return list(model.model_fields)


def _take_out(raw: Any, location: tuple[int | str, ...]) -> bool:
    """Takes a faulty entry out, with the entry of the list it makes unusable; False if nothing usable would be left."""
    steps = [part for part in location if part != "[key]"]
    optional = steps[0] in _File.model_fields and not _File.model_fields[str(steps[0])].is_required()
    for depth in range(len(steps), 0, -1):
        holder = raw
        try:
            for step in steps[: depth - 1]:
                holder = holder[step]
            del holder[steps[depth - 1]]
        except (KeyError, IndexError, TypeError):
            continue
        return depth > 1 or optional or steps[0] not in _File.model_fields
    return False


def _contradictions(file: _File, name: str, platforms: Collection[str], jobs: Collection[str]) -> list[Fault]:
    """Everything that is well formed and yet cannot be."""
    return [
        _fault(name, place, value, allowed)
        for check in (_times(file, jobs), _stages(file), _words(file), _townships(file), _groups(file, platforms))
        for place, value, allowed in check
    ]


Found = Iterator[tuple[str, object, str]]


def _times(file: _File, jobs: Collection[str]) -> Found:
    if file.deadline < file.start:
        yield "deadline", file.deadline, f"must not lie before start = {file.start}"
    for job in file.hours:
        if job not in jobs:
            yield f"hours.{job}", None, f"is no job; the jobs are {', '.join(sorted(jobs))}"
    if "bulletin" not in file.hours:
        yield "hours.bulletin", None, "must be there: it ends the day"
    hours = {**file.hours, "cutoff": file.cutoff}
    given = [job for job in ORDER_OF_HOURS if job in hours]
    for earlier, later in pairwise(given):
        together = (earlier, later) == ("bulletin", "overdue")
        if hours[earlier] > hours[later] or (hours[earlier] == hours[later] and not together):
            place = "cutoff" if later == "cutoff" else f"hours.{later}"
            yield place, f"{hours[later]:%H:%M}", f"must come after {earlier} = {hours[earlier]:%H:%M}"
    before = Fraction(0)
    last = file.start
    for index, milestone in enumerate(file.plan.milestones, 1):
        place = f"plan.milestones[{index}]"
        if not file.start <= milestone.day <= file.deadline:
            yield f"{place}.day", milestone.day, f"must lie from {file.start} to {file.deadline}"
        if index > 1 and milestone.day <= last:
            yield f"{place}.day", milestone.day, "must come after the milestone before it"
        if Fraction(milestone.share) < before:
            yield f"{place}.share", milestone.share, "must not be less than at the milestone before it"
        before, last = Fraction(milestone.share), milestone.day
    if file.deadline >= file.start:
        try:
            bulletin_days(_campaign(file))
        except UnknownYear as unknown:
            yield (
                "days",
                file.days.value,
                f"needs the working calendar of {unknown.year}, which is not published or not installed; update"
                f" chinesecalendar, or enter the days under [calendar] with years = [{unknown.year}]",
            )


def _stages(file: _File) -> Found:
    keys = [stage.key for stage in file.stages]
    yield from _doubled("stages", "key", keys)
    headlines = [stage.key for stage in file.stages if stage.headline]
    if len(headlines) != 1:
        yield "stages", ", ".join(headlines) or "none", "exactly one stage must have headline = true"
    for index, stage in enumerate(file.stages, 1):
        if stage.within is not None and stage.within not in keys[: index - 1]:
            yield f"stages[{index}].within", stage.within, "must be the key of a stage that stands before it"


def _words(file: _File) -> Found:
    claimed: dict[str, str] = {}
    kinds: list[tuple[str, Sequence[_Stage | _Category]]] = [("stages", file.stages), ("categories", file.categories)]
    for kind, parts in kinds:
        for index, part in enumerate(parts, 1):
            for word in part.words:
                place = f"{kind}[{index}].words"
                if claimed.setdefault(word, place) != place:
                    yield place, word, f"is claimed by {claimed[word]} already"
    yield from _doubled("categories", "key", [category.key for category in file.categories])


def _townships(file: _File) -> Found:
    owners: dict[str, str] = {township.name: township.name for township in file.townships}
    yield from _doubled("townships", "name", [township.name for township in file.townships])
    nicks: dict[str, str] = {}
    categories = {category.key for category in file.categories}
    for index, township in enumerate(file.townships, 1):
        place = f"townships[{index}]"
        for alias in township.aliases:
            if owners.setdefault(alias, township.name) != township.name:
                yield f"{place}.aliases", alias, f"already means {owners[alias]}"
        for contact in township.contacts:
            if nicks.setdefault(contact.nick, township.name) != township.name:
                yield f"{place}.contacts", contact.nick, f"is already a contact of {nicks[contact.nick]}"
            if contact.nick in file.office_staff:
                yield f"{place}.contacts", contact.nick, "is also named in office_staff"
        for key in township.targets.keys() - categories:
            yield f"{place}.targets.{key}", township.targets[key], "is no category of this campaign"
        if township.target is None and not township.targets:
            yield f"{place}.target", None, f"{township.name} needs a target, or targets by category"
        total = sum(township.targets.values(), Decimal(0))
        if township.target is not None and township.targets and total != township.target:
            yield f"{place}.target", township.target, f"the targets by category of {township.name} sum to {total}"
        for amount in (township.target, *township.targets.values()):
            if amount is not None and amount != round(amount, file.decimals):
                yield f"{place}.target", amount, f"may have {file.decimals} decimals (decimals = {file.decimals})"


def _groups(file: _File, platforms: Collection[str]) -> Found:
    yield from _doubled("groups", "key", [group.key for group in file.groups])
    for index, group in enumerate(file.groups, 1):
        place = f"groups[{index}]"
        if group.platform not in platforms:
            yield f"{place}.platform", group.platform, f"allowed is one of {', '.join(sorted(platforms))}"
        elif group.platform not in WITHOUT_ADDRESS and not group.address_setting:
            yield f"{place}.address_setting", None, "must name the setting that holds the robot's address"
        if "://" in group.address_setting:
            yield f"{place}.address_setting", "(hidden)", "must be the name of a setting; the address itself goes there"


def _doubled(place: str, what: str, values: list[str]) -> Found:
    for value, count in Counter(values).items():
        if count > 1:
            yield place, value, f"stands {count} times; every {what} must be its own"


def _campaign(file: _File) -> domain.Campaign:
    years = set(range(file.start.year, file.deadline.year + 1))
    return domain.Campaign(
        key=domain.CampaignKey(file.key),
        title=file.title,
        short_title=file.short_title,
        area=file.area,
        bureau=file.bureau,
        office=file.office,
        office_staff=tuple(file.office_staff),
        timezone=ZoneInfo(file.timezone),
        start=file.start,
        deadline=file.deadline,
        days=file.days,
        calendar=domain.Calendar()
        if file.days is domain.ReportingDays.EVERY_DAY
        else calendar_for(years, off=file.calendar.off, work=file.calendar.work, known=file.calendar.years),
        hours=file.hours,
        cutoff=file.cutoff,
        unit=file.unit,
        decimals=file.decimals,
        stages=tuple(
            domain.Stage(
                key=domain.StageKey(stage.key),
                name=stage.name,
                words=tuple(stage.words),
                headline=stage.headline,
                within=domain.StageKey(stage.within) if stage.within else None,
            )
            for stage in file.stages
        ),
        categories=tuple(
            domain.Category(key=domain.CategoryKey(part.key), name=part.name, words=tuple(part.words))
            for part in file.categories
        ),
        townships=tuple(_township(township, file.basis) for township in file.townships),
        groups=tuple(
            domain.Group(
                key=domain.GroupKey(group.key),
                name=group.name,
                platform=group.platform,
                audience=group.audience,
                address_setting=group.address_setting,
                secret_setting=group.secret_setting,
                notices=frozenset(group.notices),
            )
            for group in file.groups
        ),
        ranking=domain.RankingRule(
            enabled=file.ranking.enabled,
            by_group=file.ranking.by_group,
            tie_breaks=tuple(file.ranking.tie_breaks),
            first=file.ranking.first,
            last=file.ranking.last,
        ),
        milestones=tuple(
            domain.Milestone(day=milestone.day, share=Fraction(milestone.share)) for milestone in file.plan.milestones
        ),
        ladder=tuple(
            domain.Rung(trouble=rung.trouble, days=rung.days, audience=rung.audience, measure=rung.measure)
            for rung in file.ladder
        ),
        quiet=domain.QuietHours(start=file.quiet.start, end=file.quiet.end),
        still_days=file.still_days,
        due_soon_days=file.due_soon_days,
        unmarked_is_headline=file.unmarked_is_headline,
    )


def _township(township: _Township, basis: _Basis) -> domain.Township:
    targets = {domain.CategoryKey(key): target for key, target in township.targets.items()}
    set_by = township.basis or basis
    return domain.Township(
        name=domain.TownshipName(township.name),
        aliases=tuple(township.aliases),
        kind=township.kind,
        ranking_group=township.ranking_group,
        contacts=tuple(
            domain.Contact(name=contact.name, nick=contact.nick, phone=contact.phone, user_id=contact.user_id)
            for contact in township.contacts
        ),
        target=sum(targets.values(), Decimal(0)) if township.target is None else township.target,
        targets=targets,
        basis=domain.Basis(day=set_by.day, paper=set_by.paper),
    )
