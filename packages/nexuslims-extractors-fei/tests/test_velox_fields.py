"""Every setting of Velox arrives under its name, in its place, with its unit."""

from __future__ import annotations

from datetime import UTC, datetime

import numpy as np
import pytest
from nexuslims_core.model.schema import known_fields
from nexuslims_core.types import quantity
from nexuslims_extractors_fei.velox.fields import FIELDS
from nexuslims_testing.samples.velox import CAMERA, EDS

# Section, key, place, unit. Written out, so that a slip in the table of the program is
# not repeated here. What is no typed field is among the extensions.
ROWS = """
Optics | AccelerationVoltage | acceleration_voltage | V
Optics | BeamCurrent | beam_current | A
Optics | EmissionCurrent | emission_current | A
Optics | CameraLength | camera_length | m
Optics | BeamConvergence | convergence_angle | rad
Optics | NominalMagnification | magnification | -
CustomProperties | StemMagnification | magnification | -
Optics | IlluminationMode | illumination_mode | text
Stage | Position.x | stage_position>x | m
Stage | Position.y | stage_position>y | m
Stage | Position.z | stage_position>z | m
Stage | AlphaTilt | stage_position>tilt_alpha | rad
Stage | BetaTilt | stage_position>tilt_beta | rad
Scan | DwellTime | dwell_time | s
Scan | ScanRotation | scan_rotation | rad
BinaryResult | Detector | detector_type | text
Detector | DetectorName | detector_type | text
Detector | ExposureTime | acquisition_time | s
DetectorProperty | CommercialName | acquisition_device | text
Core | UserId | operator | text
Sample | SampleId | specimen | text
Analyser | LiveTime | live_time | s
Analyser | ElevationAngle | elevation_angle | rad
Analyser | AzimuthAngle | azimuthal_angle | rad
Analyser | RealTime | Real Time | s
Analyser | CollectionAngle | Solid Angle | sr
Analyser | Dispersion | Dispersion | eV
Analyser | OffsetEnergy | Offset Energy | eV
Analyser | BeginEnergy | Begin Energy | eV
Analyser | ElectronicsNoise | Electronics Noise | eV
Analyser | PulseProcessTime | Process Time | s
Analyser | InputCountRate | Input Count Rate | 1/s
Analyser | OutputCountRate | Output Count Rate | 1/s
Analyser | AnalyticalDetectorShutterState | Detector Shutter State | -
DetectorProperty | Temperature | Detector Temperature | K
Detector | DetectorType | Detector Type | text
Detector | Gain | Detector Gain | -
Detector | Offset | Detector Offset | -
Detector | CollectionAngleRange.begin | Inner Collection Angle | rad
Detector | CollectionAngleRange.end | Outer Collection Angle | rad
Detector | Binning.width | Binning>Horizontal | -
Detector | Binning.height | Binning>Vertical | -
Detector | ReadOutArea.left | Readout Area>Left | -
Detector | ReadOutArea.top | Readout Area>Top | -
Detector | ReadOutArea.right | Readout Area>Right | -
Detector | ReadOutArea.bottom | Readout Area>Bottom | -
Detector | ExposureMode | Exposure Mode | text
Detector | DarkGainCorrectionType | Dark Gain Correction Type | -
Optics | SpotIndex | Spot Size | -
Optics | GunLensSetting | Gun Lens | -
Optics | ExtractorVoltage | Extractor Voltage | V
Optics | ScreenCurrent | Screen Current | A
Optics | LastMeasuredScreenCurrent | Last Measured Screen Current | A
Optics | Defocus | Defocus | m
Optics | Focus | Focus | m
Optics | StemFocus | STEM Focus | m
Optics | FullScanFieldOfView.x | Full Scan Field of View>X | m
Optics | FullScanFieldOfView.y | Full Scan Field of View>Y | m
Optics | C1LensIntensity | Lens Intensities>C1 | -
Optics | C2LensIntensity | Lens Intensities>C2 | -
Optics | C3LensIntensity | Lens Intensities>C3 | -
Optics | ObjectiveLensIntensity | Lens Intensities>Objective | -
Optics | MiniCondenserLensIntensity | Lens Intensities>Mini Condenser | -
Optics | DiffractionLensIntensity | Lens Intensities>Diffraction | -
Optics | IntermediateLensIntensity | Lens Intensities>Intermediate | -
Optics | Projector1LensIntensity | Lens Intensities>Projector 1 | -
Optics | Projector2LensIntensity | Lens Intensities>Projector 2 | -
Optics | LorentzLensIntensity | Lens Intensities>Lorentz | -
Optics | OperatingMode | Operating Mode | -
Optics | TemOperatingSubMode | TEM Operating Mode | text
Optics | ProjectorMode | Projector Mode | -
Optics | ProbeMode | Probe Mode | -
Optics | ObjectiveLensMode | Objective Lens Mode | text
Optics | HighMagnificationMode | High Magnification Mode | text
Optics | EFTEMOn | EFTEM | text
CustomProperties | Optics.MonoSpotSize | Monochromator Spot Size | text
CustomProperties | Optics.BeamBlanked | Beam Blanked | -
EnergyFilter | EntranceApertureDiameter | Filter Entrance Aperture | m
EnergyFilter | EntranceApertureType | Filter Entrance Type | text
CustomProperties | EnergyFilter.CollectionAngleRange.End | Filter Collection Angle | rad
Stage | HolderType | Holder Type | text
Scan | FrameTime | Frame Time | s
Scan | LineTime | Line Time | s
Scan | LineIntegrationCount | Line Integration | -
Scan | LineInterlacing | Scan Interlacing | -
Scan | MainsLockOn | Mainslock | text
Scan | ScanSize.width | Scan Size>Width | -
Scan | ScanSize.height | Scan Size>Height | -
Scan | ScanArea.left | Scan Area>Left | -
Scan | ScanArea.top | Scan Area>Top | -
Scan | ScanArea.right | Scan Area>Right | -
Scan | ScanArea.bottom | Scan Area>Bottom | -
CustomProperties | DetectorRotation | Detector Rotation | rad
CustomProperties | IntegratedFrameCount | Frames Integrated | -
Vacuum | VacuumMode | Vacuum Mode | text
Acquisition | SourceType | Electron Source | text
Acquisition | BeamType | Beam Type | text
Sample | SampleDescription | Specimen Description | text
BinaryResult | AcquisitionUnit | Acquisition Unit | text
BinaryResult | CompositionType | Composition Type | text
BinaryResult | IntensityUnit | Intensity Unit | text
BinaryResult | IntensityScale | Intensity Scale | -
BinaryResult | IntensityOffset | Intensity Offset | -
Instrument | Manufacturer | Manufacturer | text
Instrument | InstrumentModel | Instrument Model | text
Instrument | InstrumentClass | Instrument Class | text
Instrument | InstrumentId | Instrument Number | text
Instrument | ComputerName | Computer Name | text
Instrument | ControlSoftwareVersion | Software Version | text
"""
CASES = [
    tuple(part.strip() for part in line.split("|"))
    for line in ROWS.strip().splitlines()
]

