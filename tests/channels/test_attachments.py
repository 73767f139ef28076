"""Pictures, files and links, over every channel: carried where the platform can, told where they
are seen where it cannot.
"""

from __future__ import annotations

import base64
import io
import json
from dataclasses import replace
from datetime import timedelta
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import pytest

from bot.channels.channel import Address, Attachment, Link, Message
from bot.channels.console.push import Console
from bot.channels.feishu.app import FeishuApp
from bot.channels.feishu.push import Feishu
from bot.channels.files.push import Files
from bot.channels.http import Http
from bot.channels.mail.push import Mail
from bot.channels.plain import plain_text
from bot.channels.sanitize import safe_url
from bot.channels.webhook.push import MOST_ATTACHED
from bot.channels.wecom.push import WeCom, picture_body
from bot.domain.notices.answer import Answer, Confirmed, Refused, TryLater
from bot.domain.notices.notice import Mention
from config.wording.statements import english
from tests.channels.conftest import AT
from tests.channels.test_contract import MESSAGE, TOKEN, VECTORS, channel_of, send
from tests.platforms.mailbox import Mailbox
from tests.platforms.server import APP_ID, APP_SECRET, CERTIFICATE, Platforms, Robot, Trouble

PNG = b"\x89PNG\r\n\x1a\n" + b"picture" * 50
JPEG = b"\xff\xd8\xff\xe0" + b"picture" * 50
BOARD = Link(words="查看看板", url="https://board.example.gov.cn/day/2026-10-15?for=leaders")
PICTURE = Attachment(
    name="第1期.png",
    content=PNG,
    seen_at=Link(words="图见", url="https://board.example.gov.cn/p/1.png"),
)
FILE = Attachment(
    name="10月15日通报.xlsx",
    content=b"PK\x03\x04" + b"sheet" * 200,
    seen_at=Link(words="表见", url="https://board.example.gov.cn/f/1.xlsx"),
)
FULL = replace(
    MESSAGE,
    link=BOARD,
    picture=PICTURE,
    file=FILE,
    mentions=(Mention(name="张三", phone="13800001111"),),
)
ROBOTS = ("wecom", "dingtalk", "feishu")


def all_text(robot: Robot) -> str:
    return "\n".join(seen.text for seen in robot.seen)


@pytest.mark.parametrize(
    "vector", json.loads((VECTORS / "wecom.json").read_text())["webhook_image_body"]
)
def test_the_body_of_a_picture_on_wecom(vector: dict[str, Any]) -> None:
    content = base64.b64decode(vector["expected_body"]["image"]["base64"])
    assert len(content) == vector["raw_bytes"]
    assert picture_body(content) == vector["expected_body"]
    assert picture_body(content)["image"]["md5"] != vector["wrong_md5_of_base64"]


def test_wecom_shows_the_picture_and_hands_over_the_file_after_the_words(
    platforms: Platforms,
) -> None:
    robot = platforms.robot("wecom", TOKEN, known=frozenset({"13800001111"}))
    assert send(channel_of(platforms, "wecom"), robot, FULL) == [Confirmed()] * 4
    assert [seen.kind for seen in robot.seen] == ["markdown_v2", "text", "image", "file"]
    assert robot.seen[1].mentioned == frozenset({"13800001111"})
    assert robot.seen[2].content == PNG
    assert (robot.seen[3].name, robot.seen[3].content) == (FILE.name, FILE.content)
    assert robot.seen[0].links == [f"[查看看板]({BOARD.url})"]
    assert "图见" not in all_text(robot)
    assert "表见" not in all_text(robot)


@pytest.mark.parametrize("platform", ROBOTS)
@pytest.mark.parametrize("table", [True, False])
def test_what_a_platform_cannot_carry_is_told_by_where_it_is_seen(
    platforms: Platforms, platform: str, table: bool
) -> None:
    robot = platforms.robot(platform, TOKEN)
    too_large = Attachment(
        name="大.png", content=PNG + b"0" * (2 * 1024 * 1024), seen_at=PICTURE.seen_at
    )
    short = replace(FULL, file=replace(FILE, content=b"12345"), picture=too_large, mentions=())
    message = short if table else replace(short, table=None)
    assert send(channel_of(platforms, platform), robot, message) == [Confirmed()]
    [seen] = robot.seen
    links = [link.split("(")[-1].rstrip(")") for link in seen.links]
    if seen.kind == "text":
        links = [link.partition("http")[1] + link.partition("http")[2] for link in links]
    assert [link.removeprefix("图见：").removeprefix("表见：") for link in links] == [
        BOARD.url,
        "https://board.example.gov.cn/p/1.png",
        "https://board.example.gov.cn/f/1.xlsx",
    ]


