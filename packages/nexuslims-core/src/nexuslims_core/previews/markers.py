"""What people drew onto images: lines, arrows, shapes, texts."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

from PIL import Image, ImageDraw

if TYPE_CHECKING:
    from collections.abc import Sequence

    from nexuslims_core.model.files import Annotation
    from nexuslims_core.previews.canvas import Box, Page

Point = tuple[float, float]

_FINE = 2
"""Shapes are drawn so many times larger, then reduced, for smooth lines."""
_LINE = 2.2
_EDGE = 1.4
"""Width of lines, and of the dark or light edge on both of their sides."""
_HEAD = 13.0
"""Length of an arrow's head."""
_DOT = 4.0
"""Radius of a point."""
_LETTERS = 17
_MOST_LINES = 8
"""Lines of one text that are written."""
_FAR = 3.0
"""Beyond so many widths of the picture, nothing of a shape is drawn any more."""
_BRIGHT = 140
"""Lightness from which on a colour needs a dark edge."""
_LEAST_POINTS = {"line": 2, "arrow": 2, "double arrow": 2, "rectangle": 2, "ellipse": 2}


@dataclass(frozen=True, kw_only=True)
class _Brush:
    """Something to draw shapes with, in pixels of the picture."""

    draw: ImageDraw.ImageDraw
    page: Page
    colour: tuple[int, ...]
    spare: float
    """What to add to both sides of a line."""

    @property
    def width(self) -> int:
        return max(1, round((_LINE + 2 * self.spare) * self.page.zoom * _FINE))

    def line(self, *points: Point) -> None:
        self.draw.line(_fine(points), fill=self.colour, width=self.width)

    def polygon(self, *points: Point) -> None:
        self.draw.polygon(_fine(points), fill=self.colour)
        if self.spare:
            self.line(*points, points[0])

    def rectangle(self, first: Point, second: Point) -> None:
        (left, right), (top, bottom) = map(sorted, zip(first, second, strict=True))
        corners = (left, top), (right, top), (right, bottom), (left, bottom)
        # Twice around the first corner, so that it is closed as the others are.
        outline = _fine((*corners, *corners[:2]))
        self.draw.line(outline, fill=self.colour, width=self.width, joint="curve")

    def ellipse(self, first: Point, second: Point) -> None:
        (left, right), (top, bottom) = map(sorted, zip(first, second, strict=True))
        half = self.width / 2 / _FINE
        ((x, y), (u, v)) = _fine(
            ((left - half, top - half), (right + half, bottom + half))
        )
        self.draw.ellipse((x, y, u, v), outline=self.colour, width=self.width)

    def dot(self, point: Point) -> None:
        radius = (_DOT + self.spare) * self.page.zoom
        x, y = point
        ((a, b), (c, d)) = _fine(((x - radius, y - radius), (x + radius, y + radius)))
        self.draw.ellipse((a, b, c, d), fill=self.colour)


def add_annotations(
    picture: Image.Image,
    box: Box,
    size: tuple[int, int],
    annotations: Sequence[Annotation],
    page: Page,
) -> None:
    """Draw annotations onto the picture of an array.

    Shapes end where the picture does; texts are moved so that they can be read.

    Parameters
    ----------
    picture
        Page to draw onto.
    box
        Where on it the array is drawn.
    size
        Columns and rows of the whole array, however much it was thinned.
    annotations
        What to draw. Annotations without sensible places are left out.
    page
        Size of the page.
    """
    placed = [(one, _places(one, box, size)) for one in annotations]
    sensible = [
        (one, points)
        for one, points in placed
        if len(points) >= _LEAST_POINTS.get(one.kind, 1)
    ]
    shapes = [(one, points) for one, points in sensible if one.kind != "text"]
    if shapes:
        layer = Image.new("RGBA", (box.width * _FINE, box.height * _FINE))
        draw = ImageDraw.Draw(layer)
        for one, points in shapes:
            for colour, spare in ((_edge(one.colour), _EDGE), (one.colour, 0.0)):
                brush = _Brush(draw=draw, page=page, colour=colour, spare=spare)
                _draw_shape(brush, one.kind, points)
        _lay_over(picture, layer, box)
    for one, points in sensible:
        if one.text.strip():
            _write(picture, one, points, box, page)


