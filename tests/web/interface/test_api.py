"""The interface for other systems: what it tells is what stands, as of any moment; to whom it may,
and nothing of anybody's own.
"""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import date
from http import HTTPMethod
from typing import Any
from urllib.parse import quote

import pytest
from sqlalchemy import event
from starlette.testclient import TestClient

from bot.actions.day import correct
from bot.actions.oversight.overdue import acknowledge
from bot.actions.people import people
from bot.commands.demo import season_replies
from bot.domain.campaigns.campaign import CampaignKey, Contact, NoticeKind
from bot.domain.campaigns.workdays import planned_close
from bot.domain.decisions.actor import Actor
from bot.domain.people.roles import EVERY_CAMPAIGN
from bot.store import StoreUnreachable
from bot.store.figures import figures
from bot.store.figures.figures import NewFigure
from bot.store.notices import notices
from bot.web.callbacks import RequestPace
from bot.web.interface import door as api_door
from bot.web.pages import PAGES
from bot.web.site import Site
from tests.builders import at
from tests.domain.day.test_season import FIGURES
from tests.season2021 import GOLDEN
from tests.store.facts import asked_every_day
from tests.web.conftest import LAST_HOUR, SEASON, Office

HERE = f"/api/v1/campaigns/{SEASON}"
ADDRESSES = [
    "/api/v1/campaigns",
    HERE,
    *(f"{HERE}/{what}" for what in ("standings", "figures", "notices", "overdue")),
]


class Caller:
    """Another system, with its token."""

    def __init__(self, site: Site, token: str) -> None:
        self.client = TestClient(site.asgi, base_url="http://diaodu.test", follow_redirects=False)
        self.headers = {"Authorization": f"Bearer {token}"} if token else {}

    def get(self, path: str, *, headers: dict[str, str] | None = None, method: str = "GET") -> Any:
        """What stands at an address."""
        return self.client.request(method, path, headers={**self.headers, **(headers or {})})

    def told(self, path: str) -> Any:
        """Its JSON, which there must be."""
        answer = self.get(path)
        assert answer.status_code == 200, answer.text
        return answer.json()

    def pages(self, path: str, what: str) -> list[Any]:
        """All entries of a list, page after page."""
        found: list[Any] = []
        onward: str | None = path
        while onward is not None:
            told = self.told(onward)
            assert told[what] or onward == path
            found += told[what]
            onward = told["next"]
        return found


def caller(office: Office, campaign: str = SEASON, name: str = "地级市平台") -> Caller:
    with office.app.store.writing() as session:
        token = people.add_reader(
            session, name, CampaignKey(campaign), by=Actor(name="陈"), at=office.now
        )
    return Caller(office.site, token)


def row_of(standing: dict[str, Any]) -> tuple[str, ...]:
    """A standing as `bulletins.csv` writes it."""
    return (
        str(standing["rank"]),
        standing["township"],
        standing["value"],
        standing["target"],
        standing["rate"]["percent"],
        standing["increase"] or "",
        standing["reported"],
    )


def test_every_row_of_every_bulletin_is_told_as_it_was_known(office: Office) -> None:
    with office.app.store.writing() as session:
        for figure in FIGURES:
            figures.add_figures(
                session,
                campaign=office.enrolled.campaign.key,
                version=1,
                recorded_at=figure.recorded_at,
                figures=[
                    NewFigure(
                        township=figure.township,
                        day=figure.day,
                        stage=figure.stage,
                        category=figure.category,
                        value=figure.value,
                        late=figure.late,
                    )
                ],
            )
        asked_every_day(session, office.enrolled.campaign)
    office.now = at("11-21 12:00")
    system = caller(office)
    for on, rows in GOLDEN.items():
        known = planned_close(office.enrolled.campaign, date.fromisoformat(on)).isoformat()
        told = system.told(f"{HERE}/standings?day={on}&known_at={quote(known)}")
        assert [row_of(standing) for standing in told["standings"]] == rows
        assert (told["day"], told["known_at"]) == (on, known)
    assert (told["total"], told["rate"]) == (
        "341",
        {"numerator": 1, "denominator": 1, "percent": "100.00"},
    )
    assert system.told(f"{HERE}/standings") == {**told, "known_at": None}
    assert system.told(f"{HERE}/overdue")["overdue"] == []


