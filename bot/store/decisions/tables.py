"""The tables of decisions."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Index, text
from sqlalchemy.orm import Mapped, mapped_column

from bot.store.engine.tables import Db, Number


class DbDecision(Db):
    """What a person decided, about what, with which facts (law 10).

    `words` are the person's own. `about` and `reason` are the phrases that were kept instead of
    `subject`, `facts` and `words` until revision 0010: they stand as they were written, nothing
    reads them, and nothing has been written to them since.
    """

    __tablename__ = "decisions"
    __table_args__ = (Index(None, "campaign"), Index(None, "campaign", "subject_kind", "subject"))

    id: Mapped[Number]
    campaign: Mapped[str]
    person: Mapped[str]
    kind: Mapped[str]
    about: Mapped[str] = mapped_column(default="")
    reason: Mapped[str] = mapped_column(default="")
    decided_at: Mapped[datetime]
    login: Mapped[str] = mapped_column(server_default=text("''"))
    subject_kind: Mapped[str] = mapped_column(server_default=text("''"))
    subject: Mapped[str] = mapped_column(server_default=text("''"))
    facts: Mapped[str] = mapped_column(server_default=text("'{}'"))
    words: Mapped[str] = mapped_column(server_default=text("''"))
