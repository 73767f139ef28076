"""A working day, hour by hour, by stepping the moment; and what happens when the process was
away.
"""

from __future__ import annotations

import io
from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from bot.actions.campaigns.enrol import enrol
from bot.actions.day import strike as strikes_room
from bot.actions.replies.collect import blacked_out, collect, read_waiting
from bot.app import App
from bot.domain.campaigns.campaign import NoticeKind
from bot.domain.campaigns.enrolled import Enrolled
from bot.domain.campaigns.workdays import strike_for
from bot.domain.replies.reading import Incoming, Outcome
from bot.store.day import closings, runs
from bot.store.figures import figures as figures_room
from bot.store.notices import deliveries, notices
from bot.store.replies import readings, replies
from jobs import JOBS
from tests.builders import at, day


def say(
    app: App, enrolled: Enrolled, moment: str, sender: str, text: str, arrives: str | None = None
) -> Outcome | None:
    reading = collect(
        app.store,
        enrolled,
        app.reading_wording,
        channel="group",
        incoming=Incoming(
            id=f"{moment}-{sender}-{hash(text)}", text=text, sender=sender, at=at(moment)
        ),
        at=at(arrives or moment),
    )
    return reading and reading.outcome


def pass_until(app: App, enrolled: Enrolled, moment: str) -> None:
    app.tick(enrolled, at(moment))
    while app.deliver(at(moment)):
        pass


def kinds(app: App, enrolled: Enrolled) -> list[tuple[str, str, bool]]:
    with app.store.reading() as session:
        return [
            (notice.kind, notice.day.isoformat(), notice.catch_up)
            for _, notice in notices.notices(session, enrolled.campaign.key)
        ]


def states(app: App, enrolled: Enrolled) -> dict[str, int]:
    with app.store.reading() as session:
        return deliveries.counts(session, enrolled.campaign.key)


def test_a_day_from_the_call_to_the_overdue_list(
    app: App, enrolled: Enrolled, group_text: io.StringIO
) -> None:
    pass_until(app, enrolled, "10-15 08:30")
    assert "10月15日报送提醒" in group_text.getvalue()
    assert (
        say(app, enrolled, "10-15 15:00", "汀前街道-朱", "汀前街道已开工2户，已竣工1户")
        is Outcome.ACCEPT
    )
    assert say(app, enrolled, "10-15 15:10", "兰皋镇-邱", "兰皋镇基本完成") is Outcome.ASK
    assert say(app, enrolled, "10-15 15:20", "兰皋镇-邱", "收到") is Outcome.NONE
    pass_until(app, enrolled, "10-15 16:00")
    reminder = group_text.getvalue().split("未报提醒")[1]
    assert "汀前街道" not in reminder
    assert "已报待确认的有1个：兰皋镇" in reminder
    pass_until(app, enrolled, "10-15 17:30")
    bulletin = group_text.getvalue().split("第1期")[1]
    assert "19个乡镇中1个已报数，已报竣工1户，占全部任务0.29%" in bulletin
    assert "第1，" not in bulletin  # of one alone nobody is first
    pass_until(app, enrolled, "10-15 17:40")
    assert [kind for kind, _, _ in kinds(app, enrolled)] == [
        "call",
        "remind",
        "bulletin",
        "overdue",
    ]
    assert set(states(app, enrolled)) == {"sent"}


def test_a_closed_day_stays_as_it_was_told(app: App, enrolled: Enrolled) -> None:
    pass_until(app, enrolled, "10-15 17:30")
    say(app, enrolled, "10-15 17:31", "稻溪镇-谢", "累计开工25户，累计竣工14户")
    with app.store.reading() as session:
        assert day("10-15") in closings.closings(session, enrolled.campaign.key)
        told = figures_room.figures_until(
            session, enrolled.campaign.key, day("10-16"), at("10-15 18:00")
        )
    assert {figure.day for figure in told} == {day("10-16")}


def test_an_hour_strikes_once_whoever_asks(app: App, enrolled: Enrolled) -> None:
    for _ in range(3):
        pass_until(app, enrolled, "10-15 17:45")
    strike = strike_for(enrolled.campaign, "bulletin", day("10-15"), at("10-15 18:00"))
    assert not strikes_room.perform(app.store, enrolled, strike, app.wording, JOBS["bulletin"])
    assert [kind for kind, _, _ in kinds(app, enrolled)].count("bulletin") == 1


