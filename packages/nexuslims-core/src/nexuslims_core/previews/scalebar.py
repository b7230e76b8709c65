"""How long a scale bar is, and what it says."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass

_METRES = {
    "m": 1.0,
    "cm": 1e-2,
    "mm": 1e-3,
    "\N{MICRO SIGN}m": 1e-6,
    "um": 1e-6,
    "micron": 1e-6,
    "nm": 1e-9,
    "\N{LATIN CAPITAL LETTER A WITH RING ABOVE}": 1e-10,
    "angstrom": 1e-10,
    "pm": 1e-12,
    "meter": 1.0,
    "metre": 1.0,
    "centimeter": 1e-2,
    "millimeter": 1e-3,
    "micrometer": 1e-6,
    "nanometer": 1e-9,
    "picometer": 1e-12,
}
_RADIANS = {
    "rad": 1.0,
    "radian": 1.0,
    "mrad": 1e-3,
    "milliradian": 1e-3,
    "\N{MICRO SIGN}rad": 1e-6,
    "urad": 1e-6,
}
_DEGREES = {"\N{DEGREE SIGN}": 1.0, "deg": 1.0, "degree": 1.0}
_RECIPROCAL = re.compile(r"1 ?/ ?(.+)|(.+?) ?(?:\^?-1|\*\* ?-1|\u207b\u00b9)")
_LENGTHS = (
    (1.0, "m"),
    (1e-3, "mm"),
    (1e-6, "\N{MICRO SIGN}m"),
    (1e-9, "nm"),
    (1e-12, "pm"),
)
_WAVE_NUMBERS = ((1e9, "1/nm"), (1e6, "1/\N{MICRO SIGN}m"), (1.0, "1/m"))
_ANGLES = ((1.0, "rad"), (1e-3, "mrad"), (1e-6, "\N{MICRO SIGN}rad"))
_SHARE = 0.32
"""Part of the image's width that a bar may take."""
_SHORTEST = 8
"""Pixels below which a bar says nothing."""

Scale = tuple[tuple[float, str], ...]
"""Units that a quantity is shown in, from the largest, each in basic ones."""


@dataclass(frozen=True, kw_only=True)
class ScaleBar:
    """A bar of a round length."""

    pixels: int
    label: str


def length_factor(unit: str) -> float | None:
    """Return how many metres a unit is, or `None` if it is no unit of length."""
    return _METRES.get(_plain(unit))


def scale_bar(extent: float, unit: str, pixels: int) -> ScaleBar | None:
    """Return a bar for an image that is `extent` wide, drawn `pixels` wide.

    `None` where the unit is not one of length, reciprocal length or angle, or where
    the extent is no positive number.
    """
    known = _known(unit)
    if known is None:
        return None
    factor, shown = known
    width = extent * factor
    if not math.isfinite(width) or width <= 0:
        return None
    length = _round_length(width * _SHARE)
    drawn = round(pixels * length / width)
    if drawn < _SHORTEST:
        return None
    return ScaleBar(pixels=drawn, label=label_of(length, shown))


def readable(most: float, unit: str) -> tuple[float, str]:
    """Return what to multiply values by so that they read well, and their unit then.

    Parameters
    ----------
    most
        The largest of the values, without its sign.
    unit
        Any unit; only those of length, reciprocal length and angle are changed.
    """
    known = _known(unit)
    if known is None or not math.isfinite(most) or most <= 0:
        return 1.0, unit.strip()
    factor, shown = known
    size, name = _suitable(most * factor, shown)
    return factor / size, name


def is_reciprocal(unit: str) -> bool:
    """Tell whether a unit is one of diffraction patterns: 1/length, or an angle."""
    known = _known(unit)
    return known is not None and known[1] is not _LENGTHS


def label_of(value: float, shown: Scale) -> str:
    """Return a quantity in the unit that suits it."""
    size, name = _suitable(value, shown)
    number = value / size
    digits = 10 if number > 1 - 1e-9 else 3
    return f"{number:.{digits}g}{'' if name == '°' else ' '}{name}"


def _known(unit: str) -> tuple[float, Scale] | None:
    plain = _plain(unit)
    if plain in _METRES:
        return _METRES[plain], _LENGTHS
    if plain in _RADIANS:
        return _RADIANS[plain], _ANGLES
    if plain in _DEGREES:
        return 1.0, ((1.0, "\N{DEGREE SIGN}"),)
    match = _RECIPROCAL.fullmatch(plain)
    length = _METRES.get((match[1] or match[2]).strip(" ()")) if match else None
    if length is None:
        return None
    if length == _METRES["angstrom"]:
        # What crystallographers think in stays what it is.
        return 1.0, ((1.0, "1/\N{LATIN CAPITAL LETTER A WITH RING ABOVE}"),)
    return 1 / length, _WAVE_NUMBERS


def _plain(unit: str) -> str:
    """Return a unit with one code point for micro and for ångström."""
    one = unit.strip().replace("\N{GREEK SMALL LETTER MU}", "\N{MICRO SIGN}")
    return one.replace(
        "\N{ANGSTROM SIGN}", "\N{LATIN CAPITAL LETTER A WITH RING ABOVE}"
    )


def _suitable(value: float, shown: Scale) -> tuple[float, str]:
    # Of wave numbers, 0.05 1/nm is what one says, not 50 1/µm.
    least = 0.01 if shown is _WAVE_NUMBERS else 1.0
    fitting = (one for one in shown if value / one[0] > least * (1 - 1e-9))
    return next(fitting, shown[-1])


def _round_length(most: float) -> float:
    """Return the largest of 1, 2 or 5 times a power of ten that is at most `most`."""
    power = math.floor(math.log10(most))
    rounded = (step * 10.0**power for step in (5, 2, 1))
    return next((one for one in rounded if one <= most * (1 + 1e-9)), 10.0**power)
