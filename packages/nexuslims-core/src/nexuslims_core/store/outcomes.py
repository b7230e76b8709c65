"""Finishing a claimed session: everything about it at once, or nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import Connection, delete, insert, select, update

from nexuslims_core.errors import StoreError
from nexuslims_core.store.engine import clock
from nexuslims_core.store.locks import hold
from nexuslims_core.store.log import PENDING, of, state_of
from nexuslims_core.store.tables import FILES, SESSION_LOG, STATE
from nexuslims_core.store.timestamps import write

if TYPE_CHECKING:
    from datetime import datetime

    from nexuslims_core.store.values import (
        ClaimedSession,
        Outcome,
        SessionFile,
        SessionState,
    )

LOGGED_USER = "nexuslims"
"""Whom the log names for RECORD_GENERATION events."""


def finish(
    connection: Connection, claimed: ClaimedSession, outcome: Outcome, now: datetime
) -> None:
    """Write what came of a session, and drop the lease.

    Raises
    ------
    StoreError
        If the lease belongs to somebody else by now.
    """
    identifier, pid = claimed.session.identifier, claimed.session.instrument.pid
    hold(connection, identifier, pid)
    state = _leased_state(connection, claimed)
    connection.execute(
        update(SESSION_LOG)
        .where(of(SESSION_LOG, identifier, pid))
        .values(record_status=outcome.status)
    )
    if _is_news(claimed, state, outcome):
        _log_generation(connection, claimed, outcome, now)
    connection.execute(
        update(STATE)
        .where(of(STATE, identifier, pid))
        .values(
            **_new_state(claimed, state, outcome, now),
            updated_at=clock(connection, now),
        )
    )
    if outcome.files is not None:
        _replace_files(connection, claimed, outcome.files)


def _leased_state(connection: Connection, claimed: ClaimedSession) -> SessionState:
    key = of(STATE, claimed.session.identifier, claimed.session.instrument.pid)
    row = connection.execute(select(*STATE.columns).where(key)).first()
    state = state_of(row) if row is not None else None
    if state is None or state.lease_owner != claimed.owner:
        holder = state.lease_owner if state and state.lease_owner else "nobody"
        msg = (
            f"session {claimed.session.identifier}: the lease of {claimed.owner} was "
            f"taken over and is held by {holder} now, so the outcome was not stored"
        )
        raise StoreError(msg)
    return state


def _is_news(claimed: ClaimedSession, state: SessionState, outcome: Outcome) -> bool:
    """Tell whether a RECORD_GENERATION row is due: a build that ended somehow."""
    if outcome.status == PENDING:
        return False
    if claimed.reason in ("pending", "error") or outcome.status != claimed.status:
        return True
    return _is_rebuilt(state, outcome)


def _is_rebuilt(state: SessionState, outcome: Outcome) -> bool:
    return outcome.record_sha256 not in (None, state.record_sha256)


def _log_generation(
    connection: Connection, claimed: ClaimedSession, outcome: Outcome, now: datetime
) -> None:
    connection.execute(
        insert(SESSION_LOG).values(
            session_identifier=claimed.session.identifier,
            instrument=claimed.session.instrument.pid,
            timestamp=write(now),
            event_type="RECORD_GENERATION",
            record_status=outcome.status,
            user=LOGGED_USER,
        )
    )


def _new_state(
    claimed: ClaimedSession, state: SessionState, outcome: Outcome, now: datetime
) -> dict[str, Any]:
    values: dict[str, Any] = {
        "status": outcome.status,
        "attempts": _attempts(state, outcome),
        "next_attempt_at": outcome.next_attempt_at,
        "lease_owner": None,
        "lease_expires_at": None,
        "last_error": outcome.error,
    }
    kept = {
        "record_path": outcome.record_path,
        "record_sha256": outcome.record_sha256,
        "inputs_fingerprint": outcome.inputs_fingerprint,
        "extractors_fingerprint": outcome.extractors_fingerprint,
    }
    values |= {name: value for name, value in kept.items() if value is not None}
    if outcome.withdrawn:
        values["withdrawn_at"] = now
    built = outcome.record_sha256 is not None and claimed.reason in ("pending", "error")
    if built or _is_rebuilt(state, outcome):
        values["built_at"] = now
    return values


def _attempts(state: SessionState, outcome: Outcome) -> int:
    if outcome.count_attempt:
        return state.attempts + 1
    return 0 if outcome.status == "COMPLETED" else state.attempts


def _replace_files(
    connection: Connection, claimed: ClaimedSession, files: tuple[SessionFile, ...]
) -> None:
    key = {
        "session_identifier": claimed.session.identifier,
        "instrument": claimed.session.instrument.pid,
    }
    connection.execute(delete(FILES).where(of(FILES, *key.values())))
    if files:
        connection.execute(
            insert(FILES),
            [
                {
                    **key,
                    "path": str(file.path),
                    "size": file.size,
                    "mtime_ns": file.mtime_ns,
                    "state": file.state,
                    "warning": file.warning,
                }
                for file in files
            ],
        )
