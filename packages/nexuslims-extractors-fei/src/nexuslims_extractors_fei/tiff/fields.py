"""The settings that become metadata, as one table.

Positions in the table matter in one way: of two rows with the same typed field, the
later one wins where both have a value. `README.md` shows the same table.
"""

from __future__ import annotations

from typing import Literal

from nexuslims_core.reading.tables import Field

Role = Literal["beam", "scan", "detector"]
"""Sections whose names stand in the file: ``Beam/Beam``, ``Beam/Scan``,
``Detectors/Name``."""


FIELDS: tuple[Field, ...] = (
    Field(
        "beam",
        "EmissionCurrent",
        ("Emission Current",),
        unit="A",
        typed="emission_current",
    ),
    Field(
        "beam",
        "HFW",
        ("Horizontal Field Width",),
        unit="m",
        typed="horizontal_field_width",
    ),
    Field("beam", "HV", ("Voltage",), unit="V", typed="acceleration_voltage"),
    Field("beam", "SourceTiltX", ("Beam Tilt X",)),
    Field("beam", "SourceTiltY", ("Beam Tilt Y",)),
    Field("beam", "StageR", ("Stage Position", "R")),
    Field("beam", "StageTa", ("Stage Position", "\N{GREEK SMALL LETTER ALPHA}")),
    Field("beam", "StageX", ("Stage Position", "X")),
    Field("beam", "StageY", ("Stage Position", "Y")),
    Field("beam", "StageZ", ("Stage Position", "Z")),
    Field("beam", "StageTb", ("Stage Position", "β")),
    Field("beam", "StigmatorX", ("Stigmator X Value",)),
    Field("beam", "StigmatorY", ("Stigmator Y Value",)),
    Field(
        "beam", "VFW", ("Vertical Field Width",), unit="m", typed="vertical_field_width"
    ),
    Field("beam", "WD", ("Working Distance",), unit="m", typed="working_distance"),
    Field("beam", "BeamCurrent", ("Beam Current",), unit="A", typed="beam_current"),
    Field("beam", "EucWD", ("Eucentric WD",), unit="m"),
    Field("beam", "ImageMode", ("Image Mode",), text=True),
    Field("beam", "BeamShiftX", ("Beam Shift X",)),
    Field("beam", "BeamShiftY", ("Beam Shift Y",)),
    Field("beam", "BeamMode", ("Beam Mode",), text=True),
    Field("beam", "PreTilt", ("Pre-Tilt",)),
    Field("scan", "Dwell", ("Pixel Dwell Time",), unit="s", typed="dwell_time"),
    Field("scan", "FrameTime", ("Total Frame Time",), unit="s"),
    Field(
        "scan",
        "HorFieldsize",
        ("Horizontal Field Width",),
        unit="m",
        typed="horizontal_field_width",
    ),
    Field(
        "scan",
        "VerFieldsize",
        ("Vertical Field Width",),
        unit="m",
        typed="vertical_field_width",
    ),
    Field("scan", "PixelHeight", ("Pixel Height",), unit="m", typed="pixel_height"),
    Field("scan", "PixelWidth", ("Pixel Width",), unit="m", typed="pixel_width"),
    Field("scan", "LineTime", ("Line Time",), unit="s"),
    Field("scan", "LineIntegration", ("Line Integration",)),
    Field("scan", "ScanInterlacing", ("Scan Interlacing",)),
    Field("detector", "Brightness", ("Detector Brightness Setting",)),
    Field("detector", "Contrast", ("Detector Contrast Setting",)),
    Field("detector", "EnhancedContrast", ("Detector Enhanced Contrast Setting",)),
    Field("detector", "Signal", ("Detector Signal",)),
    Field("detector", "Grid", ("Detector Grid Voltage",), unit="V"),
    Field("detector", "BrightnessDB", ("Detector Brightness (DB)",)),
    Field("detector", "ContrastDB", ("Detector Contrast (DB)",)),
    Field("detector", "Mix", ("Detector Mix (%)",)),
    Field("detector", "MinimumDwellTime", ("Minimum Dwell Time",), unit="s"),
    Field("System", "Chamber", ("Chamber ID",), text=True),
    Field("System", "Pump", ("Vacuum Pump",), text=True),
    Field("System", "SystemType", ("System Type",), text=True),
    Field("System", "Stage", ("Stage Description",), text=True),
    Field("System", "Dnumber", ("Device Number",), text=True),
    Field("System", "Source", ("Electron Source",), text=True),
    Field("System", "FinalLens", ("Final Lens",), text=True),
    Field("System", "ESEM", ("ESEM Setting",), text=True),
    Field("System", "Aperture", ("Aperture Type",), text=True),
    Field("Beam", "Spot", ("Spot Size",)),
    Field("Specimen", "Temperature", ("Specimen Temperature",), unit="K"),
    Field("Specimen", "Humidity", ("Specimen Humidity",), unit="%"),
    Field("User", "UserText", ("User Text",), text=True),
    Field("User", "Date", ("Acquisition Date",), text=True),
    Field("User", "Time", ("Acquisition Time",), text=True),
    Field("Vacuum", "UserMode", ("Vacuum Mode",), text=True),
    Field("Vacuum", "Gas", ("Vacuum Gas",)),
    Field("Image", "MagnificationMode", ("Magnification Mode",)),
    Field("Image", "DigitalContrast", ("Digital Contrast",)),
    Field("Image", "DigitalBrightness", ("Digital Brightness",)),
    Field("Image", "DigitalGamma", ("Digital Gamma",)),
    Field("Image", "ZoomFactor", ("Zoom Factor",)),
    Field("Image", "ZoomPanX", ("Zoom Pan X",)),
    Field("Image", "ZoomPanY", ("Zoom Pan Y",)),
    Field("Image", "MagCanvasRealWidth", ("Magnification Canvas Real Width",)),
    Field(
        "Image", "ScreenMagCanvasRealWidth", ("Screen Magnification Canvas Real Width",)
    ),
    Field("Image", "ScreenMagnificationMode", ("Screen Magnification Mode",)),
    Field("Image", "Average", ("Frame Average",)),
    Field("Image", "PostProcessing", ("Post Processing",)),
    Field("scan", "Mainslock", ("Mainslock",), text=True),
)
