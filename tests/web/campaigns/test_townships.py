"""The roster in force: downloaded and taken back unchanged; one township of it changed, with a
preview, and the rest as it was.
"""

from __future__ import annotations

import io
import json
from typing import Any

from bot.domain.campaigns.campaign import CampaignKey
from bot.store.campaigns import setups, versions
from config.campaign_file.roster import read_roster
from tests.web.campaigns.test_setup import TOILETS, form, new_campaign
from tests.web.conftest import SEASON, Office

HERE = f"/c/{TOILETS}/setup"


def content(office: Office) -> dict[str, Any]:
    with office.app.store.reading() as session:
        version = setups.setups(session)[CampaignKey(TOILETS)].version
        found: dict[str, Any] = json.loads(
            versions.version_content(session, CampaignKey(TOILETS), version)
        )
    return found


def test_the_roster_that_was_downloaded_changes_nothing_when_it_comes_back(office: Office) -> None:
    browser = new_campaign(office)
    answer = browser.get(f"{HERE}/roster.xlsx")
    assert answer.status_code == 200
    roster = read_roster("t.xlsx", answer.content, {"新建": "A", "改造": "B"})
    assert [
        contact["phone"]
        for town in roster.townships
        for contact in town["contacts"]
        if "phone" in contact
    ] == ["139****0101"]
    fields = {**form(browser.get(HERE).text, HERE), "do": "preview"}
    page = browser.post(HERE, fields, files={"roster": ("t.xlsx", io.BytesIO(answer.content))})
    assert page.status_code == 200, page.text[:3000]
    assert "没有改动。" in page.text


def test_one_contact_alias_and_target_is_changed_with_a_preview(office: Office) -> None:
    browser = new_campaign(office)
    before = content(office)
    fields = {
        "aliases": "甲溪、甲溪镇政府",
        "target": "31",
        "targets.kind1": "11",
        "contacts[2].name": "孙某",
        "contacts[2].nick": "甲溪镇-孙",
        "contacts[2].phone": "13900000109",
    }
    page = browser.get(f"{HERE}/township", params={"name": "甲溪镇"})
    assert 'value="139****0101"' in page.text
    shown = browser.post(f"{HERE}/township", {**form(page.text, f"{HERE}/township"), **fields})
    assert shown.status_code == 200, shown.text[:3000]
    for seen in ("甲溪、甲溪镇政府", "31", "孙某（甲溪镇-孙）"):
        assert seen in shown.text
    assert content(office) == before
    browser.told(browser.post(HERE, {**form(shown.text, HERE), "do": "save"}))
    now = content(office)
    first, *others = now["townships"]
    assert others == before["townships"][1:]
    assert first["aliases"] == ["甲溪", "甲溪镇政府"]
    assert (first["target"], first["targets"]["kind1"]) == ("31", "11")
    assert [(one["name"], one["phone"]) for one in first["contacts"]] == [
        ("赵某", "13900000101"),
        ("孙某", "13900000109"),
    ]
    assert {key: value for key, value in now.items() if key != "townships"} == {
        key: value for key, value in before.items() if key != "townships"
    }


def test_a_baseline_is_given_on_the_page_kept_and_comes_back_with_the_roster(
    office: Office,
) -> None:
    browser = new_campaign(office)
    (headline,) = (stage["key"] for stage in content(office)["stages"] if stage["headline"])
    page = browser.get(f"{HERE}/township", params={"name": "甲溪镇"})
    posted = {**form(page.text, f"{HERE}/township"), f"baseline.{headline}": "7"}
    shown = browser.post(f"{HERE}/township", posted)
    assert shown.status_code == 200, shown.text[:3000]
    assert "起报数" in shown.text
    browser.told(browser.post(HERE, {**form(shown.text, HERE), "do": "save"}))
    assert content(office)["townships"][0]["baseline"] == {headline: "7"}
    campaign = office.app.campaigns[CampaignKey(TOILETS)].campaign
    assert campaign.townships[0].baseline == {(headline, None): 7}
    again = browser.get(f"{HERE}/roster.xlsx").content
    fields = {**form(browser.get(HERE).text, HERE), "do": "preview"}
    assert (
        "没有改动。"
        in browser.post(HERE, fields, files={"roster": ("t.xlsx", io.BytesIO(again))}).text
    )
    refused = browser.post(f"{HERE}/township", {**posted, f"baseline.{headline}": "31"})
    assert "起报数不能多于任务数30" in refused.text


def test_a_contact_who_changes_his_nick_keeps_his_number(office: Office) -> None:
    browser = new_campaign(office)
    page = browser.get(f"{HERE}/township", params={"name": "甲溪镇"})
    shown = browser.post(
        f"{HERE}/township", {**form(page.text, f"{HERE}/township"), "contacts[1].nick": "甲溪-老赵"}
    )
    assert shown.status_code == 200, shown.text[:3000]
    browser.told(browser.post(HERE, {**form(shown.text, HERE), "do": "save"}))
    (contact,) = content(office)["townships"][0]["contacts"]
    assert (contact["nick"], contact["phone"]) == ("甲溪-老赵", "13900000101")


def test_what_is_wrong_is_told_and_what_was_typed_stays(office: Office) -> None:
    browser = new_campaign(office)
    page = browser.get(f"{HERE}/township", params={"name": "甲溪镇"})
    for fields, told in (
        ({"target": "三十"}, "任务数“三十”不是数字，请填阿拉伯数字。"),
        ({"target": "29"}, "应为30，即甲溪镇各类任务数之和"),
        ({"aliases": "乙山乡"}, "已经指"),
        ({"contacts[1].phone": "12"}, "电话"),
    ):
        answer = browser.post(f"{HERE}/township", {**form(page.text, f"{HERE}/township"), **fields})
        assert answer.status_code == 422
        assert told in answer.text
        assert next(iter(fields.values())) in answer.text


def test_a_township_without_a_short_name_is_given_none_by_coming_back(office: Office) -> None:
    browser = new_campaign(office)
    page = browser.get(f"{HERE}/township", params={"name": "甲溪镇"})
    shown = browser.post(f"{HERE}/township", {**form(page.text, f"{HERE}/township"), "aliases": ""})
    browser.told(browser.post(HERE, {**form(shown.text, HERE), "do": "save"}))
    assert content(office)["townships"][0]["aliases"] == []
    again = browser.get(f"{HERE}/roster.xlsx").content
    fields = {**form(browser.get(HERE).text, HERE), "do": "preview"}
    assert (
        "没有改动。"
        in browser.post(HERE, fields, files={"roster": ("t.xlsx", io.BytesIO(again))}).text
    )


def test_the_list_names_every_township_and_one_that_is_gone_is_told(office: Office) -> None:
    browser = new_campaign(office)
    page = browser.get(f"{HERE}/townships").text
    assert "139****0101" in page
    assert "13900000101" not in page
    assert f"{HERE}/township?name=%E7%94%B2%E6%BA%AA%E9%95%87" in page
    assert "名册里没有这个乡镇" in browser.told(
        browser.get(f"{HERE}/township", params={"name": "丙镇"})
    )


def test_a_campaign_of_a_file_is_downloaded_and_not_changed(office: Office) -> None:
    browser = office.browser("clerk")
    assert "更改<" not in browser.get(f"/c/{SEASON}/setup/townships").text
    assert browser.get(f"/c/{SEASON}/setup/roster.xlsx").content.startswith(b"PK")
    answer = browser.post(f"/c/{SEASON}/setup/township", {"name": "稻溪镇"})
    assert answer.status_code == 422
