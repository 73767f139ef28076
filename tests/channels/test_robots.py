"""The robots that hear are opened from their settings, in the mode those settings are for."""

from __future__ import annotations

import pytest

from bot.channels.robots import open_robots

FEISHU = {"FEISHU_APP_A_ID": "i", "FEISHU_APP_A_SECRET": "s3cret"}


@pytest.mark.parametrize(
    ("settings", "channel", "by_callback"),
    [
        ({"DINGTALK_BOT_A_ID": "i", "DINGTALK_BOT_A_SECRET": "s3cret"}, "dingtalk:a", False),
        ({"DINGTALK_BOT_A_CALLBACK_SECRET": "s3cret"}, "dingtalk:a", True),
        (
            {
                "DINGTALK_BOT_A_ID": "i",
                "DINGTALK_BOT_A_SECRET": "s3cret",
                "DINGTALK_BOT_A_API": "https://ding.example",
            },
            "dingtalk:a",
            False,
        ),
        (FEISHU, "feishu:a", False),
        ({**FEISHU, "FEISHU_APP_A_ENCRYPT_KEY": "e", "FEISHU_APP_A_TOKEN": "t"}, "feishu:a", True),
    ],
)
def test_a_robot_is_opened_in_the_mode_its_settings_are_for(
    settings: dict[str, str], channel: str, by_callback: bool
) -> None:
    (robot,), faults = open_robots(settings, hosts=["open.feishu.cn"])
    assert faults == []
    assert (robot.channel, robot.callback is not None, robot.connection is None) == (
        channel,
        by_callback,
        by_callback,
    )
    assert "s3cret" not in repr(robot)


def test_half_of_another_mode_is_told() -> None:
    robots, faults = open_robots({**FEISHU, "FEISHU_APP_A_TOKEN": "t"}, hosts=[])
    assert robots == []
    assert faults[0].startswith("FEISHU_APP_A_…: a robot needs")
