"""One run at a time per data folder."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING

from filelock import FileLock, Timeout

from nexuslims_core.errors import ConfigurationError, NexusLIMSError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

LOCK_NAME = ".builder.lock"


class LockedError(NexusLIMSError):
    """Another run works on the same data folder."""


@contextlib.contextmanager
def run_lock(data_path: Path) -> Iterator[None]:
    """Hold the lock of `data_path` for a ``with`` block.

    The operating system releases it when the process ends, however it ends.

    Raises
    ------
    LockedError
        If another process holds it.
    ConfigurationError
        If the file system does not let us lock anything.
    """
    lock = FileLock(data_path / LOCK_NAME, timeout=0)
    try:
        lock.acquire()
    except Timeout as error:
        msg = (
            f"another run holds {data_path / LOCK_NAME}; wait for it to end, or look "
            "for a process called nexuslims"
        )
        raise LockedError(msg) from error
    except (NotImplementedError, OSError) as error:
        msg = (
            f"{data_path / LOCK_NAME} cannot be locked ({error}); NX_DATA_PATH must be "
            "a folder that this user may write to, on a file system with locks"
        )
        raise ConfigurationError(msg) from error
    try:
        yield
    finally:
        lock.release()