SHARED = {"magnification", "detector_type"}
ALONE = [case for case in CASES if case[2] not in SHARED]


def _at(dataset, place):
    first, *rest = place.split(">")
    group = dataset.fields if first in known_fields() else dataset.extensions
    for part in (first, *rest):
        group = group.get(part, {})
    return group


def _placed(section, key, value):
    """Return what to change of the metadata so that a setting has a value."""
    if section in {"Detector", "Analyser"}:
        number = 1 if section == "Analyser" else 0
        return {f"Detectors.Detector-{number}.{key}": value}
    if section == "DetectorProperty":
        section, key = "CustomProperties", f"Detectors[HAADF].{key}"
    if section == "CustomProperties":
        return {section: {key: {"type": "string", "value": value}}}
    return {f"{section}.{key}": value}


def _told(section, changes):
    """Return the signal that has a section: a spectrum for that of an analysis."""
    if section == "Analyser":
        return {"kind": "Spectrum", "changes": {**EDS, **changes}}
    return {"changes": changes}


def test_the_table_has_no_other_rows():
    listed = [(section, key) for section, key, _, _ in CASES]
    assert sorted(listed) == sorted((row.section, row.key) for row in FIELDS)


@pytest.mark.parametrize(("section", "key", "place", "unit"), CASES)
def test_a_setting_arrives(velox, section, key, place, unit):
    text = "37.25e-002"
    changes = _placed(section, key, text)
    if section == "BinaryResult" and key == "Detector":
        changes["BinaryResult.DetectorIndex"] = None
    if section == "Optics" and key == "NominalMagnification":
        changes["CustomProperties"] = {}
    kind = "Spectrum" if section == "Analyser" else "Image"
    dataset = velox(
        kind=kind, changes={**(EDS if kind == "Spectrum" else {}), **changes}
    )
    expected = text if unit == "text" else 0.3725
    if unit not in {"text", "-"}:
        expected = quantity(0.3725, unit)
    assert _at(dataset, place) == expected
    assert str(_at(dataset, place)) == str(expected)


