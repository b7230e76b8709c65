"""From numbers to shades: arrays of any type become 8-bit images."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt
from PIL import Image

if TYPE_CHECKING:
    from collections.abc import Mapping

Values = npt.NDArray[Any]
Bytes = npt.NDArray[np.uint8]

PERCENTILES = (2.0, 98.0)
"""Shares of the values that are drawn black and not yet white."""
_MID_GREY = 128
_FLAT_8_BIT = 32
"""Range of 8-bit values below which contrast is stretched; above, it was chosen."""
_MOST = 2000
"""Rows and columns that are looked at; more would not show."""


def thinned(
    array: Any,  # noqa: ANN401 - array-like
    axes: tuple[int, int],
    fixed: Mapping[int, int] | None = None,
) -> Values:
    """Return a part of a big array, evenly spread over two of its axes.

    Works on anything that has a shape and can be sliced, so of an array that is still
    on disk only that part need be read.

    Parameters
    ----------
    array
        Array to take from.
    axes
        Rows and columns.
    fixed
        Indices along other axes, which the result lacks.
    """
    part: list[slice | int] = [slice(None)] * len(array.shape)
    for axis in axes:
        part[axis] = slice(None, None, max(1, -(-array.shape[axis] // _MOST)))
    for axis, index in (fixed or {}).items():
        part[axis] = index
    return np.asarray(array[tuple(part)])


def grey_image(values: Values) -> Image.Image:
    """Draw a two-dimensional array of real or complex numbers in grey."""
    if np.iscomplexobj(values):
        return Image.fromarray(_stretched(_log_amplitude(values), (66.0, 100.0)))
    if values.dtype == np.uint8:
        low, high = np.percentile(values, PERCENTILES)
        if high - low >= _FLAT_8_BIT:
            return Image.fromarray(np.ascontiguousarray(values))
    return Image.fromarray(_stretched(values, PERCENTILES))


def colour_image(values: Values) -> Image.Image:
    """Draw an array of rows, columns and three or four channels, the fourth alpha."""
    if values.dtype == np.uint8 and not _is_dim(values[..., :3]):
        return Image.fromarray(np.ascontiguousarray(values))
    colours = _stretched(values[..., :3], PERCENTILES)
    if values.shape[-1] == 3:  # noqa: PLR2004 - red, green and blue
        return Image.fromarray(colours)
    alpha = _opacity(values[..., 3:])
    return Image.fromarray(np.concatenate([colours, alpha], axis=-1))


def _is_dim(values: Values) -> bool:
    return bool(0 < np.percentile(values, PERCENTILES[1]) < _FLAT_8_BIT)


def _log_amplitude(values: Values) -> Values:
    amplitude = np.abs(values).astype(np.float64)
    amplitude[~(amplitude > 0)] = np.nan
    return np.log(amplitude)


def _opacity(alpha: Values) -> Bytes:
    full = np.iinfo(alpha.dtype).max if alpha.dtype.kind in "ui" else 1.0
    share = np.nan_to_num(alpha.astype(np.float64)) / full
    opacity: Bytes = (share.clip(0, 1) * 255).round().astype(np.uint8)
    return opacity


def _stretched(values: Values, percentiles: tuple[float, float]) -> Bytes:
    """Spread values between two percentiles over all shades.

    Where these coincide, as in an image that is mostly empty, the extremes are used;
    where those do, the image is grey. What is not a number is black.
    """
    # Halved, so that no difference of two numbers overflows.
    halved = values.astype(np.float64) * 0.5
    finite = halved[np.isfinite(halved)]
    if not finite.size:
        return np.zeros(values.shape, np.uint8)
    low, high = np.percentile(finite, percentiles)
    if not high > low:
        low, high = finite.min(), finite.max()
    if not high > low:
        grey = np.full(values.shape, _MID_GREY, np.uint8)
        grey[~np.isfinite(halved)] = 0
        return grey
    numbers = np.nan_to_num(halved, nan=low, posinf=high, neginf=low).clip(low, high)
    shades: Bytes = ((numbers - low) / (high - low) * 255).round().astype(np.uint8)
    return shades
