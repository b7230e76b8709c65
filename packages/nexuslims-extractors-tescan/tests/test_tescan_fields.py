"""Every setting of the table arrives under its name, in its place, with its unit."""

from __future__ import annotations

import pytest
from nexuslims_core.model.schema import ImageMetadata
from nexuslims_core.types import quantity
from nexuslims_extractors_tescan.fields import BEAM_FIELDS, MAIN_FIELDS

NUMBER = "0.00000325"

# Section, key, place, what becomes of `NUMBER`, and its unit. Written out, so that a
# slip in the table of the program is not repeated here.
ROWS = """
MAIN | AccFrames | Accumulated Frames | 3.25e-06 | -
MAIN | AccType | Accumulation Type | 0.00000325 | text
MAIN | Company | Company | 0.00000325 | text
MAIN | Date | Acquisition Date | 0.00000325 | text
MAIN | Description | Description | 0.00000325 | text
MAIN | Device | Device | 0.00000325 | text
MAIN | DeviceModel | Device Model | 0.00000325 | text
MAIN | FullUserName | Full User Name | 0.00000325 | text
MAIN | ImageStripSize | Image Strip Size | 3.25e-06 | -
MAIN | Magnification | Magnification | 3.25e-09 | kX
MAIN | MagnificationReference | Magnification Reference | 3.25e-06 | -
MAIN | OrigFileName | Original Filename | 0.00000325 | text
MAIN | PixelSizeX | pixel_width | 3250.0 | nm
MAIN | PixelSizeY | pixel_height | 3250.0 | nm
MAIN | SerialNumber | Serial Number | 0.00000325 | text
MAIN | Sign | Sign | 0.00000325 | text
MAIN | SoftwareVersion | Software Version | 0.00000325 | text
MAIN | Time | Acquisition Time | 0.00000325 | text
MAIN | UserName | User Name | 0.00000325 | text
MAIN | ViewFieldsCountX | View Fields Count X | 3.25e-06 | -
MAIN | ViewFieldsCountY | View Fields Count Y | 3.25e-06 | -
SEM | AcceleratorVoltage | acceleration_voltage | 3.25e-09 | kV
SEM | ApertureDiameter | Aperture Diameter | 3.25 | µm
SEM | ApertureOptimization | Aperture Optimization | 3.25e-06 | -
SEM | ChamberPressure | chamber_pressure | 0.00325 | mPa
SEM | CrossFree | Cross Free | 3.25e-06 | -
SEM | CrossSectionShiftX | Cross Section Shift X | 3.25 | µm
SEM | CrossSectionShiftY | Cross Section Shift Y | 3.25 | µm
SEM | DepthOfFocus | Depth of Focus | 3.25 | µm
SEM | Detector | Detector Name | 0.00000325 | text
SEM | Detector0 | Detector 0 | 0.00000325 | text
SEM | Detector0FlatField | Detector 0 Flat Field | 3.25e-06 | -
SEM | Detector0Gain | Detector 0 Gain | 3.25e-06 | -
SEM | Detector0Offset | Detector 0 Offset | 3.25e-06 | -
SEM | DwellTime | dwell_time | 3.25 | µs
SEM | EmissionCurrent | emission_current | 3.25 | µA
SEM | Gun | Gun Type | 0.00000325 | text
SEM | GunShiftX | Gun Shift X | 3.25e-06 | -
SEM | GunShiftY | Gun Shift Y | 3.25e-06 | -
SEM | GunTiltX | Gun Tilt X | 3.25e-06 | -
SEM | GunTiltY | Gun Tilt Y | 3.25e-06 | -
SEM | HV | acceleration_voltage | 3.25e-09 | kV
SEM | IMLCenteringX | IML Centering X | 3.25e-06 | -
SEM | IMLCenteringY | IML Centering Y | 3.25e-06 | -
SEM | ImageShiftX | Image Shift X | 3250.0 | nm
SEM | ImageShiftY | Image Shift Y | 3250.0 | nm
SEM | InjectedGas | Injected Gas | 0.00000325 | text
SEM | LUTGamma | LUT Gamma | 3.25e-06 | -
SEM | LUTMaximum | LUT Maximum | 3.25e-06 | -
SEM | LUTMinimum | LUT Minimum | 3.25e-06 | -
SEM | MTDGrid | MTD Grid | 3.25e-09 | kV
SEM | MTDScintillator | MTD Scintillator | 3.25e-09 | kV
SEM | OBJCenteringX | OBJ Centering X | 3.25e-06 | -
SEM | OBJCenteringY | OBJ Centering Y | 3.25e-06 | -
SEM | OBJPreCenteringX | OBJ Pre-Centering X | 3.25e-06 | -
SEM | OBJPreCenteringY | OBJ Pre-Centering Y | 3.25e-06 | -
SEM | PotentialMode | Potential Mode | 0.00000325 | text
SEM | PredictedBeamCurrent | Predicted Beam Current | 3250000.0 | pA
SEM | PrimaryDetectorGain | Primary Detector Gain | 3.25e-06 | -
SEM | PrimaryDetectorOffset | Primary Detector Offset | 3.25e-06 | -
SEM | SampleVoltage | Sample Voltage | 3.25e-06 | V
SEM | ScanID | Scan ID | 3.25e-06 | -
SEM | ScanMode | Scan Mode | 0.00000325 | text
SEM | ScanRotation | scan_rotation | 3.25e-06 | deg
SEM | ScanSpeed | Scan Speed | 3.25e-06 | -
SEM | SessionID | Session ID | 0.00000325 | text
SEM | SpecimenCurrent | Specimen Current | 3250000.0 | pA
SEM | SpotSize | Spot Size | 3250.0 | nm
SEM | StageRotation | Stage Position/Rotation | 3.25e-06 | deg
SEM | StageTilt | Stage Position/Tilt | 3.25e-06 | deg
SEM | StageX | Stage Position/X | 3.25e-06 | m
SEM | StageY | Stage Position/Y | 3.25e-06 | m
SEM | StageZ | Stage Position/Z | 3.25e-06 | m
SEM | StigmatorX | Stigmator X Value | 3.25e-06 | -
SEM | StigmatorY | Stigmator Y Value | 3.25e-06 | -
SEM | SymmetrizationVoltage | Symmetrization Voltage | 3.25e-09 | kV
SEM | SyncMains | Sync to Mains | 0.00000325 | text
SEM | TiltCorrection | Tilt Correction | 3.25e-06 | -
SEM | TubeVoltage | Tube Voltage | 3.25e-09 | kV
SEM | VirtualObserverDistance | Virtual Observer Distance | 0.00325 | mm
SEM | WD | working_distance | 0.00325 | mm
"""
CASES = [tuple(map(str.strip, line.split("|"))) for line in ROWS.strip().splitlines()]
IDS = [f"{section}/{key}" for section, key, *_ in CASES]


