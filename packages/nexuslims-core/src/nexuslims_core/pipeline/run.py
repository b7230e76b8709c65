"""A whole run, from harvest to report. Reads top to bottom like the data flow."""

from __future__ import annotations

import time
from collections import defaultdict
from contextlib import ExitStack
from dataclasses import replace
from typing import TYPE_CHECKING

from nexuslims_core.model.report import RunReport, SessionReport
from nexuslims_core.pipeline.build import Work
from nexuslims_core.pipeline.claim import claim
from nexuslims_core.pipeline.harvest import harvest
from nexuslims_core.pipeline.report import notify
from nexuslims_core.pipeline.scan import scan
from nexuslims_core.pipeline.scan_index import index_for
from nexuslims_core.pipeline.several import build_all, warm_up, worker_pool

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from nexuslims_core.model.facility import Instrument, Window
    from nexuslims_core.pipeline.context import RunContext
    from nexuslims_core.store import ClaimedSession

FALLBACKS_END = 50
"""First priority above the band of extractors that know no microscope's format."""


def run(context: RunContext, *, window: Window | None = None) -> RunReport:
    """Harvest, build and deliver everything that is due.

    Parameters
    ----------
    window
        Span of time to harvest; `None` for what the settings say.

    Returns
    -------
    RunReport
        What was done and what went wrong; nothing that concerns a single source,
        session or file is raised.
    """
    started = time.monotonic()
    harvested = harvest(context, window)
    claimed, sessions = build_due(context)
    report = RunReport(
        sessions=(*sessions, *_waiting(context, claimed)),
        harvest=harvested,
        problems=_unusable(context),
        elapsed_s=round(time.monotonic() - started, 3),
    )
    told = notify(report, context)
    return replace(report, problems=(*report.problems, *told))


def build_due(
    context: RunContext,
) -> tuple[list[ClaimedSession], list[SessionReport]]:
    """Claim what is due, find its files, and build it: share by share among runners."""
    shared = context.store.is_shared
    since = context.store.time(context.now()) if shared else None
    claimed: list[ClaimedSession] = []
    reports: list[SessionReport] = []
    with ExitStack() as stack:
        pool = None
        while share := claim(
            context, skip=set(map(_key, claimed)), settled_since=since
        ):
            claimed.extend(share)
            # Kept for all shares: workers take a second to get warm.
            pool = pool or stack.enter_context(worker_pool(context))
            works = scan_files(share, context)
            warm_up(pool, works, context)
            reports.extend(build_all(works, context, pool))
            if not shared or context.halt.requested:
                break
    return claimed, reports


def scan_files(
    claimed: Sequence[ClaimedSession], context: RunContext
) -> tuple[Work, ...]:
    """Find the files of every session, with one walk per instrument."""
    by_instrument: dict[str, list[ClaimedSession]] = defaultdict(list)
    for one in claimed:
        by_instrument[one.session.instrument.pid].append(one)
    found: dict[tuple[str, str], Work] = {}
    for pid, sessions in by_instrument.items():
        context.progress.stage(f"Looking for files of {pid}")
        for work in _scan(sessions, context):
            found[_key(work.claimed)] = work
    return tuple(found[_key(one)] for one in claimed)


def _key(claimed: ClaimedSession) -> tuple[str, str]:
    """Return what tells a session from others: two instruments may use one name."""
    return claimed.session.identifier, claimed.session.instrument.pid


def _scan(sessions: Sequence[ClaimedSession], context: RunContext) -> Iterator[Work]:
    instrument: Instrument = sessions[0].session.instrument
    blocked = context.blocked_instruments.get(instrument.pid)
    if blocked:
        for one in sessions:
            yield Work(claimed=one, unavailable=blocked)
        return
    result = scan(
        instrument,
        context.site.instrument_data_path,
        [one.session for one in sessions],
        extensions=wanted_extensions(context),
        ignore=context.settings.ignore_patterns,
        index=index_for(context),
    )
    unavailable = None if result.available else "; ".join(result.problems)
    for one in sessions:
        yield Work(
            claimed=one,
            files=result.files.get(one.session.identifier, ()),
            problems=result.problems,
            unavailable=unavailable,
        )


def wanted_extensions(context: RunContext) -> frozenset[str] | None:
    """Return the extensions to look for; `None` for every file.

    With the strategy ``exclusive`` they are those that an extractor above the band of
    fallbacks reads: microscopes' formats, not pictures and notes.
    """
    if context.settings.file_strategy == "inclusive":
        return None
    return frozenset(
        extension
        for extractor in context.manager.extractors.values()
        if extractor.priority >= FALLBACKS_END
        for extension in extractor.extensions or ()
    )


def _waiting(
    context: RunContext, claimed: Sequence[ClaimedSession]
) -> Iterator[SessionReport]:
    """Yield the sessions that failed and whose next attempt is not due yet.

    Those without one wait for an operator, such as what NexusLIMS 2.x left behind.
    """
    worked_on = set(map(_key, claimed))
    unfinished = (
        *context.store.list_sessions(status="TO_BE_BUILT"),
        *context.store.list_sessions(status="BUILT_NOT_EXPORTED"),
    )
    for summary in unfinished:
        state = summary.state
        if (summary.identifier, summary.instrument) in worked_on:
            continue
        if state.next_attempt_at is None or not state.last_error:
            continue
        due = f"{state.next_attempt_at:%Y-%m-%d %H:%M %Z}"
        yield SessionReport(
            session_identifier=summary.identifier,
            instrument=summary.instrument,
            status=summary.status,
            record=str(state.record_path) if state.record_path else None,
            error=f"{state.last_error}; next attempt: {due}",
        )


def _unusable(context: RunContext) -> tuple[str, ...]:
    return tuple(
        f"session {one.identifier}: {one.reason}"
        for one in context.store.unusable_sessions()
    )
