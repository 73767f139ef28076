"""The parts a working day needs, on whatever database `store` is."""

from __future__ import annotations

import io
from pathlib import Path

import pytest

from bot.app import App
from bot.channels import open_channels
from bot.domain.campaigns.enrolled import Enrolled
from bot.store import Store
from config.settings import Settings
from jobs import JOBS
from tests.builders import at, rural_housing_2021


@pytest.fixture
def group_text() -> io.StringIO:
    """What the console group has seen."""
    return io.StringIO()


@pytest.fixture
def app(store: Store, group_text: io.StringIO, tmp_path: Path) -> App:
    """An App on the test's database; its console is `group_text`, its files lie in `tmp_path`."""
    channels = open_channels(hosts=[], console=group_text, folder=tmp_path / "notices")
    return App(settings=Settings.load({}, None), store=store, channels=channels, jobs=JOBS)


@pytest.fixture
def enrolled(app: App) -> Enrolled:
    """The 2021 campaign, known from the morning of its first day."""
    campaign = rural_housing_2021()
    with app.store.writing() as session:
        from bot.actions.campaigns.enrol import enrol

        one = enrol(session, campaign, "the 2021 campaign", at("10-15 08:00"))
    app.campaigns[campaign.key] = one
    return one
