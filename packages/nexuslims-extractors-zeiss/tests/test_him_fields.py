"""Every element of the tables arrives under its name, in its place, with its unit."""

from __future__ import annotations

import pytest
from nexuslims_core.model.schema import ImageMetadata
from nexuslims_core.types import quantity
from nexuslims_extractors_zeiss.him.fields import FIBICS_FIELDS, ZEISS_FIELDS
from nexuslims_testing.samples.zeiss import fibics_xml, orion_xml

NUMBER = "0.0325"

# Whose XML, path, place, what becomes of `NUMBER`, and its unit. Written out, so that a
# slip in the tables of the program is not repeated here.
ROWS = """
Zeiss|GFIS.AccelerationVoltage|GFIS>Acceleration Voltage|3.25e-05|kV
Zeiss|GFIS.ExtractionVoltage|GFIS>Extraction Voltage|3.25e-05|kV
Zeiss|GFIS.CondenserVoltage|GFIS>Condenser Voltage|3.25e-05|kV
Zeiss|GFIS.ObjectiveVoltage|GFIS>Objective Voltage|3.25e-05|kV
Zeiss|GFIS.BeamCurrent|GFIS>Beam Current|0.0325|pA
Zeiss|GFIS.PanX|GFIS>Pan X|0.0325|µm
Zeiss|GFIS.PanY|GFIS>Pan Y|0.0325|µm
Zeiss|GFIS.FieldOfView|GFIS>Horizontal Field Width|0.0325|µm
Zeiss|GFIS.ScanRotation|GFIS>Scan Rotation|0.0325|deg
Zeiss|GFIS.StigmationX|GFIS>Stigmation X|0.0325|-
Zeiss|GFIS.StigmationY|GFIS>Stigmation Y|0.0325|-
Zeiss|GFIS.ApertureSize|GFIS>Aperture Size|0.0325|µm
Zeiss|GFIS.ApertureIndex|GFIS>Aperture Index|0.0325|-
Zeiss|GFIS.IonGas|GFIS>Ion Gas|0.0325|-
Zeiss|GFIS.CrossoverPosition|GFIS>Crossover Position|0.0325|mm
Zeiss|GFIS.WorkingDistance|GFIS>Working Distance|0.0325|mm
Zeiss|AccelerationVoltage|acceleration_voltage|3.25e-05|kV
Zeiss|ExtractionVoltage|Beam>Extraction Voltage|3.25e-05|kV
Zeiss|BlankerCurrent|Beam>Blanker Current|0.0325|pA
Zeiss|SampleCurrent|Beam>Sample Current|0.0325|pA
Zeiss|SpotNumber|Beam>Spot Number|0.0325|-
Zeiss|WorkingDistance|Beam>Working Distance|0.0325|mm
Zeiss|Fov|horizontal_field_width|0.0325|µm
Zeiss|PanX|Beam>Pan X|0.0325|µm
Zeiss|PanY|Beam>Pan Y|0.0325|µm
Zeiss|StigmationX|Beam>Stigmator X Value|0.0325|-
Zeiss|StigmationY|Beam>Stigmator Y Value|0.0325|-
Zeiss|ApertureSize|Beam>Aperture Size|0.0325|-
Zeiss|CrossOverPosition|Beam>Crossover Position|0.0325|mm
Zeiss|FrameRetrace|Scan>Frame Retrace|0.0325|µs
Zeiss|LineRetrace|Scan>Line Retrace|0.0325|µs
Zeiss|AveragingMode|Scan>Averaging Mode|0.0325|-
Zeiss|NumAverages|Scan>Number of Averages|0.0325|-
Zeiss|ScanRotate|scan_rotation|0.0325|deg
Zeiss|DwellTime|Scan>Dwell Time|0.0325|µs
Zeiss|SAS.ScanSize|Scan>Scan Size|0.0325|-
Zeiss|StageX|Stage Position>X|0.0325|µm
Zeiss|StageY|Stage Position>Y|0.0325|µm
Zeiss|StageZ|Stage Position>Z|0.0325|mm
Zeiss|StageTilt|Stage Position>Tilt|0.0325|deg
Zeiss|StageRotate|Stage Position>Rotation|0.0325|deg
Zeiss|Stage.XLocation|Stage Position>X Location|0.0325|µm
Zeiss|Stage.YLocation|Stage Position>Y Location|0.0325|µm
Zeiss|sFimFOV|Optics>sFIM Field of View|0.0325|µm
Zeiss|McXShift|Optics>MC X Shift|0.0325|µrad
Zeiss|McXTilt|Optics>MC X Tilt|0.0325|µrad
Zeiss|McYShift|Optics>MC Y Shift|0.0325|µrad
Zeiss|McYTilt|Optics>MC Y Tilt|0.0325|µrad
Zeiss|ColumnMag|Optics>Column Magnification|0.0325|-
Zeiss|ColumnMode|Optics>Column Mode|0.0325|-
Zeiss|Lens1Voltage|Optics>Lens 1 Voltage|3.25e-05|kV
Zeiss|Lens2Voltage|Optics>Lens 2 Voltage|3.25e-05|kV
Zeiss|DetectorName|Detector>Name|0.0325|-
Zeiss|ETGridVoltage|Detector>ET Grid Voltage|0.0325|V
Zeiss|ETContrast|Detector>ET Contrast|0.0325|-
Zeiss|ETBrightness|Detector>ET Brightness|0.0325|-
Zeiss|ETImageIntensity|Detector>ET Image Intensity|0.0325|-
Zeiss|MCPContrast|Detector>MCP Contrast|0.0325|-
Zeiss|MCPBrightness|Detector>MCP Brightness|0.0325|-
Zeiss|MCPBias|Detector>MCP Bias|0.0325|V
Zeiss|MCPImageIntensity|Detector>MCP Image Intensity|0.0325|-
Zeiss|Detector.Scintillator|Detector>Scintillator|3.25e-05|kV
Zeiss|SampleBiasVoltage|Detector>Sample Bias|0.0325|V
Zeiss|GunPressure|System>Gun Pressure|0.0325|torr
Zeiss|ColumnPressure|System>Column Pressure|0.0325|torr
Zeiss|ChamberPressure|System>Chamber Pressure|0.0325|torr
Zeiss|GunTemp|System>Gun Temperature|0.0325|K
Zeiss|HeliumPressure|System>Helium Pressure|0.0325|torr
Zeiss|Magnification4x5|Optics>Magnification 4x5|0.0325|-
Zeiss|MagnificationDisplay|Optics>Magnification Display|0.0325|-
Zeiss|System.Model|System>Model|0.0325|-
Zeiss|System.Name|System>Name|0.0325|-
Zeiss|TimeStamp|System>Acquisition Date/Time|0.0325|-
Zeiss|ColumnType|System>Column Type|0.0325|-
Zeiss|FloodGunMode|Flood Gun>Mode|0.0325|-
Zeiss|FloodGunEnergy|Flood Gun>Energy|0.0325|eV
Zeiss|FloodGunTime|Flood Gun>Time|0.0325|µs
Zeiss|FloodGun.DeflectionX|Flood Gun>Deflection X|0.0325|-
Zeiss|FloodGun.DeflectionY|Flood Gun>Deflection Y|0.0325|-
Zeiss|ScalingX|Calibration>X Scale|0.0325|m
Zeiss|ScalingY|Calibration>Y Scale|0.0325|m
Zeiss|ImageWidth|Image>Width|0.0325|-
Zeiss|ImageHeight|Image>Height|0.0325|-
Zeiss|LutMode|Display>LUT Mode|0.0325|-
Zeiss|LowGray|Display>Low Gray Value|0.0325|-
Zeiss|HighGray|Display>High Gray Value|0.0325|-
Zeiss|LUT.LUTGamma|Display>LUT Gamma|0.0325|-
Fibics|Application/Version|Application>Software Version|0.0325|-
Fibics|Application/Date|Application>Acquisition Date/Time|0.0325|-
Fibics|Application/SupportsTransparency|Application>Supports Transparency|0.0325|-
Fibics|Application/TransparentPixelValue|Application>Transparent Pixel Value|0.0325|-
Fibics|Image/Width|Image>Width|0.0325|-
Fibics|Image/Height|Image>Height|0.0325|-
Fibics|Image/BoundingBox.Left|Image>Bounding Box Left|0.0325|-
Fibics|Image/BoundingBox.Right|Image>Bounding Box Right|0.0325|-
Fibics|Image/BoundingBox.Top|Image>Bounding Box Top|0.0325|-
Fibics|Image/BoundingBox.Bottom|Image>Bounding Box Bottom|0.0325|-
Fibics|Image/Machine|Image>Machine Name|0.0325|-
Fibics|Image/Beam|Image>Beam Type|0.0325|-
Fibics|Image/Aperture|Image>Aperture Description|0.0325|-
Fibics|Image/Detector|Detector>Name|0.0325|-
Fibics|Image/Contrast|Detector>Contrast|0.0325|-
Fibics|Image/Brightness|Detector>Brightness|0.0325|-
Fibics|Scan/Dwell|dwell_time|3.25e-05|µs
Fibics|Scan/LineAvg|Scan>Line Averaging|0.0325|-
Fibics|Scan/FOV_X|horizontal_field_width|0.0325|µm
Fibics|Scan/FOV_Y|vertical_field_width|0.0325|µm
Fibics|Scan/ScanRot|scan_rotation|0.0325|deg
Fibics|Scan/Ux|Scan>Affine Ux|0.0325|-
Fibics|Scan/Uy|Scan>Affine Uy|0.0325|-
Fibics|Scan/Vx|Scan>Affine Vx|0.0325|-
Fibics|Scan/Vy|Scan>Affine Vy|0.0325|-
Fibics|Scan/Focus|Scan>Focus Value|0.0325|-
Fibics|Scan/StigX|Scan>Stigmator X Value|0.0325|-
Fibics|Scan/StigY|Scan>Stigmator Y Value|0.0325|-
Fibics|Stage/X|Stage Position>X|0.0325|µm
Fibics|Stage/Y|Stage Position>Y|0.0325|µm
Fibics|Stage/Z|Stage Position>Z|0.0325|µm
Fibics|Stage/Tilt|Stage Position>Tilt|0.0325|deg
Fibics|Stage/Rot|Stage Position>Rotation|0.0325|deg
Fibics|Stage/M|Stage Position>M|0.0325|mm
Fibics|BeamInfo/BeamI|beam_current|0.0325|pA
Fibics|BeamInfo/AccV|acceleration_voltage|3.25e-05|kV
Fibics|BeamInfo/Aperture|Beam>Aperture|0.0325|-
Fibics|BeamInfo/GFISGas|Beam>GFIS Gas Type|0.0325|-
Fibics|BeamInfo/GunGasPressure|Beam>Gun Gas Pressure|0.0325|-
Fibics|BeamInfo/SpotControl|Beam>Spot Control|0.0325|-
Fibics|DetectorInfo/Collector|Detector>Collector Voltage|0.0325|V
Fibics|DetectorInfo/Stage Bias|Detector>Stage Bias Voltage|0.0325|V
"""
CASES = [tuple(map(str.strip, line.split("|"))) for line in ROWS.strip().splitlines()]
IDS = [f"{vendor} {path}" for vendor, path, *_ in CASES]
ZEISS = [case[1:] for case in CASES if case[0] == "Zeiss"]


