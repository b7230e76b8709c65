"""Every setting of TIA arrives under its name, in its place, with its unit."""

from __future__ import annotations

from datetime import datetime

import pytest
from nexuslims_core.types import quantity
from nexuslims_extractors_fei.tia.fields import SETTINGS
from nexuslims_testing.samples.tia import STEM, TEM

# Group, key, name among the extensions, unit. Written out, so that a slip in the table
# of the program is not repeated here.
SETTING_ROWS = """
AcquireInfo | DwellTimePath | Dwell Time Path | s
AcquireInfo | FrameTime | Frame Time | s
AcquireInfo | CameraNamePath | Camera Name Path | text
AcquireInfo | Binning | Binning | -
AcquireInfo | BeamPosition | Beam Position | µm
AcquireInfo | EnergyResolution | Energy Resolution | eV
AcquireInfo | IntegrationTime | Integration Time | s
AcquireInfo | NumberSpectra | Number of Spectra | -
AcquireInfo | ShapingTime | Shaping Time | s
AcquireInfo | ScanArea | Scan Area | -
AcquireInfo | BiasCorrection | Bias Correction | text
AcquireInfo | GainCorrection | Gain Correction | text
MicroscopeConditions | AcceleratingVoltage | Microscope Accelerating Voltage (V) | V
MicroscopeConditions | Tilt1 | Microscope Tilt 1 | rad
MicroscopeConditions | Tilt2 | Microscope Tilt 2 | rad
ObjectInfo | Manufacturer | Manufacturer | text
"""
SETTING_CASES = [
    tuple(part.strip() for part in line.split("|"))
    for line in SETTING_ROWS.strip().splitlines()
]

# Label, unit in the file, name among the extensions, unit.
LINE_ROWS = """
Microscope |  | Microscope | -
User |  | User | -
Gun type |  | Gun Type | -
High tension | kV | High Tension | kV
Extraction voltage | V | Extraction Voltage | V
Extractor voltage | V | Extractor Voltage | V
Gun lens |  | Gun Lens | -
Emission | uA | Emission | µA
Defocus | um | Defocus | µm
Defocus |  | Defocus | -
Magnification | x | Magnification | -
Stem rotation | deg | STEM Rotation | deg
Stem rotation correction | deg | STEM Rotation Correction | deg
Spot size |  | Spot Size | -
Intensity | % | Intensity | %
C2 lens | % | C2 Lens | %
C3 lens | % | C3 Lens | %
Objective lens | % | Objective Lens | %
Diffraction lens | % | Diffraction Lens | %
Image shift X | um | Image Shift X | µm
Stage X | um | Stage Position>X | µm
Stage Y | um | Stage Position>Y | µm
Stage Z | um | Stage Position>Z | µm
Stage A | deg | Stage Position>A | deg
Stage B | deg | Stage Position>B | deg
C1 Aperture | um | C1 Aperture | µm
C2 Aperture | um | C2 Aperture | µm
C3 Aperture | um | C3 Aperture | µm
OBJ Aperture | um | OBJ Aperture | µm
SA Aperture | nm | SA Aperture | nm
Filter slit width | eV | Tecnai Filter>Slit Width | eV
Filter prism shift | eV | Tecnai Filter>Prism Shift | eV
Filter ht offset | eV | Tecnai Filter>Ht Offset | eV
Filter drift tube | keV | Tecnai Filter>Drift Tube | keV
Filter selected dispersion | eV/Channel | Tecnai Filter>Selected Dispersion (eV/Channel) | -
Exposure | s | Exposure | s
Working distance | mm | Working Distance | mm
Semi angle | mrad | Semi Angle | mrad
"""  # noqa: E501 - a table
LINE_CASES = [
    tuple(part.strip() for part in line.split("|"))
    for line in LINE_ROWS.strip().splitlines()
]

# Where from, typed field, its value and unit.
TYPED_ROWS = """
High tension | kV | 200 | acceleration_voltage | 200 kV
Emission | uA | 145.0 | emission_current | 145.0 µA
Magnification | x | 14000 | magnification | 14000
Camera length | m | 0.195 | camera_length | 0.195 m
Camera length | mm | 195 | camera_length | 195 mm
Convergence angle | mrad | 21.4 | convergence_angle | 21.4 mrad
Stem rotation | deg | -12.3 | scan_rotation | -12.3 deg
Stage X | um | 46.293 | stage_position>x | 46.293 µm
Stage Y | um | -14.017 | stage_position>y | -14.017 µm
Stage Z | um | -127.155 | stage_position>z | -127.155 µm
Stage A | deg | 9.57 | stage_position>tilt_alpha | 9.57 deg
Stage B | deg | 0.00 | stage_position>tilt_beta | 0.0 deg
"""
TYPED_CASES = [
    tuple(part.strip() for part in line.split("|"))
    for line in TYPED_ROWS.strip().splitlines()
]


def _at(group, place):
    for part in place.split(">"):
        group = group.get(part, {})
    return group


@pytest.mark.parametrize(("group", "key", "name", "unit"), SETTING_CASES)
def test_a_setting_arrives(tia_image, group, key, name, unit):
    text = "37.25e-002"
    argument = {"AcquireInfo": "acquired", "MicroscopeConditions": "conditions"}
    told = {argument[group]: {key: text}} if group in argument else {}
    dataset = tia_image(manufacturer=text, **told)
    expected = text if unit == "text" else 0.3725
    if unit not in {"text", "-"}:
        expected = quantity(0.3725, unit)
    assert dataset.extensions[name] == expected
    assert str(dataset.extensions[name]) == str(expected)


