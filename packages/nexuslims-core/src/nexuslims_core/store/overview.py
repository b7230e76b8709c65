"""Sessions as an operator sees them: lists, one with all its history, and retrying."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sqlalchemy import Connection, select, update

from nexuslims_core.errors import StoreError
from nexuslims_core.store.details import from_json
from nexuslims_core.store.exports import deliveries, load_metadata
from nexuslims_core.store.instruments import instruments
from nexuslims_core.store.log import (
    PENDING,
    WAITING,
    LoggedSession,
    logged_session,
    logged_sessions,
    of,
)
from nexuslims_core.store.tables import FILES, SESSION_LOG, STATE, UPLOAD_LOG
from nexuslims_core.store.values import (
    LogEntry,
    SessionFile,
    SessionHistory,
    UploadEntry,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from sqlalchemy import Row

    from nexuslims_core.store.values import SessionSummary

_LONG_AGO = datetime.min.replace(tzinfo=UTC)


def list_sessions(
    connection: Connection,
    *,
    status: str | None,
    instrument: str | None,
    since: datetime | None,
    limit: int | None,
) -> tuple[SessionSummary, ...]:
    """Return sessions, the newest first."""
    known = {found.pid: found for found in instruments(connection)}
    summaries = [logged.summary(known) for logged in _all(connection, status)]
    chosen = [
        summary
        for summary in summaries
        if instrument in (None, summary.instrument)
        and (since is None or (summary.start is not None and summary.start >= since))
    ]
    chosen.sort(key=_by_start, reverse=True)
    return tuple(chosen[:limit])


def show_session(
    connection: Connection, identifier: str, instrument: str | None
) -> SessionHistory:
    """Return everything about a session.

    Raises
    ------
    StoreError
        If there is no such session, or one on several instruments.
    """
    logged = the_one(connection, identifier, instrument)
    known = {found.pid: found for found in instruments(connection)}
    return SessionHistory(
        summary=logged.summary(known),
        log=_log(connection, logged),
        uploads=_uploads(connection, identifier),
        files=_files(connection, logged),
        deliveries=deliveries(connection, identifier, logged.instrument),
        details=from_json(logged.details) if logged.details else None,
    )


def retry(
    connection: Connection, identifiers: Sequence[str], status: str | None
) -> int:
    """Set sessions to be built again from the beginning; return how many.

    Raises
    ------
    StoreError
        If one of `identifiers` is no session, or has not ended; none is set then.
    """
    chosen: list[LoggedSession] = []
    for identifier in dict.fromkeys(identifiers):
        chosen += _ended(connection, identifier)
    if status is not None:
        chosen += [one for one in _all(connection, status) if one.status != WAITING]
    keys = dict.fromkeys((one.identifier, one.instrument) for one in chosen)
    for key in keys:
        _set_pending(connection, *key)
    return len(keys)


def _all(connection: Connection, status: str | None) -> Iterable[LoggedSession]:
    for row in connection.execute(logged_sessions()):
        logged = logged_session(row)
        if status in (None, logged.status):
            yield logged


def _by_start(summary: SessionSummary) -> datetime:
    return summary.start or summary.end or _LONG_AGO


def _named(connection: Connection, identifier: str) -> list[LoggedSession]:
    keys = (
        select(SESSION_LOG.c.session_identifier, SESSION_LOG.c.instrument)
        .where(SESSION_LOG.c.session_identifier == identifier)
        .distinct()
        .subquery("named")
    )
    rows = connection.execute(logged_sessions(keys))
    found = [logged_session(row) for row in rows]
    if not found:
        msg = (
            f"there is no session {identifier!r} in the database; `nexuslims sessions "
            "list` shows those that are"
        )
        raise StoreError(msg)
    return found


def the_one(
    connection: Connection, identifier: str, instrument: str | None
) -> LoggedSession:
    """Return the session of a name.

    Raises
    ------
    StoreError
        If there is none, or several and `instrument` does not say which.
    """
    found = [
        one
        for one in _named(connection, identifier)
        if instrument in (None, one.instrument)
    ]
    if len(found) != 1:
        pids = ", ".join(sorted(one.instrument for one in found)) or "another one"
        msg = f"session {identifier!r} is on {pids}; name the right instrument"
        raise StoreError(msg)
    return found[0]


def _ended(connection: Connection, identifier: str) -> list[LoggedSession]:
    found = _named(connection, identifier)
    for one in found:
        if one.status == WAITING:
            msg = (
                f"session {identifier!r} on {one.instrument} has no START or no END in "
                "the log yet, so nothing can be built of it"
            )
            raise StoreError(msg)
    return found


def _set_pending(connection: Connection, identifier: str, instrument: str) -> None:
    connection.execute(
        update(SESSION_LOG)
        .where(of(SESSION_LOG, identifier, instrument))
        .values(record_status=PENDING)
    )
    connection.execute(
        update(STATE)
        .where(of(STATE, identifier, instrument))
        .values(status=PENDING, attempts=0, next_attempt_at=None, withdrawn_at=None)
    )


def _log(connection: Connection, logged: LoggedSession) -> tuple[LogEntry, ...]:
    rows = connection.execute(
        select(SESSION_LOG)
        .where(of(SESSION_LOG, logged.identifier, logged.instrument))
        .order_by(SESSION_LOG.c.id_session_log)
    )
    return tuple(
        LogEntry(
            id=row.id_session_log,
            event_type=row.event_type,
            timestamp=row.timestamp,
            status=row.record_status or WAITING,
            user=row.user or "",
        )
        for row in rows
    )


def _uploads(connection: Connection, identifier: str) -> tuple[UploadEntry, ...]:
    rows = connection.execute(
        select(UPLOAD_LOG)
        .where(UPLOAD_LOG.c.session_identifier == identifier)
        .order_by(UPLOAD_LOG.c.id)
    )
    return tuple(_upload(row) for row in rows)


def _upload(row: Row[Any]) -> UploadEntry:
    return UploadEntry(
        id=row.id,
        destination=row.destination_name,
        success=row.success,
        timestamp=row.timestamp,
        record_id=row.record_id,
        record_url=row.record_url,
        error=row.error_message,
        metadata=load_metadata(row.metadata_json),
    )


def _files(connection: Connection, logged: LoggedSession) -> tuple[SessionFile, ...]:
    rows = connection.execute(
        select(FILES)
        .where(of(FILES, logged.identifier, logged.instrument))
        .order_by(FILES.c.id)
    )
    return tuple(
        SessionFile(
            path=Path(row.path),
            size=row.size,
            mtime_ns=row.mtime_ns,
            state=row.state,
            warning=row.warning,
        )
        for row in rows
    )