@pytest.fixture
def extract(extract_orion, extract_fibics):
    """Return a function that extracts an image with one value in its XML."""

    def extract(vendor, path, value, unit=""):
        if vendor == "Zeiss":
            return extract_orion(orion_xml({path: (value, unit)}))
        section, _, key = path.partition("/")
        if section == "DetectorInfo":
            value = f"={value} V"
        return extract_fibics(fibics_xml({section: {key: (value, unit)}}))

    return extract


def _found(dataset, place):
    if place in ImageMetadata.model_fields:
        return dataset.fields.get(place)
    value = dataset.extensions
    for part in place.split(">"):
        value = value.get(part, {})
    return value if value != {} else None


def _expected(value, unit):
    return float(value) if unit == "-" else quantity(value, unit)


def test_the_tables_have_no_other_rows():
    assert len(ZEISS_FIELDS) + len(FIBICS_FIELDS) == len(CASES) == 129


@pytest.mark.parametrize(("vendor", "path", "place", "value", "unit"), CASES, ids=IDS)
def test_a_value_arrives(extract, vendor, path, place, value, unit):
    found = _found(extract(vendor, path, NUMBER), place)
    assert found == _expected(value, unit)
    assert str(found) == str(_expected(value, unit))


@pytest.mark.parametrize(("vendor", "path", "place", "value", "unit"), CASES, ids=IDS)
def test_a_value_that_is_no_number_is_kept(extract, vendor, path, place, value, unit):
    dataset = extract(vendor, path, "some words")
    kept = [text for group in dataset.extensions.values() for text in group.values()]
    assert kept == ["some words V" if path.startswith("DetectorInfo") else "some words"]
    assert place not in dataset.fields
    typed = place in ImageMetadata.model_fields
    assert len(dataset.notes) >= typed


