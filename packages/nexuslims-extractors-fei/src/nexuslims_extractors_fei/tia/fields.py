"""What TIA records of a microscope, and where it goes: one table."""

from __future__ import annotations

from typing import TYPE_CHECKING

from nexuslims_core.reading.tables import Field

if TYPE_CHECKING:
    from collections.abc import Mapping

OBJECT, CONDITIONS, ACQUIRED = "ObjectInfo", "MicroscopeConditions", "AcquireInfo"
DESCRIBED = "ExperimentalDescription"

SETTINGS: tuple[Field, ...] = (
    Field(OBJECT, "Manufacturer", ("Manufacturer",), text=True),
    Field(ACQUIRED, "DwellTimePath", ("Dwell Time Path",), "s"),
    Field(ACQUIRED, "FrameTime", ("Frame Time",), "s"),
    Field(ACQUIRED, "CameraNamePath", ("Camera Name Path",), text=True),
    Field(ACQUIRED, "Binning", ("Binning",)),
    Field(ACQUIRED, "BeamPosition", ("Beam Position",), "µm"),
    Field(ACQUIRED, "EnergyResolution", ("Energy Resolution",), "eV"),
    Field(ACQUIRED, "IntegrationTime", ("Integration Time",), "s"),
    Field(ACQUIRED, "NumberSpectra", ("Number of Spectra",)),
    Field(ACQUIRED, "ShapingTime", ("Shaping Time",), "s"),
    Field(ACQUIRED, "ScanArea", ("Scan Area",)),
    Field(ACQUIRED, "BiasCorrection", ("Bias Correction",), text=True),
    Field(ACQUIRED, "GainCorrection", ("Gain Correction",), text=True),
    Field(
        CONDITIONS,
        "AcceleratingVoltage",
        ("Microscope Accelerating Voltage (V)",),
        "V",
    ),
    Field(CONDITIONS, "Tilt1", ("Microscope Tilt 1",), "rad"),
    Field(CONDITIONS, "Tilt2", ("Microscope Tilt 2",), "rad"),
)
"""Settings of a signal that have a row of their own, all in the extensions."""

TYPED: tuple[Field, ...] = (
    Field(
        CONDITIONS,
        "AcceleratingVoltage",
        ("Acceleration Voltage",),
        "V",
        "acceleration_voltage",
    ),
    Field(DESCRIBED, "Acceleration voltage", (), "kV", "acceleration_voltage"),
    Field(DESCRIBED, "High tension", ("High Tension",), "kV", "acceleration_voltage"),
    Field(DESCRIBED, "Emission", ("Emission",), "µA", "emission_current"),
    Field(DESCRIBED, "Magnification", ("Magnification",), "", "magnification"),
    Field(DESCRIBED, "Camera length", ("Camera Length",), "m", "camera_length"),
    Field(DESCRIBED, "Convergence angle", (), "mrad", "convergence_angle"),
    Field(DESCRIBED, "Stem rotation", ("STEM Rotation",), "deg", "scan_rotation"),
    Field(DESCRIBED, "Stage X", ("Stage Position", "X"), "µm", "stage_position/x"),
    Field(DESCRIBED, "Stage Y", ("Stage Position", "Y"), "µm", "stage_position/y"),
    Field(DESCRIBED, "Stage Z", ("Stage Position", "Z"), "µm", "stage_position/z"),
    Field(
        DESCRIBED,
        "Stage A",
        ("Stage Position", "A"),
        "deg",
        "stage_position/tilt_alpha",
    ),
    Field(
        DESCRIBED, "Stage B", ("Stage Position", "B"), "deg", "stage_position/tilt_beta"
    ),
    Field(ACQUIRED, "CameraNamePath", (), "", "acquisition_device", True),
    Field(DESCRIBED, "Acquisition device", (), "", "acquisition_device", True),
    Field(DESCRIBED, "User", ("User",), "", "operator", True),
)
"""Settings that are typed fields, too; the later of two for one field wins.

A line of the description has its own unit; that of the table is for one without.
"""

UNITS: Mapping[str, str] = {
    "kV": "kV",
    "V": "V",
    "uA": "µA",
    "nA": "nA",
    "um": "µm",
    "nm": "nm",
    "mm": "mm",
    "m": "m",
    "deg": "deg",
    "rad": "rad",
    "mrad": "mrad",
    "s": "s",
    "eV": "eV",
    "keV": "keV",
    "%": "%",
    "x": "",
    "": "",
}
"""Units of a description, as TIA writes them and as we do."""
