"""The door of the site: who may open what, that no other page can act in somebody's name, and what
every answer carries.
"""

from __future__ import annotations

import asyncio
import inspect
import itertools
import re
from pathlib import Path
from typing import Any

import pytest

from bot.domain.people.roles import Role
from bot.web.pages import PAGES
from bot.web.site import Site, SitePage
from tests.web.conftest import LOGINS, PASSWORD, SEASON, Browser, Office, an_office


def address(page: SitePage) -> str:
    """The page's address, with something in every place."""
    return re.sub(r"\{[a-z_]+(:[a-z]+)?\}", "1", page.path.replace("{campaign}", SEASON))


@pytest.mark.parametrize(
    ("page", "login"),
    list(itertools.product(PAGES, ["", *LOGINS])),
    ids=lambda one: getattr(one, "path", one) or "nobody",
)
def test_every_page_opens_for_its_roles_and_for_nobody_else(
    open_house: Office, page: SitePage, login: str
) -> None:
    browser = open_house.browser(login)
    method = page.methods[0]
    answer = browser.get(address(page)) if method == "GET" else browser.post(address(page))
    refused = answer.status_code in (401, 403) or (
        answer.status_code == 303
        and answer.headers["location"].startswith("/login")
        and page.path not in ("/login", "/logout")
    )
    if page.path == "/logout":
        open_house.leaves(login)
    if page.roles is None:
        assert not refused or page.path.startswith(("/login", "/f/", "/b/"))
        return
    if not login:
        assert refused
        return
    _, campaign, role = LOGINS[login]
    here = {SEASON, "*"} if "{campaign}" in page.path else {"*"}
    mine: Role | None = role if str(campaign) in here else None
    may = not page.roles or mine in page.roles
    if "password" in page.path and method == "POST":
        return  # an empty form is a wrong password, told elsewhere
    assert refused is not may, (answer.status_code, answer.headers.get("location"))


@pytest.mark.parametrize(
    "page",
    [page for page in PAGES if page.methods == ("POST",) and page.roles is not None],
    ids=lambda page: page.path,
)
def test_a_form_without_the_mark_of_the_session_does_nothing(
    open_house: Office, page: SitePage
) -> None:
    browser = open_house.browser("chief")
    assert browser.post(address(page), csrf="").status_code == 403
    assert browser.post(address(page), csrf="0" * 32).status_code == 403
    foreign = browser.client.post(
        address(page),
        data={"csrf": browser.csrf()},
        headers={"Origin": "https://elsewhere.example"},
    )
    assert foreign.status_code == 403


GREAT = [
    "9" * 19,
    "9" * 25,
    "9" * 5000,
    "0" * 5000,
    "-1",
    "-" + "9" * 30,
    "９" * 20,
    "1e999",
    "٣" * 30,
]
"""Numbers no ledger counts up to, and what only looks like a number."""

FAR = [
    "0001-01-01",
    "9999-12-31",
    "99999-01-01",
    "0000-00-00",
    "2021-10-29T99",
    "9999-12-31T23:59:59-23:59~1~1",
]
FAR += [
    f"0001-01-01T00:00:00+14:00~{source}~{number}"
    for source, number in itertools.product((1, "9" * 25), repeat=2)
]
FAR += [
    f"2021-10-28T00:00:00+08:00~{source}~{number}"
    for source, number in itertools.product((1, "9" * 25), repeat=2)
]
"""Days and moments no campaign has, and places in a log that no log has."""


@pytest.mark.parametrize(
    "number", [*GREAT, str(2**63), "1" * 18], ids=lambda number: f"{number[:8]}x{len(number)}"
)
@pytest.mark.parametrize(
    "page", [page for page in PAGES if "number" in page.path], ids=lambda page: page.path
)
def test_a_number_of_an_address_that_nothing_has_is_a_page_not_found(
    open_house: Office, page: SitePage, number: str
) -> None:
    path = re.sub(r"\{number[^}]*\}", number, page.path.replace("{campaign}", SEASON))
    answer = open_house.browser("clerk").get(path)
    assert answer.status_code == 404
    assert "没有这个页面" in answer.text


def questions(page: SitePage) -> list[str]:
    """The names that the page's module looks for behind the `?` of an address."""
    source = inspect.getsource(inspect.getmodule(page.answer))  # type: ignore[arg-type]
    return sorted(set(re.findall(r"\.query\(\"(\w+)\"\)", source)))


@pytest.mark.parametrize(
    ("page", "name"),
    [(page, name) for page in PAGES if page.methods == ("GET",) for name in questions(page)],
    ids=lambda one: getattr(one, "path", one),
)
def test_no_value_behind_the_question_mark_makes_a_page_fail(
    open_house: Office, page: SitePage, name: str
) -> None:
    browser = open_house.browser("chief")
    for value in [*GREAT, *FAR]:
        answer = browser.client.get(address(page), params={name: value})
        assert answer.status_code < 500, value[:40]


