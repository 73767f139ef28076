"""The dead-man's switch: called once an hour and once a closed day, only while all is well, and a
restart changes nothing.
"""

from __future__ import annotations

import logging
from dataclasses import replace
from datetime import timedelta

import pytest

from bot.actions.day.heartbeat import EVERYBODY, JOB, Heart
from bot.app import App
from bot.domain.campaigns.enrolled import Enrolled
from bot.store.day import runs
from bot.views.day.watch import watch
from tests.actions.day.test_day import pass_until
from tests.builders import at


class Service:
    """Whoever is called: remembers how often, and says what it is told to say."""

    def __init__(self) -> None:
        self.calls = 0
        self.says: str | None = None

    def __call__(self) -> str | None:
        self.calls += 1
        return self.says


def beat(
    app: App, enrolled: Enrolled, service: Service, moment: str, heart: Heart | None = None
) -> bool:
    """One look, by default of a process that has just been started."""
    return (heart or Heart(app.store, service)).beat([enrolled.campaign], at(moment))


def test_it_is_called_once_an_hour_however_often_the_service_is_restarted(
    app: App, enrolled: Enrolled
) -> None:
    service = Service()
    pass_until(app, enrolled, "10-15 08:30")
    called = [
        beat(app, enrolled, service, f"10-15 {time}")
        for time in ("08:31", "08:32", "08:59", "09:00", "09:01")
    ]
    assert called == [True, False, False, True, False]
    assert service.calls == 2


def test_it_is_called_after_a_closed_day_without_waiting_for_the_hour(
    app: App, enrolled: Enrolled
) -> None:
    service = Service()
    pass_until(app, enrolled, "10-15 17:29")
    assert beat(app, enrolled, service, "10-15 17:29")
    pass_until(app, enrolled, "10-15 17:30")
    assert [beat(app, enrolled, service, f"10-15 17:{minute}") for minute in (31, 32)] == [
        True,
        False,
    ]
    assert service.calls == 2


def test_hours_slept_through_are_not_made_up_for(app: App, enrolled: Enrolled) -> None:
    service = Service()
    pass_until(app, enrolled, "10-15 08:30")
    assert beat(app, enrolled, service, "10-15 08:31")
    pass_until(app, enrolled, "10-19 10:00")
    assert [beat(app, enrolled, service, f"10-19 10:{minute:02}") for minute in range(5)] == [
        True
    ] + [False] * 4
    assert service.calls == 2


def test_a_day_that_was_not_closed_withholds_it_and_says_so_once(
    app: App, enrolled: Enrolled, caplog: pytest.LogCaptureFixture
) -> None:
    service = Service()
    heart = Heart(app.store, service)
    jobs, app.jobs = app.jobs, {**app.jobs, "bulletin": replace(app.jobs["bulletin"], run=_fails)}
    pass_until(app, enrolled, "10-15 17:30")
    # a quarter of an hour is no trouble yet
    assert beat(app, enrolled, service, "10-15 17:31", heart)
    caplog.set_level(logging.INFO)
    for moment in ("10-15 18:00", "10-15 18:01", "10-15 19:00", "10-15 23:00"):
        assert not beat(app, enrolled, service, moment, heart)
    assert [record.message for record in caplog.records if "heartbeat" in record.message] == [
        "heartbeat withheld"
    ]
    app.jobs = jobs
    pass_until(app, enrolled, "10-15 23:01")
    assert beat(app, enrolled, service, "10-15 23:02", heart)
    assert service.calls == 2


def _fails(*_: object) -> None:
    raise RuntimeError("the power is out")


def test_a_notice_that_waits_too_long_withholds_it(app: App, enrolled: Enrolled) -> None:
    service = Service()
    for moment in ("10-15 17:30", "10-15 17:40"):
        app.tick(enrolled, at(moment))  # written, and nobody delivers
    assert beat(app, enrolled, service, "10-15 18:29")
    assert not beat(app, enrolled, service, "10-15 19:00")
    assert service.calls == 1
    while app.deliver(at("10-15 19:01")):
        pass
    assert beat(app, enrolled, service, "10-15 19:02")


def test_what_is_held_through_the_quiet_hours_is_no_trouble(app: App, enrolled: Enrolled) -> None:
    service = Service()
    app.tick(enrolled, at("10-15 21:00"))
    assert [beat(app, enrolled, service, moment) for moment in ("10-15 21:01", "10-16 07:59")] == [
        True,
        True,
    ]
    with app.store.reading() as session:
        assert watch(session, [enrolled.campaign], at("10-16 07:59")).waiting is None
        assert watch(session, [enrolled.campaign], at("10-16 08:20")).waiting == timedelta(
            minutes=20
        )


def test_a_service_that_does_not_answer_is_tried_again_with_pauses_and_told_once(
    app: App, enrolled: Enrolled, caplog: pytest.LogCaptureFixture
) -> None:
    service = Service()
    heart = Heart(app.store, service)
    pass_until(app, enrolled, "10-15 08:30")
    service.says = "no answer (ConnectTimeout)"
    caplog.set_level(logging.INFO)
    minutes = [
        minute
        for minute in range(31, 60)
        if _called(app, enrolled, service, f"10-15 08:{minute}", heart)
    ]
    assert minutes == [31, 32, 34, 39, 49, 59]
    assert [record.message for record in caplog.records] == ["heartbeat not taken"]
    service.says = None
    assert not beat(app, enrolled, service, "10-15 09:01", heart)
    assert beat(app, enrolled, service, "10-15 09:09", heart)
    assert not beat(app, enrolled, service, "10-15 09:10", heart)
    assert [record.message for record in caplog.records][1:] == ["heartbeat taken again"]


def _called(app: App, enrolled: Enrolled, service: Service, moment: str, heart: Heart) -> bool:
    before = service.calls
    assert not beat(app, enrolled, service, moment, heart)
    return service.calls > before


def test_a_clock_put_back_does_not_silence_it(app: App, enrolled: Enrolled) -> None:
    service = Service()
    heart = Heart(app.store, service)
    pass_until(app, enrolled, "10-15 08:30")
    service.says = "HTTP 502"
    assert not beat(app, enrolled, service, "10-15 12:31", heart)
    service.says = None
    assert beat(app, enrolled, service, "10-15 08:35", heart)


def test_what_it_writes_down_is_no_hour_of_a_job(app: App, enrolled: Enrolled) -> None:
    service = Service()
    pass_until(app, enrolled, "10-15 17:45")
    assert beat(app, enrolled, service, "10-15 17:46")
    with app.store.reading() as session:
        assert runs.was_done(session, EVERYBODY, JOB, at("10-15 17:00"))
        assert runs.was_done(session, enrolled.campaign.key, JOB, at("10-15 17:30"))
        assert {
            job.job for job in watch(session, [enrolled.campaign], at("10-15 17:46")).jobs
        } == set(enrolled.campaign.hours)


def test_the_last_hour_of_each_job_is_seen_due_and_done(app: App, enrolled: Enrolled) -> None:
    pass_until(app, enrolled, "10-15 16:01")
    with app.store.reading() as session:
        seen = {job.job: job for job in watch(session, [enrolled.campaign], at("10-15 17:46")).jobs}
    assert (seen["remind"].last_due, seen["remind"].last_done) == (
        at("10-15 16:00"),
        at("10-15 16:00"),
    )
    assert seen["remind"].ran_at == at("10-15 16:01")
    assert (seen["bulletin"].last_due, seen["bulletin"].last_done) == (at("10-15 17:30"), None)
    assert [job for job, one in seen.items() if one.late] == ["bulletin"]
    assert seen["digest"].last_due is None
