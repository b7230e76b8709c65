"""TIFF and BigTIFF files, whatever kind of numbers their pixels are."""

from __future__ import annotations

import struct
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, BinaryIO

from nexuslims_core.builtin.pictures import imagej, ome, tags
from nexuslims_core.builtin.pictures.picture import (
    Layout,
    Picture,
    calibrated,
    resolution,
    shown,
)
from nexuslims_core.errors import ExtractionError
from nexuslims_core.reading.axes import dimension, finite, tidy_unit
from nexuslims_core.reading.findings import Findings, as_text
from nexuslims_core.reading.tiff import directories
from nexuslims_core.reading.tiff_image import COLOUR, find_image, preview_source
from nexuslims_core.types import quantity

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    import pint

    from nexuslims_core.model.files import DataFile, PreviewSource
    from nexuslims_core.reading.tiff import Directory

WIDTH, LENGTH, BITS, COMPRESSION, PHOTOMETRIC, SAMPLES = 256, 257, 258, 259, 262, 277
ORIENTATION, X_RESOLUTION, Y_RESOLUTION, RESOLUTION_UNIT, KIND = 274, 282, 283, 296, 339

COMPRESSIONS = {
    1: "none",
    2: "CCITT RLE",
    3: "CCITT Group 3",
    4: "CCITT Group 4",
    5: "LZW",
    6: "JPEG",
    7: "JPEG",
    8: "Deflate",
    32773: "PackBits",
    32946: "Deflate",
    33003: "JPEG 2000",
    33005: "JPEG 2000",
    34712: "JPEG 2000",
    34925: "LZMA",
    50000: "Zstandard",
    50001: "WebP",
}
COLOURS = {
    0: "Greyscale",
    1: "Greyscale",
    2: "RGB",
    3: "Palette",
    4: "Mask",
    5: "CMYK",
    6: "YCbCr",
    8: "CIELab",
}
KINDS = {2: "signed integers", 3: "floating point", 5: "complex integers", 6: "complex"}
"""What samples are, where they are not unsigned integers."""

PAPER = {2: "inch", 3: "cm"}
"""Lengths that a resolution for print is given for."""

GATAN_UNITS, GATAN_SCALES = (65003, 65004), (65009, 65010)
"""Size of a pixel, horizontally and vertically, where DigitalMicrograph exported the
image; no document of Gatan's describes them."""

DOUBLE = 12
"""The data type of double-precision numbers."""

LONGEST_TEXT = 2**24
"""Bytes of a description that are read."""


@dataclass(frozen=True, kw_only=True)
class _Page:
    """The first page of an open file."""

    stream: BinaryIO
    directory: Directory

    def integer(self, tag: int, default: int) -> int:
        return self.directory.integer(self.stream, tag, default)

    def size(self, tag: int) -> int:
        entry = self.directory.entries.get(tag)
        return entry.size if entry is not None else 0

    def content(self, tag: int) -> bytes:
        """Return the bytes of a tag; none of one that is too long."""
        if self.size(tag) > LONGEST_TEXT:
            return b""
        return self.directory.read(self.stream, tag)

    def text(self, tag: int) -> str:
        return as_text(self.content(tag)).strip()

    def double(self, tag: int) -> float | None:
        values = self.directory.read(self.stream, tag)
        layout = struct.Struct(f"{self.directory.byte_order}d")
        entry = self.directory.entries.get(tag)
        if entry is None or entry.type != DOUBLE or len(values) < layout.size:
            return None
        return float(layout.unpack_from(values)[0])

    @property
    def per_unit(self) -> tuple[float | None, float | None]:
        """Pixels per unit of resolution."""
        ratio = self.directory.ratio
        return ratio(self.stream, X_RESOLUTION), ratio(self.stream, Y_RESOLUTION)


@dataclass(frozen=True, kw_only=True)
class _Told:
    """What the description of an image says."""

    findings: Findings
    created: datetime | None = None
    pixel: tuple[pint.Quantity[Any], pint.Quantity[Any]] | None = None
    images: int = 1


def read(file: DataFile) -> Picture:
    """Return what a TIFF says about its first image.

    Raises
    ------
    ExtractionError
        If its first directory cannot be read, or is that of no image.
    """
    with file.path.open("rb") as stream:
        first, count, notes = _directories(stream, file.size)
        page = _Page(stream=stream, directory=first)
        return _picture(file, page, count, notes)


def _directories(stream: BinaryIO, size: int) -> tuple[Directory, int, tuple[str, ...]]:
    """Return the first directory, how many there are, and what is wrong with them."""
    first: Directory | None = None
    count, notes = 0, tuple[str, ...]()
    try:
        for directory in directories(stream, size):
            first = first or directory
            count += 1
    except ValueError as error:
        if first is None:
            raise ExtractionError(f"not read as a TIFF: {error}") from error
        notes = (f"Page {count + 1}: {error}.",)
    if first is None:
        raise ExtractionError("expected a TIFF with an image, found no directory")
    return first, count, notes


