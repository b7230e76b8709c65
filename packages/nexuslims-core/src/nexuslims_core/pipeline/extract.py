"""Extract every file of a session once: metadata, side-cars, previews.

Files whose side-cars are up to date are not opened at all. The others go to the worker
pool; a worker that hangs or dies costs one retry of that file with the fallback, never
the session.
"""

from __future__ import annotations

import logging
from concurrent.futures import Executor, Future, as_completed
from dataclasses import replace
from typing import TYPE_CHECKING

from nexuslims_core.errors import NexusLIMSError
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
    from collections.abc import Callable, Iterable
    from pathlib import Path

    from nexuslims_core.manager import PluginRecipe
    from nexuslims_core.model.files import DataFile
    from nexuslims_core.pipeline.progress import Progress
    from nexuslims_core.types import Site

logger = logging.getLogger(__name__)


def extract_files(
    files: Iterable[DataFile],
    pool: Executor,
    *,
    site: Site,
    recipe: PluginRecipe,
    progress: Progress,
    heartbeat: Callable[[], None],
    checksum: bool = False,
) -> dict[Path, FileOutcome]:
    """Return what became of each file, by path.

    Parameters
    ----------
    heartbeat
        Called after each file, which may take minutes.

    Raises
    ------
    NotStoredError
        If the data folder does not take side-cars; the rest is called off.
    """
    outcomes: dict[Path, FileOutcome] = {}
    pending: dict[Future[FileOutcome], FileJob] = {}
    for file in files:
        job = FileJob(
            file=file,
            recipe=recipe,
            instrument_root=site.instrument_data_path,
            data_root=site.data_path,
            checksum=checksum,
        )
        known = reusable(job)
        if known is None:
            pending[pool.submit(process_file, job)] = job
            continue
        outcomes[file.path] = known
        progress.file_done(file.path.name)
    try:
        for future in as_completed(pending):
            job = pending[future]
            outcomes[job.file.path] = _outcome(future, job, pool)
            progress.file_done(job.file.path.name)
            heartbeat()
    finally:
        for future in pending:
            future.cancel()
    return outcomes


def _outcome(future: Future[FileOutcome], job: FileJob, pool: Executor) -> FileOutcome:
    try:
        return future.result()
    except NotStoredError:
        raise
    except NexusLIMSError as error:
        reason = str(error)
    except TimeoutError:
        reason = "took too long and was stopped"
    # Whatever ends a worker, from a segmentation fault to a scheduler's own exception,
    # is told apart by nothing better than its class.
    except Exception as error:  # noqa: BLE001 - answered by the fallback
        reason = f"ended its worker: {describe(error)}"
    logger.warning("%s: extraction %s", job.file.path, reason)
    return _fallback(job, reason, pool)


def _fallback(job: FileJob, reason: str, pool: Executor) -> FileOutcome:
    """Read the file with what cannot hang on it: the extractors that open nothing."""
    blamed = {
        one.name: reason
        for one in candidates(job.file, manager_from(job.recipe))
        if one.extensions is not None
    }
    try:
        return pool.submit(
            process_file, replace(job, skip=blamed, previews=False)
        ).result()
    except NotStoredError:
        raise
    # See above; the file is then named in the report, and the session goes on.
    except Exception as error:
        logger.exception("%s: not even the fallback could read it", job.file.path)
        return FileOutcome(
            file=job.file,
            state="unreadable",
            warnings=(f"{reason}; {describe(error)}",),
        )
