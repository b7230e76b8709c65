from __future__ import annotations

import numpy as np
import pytest
from nexuslims_core.reading.findings import (
    Findings,
    as_text,
    decimals,
    merged,
    number,
    scaled,
)


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("12", 12),
        (" -3 ", -3),
        ("1.5e-3", 0.0015),
        (".5", 0.5),
        ("1e9999", None),
        ("nan", None),
        ("12 kV", None),
        ("", None),
        ("0x10", None),
        ("١٢", None),
        (7, 7),
        (2.5, 2.5),
        (float("inf"), None),
        (float("nan"), None),
        (True, None),
        (None, None),
        ([1], None),
        (np.float32(0.1), 0.1),
        (np.int64(5), 5),
        (np.bool_(True), None),
        (np.array(3.5), 3.5),
        (np.array([3.5, 1]), None),
    ],
)
def test_a_number_is_finite_and_alone(value, expected):
    found = number(value)
    assert found == expected
    assert type(found) is type(expected)


@pytest.mark.parametrize(
    ("value", "factor", "expected"),
    [("0.003", 1e6, 3000.0), (5e-9, "1e9", 5.0), (30000, 0.001, 30.0), (0.1, 3, 0.3)],
)
def test_numbers_are_scaled_in_decimal(value, factor, expected):
    assert scaled(value, factor) == expected


@pytest.mark.parametrize(("text", "count"), [("1", 0), ("1.250", 3), ("1e-3", 3)])
def test_decimals_are_counted_as_written(text, count):
    assert decimals(text) == count


def test_groups_are_joined_level_by_level():
    first = {"stage": {"x": 1, "y": 2}, "kept": 0}
    second = {"stage": {"y": 3}, "new": {"a": 1}}
    assert merged(first, second) == {
        "stage": {"x": 1, "y": 3},
        "kept": 0,
        "new": {"a": 1},
    }
    assert first == {"stage": {"x": 1, "y": 2}, "kept": 0}


def test_findings_are_joined_and_keep_their_types():
    one = Findings(
        dataset_type="Spectrum",
        data_type="EDS_Spectrum",
        fields={"magnification": 1.0},
        notes=("first",),
    )
    other = Findings(fields={"magnification": 2.0}, flagged=(("Operator",),))
    joined = one.joined(other, Findings(notes=("second",)))
    assert joined.dataset_type == "Spectrum"
    assert joined.fields == {"magnification": 2.0}
    assert joined.flagged == (("Operator",),)
    assert joined.notes == ("first", "second")


def test_a_dataset_says_each_note_once(data_file):
    dataset = Findings(notes=("a", "b", "a")).dataset(data_file)
    assert dataset.notes == ("a", "b")
    assert dataset.file == data_file


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        ("µm".encode(), "µm"),
        ("µm".encode("cp1252"), "µm"),
        (b"\xef\xbb\xbfHV", "HV"),
        (b"H\0V\0", "HV"),
        (b"\x81\x8d", "\x81\x8d"),
    ],
)
def test_text_is_read_in_the_encodings_of_microscopes(content, expected):
    assert as_text(content) == expected