def test_a_day_is_told_as_it_was_known_and_as_it_was_corrected(evening: Office) -> None:
    system, campaign = caller(evening), evening.enrolled.campaign
    before = system.told(f"{HERE}/standings?day=2021-10-29")
    assert [row_of(standing) for standing in before["standings"]] == GOLDEN["2021-10-29"]
    assert before["closed_at"] == "2021-10-29T17:30:00+08:00"
    first = next(
        one
        for one in before["standings"]
        if one["reported"] == "on_time" and one["increase"] != "0"
    )
    reported = system.pages(
        f"{HERE}/figures?day=2021-10-29&township={first['township']}", "figures"
    )
    total = [
        one for one in reported if (one["stage"], one["category"]) == (campaign.headline.key, None)
    ][-1]
    assert (total["value"], total["in_force"], total["source"]) == (first["value"], True, "reply")
    with evening.app.store.writing() as session:
        correct.withdraw(
            session,
            evening.enrolled,
            evening.app.wording,
            total["number"],
            by=Actor(name="陈某人"),
            reason="报错",
            at=at("10-29 18:20"),
        )
    evening.now = at("10-29 18:30")
    after = system.told(f"{HERE}/standings?day=2021-10-29")
    moved = next(one for one in after["standings"] if one["township"] == first["township"])
    assert moved["value"] != first["value"]
    assert moved["stages"][campaign.headline.key] == moved["value"]
    known = "2021-10-29T18:19:59%2B08:00"
    assert (
        system.told(f"{HERE}/standings?day=2021-10-29&known_at={known}")["standings"]
        == before["standings"]
    )

    def in_force(known: str = "") -> list[bool]:
        found = system.pages(
            f"{HERE}/figures?day=2021-10-29&township={first['township']}{known}", "figures"
        )
        return [one["in_force"] for one in found if one["number"] == total["number"]]

    assert (in_force(), in_force(f"&known_at={known}")) == ([False], [True])
    (told,) = system.told(f"{HERE}/notices?kind=correction")["notices"]
    assert "更正" in told["title"]
    assert first["township"] in told["text"]
    assert system.told(f"{HERE}/notices?kind=correction&known_at={known}")["notices"] == []


def test_the_pages_of_the_log_are_the_log(evening: Office) -> None:
    system, campaign = caller(evening), evening.enrolled.campaign
    with evening.app.store.reading() as session:
        log = figures.figures_until(session, campaign.key, campaign.deadline, LAST_HOUR)
        made = notices.notices(session, campaign.key)
    assert len(log) > 500
    for limit in (500, 37):
        told = system.pages(f"{HERE}/figures?limit={limit}", "figures")
        assert [one["number"] for one in told] == [figure.number for figure in log]
        assert [one["value"] for one in told] == [str(figure.value) for figure in log]
    assert [one["number"] for one in system.pages(f"{HERE}/notices?limit=3", "notices")] == [
        number for number, _ in made
    ]
    # Who has read all asks only for what has come since.
    last = log[-1].number
    assert system.told(f"{HERE}/figures?after={last}") == {
        "campaign": SEASON,
        "known_at": None,
        "figures": [],
        "next": None,
    }
    known = at("10-20 12:00")
    of_then = system.pages(
        f"{HERE}/figures?limit=50&known_at={quote(known.isoformat())}", "figures"
    )
    assert [one["number"] for one in of_then] == [
        figure.number for figure in log if figure.recorded_at <= known
    ]
    town = campaign.townships[3].name
    of_town = system.pages(f"{HERE}/figures?limit=7&township={town}", "figures")
    assert [one["number"] for one in of_town] == [
        figure.number for figure in log if figure.township == town
    ]


