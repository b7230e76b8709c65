from __future__ import annotations

import pickle
import subprocess
import sys
from concurrent.futures import ProcessPoolExecutor
from decimal import Decimal
from multiprocessing import get_context

import numpy as np
import pint
import platformdirs
import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from nexuslims_core.model import units
from nexuslims_core.model.schema import known_fields
from nexuslims_core.model.units import (
    QUDT_NAMES,
    convert,
    long_name,
    number,
    parse_quantity,
    parse_unit,
    qudt_iri,
    registry,
    symbol,
)


@pytest.mark.parametrize(
    ("value", "unit", "preferred", "expected"),
    [
        (15000, "V", "kV", 15.0),
        (4.14e-05, "m", "µm", 41.4),
        (1.2e-10, "m", "nm", 0.12),
        (0.0041, "m", "mm", 4.1),
        (2.9e-11, "A", "pA", 29.0),
        (1.1e-06, "s", "µs", 1.1),
        (0.3, "µs", "s", 3e-07),
        (5, "kX", "", 5000.0),
        (12.5, "%", "", 0.125),
        (0.5235987755982988, "rad", "deg", 30.0),
        (21, "mbar", "Pa", 2100.0),
        (1e-05, "torr", "Pa", 0.00133322368421053),
        (20, "degC", "K", 293.15),
        (-183.2, "degC", "K", 89.95),
        (0, "degC", "K", 273.15),
        (32, "degF", "K", 273.15),
        (300, "kV", "kV", 300.0),
    ],
)
def test_conversions_give_the_number_that_a_person_would_write(
    value, unit, preferred, expected
):
    converted = convert(registry().Quantity(value, unit), preferred)
    assert repr(converted.magnitude) == repr(expected)
    assert symbol(converted.units) == symbol(preferred)


@given(st.decimals("-1e9", "1e9", allow_nan=False, places=6))
def test_decimal_conversions_are_exact_for_any_value_with_few_digits(value):
    number_of_volts = float(value)
    converted = convert(registry().Quantity(number_of_volts, "V"), "mV")
    assert converted.magnitude == float(Decimal(repr(number_of_volts)) * 1000)


@pytest.mark.parametrize(
    ("value", "unit", "preferred"),
    [
        (1, "m", "kV"),
        (1, "", "deg"),
        (1, "deg", ""),
        (1, "percent", "deg"),
        (1, "eV", "kV"),
        (1, "1/nm", "nm"),
    ],
)
def test_a_unit_of_another_dimension_is_refused(value, unit, preferred):
    with pytest.raises(ValueError, match="expected a unit like"):
        convert(registry().Quantity(value, unit), preferred)


def test_a_whole_array_is_no_value_of_a_field():
    with pytest.raises(ValueError, match="number"):
        convert(registry().Quantity(np.array([1.0, 2.0]), "V"), "kV")


def test_quantities_of_another_registry_are_understood():
    foreign = pint.UnitRegistry().Quantity(15000, "V")
    assert convert(foreign, "kV").magnitude == 15.0


@pytest.mark.parametrize(
    ("unit", "expected"),
    [
        ("kilovolt", "kV"),
        ("um", "\N{MICRO SIGN}m"),
        ("\N{GREEK SMALL LETTER MU}s", "\N{MICRO SIGN}s"),
        ("degree", "deg"),
        ("", ""),
        ("dimensionless", ""),
        ("kiloX", "kX"),
        ("angstrom", "Å"),
        ("°C", "°C"),
        ("deg C", "°C"),
        ("1/nm", "1 / nm"),
    ],
)
def test_symbols_are_short_and_use_the_micro_sign(unit, expected):
    assert symbol(unit) == expected


@pytest.mark.parametrize(
    ("unit", "expected"),
    [("kV", "kilovolt"), ("µm", "micrometer"), ("", "dimensionless"), ("kX", "kiloX")],
)
def test_long_names_are_those_of_pint(unit, expected):
    assert long_name(unit) == expected


