"""Who is let in: passwords, roles, the last clerk, too many wrong attempts, readers and their
tokens.
"""

from __future__ import annotations

import pytest

from bot.actions.people import people as deeds
from bot.actions.people.people import NotLetIn
from bot.domain.campaigns.campaign import CampaignKey
from bot.domain.decisions.actor import Actor
from bot.domain.people.roles import EVERY_CAMPAIGN, Role
from bot.store import Store
from bot.store.decisions import decisions
from bot.store.people import people
from config.wording import templates
from tests.builders import at
from tests.store.facts import about

HOUSING = CampaignKey("rural-housing-2021")
LAND = CampaignKey("land-survey-2026")
NOW = at("10-29 10:00")


def add(
    store: Store,
    login: str = "lisi",
    campaign: CampaignKey = HOUSING,
    role: Role = Role.CLERK,
    **others: str,
) -> None:
    with store.writing() as session:
        deeds.add_person(
            session,
            login=login,
            name=others.get("name", "李四"),
            password=others.get("password", "stone-bridge-17"),
            by=Actor(name="陈主任"),
            at=NOW,
            campaign=campaign,
            role=role,
        )


def test_an_account_signs_in_with_its_role_and_the_decision_is_kept(store: Store) -> None:
    add(store, "LiSi ")
    with store.writing() as session:
        person = deeds.sign_in(session, "LISI", "stone-bridge-17", source="here", at=NOW)
        assert not isinstance(person, NotLetIn)
        assert person.role_in(HOUSING) is Role.CLERK
        assert person.role_in(LAND) is None
        (decision,) = decisions.decisions(session, HOUSING)
    assert (decision.person, decision.kind, about(decision)) == (
        "陈主任",
        "account made",
        "account lisi",
    )


def test_who_knows_a_login_keeps_its_owner_out_only_where_he_tries_himself(store: Store) -> None:
    add(store)

    def came_in(source: str, password: str = "stone-bridge-17") -> str:
        with store.writing() as session:
            found = deeds.sign_in(session, "lisi", password, source=source, at=NOW)
        return found.why if isinstance(found, NotLetIn) else found.login

    assert [came_in("there", "wrong-as-can-be") for _ in range(6)] == ["wrong"] * 5 + ["too_often"]
    assert came_in("there") == "too_often"
    assert came_in("here") == "lisi"
    # From many places at once it is an attack, and then nobody guesses on.
    with store.writing() as session:
        for place in range(deeds.MOST_REFUSED_ANYWHERE):
            people.add_sign_in(session, login="lisi", source=f"place {place}", taken=False, at=NOW)
    assert came_in("here") == "too_often"


def test_no_password_is_kept_as_it_is(store: Store) -> None:
    add(store)
    with store.reading() as session:
        account = people.find_account(session, "lisi")
    assert account is not None
    assert account.password.startswith("$argon2id$")
    assert "stone-bridge-17" not in account.password


@pytest.mark.parametrize(
    ("others", "why"),
    [
        ({"login": "李四"}, "login"),
        ({"login": "a"}, "login"),
        ({"login": "a b"}, "login"),
        ({"name": " "}, "name"),
        ({"password": "short-one"}, "short"),
        ({"password": "x" * 201}, "long"),
        ({"password": "aaaaaaaaaaaa"}, "guessable"),
        ({"login": "lisi-lisi-lisi", "password": "lisi-lisi-lisi"}, "guessable"),
    ],
)
def test_what_cannot_be_an_account_is_told_in_two_languages(
    store: Store, others: dict[str, str], why: str
) -> None:
    with pytest.raises(NotLetIn) as refused:
        add(store, **others)
    assert refused.value.why == why
    assert templates.refusal("people", why, **refused.value.facts)
    with store.reading() as session:
        assert people.accounts(session) == []


def test_every_refusal_has_its_chinese() -> None:
    facts = dict.fromkeys(("login", "name", "campaign"), "某")
    for why in deeds.TOLD:
        assert templates.refusal("people", why, **facts)


def test_a_role_of_all_campaigns_holds_where_nothing_else_is_said(store: Store) -> None:
    add(store, "chen", EVERY_CAMPAIGN)
    add(store, "wang", EVERY_CAMPAIGN, Role.LEADER)
    with store.writing() as session:
        deeds.set_role(session, "wang", LAND, Role.SUPERVISOR, by=Actor(name="陈主任"), at=NOW)
        person = people.find_account(session, "wang")
    assert person is not None
    assert (person.person.role_in(HOUSING), person.person.role_in(LAND)) == (
        Role.LEADER,
        Role.SUPERVISOR,
    )


def test_the_last_clerk_stays(store: Store) -> None:
    add(store)
    with store.writing() as session, pytest.raises(NotLetIn) as refused:
        deeds.set_role(session, "lisi", HOUSING, None, by=Actor(name="陈主任"), at=NOW)
    assert refused.value.why == "last_clerk"
    add(store, "chen", EVERY_CAMPAIGN)
    with store.writing() as session:
        deeds.shut_out(session, "lisi", by=Actor(name="陈主任"), at=NOW)
        assert isinstance(
            deeds.sign_in(session, "lisi", "stone-bridge-17", source="here", at=NOW), NotLetIn
        )
    with store.writing() as session, pytest.raises(NotLetIn) as refused:
        deeds.shut_out(session, "chen", by=Actor(name="陈主任"), at=NOW)
    assert refused.value.why == "last_clerk"


def test_a_login_that_was_ended_can_be_given_anew_and_not_before(store: Store) -> None:
    add(store)
    with pytest.raises(NotLetIn):
        add(store)
    add(store, "chen", EVERY_CAMPAIGN)
    with store.writing() as session:
        deeds.shut_out(session, "lisi", by=Actor(name="陈主任"), at=NOW)
    add(store)


def test_a_reader_is_known_by_its_newest_token_alone(store: Store) -> None:
    with store.writing() as session:
        first = deeds.add_reader(session, "州平台", HOUSING, by=Actor(name="陈主任"), at=NOW)
        second = deeds.add_reader(session, "州平台", HOUSING, by=Actor(name="陈主任"), at=NOW)
        assert deeds.reader_of(session, first) is None
        found = deeds.reader_of(session, second)
        assert found is not None
        assert (found.name, found.campaign) == ("州平台", HOUSING)
        assert deeds.reader_of(session, "") is None
        deeds.end_reader(session, "州平台", by=Actor(name="陈主任"), at=NOW)
        assert deeds.reader_of(session, second) is None
        assert people.readers(session) == []
