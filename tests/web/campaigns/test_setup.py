"""Setting up in a browser: a campaign from a form and a roster, its faults at their fields, its
groups' addresses never shown.
"""

from __future__ import annotations

import base64
import io
import sqlite3
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest

from bot.actions.replies.collect import collect
from bot.domain.campaigns.campaign import CampaignKey, GroupKey
from bot.domain.replies.reading import Incoming
from bot.store.campaigns import setups
from bot.store.decisions import decisions
from config.campaign_file.roster import read_roster
from tests.builders import at
from tests.config.test_form import ROSTER
from tests.web.conftest import SEASON, Browser, Office, an_office

TOILETS = "toilets-2021"
ADDRESS = "https://qyapi.weixin.qq.com/cgi-bin/webhook/send?key=s3cret-0123456789"
SECRET = "SEC-never-shown"


class Forms(HTMLParser):
    """The fields of the forms of a page, as a browser would post them, by the address they go
    to.
    """

    def __init__(self, page: str) -> None:
        super().__init__()
        self.found: dict[str, dict[str, list[str]]] = {}
        self._now: dict[str, list[str]] | None = None
        self._select: str | None = None
        self.feed(page)

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attributes}
        name = given.get("name")
        if tag == "form":
            self._now = self.found.setdefault(given.get("action", ""), {})
        elif self._now is None:
            return
        elif tag == "select":
            self._select = name
        elif tag == "option" and self._select:
            known = self._now.setdefault(self._select, [given["value"]])
            if "selected" in given:
                known[0] = given["value"]
        elif tag == "input" and name and given.get("type") not in {"file"}:
            if given.get("type") in {"checkbox", "radio"} and "checked" not in given:
                return
            self._now.setdefault(name, []).append(given.get("value", ""))

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self._now = None
        if tag == "select":
            self._select = None


def form(page: str, action: str = "/setup/new") -> dict[str, list[str]]:
    return Forms(page).found[action]


FILLED = {
    "key": TOILETS,
    "title": "全县户厕改造",
    "short_title": "户厕改造",
    "bureau": "县农业农村局",
    "office": "改厕办",
    "start": "2021-10-30",
    "deadline": "2021-11-20",
    "unit": "座",
    "categories[1].name": "新建",
    "categories[2].key": "kind2",
    "categories[2].name": "改造",
}


def filled(browser: Browser, **changes: Any) -> dict[str, Any]:
    """The form of a new campaign as a clerk fills it in."""
    page = browser.get("/setup/new")
    assert page.status_code == 200
    return {**form(page.text), **FILLED, **changes}


def posted(
    browser: Browser,
    fields: dict[str, Any],
    do: str,
    roster: str | None = None,
    path: str = "/setup/new",
) -> Any:
    files = {"roster": ("名册.csv", roster.encode("gbk"), "text/csv")} if roster else None
    return browser.post(path, {**fields, "do": do}, files=files)


def new_campaign(office: Office) -> Browser:
    """Sets the campaign up as the chief does; his browser."""
    browser = office.browser("chief")
    preview = posted(browser, filled(browser), "preview", ROSTER)
    assert preview.status_code == 200, preview.text[:3000]
    said = browser.told(posted(browser, form(preview.text), "save"))
    assert "“全县户厕改造”已保存并生效" in said
    return browser


@pytest.fixture
def keyed(
    sqlite_template: Path, tmp_path: Path, passwords: str, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Office]:
    """An office whose installation has a SECRET_KEY."""
    yield from an_office(
        sqlite_template, tmp_path, passwords, monkeypatch, settings={"SECRET_KEY": "k" * 40}
    )


def test_a_campaign_goes_from_an_empty_form_to_its_first_call(office: Office) -> None:
    browser = new_campaign(office)
    enrolled = office.app.campaigns[CampaignKey(TOILETS)]
    assert [town.name for town in enrolled.campaign.townships] == ["甲溪镇", "乙山乡"]
    assert [(stage.name, stage.headline) for stage in enrolled.campaign.stages] == [
        ("开工", False),
        ("竣工", True),
    ]
    assert enrolled.campaign.townships[0].targets == {"kind1": 10, "kind2": 20}
    with office.app.store.reading() as session:
        (decision,) = decisions.decisions(session, CampaignKey(TOILETS))
    assert (decision.person, decision.kind) == ("陈主任", "set up")
    assert office.app.tick(enrolled, at("10-30 08:31")) == 1
    assert TOILETS in browser.get("/setup").text


