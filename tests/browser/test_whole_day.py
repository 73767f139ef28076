"""The clerk's whole day at the desk, from the first look to signing out, with nothing but the
pages.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from bot.domain.campaigns.campaign import NoticeKind
from bot.store.decisions import decisions
from bot.store.notices import notices
from tests.actions.replies.test_hear import Ear
from tests.browser.conftest import Opens
from tests.browser.pages import HERE
from tests.browser.served import MORNING, Served
from tests.builders import day

SENTENCE = "明日有雨，请做好房屋排查。"


@pytest.fixture
def at_ten(chromium: Browser, morning: Served) -> Iterator[Opens]:
    """Opens pages of the morning."""
    opens = Opens(chromium, morning)
    yield opens
    opens.close()


def row(page: Page, town: str) -> Locator:
    """A township's row of the desk."""
    return page.locator("ul.desk > li", has=page.locator(".town", has_text=re.compile(f"^{town}$")))


def state(page: Page, town: str) -> Locator:
    """The word in front of a township."""
    return row(page, town).locator("summary .state").first


def told(page: Page) -> Locator:
    """The sentence that a deed led to."""
    return page.locator("main > .said").first


def test_the_clerks_whole_day(at_ten: Opens, morning: Served) -> None:
    page = at_ten("clerk", f"{HERE}/desk", still=True)
    expect(page.locator("main")).to_contain_text("未报 17")
    expect(page.locator("[data-part=summary]")).to_contain_text("0/17个乡镇已报")

    # A reply comes in while he types elsewhere.
    row(page, "松砚镇").locator("summary").first.click()
    row(page, "松砚镇").get_by_text("补录或更正").click()
    row(page, "松砚镇").get_by_label("竣工累计").fill("17")
    row(page, "松砚镇").get_by_label("原因").fill("电话报来")
    morning.hears("荷舟镇-曹", "荷舟镇今日无新增，累计完工十户，余八户")
    page.clock.run_for(6_000)
    expect(state(page, "荷舟镇")).to_have_text("已报")
    expect(page.locator("[data-part=summary]")).to_contain_text("1/17个乡镇已报")
    assert row(page, "松砚镇").get_by_label("原因").input_value() == "电话报来"

    # He enters what he was told by telephone.
    row(page, "松砚镇").get_by_role("button", name="记入").click()
    expect(told(page)).to_have_text("已补录。")
    expect(row(page, "松砚镇").locator("summary").first).to_contain_text("17/22")
    expect(state(page, "松砚镇")).to_have_text("已报")

    # A question is settled by one of the readings it offers.
    morning.hears("稻溪镇-谢", "报2户")
    page.clock.run_for(6_000)
    expect(state(page, "稻溪镇")).to_have_text("待确认")
    row(page, "稻溪镇").locator("summary").first.click()
    row(page, "稻溪镇").get_by_role("button", name="今日新增2户").click()
    expect(told(page)).to_have_text("已采纳，数据已记入。")
    expect(state(page, "稻溪镇")).to_have_text("已报")
    expect(row(page, "稻溪镇").locator("summary").first).to_contain_text("17/25")

    # Of the two held from earlier days one is refused, one accepted for its day, which is
    # corrected.
    held = page.locator("#waiting article", has_text="各位领导，麻岫乡")
    held.get_by_text("不采纳").first.click()
    held.get_by_label("原因").locator("visible=true").fill("说得不确切")
    held.get_by_role("button", name="不采纳").click()
    expect(told(page)).to_have_text("已作不采纳处理。")
    held = page.locator("#waiting article", has_text="稻溪镇累计竣工16户")
    held.get_by_text("采纳这条回复").click()
    form = held.locator("details[open]")
    form.get_by_label("乡镇").select_option("稻溪镇")
    form.get_by_label("日期").select_option("2021-10-28")
    form.get_by_label("原因").fill("已与小李核实")
    form.get_by_role("button", name="采纳").click()
    expect(told(page)).to_contain_text("更正随即发出")
    expect(page.locator("#waiting article")).to_have_count(0)

    # Somebody nobody knows speaks in the group, and is tied to a contact.
    ear = Ear(morning.app)
    ear.tie_chat()
    ear.hears("10-29 10:00", "wm-qiu", "兰皋镇累计竣工19户", sender_name="山里的风")
    ear.works("10-29 10:00")
    page.clock.run_for(6_000)
    stranger = page.locator("#waiting article", has_text="山里的风")
    stranger.get_by_label("是谁").select_option("兰皋镇-邱")
    stranger.get_by_role("button", name="认定").click()
    expect(told(page)).to_have_text("已认定为兰皋镇-邱，1条消息转入判读。")
    morning.passes(minutes=3)
    page.clock.run_for(6_000)
    expect(state(page, "兰皋镇")).to_have_text("已报")

    # The missing are reminded now, once. The second form was sent from a page that had not seen the
    # first.
    late = at_ten("clerk2", f"{HERE}/desk", still=True)
    page.get_by_role("button", name="现在提醒未报的13个").click()
    expect(told(page)).to_have_text("提醒已生成，随即发到工作群。")
    late.get_by_role("button", name="现在提醒未报的13个").click()
    expect(told(late)).to_have_text("今天10:03已经提醒过，每天只提醒一次。")

    # A sentence of his own, seen in each group's preview; then the bulletin goes early.
    page.get_by_text("附加说明").click()
    page.get_by_label("印在通报落款之前").fill(SENTENCE)
    page.get_by_role("button", name="加上").click()
    expect(told(page)).to_have_text("这句话将印在通报落款之前。")
    page.get_by_role("link", name="预览通报").click()
    for group in ("乡镇工作群", "领导群", "督查群"):
        expect(page.locator(".groups > .card", has_text=group)).to_contain_text(f"【{SENTENCE}】")
    page.get_by_text("回今日收数").click()
    page.get_by_text("提前发布").click()
    page.locator("#publish").get_by_label("原因").fill("县里开会要用")
    page.get_by_role("button", name="截止今天，马上通报").click()
    expect(told(page)).to_have_text("已截止今天的报送，通报随即发出。")
    expect(page.locator("[data-part=summary]")).to_contain_text("10:03已截止并通报")
    morning.passes(minutes=1)

    with morning.app.store.reading() as session:
        found = notices.find_notice(
            session, morning.enrolled.campaign.key, NoticeKind("bulletin"), day("10-29")
        )
        decided = decisions.decisions(session, morning.enrolled.campaign.key)
    assert found is not None
    assert f"【{SENTENCE}】" in found[1].text
    folder = morning.app.settings.data_dir
    assert f"【{SENTENCE}】" in (folder / "group.txt").read_text(encoding="utf-8")
    files = [one.read_text(encoding="utf-8") for one in (folder / "notices").glob("**/*.txt")]
    assert sum(f"【{SENTENCE}】" in text for text in files) == 2
    page.get_by_role("link", name="投递").click()
    expect(page.locator("main")).to_contain_text("应发的都已发到。")

    # The log tells all of it, with name and moment.
    page.get_by_role("link", name="操作记录").click()
    entries = [" ".join(one.split()) for one in page.locator("ol.log > li").all_inner_texts()]
    expected = [
        "10月29日10:03 李四（clerk） 提前发布10月29日的通报。 说明：县里开会要用",
        f"10月29日10:03 李四（clerk） 在10月29日的通报里加一句。 说明：{SENTENCE}",
        "10月29日10:03 李四（clerk） 提前发出10月29日的未报提醒。",
        "10月29日10:00 李四（clerk） 认定平台账号wecom:county wm-qiu是兰皋镇-邱。",
        "10月29日10:00 李四（clerk） 采纳稻溪镇-小李的回复“稻溪镇累计竣工16户”",
        "10月29日10:00 李四（clerk） 不采纳麻岫乡-蓝的回复",
        "10月29日10:00 李四（clerk） 采纳稻溪镇-谢的回复“报2户”",
        "10月29日10:00 李四（clerk） 补录松砚镇",
    ]
    for shown, words in zip(entries, expected, strict=False):
        assert shown.startswith(words), entries
    mine = [one for one in decided if one.decided_at >= MORNING]
    assert len(mine) == len(expected)
    assert {one.person for one in mine} == {"李四"}

    page.get_by_role("button", name="退出").click()
    page.goto(f"{morning.origin}{HERE}/desk")
    assert "/login" in page.url


