"""Writing files whole: copies are what was described, and on disk when done."""

from __future__ import annotations

import hashlib
import io
import os
import zipfile
from contextlib import contextmanager
from typing import IO, TYPE_CHECKING

from nexuslims_core.errors import ExportError

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator
    from pathlib import Path

    from nexuslims_exporter_rocrate.inventory import Part

_CHUNK = 1 << 20
_EARLIEST = (1980, 1, 1, 0, 0, 0)
"""What a ZIP archive can hold (APPNOTE 4.4.6); real times would make each differ."""
_REGULAR_FILE = 0o100644 << 16
_FOLDER = 0o040755 << 16 | 0x10
_UNIX = 3
_COMPRESSED = frozenset({".gif", ".jpeg", ".jpg", ".png"})


def write_part(part: Part, path: Path) -> None:
    """Write a file of a crate to `path`, through to the disk.

    Raises
    ------
    OSError
        If it cannot be read or written.
    ExportError
        If it is no longer what it was when it was described.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    with _through(path) as stream:
        _copy(part, stream)


def write_bytes(content: bytes, path: Path) -> None:
    """Write `content` to `path`, through to the disk."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with _through(path) as stream:
        stream.write(content)


def write_archive(
    path: Path, root: str, document: tuple[str, bytes], parts: Collection[Part]
) -> None:
    """Write a ZIP archive; the same bytes for the same files.

    Parameters
    ----------
    path
        Where to.
    root
        Folder in the archive, with a slash at its end; empty for its top.
    document
        Name and content of the metadata document.
    parts
        The other files.

    Raises
    ------
    OSError, ExportError
        As for `write_part`.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    name, content = document
    with _through(path) as stream, zipfile.ZipFile(stream, "w") as archive:
        archive.writestr(_member(root + name, len(content)), content)
        for folder in sorted({root + part.folder for part in parts}):
            # Readers ask for the folders that the document names.
            archive.writestr(_described(folder, _FOLDER), b"")
        for part in parts:
            member = _member(root + part.path, part.facts.size)
            with archive.open(member, "w") as target:
                _copy(part, target)


def _member(name: str, size: int) -> zipfile.ZipInfo:
    member = _described(name, _REGULAR_FILE)
    suffix = os.path.splitext(name)[1].lower()  # noqa: PTH122 - no path on disk
    compressed = suffix in _COMPRESSED
    member.compress_type = zipfile.ZIP_STORED if compressed else zipfile.ZIP_DEFLATED
    member.file_size = size  # From it the library tells whether ZIP64 is needed.
    return member


def _described(name: str, attributes: int) -> zipfile.ZipInfo:
    member = zipfile.ZipInfo(name, date_time=_EARLIEST)
    member.create_system = _UNIX
    member.external_attr = attributes
    return member


def _copy(part: Part, target: IO[bytes]) -> None:
    sha256, size = hashlib.sha256(), 0
    with _opened(part) as source:
        # Not beyond what was announced: the file may still be growing.
        while size <= part.facts.size and (chunk := source.read(_CHUNK)):
            sha256.update(chunk)
            size += len(chunk)
            target.write(chunk)
    expected = part.facts.sha256 or sha256.hexdigest()
    if (size, sha256.hexdigest()) != (part.facts.size, expected):
        msg = f"{part.source} changed while it was copied; the next run tries again"
        raise ExportError(msg)


def _opened(part: Part) -> IO[bytes]:
    if part.source is None:
        return io.BytesIO(part.content or b"")
    return part.source.open("rb")


@contextmanager
def _through(path: Path) -> Iterator[IO[bytes]]:
    """Open a file for writing; after a power cut it is not empty once closed."""
    with path.open("wb") as stream:
        yield stream
        stream.flush()
        os.fsync(stream.fileno())
