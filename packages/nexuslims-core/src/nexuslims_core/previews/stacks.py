"""Drawing some of many images: of a series, of a scan, of things with names."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import TYPE_CHECKING

from PIL import Image, ImageDraw

from nexuslims_core.previews.canvas import (
    Box,
    Page,
    add_caption,
    add_heading,
    heading_height,
)
from nexuslims_core.previews.pictures import add_scale, frame
from nexuslims_core.previews.sampling import spread, square_grid

if TYPE_CHECKING:
    from collections.abc import Sequence

    from nexuslims_core.previews.signals import Signal

_MEMBERS = 5
"""Images of a series that are shown, one behind the other."""
_SIDE = 3
"""Frames of a scan are shown in up to so many rows of so many."""
_MAPS = 9
"""Images with a name each that are shown."""
_FRONT = 0.66
"""Width and height that an image of a series may take, as part of the page."""
_SHEAR = 0.24
"""How much the right end of a sheared image is above the left, per width."""
_NARROW = 0.78
"""Width of a sheared image: one sees it from the side."""
_LIFT = 30
"""How much higher each image of a series stands than the one before it."""
_GAP = 4
_SMALL = 0.72
"""Size of letters on a tile."""
_CLEAR = (255, 255, 255, 0)
_BORDER = (245, 246, 248, 255)
_OUTLINE = (70, 76, 86, 255)


def draw_series(signal: Signal, page: Page, title: str) -> Image.Image:
    """Draw some images of a series one behind the other, the first in front."""
    places = list(spread(signal.steps, _MEMBERS))
    head = heading_height(page)
    width, height = page.width, page.height - head
    side = round(min(width, height) * _FRONT)
    cards = [_card(signal, place, side) for place in places]
    hidden = len(cards) - 1
    aside = (width - cards[0].width) // hidden
    lift = min(page.pixels(_LIFT), (height - cards[0].height) // hidden)
    foot = head + (height - cards[0].height + lift * hidden) // 2
    picture = Image.new("RGBA", (page.width, page.height), _CLEAR)
    for index in reversed(range(len(cards))):
        corner = (aside * index, foot - lift * index)
        picture.alpha_composite(cards[index], corner)
    stamp = f"{signal.steps[0]}-member Image Series"
    add_heading(picture, _below(head, page), title, stamp, page)
    return picture


def draw_tableau(signal: Signal, page: Page, title: str) -> Image.Image:
    """Draw frames from all over a scan, each where it comes from."""
    *others, rows, columns = signal.steps
    middle = tuple(size // 2 for size in others)
    places = [(*middle, *place) for place in square_grid(rows, columns, _SIDE)]
    side = math.isqrt(len(places))
    area = _below(heading_height(page), page)
    picture, boxes = _tiles(signal, places, area, page)
    extent = "×".join(str(size) for size in reversed(signal.steps))
    add_heading(picture, area, title, f"{extent} Hyperimage", page)
    add_scale(picture, boxes[-side], signal.axes[signal.along[1]], _small(page))
    return picture


def draw_maps(signal: Signal, page: Page, title: str) -> Image.Image:
    """Draw images that have a name each, such as maps of elements."""
    count = signal.steps[0]
    places = [(index,) for index in range(min(count, _MAPS))]
    stamp = f"{len(places)} of {count}" if count > len(places) else ""
    area = _below(heading_height(page) if title or stamp else 0, page)
    picture, boxes = _tiles(signal, places, area, page)
    for box, name in zip(boxes, signal.named, strict=False):
        add_caption(picture, box, name, page)
    add_scale(picture, boxes[0], signal.axes[signal.along[1]], _small(page))
    add_heading(picture, area, title, stamp, page)
    return picture


def _small(page: Page) -> Page:
    """Return a page for what is written onto a tile of another."""
    return replace(page, zoom=page.zoom * _SMALL)


def _below(head: int, page: Page) -> Box:
    """Return the part of a page that is below its heading."""
    return Box(left=0, top=head, width=page.width, height=page.height - head)


def _tiles(
    signal: Signal, places: Sequence[tuple[int, ...]], area: Box, page: Page
) -> tuple[Image.Image, list[Box]]:
    """Draw frames in rows onto a part of a page, and return where each is."""
    columns = math.ceil(math.sqrt(len(places)))
    rows = math.ceil(len(places) / columns)
    gap = page.pixels(_GAP)
    side = min((area.width + gap) // columns, (area.height + gap) // rows) - gap
    tiles = [_tile(signal, place, side) for place in places]
    wide, high = tiles[0].width + gap, tiles[0].height + gap
    left = area.left + (area.width - columns * wide + gap) // 2
    top = area.top + (area.height - rows * high + gap) // 2
    picture = Image.new("RGBA", (page.width, page.height), _CLEAR)
    boxes = []
    for index, tile in enumerate(tiles):
        row, column = divmod(index, columns)
        corner = (left + column * wide, top + row * high)
        picture.paste(tile, corner)
        boxes.append(
            Box(left=corner[0], top=corner[1], width=tile.width, height=tile.height)
        )
    return picture, boxes


def _tile(signal: Signal, place: tuple[int, ...], side: int) -> Image.Image:
    """Return one frame, as big as fits into a square."""
    fixed = dict(zip(signal.across, place, strict=True))
    fitted, box = frame(signal, fixed, Page(width=side, height=side))
    return fitted.crop((box.left, box.top, box.right, box.bottom))


def _card(signal: Signal, place: tuple[int, ...], side: int) -> Image.Image:
    """Return a frame as seen from the side: sheared, with a border."""
    flat = _tile(signal, place, side)
    framed = Image.new("RGBA", (flat.width + 8, flat.height + 8), _CLEAR)
    draw = ImageDraw.Draw(framed)
    draw.rectangle((1, 1, flat.width + 6, flat.height + 6), fill=_OUTLINE)
    draw.rectangle((2, 2, flat.width + 5, flat.height + 5), fill=_BORDER)
    framed.paste(flat, (4, 4))
    rise = _SHEAR * framed.width * _NARROW
    size = round(framed.width * _NARROW), math.ceil(framed.height + rise)
    # Where a pixel of the result is taken from: x / narrow, y - rise (1 - x / width).
    inverse = (1 / _NARROW, 0.0, 0.0, _SHEAR, 1.0, -rise)
    return framed.transform(
        size, Image.Transform.AFFINE, inverse, Image.Resampling.BILINEAR
    )
