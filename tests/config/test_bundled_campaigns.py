"""The campaigns that come with the program load, and the one of 2021 is what the season's own data
say.
"""

from __future__ import annotations

from collections import Counter
from datetime import date, time
from decimal import Decimal
from fractions import Fraction

import pytest

from bot.domain.campaigns.campaign import (
    Audience,
    Campaign,
    CategoryKey,
    NoticeKind,
    ReportingDays,
    TieBreak,
    Trouble,
)
from bot.domain.campaigns.workdays import bulletin_days, is_workday, reporting_days
from config.campaign_file.loader import campaign_from_content, known_keys, load_campaign
from jobs import JOBS
from tests.builders import rural_housing_2021
from tests.config.test_campaign_file import PLATFORMS


def bundled(key: str) -> Campaign:
    return load_campaign(key, platforms=PLATFORMS, jobs=JOBS).campaign


@pytest.mark.parametrize("key", known_keys())
def test_each_loads_under_its_own_key_without_a_warning_and_is_rebuilt_from_its_content(
    key: str,
) -> None:
    loaded = load_campaign(key, platforms=PLATFORMS, jobs=JOBS)
    assert loaded.campaign.key == key
    assert loaded.warnings == ()
    assert campaign_from_content(loaded.content, JOBS) == loaded.campaign
    assert load_campaign(loaded.path, platforms=PLATFORMS, jobs=JOBS) == loaded


def test_rural_housing_2021_is_341_households_in_three_categories_over_37_days() -> None:
    campaign = bundled("rural-housing-2021")
    parts = {
        key: sum(town.target_of(CategoryKey(key)) for town in campaign.townships)
        for key in ("C", "D", "JYS")
    }
    assert parts == {"C": 227, "D": 72, "JYS": 42}
    assert campaign.target == 341
    assert len(campaign.townships) == 19
    assert len(bulletin_days(campaign)) == 37
    assert Counter(town.kind for town in campaign.townships) == {
        "镇": 10,
        "乡": 6,
        "街道": 2,
        "林场": 1,
    }
    assert campaign.headline.key == "completed"
    assert all(contact.phone is None for town in campaign.townships for contact in town.contacts)


def test_rural_housing_2021_has_the_townships_stages_and_hours_of_the_season() -> None:
    campaign, season = bundled("rural-housing-2021"), rural_housing_2021()
    for what in (
        "title",
        "office_staff",
        "start",
        "deadline",
        "days",
        "hours",
        "cutoff",
        "unit",
        "stages",
        "categories",
    ):
        assert getattr(campaign, what) == getattr(season, what), what
    facts = ("name", "aliases", "kind", "contacts", "target", "targets")
    assert [[getattr(town, what) for what in facts] for town in campaign.townships] == [
        [getattr(town, what) for what in facts] for town in season.townships
    ]


def test_rural_housing_2021_tells_each_audience_what_is_meant_for_it() -> None:
    campaign = bundled("rural-housing-2021")
    told = {group.audience: set(group.notices) for group in campaign.groups}
    assert told == {
        Audience.TOWNSHIPS: {"call", "remind", "bulletin", "correction"},
        Audience.LEADERS: {"bulletin", "digest", "correction"},
        Audience.SUPERVISORS: {"bulletin", "overdue"},
    }
    ladder = {(rung.trouble, rung.days): (rung.audience, rung.measure) for rung in campaign.ladder}
    assert ladder == {
        (Trouble.MISSING, 1): (Audience.TOWNSHIPS, ""),
        (Trouble.MISSING, 2): (Audience.SUPERVISORS, ""),
        (Trouble.MISSING, 3): (Audience.LEADERS, "约谈"),
        (Trouble.BEHIND, 3): (Audience.SUPERVISORS, ""),
        (Trouble.BEHIND, 7): (Audience.LEADERS, "通报"),
        (Trouble.STILL, 5): (Audience.SUPERVISORS, ""),
        (Trouble.STILL, 10): (Audience.LEADERS, ""),
    }
    assert campaign.hours["digest"] == campaign.quiet.end == time(8)


def test_land_survey_2026_is_of_another_shape_in_every_way() -> None:
    campaign = bundled("land-survey-2026")
    assert (campaign.unit, campaign.decimals, campaign.categories) == ("亩", 2, ())
    assert campaign.target == Decimal("4839.58")
    assert [stage.key for stage in campaign.stages] == ["surveyed", "verified"]
    assert {town.ranking_group for town in campaign.townships} == {"平坝片", "山区片"}
    assert campaign.ranking.tie_breaks == (TieBreak.LARGER_TARGET, TieBreak.LARGER_INCREASE)
    assert campaign.milestones[0].share == Fraction(1, 5)
    assert campaign.townships[-1].target == 0
    (wecom,) = [group for group in campaign.groups if group.platform == "wecom"]
    assert wecom.address_setting == "WECOM_LAND_TOWNSHIPS"
    assert NoticeKind("call") in wecom.notices


def test_land_survey_2026_keeps_the_working_days_of_2026_and_its_own() -> None:
    campaign = bundled("land-survey-2026")
    assert campaign.days is ReportingDays.WORKDAYS
    days = reporting_days(campaign)
    assert date(2026, 5, 9) in days  # a Saturday that is worked
    assert not {date(2026, 4, 6), date(2026, 5, 1), date(2026, 6, 19)} & set(days)
    assert date(2026, 4, 3) not in days  # the campaign's own day off
    assert all(is_workday(campaign.calendar, day) for day in days)
