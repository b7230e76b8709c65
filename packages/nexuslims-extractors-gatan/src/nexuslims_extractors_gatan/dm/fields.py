"""Tags that become metadata, and where they go.

A section is the path of a group below an image's ``ImageTags``, with dots. Of two rows
with one place the later wins.
"""

from __future__ import annotations

from nexuslims_core.reading.tables import Field

MICROSCOPE, STAGE = "Microscope Info", "Microscope Info.Stage Position"
SESSION, META, BAR = "Session Info", "Meta Data", "DataBar"
CAMERA = "Acquisition.Parameters.High Level"
SCAN = "DigiScan"
EELS_ACQUISITION = "EELS.Acquisition"
EELS_CONDITIONS = "EELS.Experimental Conditions"
EDS, EDS_ACQUISITION, EDS_DETECTOR = "EDS", "EDS.Acquisition", "EDS.Detector Info"
SI = "SI.Acquisition"
SPECTROMETERS = ("EELS.Acquisition.Spectrometer", "EELS Spectrometer")
"""Where the state of a spectrometer is, by version of DigitalMicrograph."""

SPECTROMETER_KEYS = (
    "Aperture label",
    "Dispersion (eV/ch)",
    "Energy loss (eV)",
    "Instrument name",
    "Drift tube enabled",
    "Drift tube voltage (V)",
    "Slit inserted",
    "Slit width (eV)",
    "Prism offset (V)",
    "Prism offset enabled",
)

_EDS_SETTINGS = (
    ("Continuous Mode", "Continuous Mode", "", True),
    ("Count Rate Unit", "Count Rate Unit", "", True),
    ("Dispersion (eV)", "Dispersion", "eV", False),
    ("Energy Cutoff (V)", "Energy Cutoff", "V", False),
    ("Exposure (s)", "Exposure", "s", False),
)
"""Key, display name, unit, whether it is text."""

_EDS_DETECTOR = {
    "Active layer": "",
    "Azimuthal angle": "deg",
    "Dead layer": "",
    "Detector type": "",
    "Elevation angle": "deg",
    "Fano": "",
    "Gold layer": "",
    "Incidence angle": "deg",
    "Solid angle": "sr",
    "Stage tilt": "deg",
    "Window thickness": "",
    "Window type": "",
    "Zero fwhm": "",
}
"""Names of a detector's properties with their units, which the file does not have."""

EDS_COUNTERS = {"Count rate": "", "Live time": "s", "Real time": "s"}
"""Names with units."""

DOUBTFUL_EDS = (*EDS_COUNTERS, *_EDS_DETECTOR)
"""Of EDS: what the software often only assumes."""


def _eds_settings(section: str) -> tuple[Field, ...]:
    return tuple(
        Field(section, key, ("EDS", name), unit, text=text)
        for key, name, unit, text in _EDS_SETTINGS
    )