@pytest.mark.parametrize(
    ("vendor", "path", "place"),
    # Texts of detectors have signs and units, and are never empty.
    [case[:3] for case in CASES if not case[1].startswith("DetectorInfo")],
)
def test_an_empty_value_is_skipped(extract, vendor, path, place):
    assert _found(extract(vendor, path, ""), place) is None


@pytest.mark.parametrize(
    ("path", "place", "value", "unit"),
    [case for case in ZEISS if "." in case[0]],
    ids=[case[0] for case in ZEISS if "." in case[0]],
)
def test_dots_may_be_levels(extract_orion, path, place, value, unit):
    outer, inner = path.split(".")
    xml = (
        f"<ImageTags><{outer}><{inner}><Value>{NUMBER}</Value></{inner}></{outer}>"
        "</ImageTags>"
    )
    assert _found(extract_orion(xml.encode()), place) == _expected(value, unit)


@pytest.mark.parametrize(
    ("path", "written", "place", "expected"),
    [
        ("AccelerationVoltage", "Volts", "acceleration_voltage", "0.002 kilovolt"),
        ("AccelerationVoltage", "kV", "acceleration_voltage", "2.0 kilovolt"),
        ("AccelerationVoltage", "elves", "acceleration_voltage", "0.002 kilovolt"),
        ("GFIS.BeamCurrent", "nanoAmps", "beam_current", "2000.0 picoampere"),
        ("Fov", "Millimeters", "horizontal_field_width", "2000.0 micrometer"),
        ("Fov", "um", "horizontal_field_width", "2.0 micrometer"),
        ("DwellTime", "mSec", "dwell_time", "2000.0 microsecond"),
        ("ScanRotate", "Degrees", "scan_rotation", "2.0 degree"),
        ("GunPressure", "mbar", "System>Gun Pressure", "1.50012336"),
        ("PanX", "Volts", "Beam>Pan X", "2 Volts"),
        ("ScalingX", "nm", "pixel_width", "2.0 nanometer"),
        ("ScalingX", "", "pixel_width", "2000000000.0 nanometer"),
    ],
)
def test_the_unit_that_zeiss_writes_counts(
    extract_orion, path, written, place, expected
):
    dataset = extract_orion(orion_xml({path: ("2", written)}))
    assert str(_found(dataset, place)).startswith(expected)


