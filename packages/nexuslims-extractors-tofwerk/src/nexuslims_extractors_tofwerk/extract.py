"""The extractor of Tofwerk FIB-ToF-SIMS files."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import numpy as np
from nexuslims_core.reading.clock import iso_time, local_time
from nexuslims_core.reading.findings import Findings, number, scaled
from nexuslims_core.reading.standard import trimmed
from nexuslims_core.reading.tables import Field, tabulated
from nexuslims_core.types import DataFile, Extraction, quantity

from nexuslims_extractors_tofwerk.fields import FIB, FIELDS, ROOT, SPECTRA
from nexuslims_extractors_tofwerk.geometry import Geometry, geometry
from nexuslims_extractors_tofwerk.preview import preview_source
from nexuslims_extractors_tofwerk.source import PEAKS, Contents, read_contents

if TYPE_CHECKING:
    from collections.abc import Mapping

CREATED = "HDF5 File Creation Time"
"""Attribute of the root with date and time in UTC: ``31.12.2025 12:00:00``."""

MOST_PEAKS = 60
"""Peaks that a record lists; longer lists are in the raw group alone."""


def extract(file: DataFile) -> Extraction:
    """Return the one dataset of a file; reads its metadata, and pixels for the preview.

    Raises
    ------
    ExtractionError
        If it is no such file.
    """
    contents = read_contents(file)
    size = geometry(contents)
    when, time_note = _acquired(contents, file)
    findings = Findings(
        dataset_type="SpectrumImage",
        data_type="PFIB_TOFSIMS",
        raw=_raw(contents),
        flagged=_flagged(contents),
        notes=(*contents.notes, *([time_note] if time_note else [])),
    ).joined(
        tabulated(FIELDS, lambda row: _attribute(contents, row)),
        _lateral(size),
        _measured(contents),
    )
    preview = preview_source(file, contents, size)
    dataset = findings.dataset(file, creation_time=when, preview=preview)
    return Extraction(datasets=(dataset,))


def _attribute(contents: Contents, row: Field) -> object:
    groups = {ROOT: contents.root, FIB: contents.fib, SPECTRA: contents.spectra}
    value = groups[row.section].get(row.key)
    return None if isinstance(value, list) else value


def _flagged(contents: Contents) -> tuple[tuple[str, ...], ...]:
    """Flag a current of exactly 0 A: the hardware did not measure it."""
    return (("Beam Current",),) if number(contents.fib.get("Current")) == 0 else ()


def _lateral(size: Geometry) -> Findings:
    """Return sizes: of the array, of a pixel, and of what was scanned."""
    fields: dict[str, Any] = {}
    if size.writes and size.lines and size.columns:
        fields["data_dimensions"] = str((size.writes, size.lines, size.columns))
    if size.view_mm and size.columns:
        pixel = quantity(scaled(size.view_mm, 1000) / size.columns, "µm")
        fields |= {
            "horizontal_field_width": quantity(size.view_mm, "mm"),
            "vertical_field_width": quantity(size.height_mm, "mm"),
            "pixel_width": pixel,
            "pixel_height": pixel,
        }
        return Findings(fields=fields, extensions={"Pixel Size": pixel})
    return Findings(fields=fields)


def _measured(contents: Contents) -> Findings:
    """Return what arrays say."""
    fields: dict[str, Any] = {}
    shown: dict[str, Any] = {
        "File Variant": "pre-processed" if PEAKS in contents.pixels else "raw"
    }
    pressures = contents.pressures[np.isfinite(contents.pressures)]
    if pressures.size:
        fields["chamber_pressure"] = quantity(float(pressures.mean()), "Pa")
    masses = contents.masses[np.isfinite(contents.masses)]
    if masses.size:
        shown["Mass Range Minimum"] = quantity(float(masses.min()), "Da")
        shown["Mass Range Maximum"] = quantity(float(masses.max()), "Da")
    times = contents.times[np.isfinite(contents.times)]
    if times.size and np.ptp(times) > 0:
        fields["acquisition_time"] = quantity(float(np.ptp(times)), "s")
    if contents.images:
        shown["Number of FIB Images"] = len(contents.images)
    if 0 < len(contents.peaks) <= MOST_PEAKS:
        listed = (f"{one.label} ({one.mass:.6g} Da)".strip() for one in contents.peaks)
        shown["Peaks"] = ", ".join(listed)
    return Findings(fields=fields, extensions=shown)


def _acquired(contents: Contents, file: DataFile) -> tuple[datetime | None, str]:
    """Return when the data were acquired, and a note where that cannot be read."""
    logged = contents.log[0][0] if contents.log else ""
    created = str(contents.root.get(CREATED, ""))
    when = iso_time(logged)
    if when is not None:
        return when, ""
    naive = local_time(created, file.modified)
    note = f"AcquisitionLog: expected a time in ISO 8601, found {logged!r:.40}."
    if naive is not None:
        return naive.replace(tzinfo=UTC), note if logged else ""
    if created:
        note = f"{CREATED}: expected 31.12.2025 12:00:00, found {created!r:.40}."
    return None, note if logged or created else ""


def _raw(contents: Contents) -> dict[str, Mapping[str, Any]]:
    groups: dict[str, Mapping[str, Any]] = {
        "TofDAQ": contents.root,
        FIB: contents.fib,
        SPECTRA: contents.spectra,
        "AcquisitionLog": {
            f"{index:04d} {time}": text
            for index, (time, text) in enumerate(contents.log)
        },
        "PeakTable": {
            f"{index:04d} {one.label}": [one.mass, one.lower, one.upper]
            for index, one in enumerate(contents.peaks)
        },
    }
    return {name: trimmed(group) for name, group in groups.items() if group}
