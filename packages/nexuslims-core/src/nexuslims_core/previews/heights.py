"""Choosing how high in a graph values are: on which scale, from where to where."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from nexuslims_core.previews.rulers import Ruler, value_label, written_power

if TYPE_CHECKING:
    from collections.abc import Sequence

    from nexuslims_core.previews.sampling import Curve

Values = npt.NDArray[Any]

_MARGIN = 0.04
"""Part of the height that stays free above a curve; below, half of it."""
_LABEL_MARGIN = 0.3
"""The same above where names of peaks are to be written."""
_BASE = 0.4
"""A curve whose lowest value is below this part of the highest is drawn from 0."""
_STRONG = 25.0
"""Logarithmic if the highest is so many times what few channels reach."""
_FEW = 99.0
"""Percentile of the values of such a channel."""
_FOOT = 0.02
"""Part of its height at which a peak ends."""
_NARROW = 0.1
"""Part of the channels that such a peak has at most."""
_MUCH = 0.03
"""Part of all counts that must be elsewhere for a peak to hide something."""
_RANGE = 100.0
"""No logarithmic scale for fewer than two orders of magnitude."""
_MOST_RANGE = 1e7
"""How many times the lowest value that is shown the highest may be, on such a scale."""
_TELLING = 256
"""Spectra that are enough to choose a scale for all."""
_FLAT = 1e-12
"""Differences below this part of the values are rounding."""


@dataclass(frozen=True, kw_only=True)
class Heights:
    """How high in a graph values are."""

    ruler: Ruler

    def place(self, values: Values) -> Values:
        """Return heights from 0 to 1."""
        if self.ruler.logarithmic:
            lowest = 10.0**self.ruler.start
            return self.ruler.place(np.log10(np.maximum(values, lowest)))
        return self.ruler.place(values * self.ruler.factor)


def heights_of(
    curves: Sequence[Curve], quantity: str = "", *, labelled: bool = False
) -> Heights:
    """Choose heights that show most of what is in curves.

    Parameters
    ----------
    curves
        All that are drawn in one graph, or in one way.
    quantity
        What their values are.
    labelled
        Whether there is to be room for names above the peaks.
    """
    margin = _LABEL_MARGIN if labelled else _MARGIN
    values = [one.values[np.isfinite(one.values)] for one in curves]
    every = np.concatenate(values)
    power = written_power(float(np.abs(every).max(initial=0.0)))
    factor = 10.0**-power
    if _need_logarithm([one * factor for one in values]):
        return Heights(ruler=_logarithmic(every, quantity, margin))
    low, high = _span(every * factor)
    below = 0.0 if low == 0 else (high - low) * _MARGIN / 2
    ruler = Ruler(
        start=low - below,
        stop=high + (high - low) * margin,
        label=value_label(quantity, power),
        factor=factor,
    )
    return Heights(ruler=ruler)


def levelled(values: Values) -> Values:
    """Return the logarithm of spectra of which one would see little otherwise.

    Of complex numbers, the amplitude is taken.

    Parameters
    ----------
    values
        Spectra as rows; of very many, some tell about all.
    """
    real = np.abs(values) if values.dtype.kind == "c" else values
    some = real[:: max(1, len(real) // _TELLING)]
    every = some[np.isfinite(some)].astype(np.float64)
    power = written_power(float(np.abs(every).max(initial=0.0)))
    if not _need_logarithm([every * 10.0**-power]):
        return real
    lowest = 10.0 ** _logarithmic(every, "", 0.0).start
    logarithm: Values = np.log10(np.maximum(real, lowest))
    return logarithm


def _span(values: Values) -> tuple[float, float]:
    if not values.size:
        return -1.0, 1.0
    low, high = float(values.min()), float(values.max())
    if not high - low > max(abs(low), abs(high)) * _FLAT:
        return low - max(1.0, abs(low)), high + max(1.0, abs(high))
    return (0.0, high) if 0 <= low < _BASE * high else (low, high)


def _logarithmic(values: Values, quantity: str, margin: float) -> Ruler:
    most = float(values.max())
    least = max(float(values[values > 0].min()), most / _MOST_RANGE)
    low, high = math.log10(least), math.log10(most)
    return Ruler(
        start=low - (high - low) * _MARGIN,
        stop=high + (high - low) * margin,
        label=quantity,
        logarithmic=True,
    )


def _need_logarithm(curves: Sequence[Values]) -> bool:
    """Tell whether little but the highest peak, or curve, would be seen otherwise."""
    every = np.concatenate(curves)
    if not every.size or every.min() < 0 or not every.max() > 0:
        return False
    if every.max() < _RANGE * every[every > 0].min():
        return False
    highest = [float(one.max()) for one in curves if one.any()]
    if every.max() > _STRONG * min(float(np.percentile(every, _FEW)), *highest):
        return True
    return any(map(_has_lone_peak, curves))


def _has_lone_peak(values: Values) -> bool:
    """Tell whether there is much, but nothing high, beside one peak."""
    if not values.any():
        return False
    most = values.max()
    low = np.flatnonzero(values < _FOOT * most)
    before, after = np.split(low, [np.searchsorted(low, values.argmax())])
    start = before[-1] + 1 if before.size else 0
    stop = after[0] if after.size else values.size
    if stop - start > _NARROW * values.size:
        return False
    others = np.concatenate([values[:start], values[stop:]])
    much = others.sum() > _MUCH * values.sum()
    return bool(much and others.max() < most / _STRONG)
