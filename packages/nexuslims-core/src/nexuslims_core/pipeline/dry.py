"""A run that writes nothing: says which sessions and files there are."""

from __future__ import annotations

import time
from collections import defaultdict
from typing import TYPE_CHECKING

from nexuslims_core.errors import (
    NexusLIMSError,
    NoConsentError,
    NoReservationError,
)
from nexuslims_core.model.facility import Session, Window
from nexuslims_core.model.report import HarvestReport, RunReport, SessionReport
from nexuslims_core.pipeline.harvest import ask
from nexuslims_core.pipeline.reservation import reservation_for
from nexuslims_core.pipeline.run import wanted_extensions
from nexuslims_core.pipeline.scan import ScanResult, scan

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from nexuslims_core.pipeline.context import RunContext


def dry_run(context: RunContext, *, window: Window | None = None) -> RunReport:
    """Return what a run would work on, each session once; change nothing at all."""
    started = time.monotonic()
    harvested, found = _asked(context, window)
    known = {(one.identifier, one.instrument) for one in context.store.list_sessions()}
    new = {key: one for key, one in found.items() if key not in known}
    sessions = {_key(one): one for one in _pending(context)} | new
    return RunReport(
        sessions=tuple(_reports(sessions.values(), context)),
        harvest=harvested,
        elapsed_s=round(time.monotonic() - started, 3),
    )


def _key(session: Session) -> tuple[str, str]:
    return session.identifier, session.instrument.pid


def _asked(
    context: RunContext, window: Window | None
) -> tuple[tuple[HarvestReport, ...], dict[tuple[str, str], Session]]:
    reports, found = [], {}
    for connected in context.sources:
        context.progress.stage(f"Asking {connected.name} for sessions")
        answer = ask(connected, context, window)
        found.update({_key(one): one for one in answer.sessions})
        reports.append(
            HarvestReport(
                source=connected.name,
                found=len(answer.sessions),
                problems=answer.problems,
                error=answer.error,
            )
        )
    return tuple(reports), found


def _pending(context: RunContext) -> Iterator[Session]:
    instruments = {one.pid: one for one in context.site.instruments}
    for one in context.store.list_sessions(status="TO_BE_BUILT"):
        if one.instrument in instruments and one.start and one.end:
            yield Session(
                identifier=one.identifier,
                instrument=instruments[one.instrument],
                start=one.start,
                end=one.end,
                user=one.user,
            )


def _reports(
    sessions: Iterable[Session], context: RunContext
) -> Iterator[SessionReport]:
    grouped: dict[str, list[Session]] = defaultdict(list)
    for session in sessions:
        grouped[session.instrument.pid].append(session)
    for pid, group in sorted(grouped.items()):
        context.progress.stage(f"Looking for files of {pid}")
        result = _scan(group, context)
        for one in group:
            yield _report(one, result, context)


def _scan(sessions: Sequence[Session], context: RunContext) -> ScanResult:
    instrument = sessions[0].instrument
    if instrument.pid in context.blocked_instruments:
        return ScanResult(files={})
    return scan(
        instrument,
        context.site.instrument_data_path,
        sessions,
        extensions=wanted_extensions(context),
        ignore=context.settings.ignore_patterns,
    )


def _report(session: Session, result: ScanResult, context: RunContext) -> SessionReport:
    files = result.files.get(session.identifier, ())
    listed = [f"{file.modified:%Y-%m-%d %H:%M:%S} {file.path}" for file in files]
    status, error = _prospect(session, context)
    return SessionReport(
        session_identifier=session.identifier,
        instrument=session.instrument.pid,
        status=status,
        files=len(listed),
        warnings=(*listed, *result.problems),
        error=error,
    )


def _prospect(session: Session, context: RunContext) -> tuple[str, str | None]:
    """Return the status that awaits a session, and why it cannot be built."""
    status = "TO_BE_BUILT"
    reason = context.blocked_instruments.get(session.instrument.pid)
    try:
        reservation_for(session, context)
    except NoConsentError as error:
        status, reason = "NO_CONSENT", str(error)
    except NoReservationError as error:
        status, reason = "NO_RESERVATION", str(error)
    except NexusLIMSError as error:
        reason = str(error)
    return status, context.told(reason) if reason else None
