"""Memory of worker processes: how much one file may take, and when one has enough.

Linux tells and limits it. Elsewhere nothing is limited here.
"""

from __future__ import annotations

import gc
import os
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

MEGABYTE = 1_000_000

LEAST_MB = 1024
"""Default on machines with little memory for their many cores."""

SHARE = 0.75
"""Of the machine's memory, which all workers together may take."""

ORDINARY_MB = 256
"""What a worker with its libraries holds at rest."""

KILLED_FIRST = "500"
"""A worker's score for the kernel when the machine is out of memory; 0 is usual."""

_STATM = Path("/proc/self/statm")
"""In pages: all, resident, shared, code, nothing, data."""

_CONTROL_GROUPS = (
    Path("/sys/fs/cgroup/memory.max"),
    Path("/sys/fs/cgroup/memory/memory.limit_in_bytes"),
)
"""Where a container's limit stands: of version 2, of version 1."""


def default_mb(workers: int) -> int:
    """Return how much one file may take when the operator says nothing; 0: no limit."""
    total = machine_bytes()
    return share_mb(total, workers) if total is not None else 0


def share_mb(total: int, workers: int) -> int:
    """Return how much one file may take where `workers` share `total` bytes."""
    return max(LEAST_MB, int(total * SHARE / workers / MEGABYTE))


def machine_bytes() -> int | None:
    """Return the memory of the machine or container; `None` if nothing tells."""
    try:
        found = [os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")]
    except (AttributeError, OSError, ValueError):
        return None
    for path in _CONTROL_GROUPS:
        # Version 2 says "max" where there is no limit, version 1 a huge number.
        with suppress(OSError, ValueError):
            found.append(int(path.read_text()))
    return min(found)


def be_killed_first() -> None:
    """Have the kernel end this process before the program that can replace it."""
    with suppress(OSError):
        Path("/proc/self/oom_score_adj").write_text(KILLED_FIRST)


@contextmanager
def limited(mb: int) -> Iterator[None]:
    """Have what this process allocates inside the block fail beyond `mb` megabytes.

    Private writable memory counts: files that are mapped to be read, however large, do
    not. So a worker's limit is above what it already had.
    """
    pages = _pages()
    if not mb or pages is None:
        yield
        return
    # There is none on Windows, where there are no pages to tell of either.
    import resource

    soft, hard = resource.getrlimit(resource.RLIMIT_DATA)
    bound = pages[5] * resource.getpagesize() + mb * MEGABYTE
    for known in (soft, hard):
        if known != resource.RLIM_INFINITY:
            bound = min(bound, known)
    resource.setrlimit(resource.RLIMIT_DATA, (bound, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_DATA, (soft, hard))


def has_grown(mb: int) -> bool:
    """Tell whether this process keeps so much memory that a fresh one is better."""
    bound = (ORDINARY_MB + mb / 2) * MEGABYTE
    if not mb or _own_bytes() < bound:
        return False
    gc.collect()
    return _own_bytes() > bound


def _own_bytes() -> int:
    """Return what this process holds and no file or other process shares."""
    pages = _pages()
    if pages is None:
        return 0
    return (pages[1] - pages[2]) * os.sysconf("SC_PAGE_SIZE")


def _pages() -> tuple[int, ...] | None:
    try:
        return tuple(map(int, _STATM.read_text().split()))
    except OSError:
        return None
