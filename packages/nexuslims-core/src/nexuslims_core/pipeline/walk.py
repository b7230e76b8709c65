"""Walking over a tree: each folder once, whatever links there are."""

from __future__ import annotations

import time
from concurrent.futures import FIRST_COMPLETED, ThreadPoolExecutor, wait
from dataclasses import dataclass, field
from pathlib import Path
from stat import S_ISDIR, S_ISREG
from typing import TYPE_CHECKING

from nexuslims_core.pipeline.listing import Found, Place, trouble

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from concurrent.futures import Future

    from nexuslims_core.pipeline.listing import Listing
    from nexuslims_core.pipeline.wanted import Wanted

THREADS = 16
"""Folders that are listed at once where the file system is slow to answer."""
_QUEUED = 4
"""Folders per thread that await one; the rest is kept where it costs nothing."""
_TRIAL_S = 0.2
"""How long one thread is given to show whether it works or waits."""
_WORKING = 0.2
"""Share of the time for which a thread works whatever else the machine does."""


@dataclass(kw_only=True)
class Walk:
    """One walk over a tree: what it looks for, and what it met on the way."""

    wanted: Wanted
    look: Callable[[Place], Listing]
    """Says what is in a folder; called from several threads."""
    threads: int | None = None
    """How many folders to list at once; `None` to find out what is best."""
    seen: set[object] = field(default_factory=set)
    """Identities of the folders walked and the files found."""
    links: list[str] = field(default_factory=list)
    """Links to follow once everything that is really there has been seen."""
    problems: list[str] = field(default_factory=list)

    def files(self, top: Place) -> Iterator[Found]:
        """Yield the files wanted that are in or below a folder, in any order.

        Whatever can be reached twice comes once, by its real path if it has one.
        """
        for file in self._below([top]):
            # Two names of one file in real folders (hard links) are two files.
            self.seen.add(file.identity)
            yield file
        while self.links:
            batch = sorted(self.links)
            self.links.clear()
            for link in batch:
                # Which thread was first must not decide which name a file goes by.
                for file in sorted(self._behind(link), key=_path):
                    if self._first_time(file):
                        yield file

    def _behind(self, link: str) -> Iterator[Found]:
        try:
            status = Path(link).stat()
        except OSError as error:
            self.problems.append(trouble(link, error))
            return
        if S_ISDIR(status.st_mode):
            yield from self._below([Place(link, status)])
        elif S_ISREG(status.st_mode) and self.wanted.during(status.st_mtime_ns):
            yield Found.at(link, status)

    def _below(self, tops: Iterable[Place]) -> Iterator[Found]:
        """Yield the files of folders, and of those in them, that are new to us."""
        pending = list(filter(self._first_time, tops))
        for listing in self._listings(pending):
            self.problems.extend(listing.problems)
            self.links.extend(filter(self._leads_somewhere, listing.links))
            pending.extend(filter(self._first_time, listing.folders))
            yield from listing.found

    def _listings(self, pending: list[Place]) -> Iterator[Listing]:
        """Yield the listings of `pending` folders, to which more may be added."""
        if self.threads is None or self.threads == 1:
            yield from self._one_by_one(pending)
        if pending:
            yield from self._side_by_side(pending)

    def _one_by_one(self, pending: list[Place]) -> Iterator[Listing]:
        """Yield listings, until it turns out that the time is spent with waiting."""
        elapsed = worked = 0.0
        while pending:
            if self.threads is None and is_waiting(elapsed, worked):
                return
            begin, begin_worked = time.perf_counter(), time.thread_time()
            listing = self.look(pending.pop())
            elapsed += time.perf_counter() - begin
            worked += time.thread_time() - begin_worked
            yield listing

    def _side_by_side(self, pending: list[Place]) -> Iterator[Listing]:
        threads = self.threads or THREADS
        running: set[Future[Listing]] = set()
        with ThreadPoolExecutor(threads, "scan") as pool:
            while pending or running:
                while pending and len(running) < _QUEUED * threads:
                    running.add(pool.submit(self.look, pending.pop()))
                done, running = wait(running, return_when=FIRST_COMPLETED)
                for one in done:
                    yield one.result()

    def _leads_somewhere(self, link: str) -> bool:
        # Links of unwanted names may still be folders, but never broken files of ours.
        path = Path(link)
        return self.wanted.name(path.name) or path.is_dir()

    def _first_time(self, one: Place | Found) -> bool:
        if one.identity in self.seen:
            return False
        self.seen.add(one.identity)
        return True


def _path(file: Found) -> str:
    return file.path


def is_waiting(elapsed_s: float, worked_s: float) -> bool:
    """Return whether a thread that listed folders mostly waited for answers.

    Where it did, as on most network file systems, several threads wait together; where
    it did not, they would only get in each other's way.
    """
    return elapsed_s > _TRIAL_S and worked_s < _WORKING * elapsed_s
