"""The robots of an installation that hear, found by the names of their settings and opened with
their secrets.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from bot.channels.hearing import HearingRobot, RobotKind, RobotRefused, RobotSettings

if TYPE_CHECKING:
    from bot.channels.http import Http


def _wecom_bot(settings: RobotSettings, http: Http) -> HearingRobot:
    from bot.channels.wecom.robot import open_bot

    return open_bot(settings, http)


def _wecom_app(settings: RobotSettings, http: Http) -> HearingRobot:
    from bot.channels.wecom.robot import open_app

    return open_app(settings, http)


def _dingtalk_bot(settings: RobotSettings, http: Http) -> HearingRobot:
    from bot.channels.dingtalk.robot import open_bot

    return open_bot(settings, http)


def _feishu_app(settings: RobotSettings, http: Http) -> HearingRobot:
    from bot.channels.feishu.robot import open_app

    return open_app(settings, http)


KINDS: Mapping[str, RobotKind] = {
    # Bot ID and Secret: the long connection. Token and EncodingAESKey: callbacks. The console gives
    # one or the other.
    "WECOM_BOT": RobotKind(
        ways=(frozenset({"ID", "SECRET"}), frozenset({"TOKEN", "AES_KEY"})),
        also=frozenset({"NAME", "SOCKET"}),
        open=_wecom_bot,
    ),
    "WECOM_APP": RobotKind(ways=(frozenset({"CORP_ID", "TOKEN", "AES_KEY"}),), open=_wecom_app),
    # Client ID and Secret: Stream mode. The secret of the callbacks alone: HTTP mode.
    "DINGTALK_BOT": RobotKind(
        ways=(frozenset({"ID", "SECRET"}), frozenset({"CALLBACK_SECRET"})),
        also=frozenset({"API"}),
        open=_dingtalk_bot,
    ),
    # The long connection; with Encrypt Key and Verification Token besides, events over HTTP in its
    # place.
    "FEISHU_APP": RobotKind(
        ways=(frozenset({"ID", "SECRET"}), frozenset({"ID", "SECRET", "ENCRYPT_KEY", "TOKEN"})),
        also=frozenset({"NAME", "API"}),
        open=_feishu_app,
    ),
}
"""Every kind of robot by the beginning of its settings' names."""

_NAME = re.compile(rf"({'|'.join(KINDS)})_([A-Z0-9]{{1,32}})_([A-Z_]+)")


def robots_set(others: Mapping[str, str]) -> tuple[list[RobotSettings], list[str]]:
    """The robots these settings name, and what is wrong with them: a sentence each, without any
    value.
    """
    found: dict[tuple[str, str], dict[str, str]] = {}
    for name, value in others.items():
        if parts := _NAME.fullmatch(name):
            found.setdefault((parts[1], parts[2]), {})[parts[3]] = value
    robots, faults = [], []
    for (kind, key), facts in sorted(found.items()):
        allowed = KINDS[kind]
        settings = RobotSettings(kind=kind, key=key.lower(), facts=facts)
        faults += [
            f"{settings.setting(name)}: is no setting of such a robot; there are {_listed(allowed)}"
            for name in sorted(facts.keys() - frozenset().union(*allowed.ways) - allowed.also)
        ]
        whole = [way for way in allowed.ways if way == facts.keys() - allowed.also]
        if not whole:
            faults.append(
                f"{settings.setting('…')}: a robot needs {' or '.join(' and '.join(sorted(way)) for way in allowed.ways)},"  # noqa: E501
                " one of these and nothing of another"
            )
        else:
            robots.append(settings)
    return robots, faults


def _listed(kind: RobotKind) -> str:
    return ", ".join(sorted(frozenset().union(*kind.ways) | kind.also))


def open_robots(
    others: Mapping[str, str], *, hosts: Sequence[str]
) -> tuple[list[HearingRobot], list[str]]:
    """Every robot the settings name, opened but not yet connected, and what is wrong with the
    others.
    """
    named, faults = robots_set(others)
    if not named:
        return [], faults
    # Here, so that a command without robots does not load an HTTP library.
    from bot.channels.http import Http

    http = Http(hosts)
    robots: list[HearingRobot] = []
    for settings in named:
        try:
            robot = KINDS[settings.kind].open(settings, http)
        except RobotRefused as refused:
            faults.append(str(refused))
            continue
        if robot.channel in {other.channel for other in robots}:
            faults.append(
                f"{settings.setting('…')}: another robot of {robot.platform} has the key {robot.key}"
            )
        else:
            robots.append(robot)
    return robots, faults