def test_a_job_that_fails_is_undone_and_done_by_the_next_tick(app: App, enrolled: Enrolled) -> None:
    broken = {**JOBS}

    def fails(*_: object) -> None:
        raise RuntimeError("the power is out")

    broken["bulletin"] = replace(JOBS["bulletin"], run=fails)
    app.jobs = broken
    pass_until(app, enrolled, "10-15 17:30")
    assert "bulletin" not in [kind for kind, _, _ in kinds(app, enrolled)]
    app.jobs = JOBS
    pass_until(app, enrolled, "10-15 17:31")
    assert ("bulletin", "2021-10-15", False) in kinds(app, enrolled)


def test_down_over_the_bulletin_and_back_in_the_evening(
    app: App, enrolled: Enrolled, group_text: io.StringIO
) -> None:
    pass_until(app, enrolled, "10-15 16:00")
    # Written before half past five, it waited on the platform while we were away.
    assert (
        say(
            app,
            enrolled,
            "10-15 17:10",
            "稻溪镇-谢",
            "累计开工25户，累计竣工14户",
            arrives="10-15 19:09",
        )
        is Outcome.ACCEPT
    )
    pass_until(app, enrolled, "10-15 19:10")
    assert ("bulletin", "2021-10-15", True) in kinds(app, enrolled)
    text = group_text.getvalue()
    assert "【补发】" in text
    assert "截至10月15日17:30：" in text
    assert "竣工14户" in text
    assert "本期应于10月15日17:30发出，现予补发。" in text


def test_three_days_away_become_one_notice_a_kind(
    app: App, enrolled: Enrolled, group_text: io.StringIO
) -> None:
    pass_until(app, enrolled, "10-15 17:45")
    before = len(kinds(app, enrolled))
    pass_until(app, enrolled, "10-18 19:00")
    assert kinds(app, enrolled)[before:] == [("bulletin", "2021-10-18", True)]  # nobody was asked
    assert "本期合并第2、3期。" in group_text.getvalue()
    with app.store.reading() as session:
        assert len(closings.closings(session, enrolled.campaign.key)) == 4
        assert (
            len(
                runs.runs_done(session, enrolled.campaign.key, at("10-15 18:00"), at("10-18 19:00"))
            )
            == 15
        )


def test_a_notice_made_in_the_quiet_hours_waits_for_their_end(app: App, enrolled: Enrolled) -> None:
    pass_until(app, enrolled, "10-15 21:30")
    assert set(states(app, enrolled)) == {"due"}
    while app.deliver(at("10-16 08:00")):
        pass
    assert set(states(app, enrolled)) == {"sent"}


def test_nothing_is_owed_for_the_time_before_the_campaign_was_loaded(
    app: App, enrolled: Enrolled
) -> None:
    later = app.campaigns[enrolled.campaign.key]
    pass_until(app, later, "10-15 08:00")
    assert kinds(app, enrolled) == []


def test_a_redelivered_message_has_one_effect(app: App, enrolled: Enrolled) -> None:
    for _ in range(19):
        say(app, enrolled, "10-15 15:00", "汀前街道-朱", "汀前街道已开工2户，已竣工1户")
    with app.store.reading() as session:
        assert readings.outcome_counts(session, enrolled.campaign.key) == {"accept": 1}
        assert (
            len(
                figures_room.figures_until(
                    session, enrolled.campaign.key, day("10-15"), at("10-16 08:00")
                )
            )
            == 2
        )


def test_a_reply_stored_and_not_read_is_read_at_the_next_start(
    app: App, enrolled: Enrolled
) -> None:
    with app.store.writing() as session:
        replies.add_reply(
            session,
            campaign=enrolled.campaign.key,
            channel="group",
            message_id="1",
            sender="汀前街道-朱",
            text="汀前街道已开工2户，已竣工1户",
            sent_at=at("10-15 15:00"),
            arrived_at=at("10-15 15:00"),
        )
    # a clock moved back
    assert read_waiting(app.store, enrolled, app.reading_wording, at("10-15 14:00")) == 0
    assert read_waiting(app.store, enrolled, app.reading_wording, at("10-15 15:30")) == 1
    assert read_waiting(app.store, enrolled, app.reading_wording, at("10-15 15:31")) == 0


