"""Which elements of the XML are metadata, under which names, in which units.

The unit is that of the values that are given; `ZEISS_WRITES` and `FIBICS_WRITES` say
in which the files have the numbers, unless the files say so themselves.
"""

from __future__ import annotations

from nexuslims_core.reading.tables import Field

ZEISS_WRITES = {"kV": "V", "nm": "m"}
FIBICS_WRITES = {"kV": "V", "µs": "ns"}
"""Units of the files' numbers, where they are others than those of the values."""

ZEISS_FIELDS = (
    Field("", "GFIS.AccelerationVoltage", ("GFIS", "Acceleration Voltage"), "kV"),
    Field("", "GFIS.ExtractionVoltage", ("GFIS", "Extraction Voltage"), "kV"),
    Field("", "GFIS.CondenserVoltage", ("GFIS", "Condenser Voltage"), "kV"),
    Field("", "GFIS.ObjectiveVoltage", ("GFIS", "Objective Voltage"), "kV"),
    Field("", "GFIS.BeamCurrent", ("GFIS", "Beam Current"), "pA"),
    Field("", "GFIS.PanX", ("GFIS", "Pan X"), "µm"),
    Field("", "GFIS.PanY", ("GFIS", "Pan Y"), "µm"),
    Field("", "GFIS.FieldOfView", ("GFIS", "Horizontal Field Width"), "µm"),
    Field("", "GFIS.ScanRotation", ("GFIS", "Scan Rotation"), "deg"),
    Field("", "GFIS.StigmationX", ("GFIS", "Stigmation X")),
    Field("", "GFIS.StigmationY", ("GFIS", "Stigmation Y")),
    Field("", "GFIS.ApertureSize", ("GFIS", "Aperture Size"), "µm"),
    Field("", "GFIS.ApertureIndex", ("GFIS", "Aperture Index")),
    Field("", "GFIS.IonGas", ("GFIS", "Ion Gas")),
    Field("", "GFIS.CrossoverPosition", ("GFIS", "Crossover Position"), "mm"),
    Field("", "GFIS.WorkingDistance", ("GFIS", "Working Distance"), "mm"),
    Field(
        "",
        "AccelerationVoltage",
        ("Beam", "Acceleration Voltage"),
        "kV",
        "acceleration_voltage",
    ),
    Field("", "ExtractionVoltage", ("Beam", "Extraction Voltage"), "kV"),
    Field("", "BlankerCurrent", ("Beam", "Blanker Current"), "pA"),
    Field("", "SampleCurrent", ("Beam", "Sample Current"), "pA"),
    Field("", "SpotNumber", ("Beam", "Spot Number")),
    Field("", "WorkingDistance", ("Beam", "Working Distance"), "mm"),
    Field("", "Fov", ("Beam", "Field of View"), "µm", "horizontal_field_width"),
    Field("", "PanX", ("Beam", "Pan X"), "µm"),
    Field("", "PanY", ("Beam", "Pan Y"), "µm"),
    Field("", "StigmationX", ("Beam", "Stigmator X Value")),
    Field("", "StigmationY", ("Beam", "Stigmator Y Value")),
    Field("", "ApertureSize", ("Beam", "Aperture Size")),
    Field("", "CrossOverPosition", ("Beam", "Crossover Position"), "mm"),
    Field("", "FrameRetrace", ("Scan", "Frame Retrace"), "µs"),
    Field("", "LineRetrace", ("Scan", "Line Retrace"), "µs"),
    Field("", "AveragingMode", ("Scan", "Averaging Mode")),
    Field("", "NumAverages", ("Scan", "Number of Averages")),
    Field("", "ScanRotate", ("Scan", "Scan Rotation"), "deg", "scan_rotation"),
    Field("", "DwellTime", ("Scan", "Dwell Time"), "µs"),
    Field("", "SAS.ScanSize", ("Scan", "Scan Size")),
    Field("", "StageX", ("Stage Position", "X"), "µm"),
    Field("", "StageY", ("Stage Position", "Y"), "µm"),
    Field("", "StageZ", ("Stage Position", "Z"), "mm"),
    Field("", "StageTilt", ("Stage Position", "Tilt"), "deg"),
    Field("", "StageRotate", ("Stage Position", "Rotation"), "deg"),
    Field("", "Stage.XLocation", ("Stage Position", "X Location"), "µm"),
    Field("", "Stage.YLocation", ("Stage Position", "Y Location"), "µm"),
    Field("", "sFimFOV", ("Optics", "sFIM Field of View"), "µm"),
    Field("", "McXShift", ("Optics", "MC X Shift"), "µrad"),
    Field("", "McXTilt", ("Optics", "MC X Tilt"), "µrad"),
    Field("", "McYShift", ("Optics", "MC Y Shift"), "µrad"),
    Field("", "McYTilt", ("Optics", "MC Y Tilt"), "µrad"),
    Field("", "ColumnMag", ("Optics", "Column Magnification")),
    Field("", "ColumnMode", ("Optics", "Column Mode")),
    Field("", "Lens1Voltage", ("Optics", "Lens 1 Voltage"), "kV"),
    Field("", "Lens2Voltage", ("Optics", "Lens 2 Voltage"), "kV"),
    Field("", "DetectorName", ("Detector", "Name")),
    Field("", "ETGridVoltage", ("Detector", "ET Grid Voltage"), "V"),
    Field("", "ETContrast", ("Detector", "ET Contrast")),
    Field("", "ETBrightness", ("Detector", "ET Brightness")),
    Field("", "ETImageIntensity", ("Detector", "ET Image Intensity")),
    Field("", "MCPContrast", ("Detector", "MCP Contrast")),
    Field("", "MCPBrightness", ("Detector", "MCP Brightness")),
    Field("", "MCPBias", ("Detector", "MCP Bias"), "V"),
    Field("", "MCPImageIntensity", ("Detector", "MCP Image Intensity")),
    Field("", "Detector.Scintillator", ("Detector", "Scintillator"), "kV"),
    Field("", "SampleBiasVoltage", ("Detector", "Sample Bias"), "V"),
    Field("", "GunPressure", ("System", "Gun Pressure"), "torr"),
    Field("", "ColumnPressure", ("System", "Column Pressure"), "torr"),
    Field("", "ChamberPressure", ("System", "Chamber Pressure"), "torr"),
    Field("", "GunTemp", ("System", "Gun Temperature"), "K"),
    Field("", "HeliumPressure", ("System", "Helium Pressure"), "torr"),
    Field("", "Magnification4x5", ("Optics", "Magnification 4x5")),
    Field("", "MagnificationDisplay", ("Optics", "Magnification Display")),
    Field("", "System.Model", ("System", "Model")),
    Field("", "System.Name", ("System", "Name")),
    Field("", "TimeStamp", ("System", "Acquisition Date/Time")),
    Field("", "ColumnType", ("System", "Column Type")),
    Field("", "FloodGunMode", ("Flood Gun", "Mode")),
    Field("", "FloodGunEnergy", ("Flood Gun", "Energy"), "eV"),
    Field("", "FloodGunTime", ("Flood Gun", "Time"), "µs"),
    Field("", "FloodGun.DeflectionX", ("Flood Gun", "Deflection X")),
    Field("", "FloodGun.DeflectionY", ("Flood Gun", "Deflection Y")),
    Field("", "ScalingX", ("Calibration", "X Scale"), "m"),
    Field("", "ScalingY", ("Calibration", "Y Scale"), "m"),
    Field("", "ImageWidth", ("Image", "Width")),
    Field("", "ImageHeight", ("Image", "Height")),
    Field("", "LutMode", ("Display", "LUT Mode")),
    Field("", "LowGray", ("Display", "Low Gray Value")),
    Field("", "HighGray", ("Display", "High Gray Value")),
    Field("", "LUT.LUTGamma", ("Display", "LUT Gamma")),
)
"""What Zeiss software says of an Orion."""