def _found(dataset, place):
    if place in ImageMetadata.model_fields:
        return dataset.fields.get(place)
    value = dataset.extensions
    for part in place.split("/"):
        value = value.get(part, {})
    return value if value != {} else None


def _expected(value, unit):
    if unit == "text":
        return value
    return float(value) if unit == "-" else quantity(value, unit)


def test_the_table_has_no_other_rows():
    assert len(MAIN_FIELDS) + len(BEAM_FIELDS) == len(CASES) == 81


@pytest.mark.parametrize(("section", "key", "place", "value", "unit"), CASES, ids=IDS)
def test_a_setting_arrives(extract, section, key, place, value, unit):
    found = _found(extract({section: {key: NUMBER}}), place)
    assert found == _expected(value, unit)
    assert str(found) == str(_expected(value, unit))


@pytest.mark.parametrize(("section", "key", "place", "value", "unit"), CASES, ids=IDS)
def test_a_setting_of_the_ion_beam_arrives_alike(
    extract, section, key, place, value, unit
):
    section = section.replace("SEM", "FIB")
    found = _found(extract({section: {key: NUMBER}}), place)
    assert found == _expected(value, unit)


@pytest.mark.parametrize(("section", "key", "place", "value", "unit"), CASES, ids=IDS)
def test_an_empty_setting_is_skipped(extract, section, key, place, value, unit):
    assert _found(extract({section: {key: ""}, "GAMA": {}}), place) is None


