"""What a robot hears: who speaks, in which campaign, read at its own moment, answered once."""

from __future__ import annotations

import io
from collections.abc import Callable
from dataclasses import replace
from datetime import date, datetime, timedelta
from decimal import Decimal

import pytest

from bot.actions.campaigns.enrol import enrol
from bot.actions.day.correct import TypedValue, approve
from bot.actions.people.tie import IdentityRefused, tie_chat, tie_sender
from bot.actions.replies.collect import read_waiting
from bot.actions.replies.hear import LEASE, answer_next, read_heard, to_keep
from bot.app import App
from bot.channels.hearing import HearingRobot
from bot.channels.inbound import InboundKind, InboundMessage, ReplyToken
from bot.domain.campaigns.campaign import CampaignKey, Contact
from bot.domain.campaigns.enrolled import Enrolled
from bot.domain.decisions.actor import Actor
from bot.domain.figures.progress import plain
from bot.domain.notices.answer import Answer, Confirmed, NoAnswer, Refused, TryLater
from bot.domain.notices.notice import MOST_ANSWERS
from bot.store.day import closings
from bot.store.figures import figures
from bot.store.replies import heard, readings, replies
from bot.store.replies.heard import WaitsFor
from bot.views.replies.held import held
from tests.builders import at, day, rural_housing_2021

CHAT = "wrchat-1"


class Recorder:
    """Answers like a platform: takes what it is given, unless `next` says otherwise, and remembers
    what left.
    """

    def __init__(self) -> None:
        self.said: list[str] = []
        self.next: list[Answer | Exception] = []

    def answer(self, way_back: ReplyToken, text: str, *, at: datetime) -> Answer:
        assert way_back.facts == {"response_url": "https://secret.example/1"}
        self.said.append(text)
        answer = self.next.pop(0) if self.next else Confirmed()
        if isinstance(answer, Exception):
            raise answer
        return answer


class Ear:
    """One robot of the installation, and what is said to it."""

    def __init__(self, app: App, key: str = "county") -> None:
        self.app = app
        self.platform = Recorder()
        self.robot = HearingRobot(
            platform="wecom", key=key, answerer=self.platform, secret="the robot's own secret"
        )

    def hears(self, moment: str, sender: str, text: str, **changes: object) -> str:
        sent = at(moment)
        arrives = at(str(changes.pop("arrives", moment)))
        window = changes.pop("window", timedelta(hours=1))
        assert isinstance(window, timedelta)
        facts = {
            "platform": "wecom",
            "robot": self.robot.key,
            "message_id": f"{moment}-{sender}-{text}",
            "sender_id": sender,
            "sender_name": "",
            "chat": CHAT,
            "kind": InboundKind.TEXT,
            "text": text,
            "sent_at": sent,
            "way_back": ReplyToken(
                platform="wecom",
                until=sent + window,
                once=True,
                facts={"response_url": "https://secret.example/1"},
            ),
        }
        said = InboundMessage(**{**facts, **changes})  # type: ignore[arg-type]
        with self.app.store.writing() as session:
            heard.add_heard(session, [to_keep(self.robot, said, arrives)])
        return said.message_id

    def works(self, moment: str) -> None:
        while read_heard(self.app.store, self.app.campaigns, self.app.reading_wording, at(moment)):
            pass
        while answer_next(self.app.store, self.robot, at(moment)):
            pass

    def says(self, moment: str, sender: str, text: str, **changes: object) -> list[str]:
        """What is answered to this one message."""
        before = len(self.platform.said)
        self.hears(moment, sender, text, **changes)
        self.works(str(changes.get("arrives", moment)))
        return self.platform.said[before:]

    def course(self, message_id: str) -> list[str]:
        with self.app.store.reading() as session:
            message = heard.find_heard(session, self.robot.channel, message_id)
            assert message is not None
            return [event.state.value for event in heard.answer_history(session, message.number)]

    def tie_chat(
        self, chat: str = CHAT, group: str = "townships", campaign: CampaignKey | None = None
    ) -> None:
        among = [one for one in self.app.campaigns.values() if campaign in (None, one.campaign.key)]
        with self.app.store.writing() as session:
            tie_chat(
                session,
                among,
                chat,
                group,
                by=Actor(name="李四"),
                channel=self.robot.channel,
                at=at("10-15 08:10"),
            )

    def tie_sender(self, sender: str, nick: str, moment: str = "10-15 08:10") -> int:
        with self.app.store.writing() as session:
            return tie_sender(
                session,
                list(self.app.campaigns.values()),
                sender,
                nick,
                by=Actor(name="李四"),
                channel=self.robot.channel,
                at=at(moment),
            ).released


