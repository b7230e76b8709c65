"""Ask every scheduler for sessions and log them; each scheduler by itself."""

from __future__ import annotations

import logging
from collections import Counter
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from nexuslims_core.errors import SourceError, StoreError
from nexuslims_core.model.facility import Session, Window
from nexuslims_core.model.report import HarvestReport
from nexuslims_core.pipeline.retry import next_attempt
from nexuslims_core.types import HarvestProblem

if TYPE_CHECKING:
    from collections.abc import Iterable

    from nexuslims_core.pipeline.connect import ConnectedSource
    from nexuslims_core.pipeline.context import RunContext

OVERLAP = timedelta(days=1)
"""How far a harvest looks back behind the last good one, for late entries."""

logger = logging.getLogger(__name__)


@dataclass(frozen=True, kw_only=True)
class Answer:
    """What a scheduler said."""

    sessions: tuple[Session, ...] = ()
    problems: tuple[str, ...] = ()
    """Entries that it could not be made sense of."""
    error: str | None = None
    """Why it could not be asked at all."""
    asked: bool = True
    """False when it is left alone for a while after failing."""


def harvest(context: RunContext, window: Window | None) -> tuple[HarvestReport, ...]:
    """Log the sessions that schedulers know.

    Parameters
    ----------
    window
        What the operator asked for; `None`: the days that the settings say, and as much
        more as passed since the source was last harvested.
    """
    reports = []
    for connected in context.sources:
        context.progress.stage(f"Asking {connected.name} for sessions")
        answer = ask(connected, context, window)
        _remember(connected.name, answer, context)
        reports.append(_record(connected.name, answer, context))
    return tuple(reports)


def ask(
    connected: ConnectedSource, context: RunContext, window: Window | None
) -> Answer:
    """Ask one scheduler, and write nothing."""
    state = context.store.source_state(connected.name)
    now = context.now()
    if window is None and state.next_attempt_at and now < state.next_attempt_at:
        until = state.next_attempt_at.astimezone().strftime("%Y-%m-%d %H:%M")
        error = f"failed {state.failures} times, not asked before {until}: "
        return Answer(error=error + (state.last_error or ""), asked=False)
    start = now - timedelta(days=context.settings.harvest_days)
    if state.last_success_at is not None:
        start = min(start, state.last_success_at - OVERLAP)
    try:
        found = tuple(_entries(connected, window or Window(start=start)))
    except SourceError as error:
        logger.warning("Source %s: %s", connected.name, error)
        return Answer(error=str(error))
    # A harvester is foreign code: whatever it raises costs this source alone.
    except Exception as error:
        logger.exception("Harvester %s raised", connected.name)
        return Answer(error=f"{type(error).__name__}: {error}")
    return _sorted(found)


def _entries(
    connected: ConnectedSource, window: Window
) -> Iterable[Session | HarvestProblem]:
    if connected.source is None:
        raise SourceError(connected.problem or "not configured")
    return connected.source.sessions(window)


def _sorted(found: tuple[object, ...]) -> Answer:
    problems = [
        " ".join(filter(None, (entry.message, entry.reference)))
        for entry in found
        if isinstance(entry, HarvestProblem)
    ]
    problems += [
        f"the harvester gave {type(entry).__name__}, expected Session"
        for entry in found
        if not isinstance(entry, Session | HarvestProblem)
    ]
    for problem in problems:
        logger.warning("%s", problem)
    sessions = tuple(entry for entry in found if isinstance(entry, Session))
    return Answer(sessions=sessions, problems=tuple(problems))


def _remember(name: str, answer: Answer, context: RunContext) -> None:
    if not answer.asked:
        return
    now = context.now()
    if answer.error is None:
        context.store.source_succeeded(name, now)
        return
    failures = context.store.source_state(name).failures + 1
    context.store.source_failed(name, answer.error, now, next_attempt(failures, now))


def _record(name: str, answer: Answer, context: RunContext) -> HarvestReport:
    counts: Counter[str] = Counter()
    problems = list(answer.problems)
    for session in answer.sessions:
        try:
            counts[context.store.record_session(session)] += 1
        except StoreError as error:
            problems.append(f"{session.identifier}: {error}")
    return HarvestReport(
        source=name,
        found=len(answer.sessions),
        new=counts["new"],
        changed=counts["changed"],
        problems=tuple(problems),
        error=answer.error,
    )
