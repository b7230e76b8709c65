"""Ask every scheduler for sessions and log them; each scheduler by itself."""

from __future__ import annotations

import logging
from collections import Counter
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from nexuslims_core.errors import SourceError, StoreError
from nexuslims_core.manager.records import describe
from nexuslims_core.model.facility import Instrument, Session, Window
from nexuslims_core.model.report import HarvestReport
from nexuslims_core.pipeline.retry import next_attempt
from nexuslims_core.types import HarvestProblem

if TYPE_CHECKING:
    from collections.abc import Iterator

    from nexuslims_core.pipeline.connect import ConnectedSource
    from nexuslims_core.pipeline.context import RunContext
    from nexuslims_core.store import SourceState

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
    gapless: bool = True
    """Whether it was asked about all the time since it last answered."""


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
    if window is None and (pause := paused(state, context.now())):
        return Answer(error=pause, asked=False)
    owed = _owed(state, context)
    wanted = window or Window(start=owed)
    found: list[object] = []
    error = None
    try:
        # What came before an error is kept: the entry that causes it may stay for long.
        found.extend(_entries(connected, wanted))
    except SourceError as reason:
        error = context.told(str(reason))
        logger.warning("Source %s: %s", connected.name, error)
    # A harvester is foreign code: whatever it raises costs this source alone.
    except (Exception, SystemExit) as reason:
        logger.exception("Harvester %s raised", connected.name)
        error = context.told(describe(reason))
    return Answer(
        sessions=tuple(_sessions(found)),
        problems=tuple(map(context.told, _problems(connected, found))),
        error=error,
        gapless=_covers(wanted, owed, context.now()),
    )


def paused(state: SourceState, now: datetime) -> str | None:
    """Return why a source that failed is left alone for now, `None` if it is not."""
    if state.next_attempt_at is None or now >= state.next_attempt_at:
        return None
    until = state.next_attempt_at.astimezone().strftime("%Y-%m-%d %H:%M")
    reason = state.last_error or "it did not answer"
    return f"failed {state.failures} times, not asked before {until}: {reason}"


def _owed(state: SourceState, context: RunContext) -> datetime:
    """Return from when on the source has to be asked."""
    start = context.now() - timedelta(days=context.settings.harvest_days)
    if state.last_success_at is None:
        return start
    return min(start, state.last_success_at - OVERLAP)


def _covers(window: Window, owed: datetime, now: datetime) -> bool:
    begins = window.start is None or window.start <= owed
    return begins and (window.end is None or window.end >= now)


def _entries(connected: ConnectedSource, window: Window) -> Iterator[object]:
    if connected.source is None or connected.problem is not None:
        raise SourceError(connected.problem or "not configured")
    yield from connected.source.sessions(window)


def _sessions(found: list[object]) -> Iterator[Session]:
    for entry in found:
        if isinstance(entry, Session) and _defect(entry) is None:
            yield entry


def _problems(connected: ConnectedSource, found: list[object]) -> Iterator[str]:
    for entry in found:
        if isinstance(entry, HarvestProblem):
            problem = f"{entry.message} {entry.reference}".strip()
        elif (defect := _defect(entry)) is not None:
            problem = f"the harvester gave {defect}"
        else:
            continue
        logger.warning("%s: %s", connected.name, problem)
        yield problem


def _defect(entry: object) -> str | None:
    """Return what keeps foreign code's answer from being logged as a session."""
    if not isinstance(entry, Session):
        return f"{type(entry).__name__}, expected Session"
    name = f"session {entry.identifier!r}"
    if not isinstance(entry.identifier, str) or not entry.identifier:
        return f"{name}, expected text that identifies it"
    if not isinstance(entry.instrument, Instrument):
        return f"{name} without an instrument"
    times = (entry.start, entry.end)
    if not all(
        isinstance(one, datetime) and one.utcoffset() is not None for one in times
    ):
        return f"{name} from {times[0]} to {times[1]}, expected aware times"
    if not isinstance(entry.user, str):
        return f"{name} of user {entry.user!r}, expected text"
    return None


def _remember(name: str, answer: Answer, context: RunContext) -> None:
    if not answer.asked:
        return
    now = context.now()
    before = context.store.source_state(name)
    if answer.error is None:
        # Who asked about some days only must not make the rest look harvested.
        known = None if answer.gapless else before.last_success_at
        context.store.source_succeeded(name, known or now)
        return
    failures = before.failures + 1
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
