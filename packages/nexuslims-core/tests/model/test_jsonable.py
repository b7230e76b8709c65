from __future__ import annotations

import json
from datetime import UTC, date, datetime
from decimal import Decimal
from enum import Enum
from fractions import Fraction
from pathlib import PurePosixPath

import numpy as np
import pint
import pytest
from hypothesis import given
from hypothesis import strategies as st
from nexuslims_core.model.jsonable import MAX_ITEMS, jsonable
from nexuslims_core.model.units import registry


class Colour(Enum):
    RED = "red"


class Elsewhere:
    shape = (4, 5)
    dtype = "float32"


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (None, None),
        (True, True),
        (np.bool_(0), False),
        (np.int64(7), 7),
        (np.float32(0.1), 0.1),
        (np.float64("nan"), "NaN"),
        (float("-inf"), "-Infinity"),
        (np.str_("text"), "text"),
        (np.bytes_(b"text"), "text"),
        (b"padded\x00\x00", "padded"),
        (b"\x89PNG", "iVBORw=="),
        (b"bell\x07", "YmVsbAc="),
        (np.void(b"\x01\x02"), "AQI="),
        (Decimal("41.4"), 41.4),
        (Decimal("NaN"), "NaN"),
        (Fraction(10**400, 1), "Infinity"),
        (Fraction(1, 4), 0.25),
        (PurePosixPath("/a/b"), "/a/b"),
        (datetime(2024, 3, 1, 12, tzinfo=UTC), "2024-03-01T12:00:00+00:00"),
        (date(2024, 3, 1), "2024-03-01"),
        (np.datetime64("2024-03-01"), "2024-03-01"),
        (Colour.RED, "red"),
        (1 + 2j, "(1+2j)"),
        (np.complex64(1), "(1+0j)"),
        ("\ud800", "\ufffd"),
        ((1, [2]), [1, [2]]),
        ({"b", "a"}, ["a", "b"]),
        (np.arange(3), [0, 1, 2]),
        (np.array(2.5), 2.5),
        ({1: "a", "1": "b"}, {"1": "a", "1 (2)": "b"}),
        ({b"key": 1}, {"key": 1}),
        (2**2000, hex(2**2000)),
    ],
)
def test_values_become_the_json_that_people_would_expect(value, expected):
    assert jsonable(value) == expected


def test_quantities_carry_their_long_unit():
    quantity = registry().Quantity(15.0, "kV")
    assert jsonable(quantity) == {"value": 15.0, "unit": "kilovolt"}


def test_units_that_only_another_registry_knows_are_kept_as_text():
    other = pint.UnitRegistry()
    other.define("frobs = [frobbing]")
    assert jsonable(other.Quantity(2, "frobs")) == {"value": 2, "unit": "frobs"}


def test_a_unit_alone_is_its_name():
    assert jsonable(registry().Unit("kV")) == "kilovolt"


def test_structured_scalars_keep_their_names():
    row = np.array([(1, 2.5)], dtype=[("n", "i4"), ("x", "f8")])[0]
    assert jsonable(row) == {"n": 1, "x": 2.5}


@pytest.mark.parametrize(
    ("value", "words"),
    [
        (np.zeros((2000, 2000), np.float32), ["4000000", "float32", "(2000, 2000)"]),
        (list(range(MAX_ITEMS + 1)), [str(MAX_ITEMS + 1), "items"]),
        (b"\x00\xff" * 100_000, ["200000 bytes"]),
        (Elsewhere(), ["float32", "(4, 5)"]),
    ],
)
def test_what_is_data_rather_than_metadata_is_described_instead(value, words):
    text = jsonable(value)
    assert isinstance(text, str)
    assert all(word in text for word in ["left out", *words])


def test_endless_nesting_ends():
    endless = {}
    endless["again"] = endless
    assert "nested too deeply" in json.dumps(jsonable(endless))


@given(
    st.recursive(
        st.none()
        | st.booleans()
        | st.integers()
        | st.floats()
        | st.text()
        | st.binary()
        | st.decimals()
        | st.datetimes(),
        lambda inner: (
            st.lists(inner, max_size=4)
            | st.dictionaries(st.text() | st.integers(), inner, max_size=4)
        ),
        max_leaves=20,
    )
)
def test_whatever_comes_out_is_strict_json(value):
    text = json.dumps(jsonable(value), allow_nan=False, ensure_ascii=False)
    text.encode()
    assert json.loads(text) == jsonable(value)
