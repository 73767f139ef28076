"""What a leader sees of one day: any day, as known then or as corrected, and honest when there is
nothing to see.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest
from sqlalchemy import event
from sqlalchemy.engine import Engine

from bot.domain.campaigns.campaign import Campaign, RankingRule, TownshipName
from bot.domain.campaigns.workdays import planned_close
from bot.domain.day.forecast import Outlook
from bot.domain.day.obligations import Light
from bot.domain.decisions.actor import Actor
from bot.domain.decisions.kinds import DecisionKind
from bot.domain.decisions.subjects import FigureSubject
from bot.domain.figures.progress import Reported
from bot.store import Store
from bot.store.day import closings
from bot.store.decisions import decisions
from bot.store.figures import figures
from bot.store.figures.figures import NewFigure
from bot.store.replies import replies
from bot.views.day.sheets import RememberedSheets
from bot.views.oversight.board import AsKnown, Board, NoSuchDay, Phase, board, told_by
from tests.builders import COMPLETED, at, day, rural_housing_2021, small_campaign
from tests.domain.day.test_season import FIGURES
from tests.season2021 import GOLDEN, row_of
from tests.store.facts import asked_every_day

SEASON = rural_housing_2021()
SMALL = small_campaign({"A": 10, "B": 4, "C": 0})


def close(store: Store, campaign: Campaign, on: date) -> None:
    moment = planned_close(campaign, on)
    with store.writing() as session:
        closings.add_closing(session, campaign.key, on, planned=moment, closed_at=moment)


def say(
    store: Store, township: str, on: str, value: int | None, moment: str, **changes: Any
) -> int:
    told = NewFigure(
        township=TownshipName(township),
        day=day(on),
        stage=COMPLETED,
        category=None,
        value=None if value is None else Decimal(value),
        late=changes.pop("late", False),
        supersedes=changes.pop("supersedes", None),
    )
    with store.writing() as session:
        return figures.add_figures(
            session,
            campaign=SMALL.key,
            version=1,
            recorded_at=at(moment),
            figures=[told],
            **changes,
        )[0]


def seen(store: Store, moment: str, campaign: Campaign = SMALL, **facts: Any) -> Board:
    with store.reading() as session:
        return board(session, RememberedSheets(), campaign, at(moment), **facts)


@pytest.fixture(autouse=True)
def _asked(store: Store) -> None:
    """Everybody was asked on every day of the small campaign."""
    with store.writing() as session:
        asked_every_day(session, SMALL)


@pytest.fixture
def season(store: Store) -> Store:
    """The ledger of 2021: everybody asked every day, every figure of the labelled replies, every
    day closed in time.
    """
    with store.writing() as session:
        asked_every_day(session, SEASON)
        for one in FIGURES:
            told = NewFigure(
                township=one.township,
                day=one.day,
                stage=one.stage,
                category=one.category,
                value=one.value,
                late=one.late,
            )
            figures.add_figures(
                session, campaign=SEASON.key, version=1, recorded_at=one.recorded_at, figures=[told]
            )
        for place in range(37):
            on = SEASON.start + timedelta(days=place)
            moment = planned_close(SEASON, on)
            closings.add_closing(session, SEASON.key, on, planned=moment, closed_at=moment)
    return store


def test_every_day_of_the_season_is_shown_as_its_bulletin_told_it(season: Store) -> None:
    remembered = RememberedSheets()
    with season.reading() as session:
        for on in sorted(GOLDEN):
            made = board(
                session,
                remembered,
                SEASON,
                at("11-21 09:00"),
                day=date.fromisoformat(on),
                as_known=AsKnown.THEN,
            )
            assert [row_of(line.standing) for line in made.lines if line.standing] == GOLDEN[on]
            assert made.closed


def test_the_middle_of_the_season(season: Store) -> None:
    made = seen(season, "10-29 18:00", SEASON)
    assert (made.day, made.phase, made.closed) == (day("10-29"), Phase.RUNNING, True)
    assert made.sheet is not None
    assert (
        made.sheet.total,
        made.sheet.increase,
        made.sheet.days_left,
        made.sheet.needed_per_day,
    ) == (193, 9, 22, 7)
    assert made.planned == 216
    assert [standing.row.township for standing in made.first] == ["梅砚街道", "汀前街道", "兰皋镇"]
    assert [standing.row.township for standing in made.last] == ["石磬镇", "石磴乡", "茶埂乡"]
    assert (made.absent, made.late, made.owing) == ((), (), 17)
    assert made.still[0].township == "茶埂乡"
    assert [(part.name, part.done, part.target) for part in made.categories] == [
        ("C级维修", 166, 227),
        ("D级重建", 19, 72),
        ("交钥匙", 8, 42),
    ]
    assert [(part.name, part.done, part.headline) for part in made.stages[:2]] == [
        ("开工", 333, False),
        ("竣工", 193, True),
    ]
    assert made.outlook is Outlook.DOUBTFUL
    worst = made.line(TownshipName("茶埂乡"))
    assert (worst.light, worst.forecast, worst.outlook) == (Light.YELLOW, None, None)
    done = made.line(TownshipName("汀前街道"))
    assert (done.light, done.troubles) == (Light.DONE, ())


def test_the_last_day_of_the_season(season: Store) -> None:
    made = seen(season, "11-20 18:00", SEASON)
    assert made.finished
    assert made.phase is Phase.ENDED
    assert (made.last, made.absent, made.still, made.outlook) == ((), (), (), None)
    assert made.first == ()  # all are equal
    assert {line.light for line in made.lines} == {Light.DONE}
    assert seen(season, "12-25 18:00", SEASON).day == day("11-20")


def test_the_curve_runs_from_the_start_over_today_to_beyond_the_deadline(season: Store) -> None:
    made = seen(season, "10-29 18:00", SEASON)
    curve = made.curve
    assert curve.plan == ((day("10-15"), Fraction(136)), (day("11-20"), Fraction(341)))
    assert curve.actual[0] == (day("10-15"), 136)
    assert curve.actual[-1] == (day("10-29"), 193)
    assert curve.expected[0] == (day("10-29"), 193, 193, 193)
    assert curve.expected[-1][0] > day("11-20")
    township = SEASON.townships[0]
    own = made.curve_of(township)
    assert (own.target, own.actual[-1]) == (33, (day("10-29"), 18))


def test_the_calendar_says_how_each_township_reported_on_each_day(store: Store) -> None:
    say(store, "A", "11-01", 3, "11-01 10:00")
    say(store, "A", "11-02", 10, "11-02 17:10", late=True)
    say(store, "B", "11-02", 1, "11-02 10:00")
    made = seen(store, "11-03 18:00", day=day("11-03"))
    told = {
        row.township: [(one.day.day, one.reported, one.increase) for one in days]
        for row, days in made.calendar
    }
    assert told == {
        "A": [(1, Reported.ON_TIME, None), (2, Reported.LATE, 7), (3, Reported.DONE_BEFORE, 0)],
        "B": [(1, Reported.MISSING, None), (2, Reported.ON_TIME, None), (3, Reported.MISSING, 0)],
    }
    assert [one.increase for one in made.calendar_of(TownshipName("B"))] == [None, None, 0]


def test_a_corrected_day_is_shown_as_told_then_and_as_known_now(store: Store) -> None:
    wrong = say(store, "A", "11-01", 9, "11-01 10:00")
    say(store, "B", "11-01", 1, "11-01 10:00")
    close(store, SMALL, day("11-01"))
    assert seen(store, "11-01 18:00").corrected == ()
    say(store, "A", "11-01", 6, "11-02 09:00", supersedes=wrong)
    then = seen(store, "11-02 10:00", day=day("11-01"), as_known=AsKnown.THEN)
    now = seen(store, "11-02 10:00", day=day("11-01"))
    assert then.sheet is not None
    assert now.sheet is not None
    assert (then.sheet.total, now.sheet.total) == (10, 7)
    assert then.known_at == at("11-01 17:30")
    for made in (then, now):
        assert [(moved.township, moved.was, moved.now) for moved in made.corrected] == [("A", 9, 6)]
    # At a moment before the correction nobody knew of it.
    before = seen(store, "11-01 20:00", day=day("11-01"))
    assert before.sheet is not None
    assert (before.sheet.total, before.corrected) == (10, ())


def test_the_newest_day_is_the_one_before_until_somebody_has_reported(store: Store) -> None:
    say(store, "A", "11-01", 3, "11-01 10:00")
    assert seen(store, "11-01 08:00").day == day("11-01")  # there is no day before
    close(store, SMALL, day("11-01"))
    assert seen(store, "11-02 08:00").day == day("11-01")
    say(store, "B", "11-02", 1, "11-02 09:00")
    made = seen(store, "11-02 09:30")
    assert (made.day, made.closed) == (day("11-02"), False)
    assert [row.township for row in made.absent] == ["A"]
    assert made.line(TownshipName("A")).light is Light.BLUE  # awaited, not yet missing
    assert seen(store, "11-02 17:00").line(TownshipName("A")).light is Light.RED
    close(store, SMALL, day("11-03"))
    assert seen(store, "11-03 18:00").day == day("11-03")


def test_nobody_is_behind_the_plan_of_a_day_that_is_not_over(store: Store) -> None:
    say(store, "A", "11-01", 1, "11-01 10:00")
    say(store, "B", "11-01", 0, "11-01 10:00")
    close(store, SMALL, day("11-01"))
    say(store, "A", "11-02", 1, "11-02 09:00")
    lights = {
        moment: [seen(store, moment).line(TownshipName(name)).light for name in "AB"]
        for moment in ("11-02 09:30", "11-02 17:00")
    }
    # The plan expects of A 1 by the first evening and 2 by the second, of B nothing whole yet.
    assert lights["11-02 09:30"] == [Light.OPEN, Light.BLUE]
    assert lights["11-02 17:00"] == [Light.YELLOW, Light.RED]


@pytest.mark.parametrize("asked", ["10-31", "11-03", "11-11"])
def test_a_day_nobody_reports_on_or_that_has_not_come_has_no_board(
    store: Store, asked: str
) -> None:
    with pytest.raises(NoSuchDay):
        seen(store, "11-02 10:00", day=day(asked))


def test_a_campaign_that_has_not_begun_has_a_task_and_no_sheet(store: Store) -> None:
    made = seen(store, "10-31 10:00")
    assert (made.phase, made.sheet, made.days, made.lines) == (Phase.BEFORE, None, (), ())
    assert (made.finished, made.outlook, made.first, made.last, made.absent) == (
        False,
        None,
        (),
        (),
        (),
    )
    assert [part.done for part in made.stages] == [None]
    assert made.curve.actual == ()
    assert made.curve.plan == ()
    assert made.calendar == ()
    with pytest.raises(NoSuchDay):
        seen(store, "10-31 10:00", day=day("11-01"))


def test_a_campaign_without_a_figure_says_so(store: Store) -> None:
    made = seen(store, "11-04 18:00")
    assert made.sheet is not None
    assert (made.sheet.total, made.outlook, made.owing) == (0, None, 2)
    assert [row.township for row in made.absent] == ["A", "B"]
    assert made.last == ()


def test_a_township_without_a_task_stands_at_the_end_and_is_asked_nothing(store: Store) -> None:
    say(store, "B", "11-01", 1, "11-01 10:00")
    for rule in (RankingRule(), RankingRule(enabled=False)):
        made = seen(
            store, "11-01 18:00", replace(SMALL, townships=SMALL.townships[::-1], ranking=rule)
        )
        assert made.lines[-1].row.township == "C"
        assert (made.lines[-1].standing, made.lines[-1].light) == (None, None)
        assert [row.township for row in made.absent] == ["A"]


def test_without_ranking_totals_and_lists_stay(store: Store) -> None:
    say(store, "B", "11-01", 1, "11-01 10:00")
    made = seen(store, "11-01 18:00", replace(SMALL, ranking=RankingRule(enabled=False)))
    assert [line.row.township for line in made.lines] == ["A", "B", "C"]
    assert {line.standing for line in made.lines} == {None}
    assert (made.first, made.last) == ((), ())
    assert made.sheet is not None
    assert made.sheet.total == 1
    assert [row.township for row in made.absent] == ["A"]


def test_groups_are_ranked_apart(store: Store) -> None:
    townships = tuple(
        replace(one, ranking_group=group, target=Decimal(10))
        for one, group in zip(SMALL.townships, ("街道", "乡镇", "乡镇"), strict=True)
    )
    campaign = replace(SMALL, townships=townships, ranking=RankingRule(by_group=True))
    for name, value in (("A", 1), ("B", 2), ("C", 3)):
        say(store, name, "11-01", value, "11-01 10:00")
    made = seen(store, "11-01 18:00", campaign)
    ranked = [
        (line.standing.group, line.standing.rank, line.row.township)
        for line in made.lines
        if line.standing
    ]
    assert ranked == [("街道", 1, "A"), ("乡镇", 1, "C"), ("乡镇", 2, "B")]
    # of one alone nobody is first
    assert [standing.row.township for standing in made.first] == ["C", "B"]


def test_a_township_is_shown_with_the_words_its_figures_came_from(store: Store) -> None:
    with store.writing() as session:
        reply, _ = replies.add_reply(
            session,
            campaign=SMALL.key,
            channel="group",
            message_id="1",
            sender="A-张",
            text="竣工3户",
            sent_at=at("11-01 09:59"),
            arrived_at=at("11-01 10:00"),
        )
        decision = decisions.add_decision(
            session,
            campaign=SMALL.key,
            by=Actor(name="陈"),
            kind=DecisionKind.FIGURE_WITHDRAWN,
            subject=FigureSubject(number=1),
            reason="报错",
            at=at("11-02 09:00"),
        )
    first = say(store, "A", "11-01", 3, "11-01 10:00", reply_number=reply.number)
    say(store, "A", "11-01", None, "11-02 09:00", supersedes=first, decision_number=decision)
    say(store, "A", "11-02", 2, "11-02 10:00")
    say(store, "B", "11-02", 1, "11-02 10:00")

    def told(
        moment: str, **facts: Any
    ) -> list[tuple[int, bool, str | None, str | None, list[Decimal | None]]]:
        made = seen(store, moment, **facts)
        with store.reading() as session:
            words = told_by(session, made, TownshipName("A"))
        return [
            (
                word.day.day,
                word.correction,
                word.source.text,
                word.source.person,
                [one.value for one in word.figures],
            )
            for word in words
        ]

    assert told("11-02 11:00") == [
        (2, False, None, None, [2]),
        (1, False, "竣工3户", None, [3]),
        (1, True, None, "陈", [None]),
    ]
    assert told("11-02 11:00", day=day("11-01")) == told("11-02 11:00")[1:]
    assert told("11-02 08:00", day=day("11-01")) == [(1, False, "竣工3户", None, [3])]


@pytest.fixture
def questions() -> Iterator[list[str]]:
    """Every SELECT that is put to a database."""
    asked: list[str] = []

    def note(_: Any, __: Any, statement: str, *___: Any) -> None:
        if statement.startswith("SELECT"):
            asked.append(statement)

    event.listen(Engine, "before_cursor_execute", note)
    yield asked
    event.remove(Engine, "before_cursor_execute", note)


def test_a_board_asks_the_ledger_as_often_for_the_last_day_as_for_the_first(
    season: Store, questions: list[str]
) -> None:
    asked: list[int] = []
    moment: datetime
    for moment in (at("10-15 18:00"), at("11-20 18:00")):
        with season.reading() as session:
            before = len(questions)
            board(session, RememberedSheets(), SEASON, moment)
            asked.append(len(questions) - before)
    assert asked[0] == asked[1] <= 11
