"""DingTalk and Feishu, by long connection and by callback: a message in, the figure standing, the
echo in the same chat, once.
"""

from __future__ import annotations

import threading
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from bot.channels.inbound import Call, ConnectionState
from bot.store import Store
from bot.store.replies import heard
from bot.store.replies.heard import AnswerState
from tests.platforms import dingtalk, feishu
from tests.platforms.dingtalk import DingTalkPeer
from tests.platforms.feishu import FeishuPeer
from tests.platforms.loopback import as_json
from tests.web.service import MOMENT, Service, serving

NOW_MS = int(MOMENT.timestamp() * 1000)
SECRET = "AppSecretAppSecretAppSecret0001"


class Ground:
    """One platform and the service, tied to a chat and its contact; the platform delivers in its
    own way.
    """

    platform: str
    way: str

    def __init__(self, service: Service, peer: Any) -> None:
        self.service = service
        self.peer = peer

    def says(self, text: str, *, after: int = 0) -> str:
        """The contact writes, so many seconds after now; the message is on its way once. Its
        number.
        """
        self.peer.now_ms = NOW_MS + after * 1000
        number: str = self.peer.says(text)
        self.peer.now_ms = NOW_MS
        if self.way == "callback":
            self.again(number)
        return number

    def again(self, number: str) -> int:
        """Delivers it once more; the status where there is one."""
        if self.way == "connection":
            self.peer.deliver(number)
            return 200
        return self._posts(self._call(number))

    def taken(self, number: str) -> bool:
        """Whether the platform was told that the message is taken."""
        raise NotImplementedError

    def answers(self) -> list[tuple[str, str]]:
        """What stands in the chat as answers: to which message, and the text."""
        raise NotImplementedError

    def _call(self, number: str) -> Call:
        raise NotImplementedError

    def _posts(self, call: Call) -> int:
        request = urllib.request.Request(
            f"{self.service.origin}/callback/{self.platform}/hall",
            data=call.body,
            headers={**call.headers, "Content-Type": "application/json"},
        )
        try:
            with urllib.request.urlopen(request, timeout=10) as answer:
                return int(answer.status)
        except urllib.error.HTTPError as refused:
            return refused.code


class DingTalk(Ground):
    platform = "dingtalk"
    peer: DingTalkPeer

    def taken(self, number: str) -> bool:
        return self.peer.sent[number].acknowledged is not None

    def answers(self) -> list[tuple[str, str]]:
        return [
            (session.removeprefix("SESSION"), said["text"]["content"])
            for session, said in self.peer.answers
        ]

    def _call(self, number: str) -> Call:
        return self.peer.call(number, secret=SECRET)


class Feishu(Ground):
    platform = "feishu"
    peer: FeishuPeer

    def taken(self, number: str) -> bool:
        return 200 in self.peer.sent[number].codes

    def answers(self) -> list[tuple[str, str]]:
        return [(reply["to"], reply["text"]) for reply in self.peer.replies]

    def _call(self, number: str) -> Call:
        return self.peer.call(number)


@contextmanager
def on_dingtalk(store: Store, folder: Path, way: str) -> Iterator[Ground]:
    with DingTalkPeer(now_ms=NOW_MS) as peer:
        settings = {
            "connection": {
                "DINGTALK_BOT_HALL_ID": dingtalk.CLIENT_ID,
                "DINGTALK_BOT_HALL_SECRET": dingtalk.CLIENT_SECRET,
                "DINGTALK_BOT_HALL_API": peer.origin,
            },
            "callback": {"DINGTALK_BOT_HALL_CALLBACK_SECRET": SECRET},
        }[way]
        with serving(
            store, folder, {"PLATFORM_HOSTS": f"{peer.origin},{peer.socket_origin}", **settings}
        ) as service:
            service.ties("dingtalk:hall", "cid0001==", "manager0001")
            yield _open(DingTalk(service, peer), way)
        assert peer.faults == []


@contextmanager
def on_feishu(store: Store, folder: Path, way: str) -> Iterator[Ground]:
    with FeishuPeer(now_ms=NOW_MS) as peer:
        settings = {
            "PLATFORM_HOSTS": f"{peer.origin},{peer.socket_origin}",
            "FEISHU_APP_HALL_ID": feishu.APP_ID,
            "FEISHU_APP_HALL_SECRET": feishu.APP_SECRET,
            "FEISHU_APP_HALL_API": peer.origin,
        }
        if way == "callback":
            settings["FEISHU_APP_HALL_ENCRYPT_KEY"] = feishu.ENCRYPT_KEY
            settings["FEISHU_APP_HALL_TOKEN"] = feishu.VERIFICATION_TOKEN
        with serving(store, folder, settings) as service:
            service.ties("feishu:hall", "oc_group0001", "ou_zhangsan")
            yield _open(Feishu(service, peer), way)
        assert peer.faults == []


def _open(ground: Ground, way: str) -> Ground:
    ground.way = way
    if way == "connection":
        ground.peer.wait_open()
    return ground


Opens = Callable[[Store, Path, str], Any]
GROUNDS: dict[str, Opens] = {"dingtalk": on_dingtalk, "feishu": on_feishu}


@pytest.fixture(
    params=[(name, way) for name in GROUNDS for way in ("connection", "callback")], ids="-".join
)
def ground(request: pytest.FixtureRequest, store: Store, tmp_path: Path) -> Iterator[Ground]:
    name, way = request.param
    with GROUNDS[name](store, tmp_path, way) as opened:
        yield opened


@pytest.fixture(params=GROUNDS)
def line(request: pytest.FixtureRequest, store: Store, tmp_path: Path) -> Iterator[Ground]:
    with GROUNDS[request.param](store, tmp_path, "connection") as opened:
        yield opened


