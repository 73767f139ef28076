"""A message comes in over HTTP: a figure stands, an echo goes out; with the platform's own
deadlines, retries and disorder.
"""

from __future__ import annotations

import io
import json
import logging
import socket
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text

from bot import log
from bot.actions.people.tie import tie_sender
from bot.domain.decisions.actor import Actor
from bot.store import Store
from bot.store.replies import heard
from bot.web import callbacks
from bot.web.callbacks import RequestPace
from tests.platforms.wecom import AES_KEY, DEADLINE, TOKEN, AnswerPlace, Caller
from tests.web import service
from tests.web.service import MOMENT, STORED_WITHIN, Service

CORP = "ww1234567890abcdef"


class Site:
    """The service with a robot of WeCom and an app of WeCom, and the platform that calls it."""

    def __init__(self, service: Service, place: AnswerPlace) -> None:
        self.app, self.enrolled, self.origin = service.app, service.enrolled, service.origin
        self.completed, self.until = service.completed, service.until
        self.service = service
        self.place = place
        self.bot = Caller(door=f"{service.origin}/callback/wecom/county", moment=MOMENT)

    def ties(self) -> None:
        self.service.ties("wecom:county", "wr1", "wm-xie")

    def message(self, number: str, text: str, **changes: Any) -> dict[str, Any]:
        return {
            "msgid": number,
            "chatid": "wr1",
            "chattype": "group",
            "from": {"userid": "wm-xie"},
            "response_url": self.place.response_url(number),
            "msgtype": "text",
            "text": {"content": f"@进度助手 {text}"},
            **changes,
        }


@contextmanager
def serving(
    store: Store, folder: Path, place: AnswerPlace, pace: RequestPace | None = None
) -> Iterator[Site]:
    settings = {
        "PLATFORM_HOSTS": place.origin,
        "WECOM_BOT_COUNTY_TOKEN": TOKEN,
        "WECOM_BOT_COUNTY_AES_KEY": AES_KEY,
        "WECOM_BOT_COUNTY_NAME": "进度助手",
        "WECOM_APP_OFFICE_TOKEN": TOKEN,
        "WECOM_APP_OFFICE_AES_KEY": AES_KEY,
        "WECOM_APP_OFFICE_CORP_ID": CORP,
    }
    with service.serving(store, folder, settings, pace) as served:
        yield Site(served, place)


@pytest.fixture
def place() -> Iterator[AnswerPlace]:
    with AnswerPlace() as answers:
        yield answers
        assert answers.faults == []


@pytest.fixture
def site(store: Store, tmp_path: Path, place: AnswerPlace) -> Iterator[Site]:
    with serving(store, tmp_path, place) as one:
        yield one


def test_message_in_figure_standing_echo_out(site: Site) -> None:
    assert site.bot.verifies()
    site.ties()
    assert site.bot.tells(site.message("m1", "累计开工25户，累计竣工14户")) == 200
    site.until(lambda: site.place.said)
    ((code, echo),) = site.place.said
    assert code == "m1"
    assert "竣工累计14户" in echo
    assert site.completed() == "14"


def test_redelivered_reordered_and_replayed_messages_have_one_effect(site: Site) -> None:
    site.ties()
    first = site.message("m1", "累计开工25户，累计竣工14户")
    assert site.bot.tells(first) == 200
    site.until(lambda: site.completed() == "14")
    site.bot.moment += timedelta(minutes=1)
    assert site.bot.tells(site.message("m2", "更正：累计竣工12户")) == 200
    site.bot.moment = MOMENT
    # The first comes again, and one between the two only now.
    assert site.bot.tells(first) == 200
    with ThreadPoolExecutor(8) as many:
        assert set(many.map(site.bot.tells, [first] * 8)) == {200}
    site.until(lambda: len(site.place.said) >= 2)
    assert site.completed() == "12"
    assert site.service.replies() == 2
    assert sorted(code for code, _ in site.place.said) == ["m1", "m2"]


def test_a_self_built_app_hears_direct_messages(site: Site) -> None:
    caller = Caller(door=f"{site.origin}/callback/wecom/office", receive_id=CORP, moment=MOMENT)
    assert caller.verifies()
    with site.app.store.writing() as session:
        tie_sender(
            session,
            [site.enrolled],
            "xie",
            "稻溪镇-谢",
            by=Actor(name="李四"),
            channel="wecom:office",
            at=MOMENT,
        )
    fields = {
        "ToUserName": CORP,
        "FromUserName": "xie",
        "CreateTime": str(int(MOMENT.timestamp())),
        "MsgType": "text",
        "Content": "累计开工25户，累计竣工14户",
        "MsgId": "7300000000000000001",
        "AgentID": "1000002",
    }
    assert caller.tells_app(fields) == 200
    assert caller.tells_app(fields) == 200
    site.until(lambda: site.completed() == "14")


