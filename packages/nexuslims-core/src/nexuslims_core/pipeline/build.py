"""Bring one session as far as it goes: its record built, delivered and logged.

The order of the steps keeps the promises: consent before any file is opened, the record
on disk before it is delivered, each delivery logged as it happens, and the session's
status in one transaction at the very end. A process that dies anywhere leaves the
session pending; the next run carries on from the side-cars and deliveries there are.
"""

from __future__ import annotations

import logging
import os
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from nexuslims_core.errors import (
    NexusLIMSError,
    NoConsentError,
    NoReservationError,
    SourceError,
    StoreError,
)
from nexuslims_core.model.report import SessionReport
from nexuslims_core.pipeline.assemble import assemble
from nexuslims_core.pipeline.claim import heartbeat
from nexuslims_core.pipeline.deliver import Delivered, deliver
from nexuslims_core.pipeline.extract import NoWorkersError, extracting
from nexuslims_core.pipeline.fingerprint import content_sha256, inputs_fingerprint
from nexuslims_core.pipeline.halt import AbandonedError
from nexuslims_core.pipeline.listing import printable
from nexuslims_core.pipeline.reservation import reservation_for
from nexuslims_core.pipeline.retry import next_attempt
from nexuslims_core.pipeline.validate import validate
from nexuslims_core.pipeline.worker import NotStoredError
from nexuslims_core.pipeline.write import find_record, mark_uploaded, write
from nexuslims_core.record import record_stem
from nexuslims_core.store import Outcome, SessionFile

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from concurrent.futures import Executor

    from nexuslims_core.model.facility import Reservation, Session
    from nexuslims_core.model.files import DataFile
    from nexuslims_core.model.record import Record
    from nexuslims_core.pipeline.context import RunContext
    from nexuslims_core.pipeline.worker import FileOutcome
    from nexuslims_core.store import ClaimedSession, RecordStatus, SessionState

logger = logging.getLogger(__name__)

ENDED = frozenset({"COMPLETED", "NO_CONSENT", "NO_RESERVATION", "NO_FILES_FOUND"})
"""Statuses that nothing is owed to."""


@dataclass(frozen=True, kw_only=True)
class Work:
    """A claimed session with the files that the scan found for it."""

    claimed: ClaimedSession
    files: tuple[DataFile, ...] = ()
    problems: tuple[str, ...] = ()
    """What the scan could not look at: folders or files, each with the reason."""
    unavailable: str | None = None
    """Why the instrument's files cannot be looked at, if they cannot."""

    @property
    def session(self) -> Session:
        """The session itself."""
        return self.claimed.session


@dataclass(frozen=True, kw_only=True)
class Inputs:
    """All that a record is made from."""

    reservation: Reservation
    files: tuple[DataFile, ...]
    fingerprint: str


@dataclass(frozen=True, kw_only=True)
class Built:
    """A record on disk, and what it was built from."""

    path: Path
    fingerprint: str | None
    """Of the inputs that it was built from."""
    outcomes: Mapping[Path, FileOutcome]
    """What became of each file; empty for a record that an earlier run built."""
    record: Record | None = None
    """What is in it, if that is known already."""


class UnfinishedError(NexusLIMSError):
    """The session cannot be finished in this run and stays as it is.

    Parameters
    ----------
    failed
        Whether something is wrong, rather than merely not there yet.
    """

    def __init__(
        self, message: str, *, failed: bool, warnings: Sequence[str] = ()
    ) -> None:
        super().__init__(message)
        self.failed = failed
        self.warnings = tuple(warnings)


def build(work: Work, context: RunContext, pool: Executor) -> SessionReport | None:
    """Build and deliver the record of one session, and log how far that went.

    Returns
    -------
    SessionReport or None
        `None` for a finished session that was looked at again and has not changed, and
        for one that was called off.
    """
    try:
        return _settle(work, context, pool)
    except AbandonedError:
        return None
    # What came of it cannot be noted: the lease is another's, or the database is gone.
    # The session stays as the log has it, for whoever holds it or for the next run.
    except StoreError as error:
        logger.warning("Session %s: %s", work.session.identifier, error)
        return _report(work, work.claimed.status, error=context.told(str(error)))


def _settle(work: Work, context: RunContext, pool: Executor) -> SessionReport | None:
    """Build and deliver, and turn whatever is raised into an outcome."""
    try:
        return _attempt(work, context, pool)
    except (StoreError, AbandonedError):
        raise
    except UnfinishedError as reason:
        return _stays(work, context, reason)
    # A scheduler or a disk that does not answer may do so the next time, a machine
    # that has no process or memory to give may have it.
    except (SourceError, NotStoredError, NoWorkersError, OSError) as error:
        return _stays(work, context, UnfinishedError(str(error), failed=True))
    except NoConsentError as error:
        return _ends(work, context, "NO_CONSENT", str(error))
    except NoReservationError as error:
        return _ends(work, context, "NO_RESERVATION", str(error))
    # The last line of defence: one session's surprise must not stop the others.
    except Exception as error:
        logger.exception("Session %s failed", work.session.identifier)
        message = str(error) if isinstance(error, NexusLIMSError) else repr(error)
        return _ends(work, context, "ERROR", message)