def stands(app: App, enrolled: Enrolled, on: str) -> dict[str, str]:
    with app.store.reading() as session:
        found = figures.latest_figures(session, enrolled.campaign.key, day(on))
    return {
        f"{township} {stage}": plain(figure.value)
        for (township, stage, _), figure in found.items()
        if figure.value is not None
    }


def waiting(app: App) -> list[tuple[WaitsFor, str, int]]:
    with app.store.reading() as session:
        return [
            (one.stage, one.platform_id, one.messages) for one in heard.waiting_for_people(session)
        ]


@pytest.fixture
def ear(app: App, enrolled: Enrolled) -> Ear:
    """A robot in the township group, which knows one contact."""
    ear = Ear(app)
    ear.tie_chat()
    ear.tie_sender("wm-xie", "稻溪镇-谢")
    return ear


def test_a_contacts_line_becomes_a_figure_and_is_echoed(
    ear: Ear, app: App, enrolled: Enrolled
) -> None:
    assert ear.says("10-15 10:00", "wm-xie", "累计开工25户，累计竣工14户") == [
        "已记：稻溪镇 10月15日 开工累计25户，剩余0户；竣工累计14户，剩余11户"
    ]
    assert stands(app, enrolled, "10-15")["稻溪镇 completed"] == "14"


def test_a_message_delivered_three_times_has_one_effect(
    ear: Ear, app: App, enrolled: Enrolled
) -> None:
    for _ in range(3):
        ear.hears("10-15 10:00", "wm-xie", "累计开工25户，累计竣工14户")
        ear.works("10-15 10:01")
    assert len(ear.platform.said) == 1
    with app.store.reading() as session:
        assert len(replies.replies(session, enrolled.campaign.key)) == 1


def test_what_is_no_report_is_not_answered(ear: Ear) -> None:
    assert ear.says("10-15 10:00", "wm-xie", "收到") == []
    assert ear.says("10-15 10:01", "wm-xie", "", kind=InboundKind.PICTURE) == []
    assert ear.says("10-15 10:02", "wm-xie", "今天天气不错", kind=InboundKind.VOICE) == []


def test_a_file_gets_one_sentence(ear: Ear) -> None:
    (answer,) = ear.says("10-15 10:00", "wm-xie", "进度表.xlsx", kind=InboundKind.FILE)
    assert answer.startswith("文件不能直接记数")


def test_a_question_is_not_put_twice_a_day_to_the_same_sender(ear: Ear) -> None:
    assert len(ear.says("10-15 10:00", "wm-xie", "竣工基本完成")) == 1
    assert ear.says("10-15 10:05", "wm-xie", "竣工基本完成") == []
    assert len(ear.says("10-16 10:06", "wm-xie", "竣工基本完成")) == 1


def test_a_sender_who_never_stops_is_answered_so_often_and_no_more(ear: Ear) -> None:
    for minute in range(MOST_ANSWERS + 5):
        ear.says(f"10-15 10:{minute:02}", "wm-xie", "累计开工25户，累计竣工14户")
    assert len(ear.platform.said) == MOST_ANSWERS


