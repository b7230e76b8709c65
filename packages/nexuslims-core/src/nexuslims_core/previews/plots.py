"""Drawing curves: spectra, profiles, and spectra of a scan."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt
from PIL import Image, ImageDraw

from nexuslims_core.previews.canvas import Box, Page, resized
from nexuslims_core.previews.graphs import (
    GRID,
    PAPER,
    Graph,
    add_frame,
    as_picture,
    frame_of,
    ticks_below,
    ticks_beside,
)
from nexuslims_core.previews.heights import Heights, heights_of, levelled
from nexuslims_core.previews.peaks import (
    add_peak_labels,
    add_ranges,
    index_place,
    skyline_of,
)
from nexuslims_core.previews.rulers import Marks, Tick, axis_ruler
from nexuslims_core.previews.sampling import (
    Curve,
    curve,
    curves_over_grid,
    plane,
    spread,
)
from nexuslims_core.previews.tones import SPECTRA, grey_image

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from nexuslims_core.model.files import Annotation
    from nexuslims_core.previews.graphs import Colour
    from nexuslims_core.previews.signals import Signal

Values = npt.NDArray[Any]

COLOURS = (
    (29, 78, 137),
    (213, 94, 0),
    (0, 130, 90),
    (170, 50, 120),
    (70, 160, 215),
    (120, 80, 40),
    (200, 155, 0),
    (95, 95, 95),
    (200, 30, 40),
    (110, 90, 190),
)
"""Told apart by most people, on white."""
_FINE = 3
"""Curves are drawn so many times larger, then reduced, for smooth lines."""
_FINE_LARGE = 2
"""The same on pages that are large anyway, and where there are many curves."""
_LARGE = 1000
_PLANE = 2
_CURVES = 9
"""Spectra that are shown of a spectrum image."""
_OVERLAP = 0.35
"""Height of one of several curves, beyond its share, as part of the frame's."""
_JOINTED = 400
"""Points up to which corners of a curve are rounded; more are too near to see."""


def draw_curve(
    signal: Signal, page: Page, title: str, annotations: Sequence[Annotation]
) -> Image.Image:
    """Draw a spectrum or profile over its axis."""
    one = curve(signal.array, signal.along[0], signal.fixed)
    return _plotted(signal, [one], page, title=title, annotations=annotations)


def draw_overlay(
    signal: Signal, page: Page, title: str, annotations: Sequence[Annotation]
) -> Image.Image:
    """Draw curves that have names in one graph, with a legend."""
    (across,), count = signal.across, min(signal.steps[0], len(COLOURS))
    curves = [
        curve(signal.array, signal.along[0], {**signal.fixed, across: index}, count)
        for index in range(count)
    ]
    names = signal.named
    return _plotted(
        signal, curves, page, title=title, annotations=annotations, names=names
    )


def draw_cascade(signal: Signal, page: Page, title: str) -> Image.Image:
    """Draw spectra from all over a scan, one above the other."""
    places, curves = _scattered(signal)
    extent = "×".join(str(size) for size in reversed(signal.steps))
    share, heights = (1 - _OVERLAP) / len(curves), heights_of(curves)
    graph = Graph(
        below=axis_ruler(signal.axes[signal.along[0]]),
        beside=_marks(places, share, heights),
        title=title,
        remark=f"{extent} Spectrum Image",
    )
    box = frame_of(graph, page)
    spare, height = share * (box.height - 1), (share + _OVERLAP) * box.height
    layer, fine = _layer(graph, box, page, _FINE_LARGE)
    draw = ImageDraw.Draw(layer)
    for index in reversed(range(len(curves))):
        foot = box.height - 1 - index * spare
        columns, rows = _points(curves[index], heights, (box.width, foot, height))
        for points in _strokes(columns, rows):
            ends = (points[-1][0], foot), (points[0][0], foot)
            if len(points) > 1:
                draw.polygon(_enlarged([*points, *ends], fine), fill=PAPER)
            _line(draw, points, COLOURS[0], 1.5 * page.zoom * fine, fine)
    paper = _paper(page, layer, box, fine)
    add_frame(paper, graph, box, page)
    return as_picture(paper, graph, page)


def draw_line_scan(signal: Signal, page: Page, title: str) -> Image.Image:
    """Draw the spectra of a line as rows of an image, with both axes."""
    (across,), (along,) = signal.across, signal.along
    graph = Graph(
        below=axis_ruler(signal.axes[along], edges=True),
        beside=axis_ruler(signal.axes[across], edges=True),
        title=title,
        downwards=True,
    )
    box = frame_of(graph, page)
    rows, columns = sorted((across, along))
    values = plane(signal.array, (rows, columns), signal.fixed)
    if across > along:
        values = values.T
    image = grey_image(levelled(values), max(box.width, box.height), SPECTRA)
    paper = Image.new("RGB", (page.width, page.height), PAPER)
    shown = resized(image, (box.width, box.height)).convert("RGB")
    paper.paste(shown, (box.left, box.top))
    add_frame(paper, graph, box, page)
    return as_picture(paper, graph, page)


