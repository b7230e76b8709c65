"""Small TIFF and BigTIFF files with private tags, byte for byte as told.

Layouts: TIFF revision 6.0, section 2; BigTIFF as libtiff defines it. Pixels are one
uncompressed strip. The directory comes after them, as microscopes write it.
"""

from __future__ import annotations

import struct
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from collections.abc import Mapping

    import numpy as np

ASCII, SHORT, LONG, RATIONAL, LONG8 = 2, 3, 4, 5, 16
"""TIFF data types."""

GREY, RGB, PALETTE = 1, 2, 3
"""Values of `PhotometricInterpretation`."""

Value = bytes | int | tuple[int, int] | tuple[int, ...]
"""Text, a whole number, a fraction, or 16-bit numbers."""


def tiff_bytes(
    pixels: np.ndarray,
    tags: Mapping[int, Value],
    *,
    byte_order: Literal["<", ">"] = "<",
    big: bool = False,
) -> bytes:
    """Return a TIFF with one image.

    Parameters
    ----------
    pixels
        Rows and columns of unsigned integers; a third axis of 3 is colour.
    tags
        Further tags: text is written as ASCII, whole numbers as 32-bit, pairs as
        fractions, longer tuples as 16-bit numbers. They may replace the usual ones.
    byte_order
        ``"<"`` (Intel) or ``">"`` (Motorola).
    big
        Write a BigTIFF.
    """
    data = pixels.astype(pixels.dtype.newbyteorder(byte_order)).tobytes()
    start = 16 if big else 8
    data += bytes(len(data) % 2)
    written = {**_image_tags(pixels, start, len(data)), **tags}
    directory = start + len(data)
    if big:
        mark = b"II+\0" if byte_order == "<" else b"MM\0+"
        header = mark + struct.pack(f"{byte_order}HHQ", 8, 0, directory)
    else:
        mark = b"II*\0" if byte_order == "<" else b"MM\0*"
        header = mark + struct.pack(f"{byte_order}I", directory)
    return header + data + _directory(written, directory, byte_order, big=big)


def _image_tags(pixels: np.ndarray, start: int, size: int) -> dict[int, Value]:
    samples = pixels.shape[2] if pixels.ndim > 2 else 1  # noqa: PLR2004 - colour
    bits = pixels.dtype.itemsize * 8
    return {
        256: pixels.shape[1],
        257: pixels.shape[0],
        258: bits if samples == 1 else (bits,) * samples,
        259: 1,
        262: GREY if samples == 1 else RGB,
        273: start,
        277: samples,
        278: pixels.shape[0],
        279: size,
    }


def _directory(
    tags: Mapping[int, Value], position: int, byte_order: str, *, big: bool
) -> bytes:
    counter, offset = ("Q", "Q") if big else ("H", "I")
    inline = struct.calcsize(offset)
    entry_size = 4 + 2 * inline
    length = struct.calcsize(counter) + entry_size * len(tags) + inline
    entries, heap = b"", b""
    for tag in sorted(tags):
        type_, count, value = _encoded(tags[tag], byte_order)
        field = value.ljust(inline, b"\0")
        if len(value) > inline:
            field = struct.pack(f"{byte_order}{offset}", position + length + len(heap))
            heap += value + bytes(len(value) % 2)
        entries += struct.pack(f"{byte_order}HH{offset}", tag, type_, count) + field
    head = struct.pack(f"{byte_order}{counter}", len(tags))
    return head + entries + bytes(inline) + heap


def _encoded(value: Value, byte_order: str) -> tuple[int, int, bytes]:
    if isinstance(value, bytes):
        return ASCII, len(value), value
    if isinstance(value, int):
        return LONG, 1, struct.pack(f"{byte_order}I", value)
    if len(value) == 2:  # noqa: PLR2004 - numerator and denominator
        return RATIONAL, 1, struct.pack(f"{byte_order}2I", *value)
    numbers = struct.pack(f"{byte_order}{len(value)}H", *value)
    return SHORT, len(value), numbers
