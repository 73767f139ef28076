"""The tables of money. Amounts are whole fen; names and accounts are keys, the texts behind them
lie sealed elsewhere.
"""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from bot.store.engine.tables import Db, Number


class DbMoneyFile(Db):
    """A list, a return or a table of grants as it came in: what it was, who answers for it, what
    was doubted of it.
    """

    __tablename__ = "money_files"
    __table_args__ = (Index(None, "campaign", "kind", "digest"),)

    id: Mapped[Number]
    campaign: Mapped[str]
    kind: Mapped[str]
    name: Mapped[str]
    digest: Mapped[str]
    form: Mapped[str]
    rows: Mapped[int]
    doubts: Mapped[str]
    decision_id: Mapped[int] = mapped_column(ForeignKey("decisions.id"))
    filed_at: Mapped[datetime]


class DbMoneyGrant(Db):
    """Money passed down by a paper."""

    __tablename__ = "money_grants"
    __table_args__ = (Index(None, "campaign", "id"),)

    id: Mapped[Number]
    campaign: Mapped[str]
    file_id: Mapped[int] = mapped_column(ForeignKey("money_files.id"))
    row: Mapped[int]
    paper: Mapped[str]
    day: Mapped[date | None]
    amount: Mapped[int]
    recorded_at: Mapped[datetime]


class DbMoneyList(Db):
    """A payment list as it was made or taken; it goes to no bank before it is approved."""

    __tablename__ = "money_lists"
    __table_args__ = (Index(None, "campaign", "id"),)

    id: Mapped[Number]
    campaign: Mapped[str]
    batch: Mapped[int]
    name: Mapped[str]
    file_id: Mapped[int | None] = mapped_column(ForeignKey("money_files.id"))
    decision_id: Mapped[int] = mapped_column(ForeignKey("decisions.id"))
    made_at: Mapped[datetime]


class DbMoneyLine(Db):
    """One household on a list."""

    __tablename__ = "money_lines"
    __table_args__ = (UniqueConstraint("list_id", "case_code"), Index(None, "case_code"))

    id: Mapped[Number]
    list_id: Mapped[int] = mapped_column(ForeignKey("money_lists.id"))
    row: Mapped[int]
    case_code: Mapped[str]
    name_key: Mapped[str]
    account_key: Mapped[str]
    amount: Mapped[int]


class DbMoneyApproval(Db):
    """That a list goes, as the attempt of a batch that it is: by whose decision, under which paper,
    for how much.
    """

    __tablename__ = "money_approvals"
    __table_args__ = (UniqueConstraint("list_id"), UniqueConstraint("campaign", "batch", "attempt"))

    id: Mapped[Number]
    campaign: Mapped[str]
    list_id: Mapped[int] = mapped_column(ForeignKey("money_lists.id"))
    batch: Mapped[int]
    attempt: Mapped[int]
    approved: Mapped[int]
    paper: Mapped[str]
    decision_id: Mapped[int] = mapped_column(ForeignKey("decisions.id"))
    approved_at: Mapped[datetime]


class DbMoneyAnswer(Db):
    """What the bank said of a line, and in which row of which file; its words are kept without the
    names in them.
    """

    __tablename__ = "money_answers"
    __table_args__ = (UniqueConstraint("line_id", "result", "serial"), Index(None, "file_id"))

    id: Mapped[Number]
    line_id: Mapped[int] = mapped_column(ForeignKey("money_lines.id"))
    result: Mapped[str]
    to_do: Mapped[str]
    words: Mapped[str]
    serial: Mapped[str]
    day: Mapped[date]
    file_id: Mapped[int] = mapped_column(ForeignKey("money_files.id"))
    row: Mapped[int]
    recorded_at: Mapped[datetime]


class DbBankForm(Db):
    """A form of a bank as a page wrote it; the newest of a key holds, and one without text is
    over.
    """

    __tablename__ = "bank_forms"
    __table_args__ = (Index(None, "campaign", "key", "id"),)

    id: Mapped[Number]
    campaign: Mapped[str]
    key: Mapped[str]
    text: Mapped[str]
    decision_id: Mapped[int] = mapped_column(ForeignKey("decisions.id"))
    written_at: Mapped[datetime]
