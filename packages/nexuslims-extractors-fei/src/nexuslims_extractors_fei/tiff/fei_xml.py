"""FEI's XML metadata: kept raw beside the settings; described where it is alone."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from nexuslims_core.reading.findings import Findings, number
from nexuslims_core.types import quantity

if TYPE_CHECKING:
    from xml.etree import ElementTree as ET

TIME = "Acquisition/AcquisitionDatetime"

FIELDS = (
    ("Optics/AccelerationVoltage", "acceleration_voltage", "V"),
    ("Optics/WorkingDistance", "working_distance", "m"),
    ("Optics/BeamCurrent", "beam_current", "A"),
    ("Optics/EmissionCurrent", "emission_current", "A"),
    ("Optics/ScanFieldOfView/X", "horizontal_field_width", "m"),
    ("Optics/ScanFieldOfView/Y", "vertical_field_width", "m"),
    ("ScanSettings/DwellTime", "dwell_time", "s"),
    ("ScanSettings/ScanRotation", "scan_rotation", "rad"),
    ("BinaryResult/PixelSize/X", "pixel_width", "m"),
    ("BinaryResult/PixelSize/Y", "pixel_height", "m"),
)
"""Paths, fields of the schema, and the units of FEI's numbers."""

STAGE = (
    ("StageSettings/StagePosition/X", "x", "m"),
    ("StageSettings/StagePosition/Y", "y", "m"),
    ("StageSettings/StagePosition/Z", "z", "m"),
    ("StageSettings/StagePosition/Rotation", "rotation", "rad"),
    ("StageSettings/StagePosition/Tilt/Alpha", "tilt_alpha", "rad"),
    ("StageSettings/StagePosition/Tilt/Beta", "tilt_beta", "rad"),
)

TEXTS = (
    ("Core/UserID", "Operator"),
    ("Instrument/InstrumentClass", "System Type"),
    ("Instrument/InstrumentID", "Device Number"),
    ("Instrument/ControlSoftwareVersion", "Software Version"),
    ("Acquisition/SourceType", "Electron Source"),
    ("Detectors/ScanningDetector/DetectorName", "Detector Name"),
    ("Detectors/ScanningDetector/Signal", "Detector Signal"),
)
"""Paths and display names, the same as of the corresponding settings."""


def describe(root: ET.Element) -> Findings:
    """Return what the XML of an SEM or FIB image says."""
    fields: dict[str, Any] = _quantities(root, FIELDS)
    stage = _quantities(root, STAGE)
    if stage:
        fields["stage_position"] = stage
    texts = {name: (root.findtext(path) or "").strip() for path, name in TEXTS}
    extensions = {name: text for name, text in texts.items() if text}
    if "Detector Name" in extensions:
        fields["detector_type"] = extensions["Detector Name"]
    return Findings(
        fields=fields,
        extensions=extensions,
        flagged=(("Operator",),) if "Operator" in extensions else (),
    )


def _quantities(
    root: ET.Element, table: tuple[tuple[str, str, str], ...]
) -> dict[str, Any]:
    texts = {name: (root.findtext(path) or "").strip() for path, name, _ in table}
    return {
        name: quantity(texts[name], unit)
        for _, name, unit in table
        if number(texts[name]) is not None
    }
