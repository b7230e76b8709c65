"""What RosettaSciIO's own mapping leaves out, as tables: one row per setting.

The section of a row is a dotted path in ``original_metadata``, its key a name there.
Units were checked against the bytes of real files and the vendors' descriptions.
"""

from __future__ import annotations

from nexuslims_core.reading.tables import Field

BRUKER = (
    Field("Microscope", "WD", ("Working Distance",), "mm", "working_distance"),
    Field(
        "Analysis", "WorkingDistance", ("Working Distance",), "mm", "working_distance"
    ),
    Field("Analysis", "Magnification", ("Magnification",), "", "magnification"),
    Field("Analysis", "TakeOffAngle", ("Takeoff Angle",), "deg", "takeoff_angle"),
    Field("Stage", "Tilt", ("Stage", "tilt"), "deg", "stage_position/tilt_alpha"),
    Field("Detector", "Serial", ("Detector Serial Number",), text=True),
    Field("Detector", "Technology", ("Detector Technology",), text=True),
    Field("Detector", "DetectorThickness", ("Detector Thickness",), "mm"),
    Field("Detector", "WindowType", ("Detector Window",), text=True),
    Field("Hardware", "DetectorTemperature", ("Detector Temperature",), "°C"),
    Field("Hardware", "DeadTime", ("Dead Time",), "%"),
    Field("Hardware", "PulseDensity", ("Input Count Rate",), "1/s"),
    Field("Hardware", "ShapingTime", ("Shaping Setting",)),
    Field("Hardware", "Amplification", ("Amplification",)),
    Field("DSP Configuration", "PixelAverage", ("Pixel Averages",)),
    Field("DSP Configuration", "LineAverage", ("Line Averages",)),
    Field("Spectrum", "ChannelCount", ("Number of Channels",)),
)
"""Bruker .bcf and .spx."""

_PTS = "PTTD Data.AnalyzableMap MeasData"
_PTS_SEM = "PTTD Param.Params.PARAMPAGE0_SEM"
_EDS = "Footer.Parameters"

JEOL = (
    Field("Instrument", "Name", ("Microscope",), text=True),
    Field("Instrument", "Currnnt", ("Beam Current",), "nA", "beam_current"),
    Field("Instrument", "WorkD", ("Working Distance",), "mm", "working_distance"),
    Field("Instrument", "ScanR", ("Scan Rotation",), "deg", "scan_rotation"),
    Field(_PTS_SEM, "SEM", ("Microscope",), text=True),
    Field(_PTS_SEM, "TakeAng", ("Takeoff Angle",), "deg", "takeoff_angle"),
    Field(_PTS_SEM, "InsD", ("Detector Insertion Distance",), "mm"),
    Field(_PTS_SEM, "ValidSize", ("Detector Area",), "mm**2"),
    Field(f"{_PTS}.MeasCond", "AccNA", ("Beam Current",), "nA", "beam_current"),
    Field(f"{_PTS}.MeasCond", "WD", ("Working Distance",), "mm", "working_distance"),
    Field(f"{_PTS}.MeasCond", "ScanR", ("Scan Rotation",), "deg", "scan_rotation"),
    Field(f"{_PTS}.Doc", "LiveTime", ("Live Time",), "s", "live_time"),
    Field(f"{_PTS}.Doc", "RealTime", ("Real Time",), "s"),
    Field(f"{_PTS}.Doc", "DwellTime(msec)", ("Dwell Time",), "ms", "dwell_time"),
    Field(f"{_PTS}.Doc", "Sweep", ("Number of Sweeps",)),
    Field(f"{_PTS}.Doc.CountRate", "value", ("Count Rate",), "1/s"),
    Field(f"{_PTS}.Doc.DeadTime", "value", ("Dead Time",), "%"),
    Field("Header", "username", ("Operator",), text=True, typed="operator"),
    Field("Header", "sp_name", ("Specimen",), text=True, typed="specimen"),
    Field("Header", "real time", ("Real Time",), "s"),
    Field("Header", "DeadTime", ("Dead Time",), "%"),
    Field("Header", "CountRate", ("Count Rate",), "1/s"),
    Field(_EDS, "SEM", ("Microscope",), text=True),
    Field(_EDS, "AccNA", ("Beam Current",), "nA", "beam_current"),
    Field(_EDS, "WorkD", ("Working Distance",), "mm", "working_distance"),
    Field(_EDS, "TakeAng", ("Takeoff Angle",), "deg", "takeoff_angle"),
    Field(_EDS, "InsD", ("Detector Insertion Distance",), "mm"),
    Field(_EDS, "ValidSize", ("Detector Area",), "mm**2"),
    Field("asw_viewdata", "Memo", ("Memo",), text=True),
)
"""JEOL Analysis Station: .img and .map, .pts, .eds."""