def test_the_table_has_no_other_settings():
    listed = {(group, key) for group, key, _, _ in SETTING_CASES}
    assert listed == {(row.section, row.key) for row in SETTINGS}


@pytest.mark.parametrize(("label", "written", "place", "unit"), LINE_CASES)
def test_a_line_of_the_description_arrives(tia_image, label, written, place, unit):
    dataset = tia_image(description={label: ("37.25e-002", written)})
    expected = 0.3725 if unit == "-" else quantity(0.3725, unit)
    assert _at(dataset.extensions, place) == expected
    assert str(_at(dataset.extensions, place)) == str(expected)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (" STEM nP SA", "STEM nP SA"),
        ("retracted", "retracted"),
        ("1 mm", "1 mm"),
        ("7", 7),
        ("-0.5", -0.5),
        ("40 um", quantity(40, "µm")),
        ("forty um", "forty um"),
    ],
)
def test_a_value_without_unit_is_a_number_where_it_is_one(tia_image, text, expected):
    dataset = tia_image(description={"OBJ Aperture": (text, "")})
    assert dataset.extensions["OBJ Aperture"] == expected


def test_an_empty_line_is_left_out(tia_image):
    dataset = tia_image(description={"Filter mode": ("", ""), "Mode": ("TEM", "")})
    assert "Tecnai Filter" not in dataset.extensions


@pytest.mark.parametrize(("label", "written", "text", "place", "expected"), TYPED_CASES)
def test_a_line_is_a_typed_field(tia_image, label, written, text, place, expected):
    found = _at(tia_image(description={label: (text, written)}).fields, place)
    number, _, unit = expected.partition(" ")
    assert found == (quantity(number, unit) if unit else float(number))


def test_the_voltage_of_the_conditions_counts_where_there_is_no_other(tia_image):
    dataset = tia_image(description={"Mode": ("TEM", "")})
    assert dataset.fields["acceleration_voltage"] == quantity(300_000, "V")


def test_the_magnification_of_the_acquisition_counts_where_there_is_no_other(tia_image):
    plain = {"Mode": ("TEM", "")}
    dataset = tia_image(description=plain, acquired={"Magnification": "16500 X"})
    assert dataset.fields["magnification"] == 16_500
    dataset = tia_image(description=plain, acquired={"Magnification": "0 X"})
    assert "magnification" not in dataset.fields


def test_text_for_a_typed_number_is_kept_and_noted(tia_image):
    dataset = tia_image(description={"Camera length": ("long", "m")})
    assert "camera_length" not in dataset.fields
    assert dataset.extensions["Camera Length"] == "long"
    assert "Camera Length: expected a number in m, found 'long'." in dataset.notes


def test_the_operator_is_typed_and_flagged(tia_image):
    dataset = tia_image(description={"User": ("someone", "")})
    assert dataset.fields["operator"] == "someone"
    assert dataset.flagged == (("Operator",), ("User",))


def test_dwell_time_is_of_a_scan_and_exposure_of_a_camera(tia_image):
    scan = tia_image(acquired={"DwellTimePath": "0.000032"})
    assert scan.fields["dwell_time"] == quantity(3.2e-5, "s")
    camera = tia_image(
        description=TEM, acquired={"DwellTimePath": "0.2", "CameraNamePath": "BM-Ceta"}
    )
    assert camera.fields["acquisition_time"] == quantity(0.2, "s")
    assert camera.fields["acquisition_device"] == "BM-Ceta"
    assert "dwell_time" not in camera.fields


def test_integration_time_is_of_a_spectrum_or_of_each_pixel(tia_spectra):
    acquired = {"IntegrationTime": "25.0000"}
    one = tia_spectra(count=1, acquired=acquired)
    assert one.fields["acquisition_time"] == quantity(25, "s")
    several = tia_spectra(count=3, acquired=acquired)
    assert several.fields["pixel_time"] == quantity(25, "s")


def test_an_ordinary_image_has_more_than_eight_typed_fields(tia_image):
    dataset = tia_image(description=STEM)
    assert set(dataset.fields) == {
        "acceleration_voltage",
        "camera_length",
        "data_dimensions",
        "dwell_time",
        "emission_current",
        "horizontal_field_width",
        "magnification",
        "operator",
        "pixel_height",
        "pixel_width",
        "scan_rotation",
        "stage_position",
        "vertical_field_width",
    }


def test_the_whole_object_is_kept_raw(tia_image):
    raw = tia_image().raw
    described = raw["ObjectInfo"]["ExperimentalDescription"]
    assert described["High tension_kV"] == 300
    assert described["Mode"] == "STEM nP SA Zoom Diffraction"
    assert raw["ObjectInfo"]["AcquireInfo"]["FrameTime"] == "14.9988"
    header = raw["ser_header_parameters"]
    assert header["SeriesVersion"] == 0x0210
    assert (header["ArraySizeX"], header["ArraySizeY"]) == (4, 3)
    assert header["Dim-1_Description"] == "Number"


def test_the_date_is_the_time_of_creation(tia_image):
    dataset = tia_image(date="Wed Nov  6 09:46:13 2011")
    assert dataset.creation_time == datetime(2011, 11, 6, 9, 46, 13)  # noqa: DTZ001 - the instrument's clock
