"""Builds one App out of the parts: the settings, the ledger, the channels, the campaigns, the
bureau's words.
"""

from __future__ import annotations

import os
import socket
import sys
import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import TextIO

from bot import log
from bot.actions.campaigns.enrol import enrol
from bot.actions.campaigns.keep_address import opened
from bot.actions.day.recover import recover
from bot.actions.day.strike import Job
from bot.actions.notices.deliver import Deliverer
from bot.actions.oversight.board_links import link_under
from bot.actions.replies.hear import read_heard
from bot.actions.replies.listen import Listening
from bot.channels import PLATFORMS, open_channels
from bot.channels.channel import Address, Channel, Link
from bot.channels.error_actions import Tally
from bot.channels.robots import open_robots
from bot.domain.campaigns.campaign import (
    Audience,
    Campaign,
    CampaignKey,
    Group,
    GroupKey,
    NoticeKind,
)
from bot.domain.campaigns.enrolled import Campaigns, Enrolled
from bot.domain.replies.reading import ReadingWording
from bot.links import Links
from bot.store import Session, Store
from bot.store.campaigns import addresses, setups, versions
from bot.store.campaigns.addresses import SealedAddress
from bot.store.campaigns.setups import Setup
from bot.views.day.sheets import RememberedSheets
from bot.views.money.ledger import payments
from bot.views.notices.robots import Robots
from bot.views.notices.wording import NoticeWording
from bot.views.registers.ledger import Payments, RememberedRegisters
from config.campaign_file.loader import LoadedCampaign, campaign_from_content, load_campaign
from config.settings import Settings
from config.wording import templates


