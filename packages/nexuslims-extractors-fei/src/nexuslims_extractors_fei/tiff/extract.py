"""The extractor of FEI and Thermo Fisher TIFF files."""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, BinaryIO

from nexuslims_core.reading import ini
from nexuslims_core.reading.findings import Findings, merged
from nexuslims_core.reading.guard import opened
from nexuslims_core.reading.markup import as_groups, salvage
from nexuslims_core.reading.tiff_image import shown_image
from nexuslims_core.types import (
    DataFile,
    Dataset,
    Extraction,
    quantity,
)

from nexuslims_extractors_fei.tiff import fei_xml, sem, tem
from nexuslims_extractors_fei.tiff.source import Source, read_source
from nexuslims_extractors_fei.tiff.times import acquired

if TYPE_CHECKING:
    from collections.abc import Mapping
    from xml.etree import ElementTree as ET

    from nexuslims_core.reading.tiff import Directory

XML_GROUP = "FEI_XML_Metadata"

GAS_SECTIONS = re.compile(r"MultiGISUnit\d+$"), re.compile(r"MultiGISGas\d+$")
"""The sections ``[MultiGISGasM]`` are repeated below every ``[MultiGISUnitN]``."""

PIXELS_PER_LENGTH, LENGTH_UNIT = (65450, 65451), 65452
"""Tags of TEM images, laid out like TIFF's own 282, 283 and 296, which there tell the
resolution on a screen."""

RESOLUTION_UNITS_M: Mapping[int, float] = {2: 0.0254, 3: 0.01}
"""Metres per unit of `LENGTH_UNIT`."""


def extract(file: DataFile) -> Extraction:
    """Return the one dataset of an FEI TIFF; reads the file once.

    Raises
    ------
    ExtractionError
        If there is no FEI metadata in it, or none that can be read.
    """
    with opened(file, "an FEI TIFF") as stream:
        return Extraction(datasets=(_dataset(file, stream),))


def _dataset(file: DataFile, stream: BinaryIO) -> Dataset:
    source = read_source(stream, file.size)
    settings = ini.parse(source.settings, nested=GAS_SECTIONS)
    extra = _extra(source.xml or (settings.xml if settings.sections else ""))
    findings = _understand(source, settings, extra)
    fields = {**_calibration(source.directory, stream, findings), **findings.fields}
    when, time_note = acquired(settings.sections, extra.time, file.modified)
    preview, image_notes = shown_image(file.path, stream, source.directory, fields)
    notes = (*source.notes, *findings.notes, extra.note, time_note, *image_notes)
    return Dataset(
        file=file,
        dataset_type=findings.dataset_type,
        data_type=findings.data_type,
        creation_time=when,
        fields=fields,
        extensions=findings.extensions,
        raw={**findings.raw, **extra.raw},
        flagged=findings.flagged,
        notes=tuple(note for note in notes if note),
        preview=preview,
    )


@dataclass(frozen=True, kw_only=True)
class _Extra:
    """FEI's XML, where there is any."""

    root: ET.Element | None = None
    raw: Mapping[str, Any] = field(default_factory=dict)
    time: str = ""
    note: str | None = None


def _understand(source: Source, settings: ini.Settings, extra: _Extra) -> Findings:
    if settings.sections:
        return _added(sem.describe(settings), extra.root)
    if "<Root>" in source.settings:
        return tem.describe(source.settings[source.settings.index("<Root>") :])
    if extra.root is None:
        msg = "expected settings in tag 34682 or XML in tag 34683, found neither"
        raise ValueError(msg)
    return fei_xml.describe(extra.root)


def _added(findings: Findings, xml: ET.Element | None) -> Findings:
    """Return the findings with what only the XML says."""
    if xml is None:
        return findings
    more = fei_xml.describe(xml)
    return replace(
        findings,
        fields=merged(more.fields, findings.fields),
        extensions=merged(more.extensions, findings.extensions),
        flagged=tuple(dict.fromkeys((*findings.flagged, *more.flagged))),
        notes=(*findings.notes, *more.notes),
    )


def _extra(text: str) -> _Extra:
    root, problem = salvage(text) if text else (None, None)
    if root is None:
        note = f"FEI's XML metadata cannot be read: {problem}." if problem else None
        return _Extra(raw={XML_GROUP: text} if text else {}, note=note)
    note = f"FEI's XML metadata are damaged: {problem}." if problem else None
    time = root.findtext(fei_xml.TIME) or ""
    return _Extra(root=root, raw={XML_GROUP: as_groups(root)}, time=time, note=note)


def _calibration(
    directory: Directory | None, stream: BinaryIO, findings: Findings
) -> dict[str, Any]:
    """Return the pixel size of a TEM image, which is in tags; not of diffraction."""
    if directory is None or findings.data_type != "TEM_Imaging":
        return {}
    unit = RESOLUTION_UNITS_M.get(directory.integer(stream, LENGTH_UNIT, 0))
    found = [directory.ratio(stream, tag) for tag in PIXELS_PER_LENGTH]
    if unit is None:
        return {}
    return {
        name: quantity(unit / pixels, "m")
        for name, pixels in zip(("pixel_width", "pixel_height"), found, strict=True)
        if pixels
    }