FIELDS: tuple[Field, ...] = (
    Field(MICROSCOPE, "Voltage", ("Voltage",), "V", "acceleration_voltage"),
    Field(MICROSCOPE, "Actual Magnification", ("Actual Magnification",)),
    Field(MICROSCOPE, "Cs(mm)", ("Cs",), "mm"),
    Field(
        MICROSCOPE,
        "Field of View (µm)",
        ("Field of View",),
        "µm",
        "horizontal_field_width",
    ),
    Field(MICROSCOPE, "Operation Mode", ("Operation Mode",), text=True),
    Field(MICROSCOPE, "Imaging Mode", ("Imaging Mode",), text=True),
    Field(
        MICROSCOPE,
        "Illumination Mode",
        ("Illumination Mode",),
        "",
        "illumination_mode",
        True,
    ),
    Field(MICROSCOPE, "Specimen", ("Specimen",), "", "specimen", True),
    Field(MICROSCOPE, "Microscope", ("Microscope",), text=True),
    Field(MICROSCOPE, "Operator", ("Operator",), "", "operator", True),
    Field(MICROSCOPE, "Name", ("Name",), text=True),
    Field(MICROSCOPE, "Facility", ("Facility",), text=True),
    Field(MICROSCOPE, "Condenser Aperture", ("Condenser Aperture",)),
    Field(MICROSCOPE, "Objective Aperture", ("Objective Aperture",)),
    Field(MICROSCOPE, "Selected Area Aperture", ("Selected Area Aperture",)),
    Field(MICROSCOPE, "Spot Size", ("Spot Size",)),
    Field(MICROSCOPE, "Objective focus (um)", ("Objective Focus",), "µm"),
    Field(STAGE, "Stage X", ("Stage Position", "X"), "µm", "stage_position/x"),
    Field(STAGE, "Stage Y", ("Stage Position", "Y"), "µm", "stage_position/y"),
    Field(STAGE, "Stage Z", ("Stage Position", "Z"), "µm", "stage_position/z"),
    Field(
        STAGE,
        "Stage Alpha",
        ("Stage Position", "α"),  # noqa: RUF001 - Greek on purpose
        "deg",
        "stage_position/tilt_alpha",
    ),
    Field(
        STAGE, "Stage Beta", ("Stage Position", "β"), "deg", "stage_position/tilt_beta"
    ),
    Field(SESSION, "Detector", ("Detector",), "", "detector_type", True),
    Field(SESSION, "Microscope", ("Microscope",), text=True),
    Field(SESSION, "Operator", ("Operator",), "", "operator", True),
    Field(SESSION, "Specimen", ("Specimen",), "", "specimen", True),
    Field(META, "Acquisition Mode", ("Analytic Acquisition Mode",), text=True),
    Field(META, "Format", ("Analytic Format",), text=True),
    Field(META, "Signal", ("Analytic Signal",), text=True),
    Field(
        f"{META}.Experiment keywords.TagGroup1", "Label", ("Analytic Label",), text=True
    ),
    Field(BAR, "Device Name", ("Acquisition Device",), "", "acquisition_device", True),
    Field(
        "Acquisition.Device",
        "Name",
        ("Acquisition Device",),
        "",
        "acquisition_device",
        True,
    ),
    Field(BAR, "Exposure Time (s)", ("Exposure Time",), "s"),
    Field(CAMERA, "Exposure (s)", ("Exposure Time",), "s"),
    Field(CAMERA, "Processing", ("Camera/Detector Processing",), text=True),
    Field("GMS Version", "Saved", ("GMS Version",), text=True),
    Field("GMS Version", "Created", ("GMS Version",), text=True),
    Field(BAR, "Signal Name", ("Signal Name",), text=True),
    Field(SCAN, "Sample Time", ("Sample Time",), "µs", "dwell_time"),
    Field(SCAN, "Rotation", ("Scan Rotation",), "deg", "scan_rotation"),
    Field(SCAN, "Flyback", ("Flyback Time",), "µs"),
    Field(EELS_ACQUISITION, "Exposure (s)", ("EELS", "Exposure"), "s"),
    Field(EELS_ACQUISITION, "Integration time (s)", ("EELS", "Integration time"), "s"),
    Field(EELS_ACQUISITION, "Number of frames", ("EELS", "Number of frames")),
    Field(
        EELS_CONDITIONS,
        "Collection semi-angle (mrad)",
        ("EELS", "Collection semi-angle"),
        "mrad",
    ),
    Field(
        EELS_CONDITIONS, "Collection semi-angle (mrad)", ("Collection Angle",), "mrad"
    ),
    Field(
        EELS_CONDITIONS,
        "Convergence semi-angle (mrad)",
        ("EELS", "Convergence semi-angle"),
        "mrad",
    ),
    Field(
        EELS_CONDITIONS,
        "Convergence semi-angle (mrad)",
        ("Convergence Angle",),
        "mrad",
        "convergence_angle",
    ),
    *(
        Field(section, key, ("EELS", f"Spectrometer {key}"))
        for section in SPECTROMETERS
        for key in SPECTROMETER_KEYS
    ),
    *_eds_settings(EDS_ACQUISITION),
    *(Field(EDS, key, ("EDS", key), unit) for key, unit in EDS_COUNTERS.items()),
    *(
        Field(EDS_DETECTOR, key, ("EDS", key), unit, text=key == "Detector type")
        for key, unit in _EDS_DETECTOR.items()
    ),
    Field(
        EDS_DETECTOR, "Azimuthal angle", ("Azimuthal Angle",), "deg", "azimuthal_angle"
    ),
    Field(
        EDS_DETECTOR, "Elevation angle", ("Elevation Angle",), "deg", "elevation_angle"
    ),
    Field(EDS, "Live time", ("Live Time",), "s", "live_time"),
    Field(SI, "Pixel time (s)", ("Spectrum Imaging", "Pixel time"), "s"),
    Field(SI, "Pixel time (s)", ("Pixel Time",), "s", "pixel_time"),
    Field(
        f"{SI}.SI Application Mode",
        "Name",
        ("Spectrum Imaging", "Scan Mode"),
        text=True,
    ),
    Field(f"{SI}.SI Application Mode", "Name", ("Scan Mode",), "", "scan_mode", True),
    Field(
        f"{SI}.Spatial Sampling",
        "Height (pixels)",
        ("Spectrum Imaging", "Spatial Sampling (Vertical)"),
    ),
    Field(
        f"{SI}.Spatial Sampling",
        "Width (pixels)",
        ("Spectrum Imaging", "Spatial Sampling (Horizontal)"),
    ),
    Field(
        f"{SI}.Scan Options",
        "Sub-pixel sampling",
        ("Spectrum Imaging", "Sub-pixel Sampling Factor"),
    ),
    Field("CL.Acquisition", "Exposure (s)", ("Cathodoluminescence", "Exposure"), "s"),
    Field(
        "CL.Acquisition", "Dwell time (s)", ("Cathodoluminescence", "Dwell time"), "s"
    ),
    Field(
        "CL.Acquisition",
        "Integration time (s)",
        ("Cathodoluminescence", "Integration time"),
        "s",
    ),
    Field(
        "CL.Acquisition",
        "Number of frames",
        ("Cathodoluminescence", "Number of frames"),
    ),
    Field(
        "CL.Acquisition",
        "Dispersion grating (lines/mm)",
        ("Cathodoluminescence", "Grating"),
        "1/mm",
    ),
    Field(
        "CL.Acquisition",
        "Central wavelength (nm)",
        ("Cathodoluminescence", "Central wavelength"),
        "nm",
    ),
    Field(
        "CL.Acquisition",
        "Start wavelength (nm)",
        ("Cathodoluminescence", "Start wavelength"),
        "nm",
    ),
    Field(
        "CL.Acquisition",
        "Step-size (nm)",
        ("Cathodoluminescence", "Step size"),
        "nm",
    ),
    Field(
        "Acquisition.Monarc Spectrometer",
        "Grating",
        ("Cathodoluminescence", "Grating"),
        "1/mm",
    ),
    Field(
        "Acquisition.Monarc Spectrometer",
        "Slit Width",
        ("Cathodoluminescence", "Slit Width"),
        "mm",
    ),
    Field(
        "Acquisition.Monarc Spectrometer",
        "Bandpass",
        ("Cathodoluminescence", "Bandpass"),
        "nm",
    ),
    Field(
        "Acquisition.Monarc Spectrometer",
        "PMT HV",
        ("Cathodoluminescence", "PMT Voltage"),
        "V",
    ),
    Field(
        "Acquisition.Monarc Spectrometer",
        "Filter",
        ("Cathodoluminescence", "Filter"),
        text=True,
    ),
    Field(
        "Acquisition.Monarc Spectrometer",
        "Polarizer",
        ("Cathodoluminescence", "Polarizer"),
        text=True,
    ),
)

OVERRIDING_EDS = _eds_settings(SI)
"""Of a spectrum image with EDS: the settings of its acquisition go before others."""

NONZERO: tuple[Field, ...] = (
    Field(
        MICROSCOPE,
        "Emission Current (µA)",
        ("Emission Current",),
        "µA",
        "emission_current",
    ),
    Field(MICROSCOPE, "Probe Current (nA)", ("Beam Current",), "nA", "beam_current"),
    Field(MICROSCOPE, "Probe Size (nm)", ("Probe Size",), "nm"),
)
"""Settings that DigitalMicrograph writes as zero when it was not told."""
