"""A question is a conversation: the contact's next words settle it, also after a restart, and only
on its own day.
"""

from __future__ import annotations

import io

from bot.app import App
from bot.domain.campaigns.enrolled import Enrolled
from bot.domain.replies.reading import Outcome
from bot.store.replies import readings
from tests.actions.day.test_day import pass_until, say
from tests.builders import COMPLETED, at, day


def stands(app: App, enrolled: Enrolled, township: str, moment: str) -> int | None:
    from bot.actions.replies.collect import standing_before

    with app.store.reading() as session:
        _, today = standing_before(session, enrolled.campaign, day(moment[:5]), at(moment))
    figure = next(
        (
            figure
            for (name, stage, part), figure in today.items()
            if (name, stage, part) == (township, COMPLETED, None)
        ),
        None,
    )
    return None if figure is None or figure.value is None else int(figure.value)


def begin(app: App, enrolled: Enrolled) -> None:
    """石磬镇 starts with 24 of 25, 8 of them completed, at the close of 15 October."""
    assert (
        say(app, enrolled, "10-15 15:00", "石磬镇-温", "石磬镇累计开工24户，累计竣工8户")
        is Outcome.ACCEPT
    )
    pass_until(app, enrolled, "10-15 17:40")


def test_a_number_settles_what_was_offered(
    app: App, enrolled: Enrolled, group_text: io.StringIO
) -> None:
    begin(app, enrolled)
    assert say(app, enrolled, "10-16 15:00", "石磬镇-温", "石磬镇9户") is Outcome.ASK
    assert say(app, enrolled, "10-16 15:01", "石磬镇-温", "收到，稍等") is Outcome.NONE
    assert say(app, enrolled, "10-16 15:05", "石磬镇-温", "2") is Outcome.ACCEPT
    assert stands(app, enrolled, "石磬镇", "10-16 15:06") == 17
    with app.store.reading() as session:
        replied = readings.readings(session, enrolled.campaign.key, day("10-16"))
    assert replied[-1][1].answers == replied[0][0].number


def test_words_of_a_kind_settle_it_too(
    app: App, enrolled: Enrolled, group_text: io.StringIO
) -> None:
    begin(app, enrolled)
    assert say(app, enrolled, "10-16 15:00", "石磬镇-温", "石磬镇9户") is Outcome.ASK
    assert say(app, enrolled, "10-16 15:05", "石磬镇-温", "对，是累计") is Outcome.ACCEPT
    assert stands(app, enrolled, "石磬镇", "10-16 15:06") == 9
    assert (
        say(app, enrolled, "10-16 15:07", "石磬镇-温", "2") is Outcome.ASK
    )  # settled: a naked number is a naked number again


def test_another_sender_and_another_day_do_not_answer(
    app: App, enrolled: Enrolled, group_text: io.StringIO
) -> None:
    begin(app, enrolled)
    assert say(app, enrolled, "10-16 15:00", "石磬镇-温", "石磬镇9户") is Outcome.ASK
    assert say(app, enrolled, "10-16 15:05", "稻溪镇-谢", "2") is not Outcome.ACCEPT
    pass_until(app, enrolled, "10-16 17:40")
    assert say(app, enrolled, "10-16 18:00", "石磬镇-温", "2") is not Outcome.ACCEPT
    assert stands(app, enrolled, "石磬镇", "10-16 18:01") is None


def test_a_whole_line_settles_it_and_a_lower_one_offers_the_correction(
    app: App, enrolled: Enrolled, group_text: io.StringIO
) -> None:
    begin(app, enrolled)
    assert say(app, enrolled, "10-16 15:00", "石磬镇-温", "石磬镇9户") is Outcome.ASK
    assert say(app, enrolled, "10-16 15:05", "石磬镇-温", "累计竣工12户") is Outcome.ACCEPT
    assert say(app, enrolled, "10-16 15:10", "石磬镇-温", "累计11户") is Outcome.ASK
    assert stands(app, enrolled, "石磬镇", "10-16 15:11") == 12
    assert say(app, enrolled, "10-16 15:12", "石磬镇-温", "是的") is Outcome.ACCEPT
    assert stands(app, enrolled, "石磬镇", "10-16 15:13") == 11


def test_no_answer_and_a_doubtful_one_change_nothing(
    app: App, enrolled: Enrolled, group_text: io.StringIO
) -> None:
    begin(app, enrolled)
    assert say(app, enrolled, "10-16 15:00", "石磬镇-温", "石磬镇9户") is Outcome.ASK
    for words in ("是", "好的", "4", "不是", "都行", "1或2"):
        assert say(app, enrolled, "10-16 15:05", "石磬镇-温", words) is not Outcome.ACCEPT
    assert stands(app, enrolled, "石磬镇", "10-16 15:06") is None
