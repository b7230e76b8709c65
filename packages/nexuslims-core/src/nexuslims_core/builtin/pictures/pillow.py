"""JPEG, GIF and BMP files: their headers, as Pillow reads them.

The plugins of Pillow are called by name: `PIL.Image.open` refuses large pictures, which
are harmless as long as nobody decodes them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from nexuslims_core.builtin.pictures import tags
from nexuslims_core.builtin.pictures.picture import (
    Layout,
    Picture,
    resolution,
    shown,
)
from nexuslims_core.reading.findings import Findings
from nexuslims_core.reading.guard import reading

if TYPE_CHECKING:
    from collections.abc import Mapping

    from PIL.ImageFile import ImageFile

    from nexuslims_core.model.files import DataFile

COLOURS = {
    "1": ("Bilevel", 1),
    "L": ("Greyscale", 8),
    "P": ("Palette", 8),
    "RGB": ("RGB", 8),
    "RGBA": ("RGBA", 8),
    "CMYK": ("CMYK", 8),
}
"""Pillow's modes of these formats, and the bits of a sample."""


def read_jpeg(file: DataFile) -> Picture:
    """Return what a JPEG says about its picture.

    Raises
    ------
    ExtractionError
        If its header is damaged.
    """
    from PIL.JpegImagePlugin import JpegImageFile

    with reading(file, "a JPEG"), JpegImageFile(file.path) as image:
        exif = tags.from_exif(image.getexif())
        return _picture(image, "JPEG", compression="JPEG", exif=exif)


def read_gif(file: DataFile) -> Picture:
    """Return what a GIF says about its pictures.

    Raises
    ------
    ExtractionError
        If its header is damaged.
    """
    from PIL.GifImagePlugin import GifImageFile

    with reading(file, "a GIF"), GifImageFile(file.path) as image:
        return _picture(image, "GIF", compression="LZW", images=image.n_frames)


def read_bmp(file: DataFile) -> Picture:
    """Return what a bitmap says about its picture.

    Raises
    ------
    ExtractionError
        If its header is damaged.
    """
    from PIL.BmpImagePlugin import BmpImageFile

    with reading(file, "a bitmap"), BmpImageFile(file.path) as image:
        return _picture(image, "BMP", compression="none")


def _picture(
    image: ImageFile,
    name: str,
    *,
    compression: str,
    images: int = 1,
    exif: tuple[Mapping[int, Any], tuple[str, ...]] = ({}, ()),
) -> Picture:
    found, damage = exif
    colour, bits = COLOURS.get(image.mode, (image.mode, 8))
    when, odd = tags.created(found)
    comment = tags.text(image.info.get("comment"))
    described = tags.text(found.get(tags.DESCRIPTION))
    texts = {"Image Description": described, "Comment": comment}
    said = Findings().joined(
        tags.findings(found),
        Findings(extensions={**shown(texts), **_printed(image)}, notes=(*damage, *odd)),
    )
    layout = Layout(
        format=name,
        width=image.size[0],
        height=image.size[1],
        colour=colour,
        bits=bits,
        compression=compression,
        images=images,
    )
    return Picture(layout=layout, said=said, created=when)


def _printed(image: ImageFile) -> dict[str, Any]:
    dots = image.info.get("dpi")
    if not isinstance(dots, tuple) or len(dots) != 2:  # noqa: PLR2004 - two sides
        return {}
    horizontal, vertical = (round(float(one), 1) for one in dots)
    return resolution(horizontal, vertical, "inch")