def test_what_is_overdue_is_what_the_supervisors_were_told(evening: Office) -> None:
    told = caller(evening).told(
        f"{HERE}/overdue?day=2021-10-29&known_at=2021-10-29T17:40:00%2B08:00"
    )["overdue"]
    with evening.app.store.reading() as session:
        found = notices.find_notice(
            session, evening.enrolled.campaign.key, NoticeKind("overdue"), date(2021, 10, 29)
        )
    assert found is not None
    assert f"应办未办{len(told)}项" in found[1].text
    assert {one["light"] for one in told} <= {"red", "yellow"}
    for one in told:
        assert one["township"] in found[1].text


def test_an_answer_is_told_without_who_gave_it(evening: Office) -> None:
    system = caller(evening)
    before = system.told(f"{HERE}/overdue?day=2021-10-29")["overdue"]
    one = next(late for late in before if late["step"] is not None)
    with evening.app.store.writing() as session:
        acknowledge(
            session,
            evening.enrolled.campaign,
            one["township"],
            one["owed"],
            word="连日下雨",
            by=Actor(name="赵某督"),
            at=at("10-29 18:10"),
        )
    evening.now = at("10-29 18:20")
    answer = system.get(f"{HERE}/overdue?day=2021-10-29")
    (after,) = [
        late
        for late in answer.json()["overdue"]
        if (late["township"], late["owed"]) == (one["township"], one["owed"])
    ]
    assert after == {**one, "answered_at": "2021-10-29T18:10:00+08:00"}
    assert "赵某督" not in answer.text
    assert "连日下雨" not in answer.text
    known = system.told(f"{HERE}/overdue?day=2021-10-29&known_at=2021-10-29T18:00:00%2B08:00")[
        "overdue"
    ]
    assert known == before


def test_a_step_that_an_answer_has_stopped_is_told_as_it_stands(office: Office) -> None:
    """Nobody has reported since 15 October: the answer is given on the third day, before the step
    of that evening.
    """
    office.now = at("10-17 17:40")
    with office.app.store.writing() as session:
        asked_every_day(session, office.enrolled.campaign)
        acknowledge(
            session,
            office.enrolled.campaign,
            "云樟镇",
            "report",
            word="在办",
            by=Actor(name="赵督"),
            at=at("10-17 09:00"),
        )
    told = caller(office).told(
        f"{HERE}/overdue?day=2021-10-17&known_at=2021-10-17T17:40:00%2B08:00"
    )["overdue"]
    steps = {one["township"]: one["step"] for one in told if one["owed"] == "report"}
    assert (steps["云樟镇"]["days"], steps["桐岗镇"]["days"]) == (2, 3)


def test_a_reader_of_one_campaign_learns_of_no_other(evening: Office) -> None:
    other = replace(
        evening.enrolled, campaign=replace(evening.enrolled.campaign, key=CampaignKey("other-2022"))
    )
    evening.app.campaigns[other.campaign.key] = other
    one, stranger, everything = (
        caller(evening, key, name)
        for key, name in ((SEASON, "a"), ("other-2022", "b"), (EVERY_CAMPAIGN, "c"))
    )
    assert [found["key"] for found in one.told("/api/v1/campaigns")["campaigns"]] == [SEASON]
    assert [found["key"] for found in stranger.told("/api/v1/campaigns")["campaigns"]] == [
        "other-2022"
    ]
    assert [
        found["key"] for found in everything.pages("/api/v1/campaigns?limit=1", "campaigns")
    ] == [
        "other-2022",
        SEASON,
    ]
    for what in ("", "/standings", "/figures", "/notices", "/overdue"):
        there = stranger.get(f"{HERE}{what}")
        nowhere = stranger.get(f"/api/v1/campaigns/none-at-all{what}")
        assert there.status_code == nowhere.status_code == 404
        assert there.content == nowhere.content
        assert there.headers.items() == nowhere.headers.items()
        assert everything.get(f"{HERE}{what}").status_code == 200