FIBICS_FIELDS = (
    Field("Application", "Version", ("Application", "Software Version")),
    Field("Application", "Date", ("Application", "Acquisition Date/Time")),
    Field(
        "Application", "SupportsTransparency", ("Application", "Supports Transparency")
    ),
    Field(
        "Application",
        "TransparentPixelValue",
        ("Application", "Transparent Pixel Value"),
    ),
    Field("Image", "Width", ("Image", "Width")),
    Field("Image", "Height", ("Image", "Height")),
    Field("Image", "BoundingBox.Left", ("Image", "Bounding Box Left")),
    Field("Image", "BoundingBox.Right", ("Image", "Bounding Box Right")),
    Field("Image", "BoundingBox.Top", ("Image", "Bounding Box Top")),
    Field("Image", "BoundingBox.Bottom", ("Image", "Bounding Box Bottom")),
    Field("Image", "Machine", ("Image", "Machine Name")),
    Field("Image", "Beam", ("Image", "Beam Type")),
    Field("Image", "Aperture", ("Image", "Aperture Description")),
    Field("Image", "Detector", ("Detector", "Name")),
    Field("Image", "Contrast", ("Detector", "Contrast")),
    Field("Image", "Brightness", ("Detector", "Brightness")),
    Field("Scan", "Dwell", ("Scan", "Dwell Time"), "µs", "dwell_time"),
    Field("Scan", "LineAvg", ("Scan", "Line Averaging")),
    Field("Scan", "FOV_X", ("Scan", "Field of View X"), "µm", "horizontal_field_width"),
    Field("Scan", "FOV_Y", ("Scan", "Field of View Y"), "µm", "vertical_field_width"),
    Field("Scan", "ScanRot", ("Scan", "Scan Rotation"), "deg", "scan_rotation"),
    Field("Scan", "Ux", ("Scan", "Affine Ux")),
    Field("Scan", "Uy", ("Scan", "Affine Uy")),
    Field("Scan", "Vx", ("Scan", "Affine Vx")),
    Field("Scan", "Vy", ("Scan", "Affine Vy")),
    Field("Scan", "Focus", ("Scan", "Focus Value")),
    Field("Scan", "StigX", ("Scan", "Stigmator X Value")),
    Field("Scan", "StigY", ("Scan", "Stigmator Y Value")),
    Field("Stage", "X", ("Stage Position", "X"), "µm"),
    Field("Stage", "Y", ("Stage Position", "Y"), "µm"),
    Field("Stage", "Z", ("Stage Position", "Z"), "µm"),
    Field("Stage", "Tilt", ("Stage Position", "Tilt"), "deg"),
    Field("Stage", "Rot", ("Stage Position", "Rotation"), "deg"),
    Field("Stage", "M", ("Stage Position", "M"), "mm"),
    Field("BeamInfo", "BeamI", ("Beam", "Beam Current"), "pA", "beam_current"),
    Field(
        "BeamInfo",
        "AccV",
        ("Beam", "Acceleration Voltage"),
        "kV",
        "acceleration_voltage",
    ),
    Field("BeamInfo", "Aperture", ("Beam", "Aperture")),
    Field("BeamInfo", "GFISGas", ("Beam", "GFIS Gas Type")),
    Field("BeamInfo", "GunGasPressure", ("Beam", "Gun Gas Pressure")),
    Field("BeamInfo", "SpotControl", ("Beam", "Spot Control")),
    Field("DetectorInfo", "Collector", ("Detector", "Collector Voltage"), "V"),
    Field("DetectorInfo", "Stage Bias", ("Detector", "Stage Bias Voltage"), "V"),
)
"""What Fibics software says; sections and their elements or items."""

