"""A campaign file becomes a `Campaign`, or a list of everything that is wrong with it."""

from __future__ import annotations

import hashlib
import json
import re
import tomllib
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from bot.domain import campaign as domain
from config.contradictions import cautions, contradictions
from config.holidays import calendar_for
from config.roster import Roster, read_roster
from config.shape import BasisPart, CalendarPart, CampaignFile, Misfit, TownshipPart, shape

ROOM = Path(__file__).parent / "campaigns"
ORDER_OF_JOBS = ("call", "remind", "bulletin", "overdue", "digest")


@dataclass(frozen=True, kw_only=True)
class CampaignFault:
    """One thing wrong with a campaign file or its roster: where, what stands there, what is allowed."""

    file: str
    place: str
    value: str
    allowed: str

    def __str__(self) -> str:
        stands = f" = {self.value}" if self.value else ""
        return f"{self.file}: {self.place}{stands}: {self.allowed}"


class CampaignRefused(Exception):
    """A campaign file that cannot be used; `faults` are all that were found, its text a line for each."""

    def __init__(self, faults: Collection[CampaignFault]) -> None:
        self.faults = tuple(faults)
        super().__init__("\n".join(str(fault) for fault in self.faults))


@dataclass(frozen=True, kw_only=True)
class LoadedCampaign:
    """A campaign with its content, from which this version of it can be built again whatever becomes of the files.

    The content is the file, its roster and its calendar in one way of writing; `digest` names it, so two files of the same
    meaning have one digest. `warnings` are sentences about what is allowed and likely not meant.
    """

    campaign: domain.Campaign
    content: str = field(repr=False)
    digest: str
    path: Path
    warnings: tuple[str, ...] = ()


def known_keys() -> list[str]:
    """The keys of the campaigns that come with the program."""
    return sorted(path.stem for path in ROOM.glob("*.toml"))


def load_campaign(
    path_or_key: str | Path, *, platforms: Collection[str], jobs: Collection[str], among: Collection[str] = ()
) -> LoadedCampaign:
    """Reads and checks a campaign file, given by its path, or by the key of one that comes with the program or is `among` these files.

    Raises CampaignRefused with every fault found, each naming file, place, value and what is allowed.
    """
    path = _find(str(path_or_key), among)
    raw = _read(path)
    roster = _take_roster(raw, path)
    file, understood, misfits = shape(raw)
    misfits += contradictions(understood, platforms, jobs)
    faults = _located(misfits, path.name, roster, raw)
    if faults or file is None:
        raise CampaignRefused(faults)
    canonical = _canonical(file)
    content = json.dumps(canonical.model_dump(mode="json"), ensure_ascii=False, sort_keys=True, indent=1)
    return LoadedCampaign(
        campaign=_campaign(canonical),
        content=content,
        digest=hashlib.sha256(content.encode()).hexdigest(),
        path=path,
        warnings=tuple(cautions(understood)),
    )


def campaign_from_content(content: str) -> domain.Campaign:
    """The campaign of a recorded version, from nothing but its content. ValueError if that is no content of a campaign."""
    return _campaign(CampaignFile.model_validate_json(content))


def _find(path_or_key: str, among: Collection[str]) -> Path:
    if path_or_key in known_keys():
        return ROOM / f"{path_or_key}.toml"
    for other in map(Path, among):
        if other.suffix and not Path(path_or_key).is_file() and _key(other) == path_or_key:
            return other
    return Path(path_or_key)


def _key(path: Path) -> object:
    try:
        return _read(path).get("key")
    except CampaignRefused:
        return None


def _read(path: Path) -> dict[str, Any]:
    def refused(place: str, allowed: str) -> CampaignRefused:
        return CampaignRefused([CampaignFault(file=str(path), place=place, value="", allowed=allowed)])

    try:
        text = path.read_bytes().decode("utf-8-sig")
    except FileNotFoundError:
        raise refused("file", f"is not there; name a file, or one of the keys {', '.join(known_keys())}") from None
    except UnicodeDecodeError:
        raise refused("file", "is not UTF-8 text; save it as UTF-8, or it is damaged") from None
    except OSError as error:
        raise refused("file", f"cannot be read: {error.strerror}") from None
    if "\0" in text:
        raise refused("file", "holds NUL bytes; it is damaged, or no TOML file")
    if not text.strip():
        raise refused("file", "is empty; begin with a copy of a campaign that works")
    try:
        return tomllib.loads(text, parse_float=Decimal)
    except tomllib.TOMLDecodeError as error:
        what, _, where = str(error).rstrip(")").partition(" (at ")
        end = f"line {len(text.splitlines())}"
        place = f"{end}, the end of the file" if where in {"", "end of document"} else where
        raise refused(place, f"is no TOML: {what}; look for a missing quotation mark or bracket here") from None
    except (ValueError, ArithmeticError, RecursionError):
        raise refused("file", "is no TOML that can be used: it holds an endless number or endless brackets") from None


