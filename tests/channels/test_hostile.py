"""Names as nobody would give them: whatever a contact types stays data, on every channel, in every
shape it can go out in.
"""

from __future__ import annotations

import logging
import re
from datetime import timedelta
from email.message import EmailMessage
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.channels.channel import Address, Attachment, Link, Message
from bot.channels.mail.push import Mail
from bot.domain.notices.answer import Confirmed
from bot.domain.notices.notice import Mention, Table
from tests.channels.conftest import AT
from tests.channels.test_attachments import BOARD, FULL, PNG
from tests.channels.test_contract import SECRET, TOKEN, channel_of
from tests.platforms.mailbox import Mailbox
from tests.platforms.server import CERTIFICATE, Platforms, Robot, Seen, Trouble

FRAGMENTS = (
    "<@all>",
    "<@zhangsan>",
    "@all",
    "@所有人",
    '<at user_id="all">所有人</at>',
    "<at id=all></at>",
    "<at id=ou_lisi></at>",
    "@13800001111",
    "<font color='red'>",
    "</font>",
    "&lt;@all&gt;",
    "&#60;at id=all&#62;",
    "**粗**",
    "_斜_",
    "~~删~~",
    "`码`",
    "```\n",
    "# ",
    "\n> ",
    "\n- ",
    "\n1. ",
    "\n---\n",
    "|",
    "\n| a | b |\n| --- | --- |\n",
    "[点我](https://evil.example/x)",
    "![图](http://evil.example/p.png)",
    "https://evil.example",
    "www.evil.example",
    "evil.example",
    "\\",
    '"',
    "'",
    "}",
    "{{",
    "\x00",
    "\x1b[31m",
    "\u202e反\u202c",
    "\u2066\u2069\u200f",
    "\u2028",
    "\ud800",
    "👨‍👩‍👧‍👦",
    "🇨🇳",
    "县" * 200,
    "城关镇",
    " ",
)
hostile = st.lists(st.one_of(st.sampled_from(FRAGMENTS), st.text(max_size=20)), max_size=8).map(
    "".join
)
short = hostile.map(lambda text: text[:200])
rows = st.lists(st.tuples(short, short, short), max_size=8)
KNOWN = frozenset({"13800001111", "13900002222", "zhangsan", "ou_lisi", "wangwu"})


@st.composite
def messages(draw: st.DrawFn) -> Message:
    """A message in which every word is hostile, and which calls two people of the group and one who
    is nobody.
    """
    table = draw(
        st.none()
        | st.builds(
            Table, head=st.tuples(short, short, short), rows=rows.map(tuple), notes=st.tuples(short)
        )
    )
    return Message(
        title=draw(short),
        text=draw(hostile),
        table=table,
        mentions=(
            Mention(name=draw(short), phone="13900002222"),
            Mention(name=draw(short), user_id="wangwu"),
            Mention(
                name=draw(short),
                phone=draw(short),
                user_id=draw(st.sampled_from(["all", "ALL", "@all", "<@all>", ""])),
            ),
        ),
        link=draw(st.none() | st.builds(Link, words=short, url=st.just(BOARD.url))),
        picture=draw(st.none() | st.builds(Attachment, name=short, content=st.just(PNG))),
        file=draw(st.none() | st.builds(Attachment, name=short, content=st.just(b"0123456789"))),
    )


def clickable(seen: Seen) -> set[str]:
    return {url for link in seen.links for url in re.findall(r"(?:https?://|www\.)[^)\s]+", link)}


