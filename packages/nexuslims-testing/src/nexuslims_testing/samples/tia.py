"""Small ``.ser`` and ``.emi`` files as TIA writes them on FEI's TEMs.

Layout of ``.ser``: C. Boothroyd, "TIA .ser file format". Of ``.emi`` only the XML is
written, between bytes that stand for the rest.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass
from typing import TYPE_CHECKING
from xml.sax.saxutils import escape

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    import numpy as np

LONG_OFFSETS = 0x0220
"""Version from which places are numbers of eight bytes, not four."""

SPECTRA, IMAGES = 0x4120, 0x4122
"""What elements are."""

TIMED, TIMED_AND_PLACED = 0x4152, 0x4142
"""Kinds of tags."""

CODES = {"u1": 1, "u2": 2, "u4": 3, "i1": 4, "i2": 5, "i4": 6, "f4": 7, "f8": 8}
CODES |= {"c8": 9, "c16": 10}
"""Codes of the types of numbers."""

STEM: Mapping[str, tuple[str, str]] = {
    "Microscope": ("Microscope Titan 300 kV D0000 SuperTwin", ""),
    "User": ("microscopist", ""),
    "Gun type": ("FEG", ""),
    "High tension": ("300", "kV"),
    "Extraction voltage": ("4500", "V"),
    "Gun lens": ("4", ""),
    "Emission": ("145.0", "uA"),
    "Mode": (" STEM nP SA Zoom Diffraction", ""),
    "Defocus": ("-0.077", "um"),
    "Magnification": ("14000", "x"),
    "Camera length": ("0.195", "m"),
    "Stem rotation": ("-12.3", "deg"),
    "Spot size": ("6", ""),
    "C2 lens": ("22.783", "%"),
    "Stage X": ("-505.273", "um"),
    "Stage Y": ("-317.977", "um"),
    "Stage Z": ("15.525", "um"),
    "Stage A": ("9.57", "deg"),
    "Stage B": ("-0.11", "deg"),
    "C2 Aperture": ("50", "um"),
    "OBJ Aperture": ("retracted", ""),
    "Filter mode": ("Spectroscopy", ""),
    "Filter slit width": ("10.00", "eV"),
}
"""Values and units of a STEM, by label."""

TEM: Mapping[str, tuple[str, str]] = {
    **STEM,
    "Mode": (" TEM uP SA Zoom Image", ""),
    "Magnification": ("185000", "x"),
}
"""Values and units of a TEM that takes images."""


@dataclass(frozen=True, kw_only=True)
class Steps:
    """A dimension of a series: elements stand at ``offset + index * step``."""

    size: int
    offset: float = 0.0
    step: float = 1.0
    element: int = 0
    description: str = "Number"
    unit: str = ""


def write_ser(
    path: Path,
    elements: np.ndarray,
    *,
    steps: Sequence[Steps] | None = None,
    calibration: tuple[float, float] = (0.0, 1e-9),
    planned: int | None = None,
    time: int = 0,
    positions: Sequence[tuple[float, float]] = (),
    version: int = 0x0210,
    gap: int = 0,
) -> None:
    """Write a series of spectra or of images.

    Parameters
    ----------
    elements
        Series of spectra, or of images whose top row is first.
    steps
        Its dimensions, the fastest first; one that counts, when left out.
    calibration
        Offset and step of channels in eV, of rows and columns in m or 1/m.
    planned
        How many elements there should have been; as many as there are by default.
    time
        When the first element was acquired, in seconds since 1970; the next follow.
    positions
        Where each was; without, tags have a time alone.
    gap
        Bytes of nothing before every second element.
    """
    count = len(elements)
    total = planned or count
    header = _header(
        [Steps(size=total)] if steps is None else steps,
        kind=SPECTRA if elements.ndim == 2 else IMAGES,  # noqa: PLR2004 - lines
        tag=TIMED_AND_PLACED if positions else TIMED,
        counts=(total, count),
        version=version,
    )
    width = "Q" if version >= LONG_OFFSETS else "I"
    place = len(header) + 2 * total * struct.calcsize(width)
    starts, tags, content = [], [], b""
    for index, element in enumerate(elements):
        content += bytes(gap * (index % 2))
        starts.append(place + len(content))
        content += _element(element, calibration)
        tags.append(place + len(content))
        content += _tag(time + index if time else 0, positions[index : index + 1])
    missing = [0] * (total - count)
    offsets = struct.pack(f"<{2 * total}{width}", *starts, *missing, *tags, *missing)
    path.write_bytes(header + offsets + content)


def _header(
    steps: Sequence[Steps],
    *,
    kind: int,
    tag: int,
    counts: tuple[int, int],
    version: int,
) -> bytes:
    """Return what stands before the table of places."""
    dimensions = b"".join(map(_dimension, steps))
    fixed = struct.pack("<HHHIIII", 0x4949, 0x0197, version, kind, tag, *counts)
    layout = "<QI" if version >= LONG_OFFSETS else "<II"
    table = len(fixed) + struct.calcsize(layout) + len(dimensions)
    return fixed + struct.pack(layout, table, len(steps)) + dimensions


def _dimension(steps: Steps) -> bytes:
    content = struct.pack("<IddI", steps.size, steps.offset, steps.step, steps.element)
    for text in (steps.description.encode(), steps.unit.encode()):
        content += struct.pack("<I", len(text)) + text
    return content


def _element(element: np.ndarray, calibration: tuple[float, float]) -> bytes:
    code = CODES[element.dtype.str[1:]]
    numbers = element.astype(element.dtype.newbyteorder("<"))
    axis = struct.pack("<ddI", *calibration, 0)
    if element.ndim == 1:
        return axis + struct.pack("<HI", code, len(element)) + numbers.tobytes()
    rows, columns = element.shape
    head = axis * 2 + struct.pack("<HII", code, columns, rows)
    return head + numbers[::-1].tobytes()


def _tag(time: int, position: Sequence[tuple[float, float]]) -> bytes:
    if not position:
        return struct.pack("<HHI", TIMED, 0, time)
    return struct.pack("<HHIdd", TIMED_AND_PLACED, 0, time, *position[0])


def object_info(
    *,
    description: Mapping[str, tuple[str, str]] | None = None,
    acquired: Mapping[str, str] | None = None,
    conditions: Mapping[str, str] | None = None,
    date: str = "Wed Jul 17 13:50:22 2019",
    manufacturer: str = "FEI (ISAS)",
    spectrum: bool = False,
    reference: bool = False,
) -> str:
    """Return the XML that describes a signal.

    Parameters
    ----------
    description
        Values and units of the microscope, by label; those of a STEM by default. An
        empty one is left out, as are empty `conditions`.
    acquired, conditions
        Further settings.
    spectrum
        Whether it describes spectra rather than an image.
    reference
        Whether it is the image on which the places of a scan were chosen.
    """
    described = STEM if description is None else description
    told = {"DwellTimePath": "0.000012", "FrameTime": "14.9988"}
    usual = {"AcceleratingVoltage": "300000", "Tilt1": "0.167022", "Tilt2": "0.000000"}
    ends = ("Start", "End") if spectrum else ("StartX", "EndX", "StartY", "EndY")
    parts = [
        _group(
            "ExperimentalConditions",
            _group(
                "MicroscopeConditions",
                _values(usual if conditions is None else conditions),
            ),
        )
        if conditions != {}
        else "",
        _described(described),
        _group("AcquireDate", escape(date)) if date else "",
        _group("AcquireInfo", _values(told if acquired is None else acquired)),
        _group("Manufacturer", escape(manufacturer)),
        _group("DetectorRange", _values(dict.fromkeys(ends, "1.0"))),
        _group("OriginalImageUuid", "00000000") if reference else "",
    ]
    return _group("ObjectInfo", "".join(parts))


def _described(description: Mapping[str, tuple[str, str]]) -> str:
    if not description:
        return ""
    rows = (
        _group("Data", _values({"Label": label, "Value": value, "Unit": unit}))
        for label, (value, unit) in description.items()
    )
    return _group("ExperimentalDescription", _group("Root", "".join(rows)))


def _values(values: Mapping[str, str]) -> str:
    return "".join(_group(name, escape(value)) for name, value in values.items())


def _group(name: str, content: str) -> str:
    return f"<{name}>{content}</{name}>"


def write_emi(path: Path, objects: Sequence[str], *, between: int = 64) -> None:
    """Write an ``.emi``: the XML of each signal, after the bytes of its numbers.

    Parameters
    ----------
    between
        Bytes before each.
    """
    content = b"JK\0\2\0\0\0\0\4M\1\0"
    for one in objects:
        content += bytes(between) + one.encode()
    path.write_bytes(content + b"\r\n`\0\0")