def test_the_way_back_and_card_numbers_are_not_in_the_ledger(ear: Ear, app: App) -> None:
    ear.hears("10-15 10:00", "wm-xie", "累计竣工1户 6222021234567890123")
    with app.store.writing() as session:
        message = heard.take_to_read(session, at("10-15 10:00"))
    assert message is not None
    assert "6222021234567890123" not in message.text
    assert message.way_back
    assert "secret.example" not in message.way_back
    assert "way_back" not in repr(message)


def test_a_chat_nobody_has_named_is_held_and_read_when_it_is(app: App, enrolled: Enrolled) -> None:
    ear = Ear(app)
    ear.tie_sender("wm-xie", "稻溪镇-谢")
    assert ear.says("10-15 10:00", "wm-xie", "累计开工25户，累计竣工14户") == []
    assert waiting(app) == [(WaitsFor.CHAT, CHAT, 1)]
    assert stands(app, enrolled, "10-15") == {}
    ear.tie_chat()
    ear.works("10-15 10:30")
    assert stands(app, enrolled, "10-15")["稻溪镇 completed"] == "14"
    assert len(ear.platform.said) == 1
    assert waiting(app) == []


def test_a_stranger_is_held_told_once_and_read_as_of_his_own_moment_once_known(
    ear: Ear, app: App, enrolled: Enrolled
) -> None:
    told = ear.says("10-15 10:00", "wm-qiu", "累计竣工1户，累计开工1户")
    assert told == ["您还没有登记为联络员，这条数据待工作人员确认。"]
    assert ear.says("10-15 10:01", "wm-qiu", "在吗") == []
    assert ear.says("10-15 10:02", "wm-qiu", "累计竣工2户，累计开工2户") == []
    assert waiting(app) == [(WaitsFor.SENDER, "wm-qiu", 3)]
    assert stands(app, enrolled, "10-15") == {}
    assert ear.tie_sender("wm-qiu", "兰皋镇-邱", "10-15 16:00") == 3
    ear.works("10-15 16:00")
    assert stands(app, enrolled, "10-15") == {"兰皋镇 completed": "2", "兰皋镇 started": "2"}
    with app.store.reading() as session:
        found = readings.readings(session, enrolled.campaign.key)
    assert [(reply.sender, reading.day) for reply, reading in found] == [
        ("兰皋镇-邱", day("10-15"))
    ] * 3
    assert waiting(app) == []


def test_a_stranger_in_a_direct_chat_is_held_and_not_spoken_to(ear: Ear, app: App) -> None:
    assert ear.says("10-15 10:00", "wm-qiu", "累计竣工1户", chat="") == []
    assert waiting(app) == [(WaitsFor.SENDER, "wm-qiu", 1)]


def test_a_known_contact_may_report_in_a_direct_chat(
    ear: Ear, app: App, enrolled: Enrolled
) -> None:
    assert len(ear.says("10-15 10:00", "wm-xie", "累计开工25户，累计竣工14户", chat="")) == 1
    assert stands(app, enrolled, "10-15")["稻溪镇 completed"] == "14"


def test_a_display_name_is_no_proof(ear: Ear, app: App) -> None:
    assert ear.says("10-15 10:00", "wm-evil", "在", sender_name="稻溪镇-谢") == []
    assert waiting(app) == [(WaitsFor.SENDER, "wm-evil", 1)]


def test_the_number_of_the_campaign_file_counts_only_with_a_robot_whose_chat_is_tied(
    app: App,
) -> None:
    campaign = rural_housing_2021()
    first = campaign.townships[0]
    known = replace(
        first, contacts=(Contact(name="谢", nick=first.contacts[0].nick, user_id="xie"),)
    )
    campaign = replace(campaign, townships=(known, *campaign.townships[1:]))
    with app.store.writing() as session:
        one = enrol(session, campaign, "with numbers", at("10-15 08:00"))
    app.campaigns[campaign.key] = one
    ours, theirs = Ear(app), Ear(app, "another-bureau")
    ours.tie_chat()
    assert theirs.says("10-15 10:00", "xie", f"{first.name}累计竣工1户", chat="") == []
    assert waiting(app) == [(WaitsFor.SENDER, "xie", 1)]
    assert len(ours.says("10-15 10:00", "xie", f"{first.name}累计开工1户，累计竣工1户")) == 1


