"""The values of headers that become metadata, as one table; `README.md` shows the same.

Keys are the names of EDAX's documents. Of two rows with one place the later one wins
where both have a value.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from nexuslims_core.reading.tables import Field

if TYPE_CHECKING:
    from collections.abc import Mapping

SPC, SPD, IPR = "spc_header", "spd_header", "ipr_header"
"""Headers: of a spectrum, of a map, and of the electron image beside a map."""

FIELDS: tuple[Field, ...] = (
    Field(SPD, "nFrames", ("Number of Frames",)),
    Field(SPD, "fName", ("Image File",), text=True),
    Field(
        IPR,
        "accV",
        ("Acceleration Voltage",),
        "kV",
        "acceleration_voltage",
        factor="0.1",
    ),
    Field(IPR, "mag", ("Magnification",), "", "magnification"),
    Field(IPR, "wd", ("Working Distance",), "mm", "working_distance"),
    Field(IPR, "tilt", ("Stage Tilt",), "deg", "stage_position/tilt_alpha"),
    Field(IPR, "takeoff", ("TakeOff Angle",), "deg", "takeoff_angle"),
    Field(IPR, "presetTime", ("Pixel Dwell Time",), "ms", "dwell_time"),
    Field(IPR, "nReads", ("Reads Per Point",)),
    Field(IPR, "timeConstantNew", ("Amplifier Time",), "µs"),
    Field(IPR, "label", ("Image Label",), text=True),
    Field(SPC, "fVersion", ("File Format Version",)),
    Field(SPC, "aVersion", ("Application Version",)),
    Field(SPC, "numPts", ("Number of Spectrum Channels",)),
    Field(
        SPC,
        "workingDist",
        ("Working Distance",),
        "mm",
        "working_distance",
        factor="0.01",
    ),
    Field(SPC, "intersectingDist", ("Intersecting Distance",), "mm", factor="0.01"),
    Field(SPC, "spectrumLabel", ("Specimen",), "", "specimen", text=True),
    Field(SPC, "materialType", ("Material Type",), text=True),
    Field(SPC, "imageFilename", ("Image File",), text=True),
    Field(SPC, "longImageFileName", ("Image File",), text=True),
    Field(SPC, "longFileName", ("Original File",), text=True),
    Field(SPC, "userID", ("Operator",), "", "operator", text=True),
    Field(SPC, "fpgaVersion", ("FPGA Version",)),
    Field(SPC, "evPerChan", ("Channel Size",), "eV", "channel_size"),
    Field(SPC, "ADCTimeConstantNew", ("Amplifier Time",), "µs"),
    Field(SPC, "analysisType", ("Preset Mode",)),
    Field(SPC, "preset", ("Preset",)),
    Field(SPC, "analyzerType", ("Analyzer Type",)),
    Field(SPC, "startEnergy", ("Starting Energy",), "keV", "starting_energy"),
    Field(SPC, "endEnergy", ("Ending Energy",), "keV"),
    Field(SPC, "liveTime", ("Live Time",), "s", "live_time"),
    Field(SPC, "tilt", ("Stage Tilt",), "deg", "stage_position/tilt_alpha"),
    Field(SPC, "takeoff", ("TakeOff Angle",), "deg", "takeoff_angle"),
    Field(SPC, "beamCurFact", ("Beam Current Factor",)),
    Field(SPC, "detReso", ("Energy Resolution",), "eV", "detector_energy_resolution"),
    Field(SPC, "detectType", ("Detector",), "", "detector_type", text=True),
    Field(SPC, "detectType", ("Detector Type",)),
    Field(SPC, "azimuth", ("Azimuthal Angle",), "deg", "azimuthal_angle"),
    Field(SPC, "elevation", ("Elevation Angle",), "deg", "elevation_angle"),
    Field(SPC, "kV", ("Acceleration Voltage",), "kV", "acceleration_voltage"),
    Field(SPC, "totalSpectralCount", ("Total Counts",)),
)

NOT_ZERO = frozenset(
    {
        "ADCTimeConstantNew",
        "accV",
        "analysisType",
        "analyzerType",
        "beamCurFact",
        "detReso",
        "detectType",
        "evPerChan",
        "intersectingDist",
        "kV",
        "mag",
        "nFrames",
        "nReads",
        "preset",
        "presetTime",
        "timeConstantNew",
        "totalSpectralCount",
        "wd",
        "workingDist",
    }
)
"""Values that are 0 where nothing is known."""

DETECTORS: Mapping[int, str] = {
    1: "Std-BE",
    2: "UTW",
    3: "Super UTW",
    4: "ECON 3/4 Open",
    5: "ECON 3/4 Closed",
    6: "ECON 5/6 Open",
    7: "ECON 5/6 Closed",
    8: "TEMECON",
    30: "APOLLO 10 SDD",
    31: "APOLLO XV",
    32: "APOLLO 10+",
    40: "APOLLO 40 SDD",
    50: "APOLLO-X",
    51: "APOLLO-XP",
    52: "APOLLO-XL",
    53: "APOLLO XL-XRF",
    60: "APOLLO-XLT-LS",
    61: "APOLLO-XLT-NW",
    62: "APOLLO-XLT-SUTW",
}
"""Detectors by ``detectType``."""

SAPPHIRE = 10
"""What is added to the first eight for Sapphire Si(Li) detectors."""

ANALYZERS: Mapping[int, str] = {
    1: "EDI1",
    2: "EDI2",
    3: "DPP2",
    4: "DPP3",
    5: "DPP4",
    31: "DPP-FR",
    32: "DPP-FR2",
}
"""Pulse processors by ``analyzerType``."""

PRESETS: Mapping[int, str] = {
    1: "clock",
    2: "count",
    3: "none",
    4: "live",
    5: "resume",
}
"""Ways to end an acquisition, by ``analysisType``."""

TIMED = frozenset({"clock", "live"})
"""Presets that are times in seconds."""

MATERIAL_CHARACTERS = 40
"""Of the spectrum's label, the first are the type of material, the rest the sample."""
