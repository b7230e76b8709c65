"""Row locks, with which runners on PostgreSQL work side by side.

Whoever changes what is known of a session first locks its rows: those of its START and
END in the order of their ids, then that of its state. As all keep to this order, none
waits for another in a circle. SQLite locks the whole file, and needs none of this.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import Connection, select, tuple_

from nexuslims_core.store.engine import is_shared
from nexuslims_core.store.log import of
from nexuslims_core.store.tables import SESSION_LOG, STATE

if TYPE_CHECKING:
    from collections.abc import Sequence

    from nexuslims_core.store.log import LoggedSession

Key = tuple[str, str]
"""Identifier and instrument of a session."""

EVENTS = ("START", "END")


def hold(connection: Connection, identifier: str, instrument: str) -> None:
    """Lock one session for this transaction; wait for others to let go of it."""
    if not is_shared(connection):
        return
    log = SESSION_LOG
    connection.execute(
        select(log.c.id_session_log)
        .where(of(log, identifier, instrument), log.c.event_type.in_(EVENTS))
        .order_by(log.c.id_session_log)
        .with_for_update()
    ).all()
    connection.execute(
        select(STATE.c.instrument)
        .where(of(STATE, identifier, instrument))
        .with_for_update()
    ).all()


def hold_idle(
    connection: Connection, sessions: Sequence[LoggedSession]
) -> tuple[frozenset[int], frozenset[Key]]:
    """Lock those of `sessions` that nobody else has locked; wait for none.

    Returns
    -------
    tuple of frozenset
        Ids of the END rows, and keys of the states, that are locked now.
    """
    log = SESSION_LOG
    rows = connection.scalars(
        select(log.c.id_session_log)
        .where(log.c.id_session_log.in_([one.end_id for one in sessions]))
        .with_for_update(skip_locked=True)
    ).all()
    ends = frozenset(rows)
    keys = [(one.identifier, one.instrument) for one in sessions if one.end_id in ends]
    states = connection.execute(
        select(STATE.c.session_identifier, STATE.c.instrument)
        .where(tuple_(STATE.c.session_identifier, STATE.c.instrument).in_(keys))
        .with_for_update(skip_locked=True)
    ).all()
    return ends, frozenset((row[0], row[1]) for row in states)
