"""People: accounts, roles, attempts to sign in, and the readers of the interface. The newest row of
each holds.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from bot.domain.campaigns.campaign import CampaignKey
from bot.domain.people.roles import EVERY_CAMPAIGN, Person, Role
from bot.store.people.tables import DbAccount, DbGrant, DbReader, DbSignIn


@dataclass(frozen=True, kw_only=True)
class Account:
    """Somebody who may sign in, with what his password is checked against; an empty one checks
    against nothing.
    """

    person: Person
    password: str = field(repr=False)


@dataclass(frozen=True, kw_only=True)
class ApiReader:
    """A system that may read over the interface, and what."""

    name: str
    campaign: CampaignKey
    by: str
    made_at: datetime


def add_account(
    session: Session, *, login: str, name: str, password: str, by: str, at: datetime
) -> int:
    """Writes who may sign in under a login from now on; the number of the row, by which sessions
    are known.
    """
    row = DbAccount(login=login, name=name, password=password, by=by, made_at=at)
    session.add(row)
    session.flush()
    return row.id


def add_grant(
    session: Session, *, login: str, campaign: CampaignKey, role: Role | None, by: str, at: datetime
) -> None:
    """Writes what a login may do in a campaign from now on; None takes it away."""
    session.add(
        DbGrant(login=login, campaign=campaign, role=role.value if role else "", by=by, made_at=at)
    )
    session.flush()


def find_account(session: Session, login: str) -> Account | None:
    """The account of a login; None if there never was one."""
    row = session.scalars(
        select(DbAccount).where(DbAccount.login == login).order_by(DbAccount.id.desc()).limit(1)
    ).first()
    if row is None:
        return None
    roles: dict[CampaignKey, Role | None] = {}
    for campaign, role in session.execute(
        select(DbGrant.campaign, DbGrant.role).where(DbGrant.login == login).order_by(DbGrant.id)
    ):
        roles[CampaignKey(campaign)] = Role(role) if role else None
    return _account(row, roles)


def accounts(session: Session) -> list[Account]:
    """Every account as it stands, by login."""
    newest = select(func.max(DbAccount.id)).group_by(DbAccount.login)
    roles: dict[str, dict[CampaignKey, Role | None]] = {}
    for login, campaign, role in session.execute(
        select(DbGrant.login, DbGrant.campaign, DbGrant.role).order_by(DbGrant.id)
    ):
        roles.setdefault(login, {})[CampaignKey(campaign)] = Role(role) if role else None
    rows = session.scalars(
        select(DbAccount).where(DbAccount.id.in_(newest)).order_by(DbAccount.login)
    )
    return [_account(row, roles.get(row.login, {})) for row in rows]


def add_sign_in(session: Session, *, login: str, source: str, taken: bool, at: datetime) -> None:
    """Keeps an attempt to sign in."""
    session.add(DbSignIn(login=login, source=source, taken=taken, at=at))
    session.flush()


def refused_since(
    session: Session, since: datetime, *, login: str, source: str
) -> tuple[int, int, int]:
    """How many attempts were refused since then: for this login after its last success from this
    source and from anywhere, and from this source whatever the login."""
    last = session.scalar(
        select(func.max(DbSignIn.id)).where(
            DbSignIn.login == login, DbSignIn.taken, DbSignIn.at >= since
        )
    )
    refused = (
        select(func.count()).select_from(DbSignIn).where(~DbSignIn.taken, DbSignIn.at >= since)
    )
    for_login = refused.where(DbSignIn.login == login, DbSignIn.id > (last or 0))
    from_source = DbSignIn.source == source
    counts = [
        session.scalar(one)
        for one in (for_login.where(from_source), for_login, refused.where(from_source))
    ]
    here, anywhere, whatever = (count or 0 for count in counts)
    return here, anywhere, whatever


def add_reader(
    session: Session, *, name: str, campaign: CampaignKey, token: str, by: str, at: datetime
) -> None:
    """Writes which token a reader is known by from now on, and for which campaign; an empty token
    ends it.
    """
    session.add(DbReader(name=name, campaign=campaign, token=token, by=by, made_at=at))
    session.flush()


def find_reader(session: Session, token: str) -> ApiReader | None:
    """The reader known by that token now; None for none, and for one that has another by now."""
    newest = select(func.max(DbReader.id)).group_by(DbReader.name)
    row = session.scalars(
        select(DbReader).where(DbReader.token == token, DbReader.id.in_(newest))
    ).first()
    return None if row is None or not token else _reader(row)


def readers(session: Session) -> list[ApiReader]:
    """Every reader that may read now, by name."""
    newest = select(func.max(DbReader.id)).group_by(DbReader.name)
    rows = session.scalars(
        select(DbReader)
        .where(DbReader.id.in_(newest), DbReader.token != "")
        .order_by(DbReader.name)
    )
    return [_reader(row) for row in rows]


def with_role(found: Sequence[Account], campaign: CampaignKey) -> list[Account]:
    """Those of the accounts that may do anything in a campaign."""
    return [one for one in found if {campaign, EVERY_CAMPAIGN} & one.person.roles.keys()]


def _account(row: DbAccount, roles: dict[CampaignKey, Role | None]) -> Account:
    person = Person(
        login=row.login,
        name=row.name,
        account=row.id,
        roles={campaign: role for campaign, role in roles.items() if role is not None},
    )
    return Account(person=person, password=row.password)


def _reader(row: DbReader) -> ApiReader:
    return ApiReader(
        name=row.name, campaign=CampaignKey(row.campaign), by=row.by, made_at=row.made_at
    )