BLOCKFILE = (
    Field(
        "blockfile_header",
        "Scan_rotation",
        ("Scan Rotation",),
        "deg",
        "scan_rotation",
        factor="0.01",
    ),
    Field(
        "blockfile_header", "DP_rotation", ("Pattern Rotation",), "deg", factor="0.01"
    ),
    Field("blockfile_header", "Note", ("Notes",), text=True),
)
"""NanoMegas blockfiles."""

MERLIN = (
    Field("mib_properties", "exposure", ("Exposure Time",), "ms", "dwell_time"),
    Field("mib_properties", "dynamic_range", ("Dynamic Range",), text=True),
    Field("mib_properties", "assembly_size", ("Detector Assembly",), text=True),
    Field(
        "hdr_file",
        "Chip Type (Medipix 3.0, Medipix 3.1, Medipix 3RX)",
        ("Detector",),
        typed="detector_type",
        text=True,
    ),
    Field(
        "hdr_file",
        "Readout System",
        ("Acquisition Device",),
        typed="acquisition_device",
        text=True,
    ),
    Field("hdr_file", "Chip ID", ("Chip ID",), text=True),
    Field("hdr_file", "Chip Mode  (SPM, CSM, CM, CSCM)", ("Chip Mode",), text=True),
    Field("hdr_file", "Counter Depth (number)", ("Counter Depth",), "bit"),
    Field("hdr_file", "Gain", ("Gain Mode",), text=True),
    Field("hdr_file", "Thresholds (keV)", ("Thresholds (keV)",), text=True),
    Field("hdr_file", "Sensor Bias (V)", ("Sensor Bias",), text=True),
    Field("hdr_file", "Frames in Acquisition (Number)", ("Number of Frames",)),
    Field("hdr_file", "Frames per Trigger (Number)", ("Frames per Trigger",)),
    Field("hdr_file", "Software Version", ("Software Version",), text=True),
)
"""Quantum Detectors Merlin: .mib and the .hdr beside it."""

EMPAD = (
    Field("root", "exposure_time", ("Exposure Time",), "ms", "dwell_time"),
    Field("root", "post_exposure_time", ("Time after Exposure",), "ms"),
    Field("root", "name", ("Title",), text=True),
    Field("root", "type", ("Acquisition Type",), text=True),
    Field("root", "software_version", ("Software Version",), text=True),
)
"""EMPAD's .xml."""

PANTA_RHEI = (
    Field("scan_generator", "dwell_time", ("Dwell Time",), "s", "dwell_time"),
    Field("scan_generator", "flyback_time", ("Flyback Time",), "s"),
    Field(
        "scan_generator", "detector", ("Detector",), typed="detector_type", text=True
    ),
    Field("camera", "exposure", ("Exposure Time",), "s", "acquisition_time"),
    Field(
        "condenser",
        "mode",
        ("Illumination Mode",),
        typed="illumination_mode",
        text=True,
    ),
    Field("objective", "mode", ("Objective Mode",), text=True),
    Field("projector", "mode", ("Projector Mode",), text=True),
    Field("", "comment", ("Comment",), text=True),
)
"""CEOS Panta Rhei."""

PHENOM = (
    Field("acquisition.scan.dwellTime", "value", ("Dwell Time",), "ns", "dwell_time"),
    Field("workingDistance", "value", ("Working Distance",), "mm", "working_distance"),
    Field("instrument", "type", ("Microscope Model",), text=True),
    Field("instrument", "softwareVersion", ("Software Version",), text=True),
)
"""Thermo Fisher Phenom, Element Identification."""

_LIGHT = "Acquisition_instrument"

