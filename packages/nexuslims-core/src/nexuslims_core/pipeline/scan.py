"""Finding the files of an instrument's sessions, with one walk for all of them."""

from __future__ import annotations

import fnmatch
import os
import re
import stat
from bisect import bisect_left, bisect_right
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import accumulate
from pathlib import Path
from typing import TYPE_CHECKING

from nexuslims_core.errors import ConfigurationError
from nexuslims_core.model.files import DataFile

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

    from nexuslims_core.model.facility import Instrument, Session

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, kw_only=True)
class ScanResult:
    """What a walk over an instrument's folder found."""

    files: Mapping[str, tuple[DataFile, ...]]
    """Files by `Session.identifier`, ordered by modification time, then path."""
    problems: tuple[str, ...] = ()
    """Folders and files that could not be looked at, each with the reason."""
    available: bool = True
    """False when the folder itself cannot be listed: nothing is known about files."""


def scan(
    instrument: Instrument,
    root: Path,
    sessions: Sequence[Session],
    *,
    extensions: frozenset[str] | None,
    ignore: Sequence[str],
) -> ScanResult:
    """Find the files that were last modified during `sessions`, start and end included.

    Symbolic links are followed after all that is really there, so that a file or folder
    that can be reached twice appears once, by its real path where it has one below
    the instrument's folder. Links to folders that contain them are no trap.

    Parameters
    ----------
    instrument
        The instrument of all the sessions.
    root
        Folder that holds the instruments' folders.
    sessions
        Sessions to find files for. A file belongs to every one whose time it is in.
    extensions
        Lower-case extensions to look for, without dot; `None` for any file.
    ignore
        Patterns such as ``*.mib`` for names of files to leave out, in any case.
    """
    nothing: dict[str, tuple[DataFile, ...]] = {one.identifier: () for one in sessions}
    if not sessions:
        return ScanResult(files=nothing)
    try:
        folder = instrument_folder(instrument, root)
        identity = _identity(folder, folder.stat())
        with os.scandir(folder):
            pass
    except (ConfigurationError, OSError) as error:
        message = _unavailable(instrument, root, error)
        return ScanResult(files=nothing, problems=(message,), available=False)
    windows = [(_nanoseconds(one.start), _nanoseconds(one.end)) for one in sessions]
    walk = _Walk(
        wants=_name_filter(extensions, ignore),
        during=_union(windows),
        instrument=instrument,
        seen={identity},
    )
    found = sorted(walk.files(folder), key=_order)
    times = [file.mtime_ns for file in found]
    files = {
        session.identifier: tuple(
            found[bisect_left(times, start) : bisect_right(times, end)]
        )
        for session, (start, end) in zip(sessions, windows, strict=True)
    }
    return ScanResult(files=files, problems=tuple(sorted(walk.problems)))


def instrument_folder(instrument: Instrument, root: Path) -> Path:
    """Return the folder of an instrument's files; it need not exist.

    Raises
    ------
    ConfigurationError
        If `Instrument.filestore_path` leads out of `root`.
    """
    relative = Path(instrument.filestore_path.lstrip("/\\"))
    if ".." in relative.parts or relative.drive or relative.is_absolute():
        msg = (
            f"filestore_path {instrument.filestore_path!r} of instrument "
            f"{instrument.pid} leads out of {root}: give it relative to that folder"
        )
        raise ConfigurationError(msg)
    return root / relative


