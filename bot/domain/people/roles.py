"""Who may do what: clerk, leader, supervisor and finance, each for one campaign or for all of an
installation.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from bot.domain.campaigns.campaign import CampaignKey

EVERY_CAMPAIGN = CampaignKey("*")
"""A role under this key holds in every campaign of the installation, and lets a clerk set up new
ones.
"""


class Role(StrEnum):
    """What somebody is in a campaign."""

    CLERK = "clerk"
    LEADER = "leader"
    SUPERVISOR = "supervisor"
    FINANCE = "finance"  # the money, and the cases it goes to


@dataclass(frozen=True, kw_only=True)
class Person:
    """Somebody who may sign in. `account` is the number of the row that says so: a new password is
    a new number.
    """

    login: str
    name: str
    account: int
    roles: Mapping[CampaignKey, Role]

    def role_in(self, campaign: CampaignKey) -> Role | None:
        """What the person is in a campaign: what is said of that very campaign, else what is said
        of all.
        """
        return self.roles.get(campaign, self.roles.get(EVERY_CAMPAIGN))
