"""What is in one folder, with no more calls to the file system than that takes."""

from __future__ import annotations

import os
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator

    from nexuslims_core.pipeline.wanted import Wanted

_ENTRIES_KNOW = os.name != "nt"
"""On Windows what `os.DirEntry.stat` says may be out of date, and has no identity."""


class Place(NamedTuple):
    """A folder, and its status from before it was looked into."""

    path: str
    status: os.stat_result

    @property
    def prefix(self) -> str:
        """What the paths of all in this folder begin with."""
        return f"{self.path.removesuffix(os.sep)}{os.sep}"

    @property
    def identity(self) -> object:
        """Equal for all paths that lead to this folder."""
        return _identity(self.path, self.status)


class Found(NamedTuple):
    """A file that was last modified during a session."""

    path: str
    size: int
    mtime_ns: int
    identity: object
    """Equal for all paths that lead to this file."""

    @classmethod
    def at(cls, path: str, status: os.stat_result) -> Found:
        """Return what a status says of the file at `path`."""
        return cls(path, status.st_size, status.st_mtime_ns, _identity(path, status))


@dataclass(slots=True)
class Listing:
    """What is in a folder."""

    place: Place
    folders: list[Place] = field(default_factory=list)
    """Folders that are really there, not by a link."""
    links: list[str] = field(default_factory=list)
    """Paths of all symbolic links."""
    found: list[Found] = field(default_factory=list)
    """Files wanted by name and time."""
    times: dict[str, int] = field(default_factory=dict)
    """Modification times of the files wanted by name, if asked for."""
    problems: list[str] = field(default_factory=list)


def list_folder(place: Place, wanted: Wanted, *, with_times: bool = False) -> Listing:
    """Return what is in a folder; what vanishes meanwhile is left out.

    Parameters
    ----------
    with_times
        Whether the times of files between sessions are needed as well.
    """
    listing = Listing(place)
    # This loop sees every file there is: anything added here costs on all of them.
    wants, between = wanted.name, wanted.between
    found, times, prefix = listing.found, listing.times, place.prefix
    try:
        with _entries(place.path) as entries:
            for entry in entries:
                name = entry.name
                try:
                    if not entry.is_file(follow_symlinks=False):
                        _keep_other(entry, listing)
                    elif wants(name):
                        status = (
                            entry.stat(follow_symlinks=False)
                            if _ENTRIES_KNOW
                            else path_status(f"{prefix}{name}")
                        )
                        time = status.st_mtime_ns
                        if with_times:
                            times[name] = time
                        if between(time, time):
                            found.append(Found.at(f"{prefix}{name}", status))
                except FileNotFoundError:
                    continue  # renamed or removed while we looked
                except OSError as error:
                    listing.problems.append(trouble(f"{prefix}{name}", error))
    except OSError as error:
        # What was listed before is kept.
        listing.problems.append(trouble(place.path, error))
    return listing


def _keep_other(entry: os.DirEntry[str], listing: Listing) -> None:
    """Keep a folder or link; pipes, sockets and devices are of no interest."""
    path = f"{listing.place.prefix}{entry.name}"
    if entry.is_dir(follow_symlinks=False):
        listing.folders.append(Place(path, path_status(path)))
    elif entry.is_symlink():
        listing.links.append(path)


@contextmanager
def _entries(folder: str) -> Iterator[Iterator[os.DirEntry[str]]]:
    """Open a folder for listing, so that its path is looked up once, not per file."""
    if os.scandir not in os.supports_fd:  # Windows
        with os.scandir(folder) as entries:
            yield entries
        return
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        with os.scandir(handle) as entries:
            yield entries
    finally:
        os.close(handle)


def path_status(path: str) -> os.stat_result:
    """Return the status of what is at `path` itself, not behind it if it is a link."""
    # Windows: junctions count as folders, and what they lead to has the identity.
    return Path(path).stat(follow_symlinks=os.name == "nt")


def _identity(path: str, status: os.stat_result) -> object:
    # Some network file systems number nothing.
    return (status.st_dev, status.st_ino) if status.st_ino else Path(path).resolve()


def printable(path: str) -> str:
    """Return a path as text that any log can take, whatever bytes are in it."""
    return path.encode(errors="backslashreplace").decode()


def trouble(path: str, error: OSError) -> str:
    """Return the sentence that says why something could not be looked at."""
    reason = error.strerror or type(error).__name__
    return f"cannot look at {printable(path)}: {reason}"
