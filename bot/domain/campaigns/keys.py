"""The names by which a campaign knows its parts."""

from __future__ import annotations

from typing import NewType

CampaignKey = NewType("CampaignKey", str)
TownshipName = NewType("TownshipName", str)
StageKey = NewType("StageKey", str)
CategoryKey = NewType("CategoryKey", str)
GroupKey = NewType("GroupKey", str)
RegisterKey = NewType("RegisterKey", str)