@settings(
    deadline=None,
    max_examples=25,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(message=messages(), as_text=st.booleans())
@pytest.mark.parametrize("platform", ["wecom", "dingtalk", "feishu"])
def test_no_word_of_anybody_becomes_a_mention_a_link_or_markup(
    platforms: Platforms, platform: str, message: Message, as_text: bool
) -> None:
    platforms.clock = platforms.now + timedelta(minutes=11)
    refusing = {"cards_refused": as_text, "markdown_refused": as_text}
    robot = platforms.robot(
        platform, TOKEN, secret=None if platform == "wecom" else SECRET, known=KNOWN, **refusing
    )
    channel = channel_of(platforms, platform)
    address = Address(robot.url, robot.secret)
    for page in channel.pages(message):
        platforms.clock = platforms.now + timedelta(seconds=10)
        answer = channel.send(page, address, delivery=1, at=platforms.now)
        assert isinstance(answer, Confirmed), answer
        assert TOKEN not in repr((page, answer))
    assert robot.seen
    for seen in robot.seen:
        assert not seen.everyone
        assert seen.mentioned <= {"13900002222", "wangwu"}
        assert clickable(seen) <= {BOARD.url}
        assert not re.search(r"evil\.example|[\u202a-\u202e\u2066-\u2069\x1b\x00]", seen.text)
        own = re.sub(
            r"<@wangwu>|<at id=wangwu></at>|<at user_id=\"wangwu\"></at>|@13900002222|@wangwu",
            "",
            seen.text,
        )
        assert not re.search(r"[<>@]|&#", own)
    called = frozenset[str]().union(*(seen.mentioned for seen in robot.seen))
    assert called == {"feishu": {"wangwu"}}.get(platform, {"13900002222", "wangwu"})


@settings(
    deadline=None,
    max_examples=25,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(message=messages())
def test_no_word_of_anybody_becomes_a_header_or_a_tag_of_a_letter(
    mailbox_at_once: Mailbox, message: Message
) -> None:
    mailbox_at_once.letters.clear()
    channel = Mail([mailbox_at_once.entry], ca_file=CERTIFICATE)
    [page] = channel.pages(message)
    assert channel.send(page, Address(mailbox_at_once.url), delivery=1, at=AT) == Confirmed()
    [letter] = mailbox_at_once.letters
    assert set(letter.opened.keys()) == {
        "Subject", "From", "To", "Date", "Message-ID", "Auto-Submitted", "MIME-Version", "Content-Type",
    }  # fmt: skip
    ours = {"h3", "p", "table", "tr", "th", "td", "a"}
    assert {
        tag.lower() for tag in re.findall(r"</?\s*([a-zA-Z!][^\s>]*)", letter.part("html"))
    } <= ours
    assert set(re.findall(r'href="([^"]*)"', letter.part("html"))) <= {BOARD.url}
    for part in letter.opened.iter_attachments():
        assert isinstance(part, EmailMessage)
        assert not set(part.get_filename() or "") & set('"\\/\r\n\u202e')


@pytest.fixture
def mailbox_at_once() -> Any:
    with Mailbox() as mailbox:
        yield mailbox


TROUBLES: list[Any] = [
    *Trouble,
    (93000, f"bad {TOKEN} {SECRET} 13800001111"),
    (40007, TOKEN),
    (40058, f"{TOKEN}" * 20),
]


@pytest.mark.parametrize("trouble", TROUBLES)
@pytest.mark.parametrize("step", ["upload", "file"])
def test_no_secret_is_told_at_any_step_of_a_file(
    platforms: Platforms,
    step: str,
    trouble: Any,
    caplog: pytest.LogCaptureFixture,
    capfd: pytest.CaptureFixture[str],
) -> None:
    caplog.set_level(logging.DEBUG)
    robot: Robot = platforms.robot("wecom", TOKEN)
    channel = channel_of(platforms, "wecom", read=0.3)
    page = channel.pages(FULL)[-1]
    address = Address(robot.url, SECRET)
    if step == "file":
        # The file is known by then, so the trouble meets the message that names it.
        assert channel.send(page, address, delivery=1, at=AT) == Confirmed()
    platforms.meets(trouble)
    answer = channel.send(page, address, delivery=1, at=AT)
    printed = capfd.readouterr()
    told = repr((answer, page, address)) + caplog.text + printed.out + printed.err
    for secret in (TOKEN, SECRET, "13800001111"):
        assert secret not in told
