"""What Velox's parts are: arrays in our order of axes, calibrated."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from nexuslims_core.reading.findings import number
from nexuslims_core.reading.standard import looked_up
from nexuslims_core.types import Axis

from nexuslims_extractors_fei.axes import si_axis
from nexuslims_extractors_fei.velox.arrays import OnDisk, Shape, is_readable
from nexuslims_extractors_fei.velox.describe import detector, group, technique
from nexuslims_extractors_fei.velox.streams import MOST_VALUES, Streams

if TYPE_CHECKING:
    from collections.abc import Iterator

    from nexuslims_core.types import DataFile

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


DIMENSIONS = {
    "Image": (PLANE, STACK),
    "Spectrum": (1, PLANE),
    "EelsSpectrumImage": (PLANE, STACK),
}
"""How many axes the numbers of a kind have on disk."""


@dataclass(frozen=True, kw_only=True)
class Signal:
    """A part and its numbers, in our order of axes."""

    part: Part
    data: Any = None
    """Something like an array; `None` where there is none that can be read."""
    axes: tuple[Axis, ...] = ()
    technique: str = ""
    streams: Streams | None = None
    notes: tuple[str, ...] = ()


def signals(file: DataFile, contents: Contents) -> Iterator[Signal]:
    """Yield the signals of a file; those that are streams come last, as one."""
    streams = [one for one in contents.parts if _is_stream(one)]
    maps = [one for one in contents.parts if one.kind == "SpectrumImage"]
    for part in contents.parts:
        if part.kind in DIMENSIONS:
            yield _signal(file, part, contents)
    for place, part in enumerate(maps or streams[:1]):
        yield _counts(file, part, streams if place == 0 else [])


def _signal(file: DataFile, part: Part, contents: Contents) -> Signal:
    if len(part.shape) not in DIMENSIONS[part.kind]:
        expected = " or ".join(map(str, DIMENSIONS[part.kind]))
        found = f"{part.path}: expected {expected} axes, found {len(part.shape)}."
        return Signal(part=part, notes=(found,) if part.shape else ())
    if not is_readable(part.dtype):
        found = f"{part.path}: expected numbers, found {part.dtype}."
        return Signal(part=part, notes=(found,))
    if part.kind == "Image":
        return _image(file, part, contents)
    if part.kind == "Spectrum":
        return _spectrum(file, part)
    return _losses(file, part, contents)


def _image(file: DataFile, part: Part, contents: Contents) -> Signal:
    frames = part.shape[2] if len(part.shape) == STACK else 1
    order = (2, 0, 1) if frames > 1 else (0, 1)
    axes = _plane(part, contents, part.shape[:PLANE], navigation=False)
    if frames > 1:
        axes = (_frames(part, frames), *axes)
    return Signal(
        part=part,
        data=OnDisk(file, part, order),
        axes=axes,
        technique=technique(part.metadata),
    )


def _spectrum(file: DataFile, part: Part) -> Signal:
    several = len(part.shape) > 1 and part.shape[1] > 1
    energy = _energy(part, part.shape[0])
    stack = Axis(name="stack", size=part.shape[-1], navigation=True)
    return Signal(
        part=part,
        data=OnDisk(file, part, (1, 0) if several else (0,)),
        axes=(stack, energy) if several else (energy,),
        technique="EDS",
    )


def _losses(file: DataFile, part: Part, contents: Contents) -> Signal:
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
    return Signal(
        part=part,
        data=OnDisk(file, part, order),
        axes=(*plane, energy),
        technique="EELS",
    )


def _counts(file: DataFile, part: Part, streams: list[Part]) -> Signal:
    """Return a spectrum image of X-rays, of which only sums are ever made."""
    told = {**(streams[0].settings if streams else {}), **part.settings}
    channels = int(number(told.get("bincount")) or 0)
    rows, columns = _scanned(part, told)
    notes: tuple[str, ...] = () if streams else (PRUNED,)
    if not (0 < channels <= MOST_CHANNELS and 0 < rows * columns <= MOST_PIXELS):
        found = f"{rows} by {columns} pixels of {channels} channels"
        notes = (f"Expected the size of a spectrum image, found {found}.",)
        rows, columns, channels, streams = 1, 1, 1, []
    return Signal(
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


def _is_stream(part: Part) -> bool:
    numbers = len(part.shape) == PLANE and part.dtype.kind == "u"
    return part.kind == "SpectrumStream" and numbers


def _streams(
    file: DataFile, parts: list[Part], channels: int, shape: tuple[int, int]
) -> Streams | None:
    lengths = {one.path: one.shape[0] for one in parts}
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
