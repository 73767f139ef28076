"""The robots of the groups a process serves: where each is reached, whom it may call, and whose
queue it stands in.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from functools import partial

from bot.channels.channel import Address, Channel, Link
from bot.domain.campaigns.campaign import Campaign, CampaignKey, Group, GroupKey, NoticeKind
from bot.domain.campaigns.enrolled import Enrolled
from bot.domain.notices.notice import Mention
from bot.store.notices.deliveries import own_queue
from bot.store.notices.robots import fingerprint
from bot.views.notices.messages import Robot

AddressOf = Callable[[Group], Address]
"""Where the settings say that a group is reached; an empty address where they say nothing."""


class Robots:
    """Finds the robot of a group. One object for all who ask: the deliverer, the ledger's queues,
    the pages.

    The robots of a campaign are put together once for each version of it and each set of addresses
    entered on pages (`entered`); threads may ask side by side.
    """

    def __init__(
        self,
        campaigns: Mapping[CampaignKey, Enrolled],
        channels: Mapping[str, Channel],
        address_of: AddressOf,
        link: Callable[[Campaign, Group, NoticeKind, datetime], Link | None],
    ) -> None:
        self._campaigns = campaigns
        self._channels = channels
        self._address_of = address_of
        self._link = link
        self._entered: Mapping[tuple[CampaignKey, GroupKey], Address] = {}
        self._found: dict[CampaignKey, tuple[object, object, dict[GroupKey, Robot]]] = {}

    def enter(self, addresses: Mapping[tuple[CampaignKey, GroupKey], Address]) -> None:
        """Takes the addresses entered on pages in place of those known so far; they win over the
        settings.
        """
        self._entered = addresses

    def of(self, campaign: CampaignKey, group: GroupKey) -> Robot | None:
        """The robot of a group; None when no campaign of this process has it."""
        enrolled = self._campaigns.get(campaign)
        if enrolled is None:
            return None
        entered = self._entered
        version, under, found = self._found.get(campaign, (None, None, {}))
        if version is not enrolled or under is not entered:
            found = self._robots_of(enrolled.campaign, entered)
            self._found[campaign] = (enrolled, entered, found)
        return found.get(group)

    def queue_of(self, campaign: CampaignKey, group: GroupKey) -> str | None:
        """The queue a group's deliveries stand in: its robot's fingerprint, or its own where it has
        no address.

        None for a group that this process does not serve.
        """
        robot = self.of(campaign, group)
        return None if robot is None else robot.fingerprint or own_queue(campaign, group)

    def _robots_of(
        self, campaign: Campaign, entered: Mapping[tuple[CampaignKey, GroupKey], Address]
    ) -> dict[GroupKey, Robot]:
        people = {
            contact.nick: Mention(name=contact.nick, phone=contact.phone, user_id=contact.user_id)
            for township in campaign.townships
            for contact in township.contacts
        }
        robots = {}
        for group in campaign.groups:
            address = entered.get((campaign.key, group.key)) or self._address_of(group)
            robots[group.key] = Robot(
                channel=self._channels[group.platform],
                address=address,
                people=people,
                fingerprint=fingerprint(address.url) if address.url else "",
                link=partial(self._link, campaign, group),
            )
        return robots
