"""A run that writes nothing: says which sessions and files there are."""

from __future__ import annotations

import time
from collections import defaultdict
from typing import TYPE_CHECKING

from nexuslims_core.errors import NexusLIMSError
from nexuslims_core.model.facility import Session, Window
from nexuslims_core.model.report import HarvestReport, RunReport, SessionReport
from nexuslims_core.pipeline.harvest import ask
from nexuslims_core.pipeline.run import wanted_extensions
from nexuslims_core.pipeline.scan import scan

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from nexuslims_core.pipeline.context import RunContext


def dry_run(context: RunContext, *, window: Window | None = None) -> RunReport:
    """Return what a run would work on, each session once; change nothing at all."""
    started = time.monotonic()
    harvested, found = _asked(context, window)
    known = {one.identifier for one in context.store.list_sessions()}
    new = {name: one for name, one in found.items() if name not in known}
    sessions = {one.identifier: one for one in _pending(context)} | new
    return RunReport(
        sessions=tuple(_reports(sessions.values(), context)),
        harvest=harvested,
        elapsed_s=round(time.monotonic() - started, 3),
    )


def _asked(
    context: RunContext, window: Window | None
) -> tuple[tuple[HarvestReport, ...], dict[str, Session]]:
    reports, found = [], {}
    for connected in context.sources:
        context.progress.stage(f"Asking {connected.name} for sessions")
        answer = ask(connected, context, window)
        found.update({one.identifier: one for one in answer.sessions})
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
        try:
            result = scan(
                group[0].instrument,
                context.site.instrument_data_path,
                group,
                extensions=wanted_extensions(context),
                ignore=context.settings.ignore_patterns,
            )
        except NexusLIMSError as error:
            yield from (_report(one, (), (str(error),)) for one in group)
            continue
        for one in group:
            files = result.files.get(one.identifier, ())
            lines = [f"{file.modified:%Y-%m-%d %H:%M:%S} {file.path}" for file in files]
            yield _report(one, lines, result.problems)


def _report(
    session: Session, files: Iterable[str], problems: Iterable[str]
) -> SessionReport:
    listed = tuple(files)
    return SessionReport(
        session_identifier=session.identifier,
        instrument=session.instrument.pid,
        status="TO_BE_BUILT",
        files=len(listed),
        warnings=(*listed, *problems),
    )
