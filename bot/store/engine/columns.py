"""Column types that read back exactly what was written, the same on both engines."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from decimal import Decimal

from sqlalchemy import BigInteger, DateTime, Dialect, Text, TypeDecorator
from sqlalchemy.dialects import sqlite
from sqlalchemy.types import TypeEngine

ESCAPE = "\x10"
_UNSTORABLE = re.compile("[\x00\x10\ud800-\udfff]")
_ESCAPED = re.compile("\x10([0-9a-f]{4})")


class MomentColumn(TypeDecorator[datetime]):
    """An aware moment; reads back in UTC with its microseconds. A naive one is a ValueError."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[datetime]:
        """Of SQLite a column whose text is written and read here: its own way takes two to four
        times as long.
        """
        if dialect.name == "sqlite":
            return dialect.type_descriptor(_AS_TEXT)
        return super().load_dialect_impl(dialect)

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | str | None:
        """The moment in UTC; for SQLite, which must compare it, as text of one length and without
        its zone.
        """
        if value is None:
            return None
        if value.utcoffset() is None:
            raise ValueError(f"{value!r} has no time zone; a moment needs one")
        value = value.astimezone(UTC)
        return value.isoformat(" ", "microseconds")[:26] if dialect.name == "sqlite" else value

    def process_result_value(self, value: datetime | str | None, _: Dialect) -> datetime | None:
        """The moment, aware, in UTC."""
        if value is None:
            return None
        if isinstance(value, str):
            return datetime.fromisoformat(value + "+00:00")
        return value.astimezone(UTC)


class _AsText(sqlite.DATETIME):
    """A DATETIME of SQLite whose values come and go as the text that is kept."""

    def bind_processor(self, _: Dialect) -> None:
        return None

    def result_processor(self, _: Dialect, __: object) -> None:
        return None


_AS_TEXT: TypeEngine[datetime] = _AsText(timezone=True)  # type: ignore[no-untyped-call]


class TenThousandths(TypeDecorator[Decimal]):
    """An exact value with up to four decimals, kept as a whole number; more decimals are a
    ValueError, never rounded.
    """

    impl = BigInteger
    cache_ok = True

    def process_bind_param(self, value: Decimal | None, _: Dialect) -> int | None:
        """The value times ten thousand."""
        if value is None:
            return None
        whole = value.scaleb(4)
        if whole != whole.to_integral_value():
            raise ValueError(
                f"{value} has more than four decimals; a value is kept exactly or not at all"
            )
        return int(whole)

    def process_result_value(self, value: int | None, _: Dialect) -> Decimal | None:
        """The value again, without trailing zeros."""
        return None if value is None else Decimal(value) / 10000


class AnyText(TypeDecorator[str]):
    """Text as people and platforms send it. NUL and lone surrogates, which the engines refuse, are
    kept behind an escape.
    """

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: str | None, _: Dialect) -> str | None:
        """The text with what the engines refuse written as four hexadecimal digits."""
        if value is None:
            return None
        return _UNSTORABLE.sub(lambda found: f"{ESCAPE}{ord(found.group()):04x}", value)

    def process_result_value(self, value: str | None, _: Dialect) -> str | None:
        """The very text that was written."""
        if value is None or ESCAPE not in value:
            return value
        return _ESCAPED.sub(lambda found: chr(int(found.group(1), 16)), value)
