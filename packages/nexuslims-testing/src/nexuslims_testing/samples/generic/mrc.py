"""MRC files, with the extended headers that Thermo Fisher's software writes.

Layouts: MRC2014; "FEI1" of Thermo Fisher's MRC2014 image format specification; the
older extended header of FEI, 1024 blocks of 32 single-precision numbers.
"""

from __future__ import annotations

import struct
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    import numpy as np

MODES: Mapping[str, int] = {"i1": 0, "u1": 0, "i2": 1, "f4": 2, "c8": 4, "u2": 6}
"""Modes of pixels, by NumPy's type."""

FEI1_BYTES = 768

FEI1_PLACES: Mapping[str, tuple[int, str]] = {
    "Timestamp": (12, "d"),
    "Microscope type": (20, "16s"),
    "D-Number": (36, "16s"),
    "Application": (52, "16s"),
    "Application version": (68, "16s"),
    "HT": (84, "d"),
    "Dose": (92, "d"),
    "Alpha tilt": (100, "d"),
    "Beta tilt": (108, "d"),
    "X-Stage": (116, "d"),
    "Y-Stage": (124, "d"),
    "Z-Stage": (132, "d"),
    "Tilt axis angle": (140, "d"),
    "Pixel size X": (156, "d"),
    "Pixel size Y": (164, "d"),
    "Defocus": (220, "d"),
    "STEM Defocus": (228, "d"),
    "Applied defocus": (236, "d"),
    "Projection mode": (248, "i"),
    "Magnification": (289, "d"),
    "Camera length": (301, "d"),
    "Spot index": (309, "i"),
    "Illuminated area": (313, "d"),
    "Convergence angle": (329, "d"),
    "Illumination mode": (337, "16s"),
    "Slit width": (355, "d"),
    "Energy shift": (379, "d"),
    "Integration time": (419, "d"),
    "Binning Width": (427, "i"),
    "Binning Height": (431, "i"),
    "Camera name": (435, "16s"),
    "STEM Detector name": (519, "16s"),
    "Dwell time": (571, "d"),
    "Frame time": (579, "d"),
}
"""Bytes from the beginning of an image's block, and kinds of values."""

OLD_NAMES = (
    "a_tilt",
    "b_tilt",
    "x_stage",
    "y_stage",
    "z_stage",
    "x_shift",
    "y_shift",
    "defocus",
    "exp_time",
    "mean_int",
    "tilt_axis",
    "pixel_size",
    "magnification",
)


def mrc_bytes(
    pixels: np.ndarray,
    *,
    cell: tuple[float, float, float] | None = None,
    byte_order: Literal["<", ">"] = "<",
    extended: bytes = b"",
    kind: bytes = b"",
    labels: tuple[str, ...] = (),
    mode: int | None = None,
    signature: bool = True,
) -> bytes:
    """Return an MRC file.

    Parameters
    ----------
    pixels
        Sections, rows and columns; or rows and columns.
    cell
        Size of the whole along x, y and z, in ångström; by default one per pixel.
    byte_order
        Of header and pixels.
    extended, kind
        The extended header, and the four letters that name it.
    labels
        Up to ten texts.
    mode
        Instead of the one that `pixels` have.
    signature
        Write ``MAP`` and the machine stamp; files from before 2000 have neither.
    """
    volume = pixels if pixels.ndim == 3 else pixels[None]  # noqa: PLR2004 - a volume
    sections, rows, columns = volume.shape
    found = MODES[f"{pixels.dtype.kind}{pixels.dtype.itemsize}"]
    header = bytearray(1024)
    put = _writer(header, byte_order)
    put("4i", 0, columns, rows, sections, found if mode is None else mode)
    put("3i", 28, columns, rows, sections)
    put("3f", 40, *(cell or (float(columns), float(rows), float(sections))))
    put("3f", 52, 90.0, 90.0, 90.0)
    put("3i", 64, 1, 2, 3)
    put("i", 92, len(extended))
    put("4s", 104, kind)
    if signature:
        put("4s", 208, b"MAP ")
        put("4s", 212, b"DD\0\0" if byte_order == "<" else b"\x11\x11\0\0")
    put("i", 220, len(labels))
    for index, label in enumerate(labels):
        put("80s", 224 + 80 * index, label.encode().ljust(80))
    data = volume.astype(volume.dtype.newbyteorder(byte_order)).tobytes()
    return bytes(header) + extended + data


def _writer(header: bytearray, order: str) -> Callable[..., None]:
    def put(layout: str, place: int, *values: object) -> None:
        struct.pack_into(order + layout, header, place, *values)

    return put


def fei1_block(values: Mapping[str, float | bytes]) -> bytes:
    """Return the block of an image in the extended header ``FEI1``; SI units."""
    block = bytearray(FEI1_BYTES)
    struct.pack_into("<2i", block, 0, FEI1_BYTES, 0)
    for name, value in values.items():
        place, code = FEI1_PLACES[name]
        struct.pack_into(f"<{code}", block, place, value)
    return bytes(block)


def old_fei_header(values: Mapping[str, float]) -> bytes:
    """Return FEI's older extended header, with values for the first image."""
    numbers = [values.get(name, 0.0) for name in OLD_NAMES]
    return struct.pack(f"<{len(numbers)}f", *numbers).ljust(1024 * 128, b"\0")
