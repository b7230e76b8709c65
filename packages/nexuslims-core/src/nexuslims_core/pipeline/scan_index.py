"""What earlier walks saw of folders where nothing happens any more.

Most of an old file store never changes again. Of a folder that was at rest when it was
listed, the index keeps the names of its folders and links, and the times of its files.
As long as the file system says that the folder itself is unchanged, it is not listed
again. Only derived data are kept: without its index a walk is slower, never different.

*What can be missed.* To write into a file does not change the folder that it is in. So
a folder counts as at rest only if nothing in it was modified for `quiet_ns`, which is
longer than sessions are waited for; and whatever the index says is in a session is
looked at again. What remains is a file that was at rest for that long and then is
written to in place. The next complete walk, at most `complete_ns` later, finds it.
"""

from __future__ import annotations

import contextlib
import logging
import sqlite3
from dataclasses import dataclass
from hashlib import sha256
from stat import S_ISDIR, S_ISREG
from threading import Lock
from typing import TYPE_CHECKING, TypeVar

from nexuslims_core.pipeline.listing import (
    Found,
    Listing,
    Place,
    list_folder,
    path_status,
    printable,
    trouble,
)
from nexuslims_core.pipeline.scan_memory import DamagedError, Memory, Remembered
from nexuslims_core.pipeline.wanted import nanoseconds
from nexuslims_core.record.naming import safe_name

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence
    from datetime import datetime
    from pathlib import Path

    from nexuslims_core.pipeline.context import RunContext
    from nexuslims_core.pipeline.wanted import Wanted

T = TypeVar("T")

_log = logging.getLogger(__name__)

FOLDER = "scan-index"
"""Folder below ``NX_DATA_PATH``; it can be deleted at any time."""
DAY_NS = 86_400 * 10**9
MARGIN_DAYS = 1.0
"""Beyond the time for which files are waited for: clocks of servers may be wrong."""

_PASSING = frozenset(
    {
        sqlite3.SQLITE_AUTH,
        sqlite3.SQLITE_BUSY,
        sqlite3.SQLITE_CANTOPEN,
        sqlite3.SQLITE_FULL,
        sqlite3.SQLITE_LOCKED,
        sqlite3.SQLITE_NOMEM,
        sqlite3.SQLITE_PERM,
        sqlite3.SQLITE_READONLY,
    }
)
"""Failures that say nothing against the file."""


@dataclass(frozen=True, kw_only=True)
class IndexRules:
    """Where indices are, and how far they are to be trusted."""

    folder: Path
    """Holds one file per instrument."""
    quiet_ns: int
    """For how long nothing must have changed in a folder that is not listed again."""
    complete_ns: int
    """How long after a complete walk the next one is due."""
    now_ns: int
    """Nanoseconds since the epoch."""


def index_for(context: RunContext) -> IndexRules | None:
    """Return the rules that the settings make; `None` if no index is wanted."""
    settings = context.settings
    if not settings.scan_index:
        return None
    return index_rules(
        context.site.data_path / FOLDER,
        complete_days=settings.scan_index_days,
        delay_days=settings.file_delay_days,
        now=context.now(),
    )


def index_rules(
    folder: Path, *, complete_days: float, delay_days: float, now: datetime
) -> IndexRules:
    """Return rules under which no file is missed for as long as it is waited for.

    Parameters
    ----------
    complete_days
        How often to walk completely, at least.
    delay_days
        How long files are waited for. There are two complete walks in that time, so
        that each session is looked for by one of them after it has ended.
    """
    return IndexRules(
        folder=folder,
        quiet_ns=int((delay_days + MARGIN_DAYS) * DAY_NS),
        complete_ns=int(min(complete_days, delay_days / 2) * DAY_NS),
        now_ns=nanoseconds(now),
    )


@contextlib.contextmanager
def indexed(
    rules: IndexRules, name: str, question: Sequence[object], wanted: Wanted
) -> Iterator[Callable[[Place], Listing]]:
    """Give a function that says what is in a folder, with as little effort as it takes.

    Parameters
    ----------
    name
        What tells this index from others: the instrument.
    question
        All that decides which names are wanted; an index for others is made anew.
    """
    index = _Index(rules, name, sha256(repr(question).encode()).hexdigest(), wanted)
    try:
        yield index.look
        index.walked()
    finally:
        index.close()