STRANGE = [GREAT[0], GREAT[2], GREAT[6], FAR[5], "\x00"]
"""What a field of a form may hold that nobody thought of."""


def fields_of(page: SitePage) -> list[str]:
    """The names of the fields that the page's module reads."""
    source = inspect.getsource(inspect.getmodule(page.answer))  # type: ignore[arg-type]
    return sorted(
        set(re.findall(r"""(?:texts?\(|_number\(asked, |_day\(asked, )"(\w+)"\)""", source))
    )


@pytest.mark.parametrize(
    "page", [page for page in PAGES if page.methods == ("POST",)], ids=lambda page: page.path
)
def test_no_value_of_a_field_makes_a_form_fail(office: Office, page: SitePage) -> None:
    browser = office.browser("chief")
    csrf = browser.csrf()
    for value in STRANGE:
        for day in {"2021-10-29", value}:
            answer = browser.post(
                address(page), {**dict.fromkeys(fields_of(page), value), "day": day}, csrf=csrf
            )
            assert answer.status_code < 500, value[:40]


def test_a_wrong_password_and_an_unknown_login_are_told_alike(office: Office) -> None:
    browser = office.browser()
    wrong = browser.client.post("/login", data={"login": "clerk", "password": "not-the-password"})
    unknown = browser.client.post(
        "/login", data={"login": "nobody-here", "password": "not-the-password"}
    )
    assert wrong.status_code == unknown.status_code == 401
    assert wrong.text.replace("clerk", "") == unknown.text.replace("nobody-here", "")


def test_five_wrong_passwords_make_the_right_one_wait_a_quarter_of_an_hour(office: Office) -> None:
    browser = office.browser()
    for _ in range(5):
        assert (
            browser.client.post(
                "/login", data={"login": "clerk", "password": "wrong-as-can-be"}
            ).status_code
            == 401
        )
    assert (
        browser.client.post("/login", data={"login": "clerk", "password": PASSWORD}).status_code
        == 429
    )
    office.passes(minutes=16)
    assert (
        browser.client.post("/login", data={"login": "clerk", "password": PASSWORD}).status_code
        == 303
    )


def test_a_session_ends_after_twelve_hours_and_with_a_new_password(office: Office) -> None:
    browser = office.browser("clerk")
    assert browser.get("/password").status_code == 200
    answer = browser.post(
        "/password", {"was": PASSWORD, "new": "another-bridge-18", "again": "another-bridge-18"}
    )
    assert "密码已更改" in browser.told(answer)
    assert browser.get("/password").headers["location"].startswith("/login")
    browser.sign_in("clerk", "another-bridge-18")
    office.passes(hours=12)
    assert browser.get("/password").headers["location"].startswith("/login")


def test_an_altered_session_is_none(office: Office) -> None:
    token = office.browser("clerk").client.cookies["diaodu"]
    for altered in (
        token[:-2] + ("aa" if token[-2:] != "aa" else "bb"),
        "A" + token[1:],
        token + "x",
        "x" * 5000,
        "",
    ):
        answer = office.browser().get("/password", headers={"Cookie": f"diaodu={altered}"})
        assert answer.headers["location"] == "/login?next=/password"


@pytest.mark.parametrize(
    "onward",
    ["https://elsewhere.example/", "//elsewhere.example", "/\\elsewhere.example", "javascript:1"],
)
def test_signing_in_leads_nowhere_else(office: Office, onward: str) -> None:
    answer = office.browser().client.post(
        "/login", data={"login": "clerk", "password": PASSWORD, "next": onward}
    )
    assert answer.headers["location"] == "/"


@pytest.mark.parametrize("path", ["/login", "/", "/c/none/desk", "/assets/app.css", "/nothing"])
def test_every_answer_says_what_a_browser_may_do_with_it(office: Office, path: str) -> None:
    headers = office.browser("clerk").get(path).headers
    policy = headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    assert headers["x-content-type-options"] == "nosniff"
    assert "cache-control" in headers


@pytest.mark.parametrize("said", ["99000000", "9" * 5000], ids=len)
def test_a_form_that_is_too_large_is_not_read(office: Office, said: str) -> None:
    browser = office.browser("clerk")
    answer = browser.client.post(
        "/password",
        content=b"was=1",
        headers={"Content-Length": said, "Content-Type": "application/x-www-form-urlencoded"},
    )
    assert answer.status_code == 413


def test_the_cookie_of_a_session_is_for_this_site_alone(office: Office) -> None:
    answer = office.browser().client.post("/login", data={"login": "clerk", "password": PASSWORD})
    cookie = answer.headers["set-cookie"].lower()
    assert "httponly" in cookie
    assert "samesite=lax" in cookie


