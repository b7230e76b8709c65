"""Claiming sessions: each is worked on by one runner at a time."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    Subquery,
    and_,
    bindparam,
    insert,
    or_,
    select,
    union,
    update,
)

from nexuslims_core.errors import StoreError
from nexuslims_core.store.instruments import instruments
from nexuslims_core.store.log import (
    PENDING,
    STATE,
    LoggedSession,
    logged_session,
    logged_sessions,
    pending_keys,
)
from nexuslims_core.store.tables import StateRow
from nexuslims_core.store.values import (
    ClaimedSession,
    ClaimReason,
    SessionState,
    UnusableSession,
)

if TYPE_CHECKING:
    from datetime import datetime, timedelta

    from nexuslims_core.model.facility import Session

RETRIED = ("BUILT_NOT_EXPORTED", "ERROR")
RECHECKED = ("COMPLETED", "NO_CONSENT", "NO_RESERVATION", "NO_FILES_FOUND")


@dataclass(frozen=True, kw_only=True)
class Rules:
    """What is due."""

    now: datetime
    recheck_since: datetime
    """Finished sessions that ended later are looked at again."""
    retry_errors_for: str | None
    """Fingerprint of the extractors; failures of other ones are tried again."""


def claim(
    connection: Connection,
    rules: Rules,
    *,
    owner: str,
    lease: timedelta,
    limit: int | None,
) -> tuple[ClaimedSession, ...]:
    """Lease the sessions that are due to `owner`, the earliest first."""
    known = {instrument.pid: instrument for instrument in instruments(connection)}
    query = logged_sessions(_candidates(rules)).where(_free(owner, rules.now))
    due = []
    for row in connection.execute(query):
        logged = logged_session(row)
        try:
            session = logged.session(known)
        except StoreError:
            continue  # `unusable` tells of it
        reason = _reason(logged, session, rules)
        if reason is not None:
            due.append(_claimed(logged, session, reason, owner, rules.now + lease))
    due.sort(key=_by_start)
    chosen = due[:limit]
    _lease(connection, chosen, rules.now)
    return tuple(chosen)


def take(
    connection: Connection,
    logged: LoggedSession,
    *,
    owner: str,
    now: datetime,
    lease: timedelta,
) -> ClaimedSession:
    """Lease one session to `owner`, due or not.

    Raises
    ------
    StoreError
        If another runner has it, or it cannot be worked with.
    """
    known = {instrument.pid: instrument for instrument in instruments(connection)}
    session = logged.session(known)
    state = logged.state or SessionState()
    held = state.lease_expires_at is not None and state.lease_expires_at > now
    if held and state.lease_owner not in (None, owner):
        msg = (
            f"session {logged.identifier} is being worked on by {state.lease_owner}; "
            "try again when that run has ended"
        )
        raise StoreError(msg)
    claimed = _claimed(logged, session, "recheck", owner, now + lease)
    _lease(connection, [claimed], now)
    return claimed


def unusable(connection: Connection) -> tuple[UnusableSession, ...]:
    """Return the sessions that wait to be built and cannot be, and why."""
    known = {instrument.pid: instrument for instrument in instruments(connection)}
    found = []
    for row in connection.execute(logged_sessions(pending_keys().subquery("due"))):
        logged = logged_session(row)
        if logged.status != PENDING:
            continue
        try:
            logged.session(known)
        except StoreError as error:
            found.append(UnusableSession(logged.identifier, str(error)))
    return tuple(sorted(found))


def renew(connection: Connection, owner: str, now: datetime, lease: timedelta) -> int:
    """Extend the leases that `owner` still has; return how many."""
    return connection.execute(
        update(StateRow)
        .where(StateRow.lease_owner == owner)
        .values(lease_expires_at=now + lease)
    ).rowcount


def release(connection: Connection, owner: str) -> int:
    """Drop all leases of `owner`; return how many."""
    return connection.execute(
        update(StateRow)
        .where(StateRow.lease_owner == owner)
        .values(lease_owner=None, lease_expires_at=None)
    ).rowcount


def _candidates(rules: Rules) -> Subquery:
    """Return the keys of sessions worth a look, so that old ones cost nothing."""
    noted = [
        StateRow.next_attempt_at <= rules.now,
        StateRow.ended_at > rules.recheck_since,
    ]
    if rules.retry_errors_for is not None:
        noted.append(
            and_(
                StateRow.status == "ERROR",
                StateRow.extractors_fingerprint != rules.retry_errors_for,
            )
        )
    state = select(StateRow.session_identifier, StateRow.instrument)
    return union(pending_keys(), state.where(or_(*noted))).subquery("due")


def _free(owner: str, now: datetime) -> ColumnElement[bool]:
    return or_(
        STATE.c.lease_owner.is_(None),
        STATE.c.lease_owner == owner,
        STATE.c.lease_expires_at <= now,
    )


def _reason(
    logged: LoggedSession, session: Session, rules: Rules
) -> ClaimReason | None:
    """Return why a session is due, `None` when it is not."""
    state = logged.state or SessionState()
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


def _extractors_changed(state: SessionState, rules: Rules) -> bool:
    known = state.extractors_fingerprint
    wanted = rules.retry_errors_for
    return known is not None and wanted is not None and known != wanted


def _claimed(
    logged: LoggedSession,
    session: Session,
    reason: ClaimReason,
    owner: str,
    until: datetime,
) -> ClaimedSession:
    state = logged.state or SessionState()
    if reason == "pending" and state.status not in (None, PENDING):
        state = replace(state, attempts=0, next_attempt_at=None)
    return ClaimedSession(
        session=session,
        status=logged.status,
        reason=reason,
        state=replace(state, lease_owner=owner, lease_expires_at=until),
        owner=owner,
        lease_expires_at=until,
    )


def _by_start(claimed: ClaimedSession) -> tuple[datetime, str]:
    return claimed.session.start, claimed.session.identifier


def _lease(connection: Connection, chosen: list[ClaimedSession], now: datetime) -> None:
    known = [_values(one) for one in chosen if one.state.updated_at is not None]
    fresh = [_values(one) for one in chosen if one.state.updated_at is None]
    if known:
        connection.execute(
            update(StateRow)
            .where(
                StateRow.session_identifier == bindparam("key_identifier"),
                StateRow.instrument == bindparam("key_instrument"),
            )
            .values(
                lease_owner=bindparam("owner"),
                lease_expires_at=bindparam("until"),
                ended_at=bindparam("end"),
                attempts=bindparam("count"),
                next_attempt_at=bindparam("next"),
            ),
            known,
        )
    if fresh:
        connection.execute(
            insert(StateRow).values(
                session_identifier=bindparam("key_identifier"),
                instrument=bindparam("key_instrument"),
                lease_owner=bindparam("owner"),
                lease_expires_at=bindparam("until"),
                ended_at=bindparam("end"),
                attempts=bindparam("count"),
                next_attempt_at=bindparam("next"),
                updated_at=now,
            ),
            fresh,
        )


def _values(claimed: ClaimedSession) -> dict[str, Any]:
    return {
        "key_identifier": claimed.session.identifier,
        "key_instrument": claimed.session.instrument.pid,
        "owner": claimed.owner,
        "until": claimed.lease_expires_at,
        "end": claimed.session.end,
        "count": claimed.state.attempts,
        "next": claimed.state.next_attempt_at,
    }