class _Index:
    """What is remembered of one instrument's folders, for one walk."""

    def __init__(
        self, rules: IndexRules, name: str, question: str, wanted: Wanted
    ) -> None:
        self._path = rules.folder / f"{safe_name(name, unique=True)}.sqlite"
        self._wanted = wanted
        self._now = rules.now_ns
        self._at_rest_before = rules.now_ns - rules.quiet_ns
        self._lock = Lock()
        self._memory = self._opened(question)
        last = self._ask(Memory.last_complete) or 0
        # A clock that was set back must not put the next complete walk off.
        self._recalls = last <= rules.now_ns < last + rules.complete_ns

    def look(self, place: Place) -> Listing:
        """Return what is in a folder; called from several threads."""
        listing = self._recalled(place) if self._recalls else None
        if listing is None:
            listing = list_folder(place, self._wanted, with_times=True)
            self._keep(listing)
        return listing

    def walked(self) -> None:
        """Note that the walk has reached its end."""
        if not self._recalls:
            self._ask(lambda memory: memory.completed(self._now))

    def close(self) -> None:
        """Store what was seen for the next walk."""
        self._ask(Memory.close)

    def _keep(self, listing: Listing) -> None:
        place, times = listing.place, listing.times
        changes = [place.status.st_mtime_ns, place.status.st_ctime_ns]
        if listing.problems or max(*changes, *times.values()) >= self._at_rest_before:
            return
        start = len(place.prefix)
        head = Remembered(
            state=_state(place),
            earliest=min(times.values(), default=0),
            latest=max(times.values(), default=-1),
            folders=[one.path[start:] for one in listing.folders],
            links=[path[start:] for path in listing.links],
        )
        self._ask(lambda memory: memory.keep(place.path, head, times, self._now))

    def _recalled(self, place: Place) -> Listing | None:
        """Return what is remembered of a folder that has not changed since."""
        head = self._ask(lambda memory: memory.head(place.path))
        if head is None or head.state != _state(place):
            return None
        times: Mapping[str, int] = {}
        if self._wanted.between(head.earliest, head.latest):
            known = self._ask(lambda memory: memory.times(place.path))
            if known is None:
                return None
            times = known
        listing = Listing(place)
        listing.links.extend(f"{place.prefix}{name}" for name in head.links)
        for name in head.folders:
            _look_again(f"{place.prefix}{name}", listing, self._wanted)
        for name, time in times.items():
            if self._wanted.during(time):
                _look_again(f"{place.prefix}{name}", listing, self._wanted)
        return listing

    def _ask(self, call: Callable[[Memory], T]) -> T | None:
        """Return the answer of the memory; `None` if it has failed, now or before."""
        with self._lock:
            if self._memory is None:
                return None
            try:
                return call(self._memory)
            except (sqlite3.Error, DamagedError) as error:
                memory, self._memory = self._memory, None
                with contextlib.suppress(sqlite3.Error):
                    memory.close()
                self._complain(error)
                return None

    def _opened(self, question: str, *, again: bool = True) -> Memory | None:
        try:
            self._path.parent.mkdir(exist_ok=True)
            return Memory(self._path, question)
        except (sqlite3.Error, OSError, DamagedError) as error:
            self._complain(error)
            if again and _is_damage(error):
                return self._opened(question, again=False)
            return None

    def _complain(self, error: Exception) -> None:
        path = printable(str(self._path))
        if not _is_damage(error):
            _log.warning("the index %s cannot be used: %s", path, error)
            return
        _log.warning("the index %s is damaged and is made anew: %s", path, error)
        with contextlib.suppress(OSError):
            self._path.unlink(missing_ok=True)


def _look_again(path: str, listing: Listing, wanted: Wanted) -> None:
    """Add a folder or file as it is now."""
    try:
        status = path_status(path)
    except FileNotFoundError:
        return
    except OSError as error:
        listing.problems.append(trouble(path, error))
        return
    if S_ISDIR(status.st_mode):
        listing.folders.append(Place(path, status))
    elif S_ISREG(status.st_mode) and wanted.during(status.st_mtime_ns):
        listing.found.append(Found.at(path, status))


def _state(place: Place) -> tuple[int, ...]:
    # Programs that copy folders set the modification time, but cannot set the time of
    # change. The number of the device depends on what was mounted first.
    status = place.status
    return status.st_ino, status.st_mtime_ns, status.st_ctime_ns


def _is_damage(error: Exception) -> bool:
    if isinstance(error, sqlite3.Error):
        return getattr(error, "sqlite_errorcode", 0) & 0xFF not in _PASSING
    return isinstance(error, DamagedError)