@pytest.mark.parametrize(("section", "key", "place", "unit"), ALONE)
def test_an_empty_setting_is_left_out(velox, section, key, place, unit):
    dataset = velox(**_told(section, _placed(section, key, "")))
    assert _at(dataset, place) in ({}, None)


@pytest.mark.parametrize("nothing", ["", "None", None, {}, []])
def test_nothing_is_left_out(velox, nothing):
    dataset = velox(changes={"Optics.HighMagnificationMode": nothing})
    assert "High Magnification Mode" not in dataset.extensions


@pytest.mark.parametrize("place", ["live_time", "elevation_angle", "Real Time"])
def test_an_image_has_nothing_of_the_analysis_of_spectra(velox, place):
    assert _at(velox(changes=EDS), place) == {}


def test_text_for_a_typed_number_is_kept_and_noted(velox):
    dataset = velox(changes={"Optics.CameraLength": "long"})
    assert "camera_length" not in dataset.fields
    assert dataset.extensions["Camera Length"] == "long"
    assert dataset.notes == ("Camera Length: expected a number in m, found 'long'.",)


def test_a_magnification_of_a_scan_that_is_false_is_none(velox):
    dataset = velox(changes=CAMERA)
    assert dataset.fields["magnification"] == pytest.approx(1271519.155)


def test_properties_that_are_true_or_false_are_shown_so(velox):
    told = {"Optics.BeamBlanked": {"type": "bool", "value": "0"}}
    dataset = velox(changes={"CustomProperties": told})
    assert dataset.extensions["Beam Blanked"] is False


def test_apertures_that_are_in_are_shown_by_name(velox):
    assert velox().extensions["Apertures"] == {"C2": quantity(70, "µm")}


def test_the_operator_is_flagged(velox):
    dataset = velox()
    assert dataset.fields["operator"] == "microscopist"
    assert dataset.flagged == (("Operator",),)


def test_an_ordinary_image_has_more_than_eight_typed_fields(velox):
    assert set(velox().fields) == {
        "acceleration_voltage",
        "camera_length",
        "convergence_angle",
        "data_dimensions",
        "detector_type",
        "dwell_time",
        "horizontal_field_width",
        "illumination_mode",
        "magnification",
        "operator",
        "pixel_height",
        "pixel_width",
        "scan_rotation",
        "specimen",
        "stage_position",
        "vertical_field_width",
    }


def test_an_ordinary_spectrum_has_more_than_eight_typed_fields(velox):
    fields = velox(kind="Spectrum", changes=EDS, elements=(8, 29)).fields
    assert fields["elements"] == ("O", "Cu")
    assert fields["channel_size"].to("eV").magnitude == pytest.approx(10)
    assert fields["starting_energy"].to("eV").magnitude == pytest.approx(-250)
    assert fields["live_time"] == quantity(0.492, "s")
    assert fields["acquisition_device"] == "Super-X"
    assert fields["detector_type"] == "SuperXG21"


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({}, datetime(2024, 2, 29, 6, 58, 4, tzinfo=UTC)),
        (
            {
                "Acquisition.AcquisitionStartDatetime": None,
                "Acquisition.AcquisitionDatetime": {"DateTime": "1709189890"},
            },
            datetime(2024, 2, 29, 6, 58, 10, tzinfo=UTC),
        ),
        (
            {
                "Acquisition": "",
                "CustomProperties": {
                    "Detectors[BM-Ceta].TimeStamp": {"value": "1575552858306886"}
                },
            },
            datetime(2019, 12, 5, 13, 34, 18, 306886, tzinfo=UTC),
        ),
        ({"Acquisition": ""}, None),
        ({"Acquisition.AcquisitionStartDatetime": {"DateTime": "1e300"}}, None),
    ],
)
def test_the_time_of_creation_is_when_the_acquisition_began(velox, changes, expected):
    found = velox(changes=changes).creation_time
    if expected is None:
        assert found is None
    else:
        assert abs(found - expected).total_seconds() < 1e-3


def test_the_raw_metadata_are_kept(velox):
    raw = velox().raw["original_metadata"]
    assert raw["Optics"]["GunLensSetting"] == "727.75"
    assert np.array_equal(raw["Stage"]["Position"]["x"], "-0.00041")