def test_message_in_figure_standing_echo_out_in_the_same_chat(ground: Ground) -> None:
    number = ground.says("累计开工25户，累计竣工14户")
    ground.service.until(ground.answers)
    ((answered, echo),) = ground.answers()
    assert answered == number
    assert "竣工累计14户" in echo
    assert ground.service.completed() == "14"


def test_what_is_not_certain_is_asked_back_in_the_same_chat_and_settled_there(
    ground: Ground,
) -> None:
    first = ground.says("竣工大部分完成", after=-2)
    ground.service.until(ground.answers)
    second = ground.says("累计开工25户，累计竣工14户", after=-1)
    ground.service.until(lambda: len(ground.answers()) == 2)
    assert [number for number, _ in ground.answers()] == [first, second]
    assert "大部分" in ground.answers()[0][1]
    assert ground.service.completed() == "14"


def test_delivered_again_and_again_a_message_has_one_effect_and_one_answer(ground: Ground) -> None:
    number = ground.says("累计开工25户，累计竣工14户")
    for _ in range(5):
        assert ground.again(number) == 200
    ground.service.until(ground.answers)
    last = ground.says("收到")
    with_last = {"connection": lambda: ground.taken(last), "callback": lambda: True}[ground.way]
    ground.service.until(with_last)
    ground.service.until(lambda: ground.service.replies() == 2)
    assert [answered for answered, _ in ground.answers()] == [number]
    assert ground.service.completed() == "14"


def test_of_two_that_arrive_in_the_wrong_order_the_later_written_stands(ground: Ground) -> None:
    ground.says("累计开工25户，累计竣工14户", after=-20)
    ground.service.until(lambda: ground.service.completed() == "14")
    ground.says("更正：累计竣工12户", after=-5)
    ground.service.until(lambda: ground.service.completed() == "12")
    ground.says("累计竣工15户", after=-10)
    ground.service.until(lambda: ground.service.replies() == 3)
    ground.service.until(lambda: all(ground.answers()) and len(ground.answers()) >= 2)
    assert ground.service.completed() == "12"


def test_what_could_not_be_stored_is_not_said_to_be_taken_and_counts_when_it_comes_again(
    ground: Ground, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole, refused = heard.add_heard, threading.Event()

    def fails(session: Any, messages: Any) -> int:
        refused.set()
        raise RuntimeError("the disk is full")

    monkeypatch.setattr("bot.store.replies.writer.add_heard", fails)
    number = ground.says("累计开工25户，累计竣工14户")
    assert refused.wait(10)
    assert not ground.taken(number)
    monkeypatch.setattr("bot.store.replies.writer.add_heard", whole)
    assert ground.again(number) == 200
    ground.service.until(ground.answers)
    assert ground.service.completed() == "14"
    assert len(ground.answers()) == 1


def test_an_answer_of_unknown_end_stands_in_the_chat_once_at_most(ground: Ground) -> None:
    # it takes the answer and loses the receipt; said again under its uuid, it is one
    if isinstance(ground, Feishu):
        ground.peer.lose = [True]
    else:  # it takes nothing and does not say so; there is no uuid, so it is not said again
        ground.peer.answer_with = [(502, {}, b"<html>")]
    number = ground.says("累计开工25户，累计竣工14户")

    def ended() -> bool:
        with ground.service.app.store.reading() as session:
            message = heard.find_heard(session, f"{ground.platform}:hall", number)
            course = heard.answer_history(session, message.number) if message is not None else []
        return bool(course) and course[-1].state in {AnswerState.SENT, AnswerState.UNKNOWN}

    ground.service.until(ended)
    assert len(ground.answers()) == (1 if isinstance(ground, Feishu) else 0)
    assert ground.service.completed() == "14"


def test_a_line_that_is_cut_is_taken_up_and_what_came_meanwhile_counts_once(line: Ground) -> None:
    line.peer.drop()
    number = line.says("累计开工25户，累计竣工14户")
    line.peer.wait_open(2)
    if not line.taken(number):
        line.again(number)
    line.service.until(line.answers)
    line.peer.drop()
    line.peer.wait_open(3)
    line.again(number)
    line.says("收到")
    line.service.until(lambda: line.service.replies() == 2)
    assert line.service.completed() == "14"
    assert len(line.answers()) == 1


def test_dingtalk_asking_for_another_connection_gets_one(store: Store, tmp_path: Path) -> None:
    with on_dingtalk(store, tmp_path, "connection") as ground:
        ground.peer.system("disconnect", {"reason": "persistent connection is timeout"})
        ground.peer.wait_open(2)
        ground.says("累计开工25户，累计竣工14户")
        ground.service.until(ground.answers)
        assert ground.service.completed() == "14"


def test_feishu_letting_nobody_in_any_more_ends_the_connection_and_says_why(
    store: Store, tmp_path: Path
) -> None:
    with on_feishu(store, tmp_path, "connection") as ground:
        ground.peer.refuse_with = [as_json({"code": 1000040350, "msg": "too many connections"})]
        ground.peer.drop()
        health = ground.service.listening.health
        ground.service.until(lambda: health()["feishu:hall"].state is ConnectionState.REFUSED)
        assert "1000040350" in health()["feishu:hall"].detail
        assert ground.peer.opened == 1


def test_feishu_parts_of_a_message_that_come_in_any_order_are_one(
    store: Store, tmp_path: Path
) -> None:
    with on_feishu(store, tmp_path, "connection") as ground:
        number = ground.peer.says("累计开工25户，累计竣工14户", parts=4)
        ground.service.until(ground.answers)
        assert [answered for answered, _ in ground.answers()] == [number]
        assert ground.service.completed() == "14"
