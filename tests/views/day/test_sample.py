"""What a clerk is shown before anything is said: the day's hours with who reads what, and samples
by the real sentences.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import time

import pytest

from bot.domain.campaigns.campaign import Campaign, NoticeKind, ReportingDays
from bot.domain.campaigns.workdays import is_bulletin_day
from bot.views.day.sample import samples, timetable
from config.campaign_file.loader import known_keys, load_campaign
from config.wording import templates
from jobs import JOBS
from tests.builders import day, rural_housing_2021, small_campaign
from tests.config.test_campaign_file import PLATFORMS

SAMPLES = {name: job.sample for name, job in JOBS.items()}


def test_the_day_is_told_hour_by_hour_with_the_groups_that_read_it() -> None:
    told = [
        (f"{one.hour:%H:%M}", one.what, one.groups, one.next_day)
        for one in timetable(rural_housing_2021())
    ]
    assert told == [
        ("08:30", "call", ("townships",), False),
        ("16:00", "remind", ("townships",), False),
        ("17:00", "cutoff", (), False),
        ("17:30", "bulletin", ("townships", "leaders", "supervisors"), False),
        ("17:40", "overdue", ("supervisors",), False),
        ("08:00", "digest", ("leaders",), True),
    ]


@pytest.mark.parametrize("key", known_keys())
def test_each_kind_has_a_sample_in_the_words_of_the_real_notice(key: str) -> None:
    campaign = load_campaign(key, platforms=PLATFORMS, jobs=JOBS).campaign
    found = {one.kind: one.notice for one in samples(templates, campaign, SAMPLES)}
    assert list(found) == [NoticeKind(job) for job in campaign.hours]
    assert f"【{campaign.short_title}每日调度】第15期" in found[NoticeKind("bulletin")].title
    assert is_bulletin_day(campaign, found[NoticeKind("bulletin")].day)
    assert found[NoticeKind("bulletin")].table is not None
    for notice in found.values():
        assert notice.text
        assert not notice.catch_up


@pytest.mark.parametrize(
    "campaign",
    [
        small_campaign(
            {"甲溪镇": 1},
            start=day("11-01"),
            deadline=day("11-01"),
            hours={"bulletin": time(17, 30)},
        ),
        small_campaign({"甲溪镇": 0, "乙山乡": 7}),
        replace(rural_housing_2021(), days=ReportingDays.WORKDAYS, groups=(), decimals=2),
    ],
)
def test_a_campaign_of_any_shape_has_samples(campaign: Campaign) -> None:
    assert NoticeKind("bulletin") in {one.kind for one in samples(templates, campaign, SAMPLES)}
