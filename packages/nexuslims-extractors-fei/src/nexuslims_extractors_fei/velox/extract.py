"""The extractor of Velox files."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from nexuslims_core.errors import ExtractionError
from nexuslims_core.reading.findings import Findings, number
from nexuslims_core.reading.signals import describe
from nexuslims_core.reading.standard import looked_up
from nexuslims_core.types import Axis, DataFile, Dataset, Extraction, PreviewSource

from nexuslims_extractors_fei.axes import si_axis
from nexuslims_extractors_fei.velox.arrays import OnDisk, Shape
from nexuslims_extractors_fei.velox.contents import read_contents
from nexuslims_extractors_fei.velox.describe import (
    acquired,
    described,
    detector,
    group,
    mode,
    technique,
)
from nexuslims_extractors_fei.velox.streams import MOST_VALUES, Streams

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from nexuslims_extractors_fei.velox.contents import Contents, Part

PER_KEV = 1e-3
"""Kiloelectronvolts in one electronvolt."""

PLANE, STACK = 2, 3
"""Axes of an image, and of a series of images or a spectrum image."""

MOST_CHANNELS, MOST_PIXELS = 1 << 16, 1 << 24
"""Beyond which the size of a spectrum image is damaged."""

PRUNED = (
    "The counts of this spectrum image are not in the file as a stream; its other form "
    "is the manufacturer's secret, so that there is no preview."
)


def extract(file: DataFile) -> Extraction:
    """Return a dataset per image, spectrum and spectrum image; reads no numbers.

    Raises
    ------
    ExtractionError
        If it is no Velox file, or nothing in it can be read.
    """
    contents = read_contents(file)
    datasets = [_dataset(file, contents, signal) for signal in _signals(file, contents)]
    if not datasets:
        told = f": {contents.notes[0]}" if contents.notes else ""
        msg = f"{file.path.name}: found no signal in this Velox file{told}"
        raise ExtractionError(msg)
    if contents.notes:
        first = datasets[0]
        datasets[0] = replace(first, notes=(*first.notes, *contents.notes))
    return Extraction(datasets=tuple(datasets))


@dataclass(frozen=True, kw_only=True)
class _Signal:
    """A part and its numbers, in our order of axes."""

    part: Part
    data: Any
    axes: tuple[Axis, ...]
    technique: str = ""
    streams: Streams | None = None
    notes: tuple[str, ...] = ()


def _signals(file: DataFile, contents: Contents) -> Iterator[_Signal]:
    streams = [one for one in contents.parts if one.kind == "SpectrumStream"]
    maps = [one for one in contents.parts if one.kind == "SpectrumImage"]
    for part in contents.parts:
        if part.kind == "Image" and len(part.shape) == STACK:
            yield _image(file, part, contents)
        elif part.kind == "Spectrum" and part.shape:
            yield _spectrum(file, part)
        elif part.kind == "EelsSpectrumImage" and len(part.shape) in {PLANE, STACK}:
            yield _losses(file, part, contents)
    for number_, part in enumerate(maps or streams[:1]):
        yield _counts(file, part, streams if number_ == 0 else [])


# Datasets.


def _dataset(file: DataFile, contents: Contents, signal: _Signal) -> Dataset:
    part = signal.part
    found = describe(_as_dictionary(contents, signal), file)
    findings = found.findings
    if signal.technique and findings.data_type.endswith("STEM_Imaging"):
        data_type = f"STEM_{signal.technique}_Imaging"
        findings = replace(findings, data_type=data_type)
    findings = findings.joined(
        described(part, contents, findings.dataset_type),
        Findings(notes=(*part.notes, *signal.notes)),
    )
    preview = found.preview
    if part.kind in {"SpectrumImage", "SpectrumStream"}:
        preview = _sums_preview(signal) if signal.streams else None
    when = acquired(part.metadata, file.timezone) or _time(contents, file)
    return findings.dataset(file, creation_time=when, preview=preview)


def _as_dictionary(contents: Contents, signal: _Signal) -> dict[str, Any]:
    """Return a signal as readers of the HyperSpy family describe theirs."""
    metadata = signal.part.metadata
    kind = mode(metadata)
    title = contents.titles.get(signal.part.name) or _name(signal)
    spectral = {"signal_type": f"{signal.technique}_TEM" if signal.technique else ""}
    return {
        "data": signal.data,
        "axes": [_as_axis(axis, i) for i, axis in enumerate(signal.axes)],
        "metadata": {
            "General": {"title": title},
            "Signal": spectral,
            "Sample": {"elements": list(contents.elements)},
            "Acquisition_instrument": {"TEM": {"acquisition_mode": kind}},
        },
        "original_metadata": metadata,
    }


def _as_axis(axis: Axis, place: int) -> dict[str, Any]:
    return {
        "name": axis.name,
        "size": axis.size,
        "scale": axis.scale,
        "offset": axis.offset,
        "units": axis.unit,
        "navigate": axis.navigation,
        "index_in_array": place,
    }


def _name(signal: _Signal) -> str:
    own = detector(signal.part.metadata).get("DetectorName", "")
    result = group(signal.part.metadata, "BinaryResult")
    return str(own or result.get("Detector") or signal.technique)


def _time(contents: Contents, file: DataFile) -> datetime | None:
    """Return the time of the first other signal that has one: all are of one scan."""
    times = (acquired(one.metadata, file.timezone) for one in contents.parts)
    return next(filter(None, times), None)


def _sums_preview(signal: _Signal) -> PreviewSource:
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


# Signals of each kind.


def _image(file: DataFile, part: Part, contents: Contents) -> _Signal:
    frames = part.shape[2]
    order = (2, 0, 1) if frames > 1 else (0, 1)
    axes = _plane(part, contents, part.shape[:2], navigation=False)
    if frames > 1:
        axes = (_frames(part, frames), *axes)
    return _Signal(
        part=part,
        data=OnDisk(file, part, order),
        axes=axes,
        technique=technique(part.metadata),
    )


def _spectrum(file: DataFile, part: Part) -> _Signal:
    several = len(part.shape) > 1 and part.shape[1] > 1
    energy = _energy(part, part.shape[0])
    stack = Axis(name="stack", size=part.shape[-1], navigation=True)
    return _Signal(
        part=part,
        data=OnDisk(file, part, (1, 0) if several else (0,)),
        axes=(stack, energy) if several else (energy,),
        technique="EDS",
    )


def _losses(file: DataFile, part: Part, contents: Contents) -> _Signal:
    """Return a spectrum image of energy losses; on disk: columns, channels, rows."""
    told = group(part.settings, "Data")
    energy = si_axis(
        "Energy loss",
        part.shape[1],
        scale=_float(told.get("dispersion")),
        offset=_float(told.get("offset")),
        unit="eV",
    )
    several = len(part.shape) == STACK
    order = (2, 0, 1) if several else (0, 1)
    sizes = tuple(part.shape[axis] for axis in order[:-1])
    plane = _plane(part, contents, sizes, navigation=True)
    return _Signal(
        part=part,
        data=OnDisk(file, part, order),
        axes=(*plane, energy),
        technique="EELS",
    )


def _counts(file: DataFile, part: Part, streams: list[Part]) -> _Signal:
    """Return a spectrum image of X-rays, of which only sums are ever made."""
    told = {**(streams[0].settings if streams else {}), **part.settings}
    channels = int(number(told.get("bincount")) or 0)
    rows, columns = _scanned(part, told)
    notes: tuple[str, ...] = () if streams else (PRUNED,)
    if not (0 < channels <= MOST_CHANNELS and 0 < rows * columns <= MOST_PIXELS):
        found = f"{rows} by {columns} pixels of {channels} channels"
        notes = (f"Expected the size of a spectrum image, found {found}.",)
        rows, columns, channels, streams = 1, 1, 1, []
    return _Signal(
        part=part,
        data=Shape((rows, columns, channels), "u4"),
        axes=(
            *_plane(part, None, (rows, columns), navigation=True),
            _energy(part, channels),
        ),
        technique="EDS",
        streams=_streams(file, streams, channels, (rows, columns)),
        notes=notes,
    )


def _streams(
    file: DataFile, parts: list[Part], channels: int, shape: tuple[int, int]
) -> Streams | None:
    lengths = {one.path: one.shape[0] for one in parts if one.shape}
    if not lengths:
        return None
    cut = max(lengths.values()) > MOST_VALUES
    return Streams(file, tuple(lengths), channels, shape, cut)


# Axes.


def _plane(
    part: Part, contents: Contents | None, sizes: tuple[int, ...], *, navigation: bool
) -> tuple[Axis, ...]:
    """Return rows and columns; a part that is not calibrated has its map's pixels."""
    result = group(part.metadata, "BinaryResult")
    if "PixelSize" not in result and contents is not None:
        maps = (one for one in contents.parts if one.kind == "SpectrumImage")
        result = group(next(maps, part).metadata, "BinaryResult")
    names = (("y", "height", "PixelUnitY"), ("x", "width", "PixelUnitX"))
    return tuple(
        si_axis(
            name,
            size,
            scale=_float(looked_up(result, f"PixelSize.{side}")),
            offset=_float(looked_up(result, f"Offset.{name}")),
            unit=str(result.get(unit) or result.get("PixelUnitX") or ""),
            navigation=navigation,
        )
        for size, (name, side, unit) in zip(sizes, names[-len(sizes) :], strict=True)
    )


