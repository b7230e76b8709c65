"""Which settings are metadata, under which names, in which units.

Numbers in the files have SI units without prefix, and degrees.
"""

from __future__ import annotations

from nexuslims_core.reading.tables import Field

BEAM = "beam"
"""Stands for the section of the beam, ``SEM`` or ``FIB``: their keys are the same."""

MAIN_FIELDS = (
    Field("MAIN", "AccFrames", ("Accumulated Frames",)),
    Field("MAIN", "AccType", ("Accumulation Type",), text=True),
    Field("MAIN", "Company", ("Company",), text=True),
    Field("MAIN", "Date", ("Acquisition Date",), text=True),
    Field("MAIN", "Description", ("Description",), text=True),
    Field("MAIN", "Device", ("Device",), text=True),
    Field("MAIN", "DeviceModel", ("Device Model",), text=True),
    Field("MAIN", "FullUserName", ("Full User Name",), text=True),
    Field("MAIN", "ImageStripSize", ("Image Strip Size",)),
    Field("MAIN", "Magnification", ("Magnification",), "kX", factor="1e-3"),
    Field("MAIN", "MagnificationReference", ("Magnification Reference",)),
    Field("MAIN", "OrigFileName", ("Original Filename",), text=True),
    Field("MAIN", "PixelSizeX", ("Pixel Width",), "nm", "pixel_width", factor="1e9"),
    Field("MAIN", "PixelSizeY", ("Pixel Height",), "nm", "pixel_height", factor="1e9"),
    Field("MAIN", "SerialNumber", ("Serial Number",), text=True),
    Field("MAIN", "Sign", ("Sign",), text=True),
    Field("MAIN", "SoftwareVersion", ("Software Version",), text=True),
    Field("MAIN", "Time", ("Acquisition Time",), text=True),
    Field("MAIN", "UserName", ("User Name",), text=True),
    Field("MAIN", "ViewFieldsCountX", ("View Fields Count X",)),
    Field("MAIN", "ViewFieldsCountY", ("View Fields Count Y",)),
)
"""What is said about the image and the microscope."""

