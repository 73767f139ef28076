"""接龙: the same list sent again and again, each time one row longer; every row counts once, and
for whom it speaks.
"""

from __future__ import annotations

from collections import Counter
from datetime import datetime, timedelta
from decimal import Decimal

import pytest

from bot.actions.replies.collect import collect
from bot.app import App
from bot.domain.campaigns.enrolled import Enrolled
from bot.domain.figures.progress import Figure
from bot.domain.replies.reading import Incoming, Reading
from bot.store.figures import figures
from bot.store.figures.figures import NewFigure
from tests.builders import COMPLETED, STARTED, at, day, rural_housing_2021

TOWNSHIPS = rural_housing_2021().townships
STOOD = {township.name: township.target // 2 for township in TOWNSHIPS}
SAID = {name: stood + 1 for name, stood in STOOD.items()}
MORNING = at("10-29 09:00")


@pytest.fixture
def begun(app: App, enrolled: Enrolled) -> Enrolled:
    """Every house is started and half of them are completed, on the day before."""
    with app.store.writing() as session:
        figures.add_figures(
            session,
            campaign=enrolled.campaign.key,
            version=1,
            recorded_at=at("10-28 12:00"),
            figures=[
                NewFigure(
                    township=town.name,
                    day=day("10-28"),
                    stage=stage,
                    category=None,
                    value=value,
                    late=False,
                )
                for town in TOWNSHIPS
                for stage, value in ((STARTED, town.target), (COMPLETED, STOOD[town.name]))
            ],
        )
    return enrolled


def chain(rows: int, title: str = "危改日报10月29日", **edited: int) -> str:
    """The list with its first rows, those of some townships edited by whoever copied it last."""
    said = {**SAID, **edited}
    lines = [
        f"{place}. {town.name} 新增{said[town.name] - STOOD[town.name]}累计{said[town.name]}"
        for place, town in enumerate(TOWNSHIPS[:rows], 1)
    ]
    return "\n".join([f"#接龙 {title}", *lines])


def send(app: App, enrolled: Enrolled, sender: str, text: str, moment: datetime) -> Reading:
    incoming = Incoming(id=f"{moment} {sender}", text=text, sender=sender, at=moment)
    reading = collect(
        app.store, enrolled, app.reading_wording, channel="group", incoming=incoming, at=moment
    )
    assert reading is not None
    return reading


def told(app: App, enrolled: Enrolled) -> list[Figure]:
    """What the log holds of the day, in its order."""
    with app.store.reading() as session:
        log = figures.figures_until(session, enrolled.campaign.key, day("10-29"), at("10-30 08:00"))
    return [figure for figure in log if figure.day == day("10-29")]


def stands(app: App, enrolled: Enrolled) -> dict[str, Decimal]:
    with app.store.reading() as session:
        standing = figures.standing(session, enrolled.campaign.key, day("10-29"), at("10-30 08:00"))
    return {name: value for (name, stage, _), value in standing.items() if stage == COMPLETED}


def test_nineteen_copies_of_nineteen_contacts_yield_each_row_once(
    app: App, begun: Enrolled
) -> None:
    for place, township in enumerate(TOWNSHIPS):
        reading = send(
            app,
            begun,
            township.contacts[0].nick,
            chain(place + 1),
            MORNING + timedelta(minutes=place),
        )
        assert [figure.township for figure in reading.figures] == [township.name]
        assert reading.asked == ()
    assert Counter(figure.township for figure in told(app, begun)) == Counter(
        town.name for town in TOWNSHIPS
    )
    assert stands(app, begun) == SAID


def test_nineteen_copies_of_the_office_yield_each_row_once(app: App, begun: Enrolled) -> None:
    for place in range(19):
        reading = send(app, begun, "office", chain(place + 1), MORNING + timedelta(minutes=place))
        assert len(reading.figures) == place + 1
    assert Counter(figure.township for figure in told(app, begun)) == Counter(
        town.name for town in TOWNSHIPS
    )
    assert stands(app, begun) == SAID


def test_a_row_of_somebody_else_that_was_edited_on_the_way_changes_nothing(
    app: App, begun: Enrolled
) -> None:
    for place, township in enumerate(TOWNSHIPS):
        edited = {TOWNSHIPS[2].name: int(SAID[TOWNSHIPS[2].name]) + 1} if place > 2 else {}
        send(
            app,
            begun,
            township.contacts[0].nick,
            chain(place + 1, **edited),
            MORNING + timedelta(minutes=place),
        )
    assert stands(app, begun) == SAID


def test_of_the_office_a_higher_old_row_stands_and_a_lower_one_is_asked(
    app: App, begun: Enrolled
) -> None:
    third, fourth = TOWNSHIPS[2].name, TOWNSHIPS[3].name
    send(app, begun, "office", chain(5), MORNING)
    higher = int(SAID[third]) + 1
    reading = send(
        app, begun, "office", chain(6, **{third: higher}), MORNING + timedelta(minutes=1)
    )
    assert reading.asked == ()
    assert stands(app, begun)[third] == higher
    lower = int(SAID[fourth]) - 1
    reading = send(
        app,
        begun,
        "office",
        chain(7, **{third: higher, fourth: lower}),
        MORNING + timedelta(minutes=2),
    )
    assert [(doubt.township, doubt.why) for doubt in reading.asked] == [(fourth, "below_today")]
    assert stands(app, begun)[fourth] == SAID[fourth]
    assert TOWNSHIPS[6].name in [figure.township for figure in told(app, begun)]
    assert Counter(figure.township for figure in told(app, begun))[third] == 2


def test_a_contact_lowers_his_own_row_with_a_word_of_correction_only(
    app: App, begun: Enrolled
) -> None:
    town = TOWNSHIPS[0]
    nick = town.contacts[0].nick
    send(app, begun, nick, chain(1), MORNING)
    lowered = chain(3, **{town.name: int(SAID[town.name]) - 1})
    assert send(app, begun, nick, lowered, MORNING + timedelta(minutes=1)).figures == ()
    assert stands(app, begun)[town.name] == SAID[town.name]
    send(app, begun, nick, f"更正：累计{SAID[town.name] - 1}户", MORNING + timedelta(minutes=2))
    assert stands(app, begun)[town.name] == SAID[town.name] - 1


def test_the_list_of_yesterday_is_no_report_of_today(app: App, begun: Enrolled) -> None:
    app.tick(begun, at("10-29 17:30"))
    reading = send(app, begun, TOWNSHIPS[0].contacts[0].nick, chain(19), at("10-30 09:00"))
    assert reading.figures == ()
    assert [doubt.why for doubt in reading.asked] == ["other_day"]
    assert told(app, begun) == []


def test_a_row_without_his_own_is_nothing_of_the_contact(app: App, begun: Enrolled) -> None:
    reading = send(app, begun, TOWNSHIPS[18].contacts[0].nick, chain(5), MORNING)
    assert (reading.figures, reading.asked) == ((), ())


def test_another_contact_who_says_the_same_is_a_report_of_his_own(
    app: App, begun: Enrolled
) -> None:
    """Withdrawing what the one said must leave what the other said."""
    town = TOWNSHIPS[0]
    send(app, begun, town.contacts[0].nick, chain(1), MORNING)
    send(app, begun, "office", chain(1), MORNING + timedelta(minutes=1))
    send(app, begun, "office", chain(1), MORNING + timedelta(minutes=2))
    assert len(told(app, begun)) == 2