def test_behind_tls_a_session_is_taken_from_this_host_alone_and_goes_when_told(
    sqlite_template: Path, tmp_path: Path, passwords: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = {"PUBLIC_URL": "https://diaodu.test"}
    for office in an_office(sqlite_template, tmp_path, passwords, monkeypatch, settings=settings):
        browser = Browser(office.site, "https://diaodu.test")
        given = browser.client.post(
            "/login", data={"login": "clerk", "password": PASSWORD}
        ).headers["set-cookie"]
        for said in ("__Host-diaodu=", "Secure", "HttpOnly", "Path=/"):
            assert said in given
        assert "omain=" not in given
        assert browser.get("/password").status_code == 200
        # What a neighbour under the same domain may set is not looked at.
        tossed = given.partition(";")[0].removeprefix("__Host-")
        foreign = Browser(office.site, "https://diaodu.test").get(
            "/password", headers={"Cookie": tossed}
        )
        assert foreign.status_code == 303
        gone = browser.post("/logout").headers["set-cookie"]
        for said in ("__Host-diaodu=", "Max-Age=0", "Secure", "Path=/"):
            assert said in gone
        assert browser.get("/password").status_code == 303


LOGIN_FORM = {"Content-Type": "application/x-www-form-urlencoded"}


def posted(
    site: Site,
    pieces: list[bytes],
    headers: dict[str, str],
    *,
    path: str = "/login",
    ends: bool = True,
    silent: bool = False,
) -> tuple[int, int]:
    """Sends a form piece by piece, as a server hands it on, then goes or is silent; the status, and
    how many pieces were taken.
    """
    scope: dict[str, Any] = {
        "type": "http",
        "http_version": "1.1",
        "method": "POST",
        "scheme": "http",
        "path": path,
        "raw_path": path.encode(),
        "query_string": b"",
        "headers": [
            (name.lower().encode(), value.encode())
            for name, value in {"Host": "diaodu.test", **headers}.items()
        ],
        "client": ("192.0.2.7", 1),
        "server": ("diaodu.test", 80),
    }
    taken, statuses = 0, []

    async def receive() -> dict[str, Any]:
        nonlocal taken
        if taken == len(pieces):
            if silent:
                await asyncio.Event().wait()
            return {"type": "http.disconnect"}
        taken += 1
        return {
            "type": "http.request",
            "body": pieces[taken - 1],
            "more_body": not ends or taken < len(pieces),
        }

    async def send(message: Any) -> None:
        if message["type"] == "http.response.start":
            statuses.append(message["status"])

    asyncio.run(site.asgi(scope, receive, send))
    return statuses[0], taken


@pytest.mark.parametrize("kind", ["file", "field", "fields"])
def test_a_form_longer_than_it_said_is_not_read_to_its_end(office: Office, kind: str) -> None:
    head = b'--X\r\nContent-Disposition: form-data; name="a"; filename="a"\r\n\r\n'
    piece = {"file": b"x" * 50_000, "field": b"x" * 50_000, "fields": b"a=" + b"x" * 49_997 + b"&"}[
        kind
    ]
    pieces = [head if kind == "file" else b"a=", *[piece] * 400]
    content = "multipart/form-data; boundary=X" if kind == "file" else LOGIN_FORM["Content-Type"]
    # Both of these pass the server, and the second decides.
    status, taken = posted(
        office.site,
        pieces,
        {"Content-Type": content, "Content-Length": "5", "Transfer-Encoding": "chunked"},
    )
    assert (status, taken) == (413, 3)
    status, taken = posted(
        office.site, pieces, {"Content-Type": content, "Transfer-Encoding": "chunked"}
    )
    assert (status, taken) == (413, 0)


def test_whoever_goes_in_the_middle_of_a_form_is_no_fault_of_ours(
    office: Office, caplog: pytest.LogCaptureFixture
) -> None:
    status, _ = posted(
        office.site, [b"login=cl"], {**LOGIN_FORM, "Content-Length": "500"}, ends=False
    )
    assert status == 408
    assert not caplog.records


def test_a_form_that_never_ends_is_waited_for_no_longer_than_a_minute(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.web.site.FORM_WITHIN", 0.0)
    status, _ = posted(
        office.site,
        [b"login=cl"] * 3,
        {**LOGIN_FORM, "Content-Length": "500"},
        ends=False,
        silent=True,
    )
    assert status == 408


def test_a_mark_in_other_letters_is_no_mark(office: Office) -> None:
    assert office.browser("clerk").post("/password", {}, csrf="é" * 32).status_code == 403


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "http://["},
        {"Origin": "null"},
        {"Origin": "https://elsewhere.example"},
        {"Origin": ""},
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
    ],
)
def test_another_site_signs_nobody_in(office: Office, headers: dict[str, str]) -> None:
    answer = office.browser().client.post(
        "/login", data={"login": "clerk", "password": PASSWORD}, headers=headers
    )
    assert answer.status_code == 403
    assert "set-cookie" not in answer.headers


@pytest.mark.parametrize("path", ["/login/", "/assets", "/password/", "/c/1/people/"])
def test_no_redirect_is_made_from_the_host_a_request_names(office: Office, path: str) -> None:
    answer = office.browser().get(path, headers={"Host": "elsewhere.example"})
    assert "elsewhere.example" not in answer.headers.get("location", "")
    assert answer.status_code == 404
