"""The tables of registers. `register_keys` is no fact: forgetting takes the key of a campaign
away.
"""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from bot.store.engine.tables import Db, Number


class DbFiling(Db):
    """来表: a file as it came in, and who vouches for it."""

    __tablename__ = "filings"
    __table_args__ = (Index(None, "campaign", "id"), Index(None, "campaign", "kind", "digest"))

    id: Mapped[Number]
    campaign: Mapped[str]
    register: Mapped[str]
    kind: Mapped[str]
    name: Mapped[str]
    digest: Mapped[str]
    sheet: Mapped[str]
    rows: Mapped[int]
    as_of: Mapped[date | None]
    filed_at: Mapped[datetime]
    version: Mapped[int]
    settings: Mapped[str]
    findings: Mapped[str]
    decision_id: Mapped[int] = mapped_column(ForeignKey("decisions.id"))


class DbFilingRow(Db):
    """A row of a file: what became of it, and what it says without anything personal."""

    __tablename__ = "filing_rows"
    __table_args__ = (Index(None, "filing_id", "row"),)

    id: Mapped[Number]
    filing_id: Mapped[int] = mapped_column(ForeignKey("filings.id"))
    row: Mapped[int]
    case_code: Mapped[str]
    text: Mapped[str]
    outcome: Mapped[str]


class DbMark(Db):
    """记载: case × what = value, from a row of a file, a reply or a decision."""

    __tablename__ = "marks"
    __table_args__ = (
        Index(None, "campaign", "register", "id"),
        Index(None, "campaign", "case_code"),
    )

    id: Mapped[Number]
    campaign: Mapped[str]
    register: Mapped[str]
    case_code: Mapped[str]
    what: Mapped[str]
    value: Mapped[str | None]
    day: Mapped[date | None]
    mouth: Mapped[str]
    filing_row_id: Mapped[int | None] = mapped_column(ForeignKey("filing_rows.id"))
    reply_id: Mapped[int | None] = mapped_column(ForeignKey("replies.id"))
    decision_id: Mapped[int | None] = mapped_column(ForeignKey("decisions.id"))
    recorded_at: Mapped[datetime]
    version: Mapped[int]
    supersedes: Mapped[int | None] = mapped_column(ForeignKey("marks.id"))


class DbHolder(Db):
    """A person or an account behind a fingerprint: sealed, with the last four characters and what
    may be shown.
    """

    __tablename__ = "holders"
    __table_args__ = (UniqueConstraint("campaign", "key"),)

    id: Mapped[Number]
    campaign: Mapped[str]
    key: Mapped[str]
    kind: Mapped[str]
    name_finger: Mapped[str]
    identity_finger: Mapped[str]
    tail: Mapped[str]
    shown: Mapped[str]
    sealed: Mapped[str]
    added_at: Mapped[datetime]


class DbRegisterKey(Db):
    """A key, sealed under the installation's: of a campaign's sealed texts, or ("") of the
    fingerprints of all.
    """

    __tablename__ = "register_keys"
    __table_args__ = (UniqueConstraint("campaign"),)

    id: Mapped[Number]
    campaign: Mapped[str]
    sealed: Mapped[str]
    made_at: Mapped[datetime]
