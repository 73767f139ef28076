"""Builds one App out of the parts: the settings, the ledger, the channels, the campaigns, the bureau's words."""

from __future__ import annotations

import os
import socket
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import TextIO

from bot.actions.compose import Wording
from bot.actions.deliver import Robot, deliver_due
from bot.actions.enrol import Enrolled, enrol
from bot.actions.recover import recover
from bot.actions.strike import Job
from bot.channels import PLATFORMS, open_channels
from bot.channels.channel import Address, Channel
from bot.channels.courses import Tally
from bot.domain.campaign import CampaignKey, GroupKey
from bot.domain.notice import Mention
from bot.domain.reading import Wording as ReadingWording
from bot.store import Store
from config.loader import LoadedCampaign, load_campaign
from config.settings import Settings
from config.wording import templates


@dataclass
class App:
    """Everything a command needs, wired once per process. The campaigns are those enrolled in it."""

    settings: Settings
    store: Store
    channels: Mapping[str, Channel]
    jobs: Mapping[str, Job]
    wording: Wording = field(default_factory=lambda: templates)
    reading_wording: ReadingWording = field(default_factory=templates.reading)
    campaigns: dict[CampaignKey, Enrolled] = field(default_factory=dict)
    tally: Tally = field(default_factory=Tally)
    worker: str = field(default_factory=lambda: f"{socket.gethostname()}-{os.getpid()}")

    def enrol(self, loaded: LoadedCampaign, at: datetime) -> Enrolled:
        """Takes a loaded campaign into the ledger and into this process."""
        with self.store.writing() as session:
            enrolled = enrol(session, loaded.campaign, loaded.content, at)
        self.campaigns[enrolled.campaign.key] = enrolled
        return enrolled

    def robot(self, campaign: CampaignKey, group: GroupKey) -> Robot | None:
        """The robot of a group; None when no campaign of this process has it."""
        enrolled = self.campaigns.get(campaign)
        if enrolled is None:
            return None
        for found in enrolled.campaign.groups:
            if found.key == group:
                url = self.settings.secret(found.address_setting) if found.address_setting else None
                secret = self.settings.secret(found.secret_setting) if found.secret_setting else None
                people = {
                    contact.nick: Mention(name=contact.nick, phone=contact.phone, user_id=contact.user_id)
                    for township in enrolled.campaign.townships
                    for contact in township.contacts
                }
                return Robot(channel=self.channels[found.platform], address=Address(url or "", secret), people=people)
        return None

    def tick(self, enrolled: Enrolled, at: datetime) -> int:
        """Does everything of one campaign that is due at `at`; the scheduler only decides when this is called."""
        return recover(self.store, enrolled, self.wording, self.reading_wording, self.jobs, at)

    def deliver(self, at: datetime) -> int:
        """Carries every delivery that is due at `at`; how many were taken up."""
        return deliver_due(self.store, self.robot, self.wording, at=at, worker=self.worker)

    def close(self) -> None:
        """Gives the database back."""
        self.store.close()


def build_app(settings: Settings, jobs: Mapping[str, Job], *, console: TextIO | None = None) -> App:
    """An App on the database of the settings, brought to the newest tables. Raises StoreUnreachable with a sentence."""
    settings.data_dir.mkdir(parents=True, exist_ok=True)
    store = Store(settings.database_url)
    store.upgrade()
    tally = Tally()
    app_id, app_secret = settings.secret("FEISHU_APP_ID"), settings.secret("FEISHU_APP_SECRET")
    channels = open_channels(
        hosts=settings.platform_hosts,
        console=console or sys.stdout,
        folder=settings.data_dir / "notices",
        tally=tally,
        feishu_app=(app_id, app_secret) if app_id and app_secret else None,
    )
    return App(settings=settings, store=store, channels=channels, jobs=jobs, tally=tally)


def load_campaigns(names: Sequence[str], jobs: Mapping[str, Job], *, among: Sequence[str] = ()) -> list[LoadedCampaign]:
    """The campaigns of these files or keys, checked; CampaignRefused for the first that cannot be used.

    A key may be that of a bundled campaign or of one of the files `among`, the installation's own.
    """
    return [load_campaign(name, platforms=PLATFORMS, jobs=jobs.keys(), among=among) for name in names]
