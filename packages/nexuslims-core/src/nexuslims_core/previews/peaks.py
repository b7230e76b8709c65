"""What readers wrote onto curves: names of peaks, and ranges."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt
from PIL import ImageDraw

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from PIL import Image

    from nexuslims_core.model.files import Annotation
    from nexuslims_core.previews.canvas import Box, Page

_LETTERS = 14
_GAP = 3
"""Pixels between a peak and its name."""
_LEADER = (150, 155, 162)
_HALO = (255, 255, 255)
_SHIFTS = (0.5, 0.1, 0.9, -0.2, 1.2, -0.6, 1.6)
"""Where along a name its peak may be: in the middle, or not far from an end."""
_RANGE_TINT = 0.16
"""How much of its colour the area of a range has."""

Pixels = npt.NDArray[Any]
Point = tuple[float, float]


@dataclass(frozen=True, kw_only=True)
class Skyline:
    """The highest points of a graph."""

    box: Box
    """Frame of the graph."""
    rows: Pixels
    """For each column of the frame, the row of its highest point."""
    size: int
    """Points along the axis."""

    def peak_at(self, index: float) -> Point:
        """Return where on the page the highest point near an index is."""
        column = float(index_place(index, self.size)) * (self.box.width - 1)
        near = self.rows[max(0, round(column) - 2) : round(column) + 3]
        return self.box.left + column, self.box.top + float(near.min())

    def above(self, left: float, right: float) -> float:
        """Return the row of the page above which nothing is between two columns."""
        first, last = int(left) - self.box.left, int(right) - self.box.left
        return self.box.top + float(self.rows[max(0, first) : last + 1].min())


@dataclass(frozen=True, kw_only=True)
class Name:
    """What to write, and the peak to write it above."""

    text: str
    colour: tuple[int, int, int]
    peak: Point


@dataclass(frozen=True, kw_only=True)
class Spot:
    """A place for a name, with the free space around it."""

    left: float
    top: float
    right: float
    bottom: float

    def overlaps(self, other: Spot) -> bool:
        """Tell whether there is something of both in one place."""
        return (
            self.left < other.right
            and other.left < self.right
            and self.top < other.bottom
            and other.top < self.bottom
        )


def index_place(index: Pixels | float, size: int) -> Any:  # noqa: ANN401 - as it comes
    """Return where along an axis an index is, from 0 to 1; 0.5 if there is one only."""
    return index / (size - 1) if size > 1 else index + 0.5


def add_ranges(
    layer: Image.Image, annotations: Sequence[Annotation], size: int
) -> None:
    """Tint ranges and draw lines at indices, below the curves to come.

    Parameters
    ----------
    layer
        Where the curves are drawn, from edge to edge.
    annotations
        Of which rectangles and ellipses are ranges; texts and points are not drawn.
    size
        Points along the axis.
    """
    draw = ImageDraw.Draw(layer)
    for one in annotations:
        if one.kind in {"text", "points"}:
            continue
        places = [
            float(index_place(x, size)) * (layer.width - 1)
            for x, _ in one.points
            if math.isfinite(x) and 0 <= x < size
        ]
        if one.kind in {"rectangle", "ellipse"} and len(places) > 1:
            tint = tuple(round(255 - _RANGE_TINT * (255 - c)) for c in one.colour)
            draw.rectangle((min(places), 0, max(places), layer.height), fill=tint)
            continue
        for x in places:
            draw.line((x, 0, x, layer.height), fill=one.colour, width=2)


def add_peak_labels(
    paper: Image.Image,
    skyline: Skyline,
    annotations: Sequence[Annotation],
    page: Page,
) -> None:
    """Write names above the peaks that they belong to, none onto another."""
    placed = placed_names(skyline, annotations, page)
    draw = ImageDraw.Draw(paper)
    for name, spot in placed:
        _draw_leader(draw, name, spot, page)
    letters = page.lettering(_LETTERS)
    for name, spot in placed:
        position = (spot.left + page.pixels(_GAP), spot.top)
        letters.write(draw, position, name.text, name.colour, halo=_HALO)


def placed_names(
    skyline: Skyline, annotations: Sequence[Annotation], page: Page
) -> list[tuple[Name, Spot]]:
    """Return where the names of peaks go, those of high peaks first.

    A name that finds no room is left out.
    """
    names = _names(annotations, skyline, page)
    placed: list[tuple[Name, Spot]] = []
    for name in sorted(names, key=lambda one: one.peak[1]):
        for spot in _spots(name, skyline, page):
            if not any(spot.overlaps(taken) for _, taken in placed):
                placed.append((name, spot))
                break
    return placed


def _names(
    annotations: Sequence[Annotation], skyline: Skyline, page: Page
) -> Iterator[Name]:
    letters = page.lettering(_LETTERS)
    for one in annotations:
        index = one.points[0][0] if one.points else math.nan
        text = letters.shortened(" ".join(one.text.split()), skyline.box.width / 3)
        if text and math.isfinite(index) and 0 <= index < skyline.size:
            yield Name(text=text, colour=one.colour, peak=skyline.peak_at(index))


def _spots(name: Name, skyline: Skyline, page: Page) -> Iterator[Spot]:
    """Yield places for a name: just above all that is below it, then higher up."""
    letters, gap, box = page.lettering(_LETTERS), page.pixels(_GAP), skyline.box
    width, height = letters.width(name.text), letters.height
    least, most = box.left + gap, box.right - gap - width
    for rise in range(0, box.height, max(2, height // 3)):
        for shift in _SHIFTS:
            left = max(least, min(name.peak[0] - width * shift, most))
            clear = min(name.peak[1], skyline.above(left, left + width))
            bottom = clear - gap - rise
            if bottom - height >= box.top:
                yield Spot(
                    left=left - gap,
                    right=left + width + gap,
                    top=bottom - height,
                    bottom=bottom,
                )


def _draw_leader(draw: ImageDraw.ImageDraw, name: Name, spot: Spot, page: Page) -> None:
    """Draw a line from a peak to its name, unless they are next to each other."""
    (x, y), gap = name.peak, page.pixels(_GAP)
    end = min(max(x, spot.left + gap), spot.right - gap)
    if y - spot.bottom > 2 * gap or end != x:
        leader = (x, y - gap, end, spot.bottom)
        draw.line(leader, fill=_LEADER, width=max(1, page.pixels(1)))


def skyline_of(points: Sequence[tuple[Pixels, Pixels]], box: Box, size: int) -> Skyline:
    """Return the highest points of curves.

    Parameters
    ----------
    points
        Columns and rows within the frame of the points of each curve; a point without
        a row is not drawn.
    box
        Frame of the graph.
    size
        Points along the axis.
    """
    highest = np.full(box.width, float(box.height))
    for columns, rows in points:
        known = np.isfinite(rows)
        places = np.clip(columns[known].round().astype(int), 0, box.width - 1)
        np.minimum.at(highest, places, rows[known])
    return Skyline(box=box, rows=highest, size=size)
