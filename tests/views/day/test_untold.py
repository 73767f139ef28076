"""No notice says anything of what a township has never told but that it has not told it (law 2)."""

from __future__ import annotations

import re
from datetime import timedelta
from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from bot.domain.campaigns.campaign import CategoryKey, TownshipName
from bot.domain.campaigns.workdays import ScheduledRun, planned_close, strike_for
from bot.domain.figures.progress import Asking, Figure, day_sheets
from bot.domain.notices.notice import Notice
from bot.views.day import compose
from config.wording import templates
from tests.builders import COMPLETED, day, figure, rural_housing_2021, small_campaign

NAMES = ("甲溪镇", "乙山乡", "丙河镇", "丁塘镇")
CAMPAIGN = small_campaign(dict(zip(NAMES, (10, 8, 5, 1), strict=True)), still_days=1)
DAYS = [day(f"11-{on:02}") for on in range(1, 11)]
SAID_OF_IT = re.compile(
    r"^(尚未报过|未报送：|未按时报送：|没有数据|已回复、待报累计数：|期限已过未完成：|各乡镇：|建议|.*尚未报过，请先报累计数。$)"
)
"""How a line begins that may name a township that has never told."""
OF_A_FIGURE = r"{town}（(?!尚未报过)[^（）]*[0-9%][^（）]*[/%户]"


@st.composite
def half_told(draw: st.DrawFn) -> tuple[list[Figure], Asking, int]:
    """What some townships told on some days, on which days all were asked, and how many days there
    are.
    """
    telling = draw(st.sets(st.sampled_from(NAMES)))
    log: list[Figure] = []
    for town in sorted(telling):
        value = 0
        for on in DAYS:
            if draw(st.booleans()):
                value = min(
                    value + draw(st.integers(0, 4)),
                    int(CAMPAIGN.township(TownshipName(town)).target),
                )
                log.append(figure(len(log) + 1, town, on, value))
    asked = draw(st.sets(st.sampled_from(DAYS)))
    return log, Asking(days=frozenset(asked)), draw(st.integers(1, len(DAYS)))


def strike(job: str, number: int) -> ScheduledRun:
    on = DAYS[number - 1]
    planned = strike_for(CAMPAIGN, job, on, CAMPAIGN.moment(on, CAMPAIGN.cutoff)).planned
    return strike_for(CAMPAIGN, job, on, planned + timedelta(0))


@given(half_told())
def test_no_sentence_names_a_figure_a_rank_or_a_standstill_of_who_never_told(
    past: tuple[list[Figure], Asking, int],
) -> None:
    log, asking, number = past
    on = DAYS[number - 1]
    sheets = day_sheets(CAMPAIGN, log, on, planned_close(CAMPAIGN, on) + timedelta(days=1), asking)
    untold = [row.township for row in sheets[-1].untold]
    made: list[Notice | None] = [
        compose.bulletin(templates, CAMPAIGN, 1, strike("bulletin", number), sheets),
        compose.digest(templates, CAMPAIGN, 1, strike("digest", number), sheets),
        compose.overdue_list(templates, CAMPAIGN, 1, strike("overdue", number), sheets),
        compose.call(templates, CAMPAIGN, 1, strike("call", number), sheets[-1]),
    ]
    for notice in filter(None, made):
        for line in notice.text.splitlines():
            for town in untold:
                if town in line:
                    assert SAID_OF_IT.match(line), line
                    assert not re.search(OF_A_FIGURE.format(town=town), line), line
        for row in notice.table.rows if notice.table else ():
            assert not {*row} & {*untold, *(f"{town}*" for town in untold)}
        if untold and notice.kind in {"bulletin", "digest"}:
            assert "日均至少需" not in notice.text
            assert "如期完成" not in notice.text


@given(
    st.lists(
        st.tuples(st.integers(0, 9), st.integers(0, 9), st.integers(0, 9)), min_size=1, max_size=5
    )
)
def test_parts_are_printed_only_where_they_come_to_their_whole(
    told: list[tuple[int, int, int]],
) -> None:
    season = rural_housing_2021()
    log: list[Figure] = []
    for town, (whole, first, second) in zip(season.townships, told, strict=False):
        log.append(figure(len(log) + 1, town.name, season.start, whole))
        for key, value in (("C", first), ("D", second)):
            if value:
                log.append(
                    figure(
                        len(log) + 1,
                        town.name,
                        season.start,
                        value,
                        category=CategoryKey(key),
                        stage=COMPLETED,
                    )
                )
    sheets = day_sheets(season, log, season.start, planned_close(season, season.start))
    planned = planned_close(season, season.start)
    struck = strike_for(season, "bulletin", season.start, planned)
    text = compose.bulletin(templates, season, 1, struck, sheets).text
    parts = sum(first + second for _, first, second in told)
    whole = sum(total for total, _, _ in told)
    printed = re.search(r"^其中：(.*)。$", text, re.M)
    assert (printed is not None) == (bool(sheets[-1].categories) and parts == whole)
    if printed is not None:
        assert sum(map(Decimal, re.findall(r"(\d+)/", printed[1]))) == whole
    assert (f"其中已分类{parts}户。" in text) == (0 < parts < whole)
