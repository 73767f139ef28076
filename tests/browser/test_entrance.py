"""Signing in and out, in a real browser."""

from __future__ import annotations

from tests.browser.conftest import Opens


def test_a_wrong_password_is_told_and_the_login_stays(opened: Opens) -> None:
    page = opened("", "/login", width=360, height=640)
    page.fill("input[name=login]", "clerk")
    page.fill("input[name=password]", "wrong-as-can-be")
    page.click("button.main")
    assert "登录名或密码不对" in page.inner_text("main")
    assert page.input_value("input[name=login]") == "clerk"


def test_signing_out_ends_it(opened: Opens) -> None:
    page = opened("clerk", "/password")
    page.click("text=退出")
    page.goto(page.url.replace("/login", "/password"))
    assert "/login" in page.url