@dataclass(frozen=True, kw_only=True)
class _Walk:
    """One walk over a tree: what it looks for, and what it met on the way."""

    wants: Callable[[str], bool]
    during: Callable[[int], bool]
    instrument: Instrument
    seen: set[object]
    """Identities of the folders walked and the files found."""
    links: list[Path] = field(default_factory=list)
    """Links to follow once everything that is really there has been seen."""
    problems: list[str] = field(default_factory=list)

    def files(self, folder: Path) -> Iterator[DataFile]:
        """Yield the files wanted below `folder`, which is in `seen` already."""
        yield from self._below(folder, linked=False)
        while self.links:
            batch = sorted(self.links, key=os.fspath)
            self.links.clear()
            for link in batch:
                yield from self._behind(link)

    def _behind(self, link: Path) -> Iterator[DataFile]:
        try:
            status = link.stat()
        except OSError as error:
            self._report(link, error)
            return
        if not stat.S_ISDIR(status.st_mode):
            yield from self._file(link, status, linked=True)
        elif self._first_time(link, status):
            yield from self._below(link, linked=True)

    def _below(self, top: Path, *, linked: bool) -> Iterator[DataFile]:
        pending = [top]
        while pending:
            for entry in self._entries(pending.pop()):
                status = self._status(entry)
                if status is None:
                    continue
                path = Path(entry.path)
                if not stat.S_ISDIR(status.st_mode):
                    yield from self._file(path, status, linked=linked)
                elif self._first_time(path, status):
                    pending.append(path)

    def _status(self, entry: os.DirEntry[str]) -> os.stat_result | None:
        """Return the status of a folder or a file of interest; links come later."""
        path = Path(entry.path)
        try:
            if entry.is_symlink():
                self._defer(path)
                return None
            if not self.wants(entry.name) and not entry.is_dir(follow_symlinks=False):
                return None
            # Not `entry.stat()`: on Windows it may be out of date.
            return path.stat()
        except FileNotFoundError:
            return None  # renamed or removed while we looked
        except OSError as error:
            self._report(path, error)
            return None

    def _entries(self, folder: Path) -> list[os.DirEntry[str]]:
        entries: list[os.DirEntry[str]] = []
        try:
            with os.scandir(folder) as listing:
                # One by one: what was listed before an error is kept.
                for entry in listing:
                    entries.append(entry)  # noqa: PERF402
        except OSError as error:
            self._report(folder, error)
        return entries

    def _defer(self, link: Path) -> None:
        # Links to unwanted names may still be folders, but never broken ones of ours.
        if self.wants(link.name) or link.is_dir():
            self.links.append(link)

    def _file(
        self, path: Path, status: os.stat_result, *, linked: bool
    ) -> Iterator[DataFile]:
        if not stat.S_ISREG(status.st_mode) or not self.during(status.st_mtime_ns):
            return
        # Two names of one file in real folders (hard links) are two files.
        if not self._first_time(path, status) and linked:
            return
        yield DataFile(
            path=path,
            size=status.st_size,
            mtime_ns=status.st_mtime_ns,
            instrument=self.instrument,
        )

    def _first_time(self, path: Path, status: os.stat_result) -> bool:
        identity = _identity(path, status)
        if identity in self.seen:
            return False
        self.seen.add(identity)
        return True

    def _report(self, path: Path, error: OSError) -> None:
        reason = error.strerror or type(error).__name__
        self.problems.append(f"cannot look at {_printable(path)}: {reason}")


def _identity(path: Path, status: os.stat_result) -> object:
    """Return what tells a file or folder from all others, whatever path leads to it."""
    # Some network file systems number nothing.
    return (status.st_dev, status.st_ino) if status.st_ino else path.resolve()


def _name_filter(
    extensions: frozenset[str] | None, ignore: Sequence[str]
) -> Callable[[str], bool]:
    patterns = [fnmatch.translate(pattern.lower()) for pattern in ignore]
    ignored = re.compile("|".join(patterns) or r"(?!)")

    def wants(name: str) -> bool:
        lower = name.lower()
        if extensions is not None:
            extension = Path(lower).suffix.removeprefix(".")
            if extension not in extensions:
                return False
        return ignored.match(lower) is None

    return wants


def _union(windows: Iterable[tuple[int, int]]) -> Callable[[int], bool]:
    """Return a test for times that are in any of the windows."""
    ordered = sorted(windows)
    starts = [start for start, _ in ordered]
    latest_ends = list(accumulate((end for _, end in ordered), max))

    def during(time: int) -> bool:
        begun = bisect_right(starts, time)
        return begun > 0 and time <= latest_ends[begun - 1]

    return during


def _order(file: DataFile) -> tuple[int, str]:
    return file.mtime_ns, file.path.as_posix()


def _nanoseconds(moment: datetime) -> int:
    """Return nanoseconds since the epoch; exact, which `timestamp()` is not."""
    return (moment - _EPOCH) // timedelta(microseconds=1) * 1000


def _printable(path: Path) -> str:
    """Return a path as text that any log can take, whatever bytes are in it."""
    return os.fspath(path).encode(errors="backslashreplace").decode()


def _unavailable(
    instrument: Instrument, root: Path, error: ConfigurationError | OSError
) -> str:
    if isinstance(error, ConfigurationError):
        return str(error)
    folder = _printable(root / instrument.filestore_path.lstrip("/\\"))
    if isinstance(error, FileNotFoundError):
        return (
            f"no folder {folder} for instrument {instrument.pid}: is the file store "
            "mounted, and are NX_INSTRUMENT_DATA_PATH and its filestore_path right?"
        )
    reason = error.strerror or type(error).__name__
    return f"cannot list {folder} of instrument {instrument.pid}: {reason}"
