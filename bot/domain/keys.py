"""The keys by which campaigns, townships, stages, categories, groups and registers are known, on
every floor and in every topic.
"""

from __future__ import annotations

from typing import NewType

CampaignKey = NewType("CampaignKey", str)
TownshipName = NewType("TownshipName", str)
StageKey = NewType("StageKey", str)
CategoryKey = NewType("CategoryKey", str)
GroupKey = NewType("GroupKey", str)
RegisterKey = NewType("RegisterKey", str)