def test_what_arrives_out_of_order_changes_nothing_that_was_written_later(
    ear: Ear, app: App, enrolled: Enrolled
) -> None:
    ear.says("10-15 10:05", "wm-xie", "累计开工25户，累计竣工14户")
    assert ear.says("10-15 10:10", "wm-xie", "更正：累计竣工12户", arrives="10-15 10:10")
    # Written between the two, delivered after both.
    assert (
        ear.says(
            "10-15 10:07",
            "wm-xie",
            "累计竣工15户",
            arrives="10-15 10:20",
            window=timedelta(hours=2),
        )
        == []
    )
    assert stands(app, enrolled, "10-15")["稻溪镇 completed"] == "12"
    # Written first of all and delivered last: less than stands, and yet no question, for he has
    # answered since.
    assert (
        ear.says(
            "10-15 10:01", "wm-xie", "累计竣工3户", arrives="10-15 10:30", window=timedelta(hours=2)
        )
        == []
    )
    assert stands(app, enrolled, "10-15")["稻溪镇 completed"] == "12"


def test_messages_that_wait_together_are_read_in_the_order_they_were_written(
    ear: Ear, app: App, enrolled: Enrolled
) -> None:
    for moment, text in (
        ("10-15 10:10", "更正：累计竣工12户"),
        ("10-15 10:05", "累计开工25户，累计竣工14户"),
    ):
        ear.hears(moment, "wm-xie", text, arrives="10-15 10:15")
    ear.works("10-15 10:15")
    assert stands(app, enrolled, "10-15")["稻溪镇 completed"] == "12"
    assert len(ear.platform.said) == 2


def test_a_message_from_a_clock_ahead_does_not_open_tomorrow(
    ear: Ear, app: App, enrolled: Enrolled
) -> None:
    ear.says("10-16 10:00", "wm-xie", "累计开工25户，累计竣工14户", arrives="10-15 10:00")
    assert stands(app, enrolled, "10-15")["稻溪镇 completed"] == "14"


def test_an_answer_that_may_have_left_is_not_sent_again(ear: Ear) -> None:
    for trouble, ends in (
        (NoAnswer(detail="cut"), "unknown"),
        (Refused(code="1", detail="no"), "refused"),
    ):
        ear.platform.next = [trouble]
        moment = "10-15 10:00" if ends == "unknown" else "10-15 10:10"
        number = ear.hears(moment, "wm-xie", "累计开工25户，累计竣工14户")
        ear.works(moment)
        ear.works("10-15 10:40")
        assert ear.course(number) == ["due", "attempted", ends]
    assert len(ear.platform.said) == 2


def test_a_process_that_dies_while_answering_leaves_an_answer_of_unknown_end(
    ear: Ear, app: App
) -> None:
    number = ear.hears("10-15 10:00", "wm-xie", "累计开工25户，累计竣工14户")
    ear.platform.next = [RuntimeError("the power is out")]
    with pytest.raises(RuntimeError):
        ear.works("10-15 10:00")
    assert ear.course(number) == ["due", "attempted"]
    assert not answer_next(app.store, ear.robot, at("10-15 10:01"))
    assert answer_next(app.store, ear.robot, at("10-15 10:00") + LEASE)
    assert ear.course(number) == ["due", "attempted", "unknown"]
    assert len(ear.platform.said) == 1


def test_an_answer_certainly_not_taken_is_tried_again_inside_its_window(ear: Ear) -> None:
    ear.platform.next = [TryLater(code="45009", detail="too fast", after=timedelta(minutes=1))]
    number = ear.hears("10-15 10:00", "wm-xie", "累计开工25户，累计竣工14户")
    ear.works("10-15 10:00")
    ear.works("10-15 10:00")
    assert len(ear.platform.said) == 1
    ear.works("10-15 10:01")
    assert ear.course(number) == ["due", "attempted", "due", "attempted", "sent"]


