"""Column types that mean the same in SQLite and PostgreSQL."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

from sqlalchemy import DateTime, String, Text, TypeDecorator

if TYPE_CHECKING:
    from sqlalchemy import Dialect
    from sqlalchemy.types import TypeEngine


def bounded(length: int) -> TypeEngine[str]:
    """Return text of a declared length that no database enforces.

    SQLite never does; PostgreSQL would refuse the session identifiers of NEMO, which
    are longer than the declared 36 characters.
    """
    return String(length).with_variant(Text(), "postgresql")


class Moment(TypeDecorator[datetime]):
    """An aware time; kept in UTC, so that stored values sort by time."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(
        self, value: datetime | None, dialect: Dialect
    ) -> datetime | None:
        """Convert to UTC.

        Raises
        ------
        ValueError
            If `value` is naive.
        """
        del dialect
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError(f"expected an aware time, found {value.isoformat()}")
        return value.astimezone(UTC)

    def process_result_value(
        self, value: datetime | None, dialect: Dialect
    ) -> datetime | None:
        """Return an aware time in UTC; SQLite forgets that it was."""
        del dialect
        if value is None:
            return None
        if value.tzinfo is None:
            return value.replace(tzinfo=UTC)
        return value.astimezone(UTC)


class Prose(TypeDecorator[str]):
    """Text from anywhere: bytes of file names that are no text become escapes."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: object, dialect: Dialect) -> str | None:
        """Return text that any database takes."""
        del dialect
        if value is None:
            return None
        clean = str(value).encode("utf-8", "backslashreplace").decode("utf-8")
        return clean.replace("\0", "\\x00")
