"""Where the lines of a drawing run: on the canvas, through the points, and readable beside each
other.
"""

from __future__ import annotations

import itertools
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction

from hypothesis import given
from hypothesis import strategies as st

from bot.domain.figures.progress import Reported
from bot.views.oversight.board import CalendarDay, Curve
from bot.web.oversight.charts import DESK, PHONE, WALL, bar, drawing, square

FIRST = date(2021, 10, 15)


@st.composite
def curves(draw: st.DrawFn) -> Curve:
    days = draw(st.integers(1, 200))
    target = Decimal(draw(st.integers(0, 100000)))
    deadline = FIRST + timedelta(days=days)
    known = draw(st.lists(st.integers(0, 120000), max_size=days))
    actual = tuple(
        (FIRST + timedelta(days=place), Decimal(value)) for place, value in enumerate(sorted(known))
    )
    expected = []
    if actual:
        on, value = actual[-1]
        for ahead in range(draw(st.integers(0, 60))):
            expected.append((on + timedelta(days=ahead), value, value + ahead, value + 2 * ahead))
    return Curve(
        target=target,
        deadline=deadline,
        plan=((FIRST - timedelta(days=1), Fraction(0)), (deadline, Fraction(target))),
        actual=actual,
        expected=tuple(expected),
    )


@given(curves(), st.sampled_from([PHONE, DESK, WALL]))
def test_every_line_stays_on_the_canvas_but_for_what_is_beyond_the_task(
    curve: Curve, canvas: object
) -> None:
    made = drawing(curve, canvas)  # type: ignore[arg-type]
    within = made.canvas
    for line in (made.plan, made.actual):
        for point in line.split():
            x, y = map(float, point.split(","))
            assert within.left <= x <= within.width - within.right
            assert within.top <= y <= within.height - within.bottom
    places = [float(x) for x, _, _ in made.days]
    assert places == sorted(places)
    assert curve.deadline in [day for _, _, day in made.days]
    # No two words of the axis within 40 units of each other, but where there are only days of the
    # same week.
    if (curve.deadline - FIRST).days > 14 and len(places) > 1:
        assert min(after - before for before, after in itertools.pairwise(places)) > 40
    values = [value for _, value in made.values]
    assert values == sorted(set(values))
    assert len(values) <= 6


def test_not_quite_all_is_never_a_full_bar() -> None:
    assert bar(None).filled == "0"
    assert bar(Fraction(1, 3)).filled == "33.3"
    assert bar(Fraction(9999, 10000)).filled == "99.5"
    assert bar(Fraction(1)).filled == bar(Fraction(3, 2)).filled == "100"
    assert bar(Fraction(1), Fraction(1, 2)).plan == "50"


def test_a_square_is_coloured_by_how_much_of_its_task_was_done() -> None:
    def kind(increase: int | None, reported: Reported = Reported.ON_TIME) -> str:
        told = CalendarDay(
            day=FIRST, reported=reported, increase=None if increase is None else Decimal(increase)
        )
        return square(told, Decimal(100), 20).kind  # an even day is 5

    assert [kind(increase) for increase in (None, -3, 0, 1, 4, 5, 9, 10, 19, 20, 100)] == [
        *("o0", "o0", "o0"),
        *("o1", "o1", "o2", "o2", "o3", "o3", "o4", "o4"),
    ]
    assert kind(0, Reported.MISSING) == "m0"
    assert kind(5, Reported.LATE) == "l2"
    assert kind(0, Reported.DONE_BEFORE) == "d0"
