"""The extractor of Tescan images."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, BinaryIO

from nexuslims_core.reading.clock import iso_time, local_time, noted, tiff_time
from nexuslims_core.reading.guard import opened
from nexuslims_core.reading.tiff_image import LENGTH, WIDTH, shown_image
from nexuslims_core.types import DataFile, Dataset, Extraction

from nexuslims_extractors_tescan.describe import describe
from nexuslims_extractors_tescan.source import Source, read_source

if TYPE_CHECKING:
    from datetime import datetime


def extract(file: DataFile) -> Extraction:
    """Return the one dataset of a Tescan image; reads the file once.

    Raises
    ------
    ExtractionError
        If there are no metadata of a Tescan microscope, or none that can be read.
    """
    with opened(file, "a Tescan TIFF") as stream:
        return Extraction(datasets=(_dataset(file, stream),))


def _dataset(file: DataFile, stream: BinaryIO) -> Dataset:
    source = read_source(file, stream)
    found = describe(source.sections, source.tags, _size(source, stream))
    preview, notes = shown_image(file.path, stream, source.directory, found.fields)
    when, time_notes = acquired(source, file.modified)
    notes = (*source.notes, *_missing(source), *found.notes, *time_notes, *notes)
    found = replace(found, notes=notes)
    return found.dataset(file, creation_time=when, preview=preview)


def _size(source: Source, stream: BinaryIO) -> tuple[int, int]:
    if source.directory is None:
        return 0, 0
    columns, rows = (
        source.directory.integer(stream, tag, 0) for tag in (WIDTH, LENGTH)
    )
    return columns, rows


def _missing(source: Source) -> tuple[str, ...]:
    if source.sections:
        return ()
    return ("Settings: expected them in tag 50431 or a side-car .hdr, found neither.",)


def acquired(
    source: Source, modified: datetime
) -> tuple[datetime | None, tuple[str, ...]]:
    """Return the time of acquisition, as its zone-less clock showed it, and notes.

    Parameters
    ----------
    modified
        The file's modification time: what is later was read in the wrong order.
    """
    main = source.sections.get("MAIN", {})
    date, time = main.get("Date", ""), main.get("Time", "")
    tag = source.tags.get("TIFF DateTime", "")
    found = _both(date, time, modified) or tiff_time(tag)
    return noted(found, f"{date} {time}".strip() or tag)


def _both(date: str, time: str, modified: datetime) -> datetime | None:
    if not date or not time:
        return None
    return iso_time(f"{date}T{time}") or local_time(f"{date} {time}", modified)