LUMINESCENCE = (
    Field(f"{_LIGHT}.Laser", "wavelength", ("Laser Wavelength",), "nm"),
    Field(f"{_LIGHT}.Laser", "power", ("Laser Power",), "mW"),
    Field(
        f"{_LIGHT}.Laser",
        "objective_magnification",
        ("Magnification",),
        "",
        "magnification",
    ),
    Field(f"{_LIGHT}.Spectrometer", "model", ("Spectrometer",), text=True),
    Field(
        f"{_LIGHT}.Spectrometer", "central_wavelength", ("Central Wavelength",), "nm"
    ),
    Field(f"{_LIGHT}.Spectrometer.Grating", "groove_density", ("Grating",), "1/mm"),
    Field(
        f"{_LIGHT}.Detector",
        "model",
        ("Detector",),
        typed="acquisition_device",
        text=True,
    ),
    Field(f"{_LIGHT}.Detector", "exposure_per_frame", ("Exposure per Frame",), "s"),
    Field(
        f"{_LIGHT}.Detector",
        "integration_time",
        ("Integration Time",),
        "s",
        "acquisition_time",
    ),
    Field(f"{_LIGHT}.Detector", "frames", ("Number of Frames",)),
    Field(f"{_LIGHT}.Detector", "temperature", ("Detector Temperature",), "°C"),
)
"""The standard tree of luminescence and Raman spectroscopy, as LumiSpy defines it; the
sections are paths in the standard tree.
"""

PROTOCHIPS = (
    Field("Protochips_header", "User", ("Operator",), typed="operator", text=True),
)
"""Protochips logs."""

TVIPS = (
    Field("tvips_header", "binx", ("Binning X",)),
    Field("tvips_header", "biny", ("Binning Y",)),
    Field("tvips_header", "bitsperpixel", ("Bits per Pixel",), "bit"),
    Field("tvips_header", "offsetx", ("Readout Offset X",)),
    Field("tvips_header", "offsety", ("Readout Offset Y",)),
)
"""TVIPS EM-Recorder."""

_FEI = "fei_extended_header"

