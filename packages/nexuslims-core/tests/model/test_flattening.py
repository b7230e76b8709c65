from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from nexuslims_core.model.flattening import flatten, xml_text
from nexuslims_core.model.record import MetaValue


def shown(nx_meta):
    return {line.name: line.value for line in flatten(nx_meta)}


def test_fields_get_display_names_and_unit_symbols():
    nx_meta = {
        "Creation Time": "2024-03-01T07:00:00-05:00",
        "acceleration_voltage": {"value": 300, "unit": "kilovolt"},
        "magnification": 5000.0,
        "horizontal_field_width": {"value": 41.4, "unit": "micrometer"},
        "stage_position": {"tilt_alpha": {"value": -1.5, "unit": "degree"}},
        "legacy": {"value": 2.0, "units": "nanometer"},
    }
    assert flatten(nx_meta) == (
        MetaValue(name="Acceleration Voltage", value="300.0", unit="kV"),
        MetaValue(name="Creation Time", value="2024-03-01T07:00:00-05:00"),
        MetaValue(name="Horizontal Field Width", value="41.4", unit="µm"),
        MetaValue(name="legacy", value="2.0", unit="nm"),
        MetaValue(name="magnification", value="5000.0"),
        MetaValue(name="Stage Position – tilt_alpha", value="-1.5", unit="deg"),
    )


def test_the_order_ignores_case():
    assert list(shown({"b": 1, "A": 1, "a": 1, "B": 1})) == ["A", "a", "B", "b"]


def test_what_guides_the_writing_is_not_written():
    nx_meta = {
        "DatasetType": "Image",
        "warnings": [["A"]],
        "extensions": {"warnings": "x", "DatasetType": "y", "A": 1},
    }
    assert shown(nx_meta) == {"A": "1"}


def test_an_extension_does_not_replace_a_field_of_its_name():
    nx_meta = {
        "working_distance": {"value": 5.0, "unit": "millimeter"},
        "Data Type": "SEM_Imaging",
        "extensions": {"Working Distance": "long", "Data Type": "SEM_Imaging"},
    }
    assert shown(nx_meta) == {
        "Data Type": "SEM_Imaging",
        "Extensions – Working Distance": "long",
        "Working Distance": "5.0",
    }


def test_names_that_become_the_same_are_kept_apart():
    assert shown({"A": {"B": 1}, "A – B": 2}) == {"A – B": "1", "A – B (2)": "2"}


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (1e-05, "1e-05"),
        (3, "3"),
        (True, "True"),
        (["Fe", "O"], "Fe, O"),
        ([1, 2.5], "1, 2.5"),
        (["a, b", "c"], "a, b; c"),
        (["It failed.", "Twice."], "It failed. Twice."),
        ([[1, 2], [3]], "[[1, 2], [3]]"),
        ({"value": "NaN", "unit": "second"}, "NaN"),
        ({"value": [1.0, 2.0], "unit": "second"}, "1.0, 2.0"),
        ("a\x00b\x1fc", "a\ufffdb\ufffdc"),
        ("\ud800", "\ufffd"),
        ("& < > \" ' %41 \U0001f52c \u2028", "& < > \" ' %41 \U0001f52c \u2028"),
        ("x" * 10_000, "x" * 10_000),
    ],
)
def test_values_are_text(value, text):
    assert shown({"A": value}) == {"A": text}


@pytest.mark.parametrize("value", [None, "", [], {}, {"value": None, "unit": "volt"}])
def test_what_is_empty_says_nothing(value):
    assert flatten({"A": value}) == ()


def test_lists_of_groups_are_numbered():
    assert shown({"Det": [{"kV": 1}, {"kV": 2}]}) == {
        "Det – 1 – kV": "1",
        "Det – 2 – kV": "2",
    }


def test_a_group_of_value_and_unit_that_is_no_quantity_is_a_group():
    assert shown({"A": {"value": 1, "unit": {"b": 2}}}) == {
        "A – unit – b": "2",
        "A – value": "1",
    }


def test_a_unit_that_nobody_knows_is_shown_as_it_is():
    (line,) = flatten({"A": {"value": 1.0, "unit": "frobs\x00"}})
    assert line.unit == "frobs\ufffd"


@pytest.mark.parametrize(
    ("warnings", "flagged"),
    [
        ([["Operator"]], {"Operator"}),
        (["Operator"], {"Operator"}),
        ([["EDS", "Live time"]], {"EDS – Live time"}),
        (["EDS – Live time"], {"EDS – Live time"}),
        ([["EDS"]], {"EDS – Live time", "EDS – Real time"}),
        ([["dwell_time"]], {"Pixel Dwell Time"}),
        ([["Pixel Dwell Time"]], {"Pixel Dwell Time"}),
        ([["O"], ["Live time"], [], [None]], set()),
        (None, set()),
        ("Operator", set()),
    ],
)
def test_flags_match_whole_paths(warnings, flagged):
    nx_meta = {
        "dwell_time": {"value": 1.0, "unit": "microsecond"},
        "warnings": warnings,
        "extensions": {"Operator": "me", "EDS": {"Live time": 1, "Real time": 2}},
    }
    assert {line.name for line in flatten(nx_meta) if line.warning} == flagged


def test_an_extension_that_had_to_be_renamed_keeps_its_flag():
    nx_meta = {
        "Detector": "a",
        "warnings": [["Detector"]],
        "extensions": {"Detector": "b"},
    }
    assert all(line.warning for line in flatten(nx_meta))
    assert set(shown(nx_meta)) == {"Detector", "Extensions – Detector"}


@given(st.text())
def test_text_for_xml_has_no_character_that_xml_forbids(text):
    clean = xml_text(text)
    assert len(clean) == len(text)
    assert not any(ord(c) < 32 and c not in "\t\n\r" for c in clean)
