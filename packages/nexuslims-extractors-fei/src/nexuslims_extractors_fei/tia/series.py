"""The header of a ``.ser`` file: what its elements are, and where."""

from __future__ import annotations

import os
import struct
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, BinaryIO, Literal

if TYPE_CHECKING:
    from collections.abc import Mapping

MAGIC = b"II\x97\x01"
"""Byte order and kind of file, with which each begins."""

LONG_OFFSETS = 0x0220
"""Version from which places in the file are numbers of eight bytes, not four."""

SPECTRA, IMAGES = 0x4120, 0x4122
"""What elements are."""

TIMED_AND_PLACED = 0x4142
"""Kind of tag that has a position beside the time."""

DTYPES: Mapping[int, str] = dict(
    enumerate(("u1", "u2", "u4", "i1", "i2", "i4", "f4", "f8", "c8", "c16"), start=1)
)
"""Types of numbers, by their code; all little-endian."""

MOST_DIMENSIONS, MOST_TEXT = 8, 4096
"""Beyond which a header is damaged."""


@dataclass(frozen=True, kw_only=True)
class Calibration:
    """Place of an index: ``offset + (index - element) * step``."""

    offset: float
    step: float
    element: int

    @property
    def origin(self) -> float:
        """Place of the first index."""
        return self.offset - self.element * self.step


@dataclass(frozen=True, kw_only=True)
class Dimension:
    """What elements are a series of."""

    size: int
    calibration: Calibration
    description: str
    unit: str


@dataclass(frozen=True, kw_only=True)
class Tag:
    """When and where an element was acquired."""

    time: datetime | None
    position: tuple[float, float] | None


@dataclass(frozen=True, kw_only=True)
class Series:
    """A ``.ser`` file, but for its numbers."""

    kind: Literal["spectrum", "image"]
    total: int
    """Elements that were planned."""
    valid: int
    """Elements that were acquired."""
    dimensions: tuple[Dimension, ...]
    """Fastest first, as in the file."""
    shape: tuple[int, ...]
    """Of one element: channels, or rows and columns."""
    dtype: str
    calibrations: tuple[Calibration, ...]
    """Of an element's axes, in the order of `shape`."""
    places: tuple[int, ...]
    """Where the numbers of each valid and complete element begin, in bytes."""
    tags: tuple[Tag, ...]
    """Of the first elements, two at most."""
    header: Mapping[str, Any]
    """The file's own words for all of this, for the raw metadata."""
    notes: tuple[str, ...]


def is_series(head: bytes) -> bool:
    """Tell whether a file begins as ``.ser`` files do."""
    return head.startswith(MAGIC)


def read_series(stream: BinaryIO) -> Series:
    """Return the header of an open ``.ser`` file.

    Raises
    ------
    ValueError
        If there is no element in it, or it is damaged.
    """
    size = os.fstat(stream.fileno()).st_size
    header = _file_header(stream)
    dimensions = tuple(_dimension(stream) for _ in range(header["NumberDimensions"]))
    width = "Q" if header["SeriesVersion"] >= LONG_OFFSETS else "I"
    starts, tag_starts = _places(stream, header, width, size)
    element = _element_header(stream, starts[0], header["DataTypeID"])
    bytes_each = _bytes_each(element)
    begin = element["Begin"] - starts[0]
    complete = [one + begin for one in starts if one + begin + bytes_each <= size]
    if not complete:
        found = max(0, size - element["Begin"])
        msg = f"expected {bytes_each} bytes of numbers, found {found}"
        raise ValueError(msg)
    return Series(
        kind="spectrum" if header["DataTypeID"] == SPECTRA else "image",
        total=header["TotalNumberElements"],
        valid=header["ValidNumberElements"],
        dimensions=dimensions,
        shape=element["Shape"],
        dtype=DTYPES[element["DataType"]],
        calibrations=element["Calibrations"],
        places=tuple(complete),
        tags=tuple(_tags(stream, tag_starts, header["TagTypeID"])),
        header=_raw(header, dimensions, element),
        notes=_missing(header, len(complete)),
    )


def _take(stream: BinaryIO, layout: str) -> tuple[Any, ...]:
    place = stream.tell()
    needed = struct.calcsize(f"<{layout}")
    content = stream.read(needed)
    if len(content) < needed:
        msg = f"expected {needed} bytes at byte {place}, found {len(content)}"
        raise ValueError(msg)
    return struct.unpack(f"<{layout}", content)


def _file_header(stream: BinaryIO) -> dict[str, int]:
    magic = stream.read(4)
    if magic != MAGIC:
        msg = f"expected a series that begins with {MAGIC!r}, found {magic!r}"
        raise ValueError(msg)
    names = "SeriesVersion DataTypeID TagTypeID TotalNumberElements ValidNumberElements"
    header = dict(zip(names.split(), _take(stream, "HIIII"), strict=True))
    layout = "QI" if header["SeriesVersion"] >= LONG_OFFSETS else "II"
    names = "OffsetArrayOffset NumberDimensions"
    header |= dict(zip(names.split(), _take(stream, layout), strict=True))
    if header["DataTypeID"] not in {SPECTRA, IMAGES}:
        msg = f"expected spectra or images, found data of kind {header['DataTypeID']}"
        raise ValueError(msg)
    if header["NumberDimensions"] > MOST_DIMENSIONS:
        msg = f"expected a few dimensions, found {header['NumberDimensions']}"
        raise ValueError(msg)
    return header


