"""Lays out the sheets of a campaign's days from the ledger: what every notice is written from."""

from __future__ import annotations

from bisect import bisect_right, insort
from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from decimal import Decimal
from threading import Lock

from bot.domain.campaigns.campaign import BULLETIN, Campaign, CampaignKey, RankedBy
from bot.domain.campaigns.workdays import ScheduledRun, bulletin_days
from bot.domain.figures.progress import Asking, DaySheet, Figure, day_sheets
from bot.domain.registers.case import cases
from bot.domain.registers.compare import by_day
from bot.store import Session, is_writing
from bot.store.figures import figures
from bot.store.notices import notices
from bot.store.registers import marks
from bot.views.day.asking import asking_known


def sheets_until(
    session: Session, campaign: Campaign, strike: ScheduledRun
) -> tuple[DaySheet, ...]:
    """The sheets of all days up to the strike's own, as known at the moment it happens."""
    return sheets_known(session, campaign, strike.day, strike.at)


def sheets_known(
    session: Session, campaign: Campaign, day: date, known_at: datetime
) -> tuple[DaySheet, ...]:
    """The sheets of all days up to `day`, as known at `known_at`."""
    told = figures.figures_until(session, campaign.key, day, known_at)
    sheets = day_sheets(campaign, told, day, known_at, asking_known(session, campaign, known_at))
    return with_verified(session, campaign, sheets, known_at)


def with_verified(
    session: Session, campaign: Campaign, sheets: tuple[DaySheet, ...], known_at: datetime
) -> tuple[DaySheet, ...]:
    """The sheets with what the register proves, as known at a moment, where the campaign tells of
    it or ranks by it.
    """
    register = campaign.register
    asked = campaign.proof.told or campaign.ranking.by is RankedBy.VERIFIED
    if register is None or not asked or not sheets:
        return sheets
    known = cases(register, marks.marks(session, campaign.key, register.key, known_at), known_at)
    if not known:
        return sheets
    counts = by_day(register, known, campaign.headline.key, [sheet.day for sheet in sheets])
    return tuple(
        replace(
            sheet,
            townships=tuple(
                replace(row, verified=Decimal(counts[sheet.day].get(row.township, 0)))
                for row in sheet.townships
            ),
        )
        for sheet in sheets
    )


@dataclass(frozen=True, kw_only=True)
class _Log:
    """The figures of a campaign that were read so far, in the order of their numbers."""

    figures: tuple[Figure, ...] = ()
    moments: tuple[datetime, ...] = ()  # when each was recorded, sorted
    disturbed: int = 0  # the last figure recorded for a moment earlier than one before it

    @property
    def last(self) -> int:
        return self.figures[-1].number if self.figures else 0

    def and_these(self, more: Sequence[Figure]) -> _Log:
        moments, disturbed = list(self.moments), self.disturbed
        for figure in more:
            if moments and figure.recorded_at < moments[-1]:
                disturbed = figure.number
                insort(moments, figure.recorded_at)
            else:
                moments.append(figure.recorded_at)
        return _Log(figures=(*self.figures, *more), moments=tuple(moments), disturbed=disturbed)


@dataclass(frozen=True, kw_only=True)
class _Laid:
    """Sheets as they were laid out, the campaign they were laid out for, and how far."""

    campaign: Campaign
    asking: Asking
    until: date
    sheets: tuple[DaySheet, ...]


class RememberedSheets:
    """Lays out the sheets that many readers ask for, once for all of them, until another figure
    enters the log.

    Figures are only ever added (law 1), in the order of their numbers, so what was read is kept and
    only what came since is asked for. They are recorded in the order of time as well, so how many
    are known at a moment says which they are, also after the log has grown; should a clock have
    been set back, that order begins anew. This and the campaign as it is in force is what a layout
    is kept under. Bounded by the figures and the layouts it keeps; any thread may ask. It is of one
    ledger.
    """

    def __init__(self, *, most_figures: int = 60_000, most_layouts: int = 48) -> None:
        self._most_figures, self._most_layouts = most_figures, most_layouts
        self._logs: OrderedDict[CampaignKey, _Log] = OrderedDict()
        self._layouts: OrderedDict[tuple[CampaignKey, int, int], _Laid] = OrderedDict()
        self._lock = Lock()

    def known(
        self, session: Session, campaign: Campaign, day: date, known_at: datetime
    ) -> tuple[DaySheet, ...]:
        """What `sheets_known` answers, from one question to the ledger; a session that writes is
        answered by that itself.

        A transaction that is undone would otherwise leave here what never happened.
        """
        if is_writing(session):
            return sheets_known(session, campaign, day, known_at)
        log = self._read_on(session, campaign.key)
        asking = asking_known(session, campaign, known_at)
        key = (campaign.key, log.disturbed, bisect_right(log.moments, known_at))
        with self._lock:
            laid = self._layouts.get(key)
            if laid is not None:
                self._layouts.move_to_end(key)
        # Two campaigns of one key are two versions; which holds is the caller's to say.
        other = laid is None or (laid.campaign is not campaign and laid.campaign != campaign)
        if laid is None or other or laid.until < day or laid.asking != asking:
            sheets = day_sheets(campaign, log.figures, day, known_at, asking)
            laid = _Laid(campaign=campaign, asking=asking, until=day, sheets=sheets)
            with self._lock:
                self._layouts[key] = laid
                self._layouts.move_to_end(key)
                while len(self._layouts) > self._most_layouts:
                    self._layouts.popitem(last=False)
        sheets = tuple(replace(sheet, as_of=known_at) for sheet in laid.sheets if sheet.day <= day)
        return with_verified(session, campaign, sheets, known_at)

    def _read_on(self, session: Session, campaign: CampaignKey) -> _Log:
        with self._lock:
            log = self._logs.get(campaign, _Log())
        more = figures.figures_after(session, campaign, log.last)
        if more:
            log = log.and_these(more)
        with self._lock:
            # Another thread may have read farther meanwhile; the longer log holds all of the
            # shorter.
            if log.last >= self._logs.get(campaign, _Log()).last:
                self._logs[campaign] = log
            self._logs.move_to_end(campaign)
            held = sum(len(kept.figures) for kept in self._logs.values())
            while held > self._most_figures and len(self._logs) > 1:
                held -= len(self._logs.popitem(last=False)[1].figures)
        return log


def issues_without_notice(session: Session, campaign: Campaign, day: date) -> tuple[int, ...]:
    """The issue numbers just before that of `day` that never had a bulletin since the last one:
    `day`'s stands for them too.

    Empty while there has been no bulletin at all: an installation that begins in mid-season owes
    nothing for the days before.
    """
    issued = {
        notice.day
        for _, notice in notices.notices(session, campaign.key)
        if notice.kind == BULLETIN
    }
    skipped: list[int] = []
    for number, earlier in reversed(list(enumerate(bulletin_days(campaign), 1))):
        if earlier >= day:
            continue
        if earlier in issued:
            return tuple(reversed(skipped))
        skipped.append(number)
    return ()
