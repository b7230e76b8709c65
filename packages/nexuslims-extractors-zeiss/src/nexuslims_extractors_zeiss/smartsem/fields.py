"""Which settings are metadata, under which names, in which units.

The files say the unit of each number; it is converted to the one that stands here.
"""

from __future__ import annotations

from nexuslims_core.reading.tables import Field

IMAGE = "image"
"""Section of what is true of the image, whichever beam made it."""

SEM, FIB = "SEM", "FIB"
"""Sections of the beam of electrons, and of that of ions."""

IMAGE_FIELDS = (
    Field(IMAGE, "DP_DWELL_TIME", ("Dwell Time",), "µs", "dwell_time"),
    Field(IMAGE, "AP_SYSTEM_VAC", ("System Vacuum",), "mbar", "chamber_pressure"),
    Field(IMAGE, "AP_CHAMBER_PRESSURE", ("Chamber",), "Pa", "chamber_pressure"),
    Field(IMAGE, "AP_STAGE_AT_X", ("Stage at X",), "mm", "stage_position/x"),
    Field(IMAGE, "AP_STAGE_AT_Y", ("Stage at Y",), "mm", "stage_position/y"),
    Field(IMAGE, "AP_STAGE_AT_Z", ("Stage at Z",), "mm", "stage_position/z"),
    Field(IMAGE, "AP_STAGE_AT_R", ("Stage at R",), "deg", "stage_position/rotation"),
    Field(IMAGE, "AP_STAGE_AT_T", ("Stage at T",), "deg", "stage_position/tilt_alpha"),
    Field(IMAGE, "AP_STAGE_AT_M", ("Stage at M",), "mm", "stage_position/m"),
    Field(IMAGE, "DP_DETECTOR_CHANNEL", ("Signal A",), "", "detector_type", text=True),
    Field(IMAGE, "DP_DETECTOR_TYPE", ("Detector",), "", "detector_type", text=True),
    Field(IMAGE, "DP_SEM", ("Microscope",), "", "acquisition_device", text=True),
    Field(IMAGE, "SV_SAMPLE_ID", ("Sample ID",), "", "specimen", text=True),
)
"""What is typed of every image."""

SEM_FIELDS = (
    Field(
        SEM,
        "AP_MANUALKV",
        ("Acceleration Voltage Target",),
        "kV",
        "acceleration_voltage",
    ),
    Field(SEM, "AP_ACTUALKV", ("Acceleration Voltage",), "kV", "acceleration_voltage"),
    Field(SEM, "AP_MAG", ("Magnification",), "", "magnification"),
    Field(SEM, "AP_WD", ("Working Distance",), "mm", "working_distance"),
    Field(SEM, "AP_IPROBE", ("Beam Current",), "pA", "beam_current"),
    Field(SEM, "AP_BEAM_CURRENT", ("Gun Current",), "µA", "emission_current"),
    Field(SEM, "AP_EXTCURRENT", ("Extractor Current",), "µA", "emission_current"),
    Field(SEM, "AP_WIDTH", ("Horizontal Field Width",), "µm", "horizontal_field_width"),
    Field(SEM, "AP_HEIGHT", ("Vertical Field Width",), "µm", "vertical_field_width"),
    Field(SEM, "AP_SCANROTATION", ("Scan Rotation",), "deg", "scan_rotation"),
)
"""What is typed of the electron beam, if it made the image; else in its group."""

FIB_FIELDS = (
    Field(
        FIB,
        "AP_FIB_EHT_TARGET",
        ("Acceleration Voltage Target",),
        "kV",
        "acceleration_voltage",
    ),
    Field(
        FIB,
        "AP_FIB_EHT_ACTUAL",
        ("Acceleration Voltage",),
        "kV",
        "acceleration_voltage",
    ),
    Field(FIB, "AP_FIB_MAGNIFICATION", ("Magnification",), "", "magnification"),
    Field(
        FIB, "AP_FIB_WORKING_DISTANCE", ("Working Distance",), "mm", "working_distance"
    ),
    Field(FIB, "AP_FIB_PROBE_CURRENT_ACTUAL", ("Beam Current",), "pA", "beam_current"),
    Field(
        FIB,
        "AP_FIB_EMISSION_CURRENT",
        ("Emission Current",),
        "µA",
        "emission_current",
    ),
    Field(FIB, "AP_FIB_SCAN_ROTATION", ("Scan Rotation",), "deg", "scan_rotation"),
)
"""What is typed of the ion beam, if it made the image; else in its group."""

