"""Physical units: one registry, and conversions that give numbers as people write them.

The registry is our own: Pint's global default stays as other libraries expect it.
"""

from __future__ import annotations

import re
import tokenize
from decimal import Decimal, InvalidOperation
from functools import cache, lru_cache
from numbers import Real
from threading import Lock
from typing import TYPE_CHECKING, Any, TypeAlias, cast

import pint
import pint.registry
from pint.util import UnitsContainer

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

_making = Lock()

Unit: TypeAlias = "str | pint.Unit"
"""A unit, or any text for it that Pint understands."""

QUDT = "http://qudt.org/vocab/unit/"
"""Namespace of the QUDT unit vocabulary."""

QUDT_NAMES: Mapping[str, str] = {
    "": "UNITLESS",
    "%": "PERCENT",
    "V": "V",
    "mV": "MilliV",
    "kV": "KiloV",
    "MV": "MegaV",
    "A": "A",
    "mA": "MilliA",
    "µA": "MicroA",
    "nA": "NanoA",
    "pA": "PicoA",
    "m": "M",
    "cm": "CentiM",
    "mm": "MilliM",
    "µm": "MicroM",
    "nm": "NanoM",
    "pm": "PicoM",
    "Å": "ANGSTROM",
    "s": "SEC",
    "ms": "MilliSEC",
    "µs": "MicroSEC",
    "ns": "NanoSEC",
    "min": "MIN",
    "h": "HR",
    "deg": "DEG",
    "rad": "RAD",
    "mrad": "MilliRAD",
    "µrad": "MicroRAD",
    "eV": "EV",
    "keV": "KiloEV",
    "MeV": "MegaEV",
    "K": "K",
    "°C": "DEG_C",
    "Pa": "PA",
    "hPa": "HectoPA",
    "kPa": "KiloPA",
    "mPa": "MilliPA",
    "bar": "BAR",
    "mbar": "MilliBAR",
    "torr": "TORR",
    "Hz": "HZ",
    "kHz": "KiloHZ",
    "MHz": "MegaHZ",
}
"""Names in the QUDT vocabulary of the units that microscopes' metadata use."""

_ALIASES: Mapping[str, str] = {
    "1": "",
    "deg C": "degC",
    "deg F": "degF",
    "kx": "kX",
    "k\N{MULTIPLICATION SIGN}": "kX",
    "x": "X",
    "\N{MULTIPLICATION SIGN}": "X",
}

_NAME = r"[^\W\d]\w{0,39}|°[CF]?|%"
_POWER = r"(?:\s?(?:\*\*|\^)\s?[+-]?\d)?"
_UNIT = re.compile(
    rf"(?:1\s?/\s?)?(?:{_NAME}){_POWER}(?:\s?[*/· ]\s?(?:{_NAME}){_POWER}){{0,7}}"
)
"""What is handed to Pint's parser, which evaluates any arithmetic it is given."""

_NUMBER = re.compile(
    r"\s*([+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d{1,4})?)\s*([^\n]*)\s*"
)
_MAX_TEXT = 200

_DOUBLE = 8
"""Bytes of a double-precision number."""

_DECIMAL_DIGITS = 10
"""Factors with at most so many digits are decimal definitions, e.g. 1e6 or 3600."""


class _Quantity(pint.registry.Quantity[Any]):
    """A quantity that another process unpickles into its own copy of our registry."""

    def __reduce__(self) -> tuple[Any, ...]:
        return _rebuild, (self.magnitude, dict(self.unit_items()))


class _Registry(pint.UnitRegistry[Any]):
    Quantity: TypeAlias = _Quantity  # type: ignore[assignment, misc, unused-ignore]


def _rebuild(magnitude: object, units: dict[str, Any]) -> pint.Quantity[Any]:
    return registry().Quantity(magnitude, UnitsContainer(units))


def registry() -> pint.UnitRegistry[Any]:
    """Return the unit registry that the schema uses.

    It knows all of Pint's units and ``X`` with its prefixes: ``5 kX`` is a
    magnification of 5000.
    """
    # Units of two registries cannot be compared: two threads must not make one each.
    with _making:
        return _made()


@cache
def _made() -> pint.UnitRegistry[Any]:
    units = _parsed()
    units.define("X = 1")
    return units


def _parsed() -> pint.UnitRegistry[Any]:
    """Return Pint's units, from its cache where that can be had.

    Every worker process needs them, and to parse them takes seven times longer.
    """
    try:
        return _Registry(autoconvert_offset_to_baseunit=True, cache_folder=":auto:")
    # No home to keep it in, or what a program left there that was ended meanwhile.
    except Exception:  # noqa: BLE001 - unpickling raises anything
        return _Registry(autoconvert_offset_to_baseunit=True)


@lru_cache(maxsize=1024)
def parse_unit(text: str) -> pint.Unit:
    """Return the unit that `text` names.

    Raises
    ------
    ValueError
        If it names none.
    """
    name = text.strip()
    name = _ALIASES.get(name, name)
    if name in {"", "dimensionless"}:
        return registry().Unit("")
    if not _UNIT.fullmatch(name):
        raise ValueError(f"{text[:_MAX_TEXT]!r} is no unit")
    try:
        return registry().Unit(name.replace("·", "*"))
    except (pint.PintError, ValueError, TypeError, AttributeError) as error:
        raise ValueError(f"{text!r} is no known unit") from error
    except (ArithmeticError, AssertionError, SyntaxError, tokenize.TokenError) as error:
        raise ValueError(f"{text!r} is no unit") from error


