"""The rooms of the program where a sixth job, `brief`, must be met; `test_another_job.py` puts it
there and runs this.
"""

from __future__ import annotations

import io
import json
from dataclasses import replace
from datetime import time, timedelta
from pathlib import Path

import pytest

from bot.actions.day import steer
from bot.actions.oversight import board_links
from bot.app import App
from bot.domain.campaigns.campaign import Audience, CampaignKey, NoticeKind
from bot.domain.campaigns.enrolled import Enrolled
from bot.domain.decisions.actor import Actor
from bot.links import Links
from bot.store import Store
from bot.store.notices import deliveries, notices
from bot.views.day.watch import watch
from config.campaign_file.loader import CampaignRefused, LoadedCampaign, load_campaign
from config.wording import templates
from jobs import JOBS
from tests.actions.conftest import an_app, enrol_2021
from tests.builders import at, day, group, rural_housing_2021
from tests.config.test_campaign_file import PLATFORMS
from tests.web.campaigns.test_setup import ROSTER, TOILETS, filled, form, posted
from tests.web.conftest import SEASON, Office
from tests.web.conftest import office as office
from tests.web.conftest import passwords as passwords
from tests.web.conftest import quiet_house as quiet_house
from tests.web.interface.test_api import caller

HOUSING = Path(templates.ROOM).parent / "campaigns" / "rural-housing-2021.toml"
BRIEF = NoticeKind("brief")


def a_file(folder: Path, hour: str) -> LoadedCampaign:
    """The campaign of 2021 with that hour for the new job, and its notices for the leaders."""
    text = HOUSING.read_text(encoding="utf-8")
    text = text.replace("[hours]", f'[hours]\nbrief = "{hour}"', 1).replace(
        '"digest"', '"digest", "brief"', 1
    )
    path = folder / "tried.toml"
    path.write_text(text, encoding="utf-8")
    return load_campaign(path, platforms=PLATFORMS, jobs=JOBS)


def test_a_campaign_file_gives_it_an_hour_in_its_order(tmp_path: Path) -> None:
    campaign = a_file(tmp_path, "17:40").campaign
    assert list(campaign.hours) == ["call", "remind", "bulletin", "overdue", "brief", "digest"]
    assert BRIEF in {kind for one in campaign.groups for kind in one.notices}


def test_a_fault_of_its_hour_is_told_by_its_name(tmp_path: Path) -> None:
    with pytest.raises(CampaignRefused) as refused:
        a_file(tmp_path, "17:20")
    (fault,) = refused.value.faults
    assert fault.chinese() == "收工快报时间（现填“17:20”）：应晚于通报时间17:30"


def test_the_form_keeps_its_hour_and_shows_a_sample(office: Office) -> None:
    browser = office.browser("chief")
    new = filled(browser, **{f"groups[{number}].platform": "console" for number in (1, 2, 3)})
    assert new["hours.brief"] == [""]  # it has no usual hour
    assert new["groups[2].notices"] == ["bulletin", "brief", "digest", "correction"]
    preview = posted(browser, {**new, "hours.brief": "18:00"}, "preview", ROSTER)
    assert preview.status_code == 200, preview.text[:3000]
    assert "报告当天已报的乡镇数" in preview.text
    assert "【户厕改造】" in preview.text
    assert "今日已报送2个乡镇。" in preview.text
    assert posted(browser, form(preview.text), "save").status_code == 303

    page = f"/c/{TOILETS}/setup"
    shown = browser.get(page)
    assert "收工快报时间" in shown.text
    assert "空着就不报告" in shown.text
    changed = posted(browser, {**form(shown.text, page), "title": "全县改厕"}, "preview", path=page)
    assert posted(browser, form(changed.text, page), "save", path=page).status_code == 303
    saved = office.app.campaigns[CampaignKey(TOILETS)].campaign
    assert (saved.title, f"{saved.hours['brief']:%H:%M}") == ("全县改厕", "18:00")


class Silent(io.StringIO):
    """A terminal of which nobody knows whether it took anything."""

    def write(self, _: str) -> int:
        raise OSError


@pytest.fixture
def engine() -> str:
    """One database is enough: what the store does with a kind is the same for all."""
    return "sqlite"


def served(store: Store, folder: Path, console: io.StringIO) -> tuple[App, Enrolled]:
    """An app with the campaign of 2021, in which the leaders are sent the new kind."""
    app = an_app(store, folder, console)
    base = rural_housing_2021()
    leaders = group("leaders", Audience.LEADERS, "bulletin", "brief", "digest")
    hours = {**base.hours, "brief": time(18)}
    return app, enrol_2021(app, rural_housing_2021(hours=hours, groups=(base.groups[0], leaders)))