MRC = (
    Field(_FEI, "HT", ("Voltage",), "V", "acceleration_voltage"),
    Field(_FEI, "Dose", ("Dose",), "1/m**2"),
    Field(_FEI, "Alpha tilt", ("Tilt",), "deg", "stage_position/tilt_alpha"),
    Field(_FEI, "Beta tilt", ("Tilt",), "deg", "stage_position/tilt_beta"),
    Field(_FEI, "X-Stage", ("Stage X",), "m", "stage_position/x"),
    Field(_FEI, "Y-Stage", ("Stage Y",), "m", "stage_position/y"),
    Field(_FEI, "Z-Stage", ("Stage Z",), "m", "stage_position/z"),
    Field(_FEI, "Tilt axis angle", ("Tilt Axis Angle",), "deg"),
    Field(_FEI, "Pixel size X", ("Pixel Width",), "m", "pixel_width"),
    Field(_FEI, "Pixel size Y", ("Pixel Height",), "m", "pixel_height"),
    Field(_FEI, "Defocus", ("Defocus",), "m"),
    Field(_FEI, "STEM Defocus", ("STEM Defocus",), "m"),
    Field(_FEI, "Applied defocus", ("Applied Defocus",), "m"),
    Field(_FEI, "Magnification", ("Magnification",), "", "magnification"),
    Field(_FEI, "Camera length", ("Camera Length",), "m", "camera_length"),
    Field(_FEI, "Spot index", ("Spot Size",)),
    Field(_FEI, "Illuminated area", ("Illuminated Area",), "m"),
    Field(
        _FEI, "Convergence angle", ("Convergence Angle",), "rad", "convergence_angle"
    ),
    Field(
        _FEI,
        "Illumination mode",
        ("Illumination Mode",),
        typed="illumination_mode",
        text=True,
    ),
    Field(_FEI, "Slit width", ("Energy Slit Width",), "eV"),
    Field(_FEI, "Energy shift", ("Energy Shift",), "eV"),
    Field(_FEI, "Integration time", ("Exposure Time",), "s", "acquisition_time"),
    Field(_FEI, "Camera name", ("Camera",), typed="acquisition_device", text=True),
    Field(_FEI, "STEM Detector name", ("Detector",), typed="detector_type", text=True),
    Field(_FEI, "Dwell time", ("Dwell Time",), "s", "dwell_time"),
    Field(_FEI, "Frame time", ("Frame Time",), "s"),
    Field(_FEI, "Microscope type", ("Microscope",), text=True),
    Field(_FEI, "D-Number", ("Device Number",), text=True),
    Field(_FEI, "Application", ("Software",), text=True),
    Field(_FEI, "Application version", ("Software Version",), text=True),
    Field(_FEI, "Binning Width", ("Binning X",)),
    Field(_FEI, "Binning Height", ("Binning Y",)),
    Field("header", "labels", ("Labels",), text=True),
    Field("mdoc", "Tilts", ("Tilt Range",), text=True),
    Field("mdoc", "Voltage", ("Voltage",), "kV", "acceleration_voltage"),
    Field("mdoc", "PixelSpacing", ("Pixel Width",), "Å", "pixel_width"),
    Field("mdoc", "PixelSpacing", ("Pixel Height",), "Å", "pixel_height"),
    Field("mdoc", "Magnification", ("Magnification",), "", "magnification"),
    Field("mdoc", "TiltAngle", ("Tilt",), "deg", "stage_position/tilt_alpha"),
    Field("mdoc", "StageX", ("Stage X",), "µm", "stage_position/x"),
    Field("mdoc", "StageY", ("Stage Y",), "µm", "stage_position/y"),
    Field("mdoc", "StageZ", ("Stage Z",), "µm", "stage_position/z"),
    Field("mdoc", "ExposureTime", ("Exposure Time",), "s", "acquisition_time"),
    Field("mdoc", "ExposureDose", ("Exposure Dose",), "1/Å**2"),
    Field("mdoc", "DoseRate", ("Dose Rate",), "1/s"),
    Field("mdoc", "Defocus", ("Defocus",), "µm"),
    Field("mdoc", "TargetDefocus", ("Target Defocus",), "µm"),
    Field("mdoc", "SpotSize", ("Spot Size",)),
    Field("mdoc", "RotationAngle", ("Tilt Axis Angle",), "deg"),
    Field("mdoc", "Binning", ("Binning",)),
    Field("mdoc", "CameraLength", ("Camera Length",), "m", "camera_length"),
    Field("mdoc", "FilterSlitAndLoss", ("Energy Slit and Loss (eV)",), text=True),
    Field(
        "de_metadata",
        "Instrument Accelerating Voltage (V)",
        ("Voltage",),
        "V",
        "acceleration_voltage",
    ),
    Field(
        "de_metadata",
        "Instrument Project Camera Length (centimeters)",
        ("Camera Length",),
        "cm",
        "camera_length",
    ),
    Field(
        "de_metadata",
        "Instrument Project Magnification",
        ("Magnification",),
        "",
        "magnification",
    ),
    Field("de_metadata", "Scan - Rotation", ("Scan Rotation",), "deg", "scan_rotation"),
    Field(
        "de_metadata",
        "Scan - Dwell Time (microseconds)",
        ("Dwell Time",),
        "µs",
        "dwell_time",
    ),
    Field(
        "de_metadata",
        "Exposure Time (seconds)",
        ("Exposure Time",),
        "s",
        "acquisition_time",
    ),
    Field(
        "de_metadata",
        "Camera Model",
        ("Camera",),
        typed="acquisition_device",
        text=True,
    ),
    Field("de_metadata", "Camera SN", ("Camera Serial Number",), text=True),
    Field("de_metadata", "Frames Per Second", ("Frame Rate",), "1/s"),
    Field(
        "de_metadata",
        "Temperature - Detector (Celsius)",
        ("Detector Temperature",),
        "°C",
    ),
    Field("de_metadata", "Binning X", ("Binning X",)),
    Field("de_metadata", "Binning Y", ("Binning Y",)),
    Field("de_metadata", "Server Software Version", ("Software Version",), text=True),
)
"""MRC: extended headers of FEI and Thermo Fisher; SerialEM's .mdoc and Direct
Electron's _info.txt beside the file."""