ZEISS_TYPED = (
    Field(
        "", "WorkingDistance", ("Beam", "Working Distance"), "mm", "working_distance"
    ),
    Field("", "BlankerCurrent", ("Beam", "Blanker Current"), "pA", "beam_current"),
    Field("", "GFIS.BeamCurrent", ("GFIS", "Beam Current"), "pA", "beam_current"),
    Field("", "DwellTime", ("Scan", "Dwell Time"), "µs", "dwell_time"),
    Field("", "StageX", ("Stage Position", "X"), "µm", "stage_position/x"),
    Field("", "StageY", ("Stage Position", "Y"), "µm", "stage_position/y"),
    Field("", "StageZ", ("Stage Position", "Z"), "mm", "stage_position/z"),
    Field(
        "", "StageTilt", ("Stage Position", "Tilt"), "deg", "stage_position/tilt_alpha"
    ),
    Field(
        "",
        "StageRotate",
        ("Stage Position", "Rotation"),
        "deg",
        "stage_position/rotation",
    ),
    Field("", "DetectorName", ("Detector", "Name"), typed="detector_type", text=True),
    Field(
        "",
        "ChamberPressure",
        ("System", "Chamber Pressure"),
        "torr",
        "chamber_pressure",
    ),
    Field(
        "", "Magnification4x5", ("Optics", "Magnification 4x5"), typed="magnification"
    ),
    Field(
        "", "System.Model", ("System", "Model"), typed="acquisition_device", text=True
    ),
    Field("", "ScalingX", ("Calibration", "X Scale"), "nm", "pixel_width"),
    Field("", "ScalingY", ("Calibration", "Y Scale"), "nm", "pixel_height"),
)
"""Elements of Zeiss that are typed as well."""

FIBICS_TYPED = (
    Field("Image", "Detector", ("Detector", "Name"), typed="detector_type", text=True),
    Field("Stage", "X", ("Stage Position", "X"), "µm", "stage_position/x"),
    Field("Stage", "Y", ("Stage Position", "Y"), "µm", "stage_position/y"),
    Field("Stage", "Z", ("Stage Position", "Z"), "µm", "stage_position/z"),
    Field(
        "Stage", "Tilt", ("Stage Position", "Tilt"), "deg", "stage_position/tilt_alpha"
    ),
    Field(
        "Stage", "Rot", ("Stage Position", "Rotation"), "deg", "stage_position/rotation"
    ),
    Field("Stage", "M", ("Stage Position", "M"), "mm", "stage_position/m"),
)
"""Elements of Fibics that are typed as well."""
