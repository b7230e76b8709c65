"""What people drew onto an image in DigitalMicrograph."""

from __future__ import annotations

import math
from itertools import pairwise
from typing import TYPE_CHECKING, Any

from nexuslims_core.types import Annotation

from nexuslims_extractors_gatan.dm.tags import group, groups, scalar

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

KINDS: dict[int, str] = {
    2: "line",
    3: "arrow",
    4: "double arrow",
    5: "rectangle",
    6: "ellipse",
    13: "text",
    23: "rectangle",
    25: "line",
    27: "points",
    28: "ellipse",
}
"""Values of ``AnnotationType`` that can be drawn; from 23 on, regions of interest.

Not drawn are masks of Fourier transforms (8 spots, 9 array, 15 band-pass, 19 wedge) and
scale bars (31), of which the preview has its own.
"""

CURVE = 29
"""A region of interest along a curve, with its vertices."""

MOST_VERTICES = 64
"""Of a curve that is drawn; every so many are left out of longer ones."""

MOST_ANNOTATIONS = 500
"""On an image."""

CORNERS, COLOUR_PARTS = 4, 3


def drawn_on(tree: Mapping[str, Any], image: int) -> tuple[Annotation, ...]:
    """Return what is drawn on an image.

    Parameters
    ----------
    tree
        The tags of a file.
    image
        The image's place in ``ImageList``.
    """
    found: list[Annotation] = []
    for display in displays(tree, image):
        for one in groups(display.get("AnnotationGroupList")):
            if scalar(one.get("IsVisible", 1)):
                found.extend(_drawn(one))
    return tuple(found[:MOST_ANNOTATIONS])


def displays(tree: Mapping[str, Any], image: int) -> Iterator[Mapping[str, Any]]:
    """Yield the displays of an image: objects of the document that show it."""
    sources = list(groups(tree.get("ImageSourceList")))
    for one in groups(tree.get("DocumentObjectList")):
        source = scalar(one.get("ImageSource"))
        if not isinstance(source, int) or not 0 <= source < len(sources):
            continue
        if scalar(sources[source].get("ImageRef")) == image:
            yield one


def _drawn(tags: Mapping[str, Any]) -> Iterator[Annotation]:
    type_ = scalar(tags.get("AnnotationType"))
    colour = _colour(tags)
    if type_ == CURVE:
        yield from _curve(tags, colour)
        return
    kind = KINDS.get(type_) if isinstance(type_, int) else None
    corners = _numbers(tags.get("Rectangle"), CORNERS)
    if kind is None or corners is None:
        return
    top, left, bottom, right = corners
    single = kind in {"text", "points"}
    ends = ((left, top),) if single else ((left, top), (right, bottom))
    text = str(scalar(tags.get("Text")) or scalar(tags.get("Label")) or "")
    yield Annotation(kind=kind, points=ends, text=text, colour=colour)  # type: ignore[arg-type]  # of `KINDS`


def _curve(
    tags: Mapping[str, Any], colour: tuple[int, int, int]
) -> Iterator[Annotation]:
    vertices = [_numbers(one, 2) for one in group(tags, "VertexList").values()]
    step = max(1, math.ceil(len(vertices) / MOST_VERTICES))
    points = [(one[0], one[1]) for one in vertices[::step] if one is not None]
    if scalar(tags.get("IsClosed")) and points:
        points.append(points[0])
    for start, end in pairwise(points):
        yield Annotation(kind="line", points=(start, end), colour=colour)


def _numbers(value: object, length: int) -> Sequence[float] | None:
    if not isinstance(value, list | tuple) or len(value) != length:
        return None
    if not all(isinstance(one, int | float) and math.isfinite(one) for one in value):
        return None
    return value


def _colour(tags: Mapping[str, Any]) -> tuple[int, int, int]:
    """Return a colour, of which the file has 16 bits, as signed numbers."""
    given = _numbers(tags.get("Color", tags.get("ForegroundColor")), COLOUR_PARTS)
    if given is None:
        return (255, 60, 60)
    red, green, blue = ((int(one) & 0xFFFF) >> 8 for one in given)
    return red, green, blue
