"""Reading the session log: one row per session, whoever wrote its events.

Several programs log events, and some log the same one twice: of a session's START and
END rows, the one with the highest id counts.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sqlalchemy import (
    ColumnElement,
    FromClause,
    Row,
    Select,
    Subquery,
    and_,
    case,
    func,
    literal,
    or_,
    select,
)

from nexuslims_core.errors import StoreError
from nexuslims_core.model.facility import Instrument, Session
from nexuslims_core.store.details import from_json
from nexuslims_core.store.tables import (
    DETAILS,
    SESSION_LOG,
    STATE,
)
from nexuslims_core.store.timestamps import parse, parse_or_none
from nexuslims_core.store.values import RecordStatus, SessionState, SessionSummary

if TYPE_CHECKING:
    from collections.abc import Mapping

WAITING: RecordStatus = "WAITING_FOR_END"
PENDING: RecordStatus = "TO_BE_BUILT"
_STATE_COLUMNS = tuple(column.name for column in STATE.columns)


@dataclass(frozen=True, kw_only=True)
class LoggedSession:
    """A session as it stands in the log, its times not yet understood."""

    identifier: str
    instrument: str
    start_id: int | None
    end_id: int | None
    start: str | None
    end: str | None
    start_user: str | None
    end_user: str | None
    status: RecordStatus
    details: str | None
    state: SessionState | None
    """`None` for a session that no run of ours has claimed."""

    @property
    def user(self) -> str:
        """Its user; when the rows disagree, the one who started."""
        return self.start_user or self.end_user or ""

    def session(self, instruments: Mapping[str, Instrument]) -> Session:
        """Return the session.

        Raises
        ------
        StoreError
            If the log does not say enough; the message says what is wrong.
        """
        instrument = instruments.get(self.instrument)
        if instrument is None:
            msg = f"its instrument {self.instrument!r} is not in the database; add it"
            raise StoreError(msg)
        if self.start is None or self.end is None:
            raise StoreError("it has no START or no END in the log")
        try:
            start = parse(self.start, instrument)
            end = parse(self.end, instrument)
        except ValueError as error:
            raise StoreError(f"{error}; correct session_log.timestamp") from error
        if end < start:
            msg = f"it ends ({self.end}) before it starts ({self.start}); correct it"
            raise StoreError(msg)
        return Session(
            identifier=self.identifier,
            instrument=instrument,
            start=start,
            end=end,
            user=self.user,
            details=from_json(self.details) if self.details else None,
        )

    def summary(self, instruments: Mapping[str, Instrument]) -> SessionSummary:
        """Return what can be told of it, however odd."""
        instrument = instruments.get(self.instrument)
        return SessionSummary(
            identifier=self.identifier,
            instrument=self.instrument,
            user=self.user,
            start=parse_or_none(self.start, instrument),
            end=parse_or_none(self.end, instrument),
            status=self.status,
            state=self.state or SessionState(),
        )


def logged_sessions(keys: Subquery | None = None) -> Select[Any]:
    """Return a query for all sessions in the log, or those in `keys`.

    Columns of `nx_session` are outer-joined and may be filtered on.
    """
    pairs = _pairs(keys)
    start, end = SESSION_LOG.alias("start"), SESSION_LOG.alias("end")
    return (
        select(
            pairs,
            start.c.timestamp.label("start"),
            end.c.timestamp.label("end"),
            start.c.user.label("start_user"),
            end.c.user.label("end_user"),
            _status(start, end, pairs).label("log_status"),
            DETAILS.c.details,
            *(STATE.c[name].label(f"state_{name}") for name in _STATE_COLUMNS),
        )
        .select_from(pairs)
        .outerjoin(start, start.c.id_session_log == pairs.c.start_id)
        .outerjoin(end, end.c.id_session_log == pairs.c.end_id)
        .outerjoin(STATE, _same_key(STATE, pairs))
        .outerjoin(DETAILS, _same_key(DETAILS, pairs))
    )


def logged_session(row: Row[Any]) -> LoggedSession:
    """Return what a row of `logged_sessions` says."""
    found = row._mapping  # noqa: SLF001 - its documented name
    return LoggedSession(
        identifier=found["session_identifier"],
        instrument=found["instrument"],
        start_id=found["start_id"],
        end_id=found["end_id"],
        start=found["start"],
        end=found["end"],
        start_user=found["start_user"],
        end_user=found["end_user"],
        status=found["log_status"],
        details=found["details"],
        state=_state(found),
    )


def state_of(row: Row[Any]) -> SessionState:
    """Return what a row of `nx_session` says."""
    return _state({f"state_{k}": v for k, v in row._mapping.items()}) or SessionState()  # noqa: SLF001 - its documented name


def pending_keys() -> Select[*tuple[Any, ...]]:
    """Return a query for sessions that may have to be built, going by their events."""
    return select(SESSION_LOG.c.session_identifier, SESSION_LOG.c.instrument).where(
        SESSION_LOG.c.event_type.in_(("START", "END")),
        or_(
            SESSION_LOG.c.record_status.in_((PENDING, WAITING)),
            SESSION_LOG.c.record_status.is_(None),
        ),
    )


def of(
    table: FromClause,
    identifier: str | ColumnElement[str],
    instrument: str | ColumnElement[str],
) -> ColumnElement[bool]:
    """Return the condition that a row of such a table belongs to a session."""
    return and_(
        table.c.session_identifier == identifier, table.c.instrument == instrument
    )


def _pairs(keys: Subquery | None) -> Subquery:
    log = SESSION_LOG
    statement = select(
        log.c.session_identifier,
        log.c.instrument,
        _last_id("START").label("start_id"),
        _last_id("END").label("end_id"),
    ).where(log.c.event_type.in_(("START", "END")))
    if keys is not None:
        statement = statement.join(keys, _same_key(keys, log))
    return statement.group_by(log.c.session_identifier, log.c.instrument).subquery(
        "pairs"
    )


def _last_id(event_type: str) -> ColumnElement[int | None]:
    log = SESSION_LOG
    return func.max(case((log.c.event_type == event_type, log.c.id_session_log)))


def _status(start: FromClause, end: FromClause, pairs: Subquery) -> ColumnElement[str]:
    """Return the status of a session, of which its events may say different things."""
    return case(
        (or_(pairs.c.start_id.is_(None), pairs.c.end_id.is_(None)), literal(WAITING)),
        # An END that was logged without a status ends the waiting.
        (
            func.coalesce(end.c.record_status, WAITING).in_((WAITING, PENDING)),
            literal(PENDING),
        ),
        (start.c.record_status == PENDING, literal(PENDING)),
        else_=end.c.record_status,
    )


def _same_key(one: FromClause, other: FromClause) -> ColumnElement[bool]:
    return of(one, other.c.session_identifier, other.c.instrument)


def _state(found: Mapping[Any, Any]) -> SessionState | None:
    if found["state_session_identifier"] is None:
        return None
    values = {name: found[f"state_{name}"] for name in _STATE_COLUMNS}
    for name in ("session_identifier", "instrument", "ended_at"):
        del values[name]
    path = values.pop("record_path")
    return SessionState(record_path=Path(path) if path else None, **values)
