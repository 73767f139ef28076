"""A notice leads leaders to the board and supervisors to their list, where the installation says
where its pages are.
"""

from __future__ import annotations

import io
import re
from pathlib import Path

import pytest

from bot.actions.oversight import board_links
from bot.app import App, build_app, load_campaigns
from bot.channels.plain import plain_text
from bot.domain.campaigns.campaign import GroupKey
from bot.domain.campaigns.enrolled import Enrolled
from bot.domain.campaigns.jobs import notice_kinds
from bot.domain.decisions.actor import Actor
from bot.domain.notices.delivery import DeliveryState
from bot.links import Links
from bot.store.notices import deliveries
from config.settings import Settings
from jobs import JOBS
from tests.builders import at

ROOT = "https://diaodu.example.gov.cn"


@pytest.fixture
def told(tmp_path: Path) -> tuple[App, Enrolled]:
    app = build_app(
        Settings.load(
            {"DATA_DIR": str(tmp_path), "PUBLIC_URL": ROOT, "SECRET_KEY": "k" * 40}, None
        ),
        JOBS,
        console=io.StringIO(),
    )
    (loaded,) = load_campaigns(["rural-housing-2021"], JOBS)
    return app, app.enrol(loaded, at("10-15 08:00"))


def written(folder: Path, title: str) -> str:
    """The notices whose title has these words, as they lie in files for leaders and supervisors."""
    files = (folder / "notices").iterdir()
    return "\n".join(path.read_text(encoding="utf-8") for path in files if title in path.name)


def days(app: App, enrolled: Enrolled, until: str) -> None:
    for moment in ("10-15 08:30", "10-15 17:30", "10-15 17:40", "10-16 08:00"):
        app.tick(enrolled, at(moment))
        while app.deliver(at(moment)):
            pass
    while app.deliver(at(until)):
        pass


def test_leaders_are_led_to_the_board_only_by_a_link_that_a_person_made(
    told: tuple[App, Enrolled], tmp_path: Path
) -> None:
    app, enrolled = told
    with app.store.writing() as session:
        number = board_links.make_link(
            session, enrolled.campaign, by=Actor(name="李四"), at=at("10-15 09:00")
        )
    days(app, enrolled, "10-16 08:10")
    with app.store.reading() as session:
        assert {one.state for one in deliveries.deliveries(session, enrolled.campaign.key)} == {
            DeliveryState.SENT
        }
    tokens = set(
        re.findall(rf"{ROOT}/b/([\w.-]+)", written(tmp_path, "第1期") + written(tmp_path, "晨报"))
    )
    assert len(tokens) == 1
    assert Links("k" * 40).opened("board", tokens.pop()) == {
        "campaign": enrolled.campaign.key,
        "link": number,
    }
    assert f"{ROOT}/c/rural-housing-2021/overdue" in written(tmp_path, "逾期清单")


def test_without_a_link_in_force_nobody_is_led_to_the_board(
    told: tuple[App, Enrolled], tmp_path: Path
) -> None:
    app, enrolled = told
    with app.store.writing() as session:
        board_links.make_link(
            session, enrolled.campaign, by=Actor(name="李四"), at=at("10-15 09:00")
        )
        board_links.end_links(
            session, enrolled.campaign, by=Actor(name="李四"), at=at("10-15 10:00")
        )
    days(app, enrolled, "10-16 08:10")
    assert "第1期" in written(tmp_path, "第1期")
    assert "/b/" not in written(tmp_path, "")


def test_townships_are_led_nowhere(told: tuple[App, Enrolled]) -> None:
    app, enrolled = told
    with app.store.writing() as session:
        board_links.make_link(
            session, enrolled.campaign, by=Actor(name="李四"), at=at("10-15 09:00")
        )
    for kind in notice_kinds(JOBS):
        robot = app.robots.of(enrolled.campaign.key, GroupKey("townships"))
        assert robot is not None
        assert robot.link(kind, at("10-15 17:30")) is None


def test_the_console_writes_a_link_as_words_and_address() -> None:
    from bot.channels.channel import Link, Message

    text = plain_text(
        Message(title="通报", text="全市", link=Link(words="进度看板", url=f"{ROOT}/b/x"))
    )
    assert "进度看板" in text
    assert f"{ROOT}/b/x" in text