def _dimension(stream: BinaryIO) -> Dimension:
    size, offset, step, element = _take(stream, "IddI")
    return Dimension(
        size=size,
        calibration=Calibration(offset=offset, step=step, element=element),
        description=_text(stream),
        unit=_text(stream),
    )


def _text(stream: BinaryIO) -> str:
    (length,) = _take(stream, "I")
    if length > MOST_TEXT:
        msg = f"expected a short text at byte {stream.tell()}, found {length} bytes"
        raise ValueError(msg)
    (content,) = _take(stream, f"{length}s")
    return str(content.decode("utf-8", "replace")).strip("\0 ")


def _places(
    stream: BinaryIO, header: Mapping[str, int], width: str, size: int
) -> tuple[list[int], list[int]]:
    """Return where the valid elements and their tags begin."""
    total, valid = header["TotalNumberElements"], header["ValidNumberElements"]
    table, bytes_each = header["OffsetArrayOffset"], struct.calcsize(width)
    if not 0 < valid <= total:
        msg = f"expected up to {total} elements, found {valid}"
        raise ValueError(msg)
    if table + valid * bytes_each > size:
        msg = f"expected places of {valid} elements at byte {table}, found {size} bytes"
        raise ValueError(msg)
    stream.seek(table)
    starts = list(_take(stream, f"{valid}{width}"))
    if starts[0] >= size:
        msg = f"expected an element at byte {starts[0]}, the file ends at {size}"
        raise ValueError(msg)
    stream.seek(table + total * bytes_each)
    content = stream.read(min(valid, 2) * bytes_each)
    count = len(content) // bytes_each
    tags = list(struct.unpack(f"<{count}{width}", content[: count * bytes_each]))
    return starts, tags


def _element_header(stream: BinaryIO, start: int, kind: int) -> dict[str, Any]:
    stream.seek(start)
    axes = 1 if kind == SPECTRA else 2
    numbers = [_take(stream, "ddI") for _ in range(axes)]
    (code,) = _take(stream, "H")
    sizes = _take(stream, "I" * axes)
    if code not in DTYPES:
        msg = f"expected numbers of a known type, found type {code}"
        raise ValueError(msg)
    if not all(sizes):
        msg = f"expected elements with something in them, found a size of {sizes}"
        raise ValueError(msg)
    calibrations = [
        Calibration(offset=offset, step=step, element=element)
        for offset, step, element in numbers
    ]
    # Columns come first in the file, rows in arrays.
    return {
        "DataType": code,
        "Shape": tuple(reversed(sizes)),
        "Calibrations": tuple(reversed(calibrations)),
        "Begin": stream.tell(),
    }


def _bytes_each(element: Mapping[str, Any]) -> int:
    count = 1
    for size in element["Shape"]:
        count *= size
    code = DTYPES[element["DataType"]]
    return count * int(code[1:])


def _tags(stream: BinaryIO, starts: list[int], kind: int) -> list[Tag]:
    """Return what can be read of the tags; nothing else depends on them."""
    tags = []
    for start in starts:
        try:
            stream.seek(start)
            _, seconds = _take(stream, "II")
            position = _take(stream, "dd") if kind == TIMED_AND_PLACED else None
        except (OSError, OverflowError, ValueError):
            break
        time = datetime.fromtimestamp(seconds, tz=UTC) if seconds else None
        tags.append(Tag(time=time, position=position))
    return tags


def _missing(header: Mapping[str, int], complete: int) -> tuple[str, ...]:
    valid = header["ValidNumberElements"]
    if complete == valid:
        return ()
    return (f"The file is cut: expected {valid} elements, found {complete}.",)


def _raw(
    header: Mapping[str, int],
    dimensions: tuple[Dimension, ...],
    element: Mapping[str, Any],
) -> dict[str, Any]:
    """Return the header by the names of the format's description."""
    raw: dict[str, Any] = dict(header)
    for number, one in enumerate(dimensions, start=1):
        raw[f"Dim-{number}_DimensionSize"] = one.size
        raw[f"Dim-{number}_CalibrationOffset"] = one.calibration.offset
        raw[f"Dim-{number}_CalibrationDelta"] = one.calibration.step
        raw[f"Dim-{number}_CalibrationElement"] = one.calibration.element
        raw[f"Dim-{number}_Description"] = one.description
        raw[f"Dim-{number}_Units"] = one.unit
    axes = ("",) if len(element["Shape"]) == 1 else ("Y", "X")
    for axis, size, one in zip(
        axes, element["Shape"], element["Calibrations"], strict=True
    ):
        raw[f"CalibrationOffset{axis}"] = one.offset
        raw[f"CalibrationDelta{axis}"] = one.step
        raw[f"CalibrationElement{axis}"] = one.element
        raw[f"ArraySize{axis}" if axis else "ArrayLength"] = size
    raw["DataType"] = element["DataType"]
    return raw
