"""Drawing one image, with its scale and what was written onto it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PIL import Image, ImageDraw

from nexuslims_core.previews.canvas import Box, Page, add_heading, add_scale_bar, fitted
from nexuslims_core.previews.markers import add_annotations
from nexuslims_core.previews.sampling import MOST, plane
from nexuslims_core.previews.scalebar import is_reciprocal, length_factor, scale_bar
from nexuslims_core.previews.tones import (
    DIFFRACTION,
    LINEAR,
    channel_image,
    colour_image,
    grey_image,
)

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from nexuslims_core.model.files import Annotation, Axis
    from nexuslims_core.previews.signals import Signal

_MOST_ASPECT = 20.0
"""Ratio of the pixel's sides beyond which an image is drawn with square ones."""
_SAMPLES = 5
"""Rows and columns that are read per pixel that is drawn."""
_SHADE = (24, 24, 24, 190)
_RGB = ((255, 90, 90), (80, 220, 90), (120, 150, 255))


def draw_image(
    signal: Signal, page: Page, title: str, annotations: Sequence[Annotation]
) -> Image.Image:
    """Draw a single image with a scale bar, if it has a scale, and annotations."""
    vertical, horizontal = (signal.axes[axis] for axis in signal.along)
    picture, box = frame(signal, {}, page)
    size = (horizontal.size, vertical.size)
    add_annotations(picture, box, size, annotations, page)
    add_scale(picture, box, horizontal, page)
    below = add_heading(picture, box, title, "", page)
    if signal.channels:
        _add_key(picture, box, signal.channels, page, below)
    return picture


def frame(
    signal: Signal, fixed: Mapping[int, int], page: Page
) -> tuple[Image.Image, Box]:
    """Return one image of a signal, fitted into a page, and where it is on it.

    Parameters
    ----------
    signal
        Whose two last dimensions are images.
    fixed
        Which of them: an index for each of the dimensions that one steps through.
    page
        What to fit it to.
    """
    rows, columns = signal.along
    vertical, horizontal = signal.axes[rows], signal.axes[columns]
    drawn = max(page.width, page.height)
    most = min(MOST, drawn * _SAMPLES)
    values = plane(signal.array, (rows, columns), {**signal.fixed, **fixed}, most)
    if signal.channels:
        image = channel_image(values, drawn)
    elif signal.coloured:
        image = colour_image(values)
    else:
        tone = DIFFRACTION if is_reciprocal(horizontal.unit) else LINEAR
        image = grey_image(values, drawn, tone)
    return fitted(image, _aspect(vertical, horizontal, image.size), page)


def add_scale(picture: Image.Image, box: Box, horizontal: Axis, page: Page) -> None:
    """Draw a scale bar onto a part of a picture, if its axis is calibrated."""
    extent = abs(horizontal.scale) * horizontal.size
    bar = scale_bar(extent, horizontal.unit, box.width)
    if bar is not None:
        add_scale_bar(picture, box, bar, page)


def _add_key(
    picture: Image.Image, box: Box, names: Sequence[str], page: Page, below: int
) -> None:
    """Write what red, green and blue stand for into the upper left corner."""
    letters, pad = page.lettering(16), page.pixels(8)
    texts = [letters.shortened(name, box.width / 2) for name in names]
    wide = max(map(letters.width, texts)) + 2 * pad
    key = Image.new("RGBA", (wide, letters.height * len(texts) + pad), _SHADE)
    draw = ImageDraw.Draw(key)
    for row, (text, colour) in enumerate(zip(texts, _RGB, strict=True)):
        letters.write(draw, (pad, pad // 2 + row * letters.height), text, colour)
    top = max(box.top + pad, below + pad // 2)
    left = min(box.left + pad, page.width - wide)
    picture.alpha_composite(key, (left, min(top, page.height - key.height)))


def _aspect(vertical: Axis, horizontal: Axis, drawn: tuple[int, int]) -> float:
    """Return how high a drawn pixel is in units of its width."""
    columns, rows = drawn
    thinning = (vertical.size / rows) / (horizontal.size / columns)
    both = length_factor(vertical.unit), length_factor(horizontal.unit)
    if None in both or not horizontal.scale:
        return thinning
    high = abs(vertical.scale) * (both[0] or 1.0)
    ratio = high / (abs(horizontal.scale) * (both[1] or 1.0))
    sensible = 1 / _MOST_ASPECT <= ratio <= _MOST_ASPECT
    return thinning * ratio if sensible else thinning
