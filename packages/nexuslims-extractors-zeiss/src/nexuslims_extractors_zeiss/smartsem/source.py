"""Where SmartSEM keeps its settings: private tags."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, BinaryIO

from nexuslims_core.reading.findings import as_text
from nexuslims_core.reading.tiff import Directory, directories
from nexuslims_core.reading.tiff_image import further_images

from nexuslims_extractors_zeiss import tags
from nexuslims_extractors_zeiss.him.source import has_xml
from nexuslims_extractors_zeiss.smartsem.settings import Settings, parse

if TYPE_CHECKING:
    from nexuslims_core.types import DataFile

SETTINGS_TAG = 34118
"""Settings in the code page of the microscope's PC."""

UNICODE_TAG = 34119
"""The same settings as UTF-16, of software since version 6."""


@dataclass(frozen=True, kw_only=True)
class Source:
    """The settings of one file."""

    directory: Directory
    settings: Settings
    notes: tuple[str, ...] = ()


def is_smartsem_tiff(file: DataFile) -> bool:
    """Tell whether `file` is a TIFF with SmartSEM's settings; false if unreadable.

    Images that another software took through SmartSEM are described by that software.
    """
    return tags.first_directory_has(file, _is_ours)


def _is_ours(stream: BinaryIO, directory: Directory) -> bool:
    settings = read_settings(stream, directory)
    return bool(settings.lines) and not has_xml(stream, directory)


def read_settings(stream: BinaryIO, directory: Directory) -> Settings:
    """Return the settings in the tags of an image; without lines if there are none."""
    plain = parse(as_text(_whole_lines(stream, directory, SETTINGS_TAG)))
    content = _whole_lines(stream, directory, UNICODE_TAG)
    wide = parse(content.decode("utf-16-le", errors="ignore"))
    return Settings(
        lines={**plain.lines, **wide.lines}, numbers=plain.numbers or wide.numbers
    )


def _whole_lines(stream: BinaryIO, directory: Directory, tag: int) -> bytes:
    content = tags.content(stream, directory, tag)
    if not tags.cut_note(directory, tag):
        return content
    # The last line may have lost digits that made it another number.
    return content.rpartition(b"\r")[0]


def read_source(stream: BinaryIO, size: int) -> Source:
    """Return the settings of an open file.

    Raises
    ------
    ValueError
        If there are none, or the file is so damaged that none can be found.
    """
    pages = directories(stream, size)
    directory = next(pages, None)
    if directory is None:
        raise ValueError("expected an image, found no directory")
    settings = read_settings(stream, directory)
    if not settings.lines:
        msg = f"expected SmartSEM's settings in tag {SETTINGS_TAG}, found none"
        raise ValueError(msg)
    cut = (tags.cut_note(directory, tag) for tag in (SETTINGS_TAG, UNICODE_TAG))
    notes = tuple(note for some in cut for note in some)
    return Source(
        directory=directory,
        settings=settings,
        notes=(*notes, *further_images(stream, pages)),
    )
