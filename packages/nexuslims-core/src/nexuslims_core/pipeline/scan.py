"""Finding the files of an instrument's sessions, with one walk for all of them."""

from __future__ import annotations

import gc
import os
from bisect import bisect_left, bisect_right
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from nexuslims_core.errors import ConfigurationError
from nexuslims_core.model.files import DataFile
from nexuslims_core.pipeline.listing import Place, list_folder, printable
from nexuslims_core.pipeline.scan_index import indexed
from nexuslims_core.pipeline.walk import Walk
from nexuslims_core.pipeline.wanted import Wanted, name_test, nanoseconds, time_test

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from nexuslims_core.model.facility import Instrument, Session
    from nexuslims_core.pipeline.listing import Found, Listing
    from nexuslims_core.pipeline.scan_index import IndexRules


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
    threads: int | None = None,
    index: IndexRules | None = None,
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
    threads
        How many folders to list at once; `None` for one, or more where the file system
        keeps it waiting.
    index
        Rules of the index that spares folders; `None` to list all of them.
    """
    nothing: dict[str, tuple[DataFile, ...]] = {one.identifier: () for one in sessions}
    if not sessions:
        return ScanResult(files=nothing)
    try:
        folder = instrument_folder(instrument, root)
        top = Place(os.fspath(folder), folder.stat())
        with os.scandir(folder):
            pass
    except (ConfigurationError, OSError) as error:
        message = _unavailable(instrument, root, error)
        return ScanResult(files=nothing, problems=(message,), available=False)
    windows = [(nanoseconds(one.start), nanoseconds(one.end)) for one in sessions]
    wanted = Wanted(name=name_test(extensions, ignore), between=time_test(windows))
    question = (str(folder), extensions and sorted(extensions), *ignore)
    with _no_collection(), _looks(index, instrument, question, wanted) as look:
        walk = Walk(wanted=wanted, look=look, threads=threads)
        hits = sorted(walk.files(top), key=_order)
        found = [_data_file(one, instrument) for one in hits]
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


@contextmanager
def _looks(
    index: IndexRules | None,
    instrument: Instrument,
    question: Sequence[object],
    wanted: Wanted,
) -> Iterator[Callable[[Place], Listing]]:
    """Give the function that says what is in a folder."""
    if index is None:
        yield partial(list_folder, wanted=wanted)
        return
    with indexed(index, instrument.pid, question, wanted) as look:
        yield look


@contextmanager
def _no_collection() -> Iterator[None]:
    """Collect no garbage: all that is made is kept, and would be looked at anew."""
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_enabled:
            gc.enable()


def _order(found: Found) -> tuple[int, str]:
    return found.mtime_ns, found.path.replace(os.sep, "/")


def _data_file(found: Found, instrument: Instrument) -> DataFile:
    return DataFile(
        path=Path(found.path),
        size=found.size,
        mtime_ns=found.mtime_ns,
        instrument=instrument,
    )


def _unavailable(
    instrument: Instrument, root: Path, error: ConfigurationError | OSError
) -> str:
    if isinstance(error, ConfigurationError):
        return str(error)
    folder = printable(str(root / instrument.filestore_path.lstrip("/\\")))
    if isinstance(error, FileNotFoundError):
        return (
            f"no folder {folder} for instrument {instrument.pid}: is the file store "
            "mounted, and are NX_INSTRUMENT_DATA_PATH and its filestore_path right?"
        )
    reason = error.strerror or type(error).__name__
    return f"cannot list {folder} of instrument {instrument.pid}: {reason}"
