"""A bulletin is ranked by the rule of its campaign version, and comes out again to the byte after a
later version took another.
"""

from __future__ import annotations

import json
from decimal import Decimal
from fractions import Fraction
from pathlib import Path

import pytest

from bot.actions.campaigns.enrol import enrol
from bot.actions.day import correct
from bot.actions.day.correct import TypedValue
from bot.app import App, load_campaigns
from bot.domain.campaigns.campaign import TownshipName
from bot.domain.campaigns.enrolled import Enrolled
from bot.domain.campaigns.workdays import ScheduledRun
from bot.domain.decisions.decision import Actor
from bot.domain.figures.progress import percent
from bot.domain.notices.notice import Notice
from bot.store.notices import notices
from bot.views.day import compose
from bot.views.day.sheets import RememberedSheets, issues_without_notice, sheets_known
from bot.views.day.told import as_told, in_force_at, targets_moved
from bot.views.oversight.board import AsKnown, board
from config.campaign_file.loader import campaign_from_content
from jobs import JOBS
from tests.actions.day.test_day import pass_until, say
from tests.builders import COMPLETED, at, day


@pytest.fixture
def first(app: App) -> Enrolled:
    """The campaign of 2021 as its file gives it, known from the first morning."""
    (loaded,) = load_campaigns(["rural-housing-2021"], JOBS)
    return app.enrol(loaded, at("10-15 08:00"))


def with_rule_2(app: App, first: Enrolled, moment: str) -> Enrolled:
    """A later version of the campaign that weighs what is begun and what is completed."""
    (loaded,) = load_campaigns(["rural-housing-2021"], JOBS)
    content = json.loads(loaded.content)
    # a file that names none is what it was before there were others
    assert "rule" not in content["ranking"]
    content["ranking"] |= {"rule": 2, "weights": {"started": "3", "completed": "1"}}
    written = json.dumps(content, ensure_ascii=False)
    with app.store.writing() as session:
        second = enrol(session, campaign_from_content(written, JOBS), written, at(moment))
    app.campaigns[second.campaign.key] = second
    return second


def bulletins(app: App, enrolled: Enrolled) -> list[Notice]:
    with app.store.reading() as session:
        made = notices.notices(session, enrolled.campaign.key)
    return [notice for _, notice in made if notice.kind == "bulletin"]


def made_again(app: App, enrolled: Enrolled, told: Notice) -> Notice:
    with app.store.reading() as session:
        campaign = as_told(session, enrolled.campaign, told)
        return compose.bulletin(
            app.wording,
            campaign,
            told.version,
            ScheduledRun(job="bulletin", day=told.day, planned=told.planned, at=told.made_at),
            sheets_known(session, campaign, told.day, told.made_at),
            merged=issues_without_notice(session, campaign, told.day),
            targets=targets_moved(
                session, Enrolled(campaign=campaign, version=told.version), told.day
            ),
        )


def two_rules(app: App, first: Enrolled) -> Enrolled:
    """A day under the first rule and one under the second: one township began much, another
    completed more.
    """
    pass_until(app, first, "10-15 08:30")
    say(app, first, "10-15 15:00", "稻溪镇-谢", "累计开工25户，累计竣工1户")
    say(app, first, "10-15 15:01", "汀前街道-朱", "汀前街道已开工1户，已竣工1户")
    pass_until(app, first, "10-16 07:00")
    second = with_rule_2(app, first, "10-16 07:30")
    pass_until(app, second, "10-16 17:30")
    return second


def test_a_bulletin_of_rule_1_comes_out_again_after_rule_2_is_in_use(
    app: App, first: Enrolled
) -> None:
    second = two_rules(app, first)
    one, two = bulletins(app, second)
    assert (one.rule_version, two.rule_version) == (1, 2)
    assert one.table is not None
    assert two.table is not None
    assert one.table.notes[0].endswith("规则第1版。")
    assert two.table.notes[0] == "按各环节完成率加权排名（开工占3、竣工占1），同分并列；规则第2版。"
    assert "加权" in two.table.head
    assert "加权" not in (*one.table.head, one.text)
    assert one.table.rows[0][1] != two.table.rows[0][1]  # another comes first
    assert [made_again(app, second, told) for told in (one, two)] == [one, two]


