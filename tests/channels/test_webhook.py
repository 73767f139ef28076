"""The generic hook: any 2xx is a yes, the token goes in a header, and what is sent is data for a
program.
"""

from __future__ import annotations

import pytest

from bot.channels.channel import Address, Message, RenderedPage
from bot.channels.http import PLATFORM_HOSTS, Http
from bot.channels.webhook.push import Webhook
from bot.domain.notices.answer import Confirmed, Refused
from bot.domain.notices.codes import StepCode, stated
from bot.domain.notices.notice import Mention, Table
from config.wording.statements import english
from tests.channels.conftest import AT
from tests.platforms.server import Platforms

TOKEN = "s3cret-token-0123456789"
MESSAGE = Message(
    title="通报\x1b[31m",
    text="一<b>\u202e\n二",
    table=Table(head=("名次", "乡镇"), rows=(("1", "城关镇|\n"),), notes=("注",)),
    mentions=(Mention(name="张三", phone="13800001111", user_id="zhangsan"),),
    marks=("补发",),
)


def page(message: Message = MESSAGE) -> RenderedPage:
    [page] = Webhook(Http()).pages(message)
    return page


def test_the_body_is_the_message_as_data_without_numbers_of_people() -> None:
    assert page().body == {
        "title": "【补发】通报[31m",
        "text": "一<b>\n二",
        "table": {"head": ["名次", "乡镇"], "rows": [["1", "城关镇|"]], "notes": ["注"]},
        "mentions": ["张三"],
        "link": None,
        "picture": None,
        "file": None,
    }
    assert page(Message(title="通报", text="")).body["table"] is None


def test_the_receiver_knows_us_by_the_token(platforms: Platforms) -> None:
    robot = platforms.robot("webhook", TOKEN, secret="abc")
    channel = Webhook(Http([platforms.origin]))
    assert channel.send(page(), Address(robot.url, "abc"), delivery=7, at=AT) == Confirmed()
    assert (
        channel.send(page(), Address(robot.url, "Authorization: Bearer abc"), delivery=7, at=AT)
        == Confirmed()
    )
    answer = channel.send(page(), Address(robot.url, "X-Token: abc"), delivery=7, at=AT)
    assert answer == Refused(code="401", detail=stated(StepCode.STATUS, status=401))
    assert len(robot.seen) == 2


def test_a_receiver_who_is_gone_is_a_dead_robot(platforms: Platforms) -> None:
    robot = platforms.robot("webhook", TOKEN)
    platforms.robots.clear()
    answer = Webhook(Http([platforms.origin])).send(page(), Address(robot.url), delivery=7, at=AT)
    assert answer == Refused(
        code="410", detail=stated(StepCode.STATUS, status=410), robot_dead=True
    )


@pytest.mark.parametrize(
    "secret", ["two words", "X-Tok:", "Host: evil.example", "令牌", "X-A: b\r\nX-C: d", "X-令: b"]
)
def test_a_secret_that_no_header_can_carry_is_refused_unsent(
    platforms: Platforms, secret: str
) -> None:
    address = Address(platforms.robot("webhook", TOKEN).url, secret)
    channel = Webhook(Http([platforms.origin]))
    answer = channel.send(page(), address, delivery=7, at=AT)
    assert isinstance(answer, Refused)
    assert answer.detail == channel.fault(address)
    assert secret not in english(answer.detail)
    assert platforms.visits == []


@pytest.mark.parametrize("host", PLATFORM_HOSTS)
def test_a_platforms_robot_is_no_receiver(host: str) -> None:
    fault = Webhook(Http()).fault(Address(f"https://{host}/cgi-bin/webhook/send?key={TOKEN}"))
    assert fault is not None
    assert TOKEN not in english(fault)
