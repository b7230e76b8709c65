from __future__ import annotations

import pytest
from nexuslims_core.reading.axes import (
    calibration,
    dimension,
    finite,
    length_axis,
    tidy_unit,
)
from nexuslims_core.types import Axis, quantity


@pytest.mark.parametrize(
    ("metres", "scale", "unit"),
    [(1e-3, 1e-3, "m"), (2e-6, 2e-3, "mm"), (5e-9, 5e-3, "µm"), (2e-13, 2e-4, "nm")],
)
def test_lengths_are_in_the_largest_unit_that_fits(metres, scale, unit):
    axis = length_axis("x", 1000, metres)
    assert axis.unit == unit
    assert axis.scale == pytest.approx(scale)


@pytest.mark.parametrize(
    ("text", "unit"),
    [
        ("1 / μm", "1/µm"),
        ("<undefined>", ""),
        (None, ""),
        ("px", ""),
        (" nm ", "nm"),
    ],
)
def test_units_are_written_in_one_way(text, unit):
    assert tidy_unit(text) == unit


@pytest.mark.parametrize(
    ("unit", "measured"),
    [
        ("nm", "length"),
        ("Å", "length"),
        ("1/nm", "reciprocal length"),
        ("keV", "energy"),
        ("mrad", "angle"),
        ("deg", "angle"),
        ("ms", "time"),
        ("A", ""),
        ("", ""),
        ("%", ""),
        ("furlongs of hay", ""),
    ],
)
def test_units_tell_what_is_measured(unit, measured):
    assert dimension(unit) == measured


def test_axes_of_an_image_tell_pixel_size_and_field_of_view():
    axes = [
        Axis(name="t", size=9, scale=0.5, unit="s", navigation=True),
        Axis(name="y", size=100, scale=2, unit="nm"),
        Axis(name="x", size=200, scale=-3, unit="nm"),
    ]
    assert calibration(axes) == {
        "pixel_width": quantity(3, "nm"),
        "pixel_height": quantity(2, "nm"),
        "horizontal_field_width": quantity(600, "nm"),
        "vertical_field_width": quantity(200, "nm"),
    }


def test_axes_of_a_line_scan_tell_channels_but_no_area():
    axes = [
        Axis(name="x", size=10, scale=1, unit="nm", navigation=True),
        Axis(name="E", size=2048, scale=0.01, offset=-0.5, unit="keV"),
    ]
    assert calibration(axes) == {
        "channel_size": quantity(0.01, "keV"),
        "starting_energy": quantity(-0.5, "keV"),
    }


@pytest.mark.parametrize(
    ("value", "expected"), [("2.5", 2.5), (None, 9), ("x", 9), (float("nan"), 9)]
)
def test_only_finite_numbers_count(value, expected):
    assert finite(value, 9) == expected
