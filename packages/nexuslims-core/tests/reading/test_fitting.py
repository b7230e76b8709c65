from __future__ import annotations

from nexuslims_core.reading.findings import Findings
from nexuslims_core.reading.fitting import fitted
from nexuslims_core.types import quantity


def test_fields_of_other_types_are_shown_in_the_unit_of_all_vendors():
    found = fitted(
        Findings(
            dataset_type="Spectrum",
            fields={
                "pixel_width": quantity(0.5, "µm"),
                "acceleration_voltage": quantity(5, "kV"),
            },
        )
    )
    assert found.fields == {"acceleration_voltage": quantity(5, "kV")}
    assert found.extensions == {"Pixel Width": quantity(500, "nm")}
    assert str(found.extensions["Pixel Width"].units) == "nanometer"


def test_what_a_file_shows_under_that_name_goes_before():
    found = fitted(
        Findings(
            dataset_type="Image",
            fields={"live_time": quantity(1, "s")},
            extensions={"Live Time": "unknown"},
        )
    )
    assert found.extensions == {"Live Time": "unknown"}


def test_a_typed_field_is_not_repeated():
    found = fitted(
        Findings(
            dataset_type="Image",
            fields={"working_distance": quantity(4, "mm")},
            extensions={"Working Distance": "4 mm", "Gas": "none"},
        )
    )
    assert found.extensions == {"Gas": "none"}


def test_a_value_of_another_dimension_is_kept_as_it_is():
    found = fitted(
        Findings(dataset_type="Image", fields={"live_time": quantity(1, "m")})
    )
    assert found.extensions == {"Live Time": quantity(1, "m")}
