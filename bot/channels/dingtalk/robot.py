"""Opens DingTalk's app robots from their settings."""

from __future__ import annotations

from bot.channels.dingtalk.answer import SessionWebhook
from bot.channels.dingtalk.callback import RobotCallback
from bot.channels.dingtalk.stream import API, StreamConnection
from bot.channels.hearing import HearingRobot, RobotSettings
from bot.channels.http import Http


def open_bot(settings: RobotSettings, http: Http) -> HearingRobot:
    """An app robot: in Stream mode with its Client ID and Secret, or by callbacks with the Secret
    alone.
    """
    key, secret = settings.key, settings.facts.get("SECRET") or settings.facts["CALLBACK_SECRET"]
    answerer = SessionWebhook(http)
    if "ID" not in settings.facts:
        callback = RobotCallback(key, app_secret=secret)
        return HearingRobot(
            platform="dingtalk", key=key, callback=callback, answerer=answerer, secret=secret
        )
    connection = StreamConnection(
        key,
        http,
        client_id=settings.facts["ID"],
        client_secret=secret,
        api=settings.facts.get("API", API),
    )
    return HearingRobot(
        platform="dingtalk", key=key, connection=connection, answerer=answerer, secret=secret
    )
