"""Who runs on a data folder: one run alone, or several that share a database server."""

from __future__ import annotations

import contextlib
import itertools
import socket
from dataclasses import dataclass
from typing import TYPE_CHECKING

from filelock import FileLock, Timeout

from nexuslims_core.errors import ConfigurationError, NexusLIMSError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

LOCK_NAME = ".builder.lock"


class LockedError(NexusLIMSError):
    """Another run works on the same data folder."""


@dataclass(frozen=True, kw_only=True)
class Slot:
    """The place of one runner among those of its machine on a data folder."""

    data_path: Path
    number: int | None = None
    """`None` for a runner that is alone."""

    @property
    def owner(self) -> str:
        """Name under which its runner leases sessions."""
        name = f"{socket.gethostname()}:{self.data_path}"
        return name if self.number is None else f"{name}#{self.number}"

    @property
    def path(self) -> Path:
        """The lock file."""
        if self.number is None:
            return self.data_path / LOCK_NAME
        return self.data_path / f".runner.{socket.gethostname()}.{self.number}.lock"


@contextlib.contextmanager
def run_lock(data_path: Path) -> Iterator[Slot]:
    """Hold the lock of `data_path` for a ``with`` block, alone.

    The operating system releases it when the process ends, however it ends.

    Raises
    ------
    LockedError
        If another process holds it.
    ConfigurationError
        If the file system does not let us lock anything.
    """
    slot = Slot(data_path=data_path)
    with _held(slot) as held:
        if not held:
            msg = (
                f"another run holds {slot.path}; wait for it to end, or look for a "
                "process called nexuslims. Several runs at once need PostgreSQL "
                "(NX_DB_URL)"
            )
            raise LockedError(msg)
        yield slot


@contextlib.contextmanager
def runner_slot(data_path: Path) -> Iterator[Slot]:
    """Hold the first slot of this machine that is free, for a ``with`` block.

    Raises
    ------
    ConfigurationError
        If the file system does not let us lock anything.
    """
    with contextlib.ExitStack() as stack:
        for number in itertools.count(1):
            slot = Slot(data_path=data_path, number=number)
            if stack.enter_context(_held(slot)):
                yield slot
                return


def vacant_slots(beside: Slot) -> Iterator[Slot]:
    """Yield the slots whose runners have ended, each held while it is looked at.

    Whatever such a runner had leased is nobody's: it was killed, or gave it back.
    """
    pattern = f".runner.{socket.gethostname()}.*.lock"
    for path in sorted(beside.data_path.glob(pattern)):
        number = path.name.split(".")[-2]
        if not number.isdigit() or path == beside.path:
            continue
        slot = Slot(data_path=beside.data_path, number=int(number))
        with _held(slot) as held:
            if held:
                yield slot


@contextlib.contextmanager
def _held(slot: Slot) -> Iterator[bool]:
    """Hold a slot's lock; yield whether it could be had."""
    lock = FileLock(slot.path, timeout=0)
    try:
        lock.acquire()
    except Timeout:
        yield False
        return
    except (NotImplementedError, OSError) as error:
        msg = (
            f"{slot.path} cannot be locked ({error}); NX_DATA_PATH must be a folder "
            "that this user may write to, on a file system with locks"
        )
        raise ConfigurationError(msg) from error
    try:
        yield True
    finally:
        lock.release()
