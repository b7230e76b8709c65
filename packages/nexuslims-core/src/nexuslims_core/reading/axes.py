"""Axes in units that people read, and what they say about a dataset."""

from __future__ import annotations

import math
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from nexuslims_core.model.units import parse_unit, registry
from nexuslims_core.types import Axis, quantity

if TYPE_CHECKING:
    from collections.abc import Sequence

LENGTHS: tuple[tuple[str, float], ...] = (
    ("m", 1.0),
    ("mm", 1e3),
    ("µm", 1e6),
    ("nm", 1e9),
)
"""Units of specimens, with how many there are in a metre."""

DIMENSIONS = {
    "length": "m",
    "reciprocal length": "1/m",
    "energy": "eV",
    "angle": "rad",
    "time": "s",
}
"""What axes of microscopy measure, each with one of its units."""

_UNCALIBRATED = frozenset(
    {"", "-", "px", "pix", "pixel", "pixels", "<undefined>", "None"}
)
"""What readers call the unit of an axis that is not calibrated."""


def length_axis(name: str, size: int, metres: float) -> Axis:
    """Return an axis of a specimen, in the largest unit in which it is longer than one.

    Parameters
    ----------
    metres
        Distance of neighbouring pixels.
    """
    fitting = (one for one in LENGTHS if size * metres * one[1] >= 1)
    unit, per_metre = next(fitting, LENGTHS[-1])
    return Axis(name=name, size=size, scale=metres * per_metre, unit=unit)


def tidy_unit(text: object) -> str:
    """Return the unit of an axis as we write it; empty where it has none."""
    unit = str(text or "").strip().replace("μ", "µ").replace(" ", "")
    return "" if unit in _UNCALIBRATED else unit


@lru_cache(maxsize=256)
def dimension(unit: str) -> str:
    """Return which of `DIMENSIONS` a unit measures; empty for other units and none."""
    try:
        root = _root(unit)
    except ValueError:
        return ""
    return next((name for name, one in DIMENSIONS.items() if _root(one) == root), "")


def _root(unit: str) -> object:
    return registry().get_root_units(parse_unit(unit))[1]


def calibration(axes: Sequence[Axis]) -> dict[str, Any]:
    """Return the typed fields that the axes of a dataset tell.

    Pixel sizes and fields of view come from the last two axes of length, whether these
    are scan positions or pixels; channel size and first energy from one of energy.
    """
    fields: dict[str, Any] = {}
    lengths = [one for one in axes if dimension(one.unit) == "length"]
    names = (("pixel_width", "horizontal"), ("pixel_height", "vertical"))
    if len(lengths) >= len(names):
        for axis, (pixel, direction) in zip(reversed(lengths), names, strict=False):
            fields[pixel] = quantity(abs(axis.scale), axis.unit)
            extent = abs(axis.scale) * axis.size
            fields[f"{direction}_field_width"] = quantity(extent, axis.unit)
    for axis in axes:
        if dimension(axis.unit) == "energy" and not axis.navigation:
            fields["channel_size"] = quantity(abs(axis.scale), axis.unit)
            fields["starting_energy"] = quantity(axis.offset, axis.unit)
    return fields


def finite(value: object, default: float) -> float:
    """Return `value` if it is a finite number, else `default`."""
    try:
        found = float(value)  # type: ignore[arg-type]
    except (TypeError, ValueError, OverflowError):
        return default
    return found if math.isfinite(found) else default