def test_the_preview_shows_the_day_and_what_each_group_will_read_and_no_telephone(
    office: Office,
) -> None:
    browser = office.browser("chief")
    page = posted(browser, filled(browser), "preview", ROSTER).text
    for seen in (
        "08:30",
        "请各乡镇报送",
        "【户厕改造每日调度】第",
        "乡镇工作群",
        "2个乡镇，任务42",
        "139****0101",
    ):
        assert seen in page
    visible = page.replace(form(page)["kept"][0], "")
    assert "13900000101" not in visible
    assert CampaignKey(TOILETS) not in office.app.campaigns


def test_every_fault_is_told_at_its_field_and_what_was_typed_stays(office: Office) -> None:
    browser = office.browser("chief")
    fields = filled(
        browser,
        title="",
        deadline="2021-10-01",
        **{"hours.remind": "07:00", "stages[1].words": "竣工"},
    )
    answer = posted(browser, fields, "preview", ROSTER.replace("30,10,20", "31,10,20"))
    assert answer.status_code == 422
    for told in (
        "专项名称：必须填写",
        "截止日期（现填“2021-10-01”）：不能早于开始日期2021-10-30",
        "未报提醒时间（现填“07:00”）：应晚于报送提醒时间08:30",
        "名册第2行“任务数”列（现填“31”）：应为30，即甲溪镇各类任务数之和",
        "已经是环节第1行的关键词",
    ):
        assert told in answer.text
    assert 'id="f-title-fault1">必须填写' in answer.text
    again = form(answer.text)
    assert (again["short_title"], again["deadline"]) == (["户厕改造"], ["2021-10-01"])
    assert again["kept_name"] == ["名册.csv"]
    mended = {
        **again,
        "title": "全县户厕改造",
        "deadline": "2021-11-20",
        "hours.remind": "16:00",
        "stages[1].words": "开工",
    }
    # the roster that went along is still wrong
    assert posted(browser, mended, "preview").status_code == 422
    assert posted(browser, mended, "preview", ROSTER).status_code == 200


def test_a_row_is_added_and_one_is_taken_away_without_a_script(office: Office) -> None:
    browser = office.browser("chief")
    more = posted(browser, filled(browser), "row:stages", ROSTER)
    assert more.status_code == 200
    fields = form(more.text)
    assert fields["stages[3].key"] == ["stage3"]
    assert fields["title"] == ["全县户厕改造"]
    fields |= {
        "stages[3].name": ["验收"],
        "stages[3].within": ["stage2"],
        "stages[1].gone": ["on"],
        "stages[2].within": [""],
    }
    preview = posted(browser, fields, "preview")
    assert preview.status_code == 200, preview.text[:2000]
    back = posted(browser, form(preview.text), "edit")
    assert form(back.text)["stages[2].name"] == ["验收"]
    browser.told(posted(browser, form(preview.text), "save"))
    stages = office.app.campaigns[CampaignKey(TOILETS)].campaign.stages
    assert [(stage.key, stage.name) for stage in stages] == [("stage2", "竣工"), ("stage3", "验收")]


def test_the_template_has_the_categories_of_the_form(office: Office) -> None:
    browser = office.browser("chief")
    answer = posted(browser, filled(browser), "template")
    assert "spreadsheetml" in answer.headers["content-type"]
    roster = read_roster("t.xlsx", answer.content, {"新建": "A", "改造": "B"})
    assert roster.faults == []
    assert set(roster.townships[0]["targets"]) == {"A", "B"}
    refused = browser.post(
        "/setup/new",
        {**filled(browser), "do": "preview"},
        files={"roster": ("t.xlsx", answer.content)},
    )
    assert "是模板里的示例行" in refused.text


def test_a_change_shows_what_differs_and_is_a_new_version(office: Office) -> None:
    browser = new_campaign(office)
    path = f"/c/{TOILETS}/setup"
    page = browser.get(path)
    assert page.status_code == 200
    fields = {**form(page.text, path), "deadline": "2021-11-30", "key": "another"}
    preview = posted(browser, fields, "preview", path=path)
    assert "2021-11-20" in preview.text
    assert "2021-11-30" in preview.text
    browser.told(
        posted(browser, {**form(preview.text, path), "reason": "上级延期"}, "save", path=path)
    )
    enrolled = office.app.campaigns[CampaignKey(TOILETS)]
    assert (enrolled.version, str(enrolled.campaign.deadline)) == (2, "2021-11-30")
    assert len(enrolled.campaign.townships) == 2
    with office.app.store.reading() as session:
        told = decisions.decisions(session, CampaignKey(TOILETS))[-1]
    assert (told.person, told.reason) == ("陈主任", "上级延期")
    stale = posted(browser, fields, "preview", path=path)
    assert stale.status_code == 422
    assert "请打开最新的设置再改" in stale.text
    unchanged = posted(browser, form(browser.get(path).text, path), "preview", path=path)
    assert "没有改动" in unchanged.text