SHOWN_FIELDS = (
    # The image.
    Field(IMAGE, "AP_DATE", ("Acquisition Date",), text=True),
    Field(IMAGE, "AP_TIME", ("Acquisition Time",), text=True),
    Field(IMAGE, "SV_FILE_NAME", ("Original Filename",), text=True),
    Field(IMAGE, "SV_IMAGE_PATH", ("Original Folder",), text=True),
    Field(IMAGE, "SV_USER_NAME", ("User Name",), text=True),
    Field(IMAGE, "SV_USER_TEXT", ("User Text",), text=True),
    Field(IMAGE, "AP_PHOTO_NUMBER", ("Photo Number",)),
    Field(IMAGE, "DP_IMAGE_STORE", ("Store Resolution",), text=True),
    Field(IMAGE, "DP_USE_REF_MAG", ("Magnification Reference",), text=True),
    # The microscope.
    Field(IMAGE, "SV_SERIAL_NUMBER", ("Serial Number",), text=True),
    Field(IMAGE, "SV_VERSION", ("Software Version",), text=True),
    Field(IMAGE, "DP_COLUMN_TYPE", ("Column Type",), text=True),
    Field(IMAGE, "DP_FINAL_LENS", ("Final Lens",), text=True),
    Field(IMAGE, "DP_FILAMENT_TYPE", ("Filament Type",), text=True),
    Field(IMAGE, "AP_FILAMENT_AGE", ("Filament Age",), "h"),
    # The electron beam.
    Field(IMAGE, "AP_MANUALKV", ("EHT Target",), "kV"),
    Field(IMAGE, "AP_LANDING_ENERGY", ("Landing Energy",), "kV"),
    Field(IMAGE, "AP_ACTUALEXT", ("Extractor Voltage",), "kV"),
    Field(IMAGE, "AP_EXTCURRENT", ("Extractor Current",), "µA"),
    Field(IMAGE, "AP_ACTUALSUPP", ("Suppressor Voltage",), "V"),
    Field(IMAGE, "AP_BEAM_CURRENT", ("Gun Current",), "µA"),
    Field(IMAGE, "AP_ACTUALCURRENT", ("Filament Current",), "A"),
    Field(IMAGE, "DP_HIGH_CURRENT", ("High Current",), text=True),
    Field(IMAGE, "DP_COLUMN_MODE", ("Column Mode",), text=True),
    Field(IMAGE, "DP_BEAM_BLANKED", ("Beam Blanked",), text=True),
    Field(IMAGE, "DP_APERTURE", ("Aperture Number",)),
    Field(IMAGE, "AP_APERTURESIZE", ("Aperture Size",), "µm"),
    Field(IMAGE, "AP_APERTURE_ALIGN_X", ("Aperture Align X",), "%"),
    Field(IMAGE, "AP_APERTURE_ALIGN_Y", ("Aperture Align Y",), "%"),
    Field(IMAGE, "AP_SPOTSIZE", ("Spot Size",)),
    Field(IMAGE, "AP_STIG_X", ("Stigmator X Value",), "%"),
    Field(IMAGE, "AP_STIG_Y", ("Stigmator Y Value",), "%"),
    Field(IMAGE, "AP_BEAMSHIFT_X", ("Beam Shift X",), "%"),
    Field(IMAGE, "AP_BEAMSHIFT_Y", ("Beam Shift Y",), "%"),
    Field(IMAGE, "AP_GUNALIGN_X", ("Gun Align X",), "%"),
    Field(IMAGE, "AP_GUNALIGN_Y", ("Gun Align Y",), "%"),
    Field(IMAGE, "AP_FREE_WD", ("Free Working Distance",), "mm"),
    Field(IMAGE, "DP_STAGE_BIAS_HIGH", ("Beam Deceleration",), text=True),
    Field(IMAGE, "AP_STAGE_BIAS_VOLTAGE_HIGH", ("Beam Deceleration Voltage",), "V"),
    Field(IMAGE, "AP_STAGE_BIAS_VOLTAGE", ("Stage Bias",), "V"),
    # Scanning.
    Field(IMAGE, "DP_SCANRATE", ("Scan Speed",)),
    Field(IMAGE, "AP_LINE_TIME", ("Line Time",), "ms"),
    Field(IMAGE, "AP_FRAME_TIME", ("Total Frame Time",), "s"),
    Field(IMAGE, "AP_PIXEL_SIZE", ("Pixel Size",), "nm"),
    Field(IMAGE, "DP_SCAN_ROT", ("Scan Rotation Enabled",), text=True),
    Field(IMAGE, "AP_SCANROTATION", ("Scan Rotation Setting",), "deg"),
    Field(IMAGE, "DP_NOISE_REDUCTION", ("Noise Reduction",), text=True),
    Field(IMAGE, "AP_NR_COEFF", ("Noise Reduction Coefficient",)),
    Field(IMAGE, "AP_FRAME_AVERAGE_COUNT", ("Frame Average",)),
    Field(IMAGE, "AP_FRAME_INT_COUNT", ("Frames Integrated",)),
    Field(IMAGE, "AP_LINE_AVERAGE_COUNT", ("Line Average",)),
    Field(IMAGE, "AP_LINE_INT_COUNT", ("Line Integration",)),
    Field(IMAGE, "DP_MAINS_SYNC", ("Mainslock",), text=True),
    Field(IMAGE, "DP_TILT_CORRECTION", ("Tilt Correction",), text=True),
    Field(IMAGE, "AP_TILT_ANGLE", ("Tilt Correction Angle",), "deg"),
    Field(IMAGE, "AP_TILT_AXIS", ("Tilt Axis",), "deg"),
    Field(IMAGE, "DP_DYNFOCUS", ("Dynamic Focus",), text=True),
    # Detection.
    Field(IMAGE, "DP_DETECTOR_CHANNEL", ("Signal A",), text=True),
    Field(IMAGE, "DP_IMPLIED_DETECTOR", ("Signal B",), text=True),
    Field(IMAGE, "DP_MIXING", ("Signal Mixing",), text=True),
    Field(IMAGE, "AP_BRIGHTNESS", ("Detector Brightness Setting",), "%"),
    Field(IMAGE, "AP_CONTRAST", ("Detector Contrast Setting",), "%"),
    Field(IMAGE, "AP_GAMMA", ("Digital Gamma",)),
    Field(IMAGE, "AP_COLLECTOR_BIAS", ("Collector Bias",), "V"),
    Field(IMAGE, "AP_ESB_GRID", ("ESB Grid",), "V"),
    Field(IMAGE, "AP_ESB_GRID_IS", ("ESB Grid Actual",), "V"),
    Field(IMAGE, "DP_INLENS_DUO_MODE", ("InLens Duo Mode",), text=True),
    Field(IMAGE, "AP_INLENS_DUO_GRID", ("InLens Duo Grid",), "V"),
    Field(IMAGE, "DP_BSD_MODE", ("BSD Mode",), text=True),
    Field(IMAGE, "DP_4QBSD_GAIN", ("BSD Gain",), text=True),
    Field(IMAGE, "DP_STEM_SEG_MODE", ("STEM Segment Mode",), text=True),
    Field(IMAGE, "DP_ION_DETECTOR_MODE", ("SESI Mode",), text=True),
    Field(IMAGE, "AP_SCM", ("Specimen Current",), "pA"),
    # Vacuum and stage.
    Field(IMAGE, "DP_VAC_MODE", ("Vacuum Mode",), text=True),
    Field(IMAGE, "AP_SYSTEM_VAC", ("System Vacuum",), "mbar"),
    Field(IMAGE, "AP_COLUMN_VAC", ("Gun Vacuum",), "mbar"),
    Field(IMAGE, "AP_HP_TARGET", ("Chamber Pressure Target",), "Pa"),
    Field(IMAGE, "DP_EP_MODE", ("Vacuum Gas",), text=True),
    Field(IMAGE, "DP_SAMPLE_HOLDER", ("Sample Holder",), text=True),
    Field(IMAGE, "DP_TILTED", ("Stage Tilted",), text=True),
    Field(IMAGE, "DP_GIS_CHANNEL", ("GIS Channel",), text=True),
)
"""What is shown of every image."""

