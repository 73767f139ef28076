"""The tables of the ledger. All but `outbox`, `robots` and `inbox` are facts: triggers refuse to
change or delete their rows (law 1).
"""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import Annotated

from sqlalchemy import (
    BigInteger,
    Integer,
    MetaData,
)
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import DeclarativeBase, Session, mapped_column

from bot.store.engine.columns import AnyText, MomentColumn, TenThousandths

# SQLite numbers rows by itself only in a column of exactly INTEGER.
Number = Annotated[
    int, mapped_column(BigInteger().with_variant(Integer, "sqlite"), primary_key=True)
]


class Db(DeclarativeBase):
    """What all tables share: how Python types become columns, and how constraints are named."""

    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(table_name)s_%(column_0_N_name)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "fk": "fk_%(table_name)s_%(column_0_N_name)s",
            "pk": "pk_%(table_name)s",
        }
    )
    type_annotation_map = {  # noqa: RUF012
        str: AnyText,
        datetime: MomentColumn,
        Decimal: TenThousandths,
        int: BigInteger().with_variant(Integer, "sqlite"),
    }


def insert_if_new(session: Session, table: type[Db]) -> postgresql.Insert | sqlite.Insert:
    """An INSERT into the table that does nothing where the row exists already; execute it to make
    it happen.
    """
    if session.get_bind().dialect.name == "sqlite":
        return sqlite.insert(table).on_conflict_do_nothing()
    return postgresql.insert(table).on_conflict_do_nothing()


def insert_or_change(
    engine: str, table: type[Db], *, by: str, changed: tuple[str, ...]
) -> postgresql.Insert | sqlite.Insert:
    """An INSERT into the table for that engine (`sqlite`, `postgresql`) that changes these columns
    where the row exists already.
    """
    if engine == "sqlite":
        new = sqlite.insert(table)
        return new.on_conflict_do_update(
            index_elements=[by], set_={name: new.excluded[name] for name in changed}
        )
    other = postgresql.insert(table)
    return other.on_conflict_do_update(
        index_elements=[by], set_={name: other.excluded[name] for name in changed}
    )
