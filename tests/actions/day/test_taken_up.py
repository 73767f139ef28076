"""A campaign taken up in mid-season, in the evening, by townships half of which are silent: no
notice says what is untrue.
"""

from __future__ import annotations

import re

import pytest

from bot.actions.campaigns.enrol import enrol
from bot.actions.replies.collect import collect
from bot.app import App
from bot.domain.campaigns.enrolled import Enrolled
from bot.domain.replies.reading import Incoming, Outcome
from bot.store.notices import notices
from tests.actions.day.test_correct import pass_until
from tests.builders import at, rural_housing_2021

SILENT = "云樟镇"


def say(app: App, enrolled: Enrolled, moment: str, sender: str, text: str) -> Outcome | None:
    incoming = Incoming(id=f"{moment} {sender}", text=text, sender=sender, at=at(moment))
    reading = collect(
        app.store, enrolled, app.reading_wording, channel="group", incoming=incoming, at=at(moment)
    )
    return reading and reading.outcome


def told(app: App, enrolled: Enrolled, kind: str) -> list[str]:
    with app.store.reading() as session:
        made = notices.notices(session, enrolled.campaign.key)
    return [notice.text for _, notice in made if notice.kind == kind]


@pytest.fixture
def taken_up(app: App) -> Enrolled:
    """The housing campaign, begun on 15 October and taken up on the evening of the 27th."""
    campaign = rural_housing_2021()
    with app.store.writing() as session:
        one = enrol(session, campaign, "the 2021 campaign", at("10-27 19:00"))
    app.campaigns[campaign.key] = one
    return one


def test_of_a_day_that_was_never_opened_nothing_is_said(app: App, taken_up: Enrolled) -> None:
    for hour in ("10-28 08:00", "10-28 08:30"):
        pass_until(app, taken_up, hour)
    assert told(app, taken_up, "digest") == []
    (call,) = told(app, taken_up, "call")
    assert "首次报送请报累计数" in call
    assert "截至" not in call


def test_a_first_evening_names_who_told_and_who_never_did(app: App, taken_up: Enrolled) -> None:
    pass_until(app, taken_up, "10-28 08:30")
    assert say(app, taken_up, "10-28 10:00", "稻溪镇-谢", "累计竣工14户") is Outcome.ACCEPT
    assert say(app, taken_up, "10-28 10:01", "兰皋镇-邱", "今日无新增") is Outcome.ASK
    for hour in ("10-28 16:00", "10-28 17:30", "10-28 17:40"):
        pass_until(app, taken_up, hour)
    (bulletin,) = told(app, taken_up, "bulletin")
    assert "19个乡镇中1个已报数，已报竣工14户，占全部任务4.11%；已报数乡镇剩余11户" in bulletin
    assert "已回复、待报累计数：兰皋镇。" in bulletin
    late = next(line for line in bulletin.splitlines() if line.startswith("未按时报送"))
    assert f"{SILENT}（尚未报过）" in late
    assert "兰皋镇" not in late
    assert not re.search(r"今日\+|日均|后[一二三]|前[一二三]|零进展", bulletin)
    (overdue,) = told(app, taken_up, "overdue")
    assert f"{SILENT}（钟某），连续1日（自10月28日）" in overdue
    assert "兰皋镇" not in overdue
    assert "约谈" not in overdue
    (reminder,) = told(app, taken_up, "remind")
    assert "已报待确认的有1个：兰皋镇" in reminder


def test_nobody_is_late_on_days_on_which_no_call_arrived(app: App, taken_up: Enrolled) -> None:
    """The service was away on the 29th: that day is nobody's."""
    for hour in ("10-28 08:30", "10-28 17:30", "10-30 08:30", "10-30 17:30", "10-30 17:40"):
        pass_until(app, taken_up, hour)
    overdue = told(app, taken_up, "overdue")[-1]
    assert f"{SILENT}（钟某），连续2日（自10月28日）" in overdue
