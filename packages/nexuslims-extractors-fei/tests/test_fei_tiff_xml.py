"""What only FEI's XML says arrives; the settings go before it."""

from __future__ import annotations

import pytest
import tifffile
from nexuslims_core.model.schema import known_fields
from nexuslims_core.types import quantity
from nexuslims_extractors_fei.tiff.fei_xml import FIELDS
from nexuslims_testing.samples.fei_tiff import write_fei_tiff

AUTO_SLICE = "thermo-autoslice/SEM_Image-SliceImage-001.tif"

# Section, path, place, unit; written out as for the settings.
ROWS = """
Optics | AccelerationVoltage | acceleration_voltage | V
Optics | WorkingDistance | working_distance | m
Optics | BeamCurrent | beam_current | A
Optics | EmissionCurrent | emission_current | A
Optics | ScanFieldOfView/X | horizontal_field_width | m
Optics | ScanFieldOfView/Y | vertical_field_width | m
ScanSettings | DwellTime | dwell_time | s
ScanSettings | ScanRotation | scan_rotation | rad
BinaryResult | PixelSize/X | pixel_width | m
BinaryResult | PixelSize/Y | pixel_height | m
StageSettings | StagePosition/X | stage_position>x | m
StageSettings | StagePosition/Y | stage_position>y | m
StageSettings | StagePosition/Z | stage_position>z | m
StageSettings | StagePosition/Rotation | stage_position>rotation | rad
StageSettings | StagePosition/Tilt/Alpha | stage_position>tilt_alpha | rad
StageSettings | StagePosition/Tilt/Beta | stage_position>tilt_beta | rad
Detectors | ScanningDetector/DetectorName | detector_type | text
Sample | SampleId | specimen | text
Sample | SampleDescription | Specimen Description | text
Core | UserID | Operator | text
Core | ApplicationSoftware | Application Software | text
Instrument | Manufacturer | Manufacturer | text
Instrument | InstrumentClass | System Type | text
Instrument | InstrumentID | Device Number | text
Instrument | ControlSoftwareVersion | Software Version | text
Instrument | ComputerName | Computer Name | text
Acquisition | BeamType | Beam Type | text
Acquisition | ColumnType | Column Type | text
Acquisition | SourceType | Electron Source | text
Optics | Apertures/Aperture/Diameter | Aperture Diameter | m
Optics | SpotSize | Spot Diameter | m
Optics | EucentricWorkingDistance | Eucentric WD | m
Optics | GunTiltRaw/X | Beam Tilt X | -
Optics | GunTiltRaw/Y | Beam Tilt Y | -
Optics | BeamShift/X | Beam Shift X | -
Optics | BeamShift/Y | Beam Shift Y | -
Optics | StigmatorRaw/X | Stigmator X Value | -
Optics | StigmatorRaw/Y | Stigmator Y Value | -
Optics | OpticalMode | Optical Mode | text
Optics | SamplePreTiltAngle | Sample Pre-Tilt Angle | rad
ScanSettings | FrameTime | Total Frame Time | s
ScanSettings | LineTime | Line Time | s
ScanSettings | LineIntegrationCount | Line Integration | -
ScanSettings | LineInterlacing | Scan Interlacing | -
ScanSettings | MainsLockOn | Mainslock | text
VacuumProperties | SamplePressure | chamber_pressure | Pa
VacuumProperties | ElectronColumnPressure | Electron Column Pressure | Pa
VacuumProperties | IonColumnPressure | Ion Column Pressure | Pa
Detectors | ScanningDetector/DetectorName | Detector Name | text
Detectors | ScanningDetector/Signal | Detector Signal | text
Detectors | ScanningDetector/Gain | Detector Contrast (DB) | -
Detectors | ScanningDetector/Offset | Detector Brightness (DB) | -
Detectors | ScanningDetector/ContrastNormalized | Detector Contrast Setting | -
Detectors | ScanningDetector/BrightnessNormalized | Detector Brightness Setting | -
Detectors | ScanningDetector/GridVoltage | Detector Grid Voltage | V
Detectors | ScanningDetector/SuctionTubeVoltage | Detector Suction Tube Voltage | V
BinaryResult | FilterType | Frame Filter | text
BinaryResult | FilterFrameCount | Frame Filter Count | -
BinaryResult | Gamma | Digital Gamma | -
"""
CASES = [
    tuple(part.strip() for part in line.split("|"))
    for line in ROWS.strip().splitlines()
]


