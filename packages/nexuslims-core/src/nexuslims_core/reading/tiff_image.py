"""The image of a TIFF, for its preview: found now, decoded when it is drawn."""

from __future__ import annotations

import lzma
import math
import struct
import zlib
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any, BinaryIO

from nexuslims_core.errors import PreviewError
from nexuslims_core.reading.axes import length_axis
from nexuslims_core.types import PreviewSource

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path

    import numpy as np
    import tifffile

    from nexuslims_core.reading.tiff import Directory

KIND, WIDTH, LENGTH, BITS, COMPRESSION, SAMPLES = 254, 256, 257, 258, 259, 277
OFFSETS, COUNTS = (273, 324), (279, 325)
"""Where strips and tiles are, and their sizes."""

COLOUR = (1, 3, 4)
"""Samples per pixel that can be shown: grey, RGB, RGBA."""

WHITE_IS_ZERO, PALETTE = 0, 3
"""Values of `PhotometricInterpretation`; 1 and 2 are shown as they are."""

REDUCED = 1
"""Bit of `NewSubfileType` of thumbnails and other copies at lower resolution."""

MOST_BYTES = 2**30
"""Larger compressed images are damage: no camera or scan of a microscope makes them."""

DECODER_ERRORS = (
    ArithmeticError,
    AttributeError,
    LookupError,
    MemoryError,
    OSError,
    RuntimeError,
    TypeError,
    ValueError,
    lzma.LZMAError,
    struct.error,
    zlib.error,
)
"""What tifffile and its codecs raise for damaged images; it documents no base class,
and its decompressors have errors of their own."""


@dataclass(frozen=True, kw_only=True)
class Geometry:
    """How large the first image is."""

    width: int
    length: int


def shown_image(
    path: Path,
    stream: BinaryIO,
    directory: Directory | None,
    fields: Mapping[str, Any],
) -> tuple[PreviewSource | None, tuple[str, ...]]:
    """Return the image of a directory for the renderer, or a note that says why not.

    Parameters
    ----------
    directory
        `None` where the file's structure is damaged: then there is no image.
    fields
        The typed fields, which tell the size of a pixel.
    """
    if directory is None:
        return None, ()
    try:
        geometry = find_image(stream, directory)
    except ValueError as error:
        return None, (f"The image is damaged: {error}.",)
    return preview_source(path, geometry, fields), ()


def further_images(stream: BinaryIO, following: Iterable[Directory]) -> tuple[str, ...]:
    """Return a note if images follow the first, or their directories are damaged.

    Thumbnails are no further images.
    """
    count = 1
    try:
        for directory in following:
            count += not directory.integer(stream, KIND, 0) & REDUCED
    except ValueError as error:
        return (f"A further image is damaged: {error}.",)
    if count == 1:
        return ()
    return (f"The file has {count} images; metadata and preview are of the first.",)


def find_image(stream: BinaryIO, directory: Directory) -> Geometry:
    """Return the size of an image whose data are in the file.

    Raises
    ------
    ValueError
        If they are not, or are of a kind that cannot be shown.
    """
    width = directory.integer(stream, WIDTH, 0)
    length = directory.integer(stream, LENGTH, 0)
    samples = directory.integer(stream, SAMPLES, 1)
    bits = directory.integers(stream, BITS) or (1,)
    if not width or not length or samples not in COLOUR:
        msg = (
            f"expected an image, found {width} by {length} pixels of {samples} samples"
        )
        raise ValueError(msg)
    segments = _segments(stream, directory)
    end = max((offset + count for offset, count in segments), default=0)
    if end > directory.file_size:
        msg = f"image data should end at byte {end}, the file at {directory.file_size}"
        raise ValueError(msg)
    needed = math.ceil(width * samples * bits[0] / 8) * length
    stored = sum(count for _, count in segments)
    plain = directory.integer(stream, COMPRESSION, 1) == 1
    if needed > (stored if plain else MOST_BYTES) or not stored:
        msg = f"expected {needed} bytes of image data, found {stored}"
        raise ValueError(msg)
    return Geometry(width=width, length=length)


def _segments(stream: BinaryIO, directory: Directory) -> list[tuple[int, int]]:
    for offsets, counts in zip(OFFSETS, COUNTS, strict=True):
        found = directory.integers(stream, offsets), directory.integers(stream, counts)
        if found[0]:
            return list(zip(*found, strict=False))
    return []


def preview_source(
    path: Path, geometry: Geometry, fields: Mapping[str, Any]
) -> PreviewSource:
    """Return the image for the renderer, calibrated as the typed `fields` say."""
    horizontal, vertical = pixel_size_m(geometry, fields)
    sizes = (("y", geometry.length, vertical), ("x", geometry.width, horizontal))
    return PreviewSource(
        read=partial(read_pixels, path, geometry),
        axes=tuple(length_axis(*size) for size in sizes) if horizontal else (),
        title=path.name,
    )


def pixel_size_m(geometry: Geometry, fields: Mapping[str, Any]) -> tuple[float, float]:
    """Return a pixel's width and height in metres; zeros when unknown.

    The field of view goes before the scan's pixel size, because images may be saved
    at another size than they were scanned at. Rows of the data bar have the
    pixel size of the image.
    """
    scanned = [
        fields[name].to("m").magnitude if name in fields else 0.0
        for name in ("pixel_width", "pixel_height", "horizontal_field_width")
    ]
    width, height, view = map(float, scanned)
    horizontal = view / geometry.width if view > 0 else width
    if horizontal <= 0:
        return 0.0, 0.0
    return horizontal, horizontal * (height / width if width > 0 < height else 1.0)


def read_pixels(path: Path, geometry: Geometry) -> np.ndarray:
    """Return the image as shown: rows, columns and, for colour, red, green and blue.

    What is stored as shown is mapped to memory and read when it is sliced.

    Raises
    ------
    PreviewError
        If it cannot be decoded.
    """
    try:
        import tifffile
    except ImportError as error:
        msg = f"{path.name}: decoding the image needs tifffile, which is not installed"
        raise PreviewError(msg) from error
    try:
        with tifffile.TiffFile(path) as tiff:
            page = tiff.pages.first
            mapped = page.is_memmappable
            stored = tifffile.memmap(path, page=0, mode="r") if mapped else None
            pixels = _as_shown(page.asarray() if stored is None else stored, page)
    except DECODER_ERRORS as error:
        msg = f"{path.name}: the image cannot be decoded: {error}"
        raise PreviewError(msg) from error
    if pixels.shape[:2] != (geometry.length, geometry.width):
        msg = f"{path.name}: expected {geometry}, found an array of {pixels.shape}"
        raise PreviewError(msg)
    return pixels


def _as_shown(pixels: np.ndarray, page: tifffile.TiffPage) -> np.ndarray:
    import numpy as np

    if page.photometric == PALETTE and page.colormap is not None:
        table = (page.colormap >> 8).astype(np.uint8)
        if not (table == table[0]).all():
            return np.moveaxis(table[:, pixels], 0, -1)
        same = np.array_equal(table[0], np.arange(table.shape[1]))
        return pixels if same else table[0][pixels]
    if page.photometric == WHITE_IS_ZERO and pixels.dtype.kind == "u":
        return np.iinfo(pixels.dtype).max - pixels
    planes = pixels.ndim == 3 and pixels.shape[-1] not in COLOUR  # noqa: PLR2004 - colour planes
    return np.moveaxis(pixels, 0, -1) if planes else pixels
