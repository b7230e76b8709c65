"""Axes of TIA's and Velox's signals, which are in SI units in the files."""

from __future__ import annotations

import math
from dataclasses import replace

from nexuslims_core.reading.axes import LENGTHS, length_axis, tidy_unit
from nexuslims_core.types import Axis

PER_NM = 1e-9
"""Nanometres to the minus one, per metre to the minus one."""


def si_axis(
    name: str,
    size: int,
    *,
    scale: float,
    offset: float = 0.0,
    unit: str = "",
    navigation: bool = False,
) -> Axis:
    """Return an axis in a unit that people read: nm rather than m, 1/nm than 1/m.

    One that is not calibrated, because its scale is zero or no number, counts pixels.

    Parameters
    ----------
    scale, offset
        In `unit`, as in the file.
    unit
        ``m``, ``1/m``, or any other; empty for none.
    """
    unit = tidy_unit(unit)
    if not math.isfinite(scale) or not scale:
        return Axis(name=name, size=size, navigation=navigation)
    offset = offset if math.isfinite(offset) else 0.0
    factor = 1.0
    if unit == "m":
        unit = length_axis(name, size, abs(scale)).unit
        factor = dict(LENGTHS)[unit]
    elif unit == "1/m":
        factor, unit = PER_NM, "1/nm"
    return replace(
        Axis(name=name, size=size, navigation=navigation),
        scale=scale * factor,
        offset=offset * factor,
        unit=unit,
    )