@pytest.mark.parametrize(
    ("section", "key", "place", "value", "unit"),
    [case for case in CASES if case[4] != "text"],
    ids=[f"{case[0]}/{case[1]}" for case in CASES if case[4] != "text"],
)
def test_text_for_a_number_is_kept_as_text(extract, section, key, place, value, unit):
    dataset = extract({section: {key: "n/a"}, "GAMA": {}})
    kept = {**dataset.extensions, **dataset.extensions.get("Stage Position", {})}
    assert "n/a" in kept.values()
    assert place not in dataset.fields


@pytest.mark.parametrize(
    ("key", "unit", "name"),
    [("HV", "kV", "HV Voltage"), ("WD", "mm", "Working Distance")],
)
def test_text_for_a_typed_number_is_noted(extract, changed, key, unit, name):
    dataset = extract(changed("SEM", key, "off"))
    assert dataset.extensions[name] == "off"
    assert dataset.notes == (f"{name}: expected a number in {unit}, found 'off'.",)


@pytest.mark.parametrize(
    ("section", "key", "text", "place", "value"),
    [
        ("MAIN", "Magnification", "20000.0", "magnification", 20000.0),
        ("MAIN", "Device", "TESCAN MIRA", "acquisition_device", "TESCAN MIRA"),
        ("SEM", "Detector", "In-Beam SE", "detector_type", "In-Beam SE"),
        ("SEM", "PredictedBeamCurrent", "3E-10", "beam_current", quantity(300, "pA")),
    ],
)
def test_a_setting_is_typed_as_well(extract, section, key, text, place, value):
    found = extract({section: {key: text}}).fields[place]
    assert found == value
    assert str(found) == str(value)


def test_a_beam_current_goes_before_a_predicted_one(extract, changed):
    sections = changed("SEM", "BeamCurrent", "0.0000000002")
    assert extract(sections).fields["beam_current"] == quantity(200, "pA")


def test_the_stage_is_typed_as_well(extract):
    stage = extract().fields["stage_position"]
    assert {name: str(value) for name, value in stage.items()} == {
        "x": "0.0123 meter",
        "y": "-0.0045 meter",
        "z": "0.0071 meter",
        "rotation": "33.0 degree",
        "tilt_alpha": "5.5 degree",
    }


@pytest.mark.parametrize(
    ("key", "other", "place", "expected"),
    [
        ("HV", "AcceleratorVoltage", "acceleration_voltage", "0.02 kilovolt"),
        ("Detector0Gain", "PrimaryDetectorGain", "Detector 0 Gain", "20.0"),
        ("Detector0Offset", "PrimaryDetectorOffset", "Detector 0 Offset", "20.0"),
    ],
)
def test_older_keys_stand_in(extract, changed, key, other, place, expected):
    sections = changed("SEM", other, "20.0")
    sections["SEM"][key] = ""
    assert str(_found(extract(sections), place)) == expected


def test_both_field_widths_are_of_what_was_scanned(extract):
    fields = extract().fields
    assert fields["horizontal_field_width"] == quantity(1.6, "µm")
    assert fields["vertical_field_width"] == quantity(1.2, "µm")
    assert fields["data_dimensions"] == "(64, 64)"


@pytest.mark.parametrize("strip", ["", "0", "64", "100", "none"])
def test_without_a_data_bar_all_rows_were_scanned(extract, changed, strip):
    fields = extract(changed("MAIN", "ImageStripSize", strip)).fields
    assert fields["vertical_field_width"] == quantity(1.6, "µm")


@pytest.mark.parametrize("pixel", ["0", "-1e-9", "", "?"])
def test_a_field_width_needs_the_size_of_a_pixel(extract, changed, pixel):
    fields = extract(changed("MAIN", "PixelSizeX", pixel)).fields
    assert "horizontal_field_width" not in fields
