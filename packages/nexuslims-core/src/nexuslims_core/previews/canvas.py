"""The square that every preview is fitted into, and what is written onto it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PIL import Image, ImageDraw

from nexuslims_core.previews.lettering import Lettering

if TYPE_CHECKING:
    from nexuslims_core.previews.scalebar import ScaleBar

SIZE = 500
"""Width and height of a preview, in pixels."""
_THINNEST = 16
"""Pixels that even a single row is drawn high."""
_CLEAR = (255, 255, 255, 0)
_SHADE = (20, 24, 32, 190)
_LIGHT = (255, 255, 255, 255)
_PIXELS_MATTER = 4.0
"""Magnification from which on pixels are drawn as squares instead of smoothed."""


def fitted(image: Image.Image, aspect: float = 1.0) -> tuple[Image.Image, Image.Image]:
    """Fit an image into a transparent square.

    Parameters
    ----------
    image
        Any image that converts to RGBA.
    aspect
        Height of a pixel divided by its width.

    Returns
    -------
    tuple
        The square, and the image as it was pasted into its middle.
    """
    width, height = image.width, image.height * aspect
    factor = SIZE / max(width, height)
    size = (
        min(SIZE, max(_THINNEST, round(width * factor))),
        min(SIZE, max(_THINNEST, round(height * factor))),
    )
    smooth = factor < _PIXELS_MATTER
    method = Image.Resampling.LANCZOS if smooth else Image.Resampling.NEAREST
    shown = image.convert("RGBA").resize(size, method)
    square = Image.new("RGBA", (SIZE, SIZE), _CLEAR)
    square.paste(shown, ((SIZE - size[0]) // 2, (SIZE - size[1]) // 2))
    return square, shown


def with_stamp(square: Image.Image, text: str) -> Image.Image:
    """Return a preview with a short remark in its upper right corner."""
    letters = Lettering(size=20)
    width, height = letters.width(text) + 16, letters.height + 8
    label = Image.new("RGBA", (width, height), _SHADE)
    letters.write(ImageDraw.Draw(label), (8, 3), text, _LIGHT)
    return _overlaid(square, label, (SIZE - width - 10, 10))


def with_scale_bar(
    square: Image.Image, shown: Image.Image, bar: ScaleBar
) -> Image.Image:
    """Return a preview with a scale bar in the lower left corner of the image shown."""
    letters = Lettering(size=22)
    text = letters.width(bar.label)
    width, height = max(bar.pixels, text) + 20, letters.height + 22
    label = Image.new("RGBA", (width, height), _SHADE)
    draw = ImageDraw.Draw(label)
    letters.write(draw, ((width - text) / 2, 3), bar.label, _LIGHT)
    start, top = (width - bar.pixels) // 2, height - 14
    draw.rectangle((start, top, start + bar.pixels - 1, top + 5), fill=_LIGHT)
    left, bottom = (SIZE - shown.width) // 2, (SIZE + shown.height) // 2
    corner = (max(0, min(left + 10, SIZE - width)), max(0, bottom - height - 10))
    return _overlaid(square, label, corner)


def _overlaid(
    square: Image.Image, label: Image.Image, corner: tuple[int, int]
) -> Image.Image:
    layer = Image.new("RGBA", square.size, (0, 0, 0, 0))
    layer.paste(label, corner)
    return Image.alpha_composite(square, layer)