@pytest.mark.parametrize("path", [*ADDRESSES, "/api/v1/campaigns/none-at-all"])
@pytest.mark.parametrize(
    "given",
    [
        {},
        {"Authorization": ""},
        {"Authorization": "Bearer"},
        {"Authorization": "Bearer " + "x" * 43},
        {"Authorization": "Bearer " + "x" * 9000},
        {"Authorization": "Basic eDp5"},
        {"Authorization": "Bearer a b"},
        {"Cookie": "diaodu=1"},
    ],
)
def test_nobody_reads_without_a_token(office: Office, path: str, given: dict[str, str]) -> None:
    answer = office.browser().get(path, headers=given)
    assert answer.status_code == 401
    assert answer.headers["www-authenticate"].startswith("Bearer ")
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.headers["cache-control"] == "no-store"
    assert answer.json()["status"] == 401


def test_a_token_is_over_with_its_reader_or_with_another_token(office: Office) -> None:
    first = caller(office)
    assert first.get(HERE).status_code == 200
    assert first.get(
        HERE, headers={"Authorization": first.headers["Authorization"].replace("Bearer", "bearer")}
    ).is_success
    second = caller(office)
    assert (first.get(HERE).status_code, second.get(HERE).status_code) == (401, 200)
    with office.app.store.writing() as session:
        people.end_reader(session, "地级市平台", by=Actor(name="陈"), at=office.now)
    assert second.get(HERE).status_code == 401


def test_a_session_of_a_person_opens_nothing_here(office: Office) -> None:
    assert office.browser("chief").get(HERE).status_code == 401


def test_nothing_of_anybody_is_told(evening: Office) -> None:
    campaign = evening.enrolled.campaign
    contact = Contact(
        name="钟大江", nick="云樟镇-钟大江", phone="13912345678", user_id="wx-user-4711"
    )
    towns = tuple(replace(town, contacts=(*town.contacts, contact)) for town in campaign.townships)
    evening.app.campaigns[campaign.key] = replace(
        evening.enrolled, campaign=replace(campaign, townships=towns)
    )
    # its overdue list names the new contact
    evening.app.tick(evening.app.campaigns[campaign.key], at("10-30 17:45"))
    evening.now = at("10-30 18:00")
    system = caller(evening, name="读数系统")
    bodies = [system.get(path).text for path in [*ADDRESSES, "/api/openapi.json"]]
    bodies += [
        json.dumps(system.pages(f"{HERE}/{what}?limit=500", what), ensure_ascii=False)
        for what in ("figures", "notices")
    ]
    with evening.app.store.reading() as session:
        made = notices.notices(session, campaign.key)
    assert any("钟大江" in notice.text for _, notice in made), (
        "the notices name people, so leaving them out is something"
    )
    said = {reply.text for reply in season_replies() if len(reply.text) > 6}
    secret = {
        one
        for town in towns
        for who in town.contacts
        for one in (who.name, who.nick, who.phone, who.user_id)
        if one
    }
    secret |= {
        one
        for group in campaign.groups
        for one in (group.address_setting, group.secret_setting)
        if one
    }
    secret |= (
        said | {reply.sender for reply in season_replies()} | {"读数系统", *campaign.office_staff}
    )
    assert len(secret) > 100
    for body in bodies:
        assert [word for word in secret if word in body] == []


def test_an_unchanged_answer_costs_no_body_and_a_changed_one_is_told(evening: Office) -> None:
    system = caller(evening)
    for path in [*ADDRESSES, "/api/openapi.json"]:
        first = system.get(path)
        tag = first.headers["etag"]
        assert first.headers["cache-control"] == "private, no-cache"
        evening.passes(seconds=10)
        for asked in (tag, f"W/{tag}", f'"another", {tag}', "*"):
            again = system.get(path, headers={"If-None-Match": asked})
            assert (again.status_code, again.content, again.headers["etag"]) == (304, b"", tag), (
                path
            )
        assert system.get(path, headers={"If-None-Match": '"another"'}).content == first.content
    path = f"{HERE}/standings?day=2021-10-29"
    tag = system.get(path).headers["etag"]
    with evening.app.store.writing() as session:
        town = evening.enrolled.campaign.townships[0].name
        stage = evening.enrolled.campaign.headline.key
        new = NewFigure(
            township=town,
            day=date(2021, 10, 29),
            stage=stage,
            category=None,
            value=None,
            late=True,
            supersedes=1,
        )
        figures.add_figures(
            session,
            campaign=evening.enrolled.campaign.key,
            version=1,
            recorded_at=evening.now,
            figures=[new],
        )
    assert system.get(path, headers={"If-None-Match": tag}).status_code == 200