@pytest.mark.parametrize("platform", [*ROBOTS, "webhook"])
def test_of_what_cannot_be_carried_nor_seen_nothing_is_said(
    platforms: Platforms, platform: str
) -> None:
    bare = replace(
        MESSAGE,
        picture=Attachment(name="秘.gif", content=b"GIF89a......"),
        file=Attachment(name="空.txt", content=b""),
    )
    told = [page.body for page in channel_of(platforms, platform).pages(bare)]
    plain = [page.body for page in channel_of(platforms, platform).pages(MESSAGE)]
    assert platform == "webhook" or told == plain
    assert platform == "webhook" or "秘" not in str(told)


def test_a_jpeg_is_a_picture_and_a_gif_is_none_on_wecom(platforms: Platforms) -> None:
    channel = channel_of(platforms, "wecom")
    kinds = [
        [
            page.body["msgtype"]
            for page in channel.pages(replace(MESSAGE, picture=replace(PICTURE, content=content)))
        ]
        for content in (JPEG, b"GIF89a" + b"0" * 100, PNG[:4])
    ]
    assert kinds == [["markdown_v2", "image"], ["markdown_v2"], ["markdown_v2"]]


def test_a_picture_of_just_two_megabytes_is_taken_and_one_byte_more_is_not_sent(
    platforms: Platforms,
) -> None:
    robot = platforms.robot("wecom", TOKEN)
    most = PNG + b"0" * (2 * 1024 * 1024 - len(PNG))
    message = replace(MESSAGE, picture=Attachment(name="p.png", content=most))
    assert send(channel_of(platforms, "wecom"), robot, message) == [Confirmed()] * 2
    assert robot.seen[1].content == most
    assert (
        len(
            channel_of(platforms, "wecom").pages(
                replace(MESSAGE, picture=Attachment(name="", content=most + b"0"))
            )
        )
        == 1
    )


def file_page(channel: Any, message: Message = FULL) -> Any:
    return channel.pages(message)[-1]


def test_a_file_is_uploaded_once_for_its_robot_and_its_three_days(platforms: Platforms) -> None:
    channel, robot = channel_of(platforms, "wecom"), platforms.robot("wecom", TOKEN)
    other = platforms.robot("wecom", "another-token-987654321")

    def hand_over(to: Robot, days: int = 0) -> Answer:
        platforms.clock = AT + timedelta(days=days)
        return channel.send(
            file_page(channel), Address(to.url), delivery=1, at=AT + timedelta(days=days)
        )

    assert [hand_over(robot), hand_over(robot), hand_over(robot, 2)] == [Confirmed()] * 3
    assert len(robot.media) == 1
    assert hand_over(other, 2) == Confirmed()
    assert hand_over(robot, 4) == Confirmed()
    assert (len(robot.media), len(other.media)) == (2, 1)


@pytest.mark.parametrize("code", [40007, 41006])
def test_a_file_the_platform_does_not_know_any_more_is_uploaded_anew_once(
    platforms: Platforms, code: int
) -> None:
    channel, robot = channel_of(platforms, "wecom"), platforms.robot("wecom", TOKEN)
    address = Address(robot.url)
    assert channel.send(file_page(channel), address, delivery=1, at=AT) == Confirmed()
    platforms.meets((code, "invalid media_id"))
    assert channel.send(file_page(channel), address, delivery=2, at=AT) == Confirmed()
    assert len(robot.media) == 2


def test_an_upload_answered_without_an_id_is_made_again_later(platforms: Platforms) -> None:
    channel, robot = channel_of(platforms, "wecom"), platforms.robot("wecom", TOKEN)
    platforms.meets((0, "ok"))
    assert isinstance(
        channel.send(file_page(channel), Address(robot.url), delivery=3, at=AT), TryLater
    )
    assert len(platforms.visits) == 1


def test_a_file_refused_twice_for_its_id_is_refused(platforms: Platforms) -> None:
    channel, robot = channel_of(platforms, "wecom"), platforms.robot("wecom", TOKEN)
    address = Address(robot.url)
    assert channel.send(file_page(channel), address, delivery=1, at=AT) == Confirmed()
    forget = platforms.trouble_of

    def never_known(asked: Robot | None) -> Any:
        forget(asked)
        return (40007, "invalid media_id") if "/send?" in platforms.visits[-1] else None

    platforms.trouble_of = never_known  # type: ignore[method-assign]
    before = len(platforms.visits)
    answer = channel.send(file_page(channel), address, delivery=2, at=AT)
    assert answer == Refused(code="40007", detail="invalid media_id")
    assert [visit.split("?")[0].rsplit("/", 1)[1] for visit in platforms.visits[before:]] == [
        "send",
        "upload_media",
        "send",
    ]


