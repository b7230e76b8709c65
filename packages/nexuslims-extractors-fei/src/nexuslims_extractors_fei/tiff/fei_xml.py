"""FEI's XML metadata: they add to the settings, and describe an image without any."""

from __future__ import annotations

from typing import TYPE_CHECKING

from nexuslims_core.reading.findings import Findings, number
from nexuslims_core.reading.tables import Field, tabulated

if TYPE_CHECKING:
    from xml.etree import ElementTree as ET

TIME = "Acquisition/AcquisitionDatetime"

IMAGE_SIZE = ("ImageSize/X", "ImageSize/Y")
"""Columns and rows, below ``BinaryResult``."""

FIELDS: tuple[Field, ...] = (
    Field("Optics", "AccelerationVoltage", ("Voltage",), "V", "acceleration_voltage"),
    Field("Optics", "WorkingDistance", ("Working Distance",), "m", "working_distance"),
    Field("Optics", "BeamCurrent", ("Beam Current",), "A", "beam_current"),
    Field("Optics", "EmissionCurrent", ("Emission Current",), "A", "emission_current"),
    Field(
        "Optics",
        "ScanFieldOfView/X",
        ("Horizontal Field Width",),
        "m",
        "horizontal_field_width",
    ),
    Field(
        "Optics",
        "ScanFieldOfView/Y",
        ("Vertical Field Width",),
        "m",
        "vertical_field_width",
    ),
    Field("ScanSettings", "DwellTime", ("Pixel Dwell Time",), "s", "dwell_time"),
    Field("ScanSettings", "ScanRotation", ("Scan Rotation",), "rad", "scan_rotation"),
    Field("BinaryResult", "PixelSize/X", ("Pixel Width",), "m", "pixel_width"),
    Field("BinaryResult", "PixelSize/Y", ("Pixel Height",), "m", "pixel_height"),
    Field("StageSettings", "StagePosition/X", ("Stage", "x"), "m", "stage_position/x"),
    Field("StageSettings", "StagePosition/Y", ("Stage", "y"), "m", "stage_position/y"),
    Field("StageSettings", "StagePosition/Z", ("Stage", "z"), "m", "stage_position/z"),
    Field(
        "StageSettings",
        "StagePosition/Rotation",
        ("Stage", "rotation"),
        "rad",
        "stage_position/rotation",
    ),
    Field(
        "StageSettings",
        "StagePosition/Tilt/Alpha",
        ("Stage", "tilt_alpha"),
        "rad",
        "stage_position/tilt_alpha",
    ),
    Field(
        "StageSettings",
        "StagePosition/Tilt/Beta",
        ("Stage", "tilt_beta"),
        "rad",
        "stage_position/tilt_beta",
    ),
    Field(
        "Detectors",
        "ScanningDetector/DetectorName",
        ("Detector",),
        "",
        "detector_type",
        True,
    ),
    Field("Sample", "SampleId", ("Specimen",), "", "specimen", True),
    Field("Sample", "SampleDescription", ("Specimen Description",), text=True),
    Field("Core", "UserID", ("Operator",), text=True),
    Field("Core", "ApplicationSoftware", ("Application Software",), text=True),
    Field("Instrument", "Manufacturer", ("Manufacturer",), text=True),
    Field("Instrument", "InstrumentClass", ("System Type",), text=True),
    Field("Instrument", "InstrumentID", ("Device Number",), text=True),
    Field("Instrument", "ControlSoftwareVersion", ("Software Version",), text=True),
    Field("Instrument", "ComputerName", ("Computer Name",), text=True),
    Field("Acquisition", "BeamType", ("Beam Type",), text=True),
    Field("Acquisition", "ColumnType", ("Column Type",), text=True),
    Field("Acquisition", "SourceType", ("Electron Source",), text=True),
    Field("Optics", "Apertures/Aperture/Diameter", ("Aperture Diameter",), "m"),
    Field("Optics", "SpotSize", ("Spot Diameter",), "m"),
    Field("Optics", "EucentricWorkingDistance", ("Eucentric WD",), "m"),
    Field("Optics", "GunTiltRaw/X", ("Beam Tilt X",)),
    Field("Optics", "GunTiltRaw/Y", ("Beam Tilt Y",)),
    Field("Optics", "BeamShift/X", ("Beam Shift X",)),
    Field("Optics", "BeamShift/Y", ("Beam Shift Y",)),
    Field("Optics", "StigmatorRaw/X", ("Stigmator X Value",)),
    Field("Optics", "StigmatorRaw/Y", ("Stigmator Y Value",)),
    Field("Optics", "OpticalMode", ("Optical Mode",), text=True),
    Field("Optics", "SamplePreTiltAngle", ("Sample Pre-Tilt Angle",), "rad"),
    Field("ScanSettings", "FrameTime", ("Total Frame Time",), "s"),
    Field("ScanSettings", "LineTime", ("Line Time",), "s"),
    Field("ScanSettings", "LineIntegrationCount", ("Line Integration",)),
    Field("ScanSettings", "LineInterlacing", ("Scan Interlacing",)),
    Field("ScanSettings", "MainsLockOn", ("Mainslock",), text=True),
    Field(
        "VacuumProperties",
        "SamplePressure",
        ("Chamber Pressure",),
        "Pa",
        "chamber_pressure",
    ),
    Field(
        "VacuumProperties",
        "ElectronColumnPressure",
        ("Electron Column Pressure",),
        "Pa",
    ),
    Field("VacuumProperties", "IonColumnPressure", ("Ion Column Pressure",), "Pa"),
    Field("Detectors", "ScanningDetector/DetectorName", ("Detector Name",), text=True),
    Field("Detectors", "ScanningDetector/Signal", ("Detector Signal",), text=True),
    Field("Detectors", "ScanningDetector/Gain", ("Detector Contrast (DB)",)),
    Field("Detectors", "ScanningDetector/Offset", ("Detector Brightness (DB)",)),
    Field(
        "Detectors",
        "ScanningDetector/ContrastNormalized",
        ("Detector Contrast Setting",),
    ),
    Field(
        "Detectors",
        "ScanningDetector/BrightnessNormalized",
        ("Detector Brightness Setting",),
    ),
    Field("Detectors", "ScanningDetector/GridVoltage", ("Detector Grid Voltage",), "V"),
    Field(
        "Detectors",
        "ScanningDetector/SuctionTubeVoltage",
        ("Detector Suction Tube Voltage",),
        "V",
    ),
    Field("BinaryResult", "FilterType", ("Frame Filter",), text=True),
    Field("BinaryResult", "FilterFrameCount", ("Frame Filter Count",)),
    Field("BinaryResult", "Gamma", ("Digital Gamma",)),
)
"""Paths below the sections of the XML, and units of FEI's numbers.

Display names are those of the corresponding settings, which go before.
"""


def describe(root: ET.Element) -> Findings:
    """Return what the XML of an SEM or FIB image says."""

    def text_at(section: str, key: str) -> str:
        return (root.findtext(f"{section}/{key}") or "").strip()

    findings = tabulated(FIELDS, lambda row: text_at(row.section, row.key))
    size = [number(text_at("BinaryResult", key)) for key in IMAGE_SIZE]
    dimensions = {"data_dimensions": f"({size[0]}, {size[1]})"} if all(size) else {}
    return Findings(
        fields={**findings.fields, **dimensions},
        extensions=findings.extensions,
        flagged=(("Operator",),) if "Operator" in findings.extensions else (),
        notes=findings.notes,
    )
