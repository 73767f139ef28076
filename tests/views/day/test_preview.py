"""What the groups will read, shown before it is sent; and a test message that really goes."""

from __future__ import annotations

import io
from dataclasses import replace
from pathlib import Path

import pytest

from bot.actions.notices.trial import MOST_TESTS, NotTried, send_test
from bot.app import App
from bot.channels import open_channels
from bot.channels.channel import Attachment, Message
from bot.domain.campaigns.campaign import Audience, NoticeKind
from bot.domain.campaigns.enrolled import Enrolled
from bot.domain.decisions.actor import Actor
from bot.domain.decisions.kinds import DecisionKind
from bot.store.decisions import decisions
from bot.store.notices import deliveries, notices, robots
from bot.store.notices.robots import Switch
from bot.views.day.preview import Preview, pages_shown, preview
from config.wording import templates
from tests.actions.day.test_day import pass_until, say
from tests.actions.day.test_steer import do
from tests.builders import at, day, group
from tests.store.facts import about


def seen(app: App, enrolled: Enrolled, on: str, moment: str) -> Preview | None:
    with app.store.reading() as session:
        return preview(session, enrolled, app.wording, app.robots, day(on), at(moment))


def test_what_is_shown_is_what_is_sent_and_nothing_is_stored(
    app: App, enrolled: Enrolled, group_text: io.StringIO
) -> None:
    pass_until(app, enrolled, "10-15 08:30")
    say(app, enrolled, "10-15 10:00", "稻溪镇-谢", "累计开工25户，累计竣工14户")
    do(app, enrolled, "say", "10-15 10:05", sentence="请抓紧。")
    early = seen(app, enrolled, "10-15", "10-15 10:30")
    assert early is not None
    assert not early.made
    assert "截至10月15日10:30" in early.notice.text
    assert "【请抓紧。】" in early.notice.text
    with app.store.reading() as session:
        assert (
            notices.find_notice(
                session, enrolled.campaign.key, NoticeKind("bulletin"), day("10-15")
            )
            is None
        )
    last = seen(app, enrolled, "10-15", "10-15 17:30")
    pass_until(app, enrolled, "10-15 17:30")
    made = seen(app, enrolled, "10-15", "10-15 19:00")
    assert last is not None
    assert made is not None
    assert made == replace(last, made=True)
    assert [one.group.key for one in made.seen] == ["townships", "leaders", "supervisors"]
    assert group_text.getvalue().count(made.seen[0].pages[0]) == 3


def test_each_group_is_shown_the_pages_of_its_platform(app: App, enrolled: Enrolled) -> None:
    groups = tuple(
        group(name, Audience.LEADERS, "bulletin", platform=name)
        for name in ("wecom", "files", "webhook")
    )
    campaign = replace(enrolled.campaign, groups=groups)
    other = replace(enrolled, campaign=campaign)
    app.campaigns[campaign.key] = other
    say(app, other, "10-15 09:00", "汀前街道-朱", "汀前街道已开工2户，已竣工1户")
    shown = seen(app, other, "10-15", "10-15 10:30")
    assert shown is not None
    words = {one.group.platform: "\n".join(one.pages) for one in shown.seen}
    assert "名次｜乡镇｜竣工/任务｜竣工率｜今日" in words["wecom"]
    assert "名次  乡镇" in words["files"]
    assert words.keys() == {"wecom", "files", "webhook"}


def test_a_day_without_a_bulletin_has_nothing_to_show(app: App, enrolled: Enrolled) -> None:
    assert seen(app, enrolled, "10-14", "10-15 10:30") is None


def try_group(app: App, enrolled: Enrolled, key: str, moment: str) -> int:
    class Queues:
        def queue_of(self, campaign: object, group: object) -> str:
            return f"robot of {group}"

    with app.store.writing() as session:
        return send_test(
            session, enrolled, app.wording, Queues(), key, by=Actor(name="陈"), at=at(moment)
        )


def test_a_test_message_takes_the_way_of_every_notice(
    app: App, enrolled: Enrolled, group_text: io.StringIO
) -> None:
    # a person asks: also in the quiet hours
    number = try_group(app, enrolled, "leaders", "10-15 21:30")
    while app.deliver(at("10-15 21:30")):
        pass
    assert "【危房改造】测试消息" in group_text.getvalue()
    assert "由陈于10月15日21:30发出。" in group_text.getvalue()
    with app.store.reading() as session:
        (delivery,) = deliveries.deliveries(session, enrolled.campaign.key)
        (decision,) = decisions.decisions(session, enrolled.campaign.key)
    assert (delivery.notice_number, delivery.group, delivery.state) == (number, "leaders", "sent")
    assert (decision.person, decision.kind, about(decision)) == (
        "陈",
        DecisionKind.TEST_SENT,
        "group leaders",
    )


def test_a_group_gets_only_so_many_tests_an_hour(app: App, enrolled: Enrolled) -> None:
    for minute in range(MOST_TESTS):
        try_group(app, enrolled, "leaders", f"10-15 10:0{minute}")
    with pytest.raises(NotTried) as told:
        try_group(app, enrolled, "leaders", "10-15 10:30")
    assert told.value.why == "often"
    try_group(app, enrolled, "supervisors", "10-15 10:30")
    try_group(app, enrolled, "leaders", "10-15 11:01")
    with pytest.raises(NotTried, match="no group"):
        try_group(app, enrolled, "nobody", "10-15 11:01")


def test_a_robot_that_is_switched_off_is_not_tried(app: App, enrolled: Enrolled) -> None:
    with app.store.writing() as session:
        robots.switch(
            session,
            Switch(
                robot="robot of leaders",
                live=False,
                campaign=enrolled.campaign.key,
                group=enrolled.campaign.groups[1].key,
                person="",
                reason="93000",
                switched_at=at("10-15 09:00"),
            ),
        )
    with pytest.raises(NotTried) as told:
        try_group(app, enrolled, "leaders", "10-15 10:00")
    assert told.value.why == "off"


def test_a_word_stands_for_an_attachment(tmp_path: Path) -> None:
    channel = open_channels(hosts=[], console=io.StringIO(), folder=tmp_path)["wecom"]
    message = Message(
        title="通报",
        text="见附件",
        picture=Attachment(name="a.png", content=b"\x89PNG\r\n\x1a\n" + b"0" * 20),
        file=Attachment(name="通报.xlsx", content=b"0" * 20),
    )
    assert pages_shown(channel, message, templates) == ("通报\n见附件", "[图片]", "[文件]")
