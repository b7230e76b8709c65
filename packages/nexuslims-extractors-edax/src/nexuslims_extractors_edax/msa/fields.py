"""The keywords that become metadata, as one table; `README.md` shows the same.

Of two rows with one place the later one wins where both have a value.
"""

from __future__ import annotations

from nexuslims_core.reading.tables import Field

STANDARD = "#"
"""Section of keywords of the standard."""

OWN = "##"
"""Section of keywords that programs define: EDAX's, and one of Oxford Instruments'."""


def _text(section: str, key: str, display: str, typed: str = "") -> Field:
    return Field(section, key, (display,), typed=typed, text=True)


FIELDS: tuple[Field, ...] = (
    _text(STANDARD, "FORMAT", "File Format"),
    _text(STANDARD, "VERSION", "MSA Format Version"),
    _text(STANDARD, "TITLE", "EDAX Title"),
    _text(STANDARD, "DATE", "EDAX Date"),
    _text(STANDARD, "TIME", "EDAX Time"),
    _text(STANDARD, "OWNER", "EDAX Owner"),
    Field(STANDARD, "NPOINTS", ("Number of Data Points",)),
    Field(STANDARD, "NCOLUMNS", ("Number of Data Columns",)),
    _text(STANDARD, "XUNITS", "X Column Units"),
    _text(STANDARD, "YUNITS", "Y Column Units"),
    _text(STANDARD, "DATATYPE", "Data Format"),
    Field(STANDARD, "XPERCHAN", ("X Units Per Channel",)),
    Field(STANDARD, "OFFSET", ("Offset",)),
    Field(STANDARD, "CHOFFSET", ("Channel Offset",)),
    _text(STANDARD, "SIGNALTYPE", "Signal Type"),
    _text(STANDARD, "XLABEL", "X Column Label"),
    _text(STANDARD, "YLABEL", "Y Column Label"),
    _text(STANDARD, "COMMENT", "EDAX Comment"),
    Field(STANDARD, "BEAMKV", ("Beam Energy",), "kV", "acceleration_voltage"),
    Field(STANDARD, "EMISSION", ("Emission Current",), "µA", "emission_current"),
    Field(STANDARD, "PROBECUR", ("Beam Current",), "nA", "beam_current"),
    Field(STANDARD, "BEAMDIAM", ("Beam Diameter",), "nm"),
    _text(STANDARD, "OPERMODE", "Operating Mode"),
    Field(STANDARD, "CONVANGLE", ("Convergence Angle",), "mrad", "convergence_angle"),
    Field(STANDARD, "THICKNESS", ("Specimen Thickness",), "nm"),
    Field(STANDARD, "XTILTSTGE", ("Stage Tilt",), "deg", "stage_position/tilt_alpha"),
    Field(STANDARD, "YTILTSTGE", ("Stage Tilt Y",), "deg", "stage_position/tilt_beta"),
    Field(STANDARD, "XPOSITION", ("Stage X",), "mm", "stage_position/x"),
    Field(STANDARD, "YPOSITION", ("Stage Y",), "mm", "stage_position/y"),
    Field(STANDARD, "ZPOSITION", ("Stage Z",), "mm", "stage_position/z"),
    Field(STANDARD, "DWELLTIME", ("Pixel Dwell Time",), "ms", "dwell_time"),
    Field(STANDARD, "INTEGTIME", ("Acquisition Time",), "ms", "acquisition_time"),
    Field(STANDARD, "COLLANGLE", ("Collection Angle",), "mrad"),
    _text(STANDARD, "ELSDET", "Detector", "detector_type"),
    Field(STANDARD, "ELEVANGLE", ("Elevation Angle",), "deg", "elevation_angle"),
    Field(STANDARD, "AZIMANGLE", ("Azimuthal Angle",), "deg", "azimuthal_angle"),
    Field(STANDARD, "SOLIDANGLE", ("Solid Angle",), "sr"),
    Field(STANDARD, "SOLIDANGL", ("Solid Angle",), "sr"),
    Field(STANDARD, "LIVETIME", ("Live Time",), "s", "live_time"),
    Field(STANDARD, "REALTIME", ("Real Time",), "s"),
    Field(STANDARD, "REALTIME", ("Acquisition Time",), "s", "acquisition_time"),
    Field(
        STANDARD, "FWHMMNKA", ("Energy Resolution",), "eV", "detector_energy_resolution"
    ),
    Field(STANDARD, "TBEWIND", ("Be Window Thickness",), "cm"),
    Field(STANDARD, "TAUWIND", ("Au Window Thickness",), "cm"),
    Field(STANDARD, "TDEADLYR", ("Dead Layer Thickness",), "cm"),
    Field(STANDARD, "TACTLYR", ("Active Layer Thickness",), "cm"),
    Field(STANDARD, "TACTYLR", ("Active Layer Thickness",), "cm"),  # EDAX's spelling
    Field(STANDARD, "TALWIND", ("Al Window Thickness",), "cm"),
    Field(STANDARD, "TPYWIND", ("Pyrolene Window Thickness",), "cm"),
    Field(STANDARD, "TBNWIND", ("BN Window Thickness",), "cm"),
    Field(STANDARD, "TDIWIND", ("Diamond Window Thickness",), "cm"),
    Field(STANDARD, "THCWIND", ("Hydrocarbon Window Thickness",), "cm"),
    _text(STANDARD, "EDSDET", "Detector", "detector_type"),
    _text(OWN, "FILENAME", "Originating File of MSA Export"),
    Field(OWN, "AmpTime (usec)", ("Amplifier Time",), "µs"),
    Field(OWN, "FPGA Version", ("FPGA Version",)),
    Field(
        OWN, "RESO (MnKa)", ("Energy Resolution",), "eV", "detector_energy_resolution"
    ),
    _text(OWN, "EDAX Detector", "Detector", "detector_type"),
    _text(OWN, "Analyzer Type", "Analyzer Type"),
    Field(OWN, "Tilt Angle", ("Stage Tilt",), "deg", "stage_position/tilt_alpha"),
    Field(OWN, "TakeOff Angle", ("TakeOff Angle",), "deg", "takeoff_angle"),
    _text(OWN, "Elements", "User-Selected Elements"),
    _text(OWN, "OXINSTELEMS", "Elements of the Analysis"),
)

UNITS = {
    "cm": "cm",
    "deg": "deg",
    "dg": "deg",
    "ev": "eV",
    "kev": "keV",
    "kv": "kV",
    "m": "m",
    "mm": "mm",
    "mr": "mrad",
    "mrad": "mrad",
    "ms": "ms",
    "na": "nA",
    "nm": "nm",
    "pa": "pA",
    "s": "s",
    "sr": "sr",
    "ua": "µA",
    "um": "µm",
    "us": "µs",
    "usec": "µs",
    "v": "V",
}
"""Units as the standard and its writers abbreviate them, in lower case."""

MAGNIFICATION = Field(STANDARD, "MAGCAM", ("Magnification",), "", "magnification")
CAMERA_LENGTH = Field(STANDARD, "MAGCAM", ("Camera Length",), "mm", "camera_length")
"""One keyword for both; which it is, ``OPERMODE`` says."""

NOT_ZERO = frozenset({"BEAMKV", "FWHMMNKA", "MAGCAM", "RESO (MnKa)"})
"""Keywords that programs write as 0 where they do not know the value."""
