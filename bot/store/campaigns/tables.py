"""The tables of campaigns."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, ForeignKeyConstraint, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from bot.store.engine.tables import Db, Number


class DbCampaignVersion(Db):
    """A campaign file as it was loaded; a changed file is a new version."""

    __tablename__ = "campaign_versions"
    __table_args__ = (UniqueConstraint("campaign", "version"),)

    id: Mapped[Number]
    campaign: Mapped[str]
    version: Mapped[int]
    digest: Mapped[str]
    content: Mapped[str]
    loaded_at: Mapped[datetime]


class DbContact(Db):
    """A contact of a township as a campaign version names him."""

    __tablename__ = "contacts"
    __table_args__ = (
        ForeignKeyConstraint(
            ["campaign", "version"], ["campaign_versions.campaign", "campaign_versions.version"]
        ),
        Index(None, "campaign", "version"),
    )

    id: Mapped[Number]
    campaign: Mapped[str]
    version: Mapped[int]
    township: Mapped[str]
    name: Mapped[str]
    nick: Mapped[str]
    phone: Mapped[str | None]
    user_id: Mapped[str | None]


class DbSetup(Db):
    """A campaign that was set up or changed on a page, or ended there; the newest of a campaign
    holds.
    """

    __tablename__ = "setups"
    __table_args__ = (
        ForeignKeyConstraint(
            ["campaign", "version"], ["campaign_versions.campaign", "campaign_versions.version"]
        ),
        Index(None, "campaign", "id"),
    )

    id: Mapped[Number]
    campaign: Mapped[str]
    version: Mapped[int]
    in_force: Mapped[bool]
    decision_id: Mapped[int] = mapped_column(ForeignKey("decisions.id"))
    set_at: Mapped[datetime]


class DbAddress(Db):
    """Where the robot of a group is reached, sealed (law 8); the newest of a group holds, and an
    empty one takes it away.
    """

    __tablename__ = "addresses"
    __table_args__ = (Index(None, "campaign", "group_key", "id"),)

    id: Mapped[Number]
    campaign: Mapped[str]
    group_key: Mapped[str]
    sealed: Mapped[str]
    fingerprint: Mapped[str]
    decision_id: Mapped[int] = mapped_column(ForeignKey("decisions.id"))
    set_at: Mapped[datetime]
