"""Claiming sessions: each is worked on by one runner at a time."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    bindparam,
    insert,
    or_,
    select,
    tuple_,
    update,
)

from nexuslims_core.errors import StoreError
from nexuslims_core.store.due import Due, Rules, candidates, due_sessions
from nexuslims_core.store.engine import clock, is_shared
from nexuslims_core.store.instruments import instruments
from nexuslims_core.store.locks import hold_idle
from nexuslims_core.store.log import (
    PENDING,
    LoggedSession,
    logged_session,
    logged_sessions,
    of,
    pending_keys,
)
from nexuslims_core.store.tables import SESSION_LOG, STATE
from nexuslims_core.store.values import (
    ClaimedSession,
    ClaimReason,
    SessionState,
    UnusableSession,
)

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime, timedelta

    from nexuslims_core.model.facility import Instrument, Session

AT_ONCE = 500
"""How many sessions are locked by one statement, at most."""


def claim(
    connection: Connection,
    rules: Rules,
    *,
    owner: str,
    lease: timedelta,
    limit: int | None,
) -> tuple[ClaimedSession, ...]:
    """Lease the sessions that are due to `owner`, the earliest first.

    On PostgreSQL, what others are claiming at this moment is passed over.
    """
    now = clock(connection, rules.now)
    known = {instrument.pid: instrument for instrument in instruments(connection)}
    waiting = due_sessions(
        connection, candidates(rules), rules, known, _free(owner, now)
    )
    chosen: list[Due] = []
    wanted = len(waiting) if limit is None else limit
    while waiting and len(chosen) < wanted:
        count = min(wanted - len(chosen), AT_ONCE)
        part, waiting = waiting[:count], waiting[count:]
        if is_shared(connection):
            part = _held(connection, part, rules, known, _free(owner, now))
        chosen.extend(part)
    claimed = [_claimed(*due, owner, now + lease) for due in chosen]
    _lease(connection, claimed, now)
    return tuple(claimed)


def _held(
    connection: Connection,
    part: Sequence[Due],
    rules: Rules,
    known: Mapping[str, Instrument],
    free: ColumnElement[bool],
) -> list[Due]:
    """Return those of `part` that are locked for us now, and due still."""
    ends, states = hold_idle(connection, [one.logged for one in part])
    log = SESSION_LOG
    keys = (
        select(log.c.session_identifier, log.c.instrument)
        .where(log.c.id_session_log.in_(ends))
        .subquery("held")
    )
    # What the first look found may have been finished by somebody in between.
    return [
        one
        for one in due_sessions(connection, keys, rules, known, free)
        if one.logged.state is None or one.key in states
    ]


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
    now = clock(connection, now)
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
    """Extend the leases that `owner` still has; return how many.

    Rows that are being changed at this moment are left to whoever does so: waiting for
    them could end in a circle.
    """
    key = tuple_(STATE.c.session_identifier, STATE.c.instrument)
    leased = (
        select(STATE.c.session_identifier, STATE.c.instrument)
        .where(STATE.c.lease_owner == owner)
        .with_for_update(skip_locked=True)
    )
    return connection.execute(
        update(STATE)
        .where(key.in_(leased))
        .values(lease_expires_at=clock(connection, now) + lease)
    ).rowcount


def lease_owner(connection: Connection, session: Session) -> str | None:
    """Return the runner that has leased a session; `None` when none has."""
    return connection.scalar(
        select(STATE.c.lease_owner).where(
            of(STATE, session.identifier, session.instrument.pid)
        )
    )


def release(connection: Connection, owner: str) -> int:
    """Drop all leases of `owner`; return how many."""
    return connection.execute(
        update(STATE)
        .where(STATE.c.lease_owner == owner)
        .values(lease_owner=None, lease_expires_at=None)
    ).rowcount


def _free(owner: str, now: datetime) -> ColumnElement[bool]:
    return or_(
        STATE.c.lease_owner.is_(None),
        STATE.c.lease_owner == owner,
        STATE.c.lease_expires_at <= now,
    )


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


def _lease(connection: Connection, chosen: list[ClaimedSession], now: datetime) -> None:
    known = [_values(one) for one in chosen if one.state.updated_at is not None]
    fresh = [_values(one) for one in chosen if one.state.updated_at is None]
    if known:
        connection.execute(
            update(STATE)
            .where(
                STATE.c.session_identifier == bindparam("key_identifier"),
                STATE.c.instrument == bindparam("key_instrument"),
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
            insert(STATE).values(
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
