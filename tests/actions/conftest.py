"""The parts a working day needs, on whatever database `store` is."""

from __future__ import annotations

import io
from pathlib import Path

import pytest

from bot.actions.campaigns.enrol import enrol
from bot.app import App
from bot.channels import open_channels
from bot.domain.campaigns.campaign import Campaign
from bot.domain.campaigns.enrolled import Enrolled
from bot.store import Store
from config.settings import Settings
from jobs import JOBS
from tests.builders import at, rural_housing_2021


@pytest.fixture
def group_text() -> io.StringIO:
    """What the console group has seen."""
    return io.StringIO()


def an_app(store: Store, folder: Path, console: io.StringIO | None = None) -> App:
    """An App on that database; what its groups are told is on `console` and in `folder`."""
    channels = open_channels(hosts=[], console=console or io.StringIO(), folder=folder / "notices")
    return App(settings=Settings.load({}, None), store=store, channels=channels, jobs=JOBS)


def enrol_2021(app: App, campaign: Campaign) -> Enrolled:
    """The campaign of 2021, known to the program from the morning of its first day."""
    with app.store.writing() as session:
        one = enrol(session, campaign, "the 2021 campaign", at("10-15 08:00"))
    app.campaigns[campaign.key] = one
    return one


@pytest.fixture
def app(store: Store, group_text: io.StringIO, tmp_path: Path) -> App:
    """An App on the test's database; its console is `group_text`, its files lie in `tmp_path`."""
    return an_app(store, tmp_path, group_text)


@pytest.fixture
def enrolled(app: App) -> Enrolled:
    """The 2021 campaign, known from the morning of its first day."""
    return enrol_2021(app, rural_housing_2021())
