"""Lets people in: accounts and their passwords, what each may do in which campaign, and the readers
of the interface (law 10).
"""

from __future__ import annotations

import hashlib
import re
import secrets
import threading
from datetime import datetime, timedelta
from functools import cache
from typing import TYPE_CHECKING

from bot import log
from bot.actions.refusal import Refusal
from bot.domain.campaigns.campaign import CampaignKey
from bot.domain.decisions.actor import Actor
from bot.domain.decisions.decision import Facts
from bot.domain.decisions.kinds import DecisionKind
from bot.domain.decisions.subjects import AccountSubject, ReaderSubject
from bot.domain.people.roles import EVERY_CAMPAIGN, Person, Role
from bot.store import Session
from bot.store.decisions import decisions
from bot.store.people import people
from bot.store.people.people import ApiReader

if TYPE_CHECKING:
    from argon2 import PasswordHasher

SHORTEST_PASSWORD, LONGEST_PASSWORD = 10, 200
WITHIN = timedelta(minutes=15)
MOST_REFUSED = 5
"""Attempts with a wrong password for one login from one place within a quarter of an hour; then
even the right one waits.
"""

MOST_REFUSED_ANYWHERE = 50
"""The same from all places together: more, or whoever knows a login could keep its owner out from
where he sits.
"""

MOST_REFUSED_FROM = 30
"""The same from one place, whatever the login: a whole office may sit behind one address."""

_LOGIN = re.compile(r"[a-z0-9][a-z0-9._@-]{1,39}")
# a check takes memory on purpose; a crowd must not take it all
_ONE_AT_A_TIME = threading.BoundedSemaphore(2)


class NotLetIn(Refusal):
    """Something about an account that cannot be."""

    room = "people"

    def __init__(self, why: str, **facts: object) -> None:
        super().__init__(why, TOLD[why].format(**facts), **facts)


TOLD = {
    "login": "{login!r} is no login: use 2 to 40 small letters, digits, dots, dashes or underscores",
    "name": "a name is needed: it stands under every decision",
    "short": f"the password must have at least {SHORTEST_PASSWORD} characters",
    "long": f"the password must have at most {LONGEST_PASSWORD} characters",
    "guessable": "the password must not be the login, the name, or one sign repeated",
    "known": "there is an account {login} already; change its password or its role instead",
    "unknown": "there is no account {login}",
    "wrong": "login and password do not belong together",
    "too_often": "too many wrong passwords; wait a quarter of an hour",
    "last_clerk": "{login} is the last clerk of {campaign}; make somebody else its clerk first",
    "no_reader": "there is no reader {name}",
    "reader_known": "there is a reader {name} already; end it first, or give another name",
    "not_yours": "{login} is let into other campaigns too; only a clerk of all campaigns may change that account",
}


def add_person(
    session: Session,
    *,
    login: str,
    name: str,
    password: str,
    by: Actor,
    at: datetime,
    campaign: CampaignKey,
    role: Role,
) -> None:
    """Makes an account with its first role. NotLetIn for a login or password that cannot be."""
    login, name = login.strip().lower(), " ".join(name.split())
    if not _LOGIN.fullmatch(login):
        raise NotLetIn("login", login=login[:40])
    if not name or len(name) > 40:
        raise NotLetIn("name")
    found = people.find_account(session, login)
    if found is not None and found.password:
        raise NotLetIn("known", login=login)
    kept = _checked(password, login, name)
    people.add_account(session, login=login, name=name, password=kept, by=by.name, at=at)
    people.add_grant(session, login=login, campaign=campaign, role=role, by=by.name, at=at)
    made = {"name": name, "role": role.value}
    _decided(
        session,
        campaign,
        DecisionKind.ACCOUNT_MADE,
        AccountSubject(login=login),
        made,
        by=by,
        at=at,
    )


