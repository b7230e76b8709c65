"""Text in tags of a TIFF's first image."""

from __future__ import annotations

from typing import TYPE_CHECKING, BinaryIO

from nexuslims_core.reading.findings import as_text
from nexuslims_core.reading.tiff import MAGICS, Directory, directories
from nexuslims_core.reading.tiff_image import LENGTH, WIDTH

if TYPE_CHECKING:
    from collections.abc import Callable

    from nexuslims_core.types import DataFile

TIME = 306

MOST_BYTES = 2**24
"""That are read of a text; real ones have some ten thousand, more is damage."""


def first_directory_has(
    file: DataFile, looks_right: Callable[[BinaryIO, Directory], bool]
) -> bool:
    """Tell whether `file` is a TIFF of which that is true; false if unreadable."""
    try:
        if file.head[:4] not in MAGICS:
            return False
        with file.path.open("rb") as stream:
            directory = next(directories(stream, file.size), None)
            return directory is not None and looks_right(stream, directory)
    except (OSError, ValueError):
        return False


def content(stream: BinaryIO, directory: Directory, tag: int) -> bytes:
    """Return the bytes of a tag, the first of them if there are far too many."""
    entry = directory.entries.get(tag)
    if entry is None:
        return b""
    stream.seek(entry.offset)
    return stream.read(min(entry.size, MOST_BYTES))


def text(stream: BinaryIO, directory: Directory, tag: int) -> str:
    """Return the text of a tag; empty without one."""
    return as_text(content(stream, directory, tag)).strip()


def size(stream: BinaryIO, directory: Directory) -> tuple[int, int]:
    """Return columns and rows of the image; zeros when unknown."""
    columns, rows = (directory.integer(stream, tag, 0) for tag in (WIDTH, LENGTH))
    return columns, rows


def cut_note(directory: Directory, tag: int) -> tuple[str, ...]:
    """Return a note if the file ends within the values of a tag."""
    entry = directory.entries.get(tag)
    end = entry.offset + entry.size if entry else 0
    if end <= directory.file_size:
        return ()
    note = f"Metadata tag {tag} should end at byte {end}, but the file ends at "
    return (f"{note}{directory.file_size}.",)