SHOWN_FIB_FIELDS = (
    Field(FIB, "DP_FIB_COLUMN", ("Column Type",), text=True),
    Field(FIB, "DP_FIB_MODE", ("Mode",), text=True),
    Field(FIB, "DP_FIB_GUN_STATE", ("Gun State",), text=True),
    Field(FIB, "DP_FIB_BLANKED", ("Beam Blanked",), text=True),
    Field(FIB, "DP_FIB_IMAGE_PROBE", ("Imaging Probe",), text=True),
    Field(FIB, "DP_FIB_MILL_PROBE", ("Milling Probe",), text=True),
    Field(FIB, "AP_FIB_PIXEL_SIZE", ("Pixel Size",), "nm"),
    Field(FIB, "AP_FIB_EXT_ACTUAL", ("Extractor Voltage",), "kV"),
    Field(FIB, "AP_FIB_SUPPRESSOR", ("Suppressor Voltage",), "V"),
    Field(FIB, "AP_FIB_CONDENSER_ACTUAL", ("Condenser Voltage",), "V"),
    Field(FIB, "AP_FIB_OBJECTIVE_ACTUAL", ("Objective Voltage",), "V"),
    Field(FIB, "AP_FIB_STIGMATOR_X", ("Stigmator X Value",), "%"),
    Field(FIB, "AP_FIB_STIGMATOR_Y", ("Stigmator Y Value",), "%"),
    Field(FIB, "AP_FIB_SEM_ANGLE", ("Angle to SEM",), "deg"),
    Field(FIB, "AP_FIB_TILT_COMP", ("Tilt Correction Angle",), "deg"),
    Field(FIB, "AP_FIB_GUN_PRESSURE", ("Gun Vacuum",), "mbar"),
    Field(FIB, "AP_FIB_SOURCE_LIFETIME", ("Source Lifetime",), "µA*h"),
)
"""What is shown of the ion beam, in a group of its own, where there is one."""
