"""The page of people: who lets whom in, and that nobody rises by it."""

from __future__ import annotations

import re

from tests.web.conftest import SEASON, Office

HERE = f"/c/{SEASON}/people"


def first_password(page: str) -> str:
    """What the page shows once."""
    found = re.search(r'class="once">([^<]+)<', page)
    assert found, page
    return found[1]


def test_a_clerk_lets_a_leader_in_who_then_signs_in_with_the_password_shown_once(
    office: Office,
) -> None:
    clerk = office.browser("clerk")
    answer = clerk.post(f"{HERE}/add", {"login": "Zhou", "name": "周局", "role": "leader"})
    assert answer.status_code == 200
    password = first_password(answer.text)
    assert password not in clerk.get(HERE).text
    office.browser().sign_in("zhou", password)


def test_what_cannot_be_an_account_is_told_and_what_was_typed_stays(office: Office) -> None:
    answer = office.browser("clerk").post(
        f"{HERE}/add", {"login": "周", "name": "<b>周局</b>", "role": "leader"}
    )
    assert answer.status_code == 422
    assert "不可用" in answer.text
    assert "&lt;b&gt;周局&lt;/b&gt;" in answer.text


def test_a_clerk_of_one_campaign_cannot_take_over_the_clerk_of_all(office: Office) -> None:
    clerk = office.browser("clerk")
    answer = clerk.post(f"{HERE}/password", {"login": "chief"})
    assert answer.status_code == 422
    assert "只有全部工作的管理员" in answer.text
    assert "只有全部工作的管理员" in clerk.told(clerk.post(f"{HERE}/off", {"login": "chief"}))
    office.browser("chief")


def test_a_role_is_changed_and_holds_at_once(office: Office) -> None:
    clerk, leader = office.browser("clerk"), office.browser("leader")
    assert leader.get(HERE).status_code == 403
    assert "已更改leader的角色" in clerk.told(
        clerk.post(f"{HERE}/role", {"login": "leader", "role": "clerk"})
    )
    assert leader.get(HERE).status_code == 200


def test_the_last_clerk_of_all_stays(office: Office) -> None:
    chief = office.browser("chief")
    assert "最后一名经办人" in chief.told(
        chief.post("/people/role", {"login": "chief", "role": "leader"})
    )


def test_an_account_that_is_ended_is_out_at_once(office: Office) -> None:
    chief, leader = office.browser("chief"), office.browser("leader")
    assert leader.get("/password").status_code == 200
    assert "已停用" in chief.told(chief.post("/people/off", {"login": "leader"}))
    assert leader.get("/password").status_code == 303


def test_a_reader_is_let_in_and_ended(office: Office) -> None:
    clerk = office.browser("clerk")
    token = first_password(clerk.post(f"{HERE}/reader", {"name": "州平台"}).text)
    assert len(token) > 30
    assert token not in clerk.get(HERE).text
    assert "已停止" in clerk.told(clerk.post(f"{HERE}/reader-end", {"name": "州平台"}))