BEAM_FIELDS = (
    Field(
        BEAM,
        "AcceleratorVoltage",
        ("Accelerator Voltage",),
        "kV",
        "acceleration_voltage",
        factor="1e-3",
    ),
    Field(BEAM, "ApertureDiameter", ("Aperture Diameter",), "µm", factor="1e6"),
    Field(BEAM, "ApertureOptimization", ("Aperture Optimization",)),
    Field(
        BEAM,
        "ChamberPressure",
        ("Chamber Pressure",),
        "mPa",
        "chamber_pressure",
        factor="1e3",
    ),
    Field(BEAM, "CrossFree", ("Cross Free",)),
    Field(BEAM, "CrossSectionShiftX", ("Cross Section Shift X",), "µm", factor="1e6"),
    Field(BEAM, "CrossSectionShiftY", ("Cross Section Shift Y",), "µm", factor="1e6"),
    Field(BEAM, "DepthOfFocus", ("Depth of Focus",), "µm", factor="1e6"),
    Field(BEAM, "Detector", ("Detector Name",), text=True),
    Field(BEAM, "Detector0", ("Detector 0",), text=True),
    Field(BEAM, "Detector0FlatField", ("Detector 0 Flat Field",)),
    Field(BEAM, "Detector0Gain", ("Detector 0 Gain",)),
    Field(BEAM, "Detector0Offset", ("Detector 0 Offset",)),
    Field(BEAM, "DwellTime", ("Pixel Dwell Time",), "µs", "dwell_time", factor="1e6"),
    Field(
        BEAM,
        "EmissionCurrent",
        ("Emission Current",),
        "µA",
        "emission_current",
        factor="1e6",
    ),
    Field(BEAM, "Gun", ("Gun Type",), text=True),
    Field(BEAM, "GunShiftX", ("Gun Shift X",)),
    Field(BEAM, "GunShiftY", ("Gun Shift Y",)),
    Field(BEAM, "GunTiltX", ("Gun Tilt X",)),
    Field(BEAM, "GunTiltY", ("Gun Tilt Y",)),
    Field(BEAM, "HV", ("HV Voltage",), "kV", "acceleration_voltage", factor="1e-3"),
    Field(BEAM, "IMLCenteringX", ("IML Centering X",)),
    Field(BEAM, "IMLCenteringY", ("IML Centering Y",)),
    Field(BEAM, "ImageShiftX", ("Image Shift X",), "nm", factor="1e9"),
    Field(BEAM, "ImageShiftY", ("Image Shift Y",), "nm", factor="1e9"),
    Field(BEAM, "InjectedGas", ("Injected Gas",), text=True),
    Field(BEAM, "LUTGamma", ("LUT Gamma",)),
    Field(BEAM, "LUTMaximum", ("LUT Maximum",)),
    Field(BEAM, "LUTMinimum", ("LUT Minimum",)),
    Field(BEAM, "MTDGrid", ("MTD Grid",), "kV", factor="1e-3"),
    Field(BEAM, "MTDScintillator", ("MTD Scintillator",), "kV", factor="1e-3"),
    Field(BEAM, "OBJCenteringX", ("OBJ Centering X",)),
    Field(BEAM, "OBJCenteringY", ("OBJ Centering Y",)),
    Field(BEAM, "OBJPreCenteringX", ("OBJ Pre-Centering X",)),
    Field(BEAM, "OBJPreCenteringY", ("OBJ Pre-Centering Y",)),
    Field(BEAM, "PotentialMode", ("Potential Mode",), text=True),
    Field(
        BEAM,
        "PredictedBeamCurrent",
        ("Predicted Beam Current",),
        "pA",
        factor="1e12",
    ),
    Field(BEAM, "PrimaryDetectorGain", ("Primary Detector Gain",)),
    Field(BEAM, "PrimaryDetectorOffset", ("Primary Detector Offset",)),
    Field(BEAM, "SampleVoltage", ("Sample Voltage",), "V"),
    Field(BEAM, "ScanID", ("Scan ID",)),
    Field(BEAM, "ScanMode", ("Scan Mode",), text=True),
    Field(BEAM, "ScanRotation", ("Scan Rotation",), "deg", "scan_rotation"),
    Field(BEAM, "ScanSpeed", ("Scan Speed",)),
    Field(BEAM, "SessionID", ("Session ID",), text=True),
    Field(BEAM, "SpecimenCurrent", ("Specimen Current",), "pA", factor="1e12"),
    Field(BEAM, "SpotSize", ("Spot Size",), "nm", factor="1e9"),
    Field(BEAM, "StageRotation", ("Stage Position", "Rotation"), "deg"),
    Field(BEAM, "StageTilt", ("Stage Position", "Tilt"), "deg"),
    Field(BEAM, "StageX", ("Stage Position", "X"), "m"),
    Field(BEAM, "StageY", ("Stage Position", "Y"), "m"),
    Field(BEAM, "StageZ", ("Stage Position", "Z"), "m"),
    Field(BEAM, "StigmatorX", ("Stigmator X Value",)),
    Field(BEAM, "StigmatorY", ("Stigmator Y Value",)),
    Field(
        BEAM, "SymmetrizationVoltage", ("Symmetrization Voltage",), "kV", factor="1e-3"
    ),
    Field(BEAM, "SyncMains", ("Sync to Mains",), text=True),
    Field(BEAM, "TiltCorrection", ("Tilt Correction",)),
    Field(BEAM, "TubeVoltage", ("Tube Voltage",), "kV", factor="1e-3"),
    Field(
        BEAM,
        "VirtualObserverDistance",
        ("Virtual Observer Distance",),
        "mm",
        factor="1e3",
    ),
    Field(BEAM, "WD", ("Working Distance",), "mm", "working_distance", factor="1e3"),
)
"""What is said about the beam that made the image."""

TYPED_FIELDS = (
    Field("MAIN", "Magnification", ("Magnification",), typed="magnification"),
    Field("MAIN", "Device", ("Device",), typed="acquisition_device", text=True),
    Field(BEAM, "Detector", ("Detector Name",), typed="detector_type", text=True),
    Field(
        BEAM,
        "PredictedBeamCurrent",
        ("Predicted Beam Current",),
        "pA",
        "beam_current",
        factor="1e12",
    ),
    Field(BEAM, "BeamCurrent", ("Beam Current",), "pA", "beam_current", factor="1e12"),
    Field(BEAM, "StageX", ("Stage Position", "X"), "m", "stage_position/x"),
    Field(BEAM, "StageY", ("Stage Position", "Y"), "m", "stage_position/y"),
    Field(BEAM, "StageZ", ("Stage Position", "Z"), "m", "stage_position/z"),
    Field(
        BEAM,
        "StageRotation",
        ("Stage Position", "Rotation"),
        "deg",
        "stage_position/rotation",
    ),
    Field(
        BEAM,
        "StageTilt",
        ("Stage Position", "Tilt"),
        "deg",
        "stage_position/tilt_alpha",
    ),
)
"""Settings that are typed as well, under another name than they are shown with."""

FIELDS = (*MAIN_FIELDS, *BEAM_FIELDS, *TYPED_FIELDS)

FALLBACKS = {
    "HV": "AcceleratorVoltage",
    "Detector0Gain": "PrimaryDetectorGain",
    "Detector0Offset": "PrimaryDetectorOffset",
}
"""Keys of the beam, and those that say the same in software without them."""
