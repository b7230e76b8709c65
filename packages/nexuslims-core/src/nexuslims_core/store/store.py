"""The store: all that NexusLIMS remembers, one method per question or change."""

from __future__ import annotations

from typing import TYPE_CHECKING, Self

from nexuslims_core.store import (
    claims,
    exports,
    instruments,
    locks,
    outcomes,
    overview,
    problems,
    sessions,
    sources,
    users,
)
from nexuslims_core.store.due import Rules
from nexuslims_core.store.engine import Database, clock

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from collections.abc import Set as AbstractSet
    from datetime import datetime, timedelta
    from types import TracebackType

    from nexuslims_core.model.delivery import ExportResult
    from nexuslims_core.model.facility import Instrument, Session
    from nexuslims_core.model.report import Changes, Problem
    from nexuslims_core.store.values import (
        ClaimedSession,
        Delivery,
        ExternalUser,
        InstrumentStatistics,
        Outcome,
        Recorded,
        SessionHistory,
        SessionSummary,
        SourceState,
        UnusableSession,
    )


class Store:
    """An open database. Every method is one transaction of its own.

    All methods raise `StoreError` when the database does not answer or refuses; a
    store may be used by several threads. Times given to it are aware.
    """

    def __init__(self, database: Database) -> None:
        self._database = database

    @classmethod
    def open(cls, url: str) -> Self:
        """Open the database at `url`; its layout is not looked at.

        Raises
        ------
        StoreError
            If the SQLite file does not exist, or `url` names no database.
        """
        return cls(Database(url))

    def close(self) -> None:
        """Close the database."""
        self._database.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()

    @property
    def is_shared(self) -> bool:
        """Whether runners on several machines may use the database at once."""
        return self._database.is_shared

    def time(self, local: datetime) -> datetime:
        """Return the time by which leases are kept.

        The clock of a database server counts, so that runners need not have the right
        time; with SQLite it is `local`.
        """
        with self._database.read() as connection:
            return clock(connection, local)

    # Instruments

    def instruments(self) -> tuple[Instrument, ...]:
        """Return all instruments, by their pid."""
        with self._database.read() as connection:
            return instruments.instruments(connection)

    def add_instrument(self, instrument: Instrument) -> None:
        """Add an instrument; its pid and API URL must be its own."""
        with self._database.write() as connection:
            instruments.add(connection, instrument)

    def remove_instrument(self, pid: str, *, force: bool = False) -> None:
        """Remove an instrument; only with `force` one with sessions, and them too."""
        with self._database.write() as connection:
            instruments.remove(connection, pid, force=force)

    def session_statistics(self) -> dict[str, InstrumentStatistics]:
        """Return how much each instrument was used, by pid."""
        with self._database.read() as connection:
            return instruments.statistics(connection)

    # Sessions

    def record_session(self, session: Session) -> Recorded:
        """Write a session's START and END into the log, or correct those there.

        A session that was finished keeps its status: a runner looks at it again.
        """
        with self._database.write() as connection:
            return sessions.record(connection, session)

    def claim(
        self,
        *,
        owner: str,
        now: datetime,
        lease: timedelta,
        recheck_since: datetime,
        retry_errors_for: str | None = None,
        limit: int | None = None,
        skip: AbstractSet[tuple[str, str]] = frozenset(),
        settled_since: datetime | None = None,
    ) -> tuple[ClaimedSession, ...]:
        """Lease the sessions that are due, the earliest first.

        Due are: sessions to be built; undelivered or failed ones whose next attempt
        has come; failed ones if the extractors changed; finished ones that a run of
        ours has seen and that ended after `recheck_since`.

        Parameters
        ----------
        owner
            Names the runner, alone in all the facility.
        lease
            How long others keep away, unless renewed.
        retry_errors_for
            Fingerprint of the present extractors; `None` leaves failures alone.
        limit
            How many at most.
        skip
            Sessions to leave alone, by identifier and instrument.
        settled_since
            Leave alone what any runner has settled since, by the clock of `time`.
        """
        rules = Rules(
            now=now,
            recheck_since=recheck_since,
            retry_errors_for=retry_errors_for,
            skip=skip,
            settled_since=settled_since,
        )
        with self._database.write(turns=False) as connection:
            return claims.claim(
                connection, rules, owner=owner, lease=lease, limit=limit
            )

    def take(
        self,
        identifier: str,
        instrument: str | None,
        *,
        owner: str,
        now: datetime,
        lease: timedelta,
    ) -> ClaimedSession:
        """Lease one session, due or not.

        Raises
        ------
        StoreError
            If there is none, another runner has it, or it cannot be worked with.
        """
        with self._database.write(turns=False) as connection:
            logged = overview.the_one(connection, identifier, instrument)
            locks.hold(connection, logged.identifier, logged.instrument)
            logged = overview.the_one(connection, identifier, logged.instrument)
            return claims.take(connection, logged, owner=owner, now=now, lease=lease)

    def unusable_sessions(self) -> tuple[UnusableSession, ...]:
        """Return the sessions to be built that the log says too little of, and why."""
        with self._database.read() as connection:
            return claims.unusable(connection)

    def renew(self, owner: str, now: datetime, lease: timedelta) -> int:
        """Extend the leases that `owner` still has; return how many."""
        with self._database.write(turns=False) as connection:
            return claims.renew(connection, owner, now, lease)

    def lease_owner(self, session: Session) -> str | None:
        """Return the runner that has leased a session; `None` when none has."""
        with self._database.read() as connection:
            return claims.lease_owner(connection, session)

    def release(self, owner: str) -> int:
        """Drop all leases of `owner`, e.g. one that crashed; return how many."""
        with self._database.write(turns=False) as connection:
            return claims.release(connection, owner)

    def finish(self, claimed: ClaimedSession, outcome: Outcome, now: datetime) -> None:
        """Write what came of a claimed session and drop the lease, all or nothing.

        Raises
        ------
        StoreError
            If the lease was taken over; nothing is written then.
        """
        with self._database.write(turns=False) as connection:
            outcomes.finish(connection, claimed, outcome, now)

    # Exports

    def log_export(
        self,
        session: Session,
        result: ExportResult,
        *,
        content_sha256: str | None = None,
    ) -> None:
        """Log what a destination did; `content_sha256` is of what it was given."""
        with self._database.write(turns=False) as connection:
            exports.log_export(connection, session, result, content_sha256)

    def deliveries(self, session: Session) -> dict[str, Delivery]:
        """Return where the session's record was delivered, by destination."""
        with self._database.read() as connection:
            return exports.deliveries(
                connection, session.identifier, session.instrument.pid
            )

    # For operators

    def list_sessions(
        self,
        *,
        status: str | None = None,
        instrument: str | None = None,
        since: datetime | None = None,
        limit: int | None = None,
    ) -> tuple[SessionSummary, ...]:
        """Return sessions, the newest first; `since` is the earliest start."""
        with self._database.read() as connection:
            return overview.list_sessions(
                connection,
                status=status,
                instrument=instrument,
                since=since,
                limit=limit,
            )

    def show_session(
        self, identifier: str, instrument: str | None = None
    ) -> SessionHistory:
        """Return all that is known of a session.

        Raises
        ------
        StoreError
            If there is none, or several and `instrument` does not say which.
        """
        with self._database.read() as connection:
            return overview.show_session(connection, identifier, instrument)

    def retry(
        self, identifiers: Sequence[str] = (), *, status: str | None = None
    ) -> int:
        """Set sessions to be built again, named or by status; return how many.

        Raises
        ------
        StoreError
            If one of `identifiers` is unknown or has not ended; none is set then.
        """
        with self._database.write() as connection:
            return overview.retry(connection, identifiers, status)

    # Notifications

    def changes(
        self, notifier: str, found: Iterable[Problem], now: datetime
    ) -> Changes:
        """Return what of `found` is news to a notifier, and what is gone."""
        with self._database.read() as connection:
            return problems.changes(connection, notifier, found, now)

    def last_told(self, notifier: str) -> datetime | None:
        """Return when a notifier last told of what is still a problem."""
        with self._database.read() as connection:
            return problems.last_told(connection, notifier)

    def told(self, notifier: str, changed: Changes, now: datetime) -> None:
        """Note that a notifier has told of everything in `changed`."""
        with self._database.write() as connection:
            problems.told(connection, notifier, changed, now)

    def untold(self, notifier: str, changed: Changes, now: datetime) -> None:
        """Note since when there is news that a notifier could not tell."""
        with self._database.write() as connection:
            problems.untold(connection, notifier, changed, now)

    # Users

    def external_ids(self, username: str) -> Mapping[str, str]:
        """Return the names of a user in other systems, by system."""
        with self._database.read() as connection:
            return users.external_ids(connection, username)

    def external_users(self) -> tuple[ExternalUser, ...]:
        """Return all users that have names in other systems, by name."""
        with self._database.read() as connection:
            return users.external_users(connection)

    def set_external_id(self, user: ExternalUser, now: datetime) -> None:
        """Note a user's name in another system, in place of an earlier one.

        Raises
        ------
        StoreError
            If the system is unknown, or somebody else has that name there.
        """
        with self._database.write() as connection:
            users.set_external_id(connection, user, now)

    def remove_external_id(self, username: str, system: str) -> bool:
        """Forget a user's name in another system; return whether there was one."""
        with self._database.write() as connection:
            return users.remove_external_id(connection, username, system)

    # Schedulers

    def source_state(self, name: str) -> SourceState:
        """Return how a scheduler answered when it was last asked."""
        with self._database.read() as connection:
            return sources.source_state(connection, name)

    def source_succeeded(self, name: str, now: datetime) -> None:
        """Note that a scheduler answered; its failures are forgotten."""
        with self._database.write() as connection:
            sources.succeeded(connection, name, now)

    def source_failed(
        self,
        name: str,
        error: str,
        now: datetime,
        next_attempt_at: datetime | None = None,
    ) -> None:
        """Note that a scheduler did not answer, and when to ask again."""
        with self._database.write() as connection:
            sources.failed(
                connection, name, error, now=now, next_attempt_at=next_attempt_at
            )
