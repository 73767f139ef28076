"""A campaign (专项工作): what is being run, by whom, until when, and by which rules. Values only;
`config/campaign_file/loader.py` makes them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time
from decimal import Decimal
from enum import StrEnum
from fractions import Fraction
from functools import cached_property
from typing import NewType
from zoneinfo import ZoneInfo

from bot.domain.campaigns.payment import PaymentRules
from bot.domain.campaigns.register import Register
from bot.domain.keys import CampaignKey as CampaignKey
from bot.domain.keys import CategoryKey as CategoryKey
from bot.domain.keys import GroupKey as GroupKey
from bot.domain.keys import RegisterKey as RegisterKey
from bot.domain.keys import StageKey as StageKey
from bot.domain.keys import TownshipName as TownshipName


class ReportingDays(StrEnum):
    """On which days townships report and bulletins go out (docs/laws.md#days-and-hours)."""

    EVERY_DAY = "every_day"
    WORKDAYS = "workdays"
    # every day is reported and closed; bulletins only on working days
    BULLETIN_ON_WORKDAYS = "bulletin_on_workdays"


class Audience(StrEnum):
    """For whom a group exists; it decides which kinds of notice the group is sent."""

    TOWNSHIPS = "townships"
    LEADERS = "leaders"
    SUPERVISORS = "supervisors"


NoticeKind = NewType("NoticeKind", str)
"""What the bot says to a group of its own accord, by its kind: the name of the job that makes it,
or one of the kinds that no hour makes (`bot.domain.campaigns.jobs`)."""

BULLETIN = NoticeKind("bulletin")
"""The numbered notice of a day; the job of that name ends the day, so every campaign gives it an
hour.
"""

CORRECTION = NoticeKind("correction")
FAULT = NoticeKind("fault")  # a robot is switched off; told by another way
TEST = NoticeKind("test")  # a person tries whether a group is reached


class Disclosure(StrEnum):
    """How much of a notice other systems may read through the interface."""

    NONE = "none"  # they are not told of it
    WITHOUT_TEXT = "without_text"  # its text names people
    FULL = "full"


class LeadsTo(StrEnum):
    """The page that leaders and supervisors are led to by a link under a notice."""

    NOWHERE = "nowhere"
    BOARD = "board"
    OVERDUE = "overdue"


@dataclass(frozen=True, kw_only=True)
class NoticeTraits:
    """What becomes of the notices of one kind once they are made."""

    # past the cut-off of its day nothing is left to ask, and it is let pass
    asks_for_the_day: bool = False
    # sent once more, marked 【重发】, when nobody knows whether it arrived
    resent_when_unknown: bool = False
    leads_to: LeadsTo = LeadsTo.NOWHERE
    disclosure: Disclosure = Disclosure.NONE
    chosen: bool = True  # a campaign chooses the groups that are sent it
    # the groups that are sent it when a new campaign is begun
    first_sent_to: frozenset[Audience] = frozenset()


class About(StrEnum):
    """Which day an hour is about."""

    TODAY = "today"
    DAY_BEFORE = "day_before"  # it strikes on the morning after its day


@dataclass(frozen=True, kw_only=True)
class JobKind:
    """What is true of a job wherever it runs; the job itself declares it (`jobs/`). Its notices are
    of the kind of its name.
    """

    name: str  # as in the campaign's `[hours]`; the ledger keeps it for ever
    order: int  # of jobs that strike at one hour the lowest is done first
    notice: NoticeTraits
    about: About = About.TODAY
    # it follows a bulletin and has nothing to say on a day without one
    on_bulletin_days: bool = False
    # it waits while a person holds the bulletin of its day, or of an earlier one
    held_back: bool = False
    # the hour it has when a new campaign is begun; None: it must be asked for
    usual_hour: time | None = None

    @property
    def kind(self) -> NoticeKind:
        """The kind of the notices it makes."""
        return NoticeKind(self.name)


class TieBreak(StrEnum):
    """A named rule that orders townships of equal rate; printed under the table (law 11)."""

    LARGER_TARGET = "larger_target"
    LARGER_INCREASE = "larger_increase"


class RankedBy(StrEnum):
    """Which figures are ranked: those the townships claim, or those the register proves."""

    CLAIMED = "claimed"
    VERIFIED = "verified"


class Trouble(StrEnum):
    """What a step of the ladder counts consecutive days of."""

    MISSING = "missing"
    BEHIND = "behind"
    STILL = "still"


@dataclass(frozen=True, kw_only=True)
class Basis:
    """The day and the paper that set a target."""

    day: date | None = None
    paper: str = ""


@dataclass(frozen=True, kw_only=True)
class Stage:
    """环节: one of the ordered stages of the work. `within` names the stage whose count bounds this
    one (竣工 ≤ 开工).
    """

    key: StageKey
    name: str
    words: tuple[str, ...]
    headline: bool = False
    within: StageKey | None = None
    # begins at nothing: a cell never told of stands at 0 (reading.md, rule 13)
    from_zero: bool = False
    # counts what should be few, such as fires: it may fall from day to day
    low_is_good: bool = False


@dataclass(frozen=True, kw_only=True)
class Category:
    """类别: disjoint kinds of the work, each with its own target."""

    key: CategoryKey
    name: str
    words: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class Contact:
    """联络员: who reports for a township. `nick` is the name shown in the group; `phone` is whole,
    kept only for mentions.
    """

    name: str
    nick: str
    phone: str | None = None
    user_id: str | None = None


@dataclass(frozen=True, kw_only=True)
class Township:
    """乡镇: the unit that reports and is ranked. `target` is the whole, `targets` its parts by
    category (0 = no task).

    `baseline` (起报数) is what stood before the campaign began, of each stage and category that is
    known; None is the whole.
    """

    name: TownshipName
    aliases: tuple[str, ...] = ()
    kind: str = ""
    ranking_group: str = ""
    contacts: tuple[Contact, ...] = ()
    target: Decimal
    targets: Mapping[CategoryKey, Decimal] = field(default_factory=dict)
    basis: Basis = Basis()
    baseline: Mapping[tuple[StageKey, CategoryKey | None], Decimal] = field(default_factory=dict)

    def target_of(self, category: CategoryKey | None) -> Decimal:
        """The task number of one category, or of all for None; a category without a target is 0."""
        if category is None:
            return self.target
        return self.targets.get(category, Decimal(0))


@dataclass(frozen=True, kw_only=True)
class Group:
    """工作群: one robot of one platform, for one audience. The settings named here hold its address
    and signing secret.
    """

    key: GroupKey
    name: str
    platform: str
    audience: Audience
    address_setting: str = ""
    secret_setting: str = ""
    notices: frozenset[NoticeKind]


@dataclass(frozen=True, kw_only=True)
class RankingRule:
    """How townships are ranked, and by which version of the rule; `enabled=False` keeps totals and
    overdue lists (law 9).
    """

    enabled: bool = True
    by_group: bool = False
    tie_breaks: tuple[TieBreak, ...] = ()
    first: int = 3
    last: int = 3
    by: RankedBy = RankedBy.CLAIMED
    # the version (`bot.domain.day.ranking`); a file that names none was written for the first
    rule: int = 1
    # of the stages, for the versions that weigh them
    weights: Mapping[StageKey, Decimal] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class ProofRule:
    """How what townships claim is held against the first register (台账), the verified side of the
    figures.
    """

    told: bool = False  # the bulletin has a line of what is verified
    within_days: int = 7  # a claim that is not proved after so many days is owed
    # a case may be named in a group by its person's whole name, not only by its code
    names_in_chat: bool = True


@dataclass(frozen=True, kw_only=True)
class Milestone:
    """By the end of `day` this share (0 to 1) of each target should be done."""

    day: date
    share: Fraction


@dataclass(frozen=True, kw_only=True)
class Rung:
    """One step of the ladder: after `days` consecutive days of `trouble`, `audience` is told and
    `measure` is proposed.
    """

    trouble: Trouble
    days: int
    audience: Audience
    measure: str = ""


@dataclass(frozen=True, kw_only=True)
class QuietHours:
    """Nothing that is not urgent goes out from `start` to `end` (usually 20:00 to 08:00, over
    midnight).
    """

    start: time = time(20, 0)
    end: time = time(8, 0)


@dataclass(frozen=True, kw_only=True)
class Calendar:
    """Days off and weekend days worked, for the years the State Council has published and the
    operator's own additions.
    """

    years: frozenset[int] = frozenset()
    off: frozenset[date] = frozenset()
    work: frozenset[date] = frozenset()


@dataclass(frozen=True, kw_only=True)
class Campaign:
    """专项工作, whole. Stages are in the order of the work; townships in the official order of the
    county.
    """

    key: CampaignKey
    title: str  # 全市农村危房改造
    short_title: str  # 危房改造
    area: str  # 全市
    bureau: str  # 市住房和城乡建设局
    office: str  # 农房办
    office_staff: tuple[str, ...]  # the senders who are bureau staff
    timezone: ZoneInfo
    start: date
    deadline: date
    days: ReportingDays
    calendar: Calendar
    jobs: Mapping[str, JobKind]  # all that the program knows, by name, in their order
    hours: Mapping[str, time]  # by job name; `bulletin` is always there
    cutoff: time
    unit: str  # 户
    words: tuple[
        str, ...
    ] = ()  # the nouns of the work: 厕所, 改厕; beside a number they say nothing but what it is about
    unit_words: tuple[str, ...] = ()  # what else people call the unit: 个 for 座
    decimals: int = 0  # how many decimals a value may have
    stages: tuple[Stage, ...]
    categories: tuple[Category, ...] = ()
    townships: tuple[Township, ...]
    groups: tuple[Group, ...] = ()
    ranking: RankingRule = RankingRule()
    milestones: tuple[Milestone, ...] = ()  # empty: straight from start to deadline
    ladder: tuple[Rung, ...] = ()
    quiet: QuietHours = QuietHours()
    still_days: int = 5  # standing still is named from this many days on
    due_soon_days: int = 3
    # a count without a stage word belongs to the headline stage (rule 5)
    unmarked_is_headline: bool = True
    registers: tuple[Register, ...] = ()
    payment: PaymentRules | None = None  # None: the campaign pays nobody
    proof: ProofRule = ProofRule()

    @cached_property
    def headline(self) -> Stage:
        """The stage that is ranked."""
        return next(stage for stage in self.stages if stage.headline)

    @property
    def register(self) -> Register | None:
        """The register that proves the figures: the first one; None if the campaign has none."""
        return self.registers[0] if self.registers else None

    @property
    def target(self) -> Decimal:
        """The whole task of the campaign."""
        return sum((township.target for township in self.townships), Decimal(0))

    def stage(self, key: StageKey) -> Stage:
        """The stage of that key; KeyError if the campaign has none."""
        for stage in self.stages:
            if stage.key == key:
                return stage
        raise KeyError(key)

    def category(self, key: CategoryKey) -> Category:
        """The category of that key; KeyError if the campaign has none."""
        for category in self.categories:
            if category.key == key:
                return category
        raise KeyError(key)

    @property
    def baselines(self) -> tuple[tuple[Stage, Category | None], ...]:
        """The stages, whole or of a category, of which any township has a baseline."""
        given = {part for township in self.townships for part in township.baseline}
        every = (
            (stage, category) for category in (None, *self.categories) for stage in self.stages
        )
        return tuple(
            (stage, category)
            for stage, category in every
            if (stage.key, category.key if category else None) in given
        )

    def township(self, name: TownshipName) -> Township:
        """The township of that full name; KeyError if the campaign has none."""
        return self._townships[name]

    @cached_property
    def _townships(self) -> Mapping[TownshipName, Township]:
        return {township.name: township for township in self.townships}

    def moment(self, day: date, hour: time) -> datetime:
        """That hour of that day as an aware moment of the campaign's time zone."""
        return datetime.combine(day, hour, self.timezone)
