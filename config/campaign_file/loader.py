"""A campaign file becomes a `Campaign`, or a list of everything that is wrong with it."""

from __future__ import annotations

import hashlib
import json
import re
import tomllib
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, fields
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import Any, TypeVar
from zoneinfo import ZoneInfo

from bot.domain.campaigns import campaign as domain
from bot.domain.replies.reading.unreadable import unreadable
from config.campaign_file.contradictions import cautions, contradictions
from config.campaign_file.description import without_unsaid
from config.campaign_file.money import payment_rules
from config.campaign_file.parts import FilePart
from config.campaign_file.registers import registers_of
from config.campaign_file.roster import Roster, of_baselines, read_roster, unusable_roster
from config.campaign_file.shape import (
    BasisPart,
    CalendarPart,
    CampaignFile,
    Misfit,
    TownshipPart,
    shape,
)
from config.holidays import calendar_for
from config.wording import templates
from config.wording.faults import Sentence, at_its_place, sentence

ROOM = Path(__file__).parents[1] / "campaigns"


@dataclass(frozen=True, kw_only=True)
class CampaignFault:
    """One thing wrong with a campaign file or its roster: where, what stands there, what is
    allowed.
    """

    file: str
    place: str
    value: str
    told: Sentence

    @property
    def allowed(self) -> str:
        """What is allowed there, in English."""
        return str(self.told)

    def __str__(self) -> str:
        stands = f" = {self.value}" if self.value else ""
        return f"{self.file}: {self.place}{stands}: {self.allowed}"

    def chinese(self) -> str:
        """The fault in one line as the clerk sees it: 名册第7行“任务数”列“三十”：应是数字."""
        return at_its_place(self.place, self.value, self.told)


class CampaignRefused(Exception):
    """A campaign file that cannot be used; `faults` are all that were found, its text a line for
    each.
    """

    def __init__(self, faults: Collection[CampaignFault]) -> None:
        self.faults = tuple(faults)
        super().__init__("\n".join(str(fault) for fault in self.faults))


@dataclass(frozen=True, kw_only=True)
class LoadedCampaign:
    """A campaign with its content, from which this version of it can be built again whatever
    becomes of the files.

    The content is the file, its roster and its calendar in one way of writing; `digest` names it,
    so two files of the same meaning have one digest. `cautions` are sentences about what is allowed
    and likely not meant.
    """

    campaign: domain.Campaign
    content: str = field(repr=False)
    digest: str
    path: Path | None = None
    cautions: tuple[Sentence, ...] = ()

    @property
    def warnings(self) -> tuple[str, ...]:
        """The cautions in English."""
        return tuple(map(str, self.cautions))


def known_keys() -> list[str]:
    """The keys of the campaigns that come with the program."""
    return sorted(path.stem for path in ROOM.glob("*.toml"))


def load_campaign(
    path_or_key: str | Path,
    *,
    platforms: Collection[str],
    jobs: Mapping[str, domain.JobKind],
    among: Collection[str] = (),
) -> LoadedCampaign:
    """Reads and checks a campaign file, given by its path, or by the key of one that comes with the
    program or is `among` these files.

    Raises CampaignRefused with every fault found, each naming file, place, value and what is
    allowed.
    """
    path = _find(str(path_or_key), among)
    raw = _read(path)
    return checked(
        raw, path.name, _roster_beside(raw, path), platforms=platforms, jobs=jobs, path=path
    )


def checked(
    raw: dict[str, Any],
    file: str,
    roster: tuple[str, Roster] | None,
    *,
    platforms: Collection[str],
    jobs: Mapping[str, domain.JobKind],
    path: Path | None = None,
    addresses_kept: bool = False,
) -> LoadedCampaign:
    """The campaign of what was written in a file, or on a page, with its roster and the name of
    that.

    Raises CampaignRefused with every fault found. `addresses_kept`: its groups' addresses lie
    sealed in the ledger.
    """
    if roster is not None and roster[1].townships:
        raw["townships"] = roster[1].townships
    whole, understood, misfits = shape(raw)
    misfits += contradictions(understood, platforms, jobs, addresses_kept=addresses_kept)
    faults = _located(misfits, file, roster, raw)
    if faults or whole is None:
        raise CampaignRefused(faults)
    canonical = _canonical(whole)
    content = json.dumps(
        without_unsaid(canonical, canonical.model_dump(mode="json")),
        ensure_ascii=False,
        sort_keys=True,
        indent=1,
    )
    campaign = _campaign(canonical, jobs)
    unread = [sentence(why, **facts) for why, facts in unreadable(campaign, templates.reading())]
    return LoadedCampaign(
        campaign=campaign,
        content=content,
        digest=hashlib.sha256(content.encode()).hexdigest(),
        path=path,
        cautions=(*cautions(understood), *(roster[1].notes if roster is not None else ()), *unread),
    )


