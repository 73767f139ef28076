"""All that is particular to a platform, one folder each; a notice goes in, the platform's own word
on it comes out.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TextIO

from bot.channels.channel import Channel
from bot.channels.error_actions import Tally

PLATFORMS: frozenset[str] = frozenset(
    {"console", "files", "wecom", "dingtalk", "feishu", "webhook", "mail"}
)


def open_channels(
    *,
    hosts: Sequence[str],
    console: TextIO,
    folder: Path,
    tally: Tally | None = None,
    feishu_app: tuple[str, str] | None = None,
) -> dict[str, Channel]:
    """Every channel by its platform's name. `hosts` are the only ones posted to: names (https), or
    whole origins.

    `tally` counts what the platforms answer. `feishu_app`: id and secret of an app that hands
    pictures over to Feishu.
    """
    # Here, so that a command that only asks for the names of the platforms does not load an HTTP
    # library.
    from bot.channels.console.push import Console
    from bot.channels.dingtalk.push import DingTalk
    from bot.channels.feishu.app import FeishuApp
    from bot.channels.feishu.push import Feishu
    from bot.channels.files.push import Files
    from bot.channels.http import Http
    from bot.channels.mail.push import Mail
    from bot.channels.webhook.push import Webhook
    from bot.channels.wecom.push import WeCom

    http = Http(hosts, tally=tally)
    pictures = (
        FeishuApp(http, app_id=feishu_app[0], secret=feishu_app[1])
        if feishu_app is not None
        else None
    )
    robots: list[Channel] = [
        WeCom(http),
        DingTalk(http),
        Feishu(http, pictures),
        Webhook(http),
        Mail(hosts),
    ]
    channels: list[Channel] = [Console(console), Files(folder), *robots]
    return {channel.platform: channel for channel in channels}