def _plotted(
    signal: Signal,
    curves: Sequence[Curve],
    page: Page,
    *,
    title: str,
    annotations: Sequence[Annotation],
    names: Sequence[str] = (),
) -> Image.Image:
    labelled = any(one.text.strip() for one in annotations)
    heights = heights_of(curves, _quantity(signal), labelled=labelled)
    graph = Graph(
        below=axis_ruler(signal.axes[signal.along[0]]),
        beside=heights.ruler,
        title=title,
        legend=tuple(zip(names, COLOURS, strict=False)),
        unlisted=max(0, len(names) - len(curves)),
    )
    box, size = frame_of(graph, page), curves[0].size
    layer, fine = _layer(graph, box, page)
    add_ranges(layer, annotations, size)
    draw = ImageDraw.Draw(layer)
    drawn = []
    for one, colour in reversed(list(zip(curves, COLOURS, strict=False))):
        columns, rows = _points(one, heights, (box.width, box.height - 1, box.height))
        drawn.append((columns, rows))
        for points in _strokes(columns, rows):
            _line(draw, points, colour, 1.6 * page.zoom * fine, fine)
    paper = _paper(page, layer, box, fine)
    add_frame(paper, graph, box, page)
    if labelled:
        add_peak_labels(paper, skyline_of(drawn, box, size), annotations, page)
    return as_picture(paper, graph, page)


def _quantity(signal: Signal) -> str:
    """Return what is measured: as was said, else as far as its type tells."""
    if signal.quantity:
        return signal.quantity
    kind = signal.array.dtype.kind
    return {"u": "Counts", "i": "Counts", "c": "Amplitude"}.get(kind, "Intensity")


def _marks(places: Sequence[tuple[int, ...]], share: float, heights: Heights) -> Marks:
    """Return where spectra come from, at the foot of each."""
    name = "Column, row" if len(places[0]) == _PLANE else "Position"
    scale = " (logarithmic)" if heights.ruler.logarithmic else ""
    ticks = (
        Tick(place=index * share, text=", ".join(map(str, reversed(place))))
        for index, place in enumerate(places)
    )
    return Marks(all=tuple(ticks), label=f"{name}{scale}")


def _scattered(signal: Signal) -> tuple[list[tuple[int, ...]], list[Curve]]:
    along = signal.along[0]
    if len(signal.across) == _PLANE and not signal.fixed:
        rows, columns = signal.across
        found = curves_over_grid(signal.array, (rows, columns), along, _CURVES)
        return [*found[0]], found[1]
    places = list(spread(signal.steps, _CURVES))
    fixed = [
        {**signal.fixed, **dict(zip(signal.across, one, strict=True))} for one in places
    ]
    return places, [curve(signal.array, along, one, len(places)) for one in fixed]


def _layer(
    graph: Graph, box: Box, page: Page, most: int = _FINE
) -> tuple[Image.Image, int]:
    """Return an enlarged frame with its grid, and how much larger it is."""
    fine = min(most, _FINE if page.width < _LARGE else _FINE_LARGE)
    layer = Image.new("RGB", (box.width * fine, box.height * fine), PAPER)
    draw = ImageDraw.Draw(layer)
    for tick in ticks_below(graph, box, page):
        x = tick.place * (box.width - 1) * fine
        draw.rectangle((x, 0, x + fine - 1, layer.height), fill=GRID)
    for tick in ticks_beside(graph, box, page):
        y = (1 - tick.place) * (box.height - 1) * fine
        draw.rectangle((0, y, layer.width, y + fine - 1), fill=GRID)
    return layer, fine


def _paper(page: Page, layer: Image.Image, box: Box, fine: int) -> Image.Image:
    paper = Image.new("RGB", (page.width, page.height), PAPER)
    paper.paste(layer.reduce(fine), (box.left, box.top))
    return paper


def _points(
    one: Curve, heights: Heights, area: tuple[int, float, float]
) -> tuple[Values, Values]:
    """Return columns and rows of a curve that is drawn `width` wide, `height` high."""
    width, foot, height = area
    positions, values = _envelope(one, width)
    known = np.isfinite(values)
    rows = np.full(values.shape, np.nan)
    rows[known] = foot - height * heights.place(values[known])
    return index_place(positions, one.size) * (width - 1), rows


def _strokes(columns: Values, rows: Values) -> Iterator[list[tuple[float, float]]]:
    """Yield stretches of a curve without gaps."""
    known = np.isfinite(rows)
    cuts = np.flatnonzero(np.diff(known.astype(np.int8))) + 1
    for part in np.split(np.arange(rows.size), cuts):
        if known[part[0]]:
            yield list(zip(columns[part].tolist(), rows[part].tolist(), strict=True))


def _envelope(one: Curve, columns: int) -> tuple[Values, Values]:
    """Reduce a long curve to the lowest and the highest value of each column."""
    values = one.values
    per_column = values.size // columns
    if per_column < 3:  # noqa: PLR2004 - two values replace each group
        return one.positions, values
    starts = np.arange(0, values.size, per_column)
    low = np.fmin.reduceat(values, starts)
    high = np.fmax.reduceat(values, starts)
    ends = np.minimum(starts + per_column, values.size) - 1
    middle = (one.positions[starts] + one.positions[ends]) / 2
    return np.repeat(middle, 2), np.stack([low, high], axis=1).ravel()


def _line(
    draw: ImageDraw.ImageDraw,
    points: Sequence[tuple[float, float]],
    colour: Colour,
    width: float,
    fine: int,
) -> None:
    scaled = _enlarged(points, fine)
    if len(scaled) == 1:
        ((x, y),) = scaled
        radius = max(4.0, width)
        draw.ellipse((x - radius, y - radius, x + radius, y + radius), fill=colour)
        return
    joint = "curve" if len(scaled) < _JOINTED else None
    draw.line(scaled, fill=colour, width=max(1, round(width)), joint=joint)


def _enlarged(
    points: Sequence[tuple[float, float]], fine: int
) -> list[tuple[float, float]]:
    return [(x * fine, y * fine) for x, y in points]