def test_everything_false_gets_the_same_short_refusal(site: Site) -> None:
    query, encrypt = site.bot.sealed(json.dumps(site.message("m1", "累计竣工14户")).encode())
    body = json.dumps({"encrypt": encrypt}).encode()
    false = [
        ("county", {**query, "msg_signature": "0" * 40}, body),
        ("county", {**query, "timestamp": "1"}, body),
        ("county", {}, body),
        ("county", query, body[:-5]),
        ("county", query, b"\x00" * 100),
        ("nobody", query, body),
        ("office", query, body),
    ]
    for robot, given, content in false:
        caller = Caller(door=f"{site.origin}/callback/wecom/{robot}", moment=MOMENT)
        assert caller.requests(given, content) == (403, b"refused")
    # What is announced as too large is not read at all: the caller may see the refusal, or only
    # that nobody listens.
    large, _ = site.bot.requests(query, b" " * 1_000_001)
    assert large in (0, 403)
    with site.app.store.reading() as session:
        assert heard.find_heard(session, "wecom:county", "m1") is None


def test_a_body_without_an_end_is_given_up(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(callbacks, "BODY_WITHIN", 0.1)
    host, port = site.origin.removeprefix("http://").split(":")
    with socket.create_connection((host, int(port)), timeout=5) as slow:
        slow.sendall(
            b"POST /callback/wecom/county HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\nabc"
        )
        assert b"403" in slow.recv(1000)


def test_a_database_that_is_slow_is_never_said_to_have_taken_a_message(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    site.ties()
    # the rest is for the way there and back
    assert timedelta(seconds=STORED_WITHIN) <= DEADLINE / 2
    monkeypatch.setattr(callbacks, "STORED_WITHIN", 0.2)
    gate = threading.Event()
    whole = heard.add_heard

    def slow(session: Any, messages: Any) -> int:
        gate.wait()
        return whole(session, messages)

    monkeypatch.setattr("bot.store.replies.writer.add_heard", slow)
    message = site.message("m1", "累计开工25户，累计竣工14户")
    try:
        assert site.bot.tells_once(message) == 503  # while the database has not said anything yet
    finally:
        gate.set()
    monkeypatch.undo()
    assert site.bot.tells_once(message) == 200
    site.until(lambda: site.completed() == "14")
    site.until(lambda: len(site.place.said) == 1)


def test_a_database_that_fails_is_never_said_to_have_taken_a_message(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = heard.add_heard

    def fails(session: Any, messages: Any) -> int:
        raise RuntimeError("the disk is full")

    monkeypatch.setattr("bot.store.replies.writer.add_heard", fails)
    assert site.bot.tells_once(site.message("m1", "收到")) == 503
    monkeypatch.setattr("bot.store.replies.writer.add_heard", whole)
    assert site.bot.tells_once(site.message("m1", "收到")) == 200


def test_one_sender_too_many_is_told_to_come_again_and_the_others_are_heard(
    store: Store, tmp_path: Path, place: AnswerPlace
) -> None:
    with serving(store, tmp_path, place, RequestPace(in_a_row=3, per_second=0.0)) as site:
        said = [site.bot.tells_once(site.message(f"m{n}", "收到")) for n in range(5)]
        assert said == [200, 200, 200, 429, 429]
        assert (
            site.bot.tells_once(site.message("other", "收到", **{"from": {"userid": "wm-qiu"}}))
            == 200
        )


def test_a_thousand_in_a_burst_are_all_kept_once_and_each_is_answered(site: Site) -> None:
    said = [
        site.message(f"m{n}", "收到", **{"from": {"userid": f"wm-{n % 50}"}}) for n in range(1000)
    ]
    burst = [again for n, message in enumerate(said) for again in [message] * (1 if n % 10 else 3)]
    with ThreadPoolExecutor(64) as many:
        assert set(many.map(site.bot.tells_once, burst)) == {200}
    assert len(site.bot.tries) == 1200
    with site.app.store.reading() as session:
        assert session.execute(text("SELECT count(*) FROM heard")).scalar() == 1000
        assert all(heard.find_heard(session, "wecom:county", f"m{n}") for n in range(1000))


def test_nothing_secret_is_logged(site: Site, caplog: pytest.LogCaptureFixture) -> None:
    stream = io.StringIO()
    handler = logging.StreamHandler(stream)
    handler.setFormatter(log.JsonLines())
    root = logging.getLogger()
    before = root.level
    root.addHandler(handler)
    root.setLevel(logging.DEBUG)
    try:
        site.ties()
        site.bot.tells(site.message("m1", "累计开工25户，累计竣工14户 13800001111"))
        site.bot.tells(site.message("m2", "竣工基本完成"))
        site.bot.posts(
            {"msg_signature": "0" * 40, "timestamp": str(int(MOMENT.timestamp())), "nonce": "n"},
            b"{}",
        )
        site.until(lambda: len(site.place.said) == 2)
    finally:
        root.removeHandler(handler)
        root.setLevel(before)
    written = stream.getvalue()
    assert "answer sent" in written
    for secret in (TOKEN, AES_KEY, "response_code", "13800001111", "基本完成", "wm-xie"):
        assert secret not in written


def test_pace_forgets_the_oldest_first_and_lets_again_with_time() -> None:
    seconds = [0.0]
    pace = RequestPace(in_a_row=2, per_second=0.5, clock=lambda: seconds[0])
    assert [pace.lets("c", "a") for _ in range(3)] == [True, True, False]
    seconds[0] = 2.0
    assert [pace.lets("c", "a") for _ in range(2)] == [True, False]