@pytest.mark.parametrize(
    ("text", "magnitude", "unit"),
    [
        ("15 kV", 15.0, "kV"),
        ("15kV", 15.0, "kV"),
        (" -1.5e-3  Pa ", -0.0015, "Pa"),
        ("5.2\N{GREEK SMALL LETTER MU}m", 5.2, "µm"),
        ("5000 x", 5000.0, "X"),
        ("7", 7.0, ""),
        (".5 mrad", 0.5, "mrad"),
    ],
)
def test_text_with_a_unit_is_a_quantity(text, magnitude, unit):
    quantity = parse_quantity(text)
    assert quantity.magnitude == magnitude
    assert symbol(quantity.units) == symbol(unit)


@pytest.mark.parametrize(
    "text",
    ["", "kV", "15 parsnips", "1e5e5 V", "15,0 kV", "1 m\n2 m", "nan V", "9" * 5000],
)
def test_other_text_is_no_quantity(text):
    with pytest.raises(ValueError, match="is no"):
        parse_quantity(text)


@pytest.mark.parametrize(
    "text",
    ["m**9**9**9", "m^99999", "(m", "m)", "__import__('os')", "m" * 5000, "m//s", "\0"],
)
def test_hostile_text_never_reaches_the_unit_parser(text):
    with pytest.raises(ValueError, match="is no"):
        parse_unit(text)


@given(st.text(max_size=60))
@example("¼")
def test_any_text_is_a_unit_or_a_value_error(text):
    try:
        parse_unit(text)
    except ValueError:
        return
    assert symbol(text) is not None


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (np.float32(0.1), 0.1),
        (np.float64(0.1), 0.1),
        (np.int16(7), 7.0),
        (np.array(2.5), 2.5),
        (Decimal("41.4"), 41.4),
        (3, 3.0),
    ],
)
def test_numbers_of_any_kind_become_floats(value, expected):
    assert repr(number(value)) == repr(expected)


@pytest.mark.parametrize("value", [True, np.bool_(1), "1", None, 10**400, 1j, [1]])
def test_what_is_no_real_number_is_refused(value):
    with pytest.raises(ValueError, match="number"):
        number(value)


def test_every_preferred_unit_has_a_qudt_iri():
    units = {one.unit for one in known_fields().values() if one.unit is not None}
    assert units
    assert all(qudt_iri(unit) for unit in units)


@pytest.mark.parametrize("unit", QUDT_NAMES)
def test_the_qudt_table_is_keyed_by_our_symbols(unit):
    assert symbol(unit) == unit


def test_a_qudt_iri_has_the_vocabulary_s_form():
    assert qudt_iri("kilovolt") == "http://qudt.org/vocab/unit/KiloV"
    assert qudt_iri("furlong") is None


def test_pickled_quantities_come_back_into_our_registry():
    quantity = registry().Quantity(5.0, "kX")
    copy = pickle.loads(pickle.dumps(quantity))
    assert copy == quantity
    assert isinstance(copy, registry().Quantity)


def test_quantities_cross_process_boundaries():
    quantity = registry().Quantity(41.4, "kX*mrad/nm**2")
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as pool:
        there_and_back = pool.submit(abs, quantity).result()
    assert there_and_back == quantity
    assert str(there_and_back.units) == str(quantity.units)


def test_pint_s_global_registry_is_left_alone():
    code = (
        "import pint; before = pint.get_application_registry().get();"
        "from nexuslims_core.model import metadata, units; units.registry();"
        "assert pint.get_application_registry().get() is before"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


def test_a_damaged_cache_of_units_is_done_without(monkeypatch, tmp_path):
    monkeypatch.setattr(platformdirs, "user_cache_path", lambda **_: tmp_path / "pint")
    first = units._parsed()
    kept = [path for path in (tmp_path / "pint").rglob("*") if path.is_file()]
    assert kept
    for path in kept:
        path.write_bytes(b"\x80\x05")

    again = units._parsed()

    assert again.Quantity(1, "kV").to("V").magnitude == 1000
    assert first.Quantity(1, "kV").to("V").magnitude == 1000


def test_without_a_place_for_a_cache_units_are_there_all_the_same(
    monkeypatch, tmp_path
):
    (tmp_path / "file").touch()
    nowhere = tmp_path / "file" / "pint"
    monkeypatch.setattr(platformdirs, "user_cache_path", lambda **_: nowhere)

    assert units._parsed().Quantity(1, "kV").to("V").magnitude == 1000
