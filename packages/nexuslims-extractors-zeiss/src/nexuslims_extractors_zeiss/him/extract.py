"""The extractor of images of Zeiss Orion and of Fibics software."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, BinaryIO

from nexuslims_core.reading.clock import iso_time, local_time, noted, tiff_time
from nexuslims_core.reading.findings import Findings
from nexuslims_core.reading.guard import opened
from nexuslims_core.reading.tiff_image import shown_image
from nexuslims_core.types import DataFile, Dataset, Extraction

from nexuslims_extractors_zeiss import tags
from nexuslims_extractors_zeiss.him import fibics_xml, zeiss_xml
from nexuslims_extractors_zeiss.him.source import Source, read_source
from nexuslims_extractors_zeiss.smartsem import source as smartsem_source
from nexuslims_extractors_zeiss.smartsem.describe import describe as describe_smartsem

if TYPE_CHECKING:
    from datetime import datetime


def extract(file: DataFile) -> Extraction:
    """Return the one dataset of an image; reads the file once.

    Raises
    ------
    ExtractionError
        If there is no XML of Zeiss or Fibics in it, or none that can be read.
    """
    with opened(file, "an Orion or Fibics TIFF") as stream:
        return Extraction(datasets=(_dataset(file, stream),))


def _dataset(file: DataFile, stream: BinaryIO) -> Dataset:
    source = read_source(stream, file.size)
    found = _findings(source, stream)
    preview, image_notes = shown_image(
        file.path, stream, source.directory, found.fields
    )
    tag = tags.text(stream, source.directory, tags.TIME)
    when, time_notes = acquired(source, tag, file.modified)
    notes = (*source.notes, *found.notes, *time_notes, *image_notes)
    return replace(found, notes=notes).dataset(
        file, creation_time=when, preview=preview
    )


def _findings(source: Source, stream: BinaryIO) -> Findings:
    """Return what the XML says, and SmartSEM's settings where it ran the microscope."""
    columns, rows = tags.size(stream, source.directory)
    size = f"({columns}, {rows})"
    found = Findings(fields={"data_dimensions": size} if columns and rows else {})
    settings = smartsem_source.read_settings(stream, source.directory)
    if settings.lines:
        found = describe_smartsem(settings, columns, rows).joined(found)
    for name, root in source.roots.items():
        if name == fibics_xml.GROUP:
            said = fibics_xml.describe(root, columns, rows)
        else:
            said = zeiss_xml.describe(root)
        found = replace(found.joined(said), data_type=said.data_type)
    return found


def acquired(
    source: Source, tag: str, modified: datetime
) -> tuple[datetime | None, tuple[str, ...]]:
    """Return the time of acquisition and notes; naive where the file tells no zone.

    Parameters
    ----------
    tag
        The time in the plain tag of TIFF.
    modified
        The file's modification time: what is later was read in the wrong order.
    """
    told = _told(source)
    found = iso_time(told) or local_time(told, modified) or tiff_time(tag)
    return noted(found, told or tag)


def _told(source: Source) -> str:
    fibics, zeiss = (source.roots.get(one.GROUP) for one in (fibics_xml, zeiss_xml))
    if fibics is not None:
        told = fibics_xml.text(fibics_xml.element_of(fibics, *fibics_xml.TIME))
        if told:
            return told
    if zeiss is not None:
        return zeiss_xml.text(zeiss_xml.element_of(zeiss, zeiss_xml.TIME))
    return ""