def _picture(
    file: DataFile, page: _Page, count: int, notes: tuple[str, ...]
) -> Picture:
    told = _told(page.text(tags.DESCRIPTION), page)
    notes += tuple(_left_out(page))
    layout = _layout(page, max(count, told.images))
    values, damage = _tags(page)
    when, odd = tags.created(values)
    size = calibrated(layout, *told.pixel) if told.pixel else {}
    preview, missing = _preview(file, page, layout, size)
    said = Findings().joined(
        tags.findings(values),
        told.findings,
        Findings(
            fields=size,
            extensions={**_kind(page), **({} if size else _printed(page))},
            notes=(*notes, *odd, *damage, *missing),
        ),
    )
    return Picture(
        layout=layout, said=said, created=told.created or when, preview=preview
    )


def _told(description: str, page: _Page) -> _Told:
    """Return what the description says, whoever wrote it."""
    drawn = imagej.parse(description)
    if drawn is not None:
        return _Told(
            findings=Findings(
                extensions=drawn.extensions(),
                raw={"ImageJ": {**drawn.values, **_info(page)}},
            ),
            pixel=drawn.pixel(*page.per_unit),
            images=drawn.images,
        )
    root, problem = ome.parse(description)
    notes = (problem,) if problem else ()
    if root is None:
        texts = {"Image Description": description}
        return _Told(
            findings=Findings(
                extensions=shown(texts), raw=texts if description else {}, notes=notes
            ),
            pixel=_gatan_pixel(page),
        )
    return _Told(
        findings=ome.findings(root).joined(Findings(notes=notes)),
        created=ome.created(root),
        pixel=ome.pixel(root),
        images=ome.images(root),
    )


def _left_out(page: _Page) -> Iterator[str]:
    for name, tag in (
        ("description", tags.DESCRIPTION),
        ("metadata of ImageJ", imagej.METADATA),
    ):
        if page.size(tag) > LONGEST_TEXT:
            yield (
                f"The {name} should have {page.size(tag)} bytes, more than "
                f"{LONGEST_TEXT}, and is left out."
            )


def _info(page: _Page) -> dict[str, str]:
    """Return what ImageJ keeps of the file that it opened before, as text."""
    info = imagej.info(
        page.content(imagej.METADATA),
        page.directory.integers(page.stream, imagej.METADATA_COUNTS),
        page.directory.byte_order,
    )
    return {"Info": info} if info else {}


def _gatan_pixel(
    page: _Page,
) -> tuple[pint.Quantity[Any], pint.Quantity[Any]] | None:
    units = [tidy_unit(page.text(tag)) for tag in GATAN_UNITS]
    scales = [page.double(tag) for tag in GATAN_SCALES]
    # Diffraction patterns have reciprocal lengths: no size on the specimen.
    if any(dimension(unit) != "length" for unit in units):
        return None
    horizontal, vertical = (finite(one, 0.0) for one in scales)
    if horizontal <= 0 or vertical <= 0:
        return None
    return quantity(horizontal, units[0]), quantity(vertical, units[1])


def _layout(page: _Page, images: int) -> Layout:
    width, height = page.integer(WIDTH, 0), page.integer(LENGTH, 0)
    if not width or not height:
        msg = f"expected an image, found one of {width} by {height} pixels"
        raise ExtractionError(msg)
    colour, compression = page.integer(PHOTOMETRIC, 1), page.integer(COMPRESSION, 1)
    return Layout(
        format="TIFF",
        width=width,
        height=height,
        colour=COLOURS.get(colour, f"photometric interpretation {colour}"),
        bits=page.integer(BITS, 1),
        compression=COMPRESSIONS.get(compression, f"scheme {compression}"),
        images=images,
    )


def _kind(page: _Page) -> dict[str, str]:
    kind = KINDS.get(page.integer(KIND, 1))
    return {"Sample Format": kind} if kind else {}


def _printed(page: _Page) -> dict[str, Any]:
    unit = PAPER.get(page.integer(RESOLUTION_UNIT, 2))
    return resolution(*page.per_unit, unit) if unit else {}


def _tags(page: _Page) -> tuple[dict[int, Any], tuple[str, ...]]:
    """Return the tags that say who made the image, when and how; EXIF among them."""
    named = (
        *(tags.MAKE, tags.MODEL, tags.SOFTWARE, tags.DATE_TIME),
        *(tags.ARTIST, tags.COPYRIGHT),
    )
    own = {tag: page.text(tag) for tag in named}
    there = page.integer(tags.EXIF, 0)
    more, notes = tags.part(page.stream, there) if there else ({}, ())
    return own | more, notes


def _preview(
    file: DataFile, page: _Page, layout: Layout, size: dict[str, Any]
) -> tuple[PreviewSource | None, tuple[str, ...]]:
    """Return the image for the renderer, or what is wrong with it.

    Without a scale, files of several images and turned ones are drawn by the renderer
    of files, which tells how many there are.
    """
    if page.integer(SAMPLES, 1) not in COLOUR:
        return None, ()
    try:
        geometry = find_image(page.stream, page.directory)
    except ValueError as error:
        return None, (f"{str(error)[:1].upper()}{str(error)[1:]}.",)
    turned = page.integer(ORIENTATION, 1) != 1
    if turned or (layout.images > 1 and not size):
        return None, ()
    return preview_source(file.path, geometry, size), ()