def _lay_over(picture: Image.Image, layer: Image.Image, box: Box) -> None:
    """Put what was drawn onto the picture; only so much is reduced as there is."""
    drawn = layer.getbbox()
    if drawn is None:
        return
    left, top = drawn[0] // _FINE, drawn[1] // _FINE
    right, bottom = (-(-end // _FINE) * _FINE for end in drawn[2:])
    part = layer.crop((left * _FINE, top * _FINE, right, bottom))
    picture.alpha_composite(part.reduce(_FINE), (box.left + left, box.top + top))


def _places(one: Annotation, box: Box, size: tuple[int, int]) -> list[Point]:
    """Return the points of an annotation in pixels of its picture."""
    columns, rows = size
    return [
        (_within(x / columns * box.width, box), _within(y / rows * box.height, box))
        for x, y in one.points
        if math.isfinite(x) and math.isfinite(y)
    ]


def _within(place: float, box: Box) -> float:
    far = _FAR * max(box.width, box.height)
    return max(-far, min(place, far))


def _draw_shape(brush: _Brush, kind: str, points: Sequence[Point]) -> None:
    first, second = points[0], points[min(1, len(points) - 1)]
    if kind == "points":
        for point in points:
            brush.dot(point)
    elif kind == "rectangle":
        brush.rectangle(first, second)
    elif kind == "ellipse":
        brush.ellipse(first, second)
    else:
        _draw_arrow(brush, first, second, kind)


def _draw_arrow(brush: _Brush, tail: Point, tip: Point, kind: str) -> None:
    start, end = tail, tip
    if kind in {"arrow", "double arrow"}:
        end = _draw_head(brush, tail, tip)
    if kind == "double arrow":
        start = _draw_head(brush, tip, tail)
    brush.line(start, end)


def _draw_head(brush: _Brush, tail: Point, tip: Point) -> Point:
    """Draw the head of an arrow; return where its shaft ends."""
    length = math.dist(tail, tip)
    if not length:
        return tip
    head = min(_HEAD * brush.page.zoom, length)
    along = ((tip[0] - tail[0]) / length, (tip[1] - tail[1]) / length)
    foot = (tip[0] - along[0] * head, tip[1] - along[1] * head)
    half = head * 0.4
    left = (foot[0] - along[1] * half, foot[1] + along[0] * half)
    right = (foot[0] + along[1] * half, foot[1] - along[0] * half)
    brush.polygon(tip, left, right)
    return foot


def _beginning(
    one: Annotation, points: Sequence[Point], width: float, page: Page
) -> Point:
    """Return where the text of an annotation begins, if it is `width` wide.

    Of a rectangle it is above, of a line below or beside its middle, of an arrow at the
    tail.
    """
    gap, height = page.pixels(5), page.lettering(_LETTERS).height
    (x, y), (u, v) = points[0], points[min(1, len(points) - 1)]
    if one.kind == "text":
        return x, y
    if one.kind in {"rectangle", "ellipse"}:
        return min(x, u), min(y, v) - height * len(_lines(one)) - gap
    if one.kind in {"arrow", "points"}:
        return x + 2 * gap, y + gap
    middle = ((x + u) / 2, (y + v) / 2)
    if abs(v - y) > abs(u - x):
        return middle[0] + 2 * gap, middle[1] - height / 2
    slope = abs(v - y) / max(1.0, abs(u - x))
    return middle[0] - width / 2, middle[1] + gap + slope * width / 2


def _write(
    picture: Image.Image,
    one: Annotation,
    points: Sequence[Point],
    box: Box,
    page: Page,
) -> None:
    letters = page.lettering(_LETTERS)
    margin = page.pixels(4)
    lines = [letters.shortened(text, page.width - 2 * margin) for text in _lines(one)]
    width, height = max(map(letters.width, lines)), letters.height * len(lines)
    place = _beginning(one, points, width, page)
    left = min(box.left + place[0], box.right - margin - width)
    top = min(box.top + place[1], box.bottom - margin - height)
    # Of a picture that is smaller than the text, the page is what it must be on.
    left = min(max(left, box.left + margin), page.width - margin - width)
    top = min(max(top, box.top + margin), page.height - margin - height)
    draw = ImageDraw.Draw(picture)
    for row, line in enumerate(lines):
        corner = (max(margin, left), max(margin, top) + row * letters.height)
        letters.write(draw, corner, line, one.colour, halo=_edge(one.colour)[:3])


def _lines(one: Annotation) -> list[str]:
    return one.text.strip().splitlines()[:_MOST_LINES]


def _edge(colour: tuple[int, ...]) -> tuple[int, ...]:
    """Return the dark or the light colour that sets off another."""
    red, green, blue = colour
    bright = 0.299 * red + 0.587 * green + 0.114 * blue >= _BRIGHT
    return (0, 0, 0, 190) if bright else (255, 255, 255, 210)


def _fine(points: Sequence[Point]) -> list[Point]:
    return [(x * _FINE, y * _FINE) for x, y in points]