@pytest.mark.parametrize(
    ("path", "units", "place", "expected"),
    [
        ("Scan/Dwell", "ns", "dwell_time", "0.002 microsecond"),
        ("Scan/Dwell", "us", "dwell_time", "2.0 microsecond"),
        ("Scan/Dwell", "", "dwell_time", "0.002 microsecond"),
        ("Scan/FOV_X", "nm", "horizontal_field_width", "0.002 micrometer"),
        ("Scan/ScanRot", "rad", "scan_rotation", "114.591559"),
        ("Stage/X", "mm", "Stage Position>X", "2000.0 micrometer"),
    ],
)
def test_the_unit_that_fibics_writes_counts(extract, path, units, place, expected):
    dataset = extract("Fibics", path, "2", units)
    assert str(_found(dataset, place)).startswith(expected)


def test_values_of_an_orion_are_typed_as_well(extract_orion):
    fields = extract_orion().fields
    flat = {**fields, **fields["stage_position"]}
    del flat["stage_position"]
    assert {name: str(value) for name, value in flat.items()} == {
        "acceleration_voltage": "25.01 kilovolt",
        "acquisition_device": "Nexus Orion",
        "beam_current": "1.5 picoampere",
        "chamber_pressure": "3.1e-07 torr",
        "data_dimensions": "(64, 64)",
        "detector_type": "ETDetector",
        "dwell_time": "2.0 microsecond",
        "horizontal_field_width": "0.096 micrometer",
        "magnification": "1190000",
        "pixel_height": "1.5 nanometer",
        "pixel_width": "1.5 nanometer",
        "rotation": "45.5 degree",
        "scan_rotation": "2.5 degree",
        "tilt_alpha": "0.25 degree",
        "vertical_field_width": "0.072 micrometer",
        "working_distance": "9.75 millimeter",
        "x": "12000.5 micrometer",
        "y": "-800.25 micrometer",
        "z": "0.5 millimeter",
    }


def test_values_of_fibics_are_typed_as_well(extract_fibics):
    fields = extract_fibics().fields
    flat = {**fields, **fields["stage_position"]}
    del flat["stage_position"]
    assert {name: str(value) for name, value in flat.items()} == {
        "acceleration_voltage": "25.0 kilovolt",
        "beam_current": "1.75 picoampere",
        "data_dimensions": "(64, 48)",
        "detector_type": "ET",
        "dwell_time": "2.5 microsecond",
        "horizontal_field_width": "3.2 micrometer",
        "m": "0.0 millimeter",
        "pixel_height": "50.0 nanometer",
        "pixel_width": "50.0 nanometer",
        "rotation": "46.25 degree",
        "scan_rotation": "1.5 degree",
        "tilt_alpha": "0.5 degree",
        "vertical_field_width": "2.4 micrometer",
        "x": "-1200.5 micrometer",
        "y": "300.25 micrometer",
        "z": "11.5 micrometer",
    }


@pytest.mark.parametrize(
    ("path", "field"),
    [
        ("GFIS.BeamCurrent", "beam_current"),
        ("ChamberPressure", "chamber_pressure"),
        ("Magnification4x5", "magnification"),
        ("WorkingDistance", "working_distance"),
    ],
)
def test_the_zero_of_what_was_not_measured_is_shown_but_not_typed(
    extract_orion, path, field
):
    dataset = extract_orion(orion_xml({path: ("0", ""), "StageX": ("0", "um")}))
    assert field not in dataset.fields
    assert "0" in str(dataset.extensions)
    assert dataset.fields["stage_position"] == {"x": quantity(0, "µm")}
