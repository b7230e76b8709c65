"""How schedulers answered: what failed is not asked again at once."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING

from sqlalchemy import Connection, insert, select, update

from nexuslims_core.store.tables import SOURCES
from nexuslims_core.store.values import SourceState

if TYPE_CHECKING:
    from datetime import datetime


def source_state(connection: Connection, name: str) -> SourceState:
    """Return how a scheduler answered; an empty state when it was never asked."""
    row = connection.execute(select(SOURCES).where(SOURCES.c.name == name)).first()
    if row is None:
        return SourceState(name=name)
    return SourceState(**row._mapping)  # noqa: SLF001 - its documented name


def succeeded(connection: Connection, name: str, now: datetime) -> None:
    """Note that a scheduler answered."""
    before = source_state(connection, name)
    _store(
        connection,
        SourceState(
            name=name,
            last_success_at=now,
            last_failure_at=before.last_failure_at,
        ),
    )


def failed(
    connection: Connection,
    name: str,
    error: str,
    *,
    now: datetime,
    next_attempt_at: datetime | None,
) -> None:
    """Note that a scheduler did not answer, and when to ask again."""
    before = source_state(connection, name)
    _store(
        connection,
        SourceState(
            name=name,
            failures=before.failures + 1,
            next_attempt_at=next_attempt_at,
            last_success_at=before.last_success_at,
            last_failure_at=now,
            last_error=error,
        ),
    )


def _store(connection: Connection, state: SourceState) -> None:
    values = asdict(state)
    changed = connection.execute(
        update(SOURCES).where(SOURCES.c.name == state.name).values(**values)
    )
    if not changed.rowcount:
        connection.execute(insert(SOURCES).values(**values))