def _xml(values):
    """Return metadata of some values, by section and path."""
    content = ""
    for (section, path), value in values.items():
        names = [section, *path.split("/")]
        opening = "".join(f"<{name}>" for name in names)
        closing = "".join(f"</{name}>" for name in reversed(names))
        content += opening + value + closing
    return f"<?xml version='1.0'?><Metadata>{content}</Metadata>".encode()


def _at(dataset, place):
    first, *rest = place.split(">")
    group = dataset.fields if first in known_fields() else dataset.extensions
    for part in (first, *rest):
        group = group.get(part, {})
    return group


def test_the_table_has_no_other_rows():
    listed = sorted((section, path) for section, path, _, _ in CASES)
    assert listed == sorted((row.section, row.key) for row in FIELDS)


@pytest.mark.parametrize(("section", "path", "place", "unit"), CASES)
@pytest.mark.parametrize("settings", [b"", b"[User]\r\nUserText=beside\r\n"])
def test_a_value_arrives(extract, section, path, place, unit, settings):
    text = "37.25e-002"
    dataset = extract(settings, xml=_xml({(section, path): text}))
    expected = text if unit == "text" else 0.3725
    if unit not in {"text", "-"}:
        expected = quantity(0.3725, unit)
    assert _at(dataset, place) == expected
    assert str(_at(dataset, place)) == str(expected)


def test_settings_go_before(extract, changed):
    xml = _xml({("Optics", "AccelerationVoltage"): "1", ("Core", "UserID"): "xml"})
    dataset = extract(changed("EBeam", "HV", "5000"), xml=xml)
    assert dataset.fields["acceleration_voltage"] == quantity(5000, "V")
    assert dataset.flagged == (("Operator",),)


def test_a_size_is_told_in_columns_and_rows(extract):
    size = {("BinaryResult", "ImageSize/X"): "1536"}
    assert "data_dimensions" not in extract(b"", xml=_xml(size)).fields
    xml = b"<?xml version='1.0'?><Metadata><BinaryResult><ImageSize><X>9</X><Y>7</Y>"
    dataset = extract(b"", xml=xml + b"</ImageSize></BinaryResult></Metadata>")
    assert dataset.fields["data_dimensions"] == "(9, 7)"


def test_an_image_of_auto_slice_and_view(shared_folder, extract_path):
    dataset = extract_path(shared_folder / "data" / AUTO_SLICE)
    assert set(dataset.fields) == {
        "acceleration_voltage",
        "beam_current",
        "chamber_pressure",
        "data_dimensions",
        "detector_type",
        "dwell_time",
        "horizontal_field_width",
        "pixel_height",
        "pixel_width",
        "scan_rotation",
        "stage_position",
        "vertical_field_width",
        "working_distance",
    }
    assert dataset.fields["acceleration_voltage"] == quantity(15_000, "V")
    assert dataset.fields["dwell_time"] == quantity(3e-7, "s")
    assert dataset.extensions["Frame Filter"] == "DriftCorrectedFrameIntegration"
    assert dataset.extensions["Frame Filter Count"] == 32
    assert str(dataset.creation_time) == "2020-08-18 13:40:03"
    assert dataset.notes == ()


def test_an_image_of_auto_slice_and_view_with_xml_alone(
    shared_folder, tmp_path, extract_path
):
    with tifffile.TiffFile(shared_folder / "data" / AUTO_SLICE) as tiff:
        xml = tiff.pages.first.tags[34683].value.encode()
    write_fei_tiff(tmp_path / "a.tif", settings=b"", xml=xml)
    dataset = extract_path(tmp_path / "a.tif")
    assert len(dataset.fields) == 13
    assert dataset.fields["beam_current"] == quantity(1.6e-9, "A")
    assert dataset.fields["data_dimensions"] == "(1536, 1024)"
    tilt = dataset.fields["stage_position"]["tilt_alpha"].to("deg").magnitude
    assert tilt == pytest.approx(19.3, abs=0.01)
    assert dataset.extensions["Detector Grid Voltage"] == quantity(600, "V")
    assert str(dataset.creation_time) == "2020-08-18 13:40:03"