@pytest.mark.parametrize(
    "path", [*ADDRESSES, "/api/openapi.json", "/api/v1/campaigns/none", f"{HERE}/figures?limit=0"]
)
def test_head_tells_what_get_would_and_no_body(evening: Office, path: str) -> None:
    system = caller(evening)
    whole, head = system.get(path), system.get(path, method="HEAD")
    assert head.content == b""
    assert (head.status_code, head.headers) == (whole.status_code, whole.headers)
    assert int(whole.headers["content-length"]) == len(whole.content)


@pytest.mark.parametrize(
    "method", [one.value for one in HTTPMethod if one.value not in ("GET", "HEAD")]
)
@pytest.mark.parametrize("path", [HERE, "/api/openapi.json"])
def test_everything_is_only_read(office: Office, method: str, path: str) -> None:
    answer = caller(office).get(path, method=method)
    assert answer.status_code == 405
    assert set(answer.headers["allow"].split(", ")) == {"GET", "HEAD"}
    assert answer.headers["content-type"] == "application/problem+json"


@pytest.mark.parametrize(
    "path",
    [
        "/api/v1/nothing",
        "/api/",
        "/api/v1/campaigns/",
        "/api//elsewhere.example/x/",
        f"{HERE}/standings/",
    ],
)
def test_what_is_not_there_is_a_problem_too_and_leads_nowhere(office: Office, path: str) -> None:
    answer = caller(office).get(path)
    assert (answer.status_code, answer.json()["title"]) == (404, "Not Found")
    assert "location" not in answer.headers


@pytest.mark.parametrize(
    ("asked", "status", "named"),
    [
        ("standings?dya=2021-10-29", 400, ['"dya"', "day, known_at"]),
        ("standings?day=2021-02-30", 400, ["day", '"2021-02-30"', "2021-10-29"]),
        ("standings?day=29.10.2021", 400, ['"29.10.2021"']),
        ("standings?day=", 400, ['""']),
        ("standings?day=2021-10-29&day=2021-10-28", 400, ["twice"]),
        ("standings?day=2021-10-14", 422, ["2021-10-14", "2021-10-15 to 2021-11-20"]),
        ("overdue?day=2021-11-20", 422, ["2021-11-20", "2021-10-29"]),
        ("standings?known_at=2021-10-29T17:30:00", 400, ["zone"]),
        ("standings?known_at=2021-10-29T17:30:00+08:00", 400, ["%2B"]),
        ("standings?known_at=2021-10-29T25:30:00Z", 400, ["2021-10-29T25:30:00Z"]),
        (
            "standings?known_at=2021-10-29T10:00:01%2B08:00",
            422,
            ["2021-10-29T10:00:01+08:00", "not come"],
        ),
        (
            "standings?known_at=0001-01-01T00:00:00%2B14:00",
            422,
            ["0001-01-01T00:00:00+14:00", "before"],
        ),
        ("standings?known_at=9999-12-31T23:59:59-12:00", 422, ["not come"]),
        ("figures?limit=501", 400, ['"501"', "from 1 to 500"]),
        ("figures?limit=0", 400, ["from 1 to 500"]),
        ("figures?after=-1", 400, ['"-1"']),
        ("figures?after=%D9%A1", 400, ['"١"']),
        ("figures?after=99999999999999999999", 400, ["99999999999999999999"]),
        ("figures?township=%E6%9D%A5", 422, ["来", "云樟镇"]),
        ("notices?kind=fault", 400, ['"fault"', "bulletin"]),
        (f"notices?kind={'x' * 5000}", 400, ["…"]),
    ],
)
def test_what_cannot_be_asked_is_named_with_what_can(
    office: Office, asked: str, status: int, named: list[str]
) -> None:
    answer = caller(office).get(f"{HERE}/{asked}")
    told = answer.json()
    assert (answer.status_code, told["status"], answer.headers["content-type"]) == (
        status,
        status,
        "application/problem+json",
    )
    for word in named:
        assert word in told["detail"]
    assert len(told["detail"]) < 400


