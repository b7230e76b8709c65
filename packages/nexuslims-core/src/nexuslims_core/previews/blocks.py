"""Means over blocks of an array that is larger than what will be drawn of it."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import numpy.typing as npt

Values = npt.NDArray[Any]

_CACHED = 1 << 17
"""Numbers that are worked on at a time."""
_EXACT = 1 << 24
"""Whole numbers below this are exact in single precision, and so are their sums."""
_SAFE_SINGLE = 1e30
"""Beyond this, sums in single precision may overflow."""
_DIGITS = 1 << 12
"""How many times a range of numbers, single precision may be asked to count to."""
_SINGLE_BYTES = 4


def block_means(
    values: Values, block: tuple[int, int], cut: tuple[float, float] | None = None
) -> Values:
    """Return the means of blocks, which may be smaller at the lower and right edge.

    A block with something that is not a number has no mean.

    Parameters
    ----------
    values
        Rows and columns of real numbers.
    block
        Rows and columns of a block.
    cut
        The least and the greatest value that counts: others count as these.

    Returns
    -------
    numpy.ndarray
        In single precision, or in double where it takes that.
    """
    if values.dtype.kind not in "iuf" or values.dtype == np.float16:
        values = values.astype(np.float32)
    rows, columns = values.shape
    dtype = np.float32 if _suits_single(values.dtype, block, cut) else np.float64
    at_once = block[0] * max(1, _CACHED // (columns * block[0]))
    # What fits into the processor's cache is done several times as fast.
    parts = (values[row : row + at_once] for row in range(0, rows, at_once))
    bounds = None if cut is None else _bounds(values.dtype, cut)
    means = np.concatenate([_sums(part, block, bounds, dtype) for part in parts])
    means /= _sizes(rows, block[0])[:, np.newaxis]
    means /= _sizes(columns, block[1])
    return means


def _sums(
    values: Values,
    block: tuple[int, int],
    bounds: tuple[float, float] | None,
    dtype: npt.DTypeLike,
) -> Values:
    if bounds is not None and not _are_within(values, bounds):
        values = np.clip(values, *bounds)
    # What is small enough for single precision is small enough for these as well, and
    # whole numbers are added as they are in half the time.
    whole = values.dtype.kind in "iu" and dtype == np.float32
    of_rows = _sums_of_rows(values, block[0], np.int32 if whole else dtype)
    return _sums_of_rows(of_rows.T, block[1], dtype).T


def _are_within(values: Values, bounds: tuple[float, float]) -> bool:
    low, high = bounds
    return bool(values.min() >= low and values.max() <= high)


def _sums_of_rows(values: Values, size: int, dtype: npt.DTypeLike) -> Values:
    sums = values[::size].astype(dtype)
    for start in range(1, size):
        part = values[start::size]
        some = sums[: len(part)]
        np.add(some, part, out=some, dtype=dtype, casting="unsafe")
    return sums


def _sizes(length: int, size: int) -> npt.NDArray[np.float32]:
    """Return how long blocks are in one direction: the last one is what is left."""
    sizes = np.full(-(-length // size), size, np.float32)
    sizes[-1] = length - size * (len(sizes) - 1)
    return sizes


def _suits_single(
    dtype: np.dtype[Any], block: tuple[int, int], cut: tuple[float, float] | None
) -> bool:
    """Tell whether sums in single precision say as much as what is summed."""
    if dtype.kind == "f" and dtype.itemsize > _SINGLE_BYTES:
        return False
    if cut is None:
        return dtype.kind == "f"
    most = max(map(abs, cut))
    if dtype.kind != "f":
        return most * math.prod(block) < _EXACT
    return most < min(_SAFE_SINGLE, (cut[1] - cut[0]) * _DIGITS)


def _bounds(dtype: np.dtype[Any], cut: tuple[float, float]) -> tuple[float, float]:
    """Return two limits as numbers that the type has."""
    if dtype.kind == "f":
        return cut
    least, most = np.iinfo(dtype).min, np.iinfo(dtype).max
    low, high = math.floor(cut[0]), math.ceil(cut[1])
    return max(least, min(low, most)), max(least, min(high, most))