def _attempt(work: Work, context: RunContext, pool: Executor) -> SessionReport | None:
    try:
        return _build(work, context, pool)
    except Exception:
        context.halt.check()  # whatever it was: its workers were stopped under it
        raise


def _build(work: Work, context: RunContext, pool: Executor) -> SessionReport | None:
    inputs = _inputs(work, context)
    earlier = _earlier(work, context, inputs)
    if earlier is not None and work.claimed.status == "COMPLETED":
        _unchanged(work, context)
        return None
    if earlier is None and not inputs.files:
        return _no_files(work, context)
    built = earlier or _record(work, context, pool, inputs)
    delivered = deliver(
        built.path, work.claimed, inputs.reservation, context, built.record
    )
    return _delivered(work, context, built, delivered)


def _inputs(work: Work, context: RunContext) -> Inputs:
    reservation = reservation_for(work.session, context)
    files = _settled(work, context)
    sensitivity = context.settings.clustering_sensitivity
    return Inputs(
        reservation=reservation,
        files=files,
        fingerprint=inputs_fingerprint(
            work.session, reservation, files, sensitivity=sensitivity
        ),
    )


def _settled(work: Work, context: RunContext) -> tuple[DataFile, ...]:
    """Return the session's files, none of which may still be growing."""
    if work.unavailable is not None:
        raise UnfinishedError(work.unavailable, failed=True)
    settle = timedelta(seconds=context.settings.file_settle_seconds)
    youngest = context.now() - settle
    growing = [str(file.path) for file in work.files if file.modified > youngest]
    if growing:
        raise UnfinishedError(
            f"{len(growing)} of {len(work.files)} files are younger than "
            f"{settle.total_seconds():g} s; the next run takes them",
            failed=False,
            warnings=[f"{path}: may still be growing" for path in growing],
        )
    return work.files


def _earlier(work: Work, context: RunContext, inputs: Inputs) -> Built | None:
    """Return the record that an earlier run built, if it is still the right one.

    It is when nothing that it was made from has changed; and when all its files are
    gone, since files move to an archive but no record can be made from nothing.
    """
    state = work.claimed.state
    path = find_record(state.record_path, context.settings.records_path)
    if path is None:
        return None
    earlier = Built(path=path, fingerprint=state.inputs_fingerprint, outcomes={})
    if not inputs.files:
        return earlier
    if state.inputs_fingerprint != inputs.fingerprint:
        return None
    if work.claimed.status == "COMPLETED":
        return earlier
    resumed = work.claimed.status == "BUILT_NOT_EXPORTED" and _is_intact(path, state)
    return earlier if resumed else None


def _is_intact(path: Path, state: SessionState) -> bool:
    """Tell whether a record on disk is still what was written there."""
    return content_sha256(path.read_bytes()) == state.record_sha256


def _record(work: Work, context: RunContext, pool: Executor, inputs: Inputs) -> Built:
    """Build the record: cluster, extract, assemble, validate, write."""
    stem = record_stem(work.session)
    context.progress.session(stem, len(inputs.files))
    with extracting(
        inputs.files,
        pool,
        site=context.site,
        manager=context.manager,
        progress=context.progress,
        heartbeat=heartbeat(context),
        checksum=context.settings.checksum,
    ) as extracted:
        # A run with nothing to build starts without numpy.
        from nexuslims_core.pipeline.cluster import cluster

        groups = cluster(inputs.files, context.settings.clustering_sensitivity)
        # Looking at them has them connected and checked, while the workers are busy.
        _ = len(context.destinations)
        outcomes = extracted()
    context.halt.check()
    _check_outcomes(outcomes)
    record = assemble(work.session, inputs.reservation, groups, outcomes)
    xml, written = validate(record)
    return Built(
        path=write(context.settings.records_path, stem, xml),
        fingerprint=inputs.fingerprint,
        outcomes=outcomes,
        record=written,
    )


def _check_outcomes(outcomes: Mapping[Path, FileOutcome]) -> None:
    """Leave the session to the next run if its files are still on the move."""
    changed = [path for path, one in outcomes.items() if one.state == "changed"]
    if changed:
        raise UnfinishedError(
            f"{len(changed)} files changed while they were read; the next run takes "
            "them",
            failed=False,
            warnings=[f"{path}: changed while it was read" for path in changed],
        )
    if not any(one.entries for one in outcomes.values()):
        raise UnfinishedError(
            "none of its files could be read",
            failed=any(one.state == "unreadable" for one in outcomes.values()),
            warnings=_warnings(outcomes),
        )