def test_an_answer_whose_window_closed_goes_once_with_the_reminder(
    ear: Ear, app: App, enrolled: Enrolled, group_text: io.StringIO
) -> None:
    app.tick(enrolled, at("10-15 08:30"))
    # InboundMessage in the morning, but the process came back only in the afternoon.
    number = ear.hears("10-15 09:00", "wm-xie", "竣工基本完成")
    ear.works("10-15 15:00")
    assert ear.platform.said == []
    assert ear.course(number) == ["gone"]
    for moment in ("10-15 16:00", "10-15 16:01"):
        app.tick(enrolled, at(moment))
        while app.deliver(at(moment)):
            pass
    reminder = group_text.getvalue().split("未报提醒")[1]
    assert "稻溪镇：“" in reminder
    assert "不是准确数" in reminder
    assert ear.course(number) == ["gone", "reminded"]
    app.tick(enrolled, at("10-16 16:00"))
    while app.deliver(at("10-16 16:00")):
        pass
    assert "稻溪镇：“" not in group_text.getvalue().split("10月16日未报提醒")[1]


def second_campaign(app: App, **changes: object) -> Enrolled:
    campaign = rural_housing_2021(
        key=CampaignKey("toilets-2021"), title="全市农村厕所改造", short_title="厕所改造", **changes
    )
    with app.store.writing() as session:
        one = enrol(session, campaign, "the toilets", at("10-15 08:00"))
    app.campaigns[campaign.key] = one
    return one


def test_a_chat_of_two_campaigns_is_read_for_the_one_that_is_named(
    app: App, enrolled: Enrolled
) -> None:
    toilets = second_campaign(app)
    ear = Ear(app)
    ear.tie_chat(campaign=enrolled.campaign.key)
    ear.tie_chat(campaign=toilets.campaign.key)
    ear.tie_sender("wm-xie", "稻溪镇-谢")
    assert ear.says("10-15 10:00", "wm-xie", "累计开工25户，累计竣工14户") == [
        "您在危房改造、厕所改造里都是联络员，请写明是哪一项再报。"
    ]
    assert len(ear.says("10-15 10:01", "wm-xie", "厕所改造累计开工25户，累计竣工14户")) == 1
    assert stands(app, toilets, "10-15")["稻溪镇 completed"] == "14"
    assert stands(app, enrolled, "10-15") == {}


def test_a_campaign_that_has_ended_is_not_asked_about(app: App, enrolled: Enrolled) -> None:
    ended = second_campaign(app, start=date(2021, 9, 1), deadline=date(2021, 9, 30))
    ear = Ear(app)
    ear.tie_chat(campaign=enrolled.campaign.key)
    ear.tie_chat(campaign=ended.campaign.key)
    ear.tie_sender("wm-xie", "稻溪镇-谢")
    ear.says("10-15 10:00", "wm-xie", "累计开工25户，累计竣工14户")
    assert stands(app, enrolled, "10-15")["稻溪镇 completed"] == "14"


@pytest.mark.parametrize(
    ("tie", "says"),
    [
        (
            lambda session, all_, at_: tie_sender(
                session, all_, "wm-1", "没有此人", by=Actor(name="李四"), channel="wecom:a", at=at_
            ),
            "没有此人",
        ),
        (
            lambda session, all_, at_: tie_sender(
                session, all_, "wm-1", "稻溪镇-谢", by=Actor(name="李四"), channel=None, at=at_
            ),
            "wm-1",
        ),
        (
            lambda session, all_, at_: tie_chat(
                session, all_, "c", "nobody", by=Actor(name="李四"), channel="wecom:a", at=at_
            ),
            "nobody",
        ),
    ],
)
def test_what_cannot_be_tied_is_told(
    app: App, enrolled: Enrolled, tie: Callable[..., object], says: str
) -> None:
    with app.store.writing() as session, pytest.raises(IdentityRefused, match=says):
        tie(session, [enrolled], at("10-15 10:00"))


