"""The extractor of Velox files."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from nexuslims_core.errors import ExtractionError
from nexuslims_core.reading.findings import Findings
from nexuslims_core.reading.signals import describe
from nexuslims_core.reading.standard import trimmed
from nexuslims_core.types import Axis, DataFile, Dataset, Extraction, PreviewSource

from nexuslims_extractors_fei.velox.contents import read_contents
from nexuslims_extractors_fei.velox.describe import (
    acquired,
    described,
    detector,
    group,
    mode,
)
from nexuslims_extractors_fei.velox.signals import Signal, signals

if TYPE_CHECKING:
    from datetime import datetime

    from nexuslims_extractors_fei.velox.contents import Contents


def extract(file: DataFile) -> Extraction:
    """Return a dataset per image, spectrum and spectrum image; reads no numbers.

    Raises
    ------
    ExtractionError
        If it is no Velox file, or nothing in it can be read.
    """
    contents = read_contents(file)
    datasets = [_dataset(file, contents, signal) for signal in signals(file, contents)]
    if not datasets:
        told = f": {contents.notes[0]}" if contents.notes else ""
        msg = f"{file.path.name}: found no signal in this Velox file{told}"
        raise ExtractionError(msg)
    if contents.notes:
        first = datasets[0]
        datasets[0] = replace(first, notes=(*first.notes, *contents.notes))
    return Extraction(datasets=tuple(datasets))


def _dataset(file: DataFile, contents: Contents, signal: Signal) -> Dataset:
    part = signal.part
    findings, preview = _understood(file, contents, signal)
    if signal.technique and findings.data_type.endswith("STEM_Imaging"):
        data_type = f"STEM_{signal.technique}_Imaging"
        findings = replace(findings, data_type=data_type)
    findings = findings.joined(
        described(part, contents, findings.dataset_type),
        Findings(notes=(*part.notes, *signal.notes)),
    )
    when = acquired(part.metadata, file.timezone) or _time(contents, file)
    return findings.dataset(file, creation_time=when, preview=preview)


def _understood(
    file: DataFile, contents: Contents, signal: Signal
) -> tuple[Findings, PreviewSource | None]:
    """Return what the numbers of a signal tell, and how they are shown."""
    if signal.data is None:
        raw = {"original_metadata": trimmed(signal.part.metadata)}
        return Findings(dataset_type="Misc", data_type="Unknown", raw=raw), None
    found = describe(_as_dictionary(contents, signal), file)
    if signal.part.kind in {"SpectrumImage", "SpectrumStream"}:
        return found.findings, _sums_preview(signal) if signal.streams else None
    return found.findings, found.preview


def _as_dictionary(contents: Contents, signal: Signal) -> dict[str, Any]:
    """Return a signal as readers of the HyperSpy family describe theirs."""
    metadata = signal.part.metadata
    kind = mode(metadata)
    title = contents.titles.get(signal.part.name) or _name(signal)
    spectral = {"signal_type": f"{signal.technique}_TEM" if signal.technique else ""}
    return {
        "data": signal.data,
        "axes": [_as_axis(axis) for axis in signal.axes],
        "metadata": {
            "General": {"title": title},
            "Signal": spectral,
            "Sample": {"elements": list(contents.elements)},
            "Acquisition_instrument": {"TEM": {"acquisition_mode": kind}},
        },
        "original_metadata": metadata,
    }


def _as_axis(axis: Axis) -> dict[str, Any]:
    return {
        "name": axis.name,
        "size": axis.size,
        "scale": axis.scale,
        "offset": axis.offset,
        "units": axis.unit,
        "navigate": axis.navigation,
    }


def _name(signal: Signal) -> str:
    own = detector(signal.part.metadata).get("DetectorName", "")
    result = group(signal.part.metadata, "BinaryResult")
    return str(own or result.get("Detector") or signal.technique)


def _time(contents: Contents, file: DataFile) -> datetime | None:
    """Return the time of the first other signal that has one: all are of one scan."""
    times = (acquired(one.metadata, file.timezone) for one in contents.parts)
    return next(filter(None, times), None)


def _sums_preview(signal: Signal) -> PreviewSource:
    """Return the sum of all spectra, beside the map of all counts."""
    streams = signal.streams
    assert streams is not None  # noqa: S101 - for the type checker
    *plane, energy = signal.axes
    still = tuple(replace(axis, navigation=False) for axis in plane)
    part = " of the first frames" if streams.cut else ""
    counts = PreviewSource(
        read=lambda: streams.sums.map, axes=still, title=f"All counts{part}"
    )
    return PreviewSource(
        read=lambda: streams.sums.spectrum,
        axes=(energy,),
        title=f"Sum of all spectra{part}",
        panels=(counts,),
    )