@pytest.mark.parametrize(
    "known_at",
    ["2021-10-29T09:00:00.123456789+08:00", "2021-10-29t01:00:60z", "1970-01-01T14:00:00+14:00"],
)
def test_any_moment_of_rfc_3339_may_be_asked_about(office: Office, known_at: str) -> None:
    for path in ADDRESSES[2:]:
        told = caller(office).get(f"{path}?known_at={quote(known_at)}")
        assert told.status_code == 200, told.text


def test_before_the_first_day_and_after_the_last_there_is_an_answer(office: Office) -> None:
    system = caller(office)
    told = system.told(f"{HERE}/standings?known_at=2021-10-01T00:00:00Z")
    assert (told["day"], told["total"], told["standings"][0]["rank"]) == ("2021-10-15", "0", None)
    assert system.told(f"{HERE}/overdue?known_at=2021-10-01T00:00:00Z")["day"] == "2021-10-15"
    office.now = at("12-24 12:00")
    assert system.told(f"{HERE}/standings")["day"] == "2021-11-20"


def test_without_ranking_all_are_told_and_nobody_is_ranked(evening: Office) -> None:
    campaign = evening.enrolled.campaign
    evening.app.campaigns[campaign.key] = replace(
        evening.enrolled,
        campaign=replace(campaign, ranking=replace(campaign.ranking, enabled=False)),
    )
    told = caller(evening).told(f"{HERE}/standings")["standings"]
    assert [one["township"] for one in told] == [township.name for township in campaign.townships]
    assert {one["rank"] for one in told} == {None}


def test_who_asks_too_often_is_told_when_to_ask_again(office: Office) -> None:
    clock = [0.0]
    site = Site(
        office.app, PAGES, lambda: office.now, readers_pace=RequestPace(3, 1.0, lambda: clock[0])
    )
    one, another = (
        Caller(site, caller(office, name=name).headers["Authorization"][7:]) for name in "ab"
    )
    assert [one.get(HERE).status_code for _ in range(4)] == [200, 200, 200, 429]
    refused = one.get(HERE)
    assert (refused.headers["retry-after"], refused.json()["title"]) == ("1", "Too Many Requests")
    assert another.get(HERE).status_code == 200
    clock[0] += 1
    assert one.get(HERE).status_code == 200


def test_an_answer_asks_the_ledger_the_same_few_things_however_much_there_is(
    evening: Office, office: Office
) -> None:
    def asked(of: Office, path: str) -> int:
        system, heard = caller(of), []
        engine = of.app.store._engine

        def hear(*facts: Any) -> None:
            heard.append(facts[2])

        event.listen(engine, "before_cursor_execute", hear)
        try:
            assert system.get(path).status_code == 200
        finally:
            event.remove(engine, "before_cursor_execute", hear)
        return len(heard)

    for path in ADDRESSES:
        much, little = asked(evening, path), asked(office, path)
        assert much == little
        assert much <= 8, path


def test_a_ledger_that_does_not_answer_is_told_as_that(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    system = caller(office)

    def away(*_: Any) -> Any:
        raise StoreUnreachable("the disk is away, /secret/path")

    monkeypatch.setattr(api_door, "reader_of", away)
    answer = system.get(HERE)
    assert (answer.status_code, answer.headers["retry-after"]) == (503, "60")
    assert "secret" not in answer.text


def test_a_fault_of_ours_says_nothing_of_itself(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    system = caller(office)

    def broken(*_: Any) -> Any:
        raise RuntimeError("inner things")

    monkeypatch.setattr(api_door, "reader_of", broken)
    answer = system.get(HERE)
    assert (answer.status_code, answer.headers["content-type"]) == (500, "application/problem+json")
    assert "inner" not in answer.text