def test_two_clerks_at_once(at_ten: Opens, morning: Served) -> None:
    morning.hears("稻溪镇-谢", "报2户")
    one, other = (at_ten(login, f"{HERE}/desk", still=True) for login in ("clerk", "clerk2"))
    row(one, "稻溪镇").get_by_role("button", name="今日新增2户").click()
    expect(told(one)).to_have_text("已采纳，数据已记入。")
    row(other, "稻溪镇").get_by_role("button", name="今日新增2户").click()
    expect(told(other)).to_contain_text("李四已处理第")
    expect(told(other)).to_contain_text("（已采纳），不必重复处理。")
    expect(state(other, "稻溪镇")).to_have_text("已报")

    # Of two sentences for one bulletin the later is not printed over the one its writer has not
    # read.
    for page, said in ((one, "甲写的一句。"), (other, "乙写的一句。")):
        page.get_by_text("附加说明").click()
        page.get_by_label("印在通报落款之前").fill(said)
    one.get_by_role("button", name="加上").click()
    expect(told(one)).to_have_text("这句话将印在通报落款之前。")
    other.get_by_role("button", name="加上").click()
    expect(told(other)).to_have_text("李四刚才已另写一句：“甲写的一句。”，请刷新后再改。")
    assert other.get_by_label("印在通报落款之前").input_value() == "甲写的一句。"
    # Now he has read it, and may change it.
    other.get_by_label("印在通报落款之前").fill("合在一起的一句。")
    other.get_by_role("button", name="改为这句").click()
    expect(told(other)).to_have_text("这句话将印在通报落款之前。")
    one.get_by_role("button", name="撤下").click()
    expect(told(one)).to_have_text("周敏刚才已另写一句：“合在一起的一句。”，请刷新后再改。")


def test_a_session_that_ends_over_a_form_says_that_nothing_was_saved(
    at_ten: Opens, morning: Served
) -> None:
    page = at_ten("clerk", f"{HERE}/desk", still=True)
    page.get_by_text("附加说明").click()
    page.get_by_label("印在通报落款之前").fill(SENTENCE)
    morning.passes(hours=13)
    page.get_by_role("button", name="加上").click()
    expect(page.locator("h1")).to_have_text("登录已过期")
    expect(page.locator("main")).to_contain_text("刚才的内容没有保存")
    with morning.app.store.reading() as session:
        assert not [
            one
            for one in decisions.decisions(session, morning.enrolled.campaign.key)
            if one.person == "李四"
        ]
    page.get_by_role("link", name="重新登录").click()
    expect(page.get_by_label("登录名")).to_be_visible()