def may_change(actor: Person, person: Person) -> bool:
    """Whether somebody may change the account of another, or end it: only a clerk of everything it
    is let into.
    """
    return bool(person.roles) and all(
        actor.role_in(campaign) is Role.CLERK for campaign in person.roles
    )


def change_password(
    session: Session,
    login: str,
    password: str,
    *,
    by: Actor,
    at: datetime,
    actor: Person | None = None,
) -> int:
    """Gives an account another password and ends all its sessions; the number of the new row.
    NotLetIn.

    `actor` is who does it to somebody else on a page; at the command line there is none.
    """
    person = _person(session, login)
    _allowed(actor, person)
    kept = _checked(password, person.login, person.name)
    number = people.add_account(
        session, login=person.login, name=person.name, password=kept, by=by.name, at=at
    )
    _decided(
        session,
        EVERY_CAMPAIGN,
        DecisionKind.PASSWORD_CHANGED,
        AccountSubject(login=person.login),
        {},
        by=by,
        at=at,
    )
    return number


def shut_out(
    session: Session, login: str, *, by: Actor, at: datetime, actor: Person | None = None
) -> None:
    """Ends an account: its sessions end with it. NotLetIn, also for the last clerk of a campaign.
    `actor` as above.
    """
    person = _person(session, login)
    _allowed(actor, person)
    for campaign, role in person.roles.items():
        if role is Role.CLERK:
            _not_the_last(session, person.login, campaign)
    people.add_account(
        session, login=person.login, name=person.name, password="", by=by.name, at=at
    )
    _decided(
        session,
        EVERY_CAMPAIGN,
        DecisionKind.ACCOUNT_ENDED,
        AccountSubject(login=person.login),
        {},
        by=by,
        at=at,
    )


def set_role(
    session: Session,
    login: str,
    campaign: CampaignKey,
    role: Role | None,
    *,
    by: Actor,
    at: datetime,
) -> None:
    """Says what an account may do in a campaign from now on; None takes it away. NotLetIn, also for
    its last clerk.
    """
    person = _person(session, login)
    if person.roles.get(campaign) is Role.CLERK and role is not Role.CLERK:
        _not_the_last(session, person.login, campaign)
    people.add_grant(session, login=person.login, campaign=campaign, role=role, by=by.name, at=at)
    kind, facts = (
        (DecisionKind.ROLE_GIVEN, {"role": role.value}) if role else (DecisionKind.ROLE_TAKEN, {})
    )
    _decided(session, campaign, kind, AccountSubject(login=person.login), facts, by=by, at=at)


def sign_in(
    session: Session, login: str, password: str, *, source: str, at: datetime
) -> Person | NotLetIn:
    """Whoever login and password belong to, or why not; every attempt is kept, and too many make
    even the right one wait.

    It is given back and not raised, so that the attempt is kept whatever the caller does with it.
    An unknown login takes as long to be refused as a known one.
    """
    login = login.strip().lower()[:40]
    came_from = hashlib.sha256(f"diaodu sign-in: {source}".encode()).hexdigest()[:16]
    here, anywhere, whatever = people.refused_since(
        session, at - WITHIN, login=login, source=came_from
    )
    if here >= MOST_REFUSED or anywhere >= MOST_REFUSED_ANYWHERE or whatever >= MOST_REFUSED_FROM:
        log.trouble("sign-in refused, too many wrong passwords", source=came_from)
        return NotLetIn("too_often")
    found = people.find_account(session, login)
    right = _belongs(password, found.password if found else "")
    people.add_sign_in(session, login=login, source=came_from, taken=right, at=at)
    if not right or found is None:
        log.trouble("sign-in refused", source=came_from)
        return NotLetIn("wrong")
    return found.person


