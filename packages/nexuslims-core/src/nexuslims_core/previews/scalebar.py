"""How long a scale bar is, and what it says."""

from __future__ import annotations

import math
from dataclasses import dataclass

_METRES = {
    "m": 1.0,
    "cm": 1e-2,
    "mm": 1e-3,
    "\N{MICRO SIGN}m": 1e-6,
    "\N{GREEK SMALL LETTER MU}m": 1e-6,
    "um": 1e-6,
    "micron": 1e-6,
    "nm": 1e-9,
    "\N{LATIN CAPITAL LETTER A WITH RING ABOVE}": 1e-10,
    "\N{ANGSTROM SIGN}": 1e-10,
    "angstrom": 1e-10,
    "pm": 1e-12,
    "meter": 1.0,
    "centimeter": 1e-2,
    "millimeter": 1e-3,
    "micrometer": 1e-6,
    "nanometer": 1e-9,
    "picometer": 1e-12,
}
_SHOWN = (
    (1.0, "m"),
    (1e-3, "mm"),
    (1e-6, "\N{MICRO SIGN}m"),
    (1e-9, "nm"),
    (1e-12, "pm"),
)
_OTHERS = frozenset(
    {
        "1/m",
        "1/\N{MICRO SIGN}m",
        "1/um",
        "1/nm",
        "1/\N{LATIN CAPITAL LETTER A WITH RING ABOVE}",
        "1/\N{ANGSTROM SIGN}",
        "1/pm",
        "rad",
        "mrad",
    }
)
"""Units of diffraction patterns, shown as they are."""
_SHARE = 0.32
"""Part of the image's width that a bar may take."""
_SHORTEST = 8
"""Pixels below which a bar says nothing."""


@dataclass(frozen=True, kw_only=True)
class ScaleBar:
    """A bar of a round length."""

    pixels: int
    label: str


def length_factor(unit: str) -> float | None:
    """Return how many metres a unit is, or `None` if it is no unit of length."""
    return _METRES.get(unit.strip())


def scale_bar(extent: float, unit: str, pixels: int) -> ScaleBar | None:
    """Return a bar for an image that is `extent` wide, drawn `pixels` wide.

    `None` where the unit is not one of length, reciprocal length or angle, or where
    the extent is no positive number.
    """
    unit = unit.strip()
    metres = length_factor(unit)
    if metres is None and unit not in _OTHERS:
        return None
    width = extent * (metres or 1.0)
    if not math.isfinite(width) or width <= 0:
        return None
    length = _round_length(width * _SHARE)
    drawn = round(pixels * length / width)
    if drawn < _SHORTEST:
        return None
    label = _length_label(length) if metres else f"{length:.3g} {unit}"
    return ScaleBar(pixels=drawn, label=label)


def _round_length(most: float) -> float:
    """Return the largest of 1, 2 or 5 times a power of ten that is at most `most`."""
    power = math.floor(math.log10(most))
    rounded = (step * 10.0**power for step in (5, 2, 1))
    return next((one for one in rounded if one <= most * (1 + 1e-9)), 10.0**power)


def _length_label(metres: float) -> str:
    for factor, unit in _SHOWN:
        value = metres / factor
        if value > 1 - 1e-9:
            return f"{value:.10g} {unit}"
    factor, unit = _SHOWN[-1]
    return f"{metres / factor:.3g} {unit}"