def _take_roster(raw: dict[str, Any], path: Path) -> Roster | None:
    """Puts the townships of the named roster into the file's own."""
    named = raw.get("roster")
    name = named.get("file") if isinstance(named, dict) else None
    if not isinstance(name, str) or not name.strip() or "townships" in raw:
        return None
    categories = raw.get("categories")
    words: dict[str, str] = {}
    for category in categories if isinstance(categories, list) else ():
        if isinstance(category, dict) and isinstance(key := category.get("key"), str):
            also = category.get("words")
            for word in (key, category.get("name"), *(also if isinstance(also, list) else ())):
                if isinstance(word, str):
                    words.setdefault(word, key)
    roster = read_roster(path.parent / name, words)
    if roster.townships:
        raw["townships"] = roster.townships
    return roster


def _located(
    misfits: Collection[Misfit], file: str, roster: Roster | None, raw: Mapping[str, Any]
) -> list[CampaignFault]:
    """The faults with their files, in the order found: what is wrong with a township of the roster is named by its row."""
    if roster is None:
        if "roster" in raw and "townships" in raw:
            misfits = [
                Misfit(place="roster", allowed="must not stand beside [[townships]]: name one of the two"),
                *misfits,
            ]
        faults = [_fault(file, misfit) for misfit in misfits]
    else:
        source = str(raw["roster"]["file"])
        faults = [_fault(source, misfit) for misfit in roster.faults]
        for misfit in misfits:
            if entry := re.match(r"townships\[(\d+)\]\.?(.*)", misfit.place):
                place = roster.place(int(entry[1]), entry[2])
                allowed = re.sub(r"townships\[(\d+)\]", lambda found: roster.place(int(found[1]), ""), misfit.allowed)
                faults.append(_fault(source, Misfit(place=place, value=misfit.value, allowed=allowed)))
            elif misfit.place != "townships":
                faults.append(_fault(file, misfit))
            elif not roster.faults:
                faults.append(_fault(source, Misfit(place="file", allowed="names no township")))
    return list(dict.fromkeys(faults))


def _fault(file: str, misfit: Misfit) -> CampaignFault:
    return CampaignFault(file=file, place=misfit.place, value=misfit.value, allowed=misfit.allowed)


def _canonical(file: CampaignFile) -> CampaignFile:
    """The file in the one way of writing its meaning: roster and calendar resolved, defaults written out, sets in order."""
    calendar = CalendarPart()
    if file.days is not domain.ReportingDays.EVERY_DAY:
        given = file.calendar
        years = range(file.start.year, file.deadline.year + 1)
        found = calendar_for(years, off=given.off, work=given.work, known=given.years)
        calendar = CalendarPart(years=sorted(found.years), off=sorted(found.off), work=sorted(found.work))
    return file.model_copy(
        update={
            "roster": None,
            "basis": BasisPart(),
            "townships": [_whole(township, file.basis) for township in file.townships],
            "groups": [group.model_copy(update={"notices": sorted(set(group.notices))}) for group in file.groups],
            "calendar": calendar,
        }
    )


def _whole(township: TownshipPart, basis: BasisPart) -> TownshipPart:
    total = sum(township.targets.values(), Decimal(0))
    return township.model_copy(
        update={
            "target": total if township.target is None else township.target,
            "basis": township.basis or basis,
        }
    )


def _campaign(file: CampaignFile) -> domain.Campaign:
    """The domain's campaign out of a canonical file."""
    # Two jobs of one hour are done in this order, however the file lists them.
    jobs = [*(job for job in ORDER_OF_JOBS if job in file.hours), *sorted(file.hours.keys() - set(ORDER_OF_JOBS))]
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
        calendar=domain.Calendar(
            years=frozenset(file.calendar.years),
            off=frozenset(file.calendar.off),
            work=frozenset(file.calendar.work),
        ),
        hours={job: file.hours[job] for job in jobs},
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
        townships=tuple(_township(township) for township in file.townships),
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


def _township(township: TownshipPart) -> domain.Township:
    basis = township.basis or BasisPart()
    return domain.Township(
        name=domain.TownshipName(township.name),
        aliases=tuple(township.aliases),
        kind=township.kind,
        ranking_group=township.ranking_group,
        contacts=tuple(
            domain.Contact(name=contact.name, nick=contact.nick, phone=contact.phone, user_id=contact.user_id)
            for contact in township.contacts
        ),
        target=township.target or Decimal(0),
        targets={domain.CategoryKey(key): target for key, target in township.targets.items()},
        basis=domain.Basis(day=basis.day, paper=basis.paper),
    )
