"""The attributes that become metadata, as one table; `README.md` shows the same."""

from __future__ import annotations

from nexuslims_core.reading.tables import Field

ROOT, FIB, SPECTRA = "/", "FIBParams", "FullSpectra"

FIELDS: tuple[Field, ...] = (
    Field(FIB, "FibHardware", ("FIB Hardware",), text=True),
    Field(FIB, "FibInterfaceVersion", ("FIB Interface Version",), text=True),
    Field(
        FIB,
        "Voltage",
        ("Acceleration Voltage",),
        unit="kV",
        typed="acceleration_voltage",
        factor="0.001",
    ),
    Field(FIB, "Current", ("Beam Current",), unit="A", typed="beam_current"),
    Field(FIB, "ScanSpeed", ("Scan Speed",)),
    Field(ROOT, "NbrPeaks", ("Number of Peaks",)),
    Field(ROOT, "NbrSamples", ("Number of Samples",)),
    Field(ROOT, "NbrWaveforms", ("Number of Waveforms",)),
    Field(ROOT, "IonMode", ("Ion Mode",), text=True),
    Field(ROOT, "FiblysGUIVersion", ("FibLys GUI Version",), text=True),
    Field(ROOT, "TofDAQ Version", ("TofDAQ Version",)),
    Field(
        ROOT,
        "DAQ Hardware",
        ("Acquisition Device",),
        typed="acquisition_device",
        text=True,
    ),
    Field(SPECTRA, "SampleInterval", ("Sample Interval",), unit="s"),
    Field(SPECTRA, "Single Ion Signal", ("Single Ion Signal",)),
    Field(SPECTRA, "MassCalibMode", ("Mass Calibration Mode",)),
)
