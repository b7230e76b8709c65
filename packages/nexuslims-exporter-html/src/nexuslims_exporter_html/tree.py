"""A folder whose files appear, change and vanish as a whole."""

from __future__ import annotations

import filecmp
import os
import shutil
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

from nexuslims_core.exporting.names import digest

if TYPE_CHECKING:
    from pathlib import Path

STAGING = ".staging"

Signature: TypeAlias = tuple[int, int, int]
"""Time, size and inode of a file."""


@dataclass(frozen=True, kw_only=True)
class Write:
    """A file to have in the tree: given as `content`, or as a copy of `source`."""

    target: str
    """Path in the tree, with forward slashes."""
    content: bytes | None = None
    source: Path | None = None


@dataclass(frozen=True)
class Tree:
    """Files below `root`, written by one process at a time.

    A file is first written to a staging folder, then moved to its place: readers, and
    whoever comes after a crash, see it complete or not at all.
    """

    root: Path

    def at(self, target: str) -> Path:
        """Return the path of `target`."""
        return self.root / target

    def read(self, target: str) -> bytes | None:
        """Return the content of `target`; `None` if there is no such file."""
        try:
            return self.at(target).read_bytes()
        except FileNotFoundError:
            return None

    def differs(self, write: Write) -> bool:
        """Tell whether applying `write` would change anything."""
        if write.source is None:
            return self.read(write.target) != write.content
        return not same_file(write.source, self.at(write.target))

    def apply(self, write: Write) -> None:
        """Put the file in its place, as one step."""
        staged = self.at(STAGING) / digest(write.target)
        staged.parent.mkdir(parents=True, exist_ok=True)
        if write.source is None:
            _write_through(staged, write.content or b"")
        else:
            shutil.copyfile(write.source, staged)
            # The time of the original tells an unchanged file without reading it.
            stat = write.source.stat()
            os.utime(staged, ns=(stat.st_atime_ns, stat.st_mtime_ns))
        final = self.at(write.target)
        final.parent.mkdir(parents=True, exist_ok=True)
        staged.replace(final)

    def remove(self, target: str) -> None:
        """Remove a file, if it is there."""
        self.at(target).unlink(missing_ok=True)

    def remove_folder(self, target: str) -> None:
        """Remove a folder and all in it, if it is there."""
        folder = self.at(target)
        if folder.is_dir():
            shutil.rmtree(folder)

    def names(self, folder: str) -> tuple[str, ...]:
        """Return the names in `folder`, sorted; none if there is no such folder."""
        try:
            return tuple(sorted(os.listdir(self.at(folder))))  # noqa: PTH208 - names only
        except FileNotFoundError:
            return ()

    def signatures(self, folder: str) -> dict[str, Signature]:
        """Return what tells the files in `folder` from changed ones, by their names."""
        try:
            with os.scandir(self.at(folder)) as found:
                return {item.name: _signature(item.stat()) for item in found}
        except FileNotFoundError:
            return {}


def _signature(stat: os.stat_result) -> Signature:
    # A file that is replaced gets another inode, even within the clock's resolution.
    return stat.st_mtime_ns, stat.st_size, stat.st_ino


def same_file(source: Path, copy: Path) -> bool:
    """Tell whether `copy` holds what `source` holds."""
    if not copy.is_file():
        return False
    old, new = copy.stat(), source.stat()
    if old.st_size != new.st_size:
        return False
    # Some file systems keep times too coarsely; then the content decides.
    return old.st_mtime_ns == new.st_mtime_ns or filecmp.cmp(
        source, copy, shallow=False
    )


def _write_through(path: Path, content: bytes) -> None:
    """Write a file and have it on disk: after a power cut it must not be empty."""
    with path.open("wb") as stream:
        stream.write(content)
        stream.flush()
        os.fsync(stream.fileno())