def add_reader(
    session: Session, name: str, campaign: CampaignKey, *, by: Actor, at: datetime
) -> str:
    """Lets a system read over the interface; its token, shown this once. One it had before for the
    same campaign ends.

    NotLetIn without a name, or for one that reads another campaign.
    """
    name = " ".join(name.split())
    if not name or len(name) > 40:
        raise NotLetIn("name")
    if any(one.name == name and one.campaign != campaign for one in people.readers(session)):
        raise NotLetIn("reader_known", name=name)
    token = secrets.token_urlsafe(32)
    people.add_reader(session, name=name, campaign=campaign, token=_kept(token), by=by.name, at=at)
    _decided(
        session, campaign, DecisionKind.READER_LET_IN, ReaderSubject(name=name), {}, by=by, at=at
    )
    return token


def end_reader(
    session: Session, name: str, *, by: Actor, at: datetime, actor: Person | None = None
) -> None:
    """Ends what a reader may read. NotLetIn if there is none of that name. `actor` as above."""
    found = next((one for one in people.readers(session) if one.name == name), None)
    if found is None or (actor is not None and actor.role_in(found.campaign) is not Role.CLERK):
        raise NotLetIn("no_reader", name=name)
    people.add_reader(session, name=name, campaign=found.campaign, token="", by=by.name, at=at)
    _decided(
        session,
        found.campaign,
        DecisionKind.READER_ENDED,
        ReaderSubject(name=name),
        {},
        by=by,
        at=at,
    )


def reader_of(session: Session, token: str) -> ApiReader | None:
    """The reader whose token that is; None for none."""
    return people.find_reader(session, _kept(token)) if 20 < len(token) < 100 else None


def _person(session: Session, login: str) -> Person:
    found = people.find_account(session, login.strip().lower())
    if found is None or not found.password:
        raise NotLetIn("unknown", login=login)
    return found.person


def _allowed(actor: Person | None, person: Person) -> None:
    # Or the clerk of one campaign could make himself the clerk of all.
    if actor is not None and not may_change(actor, person):
        raise NotLetIn("not_yours", login=person.login)


def _not_the_last(session: Session, login: str, campaign: CampaignKey) -> None:
    """No campaign may be left without anybody who can let others in; where the command line is at
    hand it always can.
    """
    others = [
        one
        for one in people.accounts(session)
        if one.password and one.person.login != login and one.person.role_in(campaign) is Role.CLERK
    ]
    if not others:
        raise NotLetIn("last_clerk", login=login, campaign=campaign)


def _checked(password: str, login: str, name: str) -> str:
    """What is kept of a password that will do. NotLetIn for one that will not."""
    if len(password) < SHORTEST_PASSWORD:
        raise NotLetIn("short")
    if len(password) > LONGEST_PASSWORD:
        raise NotLetIn("long")
    if password.lower() in {login, name.lower()} or len(set(password)) < 4:
        raise NotLetIn("guessable")
    with _ONE_AT_A_TIME:
        return _hasher().hash(password)


def _belongs(password: str, kept: str) -> bool:
    from argon2.exceptions import Argon2Error, InvalidHashError

    with _ONE_AT_A_TIME:
        try:
            return _hasher().verify(kept or _nobodys(), password[:LONGEST_PASSWORD]) and bool(kept)
        except (Argon2Error, InvalidHashError):
            return False


@cache
def _hasher() -> PasswordHasher:
    from argon2 import PasswordHasher  # here, so that only who signs in pays for it

    # 19 MiB and two passes, the least that OWASP advises: the bureau's PC has little memory.
    return PasswordHasher(time_cost=2, memory_cost=19_456, parallelism=1)


@cache
def _nobodys() -> str:
    return _hasher().hash(secrets.token_urlsafe(16))


def _kept(token: str) -> str:
    return hashlib.sha256(f"diaodu reader: {token}".encode()).hexdigest()


def _decided(
    session: Session,
    campaign: CampaignKey,
    kind: DecisionKind,
    subject: AccountSubject | ReaderSubject,
    facts: Facts,
    *,
    by: Actor,
    at: datetime,
) -> None:
    decisions.add_decision(
        session, campaign=campaign, by=by, kind=kind, subject=subject, facts=facts, at=at
    )
    log.event(kind, campaign=campaign)
