"""A supervisor answers and proposes on a phone, a leader decides, a clerk settles; and Enter
decides nothing.
"""

from __future__ import annotations

from datetime import timedelta

from playwright.sync_api import Page, expect

from bot.commands.demo import SEASON
from bot.domain.campaigns.campaign import NoticeKind
from bot.domain.notices.delivery import DeliveryState, Step
from bot.store.decisions import decisions
from bot.store.notices import deliveries, notices
from tests.browser.conftest import Opens
from tests.browser.served import Served
from tests.browser.test_setup import is_sound
from tests.store.facts import a_notice
from tests.store.notices.steps import record_attempt

HERE = f"/c/{SEASON}/overdue"


def kinds(season: Served) -> list[str]:
    with season.app.store.reading() as session:
        found = decisions.decisions(session, season.enrolled.campaign.key)
    return [one.kind for one in found if one.kind.startswith(("overdue", "measure"))]


def opened_form(page: Page) -> None:
    """Opens the deeds of the first trouble listed."""
    page.locator(".trouble details[id^='act'] > summary").first.click()


def test_a_supervisor_answers_and_proposes_on_a_phone_and_a_leader_decides(
    opened: Opens, season: Served
) -> None:
    phone = opened("supervisor", HERE, width=360, height=740)
    opened_form(phone)
    phone.locator("input[name=word]").first.fill("已电话联系，明日补报")
    phone.locator("input[name=word]").first.press("Enter")  # of one button Enter presses it
    expect(phone.locator(".said.well")).to_contain_text("督办步骤暂停")
    expect(phone.locator(".late").first).to_contain_text("已电话联系，明日补报")
    opened_form(phone)
    phone.locator("form[action$=propose] input[name=measure]").first.fill("书面说明")
    phone.locator("form[action$=propose] button").first.click()
    expect(phone.locator(".measure").first).to_contain_text("待决定")
    is_sound(phone)

    leader = opened("leader", HERE, width=360, height=740)
    reason = leader.locator("form[action$=decide] input[name=reason]").first
    reason.fill("已核实")
    reason.press("Enter")
    assert kinds(season) == ["overdue answered", "measure proposed"]
    leader.locator("form[action$=decide] button[value=yes]").first.click()
    expect(leader.locator(".measure").first).to_contain_text("待执行")
    assert kinds(season) == ["overdue answered", "measure proposed", "measure approved"]
    is_sound(leader)


def test_enter_settles_no_delivery_and_a_click_does(opened: Opens, season: Served) -> None:
    campaign = season.enrolled.campaign
    with season.app.store.writing() as session:
        made = a_notice(
            kind=NoticeKind("fault"), day=season.now.date(), made_at=season.now, planned=season.now
        )
        assert notices.add_notice(session, made, [campaign.groups[0].key], not_before=season.now)
        until = season.now + timedelta(minutes=2)
        (one,) = deliveries.claim_due(session, at=season.now, until=until, worker="w", limit=9)
        one = record_attempt(session, one, at=season.now, until=until, page=1)
        deliveries.record_one(
            session, Step(delivery=one, state=DeliveryState.UNKNOWN, at=season.now, page=1)
        )

    def state() -> DeliveryState:
        with season.app.store.reading() as session:
            return deliveries.get_deliveries(session, [one.number])[one.number].state

    page = opened("clerk", f"/c/{SEASON}/deliveries", width=360, height=740)
    reason = page.locator(".posting input[name=reason]").first
    reason.fill("群里看过")
    reason.press("Enter")
    assert state() is DeliveryState.UNKNOWN
    page.locator(".posting button", has_text="群里已有").first.click()
    expect(page.locator(".said.well").first).to_contain_text("已发到")
    assert state() is DeliveryState.SENT
    for path in ("deliveries", f"deliveries/{one.number}", "burden", "log"):
        page.goto(f"{season.origin}/c/{SEASON}/{path}")
        is_sound(page)
