"""Blockfiles of NanoMegas: a virtual image, and a diffraction pattern per pixel of it.

Layout: Topspin's description, as RosettaSciIO's documentation quotes it.
"""

from __future__ import annotations

import struct
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from pathlib import Path

HEADER_BYTES = 0x1000


def write_blockfile(
    path: Path,
    patterns: np.ndarray,
    *,
    step_nm: float = 5.0,
    volts: int = 200_000,
    pattern_pixels_per_cm: float = 25.0,
    camera_length_mm: float = 250.0,
    scan_rotation_deg: float = 12.5,
    days: float = 43_000.5,
    note: str = "thin film",
) -> None:
    """Write a scan.

    Parameters
    ----------
    patterns
        Scan rows, scan columns, and the square pattern's two axes; 8 bits.
    step_nm
        Between scan positions.
    days
        Time of acquisition, since the end of 1899.
    """
    rows, columns, side, _ = patterns.shape
    image_bytes = rows * columns
    header = struct.pack(
        "<6sHIIIHHHHHddIHId",
        b"IMGBLO",
        0x0102,
        HEADER_BYTES,
        HEADER_BYTES + image_bytes,
        131_141,
        side,
        0,
        columns,
        rows,
        round(scan_rotation_deg * 100),
        step_nm,
        step_nm,
        volts,
        round(pattern_pixels_per_cm * 100),
        round(camera_length_mm * 10),
        days,
    )
    settings = bytes(8 * (8 + 14))
    with path.open("wb") as stream:
        stream.write((header + settings + note.encode()).ljust(HEADER_BYTES, b"\0"))
        stream.write(patterns.sum(axis=(2, 3)).astype(np.uint8).tobytes())
        for index, pattern in enumerate(patterns.reshape(-1, side * side)):
            stream.write(b"\xaa\x55" + struct.pack("<I", index))
            stream.write(pattern.astype(np.uint8).tobytes())