def passes(app: App, enrolled: Enrolled, *moments: str) -> list[tuple[str, str]]:
    """Lets these moments pass; how each notice of the new kind stands with its group afterwards."""
    for moment in moments:
        app.tick(enrolled, at(moment))
        app.deliver(at(moment) + timedelta(minutes=2))
    with app.store.reading() as session:
        made = dict(notices.notices(session, enrolled.campaign.key))
        stands = deliveries.deliveries(session, enrolled.campaign.key)
    return [
        (made[one.notice_number].title, one.state.value)
        for one in stands
        if made[one.notice_number].kind == BRIEF
    ]


def test_its_hour_strikes_once_and_its_notice_is_delivered(store: Store, tmp_path: Path) -> None:
    console = io.StringIO()
    app, enrolled = served(store, tmp_path, console)
    assert passes(app, enrolled, "10-15 17:30", "10-15 17:59") == []
    told = passes(app, enrolled, "10-15 18:00", "10-15 18:01")
    assert told == [("【危房改造】10月15日收工快报", "sent")]
    assert console.getvalue().count("今日已报送0个乡镇。") == 1


def test_it_is_sent_once_more_when_nobody_knows_whether_it_arrived(
    store: Store, tmp_path: Path
) -> None:
    app, enrolled = served(store, tmp_path, Silent())
    told = passes(app, enrolled, "10-15 18:00")
    assert [state for _, state in told] == ["unknown", "unknown"]


def test_a_hold_keeps_it_back_and_the_watch_says_by_whom(store: Store, tmp_path: Path) -> None:
    app, enrolled = served(store, tmp_path, io.StringIO())
    with app.store.writing() as session:
        steer.hold_bulletin(
            session,
            enrolled.campaign,
            day("10-15"),
            by=Actor(name="陈"),
            reason="核对",
            at=at("10-15 17:00"),
        )
    assert passes(app, enrolled, "10-15 17:30", "10-15 18:01") == []
    with app.store.reading() as session:
        seen = {one.job: one for one in watch(session, [enrolled.campaign], at("10-15 19:00")).jobs}
    assert (seen["brief"].held_by, seen["brief"].late) == ("陈", False)
    with app.store.writing() as session:
        steer.release_bulletin(
            session,
            enrolled.campaign,
            day("10-15"),
            by=Actor(name="陈"),
            reason="好了",
            at=at("10-15 18:05"),
        )
    assert len(passes(app, enrolled, "10-15 18:06")) == 1


def test_its_notice_leads_to_the_board(store: Store, tmp_path: Path) -> None:
    app, enrolled = served(store, tmp_path, io.StringIO())
    campaign, moment = enrolled.campaign, at("10-15 18:00")
    with app.store.writing() as session:
        board_links.make_link(session, campaign, by=Actor(name="陈"), at=moment)
        link = board_links.link_under(
            session,
            campaign,
            campaign.groups[1],
            BRIEF,
            moment,
            root="https://diaodu.test",
            links=Links("k" * 40),
            wording=app.wording,
        )
    assert link is not None
    assert link.url.startswith("https://diaodu.test/b/")


def test_pages_and_interface_tell_of_it(office: Office) -> None:
    base = office.enrolled.campaign
    groups = tuple(
        replace(one, notices=one.notices | {BRIEF})
        if one.audience is not Audience.SUPERVISORS
        else one
        for one in base.groups
    )
    campaign = replace(base, hours={**base.hours, "brief": time(18)}, groups=groups)
    office.enrolled = replace(office.enrolled, campaign=campaign)
    office.app.campaigns[campaign.key] = office.enrolled
    clerk = office.browser("clerk")
    root = f"/c/{campaign.key}"
    assert "18:00</time> 收工快报" in clerk.get(f"{root}/desk").text

    office.now = at("10-29 18:01")
    office.app.tick(office.enrolled, office.now)
    office.app.deliver(office.now + timedelta(minutes=2))
    office.passes(minutes=5)
    for page in ("desk", "board", "deliveries", "burden", "overdue", "log", "setup"):
        assert clerk.get(f"{root}/{page}").status_code == 200, page
    assert "收工快报" in clerk.get(f"{root}/deliveries").text
    assert "收工快报1" in clerk.get(f"{root}/burden").text

    reader = caller(office)
    (told,) = reader.told(f"/api/v1/campaigns/{SEASON}/notices?kind=brief")["notices"]
    assert (told["kind"], told["title"], told["text"]) == (
        "brief",
        "【危房改造】10月29日收工快报",
        None,
    )
    written = json.dumps(reader.told("/api/openapi.json"))
    assert (
        '"enum": ["call", "remind", "bulletin", "overdue", "brief", "digest", "correction"]'
        in written
    )
    assert "names people: remind, overdue and brief." in written
