"""The campaigns a process serves, each with the version of its file that is in force."""

from __future__ import annotations

from collections.abc import ItemsView, Iterator, Mapping, MutableMapping, ValuesView
from dataclasses import dataclass

from bot.domain.campaigns.campaign import Campaign, CampaignKey


@dataclass(frozen=True, kw_only=True)
class Enrolled:
    """A campaign together with the number of the version of its file that is in force."""

    campaign: Campaign
    version: int


class Campaigns(MutableMapping[CampaignKey, Enrolled]):
    """The campaigns a process serves. One thread may change them while others go through them: each
    goes through what was.
    """

    def __init__(self) -> None:
        self._now: Mapping[CampaignKey, Enrolled] = {}

    def __getitem__(self, key: CampaignKey) -> Enrolled:
        return self._now[key]

    def __setitem__(self, key: CampaignKey, enrolled: Enrolled) -> None:
        self._now = {**self._now, key: enrolled}

    def __delitem__(self, key: CampaignKey) -> None:
        self._now = {other: enrolled for other, enrolled in self._now.items() if other != key}

    def __iter__(self) -> Iterator[CampaignKey]:
        return iter(self._now)

    def __len__(self) -> int:
        return len(self._now)

    def values(self) -> ValuesView[Enrolled]:
        """Those served at this moment."""
        return self._now.values()

    def items(self) -> ItemsView[CampaignKey, Enrolled]:
        """Those served at this moment, with their keys."""
        return self._now.items()
