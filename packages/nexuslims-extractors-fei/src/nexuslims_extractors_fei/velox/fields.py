"""What Velox records of a microscope, and where it goes: one table."""

from __future__ import annotations

from nexuslims_core.reading.tables import Field

PROPERTY = "CustomProperties"
"""Section of values with names that have dots themselves."""

DETECTOR, ANALYSER = "Detector", "Analyser"
"""Sections of the detector that a signal is of; the latter for spectra alone."""

DETECTOR_PROPERTY = "DetectorProperty"
"""Section of custom properties whose name begins with that of the detector."""

FIELDS: tuple[Field, ...] = (
    Field(
        "Optics",
        "AccelerationVoltage",
        ("Acceleration Voltage",),
        "V",
        "acceleration_voltage",
    ),
    Field("Optics", "BeamCurrent", ("Beam Current",), "A", "beam_current"),
    Field("Optics", "EmissionCurrent", ("Emission Current",), "A", "emission_current"),
    Field("Optics", "CameraLength", ("Camera Length",), "m", "camera_length"),
    Field(
        "Optics", "BeamConvergence", ("Convergence Angle",), "rad", "convergence_angle"
    ),
    Field("Optics", "NominalMagnification", ("Magnification",), "", "magnification"),
    Field(PROPERTY, "StemMagnification", ("Magnification",), "", "magnification"),
    Field(
        "Optics",
        "IlluminationMode",
        ("Illumination Mode",),
        "",
        "illumination_mode",
        True,
    ),
    Field("Stage", "Position.x", ("Stage Position", "X"), "m", "stage_position/x"),
    Field("Stage", "Position.y", ("Stage Position", "Y"), "m", "stage_position/y"),
    Field("Stage", "Position.z", ("Stage Position", "Z"), "m", "stage_position/z"),
    Field(
        "Stage",
        "AlphaTilt",
        ("Stage Position", "A"),
        "rad",
        "stage_position/tilt_alpha",
    ),
    Field(
        "Stage", "BetaTilt", ("Stage Position", "B"), "rad", "stage_position/tilt_beta"
    ),
    Field("Scan", "DwellTime", ("Pixel Dwell Time",), "s", "dwell_time"),
    Field("Scan", "ScanRotation", ("Scan Rotation",), "rad", "scan_rotation"),
    Field("BinaryResult", "Detector", ("Detector",), "", "detector_type", True),
    Field(DETECTOR, "DetectorName", ("Detector",), "", "detector_type", True),
    Field(DETECTOR, "ExposureTime", ("Acquisition Time",), "s", "acquisition_time"),
    Field(
        DETECTOR_PROPERTY,
        "CommercialName",
        ("Acquisition Device",),
        "",
        "acquisition_device",
        True,
    ),
    Field("Core", "UserId", ("Operator",), "", "operator", True),
    Field("Sample", "SampleId", ("Specimen",), "", "specimen", True),
    Field(ANALYSER, "LiveTime", ("Live Time",), "s", "live_time"),
    Field(ANALYSER, "ElevationAngle", ("Elevation Angle",), "rad", "elevation_angle"),
    Field(ANALYSER, "AzimuthAngle", ("Azimuthal Angle",), "rad", "azimuthal_angle"),
    Field(ANALYSER, "RealTime", ("Real Time",), "s"),
    Field(ANALYSER, "CollectionAngle", ("Solid Angle",), "sr"),
    Field(ANALYSER, "Dispersion", ("Dispersion",), "eV"),
    Field(ANALYSER, "OffsetEnergy", ("Offset Energy",), "eV"),
    Field(ANALYSER, "BeginEnergy", ("Begin Energy",), "eV"),
    Field(ANALYSER, "ElectronicsNoise", ("Electronics Noise",), "eV"),
    Field(ANALYSER, "PulseProcessTime", ("Process Time",), "s"),
    Field(ANALYSER, "InputCountRate", ("Input Count Rate",), "1/s"),
    Field(ANALYSER, "OutputCountRate", ("Output Count Rate",), "1/s"),
    Field(ANALYSER, "AnalyticalDetectorShutterState", ("Detector Shutter State",)),
    Field(DETECTOR_PROPERTY, "Temperature", ("Detector Temperature",), "K"),
    Field(DETECTOR, "DetectorType", ("Detector Type",), text=True),
    Field(DETECTOR, "Gain", ("Detector Gain",)),
    Field(DETECTOR, "Offset", ("Detector Offset",)),
    Field(DETECTOR, "CollectionAngleRange.begin", ("Inner Collection Angle",), "rad"),
    Field(DETECTOR, "CollectionAngleRange.end", ("Outer Collection Angle",), "rad"),
    Field(DETECTOR, "Binning.width", ("Binning", "Horizontal")),
    Field(DETECTOR, "Binning.height", ("Binning", "Vertical")),
    Field(DETECTOR, "ReadOutArea.left", ("Readout Area", "Left")),
    Field(DETECTOR, "ReadOutArea.top", ("Readout Area", "Top")),
    Field(DETECTOR, "ReadOutArea.right", ("Readout Area", "Right")),
    Field(DETECTOR, "ReadOutArea.bottom", ("Readout Area", "Bottom")),
    Field(DETECTOR, "ExposureMode", ("Exposure Mode",), text=True),
    Field(DETECTOR, "DarkGainCorrectionType", ("Dark Gain Correction Type",)),
    Field("Optics", "SpotIndex", ("Spot Size",)),
    Field("Optics", "GunLensSetting", ("Gun Lens",)),
    Field("Optics", "ExtractorVoltage", ("Extractor Voltage",), "V"),
    Field("Optics", "ScreenCurrent", ("Screen Current",), "A"),
    Field(
        "Optics", "LastMeasuredScreenCurrent", ("Last Measured Screen Current",), "A"
    ),
    Field("Optics", "Defocus", ("Defocus",), "m"),
    Field("Optics", "Focus", ("Focus",), "m"),
    Field("Optics", "StemFocus", ("STEM Focus",), "m"),
    Field("Optics", "FullScanFieldOfView.x", ("Full Scan Field of View", "X"), "m"),
    Field("Optics", "FullScanFieldOfView.y", ("Full Scan Field of View", "Y"), "m"),
    Field("Optics", "C1LensIntensity", ("Lens Intensities", "C1")),
    Field("Optics", "C2LensIntensity", ("Lens Intensities", "C2")),
    Field("Optics", "C3LensIntensity", ("Lens Intensities", "C3")),
    Field("Optics", "ObjectiveLensIntensity", ("Lens Intensities", "Objective")),
    Field(
        "Optics", "MiniCondenserLensIntensity", ("Lens Intensities", "Mini Condenser")
    ),
    Field("Optics", "DiffractionLensIntensity", ("Lens Intensities", "Diffraction")),
    Field("Optics", "IntermediateLensIntensity", ("Lens Intensities", "Intermediate")),
    Field("Optics", "Projector1LensIntensity", ("Lens Intensities", "Projector 1")),
    Field("Optics", "Projector2LensIntensity", ("Lens Intensities", "Projector 2")),
    Field("Optics", "LorentzLensIntensity", ("Lens Intensities", "Lorentz")),
    Field("Optics", "OperatingMode", ("Operating Mode",)),
    Field("Optics", "TemOperatingSubMode", ("TEM Operating Mode",), text=True),
    Field("Optics", "ProjectorMode", ("Projector Mode",)),
    Field("Optics", "ProbeMode", ("Probe Mode",)),
    Field("Optics", "ObjectiveLensMode", ("Objective Lens Mode",), text=True),
    Field("Optics", "HighMagnificationMode", ("High Magnification Mode",), text=True),
    Field("Optics", "EFTEMOn", ("EFTEM",), text=True),
    Field(PROPERTY, "Optics.MonoSpotSize", ("Monochromator Spot Size",), text=True),
    Field(PROPERTY, "Optics.BeamBlanked", ("Beam Blanked",)),
    Field(
        "EnergyFilter", "EntranceApertureDiameter", ("Filter Entrance Aperture",), "m"
    ),
    Field("EnergyFilter", "EntranceApertureType", ("Filter Entrance Type",), text=True),
    Field(
        PROPERTY,
        "EnergyFilter.CollectionAngleRange.End",
        ("Filter Collection Angle",),
        "rad",
    ),
    Field("Stage", "HolderType", ("Holder Type",), text=True),
    Field("Scan", "FrameTime", ("Frame Time",), "s"),
    Field("Scan", "LineTime", ("Line Time",), "s"),
    Field("Scan", "LineIntegrationCount", ("Line Integration",)),
    Field("Scan", "LineInterlacing", ("Scan Interlacing",)),
    Field("Scan", "MainsLockOn", ("Mainslock",), text=True),
    Field("Scan", "ScanSize.width", ("Scan Size", "Width")),
    Field("Scan", "ScanSize.height", ("Scan Size", "Height")),
    Field("Scan", "ScanArea.left", ("Scan Area", "Left")),
    Field("Scan", "ScanArea.top", ("Scan Area", "Top")),
    Field("Scan", "ScanArea.right", ("Scan Area", "Right")),
    Field("Scan", "ScanArea.bottom", ("Scan Area", "Bottom")),
    Field(PROPERTY, "DetectorRotation", ("Detector Rotation",), "rad"),
    Field(PROPERTY, "IntegratedFrameCount", ("Frames Integrated",)),
    Field("Vacuum", "VacuumMode", ("Vacuum Mode",), text=True),
    Field("Acquisition", "SourceType", ("Electron Source",), text=True),
    Field("Acquisition", "BeamType", ("Beam Type",), text=True),
    Field("Sample", "SampleDescription", ("Specimen Description",), text=True),
    Field("BinaryResult", "AcquisitionUnit", ("Acquisition Unit",), text=True),
    Field("BinaryResult", "CompositionType", ("Composition Type",), text=True),
    Field("BinaryResult", "IntensityUnit", ("Intensity Unit",), text=True),
    Field("BinaryResult", "IntensityScale", ("Intensity Scale",)),
    Field("BinaryResult", "IntensityOffset", ("Intensity Offset",)),
    Field("Instrument", "Manufacturer", ("Manufacturer",), text=True),
    Field("Instrument", "InstrumentModel", ("Instrument Model",), text=True),
    Field("Instrument", "InstrumentClass", ("Instrument Class",), text=True),
    Field("Instrument", "InstrumentId", ("Instrument Number",), text=True),
    Field("Instrument", "ComputerName", ("Computer Name",), text=True),
    Field("Instrument", "ControlSoftwareVersion", ("Software Version",), text=True),
)
"""Settings of a signal; of two for one place, the later wins where it has a value."""