def test_an_upload_whose_answer_never_came_is_made_again_for_nobody_saw_it(
    platforms: Platforms,
) -> None:
    for trouble in (Trouble.CUT_AFTER, Trouble.CUT_BEFORE, Trouble.SLOW, Trouble.TRUNCATED):
        channel, robot = channel_of(platforms, "wecom", read=0.3), platforms.robot("wecom", TOKEN)
        platforms.meets(trouble)
        answer = channel.send(file_page(channel), Address(robot.url), delivery=1, at=AT)
        assert isinstance(answer, TryLater), trouble
        assert TOKEN not in repr(answer)
        assert robot.seen == []


def test_a_dead_robot_is_found_at_the_upload(platforms: Platforms) -> None:
    robot = platforms.robot("wecom", TOKEN)
    platforms.robots.clear()
    channel = channel_of(platforms, "wecom")
    answer = channel.send(file_page(channel), Address(robot.url), delivery=1, at=AT)
    assert isinstance(answer, Refused)
    assert (answer.code, answer.robot_dead) == ("93000", True)


@pytest.mark.parametrize(
    "name",
    [
        'a".xlsx',
        "..\\..\\x.xlsx",
        "a\r\nX-Y: 1\r\n\r\n.xlsx",
        "\u202exslx.exe",
        "",
        "县" * 500 + ".xlsx",
    ],
)
def test_no_name_of_a_file_breaks_out_of_its_part(platforms: Platforms, name: str) -> None:
    robot = platforms.robot("wecom", TOKEN)
    channel = channel_of(platforms, "wecom")
    page = file_page(channel, replace(FULL, file=replace(FILE, name=name)))
    assert channel.send(page, Address(robot.url), delivery=1, at=AT) == Confirmed()
    [seen] = robot.seen
    assert seen.content == FILE.content
    assert not set(seen.name) & set('"\\/\r\n\u202e')
    assert len(seen.name.encode()) <= 150


def test_mail_attaches_both_and_links_the_board() -> None:
    with Mailbox() as mailbox:
        channel = Mail([mailbox.entry], ca_file=CERTIFICATE)
        [page] = channel.pages(FULL)
        assert channel.send(page, Address(mailbox.url), delivery=7, at=AT) == Confirmed()
        [letter] = mailbox.letters
    attached = [part for part in letter.opened.iter_attachments() if isinstance(part, EmailMessage)]
    assert [
        (part.get_filename(), part.get_content_type(), part.get_content()) for part in attached
    ] == [
        (PICTURE.name, "image/png", PICTURE.content),
        (FILE.name, "application/octet-stream", FILE.content),
    ]
    assert letter.raw.isascii()
    assert f'<a href="{BOARD.url}">查看看板</a>' in letter.part("html")
    assert f"查看看板：{BOARD.url}" in letter.part("plain")
    assert "图见" not in letter.part("plain")


def test_the_folder_holds_them_beside_the_text_however_often_it_is_written(tmp_path: Path) -> None:
    channel = Files(tmp_path)
    [page] = channel.pages(FULL)
    assert {channel.send(page, Address(""), delivery=12, at=AT) for _ in range(2)} == {
        Confirmed(detail="000012 10月15日调度通报（第1期）.txt")
    }
    assert sorted(file.name for file in tmp_path.iterdir()) == [
        "000012 1 第1期.png",
        "000012 10月15日调度通报（第1期）.txt",
        "000012 2 10月15日通报.xlsx",
    ]
    assert (tmp_path / "000012 1 第1期.png").read_bytes() == PNG
    assert (tmp_path / "000012 2 10月15日通报.xlsx").read_bytes() == FILE.content


def test_the_terminal_says_where_they_are_seen() -> None:
    stream = io.StringIO()
    channel = Console(stream)
    assert channel.send(channel.pages(FULL)[0], Address(""), delivery=1, at=AT) == Confirmed()
    for words in (
        f"查看看板：{BOARD.url}",
        "图见：https://board.example.gov.cn/p/1.png",
        "表见：https://",
    ):
        assert words in stream.getvalue()
    assert "seen" not in plain_text(replace(FULL, picture=None, file=None))


