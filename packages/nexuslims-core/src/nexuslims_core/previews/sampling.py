"""Reading of an array as much as a preview can show, however big it is.

Arrays may be on disk: memory maps, HDF5 data sets, dask arrays. All that is asked of
them is a shape, a type, and slices with positive steps. Rows are read whole and thinned
in memory, for some of them are slow at picking single elements.
"""

from __future__ import annotations

import math
import mmap
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

Values = npt.NDArray[Any]

MOST = 2048
"""Rows and columns that are looked at of an image; more would not show."""
_PLANE_BYTES = 1 << 26
"""What is read of an image, in all."""
_BLOCK_POINTS = 1 << 20
"""Points that are read at a time of a curve that is too long to be kept."""
_BLOCK_BYTES = 1 << 23
"""What is read at a time of an image that is too big to be read whole."""
_FLAT = 2
"""Dimensions of an image without channels of colour."""
_FEWEST = 512
"""Rows that are looked at, whatever they cost; then as many columns."""
_APART = 64
"""Values of spectra that are read at a time where they lie far apart."""
_WHOLE_CURVE = 1 << 20
"""Points that are kept of all curves of a graph."""
_MOST_POINTS = 1 << 24
"""Points that are looked at; of more, those at the beginning of each section."""
_SECTIONS = 4096
"""Parts of a long curve, of which the lowest and the highest point are kept."""


@dataclass(frozen=True, kw_only=True)
class Curve:
    """Points of a curve, in the order of its axis."""

    positions: Values
    """Index of each along the axis, as ``float64``."""
    values: Values
    """Real numbers, perhaps not finite, as ``float64``."""
    size: int
    """How long the axis is."""


