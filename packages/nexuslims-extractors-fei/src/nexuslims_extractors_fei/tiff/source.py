"""Where an FEI TIFF keeps its metadata: private tags, or text among the bytes."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, BinaryIO

from nexuslims_core.reading.findings import as_text
from nexuslims_core.reading.tiff import MAGICS, Directory, directories
from nexuslims_core.reading.tiff_image import further_images

if TYPE_CHECKING:
    from nexuslims_core.types import DataFile

SETTINGS_TAGS = (34682, 34680)
"""Tags that hold the settings; 34680 is the one of the older SFEG instruments."""

XML_TAG = 34683
"""Tag that holds FEI's XML metadata beside the settings."""

MARKERS = (b"[User]", b"[Beam]", b"<Root>")
"""What settings contain, in tags."""

LOOSE_MARKER = re.compile(rb"\[(?:User|Beam)\][\r\n]")
"""Start of settings in files whose tags another program lost."""

LOOSE_HEAD, LOOSE_TAIL = 5_000, 65_536
"""Bytes at the start and the end of a file in which loose settings may begin."""

LOOSE_MOST = 1_048_576
"""Bytes that loose settings may take; real ones take some thousand."""

LOOSE_END = re.compile(rb"[\x01-\x08\x0b\x0c\x0e-\x1f]|\x00{4}")
"""What text does not contain: where loose settings stop."""


@dataclass(frozen=True, kw_only=True)
class Source:
    """The metadata of one file as text, not yet understood."""

    settings: str = ""
    """Sections of keys, or the `<Root>` list of a TEM."""
    xml: str = ""
    directory: Directory | None = None
    """Tags of the first image; `None` when the file's structure is damaged."""
    notes: tuple[str, ...] = ()


def is_fei_tiff(file: DataFile) -> bool:
    """Tell whether `file` is a TIFF with FEI metadata; false for what is unreadable."""
    try:
        if file.head[:4] not in MAGICS:
            return False
        with file.path.open("rb") as stream:
            return _is_tagged(stream, file.size) or bool(_loose(stream, file.size))
    except OSError:
        return False


def _is_tagged(stream: BinaryIO, size: int) -> bool:
    try:
        directory = next(directories(stream, size), None)
    except ValueError:
        return False
    if directory is None:
        return False
    xml = directory.read(stream, XML_TAG)
    return bool(_settings(stream, directory)) or _is_fei_xml(xml)


def read_source(stream: BinaryIO, size: int) -> Source:
    """Return the metadata text of an open file; empty where there is none.

    Raises
    ------
    ValueError
        If the file is no TIFF, or so damaged that nothing can be found in it.
    """
    try:
        pages = directories(stream, size)
        directory = next(pages, None)
    except ValueError as error:
        return _damaged(stream, size, error)
    if directory is None:
        return Source(settings=as_text(_loose(stream, size)))
    settings = _settings(stream, directory) or _loose(stream, size)
    xml = directory.read(stream, XML_TAG)
    return Source(
        settings=as_text(settings),
        xml=as_text(xml) if _is_fei_xml(xml) else "",
        directory=directory,
        notes=(
            *_cut_notes(directory),
            *further_images(stream, pages),
        ),
    )


def _damaged(stream: BinaryIO, size: int, error: ValueError) -> Source:
    settings = as_text(_loose(stream, size))
    if not settings:
        raise error
    note = f"The TIFF structure is damaged: {error}. Only its text could be read."
    return Source(settings=settings, notes=(note,))


def _settings(stream: BinaryIO, directory: Directory) -> bytes:
    for tag in SETTINGS_TAGS:
        text = directory.read(stream, tag)
        if any(marker in text for marker in MARKERS):
            return text
    return b""


def _is_fei_xml(text: bytes) -> bool:
    return b"<?xml" in text[:64] or b"<Metadata" in text[:1024]


def _loose(stream: BinaryIO, size: int) -> bytes:
    """Return settings that stand near an end of the file, without their tag."""
    places = ((0, LOOSE_HEAD), (max(0, size - LOOSE_TAIL), LOOSE_TAIL))
    for offset, span in places:
        stream.seek(offset)
        start = LOOSE_MARKER.search(stream.read(span))
        if start:
            stream.seek(offset + start.start())
            text = stream.read(LOOSE_MOST)
            end = LOOSE_END.search(text)
            return text[: end.start()] if end else text
    return b""


def _cut_notes(directory: Directory) -> list[str]:
    ends = {
        tag: entry.offset + entry.size
        for tag, entry in directory.entries.items()
        if tag in {SETTINGS_TAGS[0], XML_TAG}
    }
    size = directory.file_size
    return [
        f"Metadata tag {tag} should end at byte {end}, but the file ends at {size}."
        for tag, end in ends.items()
        if end > size
    ]
