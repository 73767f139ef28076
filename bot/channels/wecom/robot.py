"""Opens WeCom's robots from their settings; which setting is wrong is told, its value never."""

from __future__ import annotations

from bot.channels.hearing import HearingRobot, RobotRefused, RobotSettings
from bot.channels.http import Http
from bot.channels.wecom.answer import ResponseUrl, Unanswerable
from bot.channels.wecom.callback import AppCallback, BotCallback
from bot.channels.wecom.cipher import Seal
from bot.channels.wecom.message import Listener


def open_bot(settings: RobotSettings, http: Http) -> HearingRobot:
    """An AI bot (智能机器人): by its long connection, or by encrypted callbacks."""
    facts = settings.facts
    listener = Listener(key=settings.key, name=facts.get("NAME"))
    if "AES_KEY" in facts:
        return HearingRobot(
            platform="wecom",
            key=settings.key,
            callback=BotCallback(_seal(settings, ""), listener),
            answerer=ResponseUrl(http),
            secret=facts["AES_KEY"],
        )
    from bot.channels.wecom.connection import BotConnection

    connection = BotConnection(
        listener, bot_id=facts["ID"], secret=facts["SECRET"], address=_address(settings)
    )
    return HearingRobot(
        platform="wecom",
        key=settings.key,
        connection=connection,
        answerer=connection,
        secret=facts["SECRET"],
    )


def open_app(settings: RobotSettings, http: Http) -> HearingRobot:  # noqa: ARG001
    """A self-built app (自建应用), by encrypted callbacks; it hears direct messages and has no way
    back.
    """
    facts = settings.facts
    return HearingRobot(
        platform="wecom",
        key=settings.key,
        callback=AppCallback(_seal(settings, facts["CORP_ID"]), Listener(key=settings.key)),
        answerer=Unanswerable(),
        secret=facts["AES_KEY"],
    )


def _seal(settings: RobotSettings, receive_id: str) -> Seal:
    try:
        return Seal(settings.facts["TOKEN"], settings.facts["AES_KEY"], receive_id)
    except ValueError as fault:
        raise RobotRefused(
            f"{settings.setting('AES_KEY')}: {fault}; copy it from the console again"
        ) from None


def _address(settings: RobotSettings) -> str:
    from bot.channels.wecom.connection import ADDRESS, address_fault

    address = settings.facts.get("SOCKET", ADDRESS)
    if fault := address_fault(address):
        raise RobotRefused(f"{settings.setting('SOCKET')}: {fault}")
    return address
