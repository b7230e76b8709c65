"""Scale bars: round, legible, true."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from nexuslims_core.previews.scalebar import scale_bar


@pytest.mark.parametrize(
    ("extent", "unit", "label", "pixels"),
    [
        (1000, "nm", "200 nm", 100),
        (5e-6, "m", "1 µm", 100),
        (16.0, "µm", "5 µm", 156),
        (16.0, "\N{GREEK SMALL LETTER MU}m", "5 µm", 156),
        (16.0, "um", "5 µm", 156),
        (0.64, "nm", "200 pm", 156),
        (40.0, "Å", "1 nm", 125),
        (4.0, "mm", "1 mm", 125),
        (2.0, "cm", "5 mm", 125),
        (8.0, "1/nm", "2 1/nm", 125),
        (40.0, "mrad", "10 mrad", 125),
        (0.04, "rad", "10 mrad", 125),
        (4e10, "1/m", "10 1/nm", 125),
        (0.4, "1/nm", "0.1 1/nm", 125),
        (8.0, "nm^-1", "2 1/nm", 125),
        (8.0, "nm⁻¹", "2 1/nm", 125),
        (8.0, "1 / nanometer", "2 1/nm", 125),
        (8.0, "1/Å", "2 1/Å", 125),
        (40.0, "°", "10°", 125),
    ],
)
def test_bars_are_round_and_in_the_unit_that_reads_best(extent, unit, label, pixels):
    bar = scale_bar(extent, unit, 500)
    assert (bar.label, bar.pixels) == (label, pixels)


@pytest.mark.parametrize("unit", ["", "px", "eV", "s", "V"])
def test_other_units_have_no_bar(unit):
    assert scale_bar(100, unit, 500) is None


@pytest.mark.parametrize("extent", [0, -1, np.nan, np.inf])
def test_an_extent_that_is_none_has_no_bar(extent):
    assert scale_bar(extent, "nm", 500) is None


def test_a_strip_is_too_narrow_for_a_bar():
    assert scale_bar(100, "nm", 16) is None


@given(extent=st.floats(1e-11, 10.0))
def test_a_bar_is_as_long_as_it_says(extent):
    bar = scale_bar(extent, "m", 500)
    value, unit = bar.label.split()
    metres = (
        float(value) * {"m": 1, "mm": 1e-3, "µm": 1e-6, "nm": 1e-9, "pm": 1e-12}[unit]
    )
    assert bar.pixels == pytest.approx(500 * metres / extent, abs=0.51)
    assert value.strip("0.")[0] in "125"
    assert 50 < bar.pixels <= 160
