"""Extract every file of a session once: metadata, side-cars, previews.

Files whose side-cars are up to date are not opened at all. The others go to the worker
pool. One that its worker does not survive is tried once more when the others are done;
then it is described by the extractors that open nothing. It never costs the session.
"""

from __future__ import annotations

import logging
from concurrent.futures import BrokenExecutor, Executor, Future, as_completed
from contextlib import contextmanager
from dataclasses import replace
from typing import TYPE_CHECKING

from nexuslims_core.errors import NexusLIMSError, WorkerError
from nexuslims_core.extraction import candidates, manager_from
from nexuslims_core.manager.records import describe
from nexuslims_core.pipeline.worker import (
    FileJob,
    FileOutcome,
    NotStoredError,
    process_file,
    reusable,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from pathlib import Path

    from nexuslims_core.manager import PluginManager
    from nexuslims_core.model.files import DataFile
    from nexuslims_core.pipeline.progress import Progress
    from nexuslims_core.types import Site

logger = logging.getLogger(__name__)


class NoWorkersError(NexusLIMSError):
    """Worker processes cannot be started: no fault of any file."""


@contextmanager
def extracting(
    files: Iterable[DataFile],
    pool: Executor,
    *,
    site: Site,
    manager: PluginManager,
    progress: Progress,
    heartbeat: Callable[[], None],
    checksum: bool = False,
) -> Iterator[Callable[[], dict[Path, FileOutcome]]]:
    """Have workers extract files while a ``with`` block does something else.

    Gives a function that waits for them and returns what became of each file, by path,
    in the order of `files`. What was not begun when the block ends is called off.
    Several threads may share a pool.

    Parameters
    ----------
    heartbeat
        Called after each file, which may take minutes.

    Raises
    ------
    NotStoredError
        If the data folder does not take side-cars; the rest is called off.
    NoWorkersError
        If worker processes cannot be started; likewise.
    """
    files = tuple(files)
    outcomes: dict[Path, FileOutcome] = {}

    def done(outcome: FileOutcome) -> None:
        outcomes[outcome.file.path] = outcome
        progress.file_done(outcome.file.path.name)

    pending: dict[Future[FileOutcome], FileJob] = {}

    def wait() -> dict[Path, FileOutcome]:
        for outcome in _outcomes(pending, pool):
            done(outcome)
            heartbeat()
        return {file.path: outcomes[file.path] for file in files}

    try:
        for file in files:
            job = FileJob(
                file=file,
                recipe=manager.recipe,
                instrument_root=site.instrument_data_path,
                data_root=site.data_path,
                checksum=checksum,
            )
            if (known := reusable(job, manager)) is not None:
                done(known)
            else:
                pending[pool.submit(process_file, job)] = job
        yield wait
    except BrokenExecutor as error:
        raise NoWorkersError(str(error)) from error
    finally:
        for future in pending:
            future.cancel()


def _outcomes(
    pending: dict[Future[FileOutcome], FileJob], pool: Executor
) -> Iterator[FileOutcome]:
    """Yield what came of each file, those that made trouble last."""
    failed: set[Path] = set()
    for future in as_completed(pending):
        outcome = _outcome(future, pending[future])
        if isinstance(outcome, FileOutcome):
            yield outcome
        else:
            failed.add(pending[future].file.path)
    for job in pending.values():
        # One at a time: what one of them needed, the others may have lacked.
        if job.file.path in failed:
            yield _again(replace(job, last=True), pool)


def _again(job: FileJob, pool: Executor) -> FileOutcome:
    """Try a file once more, and then without what fails on it."""
    outcome = _outcome(pool.submit(process_file, job), job)
    if isinstance(outcome, FileOutcome):
        return outcome
    reason = f"{outcome} twice"
    described = _outcome(
        pool.submit(
            process_file, replace(job, skip=_blamed(job, reason), previews=False)
        ),
        job,
    )
    if isinstance(described, FileOutcome):
        return described
    logger.error("%s: not even the fallback could read it", job.file.path)
    warning = f"{reason}; the fallback {described}"
    return FileOutcome(file=job.file, state="unreadable", warnings=(warning,))


def _blamed(job: FileJob, reason: str) -> dict[str, str]:
    """Return all extractors of the file but those that cannot hang on it.

    Those are the ones that open nothing, which is known by their listing no extension.
    """
    return {
        one.name: reason
        for one in candidates(job.file, manager_from(job.recipe))
        if one.extensions is not None
    }


def _outcome(future: Future[FileOutcome], job: FileJob) -> FileOutcome | str:
    """Return what came of a file, or what went wrong, as a predicate."""
    try:
        return future.result()
    except (NotStoredError, BrokenExecutor):
        raise
    except TimeoutError:
        reason = "took too long and was stopped"
    except MemoryError:
        reason = "needed more memory than one file may take"
    except WorkerError as error:
        reason = f"ended its worker process: it {error}"
    except NexusLIMSError as error:
        reason = str(error)
    # An executor may have exceptions of its own, which only their class tells apart.
    except Exception as error:
        logger.debug("%s", job.file.path, exc_info=True)
        reason = f"failed in its worker process: {describe(error)}"
    logger.warning("%s: extraction %s", job.file.path, reason)
    return reason
