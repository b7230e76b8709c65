"""Build several sessions at a time, over one pool of worker processes.

While one session is delivered, the files of the next are read. Each is finished by
itself, so what one needs, from an answer to a lock, keeps no other waiting. Schedulers
and repositories are asked by one session at a time: their plugins need not know of
threads.
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from functools import partial
from typing import TYPE_CHECKING

from nexuslims_core.errors import NexusLIMSError
from nexuslims_core.pipeline import worker
from nexuslims_core.pipeline.build import build
from nexuslims_core.pipeline.claim import renew
from nexuslims_core.pipeline.connect import executor_for

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from concurrent.futures import Executor

    from nexuslims_core.model.report import SessionReport
    from nexuslims_core.pipeline.build import Work
    from nexuslims_core.pipeline.context import RunContext

AHEAD = 1
"""Sessions under way beyond one per worker, so that workers need not wait."""
MOST = 32
"""Sessions under way at most: their outcomes are held in memory."""


def build_all(
    works: Sequence[Work], context: RunContext, pool: Executor
) -> tuple[SessionReport, ...]:
    """Build and deliver sessions; each is finished in the database by itself.

    Parameters
    ----------
    pool
        See `worker_pool`.

    Returns
    -------
    tuple of SessionReport
        In the order of `works`, without sessions that have not changed, and without
        those that were not begun because the run is to end.
    """
    context.progress.sessions(len(works))
    at_once = min(len(works), _at_once(context))
    if at_once == 1:
        reports = [_one(work, context, pool) for work in works]
    else:
        reports = _in_threads(works, context, pool, at_once)
    return tuple(report for report in reports if report is not None)


def _at_once(context: RunContext) -> int:
    if context.settings.executor == "inline":
        return 1
    return min(context.settings.workers + AHEAD, MOST)


def _in_threads(
    works: Sequence[Work], context: RunContext, pool: Executor, at_once: int
) -> list[SessionReport | None]:
    threads = ThreadPoolExecutor(max_workers=at_once, thread_name_prefix="session")
    try:
        futures = [threads.submit(_one, work, context, pool) for work in works]
        return [future.result() for future in futures]
    except BaseException:
        # Threads that wait for files do not wait for long: their tasks are called off.
        context.halt.abandon()
        pool.shutdown(wait=False, cancel_futures=True)
        raise
    finally:
        threads.shutdown(wait=True, cancel_futures=True)


def _one(work: Work, context: RunContext, pool: Executor) -> SessionReport | None:
    if context.halt.requested:
        return None
    renew(context)
    report = build(work, context, pool)
    if report is not None:
        context.progress.session_done(report)
    return report


def warm_up(pool: Executor, works: Sequence[Work], context: RunContext) -> None:
    """Have workers start while schedulers are asked about sessions.

    Only for sessions that are new and have files: of others, most have not changed. A
    second time it costs nothing.
    """
    files = sum(len(one.files) for one in works if one.claimed.status == "TO_BE_BUILT")
    # Those of other machines are at work already.
    warm = getattr(pool, "warm", None)
    if files and warm is not None:
        warm(partial(worker.warm_up, context.manager.recipe), files)


@contextmanager
def worker_pool(context: RunContext) -> Iterator[Executor]:
    """Have workers for a ``with`` block: those that `NX_EXECUTOR` names.

    Raises
    ------
    NexusLIMSError
        If they cannot be had.
    """
    settings = context.settings
    contribution, own = executor_for(
        settings.executor, context.manager.executors, context.environment
    )
    try:
        pool: Executor = context.manager.call(
            contribution,
            contribution.create,
            own,
            settings.workers,
            settings.file_timeout_seconds,
        )
    except NexusLIMSError as error:
        msg = f"executor {settings.executor!r} cannot be started: {error}"
        raise NexusLIMSError(context.told(msg)) from error
    try:
        yield pool
    except BaseException:
        pool.shutdown(wait=False, cancel_futures=True)
        raise
    pool.shutdown(wait=True)
