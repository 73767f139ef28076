"""Makes campaigns, townships and figures for tests; the 2021 campaign from its own facts."""

from __future__ import annotations

import csv
import tomllib
from datetime import date, datetime, time
from decimal import Decimal
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from bot.domain.campaigns.campaign import (
    Audience,
    Basis,
    Calendar,
    Campaign,
    CampaignKey,
    Category,
    CategoryKey,
    Contact,
    Group,
    GroupKey,
    NoticeKind,
    ReportingDays,
    Rung,
    Stage,
    StageKey,
    Township,
    TownshipName,
    Trouble,
)
from bot.domain.figures.progress import Figure
from jobs import JOBS

SEASON = Path(__file__).parent / "season2021"
SHANGHAI = ZoneInfo("Asia/Shanghai")
STARTED, COMPLETED, ACCEPTED, CODED = map(StageKey, ("started", "completed", "accepted", "coded"))


def at(text: str) -> datetime:
    """A moment of Shanghai: "10-29 17:30" is of 2021."""
    if len(text) == len("10-29 17:30"):
        text = f"2021-{text}"
    return datetime.fromisoformat(text).replace(tzinfo=SHANGHAI)


def day(text: str) -> date:
    """A day of 2021: "10-29"."""
    return date.fromisoformat(f"2021-{text}")


with (Path(__file__).parent.parent / "config/campaigns/rural-housing-2021.toml").open(
    "rb"
) as _file:
    HOUSING_WORDS = tuple(tomllib.load(_file)["words"])
"""The nouns of the work, as the campaign's file gives them."""


def rural_housing_2021(**changes: Any) -> Campaign:
    """The 2021 campaign: 19 townships, 341 households in three categories, 37 days."""
    categories = (
        Category(key=CategoryKey("C"), name="C级维修", words=("C级", "C类", "维修", "维修加固")),
        Category(key=CategoryKey("D"), name="D级重建", words=("D级", "D类", "重建", "拆除重建")),
        Category(key=CategoryKey("JYS"), name="交钥匙", words=("交钥匙",)),
    )
    with (SEASON / "townships.csv").open(encoding="utf-8") as file:
        townships = tuple(
            Township(
                name=TownshipName(row["township"]),
                aliases=(row["short_name"],),
                kind=row["kind"],
                contacts=(Contact(name=row["contact_name"], nick=row["contact_nick"]),),
                target=Decimal(row["target_total"]),
                targets={c.key: Decimal(row[f"target_{c.key.lower()}"]) for c in categories},
                basis=Basis(day=date(2021, 9, 15)),
            )
            for row in csv.DictReader(file)
        )
    facts: dict[str, Any] = {
        "key": CampaignKey("rural-housing-2021"),
        "title": "全市农村危房改造",
        "short_title": "危房改造",
        "area": "全市",
        "bureau": "市住建局",
        "office": "农房办",
        "office_staff": ("office",),
        "timezone": SHANGHAI,
        "start": date(2021, 10, 15),
        "deadline": date(2021, 11, 20),
        "days": ReportingDays.EVERY_DAY,
        "calendar": Calendar(years=frozenset({2021})),
        "jobs": JOBS,
        "hours": {
            "call": time(8, 30),
            "remind": time(16),
            "bulletin": time(17, 30),
            "overdue": time(17, 40),
            "digest": time(8),
        },
        "cutoff": time(17),
        "unit": "户",
        "words": HOUSING_WORDS,
        "unit_words": ("户",),
        "stages": (
            Stage(key=STARTED, name="开工", words=("开工", "动工", "进场")),
            Stage(
                key=COMPLETED,
                name="竣工",
                words=("竣工", "完工", "完成", "做完", "改完"),
                headline=True,
                within=STARTED,
            ),
            Stage(key=ACCEPTED, name="验收", words=("验收",), within=COMPLETED),
            Stage(
                key=CODED,
                name="一户一码",
                words=("一户一码", "一户一码系统", "导入", "导入系统", "系统导入"),
                from_zero=True,
            ),
        ),
        "categories": categories,
        "townships": townships,
        "groups": (
            group("townships", Audience.TOWNSHIPS, "call", "remind", "bulletin", "correction"),
            group("leaders", Audience.LEADERS, "bulletin", "digest", "correction"),
            group("supervisors", Audience.SUPERVISORS, "overdue", "bulletin"),
        ),
        "ladder": (
            Rung(trouble=Trouble.MISSING, days=2, audience=Audience.SUPERVISORS),
            Rung(trouble=Trouble.STILL, days=10, audience=Audience.LEADERS, measure="约谈"),
            Rung(trouble=Trouble.BEHIND, days=7, audience=Audience.LEADERS, measure="书面说明"),
        ),
    }
    return Campaign(**{**facts, **changes})


def small_campaign(targets: dict[str, int], **changes: Any) -> Campaign:
    """A campaign of made-up townships with one stage, no categories, from 1 to 10 November 2021."""
    facts = {
        "start": date(2021, 11, 1),
        "deadline": date(2021, 11, 10),
        "stages": (Stage(key=COMPLETED, name="竣工", words=("竣工",), headline=True),),
        "categories": (),
        "townships": tuple(
            Township(name=TownshipName(name), target=Decimal(target))
            for name, target in targets.items()
        ),
    }
    return rural_housing_2021(**{**facts, **changes})


def group(
    key: str, audience: Audience, *kinds: str, platform: str = "console", **changes: Any
) -> Group:
    """A group that is sent notices of these kinds."""
    return Group(
        key=GroupKey(key),
        name=key,
        platform=platform,
        audience=audience,
        notices=frozenset(map(NoticeKind, kinds)),
        **changes,
    )


def figure(number: int, township: str, on: date, value: Any, **changes: Any) -> Figure:
    """A headline total as the log keeps it, recorded at noon of its day."""
    facts: dict[str, Any] = {
        "number": number,
        "township": TownshipName(township),
        "day": on,
        "stage": COMPLETED,
        "category": None,
        "value": None if value is None else Decimal(value),
        "recorded_at": datetime.combine(on, time(12), SHANGHAI),
    }
    return Figure(**{**facts, **changes})