def test_the_plain_hook_is_given_the_bytes_or_where_they_are(platforms: Platforms) -> None:
    robot = platforms.robot("webhook", TOKEN)
    large = replace(FILE, content=b"0" * (MOST_ATTACHED + 1))
    assert send(channel_of(platforms, "webhook"), robot, replace(FULL, file=large)) == [Confirmed()]
    body = robot.seen[-1].body
    assert body["link"] == {"words": "查看看板", "url": BOARD.url}
    assert base64.b64decode(body["picture"]["base64"]) == PNG
    assert body["picture"]["name"] == "第1期.png"
    assert body["file"] == {
        "name": FILE.name,
        "base64": None,
        "seen_at": {"words": "表见", "url": "https://board.example.gov.cn/f/1.xlsx"},
    }


def test_a_refused_card_still_says_where_the_board_is(platforms: Platforms) -> None:
    robot = platforms.robot("feishu", TOKEN, cards_refused=True)
    [answer] = send(channel_of(platforms, "feishu"), robot, FULL)
    assert isinstance(answer, Confirmed)
    assert f"查看看板：{BOARD.url}" in robot.seen[0].text.split("\n")


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        (
            "https://a.example/x(1)[2]|*'\"<>@`",
            "https://a.example/x%281%29%5B2%5D%7C%2A%27%22%3C%3E%40%60",
        ),
        ("http://10.1.2.3:8765/看板", "http://10.1.2.3:8765/%E7%9C%8B%E6%9D%BF"),
        ("https://a.example/x%20y?b=1&c=2#d", "https://a.example/x%20y?b=1&c=2#d"),
        ("https://a.example/\n\u202e<@all>", "https://a.example/%3C%40all%3E"),
        ("javascript:alert(1)", None),
        ("https://", None),
        ("https://user@a.example/", None),
        ("https://a.example:port/", None),
        ("https://[::1/", None),
        ("//a.example/", None),
        ("https://县.example/", None),
        ("https://a.example/" + "x" * 1000, None),
    ],
)
@pytest.mark.parametrize("platform", ROBOTS)
def test_a_link_of_our_own_is_one_link_or_none(
    platforms: Platforms, platform: str, url: str, shown: str | None
) -> None:
    assert safe_url(url) == shown
    robot = platforms.robot(platform, TOKEN, known=frozenset({"13800001111"}))
    channel = channel_of(platforms, platform)
    for message in (MESSAGE, replace(MESSAGE, table=None)):
        with_link = replace(message, link=Link(words="<@all>[看](http://evil.example)", url=url))
        assert send(channel, robot, with_link) == [Confirmed()]
        seen = robot.seen[-1]
        assert not seen.everyone
        assert len(seen.links) == (shown is not None)
        assert shown is None or shown in seen.text
        assert "evil.example" not in seen.text


def test_a_page_of_the_robot_shows_nothing_of_what_it_carries() -> None:
    secret = "board-secret-123"
    message = replace(FULL, link=Link(words="看", url=f"https://a.example/{secret}"))
    told = repr([WeCom(Http()).pages(message), message.link, message.picture, message.mentions])
    for word in (secret, "13800001111", "picture" * 5, "城关镇"):
        assert word not in told


def feishu_with_app(platforms: Platforms, secret: str = APP_SECRET) -> Feishu:
    http = Http([platforms.origin])
    return Feishu(http, FeishuApp(http, app_id=APP_ID, secret=secret, api=platforms.origin))


def test_feishu_shows_the_picture_when_an_app_can_hand_it_over(platforms: Platforms) -> None:
    robot = platforms.robot("feishu", TOKEN, secret="sign-secret")
    assert send(feishu_with_app(platforms), robot, FULL) == [Confirmed()] * 2
    assert [seen.kind for seen in robot.seen] == ["interactive", "image"]
    assert robot.seen[1].content == PNG
    assert "图见" not in robot.seen[0].text
    assert "表见" in robot.seen[0].text


def test_a_picture_the_app_cannot_hand_over_is_refused_and_the_robot_lives(
    platforms: Platforms,
) -> None:
    robot = platforms.robot("feishu", TOKEN)
    words, picture = send(feishu_with_app(platforms, "another-s3cret"), robot, FULL)
    assert words == Confirmed()
    assert isinstance(picture, Refused)
    assert not picture.robot_dead
    assert picture.code == "10014"
    assert "s3cret" not in english(picture.detail)
    assert len(robot.seen) == 1


def test_only_png_and_jpeg_go_by_the_app(platforms: Platforms) -> None:
    gif = replace(FULL, picture=replace(PICTURE, content=b"GIF89a......"))
    assert len(feishu_with_app(platforms).pages(gif)) == 1
