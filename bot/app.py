"""Builds one App out of the parts: the settings, the ledger, the channels, the campaigns, the bureau's words."""

from __future__ import annotations

import os
import socket
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import TextIO

from bot import log
from bot.actions.compose import Wording
from bot.actions.deliver import Deliverer, Robot
from bot.actions.enrol import Enrolled, enrol
from bot.actions.hear import read_heard
from bot.actions.listen import Listening
from bot.actions.recover import recover
from bot.actions.robots import fingerprint
from bot.actions.sheets import RememberedSheets
from bot.actions.strike import Job
from bot.channels import PLATFORMS, open_channels
from bot.channels.channel import Address, Channel
from bot.channels.courses import Tally
from bot.channels.robots import open_robots
from bot.domain.campaign import Campaign, CampaignKey, GroupKey
from bot.domain.notice import Mention
from bot.domain.reading import Wording as ReadingWording
from bot.store import Store, deliveries
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
    sheets: RememberedSheets = field(default_factory=RememberedSheets)
    _robots: dict[CampaignKey, tuple[Enrolled, dict[GroupKey, Robot]]] = field(default_factory=dict, repr=False)
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
        of, found = self._robots.get(campaign, (None, {}))
        if of is not enrolled:
            found = self._robots_of(enrolled.campaign)
            self._robots[campaign] = (enrolled, found)
        return found.get(group)

    def queue_of(self, campaign: CampaignKey, group: GroupKey) -> str | None:
        """The queue a group's deliveries stand in, by which the ledger knows its robot; None when the group is not ours."""
        robot = self.robot(campaign, group)
        return None if robot is None else robot.fingerprint or deliveries.own_queue(campaign, group)

    def _robots_of(self, campaign: Campaign) -> dict[GroupKey, Robot]:
        people = {
            contact.nick: Mention(name=contact.nick, phone=contact.phone, user_id=contact.user_id)
            for township in campaign.townships
            for contact in township.contacts
        }
        robots = {}
        for group in campaign.groups:
            url = (self.settings.secret(group.address_setting) if group.address_setting else None) or ""
            secret = self.settings.secret(group.secret_setting) if group.secret_setting else None
            robots[group.key] = Robot(
                channel=self.channels[group.platform],
                address=Address(url, secret),
                people=people,
                fingerprint=fingerprint(url) if url else "",
            )
        return robots

    def tick(self, enrolled: Enrolled, at: datetime) -> int:
        """Does everything of one campaign that is due at `at`; the scheduler only decides when this is called.

        What was heard before is read first, of every campaign: a day must not close over a reply already here.
        """
        while read_heard(self.store, self.campaigns, self.reading_wording, at):
            pass
        return recover(self.store, enrolled, self.wording, self.reading_wording, self.jobs, at)

    def deliver(self, at: datetime) -> int:
        """Carries every delivery that is due at `at`, one after another; how many were taken up."""
        return self.deliverer(lambda: at).carry_due()

    def deliverer(self, clock: Callable[[], datetime], *, threads: int = 1) -> Deliverer:
        """Carries deliveries of this process's campaigns by that clock, `threads` side by side."""
        return Deliverer(
            self.store, self.campaigns, self.robot, self.wording, clock=clock, worker=self.worker, threads=threads
        )

    def listening(self, now: Callable[[], datetime]) -> Listening:
        """The ears of this process, not yet started. Faults of robots' settings are logged; the others hear all the same."""
        robots, faults = open_robots(self.settings.others, hosts=self.settings.platform_hosts)
        for fault in faults:
            log.trouble("robot not opened", fault=fault)
        return Listening(self.store, robots, self.campaigns, self.reading_wording, now)

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