def campaign_from_content(content: str, jobs: Mapping[str, domain.JobKind]) -> domain.Campaign:
    """The campaign of a recorded version, from nothing but its content and the jobs of the program.

    ValueError if that is no content of a campaign.
    """
    return _campaign(CampaignFile.model_validate_json(content), jobs)


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
    def refused(rule: str, place: str = "file", **facts: Any) -> CampaignRefused:
        return CampaignRefused(
            [CampaignFault(file=str(path), place=place, value="", told=sentence(rule, **facts))]
        )

    try:
        text = path.read_bytes().decode("utf-8-sig")
    except FileNotFoundError:
        raise refused("file_missing", keys=tuple(known_keys())) from None
    except UnicodeDecodeError:
        raise refused("file_encoding") from None
    except OSError as error:
        raise refused("file_unreadable", reason=error.strerror) from None
    if "\0" in text:
        raise refused("file_nul")
    if not text.strip():
        raise refused("file_empty")
    try:
        return tomllib.loads(text, parse_float=Decimal)
    except tomllib.TOMLDecodeError as error:
        what, _, where = str(error).rstrip(")").partition(" (at ")
        end = f"line {len(text.splitlines())}"
        place = f"{end}, the end of the file" if where in {"", "end of document"} else where
        raise refused("file_not_toml", place, what=what) from None
    except (ValueError, ArithmeticError, RecursionError):
        raise refused("file_endless") from None


def _roster_beside(raw: dict[str, Any], path: Path) -> tuple[str, Roster] | None:
    """The roster that the file names, which lies beside it."""
    named = raw.get("roster")
    name = named.get("file") if isinstance(named, dict) else None
    if not isinstance(name, str) or not name.strip() or "townships" in raw:
        return None
    beside = path.parent / name
    try:
        roster = read_roster(
            beside.name, beside.read_bytes(), words_of_categories(raw), heads_of_baselines(raw)
        )
    except FileNotFoundError:
        roster = unusable_roster(beside.name, sentence("roster_missing"))
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or error
        roster = unusable_roster(beside.name, sentence("roster_unreadable", reason=str(reason)))
    return name, roster


def words_of_categories(raw: Mapping[str, Any]) -> dict[str, str]:
    """The key of a category for every word that may head its column in a roster."""
    categories = raw.get("categories")
    words: dict[str, str] = {}
    for category in categories if isinstance(categories, list) else ():
        if isinstance(category, dict) and isinstance(key := category.get("key"), str):
            also = category.get("words")
            for word in (key, category.get("name"), *(also if isinstance(also, list) else ())):
                if isinstance(word, str):
                    words.setdefault(word, key)
    return words


def heads_of_baselines(raw: Mapping[str, Any]) -> dict[str, tuple[str, ...]]:
    """The heads that a column of a baseline may have in a roster, by the key of the column; the
    first as it is written.
    """
    stages = [
        one
        for one in raw.get("stages") or ()
        if isinstance(one, dict) and isinstance(one.get("key"), str)
    ]
    heads: dict[str, tuple[str, ...]] = {}
    for stage in stages:
        mine = _words_of(stage)
        heads[f"baseline.{stage['key']}"] = of_baselines(
            mine, [""], bare=stage.get("headline") is True
        )
        for word, category in words_of_categories(raw).items():
            key = f"baselines.{stage['key']}.{category}"
            heads[key] = (
                *heads.get(key, ()),
                *of_baselines(mine, [word], bare=stage.get("headline") is True),
            )
    return heads


def _words_of(part: Mapping[str, Any]) -> list[str]:
    """What a stage or a category is called, its name first."""
    also = part.get("words")
    called = (part.get("name"), *(also if isinstance(also, list) else ()), part.get("key"))
    return list(dict.fromkeys(word for word in called if isinstance(word, str)))


def _located(
    misfits: Collection[Misfit], file: str, named: tuple[str, Roster] | None, raw: Mapping[str, Any]
) -> list[CampaignFault]:
    """The faults with their files, in the order found: what is wrong with a township of the roster
    is named by its row.
    """
    if named is None:
        if "roster" in raw and "townships" in raw:
            misfits = [Misfit(place="roster", told=sentence("roster_and_townships")), *misfits]
        faults = [_fault(file, misfit) for misfit in misfits]
    else:
        source, roster = named

        def in_roster(place: str) -> str:
            entry = re.fullmatch(r"townships\[(\d+)\]\.?(.*)", place, re.DOTALL)
            return roster.place(int(entry[1]), entry[2]) if entry else place

        faults = [_fault(source, misfit) for misfit in roster.faults]
        for misfit in misfits:
            if misfit.place.startswith("townships["):
                moved = Misfit(
                    place=in_roster(misfit.place),
                    value=misfit.value,
                    told=misfit.told.moved(in_roster),
                )
                faults.append(_fault(source, moved))
            elif misfit.place != "townships":
                faults.append(_fault(file, misfit))
            elif not roster.faults:
                faults.append(_fault(source, Misfit(place="file", told=sentence("roster_empty"))))
    return list(dict.fromkeys(faults))


