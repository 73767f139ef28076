"""Where a new setting, `reply_days`, must be met; `test_another_setting.py` puts it there and runs
this.
"""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from bot.domain.campaigns.campaign import CampaignKey
from bot.store.campaigns import setups, versions
from config.campaign_file.loader import CampaignRefused, campaign_from_content, load_campaign
from jobs import JOBS
from tests.config.test_campaign_file import PLATFORMS, SOUND
from tests.web.campaigns.test_setup import TOILETS, form, new_campaign, posted
from tests.web.conftest import Office
from tests.web.conftest import office as office
from tests.web.conftest import passwords as passwords
from tests.web.conftest import quiet_house as quiet_house


def a_file(folder: Path, more: str) -> str:
    path = folder / "toilets.toml"
    path.write_text(more + SOUND, encoding="utf-8")
    return load_campaign(path, platforms=PLATFORMS, jobs=JOBS).content


def test_a_file_says_it_and_one_that_does_not_keeps_its_digest(tmp_path: Path) -> None:
    assert json.loads(a_file(tmp_path, "reply_days = 3\n"))["reply_days"] == 3
    silent = a_file(tmp_path, "")
    assert "reply_days" not in json.loads(silent)
    assert campaign_from_content(silent, JOBS)


@pytest.mark.parametrize(
    ("value", "told"),
    [("0", "答复期限（现填“0”）：不能小于1"), ('"三"', "答复期限（现填“三”）：应是整数")],
)
def test_a_fault_is_told_by_its_name(tmp_path: Path, value: str, told: str) -> None:
    with pytest.raises(CampaignRefused) as refused:
        a_file(tmp_path, f"reply_days = {value}\n")
    assert [fault.chinese() for fault in refused.value.faults] == [told]


def test_the_form_has_its_field_keeps_it_and_tells_a_fault_at_it(office: Office) -> None:
    browser = new_campaign(office)
    page = f"/c/{TOILETS}/setup"
    shown = browser.get(page)
    assert "答复期限" in shown.text
    assert "督办后几天内答复" in shown.text
    faulty = posted(browser, {**form(shown.text, page), "reply_days": "31"}, "preview", path=page)
    assert 'id="f-reply-days-fault1">不能大于30' in faulty.text
    preview = posted(browser, {**form(faulty.text, page), "reply_days": "5"}, "preview", path=page)
    assert "答复期限" in preview.text
    assert posted(browser, form(preview.text, page), "save", path=page).status_code == 303
    with office.app.store.reading() as session:
        version = setups.setups(session)[CampaignKey(TOILETS)].version
        content = json.loads(versions.version_content(session, TOILETS, version))
    assert content["reply_days"] == 5
    assert 'name="reply_days" type="number" value="5"' in browser.get(page).text
