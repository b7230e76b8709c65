"""Writing sessions into the log, each of its events once."""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING, Any

from sqlalchemy import (
    Connection,
    Select,
    and_,
    bindparam,
    delete,
    insert,
    select,
    update,
)

from nexuslims_core.errors import StoreError
from nexuslims_core.store.details import to_json
from nexuslims_core.store.instruments import instruments, require
from nexuslims_core.store.log import (
    PENDING,
    WAITING,
    LoggedSession,
    logged_session,
    logged_sessions,
    of,
)
from nexuslims_core.store.tables import DETAILS, SESSION_LOG, STATE
from nexuslims_core.store.timestamps import parse_or_none, write

if TYPE_CHECKING:
    from datetime import datetime

    from nexuslims_core.model.facility import Instrument, Session
    from nexuslims_core.store.values import Recorded


def record(connection: Connection, session: Session) -> Recorded:
    """Write a session's START and END, or correct those that are there.

    Raises
    ------
    StoreError
        If its instrument is unknown, or its times make no sense.
    """
    _check(session)
    require(connection, session.instrument.pid)
    logged = find(connection, session.identifier, session.instrument.pid)
    detailed = _store_details(connection, session, logged)
    if logged is None:
        _insert(connection, session, "START", session.start)
        _insert(connection, session, "END", session.end)
        return "new"
    revised = _revise(connection, session, logged)
    if not revised and not detailed:
        return "known"
    _expect_work(connection, session)
    return "changed"


def find(
    connection: Connection, identifier: str, instrument: str
) -> LoggedSession | None:
    """Return what the log says about a session, `None` when it is not there."""
    wanted = {"identifier": identifier, "pid": instrument}
    row = connection.execute(_query_for_one(), wanted).first()
    return logged_session(row) if row is not None else None


@functools.cache
def _query_for_one() -> Select[Any]:
    """Return the query of `find`; making it takes longer than running it."""
    key = (
        select(SESSION_LOG.c.session_identifier, SESSION_LOG.c.instrument)
        .where(
            SESSION_LOG.c.session_identifier == bindparam("identifier"),
            SESSION_LOG.c.instrument == bindparam("pid"),
        )
        .distinct()
        .subquery("key")
    )
    return logged_sessions(key)


def _check(session: Session) -> None:
    if session.start.tzinfo is None or session.end.tzinfo is None:
        msg = f"session {session.identifier}: its times have no offset from UTC"
        raise StoreError(msg)
    if session.end < session.start:
        msg = (
            f"session {session.identifier} ends ({write(session.end)}) before it "
            f"starts ({write(session.start)}); correct it at its source"
        )
        raise StoreError(msg)


def _insert(
    connection: Connection, session: Session, event_type: str, moment: datetime
) -> None:
    connection.execute(
        insert(SESSION_LOG).values(
            session_identifier=session.identifier,
            instrument=session.instrument.pid,
            timestamp=write(moment),
            event_type=event_type,
            record_status=PENDING,
            user=session.user or None,
        )
    )


def _revise(connection: Connection, session: Session, logged: LoggedSession) -> bool:
    """Bring both events up to date; tell whether that changed anything."""
    stored = _instrument(connection, session)
    if logged.start_id is None or logged.end_id is None:
        kept = logged.end_id if logged.start_id is None else logged.start_id
        _complete(connection, session, logged)
        _set_status(connection, kept)
        return True
    same = (
        parse_or_none(logged.start, stored) == session.start
        and parse_or_none(logged.end, stored) == session.end
        and (not session.user or {logged.start_user, logged.end_user} == {session.user})
    )
    if not same:
        _update(connection, session, logged.start_id, session.start)
        _update(connection, session, logged.end_id, session.end)
    return not same


def _instrument(connection: Connection, session: Session) -> Instrument:
    pid = session.instrument.pid
    return next(found for found in instruments(connection) if found.pid == pid)


def _complete(connection: Connection, session: Session, logged: LoggedSession) -> None:
    for event_type, number, moment in (
        ("START", logged.start_id, session.start),
        ("END", logged.end_id, session.end),
    ):
        if number is None:
            _insert(connection, session, event_type, moment)
        else:
            _update(connection, session, number, moment)


def _update(
    connection: Connection, session: Session, number: int, moment: datetime
) -> None:
    values = {"timestamp": write(moment)}
    if session.user:
        values["user"] = session.user
    connection.execute(
        update(SESSION_LOG)
        .where(SESSION_LOG.c.id_session_log == number)
        .values(**values)
    )


def _set_status(connection: Connection, number: int | None) -> None:
    connection.execute(
        update(SESSION_LOG)
        .where(
            SESSION_LOG.c.id_session_log == number,
            SESSION_LOG.c.record_status == WAITING,
        )
        .values(record_status=PENDING)
    )


def _store_details(
    connection: Connection, session: Session, logged: LoggedSession | None
) -> bool:
    """Store what was recorded with the session; tell whether that is new."""
    if session.details is None:
        return False
    text = to_json(session.details)
    if logged is not None and logged.details == text:
        return False
    key = of(DETAILS, session.identifier, session.instrument.pid)
    connection.execute(delete(DETAILS).where(key))
    connection.execute(
        insert(DETAILS).values(
            session_identifier=session.identifier,
            instrument=session.instrument.pid,
            details=text,
        )
    )
    return True


def _expect_work(connection: Connection, session: Session) -> None:
    """Let the next run look at a session that changed, waiting or finished."""
    key = of(STATE, session.identifier, session.instrument.pid)
    connection.execute(update(STATE).where(key).values(ended_at=session.end))
    connection.execute(
        update(STATE)
        .where(and_(key, STATE.c.status == PENDING))
        .values(next_attempt_at=None)
    )