def _fault(file: str, misfit: Misfit) -> CampaignFault:
    return CampaignFault(file=file, place=misfit.place, value=misfit.value, told=misfit.told)


def _canonical(file: CampaignFile) -> CampaignFile:
    """The file in the one way of writing its meaning: roster and calendar resolved, defaults
    written out, sets in order.
    """
    calendar = CalendarPart()
    if file.days is not domain.ReportingDays.EVERY_DAY:
        given = file.calendar
        years = range(file.start.year, file.deadline.year + 1)
        found = calendar_for(years, off=given.off, work=given.work, known=given.years)
        calendar = CalendarPart(
            years=sorted(found.years), off=sorted(found.off), work=sorted(found.work)
        )
    return file.model_copy(
        update={
            "roster": None,
            "from_zero": False,
            "low_is_good": False,
            "stages": [
                stage.model_copy(
                    update={
                        "from_zero": stage.from_zero or file.from_zero,
                        "low_is_good": stage.low_is_good or file.low_is_good,
                    }
                )
                for stage in file.stages
            ],
            "basis": BasisPart(),
            "townships": [_whole(township, file.basis) for township in file.townships],
            "groups": [
                group.model_copy(update={"notices": sorted(set(group.notices))})
                for group in file.groups
            ],
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


def _campaign(file: CampaignFile, jobs: Mapping[str, domain.JobKind]) -> domain.Campaign:
    """The domain's campaign out of a canonical file."""
    # In the order of the jobs, however the file lists them; hours of jobs that a newer version had
    # come last.
    hours = [*(job for job in jobs if job in file.hours), *sorted(file.hours.keys() - jobs.keys())]
    registers = registers_of(
        file.registers,
        file.unit,
        {stage.key: stage.name for stage in file.stages},
        {part.key: (part.name, *part.words) for part in file.categories},
    )
    return _made(
        domain.Campaign,
        file,
        timezone=ZoneInfo(file.timezone),
        calendar=domain.Calendar(
            years=frozenset(file.calendar.years),
            off=frozenset(file.calendar.off),
            work=frozenset(file.calendar.work),
        ),
        jobs=jobs,
        hours={job: file.hours[job] for job in hours},
        stages=tuple(
            _made(domain.Stage, stage, within=stage.within or None) for stage in file.stages
        ),
        categories=tuple(_made(domain.Category, part) for part in file.categories),
        townships=tuple(_township(township) for township in file.townships),
        groups=tuple(
            _made(domain.Group, group, notices=frozenset(group.notices)) for group in file.groups
        ),
        ranking=_made(domain.RankingRule, file.ranking),
        milestones=tuple(
            domain.Milestone(day=milestone.day, share=Fraction(milestone.share))
            for milestone in file.plan.milestones
        ),
        ladder=tuple(_made(domain.Rung, rung) for rung in file.ladder),
        quiet=_made(domain.QuietHours, file.quiet),
        registers=registers,
        payment=payment_rules(file.money, registers),
        proof=_made(domain.ProofRule, file.proof),
    )


def _township(township: TownshipPart) -> domain.Township:
    return _made(
        domain.Township,
        township,
        contacts=tuple(_made(domain.Contact, contact) for contact in township.contacts),
        target=township.target or Decimal(0),
        basis=_made(domain.Basis, township.basis or BasisPart()),
        baseline={
            **{(domain.StageKey(stage), None): value for stage, value in township.baseline.items()},
            **{
                (domain.StageKey(stage), domain.CategoryKey(category)): value
                for stage, parts in township.baselines.items()
                for category, value in parts.items()
            },
        },
    )


Made = TypeVar("Made")


def _made(kind: type[Made], part: FilePart, **others: Any) -> Made:
    """A value of the domain out of a table: what both have under one name as it is, a list as a
    tuple; and the others.

    So a new key is described in its table and stands in the domain under its name, and needs no
    word here.
    """
    same = {one.name for one in fields(kind)} & type(part).model_fields.keys() - others.keys()  # type: ignore[arg-type]
    values = {name: getattr(part, name) for name in same}
    return kind(
        **{name: tuple(one) if isinstance(one, list) else one for name, one in values.items()},
        **others,
    )