@dataclass
class App:
    """Everything a command needs, wired once per process. The campaigns are those enrolled in
    it.
    """

    settings: Settings
    store: Store
    channels: Mapping[str, Channel]
    jobs: Mapping[str, Job]
    wording: NoticeWording = field(default_factory=lambda: templates)
    reading_wording: ReadingWording = field(default_factory=templates.reading)
    campaigns: Campaigns = field(default_factory=Campaigns)
    tally: Tally = field(default_factory=Tally)
    sheets: RememberedSheets = field(default_factory=RememberedSheets)
    registers: RememberedRegisters = field(default_factory=RememberedRegisters)
    payments: Payments = payments
    """What the bank had paid of each case; proves the stages whose proof is the bank."""
    only: CampaignKey | None = None
    """Of the campaigns set up on pages this process serves that one alone; None, all of them."""
    files: set[CampaignKey] = field(default_factory=set)
    """The keys of the campaigns that came from a file, which wins over a campaign of its key that
    was set up on a page.
    """
    robots: Robots = field(init=False, repr=False)
    _looked: tuple[int, int] | None = None
    _looking: threading.Lock = field(default_factory=threading.Lock, repr=False)
    worker: str = field(default_factory=lambda: f"{socket.gethostname()}-{os.getpid()}")

    def __post_init__(self) -> None:
        self.robots = Robots(self.campaigns, self.channels, self._address_in_settings, self._link)

    def enrol(self, loaded: LoadedCampaign, at: datetime) -> Enrolled:
        """Takes a loaded campaign into the ledger and into this process."""
        with self.store.writing() as session:
            enrolled = enrol(session, loaded.campaign, loaded.content, at)
        self.files.add(enrolled.campaign.key)
        self.campaigns[enrolled.campaign.key] = enrolled
        return enrolled

    @property
    def secret_keys(self) -> tuple[str, ...]:
        """The keys that sealed addresses are opened with, and sealed with the first; none while
        SECRET_KEY is not set.
        """
        key, before = self.settings.secret_key, self.settings.secret_key_before
        return tuple(filter(None, (key, before))) if key else ()

    @property
    def sealing_keys(self) -> tuple[str, ...]:
        """The keys that the keys of registers are opened with, and sealed with the first:
        SECRET_KEY, or the drawn one.
        """
        return (
            (*self.secret_keys, self.settings.signing_key())
            if self.secret_keys
            else (self.settings.signing_key(),)
        )

    def take_up(self) -> bool:
        """Takes up what was set up on a page since the last look, by whatever process; whether
        anything was.

        It is one short question when nothing was, and may be asked often and by several threads.
        """
        with self._looking:
            with self.store.reading() as session:
                newest = (setups.last_setup(session), addresses.last_address(session))
                if newest == self._looked:
                    return False
                known = setups.setups(session)
                sealed = addresses.addresses(session)
                self._serve(session, known)
            self.robots.enter(self._opened(sealed))
            self._looked = newest
        return True

    def _serve(self, session: Session, known: Mapping[CampaignKey, Setup]) -> None:
        """Brings the campaigns of this process to what was set up last."""
        for key, setup in known.items():
            served = self.campaigns.get(key)
            if key in self.files or self.only not in {None, key}:
                continue
            if not setup.in_force:
                if served is not None:
                    del self.campaigns[key]
                    log.event("campaign no longer served", campaign=key)
            elif served is None or served.version != setup.version:
                try:
                    campaign = campaign_from_content(
                        versions.version_content(session, key, setup.version), self.jobs
                    )
                except ValueError:
                    # Set up by a newer version of the program, say; what is served goes on as it
                    # was.
                    log.trouble(
                        "campaign cannot be read by this version",
                        campaign=key,
                        version=setup.version,
                    )
                    continue
                self.campaigns[key] = Enrolled(campaign=campaign, version=setup.version)
                log.event("campaign taken up", campaign=key, version=setup.version)

    def _opened(
        self, sealed: Mapping[tuple[CampaignKey, GroupKey], SealedAddress]
    ) -> dict[tuple[CampaignKey, GroupKey], Address]:
        """The addresses entered on pages. One that the key does not open is empty: nothing is sent
        where nobody meant it to go.
        """
        found = {}
        shut = []
        for (campaign, group), kept in sealed.items():
            if self.only not in {None, campaign}:
                continue
            address = opened(kept, self.secret_keys)
            if address is None:
                shut.append(f"{campaign}/{group}")
            found[campaign, group] = address or Address("")
        if shut:
            log.trouble(
                "addresses cannot be opened: SECRET_KEY is another or not set; enter them anew",
                groups=shut,
            )
        return found

    def _link(
        self, campaign: Campaign, group: Group, kind: NoticeKind, at: datetime
    ) -> Link | None:
        """The page that a notice leads its group to; None where the settings do not say where our
        pages are.
        """
        root = self.settings.public_url
        if not root or group.audience is Audience.TOWNSHIPS:
            return None
        with self.store.reading() as session:
            links = Links(self.settings.signing_key())
            return link_under(
                session, campaign, group, kind, at, root=root, links=links, wording=self.wording
            )

    def _address_in_settings(self, group: Group) -> Address:
        """The address that the settings hold under the names of the campaign file."""
        url = (self.settings.secret(group.address_setting) if group.address_setting else None) or ""
        return Address(
            url, self.settings.secret(group.secret_setting) if group.secret_setting else None
        )

    def tick(self, enrolled: Enrolled, at: datetime) -> int:
        """Does everything of one campaign that is due at `at`; the scheduler only decides when this
        is called.

        What was heard before is read first, of every campaign: a day must not close over a reply
        already here.
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
            self.store,
            self.campaigns,
            self.robots,
            self.wording,
            jobs=self.jobs,
            clock=clock,
            worker=self.worker,
            threads=threads,
        )

    def listening(self, now: Callable[[], datetime]) -> Listening:
        """The ears of this process, not yet started. Faults of robots' settings are logged; the
        others hear all the same.
        """
        robots, faults = open_robots(self.settings.others, hosts=self.settings.platform_hosts)
        for fault in faults:
            log.trouble("robot not opened", fault=fault)
        return Listening(self.store, robots, self.campaigns, self.reading_wording, now)

    def close(self) -> None:
        """Gives the database back."""
        self.store.close()


def build_app(settings: Settings, jobs: Mapping[str, Job], *, console: TextIO | None = None) -> App:
    """An App on the database of the settings, brought to the newest tables. Raises StoreUnreachable
    with a sentence.
    """
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


def load_campaigns(
    names: Sequence[str], jobs: Mapping[str, Job], *, among: Sequence[str] = ()
) -> list[LoadedCampaign]:
    """The campaigns of these files or keys, checked; CampaignRefused for the first that cannot be
    used.

    A key may be that of a bundled campaign or of one of the files `among`, the installation's own.
    """
    return [load_campaign(name, platforms=PLATFORMS, jobs=jobs, among=among) for name in names]
