"""Drawing curves: spectra and profiles."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt
from PIL import Image, ImageDraw

from nexuslims_core.previews.canvas import SIZE
from nexuslims_core.previews.lettering import Lettering

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from nexuslims_core.model.files import Axis

_FINE = 3
"""Curves are drawn so many times larger, then reduced, for smooth lines."""
_LEFT, _TOP, _RIGHT, _BOTTOM = 20, 20, 480, 430
"""Where the frame is."""
_INK = (29, 78, 137)
_FRAME = (60, 60, 60)
_GRID = (225, 228, 232)
_TICKS = 6
_MARGIN = 0.04
"""Part of the height that stays free above and below the curve."""
_OVERLAP = 0.35
"""Height of one of several curves, beyond its share, as part of the frame's."""

Curve = npt.NDArray[Any]


def plot_curves(curves: Sequence[Curve], axis: Axis) -> Image.Image:
    """Draw curves over a common axis, several of them one above the other.

    Parameters
    ----------
    curves
        One-dimensional arrays of real numbers, all as long as `axis`. Values that are
        not finite are left out.
    axis
        What is below the frame: positions, name and unit.

    Returns
    -------
    PIL.Image.Image
        RGBA, 500×500 pixels, on white.
    """
    canvas = Image.new("RGB", (SIZE * _FINE, SIZE * _FINE), "white")
    draw = ImageDraw.Draw(canvas)
    ticks = list(_ticks(axis))
    for x, _ in ticks:
        _line(draw, [(x, _TOP), (x, _BOTTOM)], _GRID, 1)
    limits = _limits(curves)
    share = (_BOTTOM - _TOP) / len(curves)
    height = share if len(curves) == 1 else share + _OVERLAP * (_BOTTOM - _TOP - share)
    spare = (_BOTTOM - _TOP - height) / max(1, len(curves) - 1)
    for index, curve in enumerate(curves):
        bottom = _BOTTOM - index * spare
        for points in _strokes(curve, limits, bottom, height):
            _line(draw, points, _INK, 1.6 if len(curves) == 1 else 1.2)
    corners = ((_LEFT, _TOP), (_RIGHT, _TOP), (_RIGHT, _BOTTOM), (_LEFT, _BOTTOM))
    _line(draw, [*corners, corners[0]], _FRAME, 1)
    image = canvas.resize((SIZE, SIZE), Image.Resampling.LANCZOS).convert("RGBA")
    _label(image, ticks, axis)
    return image


def _limits(curves: Sequence[Curve]) -> tuple[float, float]:
    """Return the lowest and the highest value, halved so that nothing overflows."""
    finite = [curve[np.isfinite(curve)].astype(np.float64) * 0.5 for curve in curves]
    values = np.concatenate(finite)
    if not values.size or not values.max() > values.min():
        middle = float(values[0]) if values.size else 0.0
        return middle - max(1.0, abs(middle)), middle + max(1.0, abs(middle))
    return float(values.min()), float(values.max())


def _strokes(
    curve: Curve, limits: tuple[float, float], bottom: float, height: float
) -> Iterator[list[tuple[float, float]]]:
    """Yield the unbroken parts of a curve as points on the canvas."""
    columns = (_RIGHT - _LEFT) * _FINE
    x, values = _envelope(curve.astype(np.float64) * 0.5, columns)
    known = np.isfinite(values)
    low, high = limits
    level = np.full(values.shape, np.nan)
    level[known] = (values[known] - low) / (high - low)
    place = _LEFT + x / max(1, curve.size - 1) * (_RIGHT - _LEFT)
    y = bottom - height * (_MARGIN + level * (1 - 2 * _MARGIN))
    cuts = np.flatnonzero(np.diff(known.astype(np.int8))) + 1
    for part in np.split(np.arange(values.size), cuts):
        if known[part[0]]:
            yield list(zip(place[part].tolist(), y[part].tolist(), strict=True))


def _envelope(values: Curve, columns: int) -> tuple[Curve, Curve]:
    """Reduce a long curve to the lowest and the highest value of each column."""
    position = np.arange(values.size, dtype=np.float64)
    per_column = values.size // columns
    if per_column < 3:  # noqa: PLR2004 - two values replace each group
        return position, values
    used = values.size // per_column * per_column
    starts = np.arange(0, used, per_column)
    low = np.fmin.reduceat(values, starts)
    high = np.fmax.reduceat(values, starts)
    middle = starts + per_column / 2
    return np.repeat(middle, 2), np.stack([low, high], axis=1).ravel()


def _ticks(axis: Axis) -> Iterator[tuple[float, str]]:
    """Yield places on the canvas and the round numbers to write there."""
    if axis.size < 2 or not math.isfinite(axis.scale) or not axis.scale:  # noqa: PLR2004 - a span has two ends
        return
    span = axis.scale * (axis.size - 1)
    step = _round_step(abs(span) / _TICKS)
    low = min(axis.offset, axis.offset + span)
    for index in range(math.ceil(low / step), math.floor((low + abs(span)) / step) + 1):
        x = _LEFT + (index * step - axis.offset) / span * (_RIGHT - _LEFT)
        yield x, f"{round(index * step, 12):.6g}"


def _round_step(least: float) -> float:
    power = 10.0 ** math.floor(math.log10(least))
    return next(n * power for n in (1, 2, 5, 10) if n * power >= least * (1 - 1e-9))


def _label(image: Image.Image, ticks: Sequence[tuple[float, str]], axis: Axis) -> None:
    draw, small, large = ImageDraw.Draw(image), Lettering(size=14), Lettering(size=18)
    beyond = 0.0
    for x, text in sorted(ticks):
        width = small.width(text)
        left = max(2.0, min(x - width / 2, SIZE - width - 2))
        if left >= beyond:
            small.write(draw, (left, _BOTTOM + 5), text, _FRAME)
            beyond = left + width + 8
    title = f"{axis.name} ({axis.unit})" if axis.unit else axis.name
    left = max(4, (SIZE - large.width(title)) // 2)
    large.write(draw, (left, _BOTTOM + 30), title, _FRAME)


def _line(
    draw: ImageDraw.ImageDraw,
    points: Sequence[tuple[float, float]],
    colour: tuple[int, int, int],
    width: float,
) -> None:
    scaled = [(x * _FINE, y * _FINE) for x, y in points]
    if len(scaled) == 1:
        ((x, y),) = scaled
        draw.ellipse((x - 4, y - 4, x + 4, y + 4), fill=colour)
        return
    draw.line(scaled, fill=colour, width=round(width * _FINE), joint="curve")