@pytest.mark.parametrize(
    "text",
    ["收到\0\0", "\u202e户71", "9" * 100_000, "竣工" * 50_000, "\ud800", "@所有人 竣工3户\0"],
)
def test_any_text_is_kept_and_nothing_breaks(app: App, enrolled: Enrolled, text: str) -> None:
    say(app, enrolled, "10-15 15:00", "稻溪镇-谢", text)
    with app.store.reading() as session:
        ((kept, _),) = readings.readings(session, enrolled.campaign.key)
    assert kept.text == blacked_out(text)


def test_identity_and_card_numbers_never_reach_the_ledger() -> None:
    assert blacked_out("身份证110101199003071234，卡6222021234567890123，电话13900000107") == (
        "身份证●●●●●●●●●●●●●●●●●●，卡●●●●●●●●●●●●●●●●●●●，电话13900000107"
    )


def test_a_clock_moved_back_repeats_nothing(app: App, enrolled: Enrolled) -> None:
    pass_until(app, enrolled, "10-15 17:45")
    before = kinds(app, enrolled)
    pass_until(app, enrolled, "10-15 12:00")
    pass_until(app, enrolled, "10-15 17:45")
    assert kinds(app, enrolled) == before


def test_a_changed_file_makes_a_new_version_that_notices_name(app: App, enrolled: Enrolled) -> None:
    pass_until(app, enrolled, "10-15 17:45")
    with app.store.writing() as session:
        same = enrol(session, enrolled.campaign, "the 2021 campaign", at("10-16 07:00"))
        changed = enrol(session, enrolled.campaign, "the 2021 campaign, changed", at("10-16 07:01"))
    assert (same.version, changed.version) == (1, 2)
    app.campaigns[changed.campaign.key] = changed
    pass_until(app, changed, "10-16 08:30")
    with app.store.reading() as session:
        written = notices.notices(session, enrolled.campaign.key)
    assert written[-1][1].kind == NoticeKind("call")
    assert {notice.version for _, notice in written} == {1, 2}


def test_lateness_begins_after_ten_minutes(app: App, enrolled: Enrolled) -> None:
    on_time: datetime = at("10-15 17:30")
    for late_by, marked in (
        (timedelta(minutes=10), False),
        (timedelta(minutes=10, seconds=1), True),
    ):
        strike = strike_for(enrolled.campaign, "bulletin", day("10-15"), on_time + late_by)
        assert strike.late is marked


def stored(app: App, enrolled: Enrolled, moment: str, number: str, text: str) -> None:
    """Another process has stored a reply of 稻溪镇 and has not come to read it."""
    with app.store.writing() as session:
        replies.add_reply(
            session,
            campaign=enrolled.campaign.key,
            channel="group",
            message_id=number,
            sender="稻溪镇-谢",
            text=text,
            sent_at=at(moment),
            arrived_at=at(moment),
        )


def closed_by(app: App, enrolled: Enrolled, moment: str) -> bool:
    strike = strike_for(enrolled.campaign, "bulletin", day("10-15"), at(moment))
    return strikes_room.perform(app.store, enrolled, strike, app.wording, JOBS["bulletin"])


def test_a_day_never_closes_over_a_reply_that_is_stored(
    app: App, enrolled: Enrolled, group_text: io.StringIO
) -> None:
    stored(app, enrolled, "10-15 17:29", "just in time", "累计开工25户，累计竣工14户")
    assert closed_by(app, enrolled, "10-15 17:30")
    pass_until(app, enrolled, "10-15 17:35")
    assert "竣工14户" in group_text.getvalue().split("第1期")[1]


def test_a_reply_that_cannot_be_read_holds_no_bulletin_up(
    app: App, enrolled: Enrolled, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object, **__: object) -> None:
        raise RuntimeError("a fault of ours")

    stored(app, enrolled, "10-15 17:29", "broken", "累计竣工14户")
    with monkeypatch.context() as patched:
        patched.setattr("bot.actions.replies.collect.read", broken)
        assert closed_by(app, enrolled, "10-15 17:30")
    with app.store.reading() as session:
        assert day("10-15") in closings.closings(session, enrolled.campaign.key)
        assert [
            reply.message_id for reply in replies.unread_replies(session, enrolled.campaign.key)
        ] == ["broken"]
