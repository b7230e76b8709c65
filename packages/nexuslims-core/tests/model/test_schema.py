from __future__ import annotations

import json
from datetime import UTC, datetime

import pytest
from nexuslims_core.model.schema import (
    MODELS,
    DiffractionMetadata,
    ExtractionDetails,
    ImageMetadata,
    NexusMetadata,
    SpectrumImageMetadata,
    SpectrumMetadata,
    StagePosition,
    descriptors,
    display_name,
)
from nexuslims_core.model.units import registry, symbol
from pydantic import ValidationError


@pytest.fixture
def head():
    return {
        "Creation Time": datetime(2024, 3, 1, tzinfo=UTC),
        "Data Type": "STEM_Imaging",
        "DatasetType": "Image",
    }


@pytest.mark.parametrize(
    "value",
    [
        registry().Quantity(15000, "V"),
        "15000 V",
        "15 kV",
        {"value": 15000, "unit": "volt"},
        {"value": 15, "units": "kV"},
    ],
)
def test_a_quantity_is_accepted_in_every_form(head, value):
    found = ImageMetadata(**head, acceleration_voltage=value).acceleration_voltage
    assert (found.magnitude, symbol(found.units)) == (15.0, "kV")


@pytest.mark.parametrize(
    "value",
    [
        15,
        "15",
        "15 m",
        "much",
        True,
        float("nan"),
        registry().Quantity(float("inf"), "kV"),
        {"value": 15},
        {"unit": "kV"},
        {"value": "15", "unit": "kV"},
        {"value": 15, "unit": 3},
        [15, "kV"],
        "1e400 V",
    ],
)
def test_what_is_no_voltage_is_refused(head, value):
    with pytest.raises(ValidationError, match="acceleration_voltage"):
        ImageMetadata(**head, acceleration_voltage=value)


@pytest.mark.parametrize("value", [5000, 5000.0, "5000", "5 kX", "5000x", "5000 X"])
def test_a_magnification_is_a_plain_number(head, value):
    assert ImageMetadata(**head, magnification=value).magnification == 5000.0


def test_the_stage_may_have_further_axes(head):
    stage = ImageMetadata(
        **head, stage_position={"x": "1 mm", "z": "41.4 µm", "flip": 1}
    ).stage_position
    assert stage.x.magnitude == 1000.0
    assert stage.z.magnitude == 0.0414
    assert stage.flip == 1


@pytest.mark.parametrize(
    ("model", "field", "value"),
    [
        (SpectrumMetadata, "dwell_time", "2 µs"),
        (SpectrumMetadata, "beam_current", "1 nA"),
        (SpectrumMetadata, "convergence_angle", "20 mrad"),
        (DiffractionMetadata, "magnification", 1000),
        (DiffractionMetadata, "horizontal_field_width", "2 µm"),
        (DiffractionMetadata, "dwell_time", "1 ms"),
        (DiffractionMetadata, "detector_type", "Ceta"),
        (ImageMetadata, "camera_length", "100 mm"),
        (NexusMetadata, "beam_current", "1 nA"),
    ],
)
def test_what_the_microscope_has_is_accepted_for_every_type(head, model, field, value):
    assert getattr(model(**head, **{field: value}), field) is not None


@pytest.mark.parametrize(
    ("model", "fields"),
    [
        (
            ImageMetadata,
            (
                "working_distance beam_current emission_current dwell_time "
                "magnification horizontal_field_width vertical_field_width pixel_width "
                "pixel_height scan_rotation detector_type acquisition_device"
            ),
        ),
        (
            SpectrumMetadata,
            (
                "acquisition_time live_time detector_energy_resolution channel_size "
                "starting_energy azimuthal_angle elevation_angle takeoff_angle "
                "acquisition_device horizontal_field_width elements"
            ),
        ),
        (SpectrumImageMetadata, "pixel_time scan_mode pixel_width live_time"),
        (DiffractionMetadata, "camera_length convergence_angle acquisition_device"),
        (StagePosition, "x y z rotation tilt_alpha tilt_beta"),
        (ExtractionDetails, "date module version extractor_warnings"),
    ],
)
def test_the_models_have_the_fields_that_facilities_rely_on(model, fields):
    assert set(fields.split()) <= set(model.model_fields)


def test_unknown_fields_are_refused(head):
    with pytest.raises(ValidationError, match="flux_capacitor"):
        NexusMetadata(**head, flux_capacitor=1)


def test_a_creation_time_needs_a_zone(head):
    head["Creation Time"] = datetime(2024, 3, 1)  # noqa: DTZ001 - the point of it
    with pytest.raises(ValidationError, match="timezone"):
        NexusMetadata(**head)


@pytest.mark.parametrize("given", ["Fe, O", "Fe O", ["Fe", "O"]])
def test_elements_are_a_list(head, given):
    assert SpectrumMetadata(**head, elements=given).elements == ("Fe", "O")


def test_descriptors_link_fields_to_the_em_glossary_and_qudt():
    voltage = descriptors(ImageMetadata)["acceleration_voltage"]
    assert voltage.display_name == "Acceleration Voltage"
    assert voltage.unit == "kV"
    assert voltage.qudt_iri == "http://qudt.org/vocab/unit/KiloV"
    assert voltage.emg_label == "Acceleration Voltage"
    assert voltage.emg_uri == (
        "https://purls.helmholtz-metadaten.de/emg/v2.0.0/EMG_00000004"
    )


@pytest.mark.parametrize("model", [*MODELS.values(), StagePosition])
def test_models_tell_their_json_schema(model):
    schema = json.dumps(model.model_json_schema())
    assert "display_name" in schema


def test_models_serialise_quantities_with_their_unit(head):
    text = ImageMetadata(**head, dwell_time="1 µs").model_dump_json(exclude_none=True)
    assert json.loads(text)["dwell_time"] == {"value": 1.0, "unit": "microsecond"}


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("acceleration_voltage", "Acceleration Voltage"),
        ("dwell_time", "Pixel Dwell Time"),
        ("detector_type", "Detector"),
        ("detector_energy_resolution", "Energy Resolution"),
        ("stage_position", "Stage Position"),
        ("operator", "Operator"),
        ("magnification", "magnification"),
        ("elements", "elements"),
        ("some_vendor_key", "Some Vendor Key"),
        ("Live_Time", "Live_Time"),
        ("Operator", "Operator"),
        ("kv", "kv"),
    ],
)
def test_display_names_are_those_of_records(name, expected):
    assert display_name(name) == expected
