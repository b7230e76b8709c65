"""Units as the software of Zeiss and Fibics writes them, and numbers that have one."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from nexuslims_core.model.units import convert
from nexuslims_core.reading.findings import number
from nexuslims_core.types import quantity

if TYPE_CHECKING:
    from nexuslims_core.reading.tables import Field

UNITS = {
    "%": "%",
    "A": "A",
    "mA": "mA",
    "µA": "µA",
    "nA": "nA",
    "pA": "pA",
    "fA": "fA",
    "Amps": "A",
    "microAmps": "µA",
    "nanoAmps": "nA",
    "picoAmps": "pA",
    "V": "V",
    "mV": "mV",
    "kV": "kV",
    "Volts": "V",
    "kiloVolts": "kV",
    "eV": "eV",
    "keV": "keV",
    "ElectronVolts": "eV",
    "m": "m",
    "mm": "mm",
    "µm": "µm",
    "nm": "nm",
    "pm": "pm",
    "fm": "fm",
    "Meters": "m",
    "Millimeters": "mm",
    "Microns": "µm",
    "Micrometers": "µm",
    "Nanometers": "nm",
    "s": "s",
    "ms": "ms",
    "µs": "µs",
    "ns": "ns",
    "Sec": "s",
    "Secs": "s",
    "mSec": "ms",
    "µSec": "µs",
    "nSec": "ns",
    "Min": "min",
    "Mins": "min",
    "Hour": "h",
    "Hours": "h",
    "°": "deg",
    "deg": "deg",
    "Degrees": "deg",
    "rad": "rad",
    "mrad": "mrad",
    "µrad": "µrad",
    "Radians": "rad",
    "Milli Radians": "mrad",
    "Micro Radians": "µrad",
    "K": "K",
    "°C": "degC",
    "Pa": "Pa",
    "mPa": "mPa",
    "hPa": "hPa",
    "kPa": "kPa",
    "bar": "bar",
    "mbar": "mbar",
    "mBar": "mbar",
    "Torr": "torr",
    "torr": "torr",
    "mTorr": "mtorr",
    "µAh": "µA*h",
    "X": "",
    "K X": "kX",
    "M X": "MX",
}
"""Names of units in the files, with micro as `micro` writes it, and ours."""

MEASURED = re.compile(
    r"(?P<number>[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d{1,4})?)\s*(?P<unit>\S.*)?"
)
"""A number, and the unit behind it."""


def micro(unit: str) -> str:
    """Return the name of a unit with the micro sign for whatever stands for it."""
    plain = " ".join(unit.split()).replace("\N{GREEK SMALL LETTER MU}", "µ")
    return f"µ{plain[1:]}" if plain[:1] == "u" and len(plain) > 1 else plain


def is_unit(written: str) -> bool:
    """Tell whether text is the name of a unit that we know."""
    return micro(written) in UNITS


def in_unit(text: str, written: str, wanted: str, assumed: str | None = None) -> object:
    """Return a number in the unit `wanted`; the text where it is not one of that kind.

    Parameters
    ----------
    text
        The number.
    written
        Name of its unit in the file.
    wanted
        The unit of ours.
    assumed
        The unit of ours that it has if `written` names none; by default, `wanted`.
    """
    found = number(text)
    unit = UNITS.get(micro(written), wanted if assumed is None else assumed)
    if found is None or unit == wanted:
        return text
    try:
        return float(convert(quantity(found, unit), wanted).magnitude)
    except ValueError:
        return f"{text} {written}".strip()


def is_unset(row: Field, value: object) -> bool:
    """Tell whether a typed value is the zero of what was not measured.

    Software writes zero for beams that were off and gauges that did not measure; only
    positions and angles are zero at times.
    """
    if not row.typed or row.typed.startswith(("stage_position/", "scan_rotation")):
        return False
    return number(value) == 0
