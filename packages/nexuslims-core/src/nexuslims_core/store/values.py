"""What the store takes and gives, besides the types of `nexuslims_core.model`."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal, NamedTuple

from nexuslims_core.model.delivery import Action, ExportResult

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime
    from pathlib import Path

    from nexuslims_core.model.facility import Reservation, Session

RecordStatus = Literal[
    "COMPLETED",
    "WAITING_FOR_END",
    "TO_BE_BUILT",
    "BUILT_NOT_EXPORTED",
    "ERROR",
    "NO_FILES_FOUND",
    "NO_CONSENT",
    "NO_RESERVATION",
]
"""Where a session stands, as `session_log.record_status` says it."""

ClaimReason = Literal["pending", "retry", "error", "recheck"]
"""Why a session was claimed: to be built, its next attempt is due, extractors changed
since it failed, or files and answers may still have come since it was finished."""

Recorded = Literal["new", "changed", "known"]
"""What recording a session did."""


@dataclass(frozen=True, kw_only=True)
class SessionState:
    """What earlier runs left behind about a session."""

    status: RecordStatus | None = None
    """Status that the last run gave it; `None` before the first."""
    attempts: int = 0
    """Attempts that counted, since it last succeeded or was set to be built again."""
    next_attempt_at: datetime | None = None
    lease_owner: str | None = None
    lease_expires_at: datetime | None = None
    record_path: Path | None = None
    record_sha256: str | None = None
    inputs_fingerprint: str | None = None
    extractors_fingerprint: str | None = None
    last_error: str | None = None
    built_at: datetime | None = None
    withdrawn_at: datetime | None = None
    """When its record was taken back; until somebody retries it, nothing is built."""
    updated_at: datetime | None = None


@dataclass(frozen=True, kw_only=True)
class ClaimedSession:
    """A session that one runner alone may work on, until the lease ends."""

    session: Session
    status: RecordStatus
    """Its status when it was claimed."""
    reason: ClaimReason
    state: SessionState
    owner: str
    lease_expires_at: datetime


@dataclass(frozen=True, kw_only=True)
class SessionFile:
    """A data file of a session, and what became of it."""

    path: Path
    size: int
    mtime_ns: int
    state: str = "read"
    """One word of the pipeline's, e.g. ``read``, ``failed``, ``growing``."""
    warning: str | None = None


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """What came of working on a claimed session."""

    status: RecordStatus
    record_path: Path | None = None
    """`None` keeps what is stored; so do the next three."""
    record_sha256: str | None = None
    inputs_fingerprint: str | None = None
    extractors_fingerprint: str | None = None
    error: str | None = None
    """What went wrong; `None` clears what is stored."""
    next_attempt_at: datetime | None = None
    """When to try again; `None`: not by itself (a `TO_BE_BUILT` one: any time)."""
    count_attempt: bool = False
    """Whether it adds to the attempts; `COMPLETED` without it sets them to zero."""
    withdrawn: bool = False
    """Whether its record was taken back for good."""
    files: tuple[SessionFile, ...] | None = None
    """All files of the session; `None` keeps what is stored."""


@dataclass(frozen=True, kw_only=True)
class Delivery:
    """A session's record at a destination, as last delivered."""

    destination: str
    action: Action | None = None
    record_id: str | None = None
    record_url: str | None = None
    content_sha256: str | None = None
    """Of what was offered, the record and where destinations served earlier keep it;
    `None` when it was not noted.
    """
    delivered_at: datetime | None = None
    metadata: Mapping[str, Any] = field(default_factory=dict)

    @property
    def result(self) -> ExportResult:
        """The same as the result that the destination gave."""
        return ExportResult(
            destination=self.destination,
            success=True,
            action=self.action,
            record_id=self.record_id,
            record_url=self.record_url,
            timestamp=self.delivered_at,
            metadata=self.metadata,
        )


@dataclass(frozen=True, kw_only=True)
class SessionSummary:
    """A session in a list."""

    identifier: str
    instrument: str
    user: str
    start: datetime | None
    """`None` when there is no such row in the log, or its time cannot be read."""
    end: datetime | None
    status: RecordStatus
    state: SessionState


@dataclass(frozen=True, kw_only=True)
class LogEntry:
    """A row of `session_log`."""

    id: int
    event_type: str
    timestamp: str
    status: str
    user: str


@dataclass(frozen=True, kw_only=True)
class UploadEntry:
    """A row of `upload_log`."""

    id: int
    destination: str
    success: bool
    timestamp: str
    record_id: str | None
    record_url: str | None
    error: str | None
    metadata: Mapping[str, Any]


@dataclass(frozen=True, kw_only=True)
class SessionHistory:
    """Everything that is known about a session."""

    summary: SessionSummary
    log: tuple[LogEntry, ...]
    uploads: tuple[UploadEntry, ...]
    files: tuple[SessionFile, ...]
    deliveries: Mapping[str, Delivery]
    details: Reservation | None


class UnusableSession(NamedTuple):
    """A session that waits to be built and cannot be."""

    identifier: str
    reason: str


@dataclass(frozen=True, kw_only=True)
class InstrumentStatistics:
    """How much an instrument was used."""

    sessions_total: int = 0
    """Sessions that ended."""
    last_session: datetime | None = None
    """When the last one ended, on the instrument's clock."""


@dataclass(frozen=True, kw_only=True)
class SourceState:
    """How a scheduler answered when it was last asked."""

    name: str
    failures: int = 0
    """Failures in a row."""
    next_attempt_at: datetime | None = None
    last_success_at: datetime | None = None
    last_failure_at: datetime | None = None
    last_error: str | None = None


@dataclass(frozen=True, kw_only=True)
class Revision:
    """A version of the database's layout."""

    id: str
    previous: str | None
    description: str


@dataclass(frozen=True, kw_only=True)
class Upgrade:
    """What a change of the database's revision did."""

    before: str | None
    """Revision found; `None` for a database that named none."""
    after: str
    backup: Path | None = None
    """Copy made before; `None` when nothing had to change, or there is no file."""


@dataclass(frozen=True, kw_only=True)
class ExternalUser:
    """A user's name in another system."""

    username: str
    """Name in the scheduler, as sessions have it."""
    system: str
    external_id: str
