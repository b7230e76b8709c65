"""From numbers to shades: arrays of any type become 8-bit images."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
from PIL import Image

from nexuslims_core.previews.blocks import block_means

Values = npt.NDArray[Any]
Bytes = npt.NDArray[np.uint8]
Limits = tuple[float, float]

_OF_TRANSFORMS = (66.0, 99.9)
"""Shares of a Fourier transform that are black, being noise, and not yet white."""
_MID_GREY = 128
_OPAQUE = 255
_FLAT_8_BIT = 32
"""Range of 8-bit values below which contrast is stretched; above, it was chosen."""
_SAMPLE = 256
"""Rows and columns that percentiles are taken from."""
_SORTED_FAST = (4, 8)
"""Bytes of the floating-point numbers that NumPy sorts several at a time."""
_SAFE = 1e300
"""Beyond this, differences of numbers may overflow."""
_SAFE_SINGLE = 1e30
"""The same in single precision."""
_SHRUNK = 2.0**-40
"""What numbers beyond are multiplied by, so that their sums do not overflow either."""


@dataclass(frozen=True, kw_only=True)
class Tone:
    """How numbers become shades."""

    percentiles: Limits
    """Shares of the values that are drawn black and not yet white."""
    plausible: Limits
    """Shares beyond which values may be outliers, such as hot pixels and X-rays."""
    root: bool = False
    """Whether shades follow the square root of values, which shows dim ones too."""


LINEAR = Tone(percentiles=(2.0, 98.0), plausible=(0.5, 99.5))
CHANNEL = Tone(percentiles=(1.0, 99.0), plausible=(0.5, 99.5))
"""Of a measured quantity that is shown in one colour."""
SPECTRA = Tone(percentiles=(1.0, 99.7), plausible=(0.0, 99.95))
"""Of spectra as rows of an image, in which peaks are narrow."""
DIFFRACTION = Tone(percentiles=(2.0, 99.0), plausible=(0.0, 99.9), root=True)
"""Of few bright spots around a brighter one."""


def grey_image(values: Values, drawn: int, tone: Tone | None = None) -> Image.Image:
    """Draw a two-dimensional array of real or complex numbers in grey.

    Neighbouring values are averaged before the contrast is chosen, so that noise which
    will not show does not flatten what will.

    Parameters
    ----------
    values
        Rows and columns. Of complex numbers, the logarithmic amplitude is drawn.
    drawn
        Pixels that the longer side will have in the end.
    tone
        How numbers become shades; `LINEAR` when not given.

    Returns
    -------
    PIL.Image.Image
        Mode ``L``, of the array's size or a fraction of it that is not below `drawn`.
    """
    tone = tone or LINEAR
    if values.dtype.kind == "c":
        return _transform_image(values, drawn)
    if values.dtype == np.uint8 and _has_contrast(values):
        return Image.fromarray(np.ascontiguousarray(values))
    averaged = _averaged(values, drawn, tone)
    return Image.fromarray(stretched(averaged, limits(averaged, tone.percentiles)))


def _transform_image(values: Values, drawn: int) -> Image.Image:
    with np.errstate(all="ignore"):
        amplitude = np.abs(values)
        amplitude /= np.max(amplitude, where=np.isfinite(amplitude), initial=0)
        single = amplitude.astype(np.float32)
        logarithm = np.log(block_means(single, _block(single, drawn)))
    between = limits(logarithm, _OF_TRANSFORMS)
    return Image.fromarray(stretched(logarithm, between))


def colour_image(values: Values) -> Image.Image:
    """Draw an array of rows, columns and three or four channels, the fourth alpha."""
    colours = values[..., :3]
    if values.dtype == np.uint8 and not _is_dim(colours):
        image = Image.fromarray(np.ascontiguousarray(values))
        opaque = (values[..., 3:] == _OPAQUE).all()
        return image.convert("RGB") if opaque else image  # alpha is much work
    between = limits(colours, LINEAR.percentiles)
    shades = [stretched(colours[..., index], between) for index in range(3)]
    if values.shape[-1] > 3:  # noqa: PLR2004 - red, green and blue
        shades.append(_opacity(values[..., 3]))
    return Image.merge("RGBA"[: len(shades)], list(map(Image.fromarray, shades)))


def channel_image(values: Values, drawn: int) -> Image.Image:
    """Draw three measured quantities in red, green and blue, each in its own contrast.

    Parameters
    ----------
    values
        Rows, columns, and three channels.
    drawn
        Pixels that the longer side will have in the end.
    """
    channels = []
    for index in range(3):
        averaged = _averaged(values[..., index], drawn, CHANNEL)
        between = limits(averaged, CHANNEL.percentiles)
        # A channel without any signal is dark, not grey.
        shades = stretched(averaged, between or (0.0, 1.0))
        channels.append(Image.fromarray(shades))
    return Image.merge("RGB", channels)


def limits(values: Values, percentiles: Limits) -> Limits | None:
    """Return the values to draw black and white; `None` if all are the same.

    Where the percentiles coincide, as in an image that is mostly empty, those of the
    other values are taken. Values that are not finite do not count.
    """
    sample = _finite(_thin(values))
    if not sample.size:
        sample = _finite(values)
    if not sample.size:
        return None
    low, high = _percentiles(sample, percentiles)
    if high > low:
        return low, high
    if values.min() == values.max():
        return None
    others = _finite(values[values != low])
    if not others.size:
        return None
    least, most = _percentiles(others, percentiles)
    return min(low, least), max(low, most)


def stretched(values: Values, between: Limits | None) -> Bytes:
    """Spread values between two limits over all shades.

    Without limits, the result is grey. What is not a number is black, and so is what is
    infinitely low.
    """
    if between is None:
        shades: Bytes = np.where(np.isfinite(values), _MID_GREY, 0).astype(np.uint8)
        return shades
    numbers = _fractions(values, between)
    numbers *= 255
    numbers += 0.5
    # Of two numbers, this takes the one that is a number.
    np.fmax(numbers, 0, out=numbers)
    np.minimum(numbers, 255, out=numbers)
    return numbers.astype(np.uint8)


def _fractions(values: Values, between: Limits) -> Values:
    """Return where values are between two limits: 0 at the lower, 1 at the upper."""
    low, high = between
    most = max(abs(low), abs(high))
    small = values.dtype.itemsize <= (4 if values.dtype.kind == "f" else 2)
    single = small and most < _SAFE_SINGLE
    numbers: Values = values.astype(np.float32 if single else np.float64)
    if most > _SAFE:
        numbers, low, high = numbers * 0.25, low * 0.25, high * 0.25
    with np.errstate(all="ignore"):
        numbers -= low
        numbers /= high - low
    return numbers


def _averaged(values: Values, drawn: int, tone: Tone) -> Values:
    """Return the means of blocks of values, in arbitrary units if blocks are needed.

    Outliers and infinities are cut then, so that one does not make its block white.
    """
    block = _block(values, drawn)
    if block != (1, 1):
        values = _plausible_means(values, block, limits(values, tone.plausible))
    return _rooted(values) if tone.root else values


def _plausible_means(
    values: Values, block: tuple[int, int], between: Limits | None
) -> npt.NDArray[np.float32]:
    """Return where the means of blocks are between two limits."""
    if between is None and values.dtype.kind in "iu":
        thinned: Values = values[:: block[0], :: block[1]]
        return np.zeros(thinned.shape, np.float32)
    if between is None:
        known = np.where(np.isfinite(values), np.float32(0), np.float32(np.nan))
        return block_means(known, block)
    low, high = between
    if max(abs(low), abs(high)) > _SAFE:
        values, low, high = values * _SHRUNK, low * _SHRUNK, high * _SHRUNK
    means = block_means(values, block, (low - (high - low), high + (high - low)))
    return _fractions(means, (low, high)).astype(np.float32, copy=False)


def _rooted(values: Values) -> Values:
    """Return the square roots of how far values are above the lowest."""
    between = limits(values, (0.0, 100.0))
    if between is None:
        return values
    with np.errstate(invalid="ignore"):
        fractions = np.maximum(_fractions(values, between), 0)
        root: Values = np.sqrt(fractions, where=np.isfinite(fractions), out=fractions)
    return root


def _block(values: Values, drawn: int) -> tuple[int, int]:
    """Return rows and columns of which one mean is taken."""
    rows, columns = values.shape
    enough = max(1, drawn)
    return max(1, rows // enough), max(1, columns // enough)


def _has_contrast(values: Values) -> bool:
    low, high = _percentiles(_thin(values), LINEAR.percentiles)
    return high - low >= _FLAT_8_BIT


def _is_dim(values: Values) -> bool:
    return 0 < _percentiles(_thin(values), LINEAR.percentiles)[1] < _FLAT_8_BIT


def _thin(values: Values) -> Values:
    rows, columns = values.shape[:2]
    return values[:: -(-rows // _SAMPLE), :: -(-columns // _SAMPLE)]


def _finite(values: Values) -> Values:
    numbers = values.ravel()
    if numbers.dtype.kind != "f" or numbers.dtype.itemsize not in _SORTED_FAST:
        numbers = numbers.astype(np.float64)
    finite = np.isfinite(numbers)
    return numbers if finite.all() else numbers[finite]


def _percentiles(sample: Values, percentiles: Limits) -> Limits:
    # To sort all takes less time than to find two of them, as `numpy.percentile` does.
    ordered = np.sort(sample, axis=None)
    low, high = (_at(ordered, share / 100) for share in percentiles)
    return low, high


def _at(ordered: Values, share: float) -> float:
    """Return the number that so many of the ordered ones are below."""
    place = share * (ordered.size - 1)
    before = int(place)
    # Halved, so that no difference of two numbers overflows.
    one = float(ordered[before]) / 2
    next_one = float(ordered[min(before + 1, ordered.size - 1)]) / 2
    return (one + (next_one - one) * (place - before)) * 2


def _opacity(alpha: Values) -> Bytes:
    full = np.iinfo(alpha.dtype).max if alpha.dtype.kind in "ui" else 1.0
    share = np.nan_to_num(alpha.astype(np.float64)) / full
    opacity: Bytes = (share.clip(0, 1) * 255).round().astype(np.uint8)
    return opacity
