"""The words of every page as the group reads them: without markup, nothing left out, no telephone
number whole.
"""

from __future__ import annotations

import io
from pathlib import Path

import pytest

from bot.channels import PLATFORMS, open_channels
from bot.channels.channel import Attachment, AttachmentKind, Link, Message
from bot.domain.notices.notice import Mention, Table

PNG = b"\x89PNG\r\n\x1a\n" + b"0" * 20
TABLE = Table(
    head=("名次", "乡镇", "竣工率"),
    rows=(("1", "兰皋镇", "100.00%"), ("2", "稻溪镇*", "56.00%")),
    notes=("*未报，沿用上次数据。",),
)
MESSAGE = Message(
    title="【危房改造每日调度】第15期",
    text="全市任务341户。\n【**请** [点](http://evil.example) 抓紧】",
    table=TABLE,
    mentions=(Mention(name="稻溪镇-谢", phone="13800001111", user_id="wm-xie"),),
    marks=("补发",),
    link=Link(words="进度看板", url="https://board.example.org/b/1"),
)


@pytest.mark.parametrize("platform", sorted(PLATFORMS))
def test_a_page_is_shown_in_the_words_the_group_reads(platform: str, tmp_path: Path) -> None:
    channel = open_channels(hosts=[], console=io.StringIO(), folder=tmp_path)[platform]
    shown = "\n".join(channel.shown(page) for page in channel.pages(MESSAGE))
    lines = [line.strip() for line in shown.split("\n")]
    assert lines[0] == "【补发】【危房改造每日调度】第15期"
    assert "全市任务341户。" in lines
    for words in ("兰皋镇", "100.00%", "稻溪镇", "56.00%", "未报，沿用上次数据。"):
        assert words in shown
    assert not any("兰皋镇" in line and "稻溪镇" in line for line in lines)
    assert "| ---" not in shown
    assert "##" not in shown
    assert "13800001111" not in shown
    if platform in {"wecom", "dingtalk", "feishu"}:
        assert "进度看板：https://board.example.org/b/1" in lines
        assert "](http" not in shown


@pytest.mark.parametrize("platform", ["wecom", "dingtalk", "feishu"])
def test_every_page_of_a_long_message_is_shown(platform: str, tmp_path: Path) -> None:
    channel = open_channels(hosts=[], console=io.StringIO(), folder=tmp_path)[platform]
    text = "\n".join(f"第{at}段{'县' * 400}" for at in range(30))
    pages = channel.pages(Message(title="长", text=text))
    assert len(pages) > 1
    shown = [channel.shown(page) for page in pages]
    assert all(f"第{at}段" in "".join(shown) for at in range(30))
    assert shown[0].startswith(f"长 (1/{len(pages)})")


def test_an_attachment_is_shown_as_one(tmp_path: Path) -> None:
    channel = open_channels(hosts=[], console=io.StringIO(), folder=tmp_path)["wecom"]
    file = Attachment(name="通报.xlsx", content=b"0" * 20)
    pages = channel.pages(
        Message(
            title="通报", text="见附件", picture=Attachment(name="a.png", content=PNG), file=file
        )
    )
    assert [channel.shown(page) for page in pages] == [
        "通报\n见附件",
        AttachmentKind.IMAGE,
        AttachmentKind.FILE,
    ]