def test_a_change_that_would_lose_figures_is_refused_and_one_that_moves_rates_says_so(
    office: Office,
) -> None:
    new_campaign(office)
    path, enrolled = f"/c/{TOILETS}/setup", office.app.campaigns[CampaignKey(TOILETS)]
    said = Incoming(
        id="1", text="甲溪镇竣工累计12座，开工累计15座", sender="甲溪镇-赵", at=at("10-30 10:00")
    )
    assert collect(
        office.app.store,
        enrolled,
        office.app.reading_wording,
        channel="g",
        incoming=said,
        at=said.at,
    )
    office.leaves("chief")
    office.now = at("10-30 11:00")
    browser = office.browser("chief")
    fields = form(browser.get(path).text, path)
    lost = posted(browser, fields, "preview", "乡镇,任务数,新建\n乙山乡,12,12\n", path=path)
    assert lost.status_code == 422
    assert "甲溪镇已有数据（现为12座），不能去掉或改名" in lost.text
    moved = posted(browser, fields, "preview", ROSTER.replace("30,10,20", "24,10,14"), path=path)
    assert "12/30（40.00%）" in moved.text
    assert "12/24（50.00%）" in moved.text


def test_the_clerk_of_a_campaign_changes_it_and_sets_up_no_other(office: Office) -> None:
    new_campaign(office)
    clerk = office.browser("clerk")
    assert clerk.get("/setup").status_code == 403
    assert clerk.get("/setup/new").status_code == 403
    assert posted(clerk, FILLED, "save", ROSTER).status_code == 403
    assert clerk.get(f"/c/{TOILETS}/setup").status_code == 403
    page = clerk.get(f"/c/{SEASON}/setup")
    assert "由专项文件管理" in page.text
    assert clerk.post(f"/c/{SEASON}/setup", {**FILLED, "do": "save"}).status_code == 422
    assert clerk.post(f"/c/{SEASON}/setup/end", {"reason": "x"}).status_code == 422
    for other in ("leader", "supervisor"):
        assert office.browser(other).get(f"/c/{SEASON}/setup").status_code == 403


def test_one_of_many_campaigns_is_found_by_its_words(office: Office) -> None:
    from dataclasses import replace

    from bot.domain.campaigns.enrolled import Enrolled

    season = office.enrolled.campaign
    for number in range(150):
        key = CampaignKey(f"county-{number}")
        office.app.campaigns[key] = Enrolled(
            campaign=replace(season, key=key, title=f"第{number}县"), version=1
        )
        office.app.files.add(key)
    browser = office.browser("chief")
    page = browser.get("/setup").text
    assert "还有51项没有列出" in page
    assert len(page.encode()) < 200_000
    found = browser.get("/setup?q=第137县").text
    assert "county-137" in found
    assert "county-13<" not in found


def test_the_key_of_a_file_cannot_be_set_up_on_a_page(office: Office) -> None:
    browser = office.browser("chief")
    for key in (SEASON, "land-survey-2026"):
        answer = posted(browser, filled(browser, key=key), "save", ROSTER)
        assert answer.status_code == 422
        assert "由专项文件管理" in answer.text


def test_a_campaign_is_ended_with_a_reason_and_resumed(office: Office) -> None:
    browser = new_campaign(office)
    assert "请写明结束的原因" in browser.told(browser.post(f"/c/{TOILETS}/setup/end", {}))
    assert "已结束" in browser.told(
        browser.post(f"/c/{TOILETS}/setup/end", {"reason": "并入乡村建设"})
    )
    assert browser.get(f"/c/{TOILETS}/setup").status_code == 404
    assert "已恢复" in browser.told(browser.post("/setup/resume", {"key": TOILETS}))
    assert browser.get(f"/c/{TOILETS}/setup").status_code == 200
    assert "没有这项工作" in browser.told(browser.post("/setup/resume", {"key": "nothing"}))
    with office.app.store.reading() as session:
        assert setups.setups(session)[CampaignKey(TOILETS)].in_force


