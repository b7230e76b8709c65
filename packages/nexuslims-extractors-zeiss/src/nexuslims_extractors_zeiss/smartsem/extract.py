"""The extractor of SmartSEM images."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING, BinaryIO

from nexuslims_core.reading.clock import iso_time, local_time, noted, tiff_time
from nexuslims_core.reading.guard import opened
from nexuslims_core.reading.tiff_image import shown_image
from nexuslims_core.types import DataFile, Dataset, Extraction

from nexuslims_extractors_zeiss import tags
from nexuslims_extractors_zeiss.smartsem.describe import describe
from nexuslims_extractors_zeiss.smartsem.source import read_source

if TYPE_CHECKING:
    from datetime import datetime

DATE = re.compile(r"(\d{1,2}) ([A-Za-z]{3})[a-z]* (\d{4})")
# fmt: off
MONTHS = (
    "jan", "feb", "mar", "apr", "may", "jun",
    "jul", "aug", "sep", "oct", "nov", "dec",
)
# fmt: on
"""English, whatever the language of the microscope's PC."""


def extract(file: DataFile) -> Extraction:
    """Return the one dataset of a SmartSEM image; reads the file once.

    Raises
    ------
    ExtractionError
        If there are no settings of SmartSEM in it, or none that can be read.
    """
    with opened(file, "a SmartSEM TIFF") as stream:
        return Extraction(datasets=(_dataset(file, stream),))


def _dataset(file: DataFile, stream: BinaryIO) -> Dataset:
    source = read_source(stream, file.size)
    directory, settings = source.directory, source.settings
    found = describe(settings, *tags.size(stream, directory))
    preview, image_notes = shown_image(file.path, stream, directory, found.fields)
    when, time_notes = acquired(
        settings.value("AP_DATE"),
        settings.value("AP_TIME"),
        tags.text(stream, directory, tags.TIME),
        file.modified,
    )
    notes = (*source.notes, *found.notes, *time_notes, *image_notes)
    return replace(found, notes=notes).dataset(
        file, creation_time=when, preview=preview
    )


def acquired(
    date: str, time: str, tag: str, modified: datetime
) -> tuple[datetime | None, tuple[str, ...]]:
    """Return the time of acquisition, as its zone-less clock showed it, and notes.

    Parameters
    ----------
    tag
        The time in the plain tag of TIFF.
    modified
        The file's modification time: what is later was read in the wrong order.
    """
    told = f"{_in_digits(date)} {time}".strip()
    found = iso_time(told) if date and time else None
    found = found or local_time(told, modified) or tiff_time(tag)
    return noted(found, told or tag)


def _in_digits(date: str) -> str:
    """Return a date such as ``9 Dec 2019`` as ISO 8601 has it; others as they are."""
    match = DATE.fullmatch(date)
    if match is None or match[2].lower() not in MONTHS:
        return date
    month = MONTHS.index(match[2].lower()) + 1
    return f"{match[3]}-{month:02}-{int(match[1]):02}"
