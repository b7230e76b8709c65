"""Numbers are converted from the units that the files name."""

from __future__ import annotations

import pytest
from nexuslims_core.types import quantity
from nexuslims_extractors_zeiss.units import UNITS, in_unit, is_unit, micro


@pytest.mark.parametrize("name", UNITS)
def test_every_unit_of_ours_is_one(name):
    assert quantity(1, UNITS[name]).magnitude == 1
    assert is_unit(name)


@pytest.mark.parametrize(
    ("name", "expected"),
    [("um", "µm"), ("\N{GREEK SMALL LETTER MU}m", "µm"), ("µm", "µm"), ("u", "u")],
)
def test_micro_is_one_sign(name, expected):
    assert micro(name) == expected


@pytest.mark.parametrize(
    ("text", "written", "wanted", "expected"),
    [
        ("5", "Microns", "nm", 5000.0),
        ("2.5", "K X", "", 2500.0),
        ("1.6", "Mins", "s", 96.0),
        ("7", "mm", "mm", "7"),
        ("7", "", "mm", "7"),
        ("7", "elves", "mm", "7"),
        ("7", "Volts", "mm", "7 Volts"),
        ("off", "Volts", "kV", "off"),
    ],
)
def test_numbers_are_converted(text, written, wanted, expected):
    assert in_unit(text, written, wanted) == expected


def test_a_unit_may_be_assumed():
    assert in_unit("7", "", "kV", assumed="V") == 0.007
    assert in_unit("7", "kV", "kV", assumed="V") == "7"