def test_an_address_is_kept_and_is_in_no_answer_no_log_and_not_in_the_database(
    keyed: Office, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    browser = new_campaign(keyed)
    here, answers = f"/c/{TOILETS}/setup/groups", []
    assert "未设置" in browser.get(here).text
    fields = {"group": "group1", "url": ADDRESS, "secret": SECRET}
    answers.append(browser.post(f"/c/{TOILETS}/setup/address", fields))
    answers.append(browser.get(here))
    assert "的地址已加密保存" in answers[-1].text
    assert "已设置" in answers[-1].text
    assert "陈主任" in answers[-1].text
    robot = keyed.app.robots.of(CampaignKey(TOILETS), GroupKey("group1"))
    assert robot is not None
    assert robot.address.url == ADDRESS
    wrong = {**fields, "url": ADDRESS.replace("qyapi.weixin.qq.com", "evil.example")}
    answers.append(browser.post(f"/c/{TOILETS}/setup/address", wrong))
    answers.append(browser.get(here))
    assert "这个网址不在允许发送的名单里" in answers[-1].text
    answers += [browser.get(path) for path in ("/setup", f"/c/{TOILETS}/setup", "/")]
    printed = capsys.readouterr()
    written = [path.read_bytes() for path in tmp_path.iterdir() if path.is_file()]
    dump = "\n".join(sqlite3.connect(tmp_path / "diaodu.sqlite3").iterdump()).encode()
    for secret in ("s3cret-0123456789", SECRET):
        for answer in answers:
            assert secret not in answer.text + str(answer.headers)
        assert secret not in printed.out + printed.err
        for kept in (*written, dump):
            assert secret.encode() not in kept
            assert base64.b64encode(secret.encode())[:12] not in kept
    assert "已撤销" in browser.told(browser.post(f"/c/{TOILETS}/setup/forget", {"group": "group1"}))
    assert "没有这个工作群" in browser.told(
        browser.post(f"/c/{TOILETS}/setup/address", {**fields, "group": "no"})
    )


def test_a_group_of_a_file_may_have_its_address_from_a_page(keyed: Office) -> None:
    clerk = keyed.browser("clerk")
    page = clerk.get(f"/c/{SEASON}/setup/groups")
    assert "不需要地址" in page.text
    told = clerk.told(
        clerk.post(f"/c/{SEASON}/setup/address", {"group": "townships", "url": ADDRESS})
    )
    assert "控制台不需要地址" in told


def test_without_a_key_the_page_says_what_to_do_and_takes_no_address(office: Office) -> None:
    browser = new_campaign(office)
    page = browser.get(f"/c/{TOILETS}/setup/groups").text
    assert "SECRET_KEY" in page
    assert 'name="url"' not in page
    told = browser.told(
        browser.post(f"/c/{TOILETS}/setup/address", {"group": "group1", "url": ADDRESS})
    )
    assert "请管理员在.env里设置SECRET_KEY" in told


def test_after_a_change_of_the_key_the_pages_say_what_must_be_entered_anew(
    keyed: Office, sqlite_template: Path, tmp_path: Path
) -> None:
    from dataclasses import replace

    browser = new_campaign(keyed)
    browser.told(browser.post(f"/c/{TOILETS}/setup/address", {"group": "group1", "url": ADDRESS}))
    settings = keyed.app.settings
    keyed.app.settings = replace(settings, secret_key="n" * 40)
    assert "要重新填写" in browser.get(f"/c/{TOILETS}/setup/groups").text
    assert "地址打不开" in browser.get("/setup").text
    keyed.app.settings = replace(settings, secret_key="n" * 40, secret_key_before="k" * 40)
    assert "还用旧密钥" in browser.get("/setup").text
    assert "已用新密钥重新加密1个地址" in browser.told(browser.post("/setup/seal"))
    keyed.app.settings = replace(settings, secret_key="n" * 40)
    assert "地址打不开" not in browser.get("/setup").text


@pytest.mark.parametrize(
    "fields",
    [
        {"kept": "no base64!", "kept_name": "x.xlsx"},
        {"kept": base64.b64encode(b"PK\x03\x04 nonsense").decode(), "kept_name": "../../x.xlsx"},
        {"stages[99999].name": "x", "stages[1].headline": "on", "townships[1].name": "x"},
        {"do": "row:nothing"},
        {"title": "<script>alert(1)</script>\u202e=cmd|' /C calc'!A0", "version": "-1"},
    ],
)
def test_whatever_is_posted_is_answered_with_the_form(
    office: Office, fields: dict[str, str]
) -> None:
    browser = office.browser("chief")
    answer = browser.post("/setup/new", {**filled(browser), "do": "preview", **fields})
    assert answer.status_code in (200, 422)
    assert "<script>alert" not in answer.text


def test_a_roster_that_is_too_large_is_refused_in_a_sentence(office: Office) -> None:
    browser = office.browser("chief")
    files = {"roster": ("大.csv", io.BytesIO(b"x" * 700_000))}
    answer = browser.post("/setup/new", {**filled(browser), "do": "preview"}, files=files)
    assert answer.status_code == 422
    assert "名册文件不能超过600KB" in answer.text