def test_the_day_does_not_close_over_what_was_already_heard(
    ear: Ear, app: App, enrolled: Enrolled, group_text: io.StringIO
) -> None:
    ear.hears("10-15 17:29", "wm-xie", "累计开工25户，累计竣工14户")
    app.tick(enrolled, at("10-15 17:30"))
    while app.deliver(at("10-15 17:30")):
        pass
    assert "竣工14户" in group_text.getvalue().split("第1期")[1]


def test_what_a_tie_releases_after_its_day_was_told_waits_for_a_person(
    ear: Ear, app: App, enrolled: Enrolled, group_text: io.StringIO
) -> None:
    ear.says("10-15 16:00", "wm-qiu", "累计开工5户，累计竣工3户")
    app.tick(enrolled, at("10-15 17:30"))
    ear.tie_sender("wm-qiu", "兰皋镇-邱", "10-15 18:00")
    ear.works("10-15 18:00")
    assert stands(app, enrolled, "10-15") == {}
    with app.store.reading() as session:
        (waits,) = held(session, enrolled.campaign.key)
    assert (waits.why, waits.reading.day) == (("closed_day",), day("10-15"))
    with app.store.writing() as session:
        settled = approve(
            session,
            enrolled,
            app.wording,
            app.reading_wording,
            waits.reply.number,
            by=Actor(name="李四"),
            at=at("10-15 18:05"),
        )
    assert settled.notice is not None
    assert stands(app, enrolled, "10-15") == {"兰皋镇 completed": "3", "兰皋镇 started": "5"}
    # What he wrote after the bulletin is of the day that was open then, and of nobody's concern.
    ear.says("10-15 18:10", "wm-qiu", "累计开工6户，累计竣工4户")
    assert stands(app, enrolled, "10-16") == {"兰皋镇 completed": "4", "兰皋镇 started": "6"}


def test_a_reply_stored_in_time_and_read_after_the_bulletin_changes_nothing_that_was_told(
    app: App, enrolled: Enrolled
) -> None:
    with app.store.writing() as session:
        reply, _ = replies.add_reply(
            session,
            campaign=enrolled.campaign.key,
            channel="wecom:county",
            message_id="m1",
            sender="兰皋镇-邱",
            text="累计开工5户，累计竣工3户",
            sent_at=at("10-15 17:29"),
            arrived_at=at("10-15 17:29"),
        )
        # Another process closes the day while this one is about to read.
        closings.add_closing(
            session,
            enrolled.campaign.key,
            day("10-15"),
            planned=at("10-15 17:30"),
            closed_at=at("10-15 17:30"),
        )
    read_waiting(app.store, enrolled, app.reading_wording, at("10-15 17:31"))
    assert stands(app, enrolled, "10-15") == {}
    with app.store.reading() as session:
        assert [waits.reply.number for waits in held(session, enrolled.campaign.key)] == [
            reply.number
        ]


def test_one_message_we_cannot_settle_holds_up_no_other(
    ear: Ear, app: App, enrolled: Enrolled, monkeypatch: pytest.MonkeyPatch
) -> None:
    import bot.actions.replies.hear as room

    whole = room.read_reply

    def fails(
        session: object, enrolled: Enrolled, wording: object, reply: object, at: datetime
    ) -> object:
        if "坏" in reply.text:  # type: ignore[attr-defined]
            raise RuntimeError("a fault of ours")
        return whole(session, enrolled, wording, reply, at)  # type: ignore[arg-type]

    monkeypatch.setattr(room, "read_reply", fails)
    ear.hears("10-15 10:00", "wm-xie", "坏")
    assert len(ear.says("10-15 10:01", "wm-xie", "累计开工25户，累计竣工14户")) == 1
    monkeypatch.setattr(room, "read_reply", whole)
    ear.works("10-15 10:30")
    with app.store.reading() as session:
        assert len(readings.readings(session, enrolled.campaign.key)) == 2


