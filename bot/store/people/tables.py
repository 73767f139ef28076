"""The tables of people."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from bot.store.engine.tables import Db, Number


class DbTie(Db):
    """A platform's number of a person or a chat, tied by a person to a contact or a group of a
    campaign; the newest holds.
    """

    __tablename__ = "ties"
    __table_args__ = (Index(None, "channel", "platform_id"),)

    id: Mapped[Number]
    kind: Mapped[str]
    channel: Mapped[str]
    platform_id: Mapped[str]
    campaign: Mapped[str]
    name: Mapped[str]
    decision_id: Mapped[int] = mapped_column(ForeignKey("decisions.id"))
    tied_at: Mapped[datetime]


class DbAccount(Db):
    """Somebody who may sign in; the newest row of a login holds. Without a password nobody may."""

    __tablename__ = "accounts"
    __table_args__ = (Index(None, "login"),)

    id: Mapped[Number]
    login: Mapped[str]
    name: Mapped[str]
    password: Mapped[str]
    by: Mapped[str]
    made_at: Mapped[datetime]


class DbGrant(Db):
    """What a login may do in a campaign, or in all of them ("*"); the newest of the two together
    holds, an empty role is none.
    """

    __tablename__ = "grants"
    __table_args__ = (Index(None, "login"), Index(None, "campaign"))

    id: Mapped[Number]
    login: Mapped[str]
    campaign: Mapped[str]
    role: Mapped[str]
    by: Mapped[str]
    made_at: Mapped[datetime]


class DbSignIn(Db):
    """An attempt to sign in; `source` is a fingerprint of where it came from."""

    __tablename__ = "sign_ins"
    __table_args__ = (Index(None, "login", "at"), Index(None, "source", "at"))

    id: Mapped[Number]
    login: Mapped[str]
    source: Mapped[str]
    taken: Mapped[bool]
    at: Mapped[datetime]


class DbReader(Db):
    """A system that may read over the interface; `token` is a fingerprint. The newest row of a name
    holds, without a token it is over.
    """

    __tablename__ = "readers"
    __table_args__ = (Index(None, "token"),)

    id: Mapped[Number]
    name: Mapped[str]
    campaign: Mapped[str]
    token: Mapped[str]
    by: Mapped[str]
    made_at: Mapped[datetime]
