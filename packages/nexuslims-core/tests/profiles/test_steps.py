"""What each action does to a dataset."""

from __future__ import annotations

import pytest
from nexuslims_core.model.schema import StagePosition
from nexuslims_core.types import quantity

STEP = "[[step]]\n"


def test_rename_moves_an_extension_to_a_typed_field(dataset, adjust):
    found = adjust(
        dataset(),
        STEP + 'action = "rename"\nfrom = "Operation Mode"\nto = "Illumination Mode"',
    )

    assert found.fields["illumination_mode"] == "Imaging"
    assert "Operation Mode" not in found.extensions
    assert found.notes == ()


def test_rename_moves_between_groups_and_leaves_none_empty(dataset, adjust):
    before = dataset(extensions={"Gun": {"Lens": {"No": 3}}, "Other": 1})

    found = adjust(
        before, STEP + 'action = "rename"\nfrom = "Gun / Lens / No"\nto = "N"'
    )

    assert found.extensions == {"Other": 1, "N": 3}


def test_rename_keeps_what_is_there_already_and_says_so(dataset, adjust):
    before = dataset()

    found = adjust(
        before, STEP + 'action = "rename"\nfrom = "Gain"\nto = "Operation Mode"'
    )

    assert found.extensions == before.extensions
    [note] = found.notes
    assert note == (
        "profile ours, step 1 (rename Gain): Operation Mode is there already, with "
        "another value; nothing is changed"
    )


def test_rename_joins_what_says_the_same(dataset, adjust):
    before = dataset(extensions={"A": quantity(1, "V"), "B": quantity(1, "V")})

    found = adjust(before, STEP + 'action = "rename"\nfrom = "A"\nto = "B"')

    assert found.extensions == {"B": quantity(1, "V")}
    assert found.notes == ()


@pytest.mark.parametrize(
    "text",
    [
        'action = "rename"\nfrom = "Missing"\nto = "B"',
        'action = "copy"\nfrom = "raw:Tags / Info / 3 / HT"\nto = "B"',
        'action = "convert"\npath = "Missing"\nunit = "kV"',
        'action = "warn"\npaths = ["Missing"]',
        'action = "remove"\npaths = ["Missing", "raw:Tags / No"]',
    ],
)
def test_what_a_file_does_not_have_is_no_matter(dataset, adjust, text):
    assert adjust(dataset(), STEP + text) == dataset()


def test_copy_takes_from_raw_groups_and_lists_in_them(dataset, adjust):
    found = adjust(
        dataset(),
        STEP
        + 'action = "copy"\nfrom = "raw:Tags / Info / 0 / HT"\n'
        + 'to = "acceleration_voltage"\n'
        + STEP
        + 'action = "convert"\npath = "acceleration_voltage"\nunit = "V"',
    )

    assert found.fields["acceleration_voltage"] == quantity(300, "kV")
    assert found.raw == dataset().raw


def test_copy_replaces_what_was_there(dataset, adjust):
    found = adjust(
        dataset(), STEP + 'action = "copy"\nfrom = "raw:Tags / User"\nto = "operator"'
    )

    assert found.fields["operator"] == "jd"


def test_a_list_of_names_is_a_path_too(dataset, adjust):
    before = dataset(raw={"A / B": {"C": 1}})

    found = adjust(
        before, STEP + 'action = "copy"\nfrom = ["raw:A / B", "C"]\nto = ["X", "Y"]'
    )

    assert found.extensions["X"] == {"Y": 1}


def test_a_group_cannot_be_put_into_a_value(dataset, adjust):
    before = dataset()

    found = adjust(before, STEP + 'action = "set"\npath = "Gain / C1"\nvalue = 1')

    assert found.extensions == before.extensions
    [note] = found.notes
    assert note == (
        "profile ours, step 1 (set Gain / C1): there is a value, 5, where a group "
        "would have to be; nothing is changed"
    )


@pytest.mark.parametrize(
    ("path", "unit", "more", "expected"),
    [
        ("Voltage", "kV", "", quantity(200000, "kV")),
        ("Voltage", "kV", 'number_unit = "V"', quantity(200, "kV")),
        ("Lens / C1", "cm", "", quantity(1.2, "cm")),
        ("Lens / C1", "cm", 'number_unit = "km"', quantity(1.2, "cm")),
        ("Lens / C2", "%", "", quantity(7.5, "%")),
        ("beam_current", "pA", "", quantity(2000, "pA")),
        ("Beam Current", "pA", "", quantity(2000, "pA")),
        ("stage_position / x", "um", "", quantity(1000, "um")),
    ],
)
def test_convert_gives_numbers_units_and_converts_quantities(
    dataset, adjust, path, unit, more, expected
):
    found = adjust(
        dataset(),
        STEP
        + f'action = "convert"\npath = "{path}"\nunit = "{unit}"\n{more}\n'
        # To look at it, whatever it was.
        + STEP
        + f'action = "copy"\nfrom = "{path}"\nto = "Seen"',
    )

    seen = found.extensions["Seen"]
    assert (float(seen.magnitude), seen.units) == (
        float(expected.magnitude),
        expected.units,
    )
    assert found.notes == ()


@pytest.mark.parametrize(
    ("path", "reason"),
    [
        ("Lens / C1", "expected a unit like kV, found mm"),
        ("Operation Mode", "'Imaging' is no number with a unit"),
        ("Apertures", "expected a number, found list"),
        ("Lens", "expected an object of 'value' and 'unit'"),
    ],
)
def test_convert_keeps_what_does_not_fit_and_says_so(dataset, adjust, path, reason):
    before = dataset()

    found = adjust(before, STEP + f'action = "convert"\npath = "{path}"\nunit = "kV"')

    assert found.extensions == before.extensions
    assert found.notes == (
        f"profile ours, step 1 (convert {path}): {reason}; nothing is changed",
    )