def _delivered(
    work: Work, context: RunContext, built: Built, delivered: Delivered
) -> SessionReport:
    status: RecordStatus = "COMPLETED" if delivered.satisfied else "BUILT_NOT_EXPORTED"
    path = built.path
    if delivered.satisfied:
        path = mark_uploaded(path, context.settings.records_path)
    now = context.now()
    failures = work.claimed.state.attempts + 1
    outcome = Outcome(
        status=status,
        record_path=path,
        record_sha256=delivered.sha256,
        inputs_fingerprint=built.fingerprint,
        extractors_fingerprint=context.extractors_fingerprint,
        error=None if delivered.satisfied else delivered.error,
        next_attempt_at=None if delivered.satisfied else next_attempt(failures, now),
        count_attempt=not delivered.satisfied,
        files=_session_files(built.outcomes),
    )
    context.store.finish(work.claimed, outcome, now)
    return SessionReport(
        session_identifier=work.session.identifier,
        instrument=work.session.instrument.pid,
        status=status,
        record=str(path),
        files=len(work.files),
        activities=len(delivered.record.activities),
        datasets=sum(len(one.datasets) for one in delivered.record.activities),
        exports=delivered.results,
        warnings=(*work.problems, *_warnings(built.outcomes)),
        error=outcome.error,
    )


def _session_files(
    outcomes: Mapping[Path, FileOutcome],
) -> tuple[SessionFile, ...] | None:
    if not outcomes:
        return None
    return tuple(
        SessionFile(
            path=_storable(one.file.path),
            size=one.file.size,
            mtime_ns=one.file.mtime_ns,
            state=one.state,
            warning="; ".join(one.warnings) or None,
        )
        for one in outcomes.values()
    )


def _storable(path: Path) -> Path:
    """Return a path as text that a database takes, whatever bytes are in it."""
    return Path(printable(os.fspath(path)))


def _warnings(outcomes: Mapping[Path, FileOutcome]) -> tuple[str, ...]:
    return tuple(
        f"{_storable(path)}: {warning}"
        for path, one in outcomes.items()
        for warning in one.warnings
    )


def _no_files(work: Work, context: RunContext) -> SessionReport | None:
    waiting = timedelta(days=context.settings.file_delay_days)
    if context.now() - work.session.end > waiting:
        return _ends(work, context, "NO_FILES_FOUND", None)
    raise UnfinishedError(
        f"no files yet; they may arrive until {waiting.total_seconds() / 86400:g} days "
        "after the session's end",
        failed=False,
    )


def _ends(
    work: Work, context: RunContext, status: RecordStatus, error: str | None
) -> SessionReport | None:
    """End the session without a record; say nothing if it had ended so before."""
    error = context.told(error) if error else None
    if status == work.claimed.status and work.claimed.reason == "recheck":
        _unchanged(work, context, error=error)
        return None
    outcome = Outcome(
        status=status,
        extractors_fingerprint=context.extractors_fingerprint,
        error=error,
        count_attempt=True,
    )
    context.store.finish(work.claimed, outcome, context.now())
    return _report(work, status, error=error, warnings=_published(work, context))


def _published(work: Work, context: RunContext) -> tuple[str, ...]:
    """Say where a record is that was made before the session ended without one."""
    places = [
        f"{name} ({one.record_url or one.record_id or 'somewhere'})"
        for name, one in context.store.deliveries(work.session).items()
    ]
    if not places:
        return ()
    return (f"an earlier record of it is still at {', '.join(places)}",)


def _stays(
    work: Work, context: RunContext, reason: UnfinishedError
) -> SessionReport | None:
    """Leave the session as it is, for a later run."""
    claimed = work.claimed
    if reason.failed:
        error = context.told(str(reason))
        logger.warning("Session %s: %s", work.session.identifier, error)
        _unchanged(work, context, error=error, failed=True)
        return _report(work, claimed.status, error=error, warnings=reason.warnings)
    _unchanged(work, context)
    if claimed.reason == "recheck" and not reason.warnings:
        return None
    return _report(work, claimed.status, warnings=(str(reason), *reason.warnings))


def _unchanged(
    work: Work, context: RunContext, *, error: str | None = None, failed: bool = False
) -> None:
    """Give the session back as it was claimed."""
    claimed = work.claimed
    now = context.now()
    failures = claimed.state.attempts + 1 if failed else 0
    ended = claimed.status in ENDED
    outcome = Outcome(
        status=claimed.status,
        error=error,
        # What has ended is looked at again for as long as files may arrive, and no
        # longer: a time noted here would make every later run look it up.
        next_attempt_at=None if ended else next_attempt(failures, now),
        count_attempt=failed and not ended,
    )
    context.store.finish(claimed, outcome, now)


def _report(
    work: Work,
    status: str,
    *,
    error: str | None = None,
    warnings: tuple[str, ...] = (),
) -> SessionReport:
    return SessionReport(
        session_identifier=work.session.identifier,
        instrument=work.session.instrument.pid,
        status=status,
        files=len(work.files),
        warnings=warnings,
        error=error,
    )
