"""The page that a preview is drawn on, and what is put onto pictures."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

from PIL import Image, ImageDraw

from nexuslims_core.previews.lettering import Lettering

if TYPE_CHECKING:
    from nexuslims_core.previews.scalebar import ScaleBar

SIZE = 500
"""Width and height of a preview, in pixels."""
STAMP_TEXT = 19
"""Size of what is written on a stamp."""
_THINNEST = 16
"""Pixels that even a single row is drawn high."""
_CLEAR = (255, 255, 255, 0)
_SHADE = (24, 24, 24, 190)
"""Without a hue, so that pictures of one channel stay such."""
_LIGHT = (255, 255, 255, 255)
_PIXELS_MATTER = 4.0
"""Magnification from which on pixels are drawn as squares instead of smoothed."""
_ROOMY = 2.5
"""A picture that is lower than so many scale bars has its own below."""
_MARGIN = 8
"""Distance of what is written from the edges."""
_TITLE_TEXT = 17


@dataclass(frozen=True, kw_only=True)
class Page:
    """Something to draw on: how large it is, and how large is what is written there."""

    width: int = SIZE
    height: int = SIZE
    zoom: float = 1.0
    """Size of letters and strength of lines, in units of those on a single preview."""

    def lettering(self, size: float) -> Lettering:
        """Return the font in a size that suits the page."""
        return _lettering(max(8, round(size * self.zoom)))

    def pixels(self, length: float) -> int:
        """Return a distance on a single preview as one on this page."""
        return round(length * self.zoom)


@lru_cache(maxsize=64)
def _lettering(pixels: int) -> Lettering:
    # To load the font takes longer than to write with it.
    return Lettering(size=pixels)


@dataclass(frozen=True, kw_only=True)
class Box:
    """Where on a page a picture is, in pixels."""

    left: int
    top: int
    width: int
    height: int

    @property
    def right(self) -> int:
        """First column that is not the picture's."""
        return self.left + self.width

    @property
    def bottom(self) -> int:
        """First row that is not the picture's."""
        return self.top + self.height


def fitted(
    image: Image.Image, aspect: float = 1.0, page: Page | None = None
) -> tuple[Image.Image, Box]:
    """Fit an image into the middle of a transparent page.

    Parameters
    ----------
    image
        Any image that converts to RGBA.
    aspect
        Height of a pixel divided by its width.
    page
        What to fit it to; a square of `SIZE` when not given.

    Returns
    -------
    tuple
        The page, and where the image is on it.
    """
    page = page or Page()
    width, height = image.width, image.height * aspect
    factor = min(page.width / width, page.height / height)
    size = (
        min(page.width, max(_THINNEST, round(width * factor))),
        min(page.height, max(_THINNEST, round(height * factor))),
    )
    box = Box(
        left=(page.width - size[0]) // 2,
        top=(page.height - size[1]) // 2,
        width=size[0],
        height=size[1],
    )
    drawn = Image.new("RGBA", (page.width, page.height), _CLEAR)
    drawn.paste(resized(image, size).convert("RGBA"), (box.left, box.top))
    return drawn, box


def resized(image: Image.Image, size: tuple[int, int]) -> Image.Image:
    """Return an image in another size: smooth, or with pixels as rectangles."""
    factor = max(size[0] / image.width, size[1] / image.height)
    if factor >= _PIXELS_MATTER:
        return image.resize(size, Image.Resampling.NEAREST)
    # Reduced by a whole factor first, which is quick, and smoothly for the rest, by a
    # filter that takes a third of the time of the best and looks the same.
    smooth = Image.Resampling.BICUBIC if factor > 1 else Image.Resampling.HAMMING
    return image.resize(size, smooth, reducing_gap=1.0)


def add_heading(
    picture: Image.Image, box: Box, title: str, stamp: str, page: Page
) -> int:
    """Write a title to the left and a stamp to the right, above the picture.

    Where there is no room above, they are written onto it.

    Returns
    -------
    int
        Row below the title; 0 without one.
    """
    reserved = 0
    if stamp:
        reserved = add_stamp(picture, stamp, page) + page.pixels(_MARGIN)
    letters, margin = page.lettering(_TITLE_TEXT), page.pixels(_MARGIN)
    room = page.width - reserved - 4 * margin
    title = letters.shortened(" ".join(title.split()), room)
    if not title:
        return 0
    label = _label(title, letters, page)
    top = max(margin, box.top - label.height - margin)
    left = box.left + margin
    if label.width > box.width and box.right + label.width + margin <= page.width:
        left = box.right + margin  # beside what it would cover
    left = max(margin, min(left, page.width - label.width - margin))
    picture.alpha_composite(label, (left, top))
    return top + label.height


def add_stamp(picture: Image.Image, text: str, page: Page | None = None) -> int:
    """Write a short remark into the upper right corner; return how wide it is."""
    page = page or Page()
    margin = page.pixels(_MARGIN)
    letters = page.lettering(STAMP_TEXT)
    label = _label(letters.shortened(text, page.width - 4 * margin), letters, page)
    picture.alpha_composite(label, (page.width - label.width - margin, margin))
    return label.width


def heading_height(page: Page) -> int:
    """Return how much of a page is to be left free for a heading."""
    return page.lettering(STAMP_TEXT).height + page.pixels(7 + 2 * _MARGIN)


def add_caption(picture: Image.Image, box: Box, text: str, page: Page) -> None:
    """Write a name into the upper left corner of a part of the picture."""
    letters = page.lettering(14)
    text = letters.shortened(text, box.width - page.pixels(20))
    if text:
        label = _label(text, letters, page)
        picture.alpha_composite(label, (box.left, box.top))


def _label(text: str, letters: Lettering, page: Page) -> Image.Image:
    pad = page.pixels(7)
    label = Image.new("RGBA", (letters.width(text) + 2 * pad, letters.height + pad))
    draw = ImageDraw.Draw(label)
    corner = (0, 0, label.width - 1, label.height - 1)
    draw.rounded_rectangle(corner, page.pixels(4), fill=_SHADE)
    letters.write(draw, (pad, pad // 2), text, _LIGHT)
    return label


def add_scale_bar(picture: Image.Image, box: Box, bar: ScaleBar, page: Page) -> None:
    """Draw a scale bar into the lower left corner of the picture, or below a low one.

    The bar itself is exactly as long as it says; its end rows are not rounded.
    """
    letters = page.lettering(20)
    text = letters.width(bar.label)
    pad, thick = page.pixels(9), max(2, page.pixels(5))
    width = max(bar.pixels, text) + 2 * pad
    label = Image.new("RGBA", (width, letters.height + thick + page.pixels(14)))
    draw = ImageDraw.Draw(label)
    corner = (0, 0, label.width - 1, label.height - 1)
    draw.rounded_rectangle(corner, page.pixels(4), fill=_SHADE)
    letters.write(draw, ((width - text) / 2, page.pixels(2)), bar.label, _LIGHT)
    start, foot = (width - bar.pixels) // 2, label.height - page.pixels(8)
    draw.rectangle((start, foot - thick, start + bar.pixels - 1, foot - 1), fill=_LIGHT)
    picture.alpha_composite(label, _bar_corner(box, label, page))


def _bar_corner(box: Box, label: Image.Image, page: Page) -> tuple[int, int]:
    margin = page.pixels(10)
    left = max(0, min(box.left + margin, page.width - label.width))
    below = box.bottom + page.pixels(4)
    if box.height < _ROOMY * label.height and below + label.height <= page.height:
        return left, below
    return left, max(0, box.bottom - label.height - margin)
