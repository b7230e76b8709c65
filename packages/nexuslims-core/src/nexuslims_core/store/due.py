"""Which sessions are due, and why."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from sqlalchemy import ColumnElement, Connection, Subquery, and_, or_, select, union

from nexuslims_core.errors import StoreError
from nexuslims_core.store.log import (
    PENDING,
    LoggedSession,
    logged_session,
    logged_sessions,
    pending_keys,
)
from nexuslims_core.store.tables import STATE
from nexuslims_core.store.values import ClaimReason, SessionState

if TYPE_CHECKING:
    from collections.abc import Mapping
    from collections.abc import Set as AbstractSet
    from datetime import datetime

    from nexuslims_core.model.facility import Instrument, Session
    from nexuslims_core.store.locks import Key

RETRIED = ("BUILT_NOT_EXPORTED", "ERROR")
RECHECKED = ("COMPLETED", "NO_CONSENT", "NO_RESERVATION", "NO_FILES_FOUND")


class Due(NamedTuple):
    """A session that is due."""

    logged: LoggedSession
    session: Session
    reason: ClaimReason

    @property
    def key(self) -> Key:
        """What tells it from others."""
        return self.logged.identifier, self.logged.instrument


@dataclass(frozen=True, kw_only=True)
class Rules:
    """What is due."""

    now: datetime
    recheck_since: datetime
    """Finished sessions that ended later are looked at again."""
    retry_errors_for: str | None
    """Fingerprint of the extractors; failures of other ones are tried again."""
    skip: AbstractSet[Key] = frozenset()
    """Sessions that are not due, whatever is known of them."""
    settled_since: datetime | None = None
    """Sessions that any runner has settled since are not due either."""


def candidates(rules: Rules) -> Subquery:
    """Return the keys of sessions worth a look, so that old ones cost nothing."""
    noted = [
        STATE.c.next_attempt_at <= rules.now,
        STATE.c.ended_at > rules.recheck_since,
    ]
    if rules.retry_errors_for is not None:
        noted.append(
            and_(
                STATE.c.status == "ERROR",
                STATE.c.extractors_fingerprint != rules.retry_errors_for,
            )
        )
    state = select(STATE.c.session_identifier, STATE.c.instrument)
    return union(pending_keys(), state.where(or_(*noted))).subquery("due")


def due_sessions(
    connection: Connection,
    keys: Subquery,
    rules: Rules,
    known: Mapping[str, Instrument],
    free: ColumnElement[bool],
) -> list[Due]:
    """Return the sessions of `keys` that are due and free, the earliest first."""
    due = []
    for row in connection.execute(logged_sessions(keys).where(free)):
        logged = logged_session(row)
        try:
            session = logged.session(known)
        except StoreError:
            continue  # `unusable` tells of it
        reason = _reason(logged, session, rules)
        if reason is not None:
            due.append(Due(logged, session, reason))
    return sorted(due, key=_by_start)


def _reason(
    logged: LoggedSession, session: Session, rules: Rules
) -> ClaimReason | None:
    """Return why a session is due, `None` when it is not."""
    state = logged.state or SessionState()
    if (logged.identifier, logged.instrument) in rules.skip or _settled(state, rules):
        return None
    due = state.next_attempt_at is not None and state.next_attempt_at <= rules.now
    if logged.status == PENDING:
        # A status that we did not give was set by somebody who wants it built now.
        put_off = state.status == PENDING and state.next_attempt_at is not None
        return "pending" if due or not put_off else None
    if logged.status in RETRIED and due:
        return "retry"
    if logged.status == "ERROR" and _extractors_changed(state, rules):
        return "error"
    late = session.end > rules.recheck_since
    if logged.status in RECHECKED and logged.state is not None and late:
        return None if state.withdrawn_at else "recheck"
    return None


def _settled(state: SessionState, rules: Rules) -> bool:
    since, last = rules.settled_since, state.updated_at
    # A session without a status was claimed, and no more than that.
    if since is None or last is None or state.status is None:
        return False
    return last >= since


def _extractors_changed(state: SessionState, rules: Rules) -> bool:
    known = state.extractors_fingerprint
    wanted = rules.retry_errors_for
    return known is not None and wanted is not None and known != wanted


def _by_start(due: Due) -> tuple[datetime, str]:
    return due.session.start, due.session.identifier
