"""EDAX's files: spectra (``.spc``), maps (``.spd``), images of maps (``.ipr``).

Our own writer and our own values: no bytes of real files. Places and names of values
are those of EDAX's documents on the formats.
"""

from __future__ import annotations

import struct
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

Value = float | str

SPC_BYTES = 20994
COUNTS_START = 3840
CHANNELS = 4096

SPC: Mapping[str, tuple[int, str]] = {
    "fVersion": (0, "f"),
    "aVersion": (4, "f"),
    "collectDateYear": (16, "h"),
    "collectDateDay": (18, "b"),
    "collectDateMon": (19, "b"),
    "collectTimeMin": (20, "b"),
    "collectTimeHour": (21, "b"),
    "collectTimeHund": (22, "b"),
    "collectTimeSec": (23, "b"),
    "fileSize": (24, "i"),
    "dataStart": (28, "i"),
    "numPts": (32, "h"),
    "intersectingDist": (34, "h"),
    "workingDist": (36, "h"),
    "materialType": (64, "40s"),
    "spectrumLabel": (104, "216s"),
    "imageFilename": (320, "8s"),
    "fpgaVersion": (360, "i"),
    "evPerChan": (384, "i"),
    "analysisType": (390, "h"),
    "preset": (392, "f"),
    "analyzerType": (444, "I"),
    "startEnergy": (448, "f"),
    "endEnergy": (452, "f"),
    "liveTime": (456, "f"),
    "tilt": (460, "f"),
    "takeoff": (464, "f"),
    "beamCurFact": (468, "f"),
    "detReso": (472, "f"),
    "detectType": (476, "I"),
    "azimuth": (508, "f"),
    "elevation": (512, "f"),
    "kV": (532, "f"),
    "totalSpectralCount": (582, "I"),
    "userID": (1825, "80s"),
    "longFileName": (20224, "256s"),
    "longImageFileName": (20480, "256s"),
    "ADCTimeConstantNew": (20736, "f"),
}
"""Offset in the file, and `struct` code."""

SPECTRUM: Mapping[str, Value] = {
    "fVersion": 0.7,
    "aVersion": 4.5,
    "collectDateYear": 2026,
    "collectDateMon": 3,
    "collectDateDay": 17,
    "collectTimeHour": 14,
    "collectTimeMin": 5,
    "collectTimeSec": 9,
    "collectTimeHund": 25,
    "fileSize": 20224,
    "dataStart": COUNTS_START,
    "numPts": CHANNELS,
    "intersectingDist": 1000,
    "workingDist": 1025,
    "materialType": "alloy",
    "spectrumLabel": "weld 7",
    "fpgaVersion": 18,
    "evPerChan": 5,
    "analysisType": 4,
    "preset": 60.0,
    "analyzerType": 5,
    "startEnergy": 0.0,
    "endEnergy": 20.48,
    "liveTime": 60.0,
    "tilt": 2.5,
    "takeoff": 36.25,
    "beamCurFact": 1.0,
    "detReso": 127.5,
    "detectType": 62,
    "azimuth": 45.0,
    "elevation": 33.75,
    "kV": 15.0,
    "totalSpectralCount": 123456,
    "userID": "jdoe",
    "longFileName": "D:\\EDAX\\weld 7.spc",
    "longImageFileName": "D:\\EDAX\\weld 7.bmp",
    "ADCTimeConstantNew": 7.5,
}
"""Values of an ordinary spectrum; change them as a test needs."""

LINES_KEV = {8: 0.525, 24: 5.415, 26: 6.404}
"""Characteristic lines of what is written, by atomic number: O, Cr, Fe."""


def counts(channels: int = CHANNELS, ev_per_channel: float = 5.0) -> np.ndarray:
    """Return a spectrum of oxygen, chromium and iron: lines on a falling background."""
    kev = np.arange(channels) * ev_per_channel / 1000
    spectrum = 400 * np.exp(-kev / 4) * (kev > 0.1)  # noqa: PLR2004 - detector's edge
    for height, line in zip((900, 1500, 4000), LINES_KEV.values(), strict=True):
        width = 0.03 + 0.006 * line
        spectrum += height * np.exp(-((kev - line) ** 2) / (2 * width**2))
    whole: np.ndarray = spectrum.round().astype("<u4")
    return whole


def write_spc(
    path: Path,
    values: Mapping[str, Value] = SPECTRUM,
    *,
    elements: tuple[int, ...] = tuple(LINES_KEV),
    data: np.ndarray | None = None,
) -> None:
    """Write a spectrum.

    Parameters
    ----------
    values
        Values of the header, by names of `SPC`.
    elements
        Atomic numbers of the elements whose lines were found.
    data
        Counts; those of `counts` by default.
    """
    content = bytearray(SPC_BYTES)
    for name, value in values.items():
        offset, code = SPC[name]
        struct.pack_into(f"<{code}", content, offset, _packed(value))
    struct.pack_into(f"<h{len(elements)}H", content, 638, len(elements), *elements)
    spectrum = (counts() if data is None else data).astype("<u4").tobytes()
    content[COUNTS_START : COUNTS_START + len(spectrum)] = spectrum
    path.write_bytes(content)


def _packed(value: Value) -> float | bytes:
    return value.encode("cp1252") if isinstance(value, str) else value


def write_spd(
    path: Path, data: np.ndarray, *, frames: int = 8, image: str = "map_Img.bmp"
) -> None:
    """Write a map, or a line scan: one line of it.

    Parameters
    ----------
    data
        Counts: lines, columns, channels; unsigned integers of 1, 2 or 4 bytes.
    image
        Name of the electron image that was taken with it.
    """
    lines, columns, channels = data.shape
    header = struct.pack(
        "<16s8I120s900x",
        b"MAPSPECTRA_DATA",
        1,
        lines * columns,
        columns,
        lines,
        channels,
        data.dtype.itemsize,
        1068,
        frames,
        image.encode(),
    )
    path.write_bytes(header + data.astype(data.dtype.newbyteorder("<")).tobytes())


IMAGE: Mapping[str, float] = {
    "version": 334,
    "imageType": 1,
    "presetTime": 200,
    "nReads": 64,
    "accV": 150,
    "tilt": 3,
    "takeoff": 35,
    "mag": 2500,
    "wd": 10,
    "mppX": 0.25,
    "mppY": 0.5,
    "timeConstantNew": 12.5,
}
"""Values of an electron image; change them as a test needs."""

_IPR = (
    ("version", "H", 0),
    ("imageType", "H", 2),
    ("presetTime", "I", 20),
    ("nReads", "H", 44),
    ("accV", "H", 52),
    ("tilt", "h", 54),
    ("takeoff", "h", 56),
    ("mag", "I", 58),
    ("wd", "H", 62),
    ("mppX", "f", 64),
    ("mppY", "f", 68),
    ("timeConstantNew", "f", 252),
)


def write_ipr(path: Path, values: Mapping[str, float] = IMAGE) -> None:
    """Write the description of a map's electron image, without the image."""
    content = bytearray(264)
    content[4:12] = b"SE\0\0\0\0\0\0"
    for name, code, offset in _IPR:
        struct.pack_into(f"<{code}", content, offset, values[name])
    path.write_bytes(content)
