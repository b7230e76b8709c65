from __future__ import annotations

import pytest
from nexuslims_core.reading.tables import Field, tabulated
from nexuslims_core.types import quantity


@pytest.fixture
def read():
    """Return a function that reads one value by one row."""

    def read(row, value):
        return tabulated([row], lambda _row: value)

    return read


def test_a_number_goes_to_its_typed_field_in_its_unit(read):
    row = Field("SEM", "HV", ("Voltage",), "kV", "acceleration_voltage", factor=0.001)
    found = read(row, "30000")
    assert found.fields == {"acceleration_voltage": quantity(30, "kV")}
    assert not found.extensions


def test_a_typed_field_may_be_one_of_the_stage(read):
    row = Field("SEM", "StageX", ("Stage", "X"), "mm", "stage_position/x")
    assert read(row, 1.5).fields == {"stage_position": {"x": quantity(1.5, "mm")}}


def test_other_values_are_extensions_with_their_units(read):
    row = Field("SEM", "Lens", ("Optics", "Lens"), "V")
    assert read(row, "12").extensions == {"Optics": {"Lens": quantity(12, "V")}}


def test_whole_numbers_without_unit_stay_whole(read):
    found = read(Field("SEM", "Frames", ("Frames",)), "4").extensions["Frames"]
    assert found == 4
    assert isinstance(found, int)


def test_text_in_place_of_a_number_is_kept_and_noted(read):
    row = Field("SEM", "HV", ("Voltage",), "V", "acceleration_voltage")
    found = read(row, "off")
    assert not found.fields
    assert found.extensions == {"Voltage": "off"}
    assert found.notes == ("Voltage: expected a number in V, found 'off'.",)


def test_text_is_not_taken_for_a_number(read):
    row = Field("SEM", "Serial", ("Serial Number",), text=True)
    assert read(row, "0042").extensions == {"Serial Number": "0042"}


def test_text_may_be_typed(read):
    row = Field("SEM", "Det", ("Detector",), typed="detector_type", text=True)
    assert read(row, "ETD").fields == {"detector_type": "ETD"}


@pytest.mark.parametrize("value", [None, ""])
def test_what_is_not_there_leaves_nothing(read, value):
    found = read(Field("SEM", "HV", ("Voltage",), "V", "acceleration_voltage"), value)
    assert not found.fields
    assert not found.extensions
    assert not found.notes


def test_zero_is_a_value(read):
    assert read(Field("SEM", "T", ("T",)), 0).extensions == {"T": 0}


def test_of_two_rows_with_one_place_the_later_wins():
    rows = [
        Field("a", "x", ("Width",), "m", "pixel_width"),
        Field("b", "x", ("Width",), "m", "pixel_width"),
    ]
    values = {"a": 1, "b": 2}
    found = tabulated(rows, lambda row: values[row.section])
    assert found.fields == {"pixel_width": quantity(2, "m")}


def test_a_group_and_a_value_of_one_name_are_both_kept():
    rows = [Field("", "a", ("Stage",)), Field("", "b", ("Stage", "X"))]
    found = tabulated(rows, lambda row: row.key)
    assert found.extensions == {"Stage": {"Stage": "a", "X": "b"}}