def _float(value: object) -> float:
    return float(number(value) or 0.0)


def _frames(part: Part, count: int) -> Axis:
    seconds = _float(looked_up(part.metadata, "Scan.FrameTime"))
    seconds = seconds or _float(detector(part.metadata).get("ExposureTime"))
    unit = "s" if seconds else ""
    return si_axis("Time", count, scale=seconds, unit=unit, navigation=True)


def _energy(part: Part, channels: int) -> Axis:
    own = detector(part.metadata)
    return si_axis(
        "Energy",
        channels,
        scale=_float(own.get("Dispersion")) * PER_KEV,
        offset=_float(own.get("OffsetEnergy")) * PER_KEV,
        unit="keV",
    )


def _scanned(part: Part, told: dict[str, Any]) -> tuple[int, int]:
    """Return rows and columns of a scan: the part of a full one that was scanned."""
    area = group(part.metadata, "Scan.ScanArea")
    sizes = []
    for side, first, last in (("height", "top", "bottom"), ("width", "left", "right")):
        whole = _float(looked_up(part.metadata, f"Scan.ScanSize.{side}"))
        share = _float(area.get(last)) - _float(area.get(first)) if area else 1.0
        raster = _float(looked_up(told, f"RasterScanDefinition.{side.title()}"))
        sizes.append(round(whole * share) if whole * share > 0 else int(raster))
    return sizes[0], sizes[1]