def plane(
    array: Any,  # noqa: ANN401 - array-like
    axes: tuple[int, int],
    fixed: Mapping[int, int] | None = None,
    most: int = MOST,
) -> Values:
    """Return an image out of an array, thinned evenly if it is big.

    Parameters
    ----------
    array
        Array to take from.
    axes
        Rows and columns, in the array's order. Only channels of colour may be a third.
    fixed
        Indices along other axes, which the result lacks.
    most
        Rows and columns that are worth having.
    """
    rows, columns = axes
    key = _key(array, fixed or {})
    high, wide = array.shape[rows], array.shape[columns]
    row_bytes = max(1, _bytes(array, key) // high)
    affordable = _PLANE_BYTES // row_bytes
    whole_rows = affordable >= _FEWEST
    down = -(-high // min(most, affordable if whole_rows else _FEWEST))
    across = -(-wide // min(most, most if whole_rows else _FEWEST))
    if down == across == 1:
        return np.asarray(array[key])
    # Rows of which too few could be afforded are thinned by what they are asked from.
    there, here = (1, across) if whole_rows else (across, 1)
    per_block = down * max(1, _BLOCK_BYTES // row_bytes)
    blocks = []
    for start in range(0, high, per_block):
        chosen = {
            rows: slice(start, min(high, start + per_block), down),
            columns: slice(None, None, there),
        }
        block = array[_key(array, {**(fixed or {}), **chosen})]
        blocks.append(_thinned(np.asarray(block), here))
        _forget(block)
    return np.concatenate(blocks)


def _thinned(block: Values, step: int) -> Values:
    """Return a copy of every so many columns."""
    flat = block.ndim == _FLAT or block.strides[-1] != block.itemsize
    if step == 1 or flat or not block.size:
        return block[:, ::step].copy()
    # A pixel's channels are copied as one thing, which is much quicker than one by one.
    pixels = block.view(np.dtype((np.void, block.itemsize * block.shape[-1])))
    thinned = pixels[:, ::step, 0].copy()
    return thinned.view(block.dtype).reshape(*thinned.shape, block.shape[-1])


def curve(
    array: Any,  # noqa: ANN401 - array-like
    axis: int,
    fixed: Mapping[int, int] | None = None,
    curves: int = 1,
) -> Curve:
    """Return the values along one axis; of a very long one, their bounds.

    Parameters
    ----------
    array
        Array to take from.
    axis
        Axis of the curve.
    fixed
        Indices along all other axes.
    curves
        How many curves are wanted in all, which share what may be read and kept.
    """
    size = array.shape[axis]
    if size <= _WHOLE_CURVE // curves:
        return as_curve(np.asarray(array[_key(array, fixed or {})]))
    section = -(-size // _SECTIONS)
    looked_at = min(section, max(1, _MOST_POINTS // curves // _SECTIONS))
    # Sections that are looked at in part are read one by one.
    step = section if looked_at < section else section * -(-_BLOCK_POINTS // section)
    lowest, highest = [], []
    for start in range(0, size, step):
        stop = min(size, start + (looked_at if looked_at < section else step))
        part = array[_key(array, {**(fixed or {}), axis: slice(start, stop)})]
        values = as_curve(np.asarray(part)).values
        starts = np.arange(0, values.size, section)
        lowest.append(np.fmin.reduceat(values, starts))
        highest.append(np.fmax.reduceat(values, starts))
        _forget(part)
    bounds = np.stack([np.concatenate(lowest), np.concatenate(highest)], axis=1)
    middles = np.arange(len(bounds)) * section + looked_at / 2
    return Curve(positions=np.repeat(middles, 2), values=bounds.ravel(), size=size)


def as_curve(values: Values) -> Curve:
    """Return a one-dimensional array as a curve; of complex numbers, the amplitude."""
    real = np.abs(values) if values.dtype.kind == "c" else values
    positions = np.arange(values.size, dtype=np.float64)
    return Curve(positions=positions, values=real.astype(np.float64), size=values.size)


def curves_over_grid(
    array: Any,  # noqa: ANN401 - array-like
    across: tuple[int, int],
    along: int,
    most: int,
) -> tuple[list[tuple[int, int]], list[Curve]]:
    """Return curves from positions that are evenly spread over two axes, and these.

    They are asked for at once: where an array is stored in compressed chunks, each is
    then read a single time.
    """
    rows, columns = (array.shape[axis] for axis in across)
    down = min(rows, math.isqrt(most))
    right = min(columns, most // down)
    down = min(rows, most // right)
    chosen = (_spread_slice(rows, down), _spread_slice(columns, right))
    places = [
        (row, column)
        for row in range(rows)[chosen[0]]
        for column in range(columns)[chosen[1]]
    ]
    if array.shape[along] * len(places) > _WHOLE_CURVE:
        fixed = [dict(zip(across, place, strict=True)) for place in places]
        return places, [curve(array, along, one, len(places)) for one in fixed]
    block = _in_parts(array, dict(zip(across, chosen, strict=True)), along)
    spectra = np.moveaxis(block, along, -1).reshape(len(places), -1)
    return places, [as_curve(one) for one in spectra]


def _in_parts(
    array: Any,  # noqa: ANN401 - array-like
    chosen: Mapping[int, slice],
    along: int,
) -> Values:
    """Return what is chosen, of which not too much is touched at a time."""
    size = array.shape[along]
    step = size if _lies_together(array, chosen, along) else _APART
    parts = []
    for start in range(0, size, step):
        section = slice(start, min(size, start + step))
        part = array[_key(array, {**chosen, along: section})]
        parts.append(np.array(part))
        _forget(part)
    return np.concatenate(parts, axis=along)


def _lies_together(
    array: Any,  # noqa: ANN401 - array-like
    chosen: Mapping[int, slice],
    along: int,
) -> bool:
    """Tell whether the values of a spectrum are neighbours on disk.

    Elsewhere each may be in a page of its own. The last axis may be anything in an
    array whose axes have been put in another order.
    """
    if along != len(array.shape) - 1:
        return False
    places = {axis: slice(one.start, one.start + 1) for axis, one in chosen.items()}
    first = array[_key(array, {**places, along: slice(0, 1)})]
    return _map_of(first) is None or bool(first.strides[along] == first.itemsize)


def square_grid(rows: int, columns: int, most: int) -> list[tuple[int, int]]:
    """Return as many rows of positions as there are in each, up to `most`."""
    side = min(rows, columns, most)
    down, right = _spread_slice(rows, side), _spread_slice(columns, side)
    return [
        (row, column) for row in range(rows)[down] for column in range(columns)[right]
    ]


def spread(sizes: Sequence[int], most: int) -> Iterator[tuple[int, ...]]:
    """Yield up to `most` positions, from the first to the last of a grid."""
    count = math.prod(sizes)
    number = min(count, most)
    for step in range(number):
        index = step * (count - 1) // max(1, number - 1)
        yield tuple(int(part) for part in np.unravel_index(index, tuple(sizes)))


def _spread_slice(size: int, number: int) -> slice:
    """Return so many evenly spaced indices, with the same distance from both ends."""
    step = size // number
    start = (size - 1 - step * (number - 1)) // 2
    return slice(start, start + step * (number - 1) + 1, step)


def _forget(part: Any) -> None:  # noqa: ANN401 - array-like
    """Give back the memory of what was read from a memory map.

    It belongs to the file and would be given back when needed; but until then it counts
    as used, and a limit on the memory of a worker would end it.
    """
    mapped = _map_of(part)
    if mapped is not None and hasattr(mmap, "MADV_DONTNEED"):
        mapped.madvise(mmap.MADV_DONTNEED)


def _map_of(part: Any) -> mmap.mmap | None:  # noqa: ANN401 - array-like
    """Return the map that a slice is a part of, unless it can be written to.

    What was sliced need not be a map itself, and the slice may be a plain array.
    """
    mode, base = None, part
    while isinstance(base, np.ndarray):
        mode = getattr(base, "mode", mode)
        base = base.base
    return base if mode == "r" and isinstance(base, mmap.mmap) else None


def _key(
    array: Any,  # noqa: ANN401 - array-like
    chosen: Mapping[int, int | slice],
) -> tuple[int | slice, ...]:
    return tuple(chosen.get(axis, slice(None)) for axis in range(len(array.shape)))


def _bytes(
    array: Any,  # noqa: ANN401 - array-like
    key: Sequence[int | slice],
) -> int:
    """Return the size of what `key` selects, where it holds whole axes and indices."""
    sizes = (
        size
        for size, part in zip(array.shape, key, strict=True)
        if isinstance(part, slice)
    )
    return int(array.dtype.itemsize * math.prod(sizes))
