"""Drawing the array that an extractor handed over, according to its axes."""

from __future__ import annotations

import math
from itertools import product
from typing import TYPE_CHECKING, Any

import numpy as np
from PIL import Image

from nexuslims_core.errors import PreviewError
from nexuslims_core.model.files import Axis
from nexuslims_core.previews.canvas import SIZE, fitted, with_scale_bar, with_stamp
from nexuslims_core.previews.plots import plot_curves
from nexuslims_core.previews.scalebar import length_factor, scale_bar
from nexuslims_core.previews.tones import colour_image, grey_image, thinned

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from nexuslims_core.model.files import PreviewSource

_CHANNELS = (3, 4)
_MOST_ASPECT = 20.0
"""Ratio of the pixel's sides beyond which an image is drawn with square ones."""
_TILES = 3
"""Frames of a series are shown in up to so many rows of so many."""
_CURVES = 9
"""Spectra that are shown of a spectrum image."""


def render_array(source: PreviewSource) -> Image.Image:
    """Draw an array of any number of dimensions.

    One dimension is a curve, two are an image; one or more frames of a series of images
    are shown side by side, some spectra of a spectrum image above each other.

    Parameters
    ----------
    source
        Array and axes. Without axes, the last two dimensions are an image, and a last
        one of 3 or 4 is its colour.

    Returns
    -------
    PIL.Image.Image
        RGBA, 500×500 pixels, transparent around what is drawn.

    Raises
    ------
    PreviewError
        If the array is empty, not of numbers, or does not match its axes.
    """
    array = source.read()
    if not hasattr(array, "dtype"):
        array = np.asarray(array)
    if array.dtype.kind not in "buifc":
        msg = f"cannot draw an array of {array.dtype}; expected numbers"
        raise PreviewError(msg)
    if 0 in array.shape or not array.shape:
        msg = f"cannot draw an array of shape {array.shape}; expected data along axes"
        raise PreviewError(msg)
    axes, coloured = _axes(array.shape, array.dtype, source.axes)
    across = tuple(i for i, axis in enumerate(axes) if axis.navigation)
    along = tuple(i for i, axis in enumerate(axes) if not axis.navigation)
    if not along or (len(along) == 1 and len(across) == 1):
        # A map over scan positions, or a line scan: an image all the same.
        along, across = (*across, *along), ()
    if len(along) == 1:
        return _curves(array, axes, across, along[0])
    return _images(array, axes, (*across, *along[:-2]), coloured=coloured)


def _axes(
    shape: tuple[int, ...], dtype: np.dtype[Any], given: Sequence[Axis]
) -> tuple[list[Axis], bool]:
    """Return an axis for each dimension but that of colour, and if there is colour."""
    dimensions = len(given)
    colour = len(shape) > 2 and shape[-1] in _CHANNELS and dtype.kind in "uif"  # noqa: PLR2004 - rows, columns, colours
    if given and dimensions == len(shape):
        return list(given), False
    if given and dimensions == len(shape) - 1 and colour:
        return list(given), True
    if given:
        msg = f"array of shape {shape} has {dimensions} axes; expected one each"
        raise PreviewError(msg)
    sizes = shape[:-1] if colour else shape
    last = len(sizes) - 2
    axes = [Axis(name="", size=n, navigation=i < last) for i, n in enumerate(sizes)]
    return axes, colour


def _curves(
    array: Any,  # noqa: ANN401 - array-like
    axes: Sequence[Axis],
    across: tuple[int, ...],
    along: int,
) -> Image.Image:
    curves = []
    for place in _spread([axes[i].size for i in across], _CURVES):
        fixed = dict(zip(across, place, strict=True))
        part = tuple(fixed.get(axis, slice(None)) for axis in range(len(axes)))
        curves.append(np.asarray(array[part]))
    if array.dtype.kind == "c":
        curves = [np.abs(curve) for curve in curves]
    plot = plot_curves(curves, axes[along])
    if not across:
        return plot
    extent = "x".join(str(axes[i].size) for i in across)
    return with_stamp(plot, f"{extent} spectra")


def _images(
    array: Any,  # noqa: ANN401 - array-like
    axes: Sequence[Axis],
    across: tuple[int, ...],
    *,
    coloured: bool,
) -> Image.Image:
    along = _remaining(len(axes), across)
    draw = colour_image if coloured else grey_image
    frames = [
        draw(thinned(array, along, dict(zip(across, place, strict=True))))
        for place in _spread([axes[i].size for i in across], _TILES**2)
    ]
    count = math.prod(axes[i].size for i in across)
    if count == 1:
        return _calibrated(frames[0], axes[along[0]], axes[along[1]])
    return with_stamp(_tableau(frames), f"{len(frames)} of {count}")


def _remaining(dimensions: int, across: tuple[int, ...]) -> tuple[int, int]:
    rows, columns = (axis for axis in range(dimensions) if axis not in across)
    return rows, columns


def _calibrated(image: Image.Image, vertical: Axis, horizontal: Axis) -> Image.Image:
    square, shown = fitted(image, _aspect(vertical, horizontal, image.size))
    extent = abs(horizontal.scale) * horizontal.size
    bar = scale_bar(extent, horizontal.unit, shown.width)
    return square if bar is None else with_scale_bar(square, shown, bar)


def _aspect(vertical: Axis, horizontal: Axis, drawn: tuple[int, int]) -> float:
    """Return how high a drawn pixel is in units of its width."""
    columns, rows = drawn
    thinning = (vertical.size / rows) / (horizontal.size / columns)
    if vertical.navigation != horizontal.navigation:
        return columns / rows  # a line scan: spectra as rows, drawn as high as wide
    both = length_factor(vertical.unit), length_factor(horizontal.unit)
    if None in both or not horizontal.scale:
        return thinning
    high = abs(vertical.scale) * (both[0] or 1.0)
    ratio = high / (abs(horizontal.scale) * (both[1] or 1.0))
    sensible = 1 / _MOST_ASPECT <= ratio <= _MOST_ASPECT
    return thinning * ratio if sensible else thinning


def _tableau(frames: Sequence[Image.Image]) -> Image.Image:
    columns = math.ceil(math.sqrt(len(frames)))
    rows = math.ceil(len(frames) / columns)
    cell, gap = SIZE // columns, 4
    square = Image.new("RGBA", (SIZE, SIZE), (255, 255, 255, 0))
    top = (SIZE - rows * cell) // 2
    for frame, (row, column) in zip(
        frames, product(range(rows), range(columns)), strict=False
    ):
        tile = fitted(frame)[0].resize((cell - gap, cell - gap))
        square.paste(tile, (column * cell + gap // 2, top + row * cell + gap // 2))
    return square


def _spread(sizes: Sequence[int], most: int) -> Iterator[tuple[int, ...]]:
    """Yield up to `most` positions, evenly spread over a grid of the given sizes."""
    count = math.prod(sizes)
    flat = np.linspace(0, count - 1, min(count, most)).round().astype(int)
    for index in flat.tolist():
        yield tuple(int(part) for part in np.unravel_index(index, tuple(sizes)))
