"""Where the lines of a drawing run: curves and bars as points on a canvas; the templates draw them
and say them in words.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction

from bot.domain.campaigns.campaign import TownshipName
from bot.domain.figures.progress import Reported, TownshipDay
from bot.views.oversight.board import CalendarDay, Curve

Number = int | float | Decimal | Fraction


@dataclass(frozen=True, kw_only=True)
class Canvas:
    """The size of a drawing, what is left free around it for words, and how many days its axis may
    name.
    """

    width: int
    height: int
    left: int
    right: int
    top: int
    bottom: int
    days: int


PHONE = Canvas(width=340, height=220, left=34, right=10, top=22, bottom=24, days=3)
DESK = Canvas(width=760, height=330, left=44, right=16, top=24, bottom=28, days=8)
WALL = Canvas(width=760, height=440, left=56, right=24, top=34, bottom=36, days=5)


@dataclass(frozen=True, kw_only=True)
class Drawing:
    """A curve laid on a canvas; lines are the `points` of an SVG polyline, `band` those of a
    polygon, "" for none.
    """

    canvas: Canvas
    plan: str
    actual: str
    expected: str
    band: str
    deadline: str  # x of the last day
    today: tuple[str, str] | None  # the end of what is known
    target: str  # y of the task
    days: tuple[tuple[str, str, date], ...]  # x, how its word is anchored, the day
    values: tuple[tuple[str, int], ...]  # y and what stands there


def drawing(curve: Curve, canvas: Canvas) -> Drawing:
    """The curve on that canvas."""
    first = min(
        [day for day, _ in curve.plan[:1] + curve.actual[:1]]
        or [curve.deadline - timedelta(days=1)]
    )
    last = max(
        day
        for day in (curve.deadline, *(one[0] for one in curve.actual[-1:] + curve.expected[-1:]))
    )
    top = max([curve.target, *(value for _, value in curve.actual), Decimal(1)])
    width, height = (
        canvas.width - canvas.left - canvas.right,
        canvas.height - canvas.top - canvas.bottom,
    )

    def x(day: date) -> str:
        return _short(canvas.left + width * (day - first).days / max(1, (last - first).days))

    def y(value: Number) -> str:
        return _short(canvas.top + height * (1 - float(value) / float(top)))

    def line(points: Iterable[tuple[date, Number]]) -> str:
        return " ".join(f"{x(day)},{y(value)}" for day, value in points)

    # The central line ends where all is done; the band goes on, for it may not be.
    done = next(
        (place for place, one in enumerate(curve.expected) if one[2] >= curve.target),
        len(curve.expected),
    )
    named = _named_days(first, last, curve.deadline, canvas.days)
    return Drawing(
        canvas=canvas,
        plan=line(curve.plan),
        actual=line(curve.actual),
        expected=line((day, middle) for day, _, middle, _ in curve.expected[: done + 1]),
        band=line(
            [(day, high) for day, _, _, high in curve.expected]
            + [(day, low) for day, low, _, _ in reversed(curve.expected)]
        ),
        deadline=x(curve.deadline),
        today=(x(curve.actual[-1][0]), y(curve.actual[-1][1])) if curve.actual else None,
        target=y(curve.target),
        days=tuple(
            (x(day), "start" if day == named[0] else "end" if day == named[-1] else "middle", day)
            for day in named
        ),
        values=tuple(
            (y(value), value) for value in _steps(float(top)) if value < float(curve.target) * 0.93
        ),
    )


def _named_days(first: date, last: date, deadline: date, most: int) -> list[date]:
    """The days an axis names, at equal distance, the deadline among them and nothing too near to
    it.
    """
    span = (last - first).days
    step = max(1, -(-span // most))
    days = [first + timedelta(days=place) for place in range(1, span + 1, step)]
    return sorted({*(day for day in days if abs((day - deadline).days) >= step), deadline})


def _steps(top: float) -> list[int]:
    """Three to five round values from 0 up to `top`."""
    size = 1
    while top / size > 5:
        size = {1: 2, 2: 5, 5: 10}[int(str(size)[0])] * 10 ** (len(str(size)) - 1)
    return list(range(0, int(top) + 1, size))


def _short(place: float) -> str:
    return f"{place:.1f}".removesuffix(".0")


@dataclass(frozen=True, kw_only=True)
class Bar:
    """A rate as a bar of a hundred: how far it is filled, and where the plan expects it, None for
    no mark.
    """

    filled: str
    plan: str | None


def bar(rate: Fraction | None, plan: Fraction | None = None) -> Bar:
    """A bar of that rate; more than all fills it, and nothing to do leaves it empty. Not quite all
    is never quite full.
    """
    share = 0.0 if rate is None else min(max(float(rate), 0.0), 1.0 if rate >= 1 else 0.995)
    return Bar(filled=_short(100 * share), plan=None if plan is None else _short(100 * float(plan)))


@dataclass(frozen=True, kw_only=True)
class Square:
    """A day of a calendar as it is drawn: how the township reported, how strongly it is coloured (0
    to 4), what was done.
    """

    reported: str
    level: int
    increase: Decimal | None

    @property
    def kind(self) -> str:
        """The class of its cell: the report's first letter and the level."""
        return f"{self.reported[0]}{self.level}"


def square(day: CalendarDay, target: Decimal, even_days: int) -> Square:
    """One day of a township: level 1 for less than an even day's share of its task over so many
    days, then from 1, 2 and 4 of them.
    """
    even = Fraction(day.increase or 0) * even_days / Fraction(target) if target > 0 else Fraction(0)
    level = 0 if even <= 0 else 1 + sum(even >= least for least in (1, 2, 4))
    return Square(reported=day.reported.value, level=level, increase=day.increase)


@dataclass(frozen=True, kw_only=True)
class CalendarChart:
    """Townships by day. The squares that differ are few, so each is drawn once and a line says
    which it is made of.
    """

    days: tuple[date, ...]
    squares: tuple[Square, ...]
    lines: tuple[tuple[TownshipName, tuple[int, ...]], ...]


def calendar(
    lines: Sequence[tuple[TownshipDay, Sequence[CalendarDay]]], even_days: int
) -> CalendarChart:
    """The calendar of these townships; each level is that of `square`."""
    places: dict[Square, int] = {}
    drawn = []
    for row, days in lines:
        mine: dict[tuple[Reported, Decimal | None], int] = {}
        for one in days:
            key = (one.reported, one.increase)
            if key not in mine:
                mine[key] = places.setdefault(square(one, row.target, even_days), len(places))
        drawn.append((row.township, tuple(mine[one.reported, one.increase] for one in days)))
    return CalendarChart(
        days=tuple(one.day for one in lines[0][1]) if lines else (),
        squares=tuple(places),
        lines=tuple(drawn),
    )
