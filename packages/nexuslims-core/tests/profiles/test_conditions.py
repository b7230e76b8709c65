"""When a step applies."""

from __future__ import annotations

import numpy as np
import pytest
from nexuslims_core.types import quantity

STEP = '[[step]]\naction = "set"\npath = "Done"\nvalue = true\n'

HOLDS = [
    '{ path = "Operation Mode", equals = "IMAGING" }',
    '{ path = "Operation Mode", equals = ["Diffraction", "imaging"] }',
    '{ path = "Operation Mode", contains = "MAG" }',
    '{ path = "Operation Mode", contains = ["x", "mag"] }',
    '{ path = "Operation Mode", matches = "^Im.*g$" }',
    '{ path = "Operation Mode", matches = "(?i)^im" }',
    '{ path = "Operation Mode", exists = true }',
    '{ path = "Missing", exists = false }',
    '{ path = "Empty", exists = false }',
    '{ path = "Gain", equals = 5 }',
    '{ path = "Gain", equals = 5.0 }',
    '{ path = "Gain", equals = "5" }',
    '{ path = "Lens / C2", equals = 7.5 }',
    '{ path = "Lens / C1", equals = "1.2 cm" }',
    '{ path = "Lens / C1", equals = 12 }',
    '{ path = "Lens / C1", contains = "12.0 mm" }',
    '{ path = "Apertures", equals = "c1 open" }',
    '{ path = "Apertures", contains = "70" }',
    '{ path = "raw:Tags / Info / 0 / HT", equals = 300000 }',
    '{ path = "DatasetType", equals = "Image" }',
    '{ path = "data_type", contains = "TEM" }',
    '{ extension = "dm3" }',
    '{ extension = [".DM3", "tif"] }',
    '{ word = "GRAIN" }',
    '{ word = ["saed", "session"] }',
    '{ extension = "dm3", word = "grain", path = "Gain", equals = 5 }',
    '[{ extension = "tif" }, { word = "grain" }]',
]

HOLDS_NOT = [
    '{ path = "Operation Mode", equals = "Imag" }',
    '{ path = "Operation Mode", matches = "^im" }',
    '{ path = "Operation Mode", exists = false }',
    '{ path = "Missing", exists = true }',
    '{ path = "Empty", exists = true }',
    '{ path = "Missing", equals = "" }',
    '{ path = "Missing", contains = "a" }',
    '{ path = "Missing", matches = "^" }',
    '{ path = "Lens", contains = "C1" }',
    '{ path = "Lens / C1", equals = "12 kV" }',
    '{ path = "Lens / C1", equals = "twelve" }',
    '{ path = "Gain", equals = true }',
    '{ path = "Operation Mode", equals = 5 }',
    '{ extension = "tif" }',
    '{ word = "data" }',
    '{ word = "grai" }',
    '{ extension = "dm3", word = "grain", path = "Gain", equals = 6 }',
    '[{ extension = "tif" }, { word = "saed" }]',
]


@pytest.mark.parametrize("condition", HOLDS)
def test_a_condition_that_holds(dataset, adjust, condition):
    assert adjust(dataset(), f"{STEP}when = {condition}").extensions["Done"]
    assert adjust(dataset(), f"{STEP}unless = {condition}") == dataset()


@pytest.mark.parametrize("condition", HOLDS_NOT)
def test_a_condition_that_does_not_hold(dataset, adjust, condition):
    assert adjust(dataset(), f"{STEP}when = {condition}") == dataset()
    assert adjust(dataset(), f"{STEP}unless = {condition}").extensions["Done"]


def test_when_and_unless_go_together(dataset, adjust):
    when = f'{STEP}when = {{ word = "grain" }}\n'

    applied = adjust(dataset(), f'{when}unless = {{ path = "Gain", equals = 6 }}')
    left = adjust(dataset(), f'{when}unless = {{ path = "Gain", equals = 5 }}')

    assert "Done" in applied.extensions
    assert "Done" not in left.extensions


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (np.float32(0.5), "0.5"),
        (np.int64(7), "7"),
        (quantity(1, ""), "1"),
        (quantity(0.1, "V"), '"100 mV"'),
        (True, "true"),
        ("2", "2"),
    ],
)
def test_values_of_any_make_can_be_compared(dataset, adjust, value, expected):
    found = adjust(
        dataset(extensions={"V": value}),
        f'{STEP}when = {{ path = "V", equals = {expected} }}',
    )

    assert "Done" in found.extensions
