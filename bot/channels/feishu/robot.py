"""Opens Feishu's self-built apps from their settings."""

from __future__ import annotations

from bot.channels.feishu.answer import MessageReply
from bot.channels.feishu.app import API, FeishuApp
from bot.channels.feishu.callback import EventCallback
from bot.channels.feishu.connection import AppConnection
from bot.channels.hearing import HearingRobot, RobotSettings
from bot.channels.http import Http


def open_app(settings: RobotSettings, http: Http) -> HearingRobot:
    """A self-built app: by its long connection, or by events where an Encrypt Key and a
    Verification Token are set as well.
    """
    key, facts = settings.key, settings.facts
    name, api = facts.get("NAME"), facts.get("API", API)
    app_id, secret = facts["ID"], facts["SECRET"]
    answerer = MessageReply(FeishuApp(http, app_id=app_id, secret=secret, api=api))
    if "ENCRYPT_KEY" in facts:
        callback = EventCallback(
            key,
            app_id=app_id,
            encrypt_key=facts["ENCRYPT_KEY"],
            verification_token=facts["TOKEN"],
            name=name,
        )
        return HearingRobot(
            platform="feishu", key=key, callback=callback, answerer=answerer, secret=secret
        )
    connection = AppConnection(key, http, app_id=app_id, secret=secret, name=name, api=api)
    return HearingRobot(
        platform="feishu", key=key, connection=connection, answerer=answerer, secret=secret
    )