def test_a_correction_ranks_by_the_rule_of_the_bulletin_it_corrects(
    app: App, first: Enrolled
) -> None:
    second = two_rules(app, first)
    with app.store.writing() as session:
        settled = correct.enter(
            session,
            second,
            app.wording,
            "稻溪镇",
            day("10-15"),
            [TypedValue(stage=COMPLETED, category="", value=Decimal(9))],
            by=Actor(name="陈"),
            reason="补报",
            at=at("10-16 18:00"),
            correction=True,
        )
    assert settled.notice is not None
    assert (settled.notice.kind, settled.notice.rule_version) == ("correction", 1)


def with_target(app: App, first: Enrolled, target: int, moment: str) -> Enrolled:
    """A later version in which 稻溪镇 has that task."""
    (loaded,) = load_campaigns(["rural-housing-2021"], JOBS)
    content = json.loads(loaded.content)
    (town,) = (one for one in content["townships"] if one["name"] == "稻溪镇")
    town |= {"target": str(target), "targets": {}}
    written = json.dumps(content, ensure_ascii=False)
    with app.store.writing() as session:
        later = enrol(session, campaign_from_content(written, JOBS), written, at(moment))
    app.campaigns[later.campaign.key] = later
    return later


def test_what_was_told_before_the_targets_changed_twice_is_shown_and_corrected_as_it_was_told(
    app: App, first: Enrolled
) -> None:
    held, days = first, ["10-15", "10-16", "10-17"]
    for nth, (on, target) in enumerate(zip(days, (None, 40, 50), strict=True)):
        if target is not None:
            held = with_target(app, first, target, f"{on} 07:30")
        pass_until(app, held, f"{on} 08:30")
        say(app, held, f"{on} 15:00", "稻溪镇-谢", f"累计竣工{10 + nth}户")
        pass_until(app, held, f"{on} 17:30")
    made = bulletins(app, held)
    assert [made_again(app, held, told) for told in made] == made
    assert "任务数调整" not in made[0].text
    assert "任务数调整：稻溪镇由25户调整为40户；全市由341户变为356户" in made[1].text
    assert "任务数调整：稻溪镇由40户调整为50户；全市由356户变为366户" in made[2].text
    with app.store.reading() as session:
        for on, target, told in zip(days, (25, 40, 50), made, strict=True):
            shown = board(
                session,
                RememberedSheets(),
                held.campaign,
                at("10-17 18:00"),
                day=day(on),
                as_known=AsKnown.THEN,
            )
            assert shown.sheet is not None
            row = shown.sheet.of(TownshipName("稻溪镇"))
            assert (row.target, shown.corrected) == (target, ())
            assert percent(shown.sheet.rate) in told.text
            assert told.table is not None
            assert percent(row.rate) in {cell for line in told.table.rows for cell in line}
            there = in_force_at(session, held, told.made_at)
            assert there.campaign.township(TownshipName("稻溪镇")).target == target
    with app.store.writing() as session:
        settled = correct.enter(
            session,
            held,
            app.wording,
            "稻溪镇",
            day("10-15"),
            [TypedValue(stage=COMPLETED, category="", value=Decimal(5))],
            by=Actor(name="陈"),
            reason="补报",
            at=at("10-17 18:00"),
            correction=True,
        )
    assert settled.notice is not None
    assert "稻溪镇竣工由10户更正为5户" in settled.notice.text
    # of the whole task that the first bulletin told of
    for rate in (Fraction(10, 341), Fraction(5, 341)):
        assert percent(rate) in settled.notice.text


def test_the_packaged_campaign_keeps_its_digest(tmp_path: Path) -> None:
    (loaded,) = load_campaigns(["rural-housing-2021"], JOBS)
    assert not {"rule", "weights"} & json.loads(loaded.content)["ranking"].keys()
    assert loaded.campaign.ranking.rule == 1