def test_a_stage_position_of_the_schema_is_a_group_like_others(dataset, adjust):
    stage = StagePosition(x=quantity(1, "mm"), tilt_alpha=quantity(2, "deg"))

    found = adjust(
        dataset(fields={"stage_position": stage}),
        STEP + 'action = "remove"\npaths = ["stage_position / x"]',
    )

    assert found.fields == {"stage_position": {"tilt_alpha": quantity(2, "deg")}}


@pytest.mark.parametrize(
    ("path", "value", "expected"),
    [
        ("Site", '"Hall"', "Hall"),
        ("Site", "true", True),
        ("Site", "[1, 2]", [1, 2]),
        ("Site", '5\nunit = "Pa"', quantity(5, "Pa")),
        ("Gain", "6", 6),
    ],
)
def test_set_gives_or_replaces_a_value(dataset, adjust, path, value, expected):
    found = adjust(
        dataset(), STEP + f'action = "set"\npath = "{path}"\nvalue = {value}'
    )

    assert found.extensions[path] == expected


def test_set_puts_typed_fields_where_they_belong(dataset, adjust):
    found = adjust(
        dataset(),
        STEP + 'action = "set"\npath = "Acceleration Voltage"\nvalue = "200 kV"\n'
        + STEP + 'action = "set"\npath = "stage_position / z"\nvalue = 1\nunit = "mm"\n'
        + STEP + 'action = "set"\npath = "extension:Temperature"\nvalue = "cold"',
    )  # fmt: skip

    assert found.fields["acceleration_voltage"] == "200 kV"
    assert found.fields["stage_position"] == {
        "x": quantity(1, "mm"),
        "z": quantity(1, "mm"),
    }
    assert found.extensions["Temperature"] == "cold"


def test_type_chooses_both_or_either(dataset, adjust):
    both = (
        'action = "type"\ndataset_type = "Diffraction"\ndata_type = "TEM_Diffraction"'
    )

    found = adjust(dataset(), STEP + both)
    other = adjust(dataset(), STEP + 'action = "type"\ndata_type = "STEM_Imaging"')

    assert (found.dataset_type, found.data_type) == ("Diffraction", "TEM_Diffraction")
    assert (other.dataset_type, other.data_type) == ("Image", "STEM_Imaging")


def test_warn_flags_what_is_there_by_the_name_that_people_read(dataset, adjust):
    found = adjust(
        dataset(flagged=(("Operator",),)),
        STEP
        + 'action = "warn"\npaths = ["operator", "Lens / C1", "stage_position / x", '
        + '"Nothing", "Data Type", "DatasetType", "beam_current", "Beam Current"]',
    )

    assert found.flagged == (
        ("Operator",),
        ("Lens", "C1"),
        ("Stage Position", "x"),
        ("Data Type",),
        ("DatasetType",),
        ("Beam Current",),
    )


def test_remove_takes_out_fields_extensions_and_raw_values(dataset, adjust):
    found = adjust(
        dataset(),
        STEP
        + 'action = "remove"\npaths = ["operator", "Lens / C1", "raw:Tags / User"]',
    )

    assert "operator" not in found.fields
    assert found.extensions["Lens"] == {"C2": "7.5"}
    assert found.raw == {"Tags": {"Info": [{"HT": 300000.0}]}}


def test_an_item_of_a_list_cannot_be_removed(dataset, adjust):
    found = adjust(
        dataset(), STEP + 'action = "remove"\npaths = ["raw:Tags / Info / 0"]'
    )

    assert found.raw == dataset().raw
    assert "single items of a list cannot be removed" in found.notes[0]


def test_the_name_of_a_typed_field_finds_the_extension_where_the_field_is_not(
    dataset, adjust
):
    before = dataset(extensions={"Detector": "BF"})

    found = adjust(
        before,
        STEP + 'action = "warn"\npaths = ["detector_type"]\n'
        + STEP + 'action = "rename"\nfrom = "Detector"\nto = "Camera"',
    )  # fmt: skip

    assert found.flagged == (("Detector",),)
    assert found.extensions == {"Camera": "BF"}


def test_a_typed_field_wins_over_an_extension_of_its_name(dataset, adjust):
    before = dataset(extensions={"Operator": "b"})

    found = adjust(before, STEP + 'action = "remove"\npaths = ["Operator"]')
    other = adjust(before, STEP + 'action = "remove"\npaths = ["extension:Operator"]')

    assert found.extensions == {"Operator": "b"}
    assert "operator" not in found.fields
    assert other.extensions == {}
    assert other.fields["operator"] == "user"


def test_steps_see_what_the_steps_before_them_did(dataset, adjust):
    found = adjust(
        dataset(),
        STEP + 'action = "rename"\nfrom = "Gain"\nto = "Camera / Gain"\n'
        + STEP + 'action = "warn"\npaths = ["Camera / Gain"]',
    )  # fmt: skip

    assert found.flagged == (("Camera", "Gain"),)


def test_the_dataset_given_is_left_as_it_was(dataset, adjust):
    before = dataset()

    adjust(
        before,
        STEP + 'action = "set"\npath = "Lens / C3"\nvalue = 1\n'
        + STEP + 'action = "remove"\npaths = ["raw:Tags / User", "Gain"]',
    )  # fmt: skip

    assert before == dataset()