@lru_cache(maxsize=1024)
def named(unit: str) -> pint.Unit:
    """Return the unit that a program names, in any way that Pint understands.

    Raises
    ------
    pint.UndefinedUnitError
        If it is unknown.
    """
    # Pint itself parses a symbol such as "kV" anew each time.
    return registry().parse_units(unit)


def _ours(unit: Unit) -> pint.Unit:
    """Return `unit` in our registry, wherever it comes from."""
    if isinstance(unit, str):
        return parse_unit(unit)
    if isinstance(unit, registry().Unit):
        return unit
    return parse_unit(str(unit))


def symbol(unit: Unit) -> str:
    """Return the short form of `unit`: ``kV``, ``µm``, ``deg``; empty for pure numbers.

    Raises
    ------
    ValueError
        If it is text that names no unit.
    """
    return _symbol(_ours(unit))


@lru_cache(maxsize=1024)
def _symbol(unit: pint.Unit) -> str:
    return f"{unit:~}".replace("μ", "µ")


def long_name(unit: Unit) -> str:
    """Return the long form of `unit`: ``kilovolt``, ``micrometer``, ``dimensionless``.

    Raises
    ------
    ValueError
        If it is text that names no unit.
    """
    return _long_name(_ours(unit))


@lru_cache(maxsize=1024)
def _long_name(unit: pint.Unit) -> str:
    return str(unit)


def qudt_iri(unit: Unit) -> str | None:
    """Return the IRI of `unit` in the QUDT vocabulary; `None` when we list none.

    Raises
    ------
    ValueError
        If it is text that names no unit.
    """
    name = QUDT_NAMES.get(symbol(unit))
    return QUDT + name if name else None


def number(value: object) -> float:
    """Return a real number of any kind as `float`, written as its own kind would be.

    A single-precision 0.1 is 0.1, not 0.10000000149011612.

    Raises
    ------
    ValueError
        If it is no single real number.
    """
    if isinstance(value, bool):
        raise ValueError(f"{value} is no number")  # noqa: TRY004 - one kind of error
    if isinstance(value, float | int):
        return _float(value)
    if isinstance(value, Real | Decimal) or getattr(value, "shape", None) == ():
        return _float(value)
    raise ValueError(f"expected a number, found {type(value).__name__}")


def _float(value: Any) -> float:  # noqa: ANN401 - whatever `float` takes
    dtype = getattr(value, "dtype", None)
    if dtype is not None and dtype.kind == "b":
        raise ValueError(f"{value} is no number")
    shortest = dtype is not None and dtype.kind == "f" and dtype.itemsize < _DOUBLE
    try:
        return float(str(value) if shortest else value)
    except (OverflowError, TypeError) as error:
        raise ValueError(f"no finite number: {type(value).__name__}") from error


def parse_quantity(text: str) -> pint.Quantity[Any]:
    """Return the quantity that text such as ``"15 kV"`` or ``"1e-3Pa"`` describes.

    Raises
    ------
    ValueError
        If it is no number followed by a unit.
    """
    match = _NUMBER.fullmatch(text) if len(text) <= _MAX_TEXT else None
    if match is None:
        raise ValueError(f"{text[:_MAX_TEXT]!r} is no number with a unit")
    return registry().Quantity(float(match[1]), parse_unit(match[2]))


def convert(quantity: pint.Quantity[Any], preferred: Unit) -> pint.Quantity[Any]:
    """Return `quantity` in the unit `preferred`, as a person would write it.

    41.4e-6 m are 41.4 µm, not 41.400000000000006: decimal factors are applied in
    decimal, and the rest is rounded to the 15 digits that a `float` really has.

    Raises
    ------
    ValueError
        If the magnitude is no single number, or its unit cannot be converted. Unlike
        Pint we keep angles and pure numbers apart.
    """
    source, target = _ours(cast("pint.Unit", quantity.units)), _ours(preferred)
    scale = _scale(source, target)
    if scale is None:
        found = symbol(source) or "a pure number"
        raise ValueError(f"expected a unit like {symbol(target) or 1}, found {found}")
    return registry().Quantity(scale(number(quantity.magnitude)), target)


@lru_cache(maxsize=4096)
def _scale(source: pint.Unit, target: pint.Unit) -> Callable[[float], float] | None:
    """Return what converts numbers from `source` to `target`, or `None`."""
    if source == target:
        return lambda value: value
    units = registry()
    try:
        if units.get_root_units(source)[1] != units.get_root_units(target)[1]:
            return None
        zero = float(units.convert(0.0, source, target))
        one = float(units.convert(1.0, source, target))
    except (pint.PintError, ArithmeticError, ValueError):
        return None
    factor = _decimal(one)
    if zero or factor is None:
        return lambda value: _rounded(float(units.convert(value, source, target)))
    return lambda value: float(Decimal(repr(value)) * factor)


def _decimal(factor: float) -> Decimal | None:
    """Return `factor` if it has a short decimal form; Pint's 999999.9999999999 has."""
    try:
        decimal = Decimal(f"{factor:.14g}").normalize()
    except InvalidOperation:
        return None
    return decimal if len(decimal.as_tuple().digits) <= _DECIMAL_DIGITS else None


def _rounded(value: float) -> float:
    return float(f"{value:.15g}")