def settle(app: App, enrolled: Enrolled, message_id: str, value: str, moment: str) -> None:
    with app.store.writing() as session:
        (reply,) = [
            one
            for one in replies.replies(session, enrolled.campaign.key)
            if one.message_id == message_id
        ]
        approve(
            session,
            enrolled,
            app.wording,
            app.reading_wording,
            reply.number,
            by=Actor(name="李四"),
            at=at(moment),
            values=[TypedValue(stage="竣工", category="", value=Decimal(value))],
        )


STARTED = "累计开工25户，累计竣工14户"
ECHO = "已记：稻溪镇 10月15日 竣工累计15户，剩余10户"


def test_who_was_asked_back_is_answered_when_a_person_settles_it(
    ear: Ear, app: App, enrolled: Enrolled
) -> None:
    ear.says("10-15 09:00", "wm-xie", STARTED)
    way_back = ReplyToken(
        platform="wecom",
        until=at("10-16 12:00"),
        once=False,
        facts={"response_url": "https://secret.example/1"},
    )
    asked = ear.hears("10-15 10:00", "wm-xie", "竣工基本完成", way_back=way_back)
    ear.works("10-15 10:00")
    settle(app, enrolled, asked, "15", "10-15 10:20")
    ear.works("10-15 10:21")
    assert ear.platform.said[-1] == ECHO
    assert ear.course(asked) == ["due", "attempted", "sent", "due", "attempted", "sent"]


def test_a_way_back_that_takes_one_answer_is_not_used_twice(
    ear: Ear, app: App, enrolled: Enrolled
) -> None:
    ear.says("10-15 09:00", "wm-xie", STARTED)
    asked = ear.hears("10-15 10:00", "wm-xie", "竣工基本完成")
    ear.works("10-15 10:00")
    before = len(ear.platform.said)
    settle(app, enrolled, asked, "15", "10-15 10:20")
    ear.works("10-15 10:21")
    assert len(ear.platform.said) == before
    assert ear.course(asked)[-1] == "gone"


def test_the_answer_takes_the_place_of_a_question_that_has_not_left(
    ear: Ear, app: App, enrolled: Enrolled
) -> None:
    ear.says("10-15 09:00", "wm-xie", STARTED)
    ear.platform.next.append(TryLater(code="busy", detail="", after=timedelta(minutes=30)))
    asked = ear.hears("10-15 10:00", "wm-xie", "竣工基本完成")
    ear.works("10-15 10:00")
    settle(app, enrolled, asked, "15", "10-15 10:20")
    ear.works("10-15 10:21")
    assert ear.platform.said[-1] == ECHO
    assert ear.course(asked) == ["due", "attempted", "due", "due", "attempted", "sent"]


@pytest.mark.parametrize(("hours", "end"), [(12, "gone"), (24, "sent")])
def test_in_the_quiet_hours_the_answer_waits_and_may_come_too_late(
    ear: Ear, app: App, enrolled: Enrolled, hours: int, end: str
) -> None:
    ear.says("10-15 09:00", "wm-xie", STARTED)
    until = at("10-15 16:00") + timedelta(hours=hours)
    way_back = ReplyToken(
        platform="wecom",
        until=until,
        once=False,
        facts={"response_url": "https://secret.example/1"},
    )
    asked = ear.hears("10-15 16:00", "wm-xie", "竣工基本完成", way_back=way_back)
    ear.works("10-15 16:00")
    before = len(ear.platform.said)
    settle(app, enrolled, asked, "15", "10-15 21:00")
    ear.works("10-15 21:10")
    assert len(ear.platform.said) == before
    ear.works("10-16 08:00")
    assert ear.course(asked)[-1] == end
