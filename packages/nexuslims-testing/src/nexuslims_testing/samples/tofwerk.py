"""Tofwerk FIB-ToF-SIMS files, as TofDAQ writes them and as Fiblys processes them.

Our own writer and our own values: no bytes of real files.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import h5py
import numpy as np

from nexuslims_testing.samples.micrograph import grains

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

MASSES = (22.990, 26.982, 27.977, 47.948, 55.935, 68.926)
"""Peaks of the sample: Na, Al, Si, Ti, Fe and the beam's own Ga."""

WIDTH_DA = 0.12
"""Half the width of a peak, where it has a third of its height."""


@dataclass(frozen=True, kw_only=True)
class Milling:
    """Conditions of a measurement, and what is written of it."""

    writes: int = 6
    lines: int = 24
    columns: int = 32
    samples: int = 800
    voltage_v: float = 30_000.0
    current_a: float = 1.5e-10
    view_field_mm: float = 0.02
    pressure_pa: float = 1.75e-4
    mode: str = "positive"
    started: str = "2026-03-17T14:05:09-05:00"
    created: str = "17.03.2026 19:05:07"
    """Date and time of the file, in UTC."""
    masses: tuple[float, ...] = MASSES
    images: int = 2
    processed: bool = True
    """Whether peaks were integrated: ``PeakData`` instead of a list of events."""
    chunks: tuple[int, int, int] | None = None
    """How the list of events is cut on disk; such a one is compressed, too."""
    without: tuple[str, ...] = ()
    """Paths of groups, data sets or attributes (``/@name``) to leave out."""
    extra: Mapping[str, object] = field(default_factory=dict)
    """Attributes of the root to add or to replace."""

    @property
    def axis(self) -> np.ndarray:
        """Masses of the spectrum's channels: they grow with the square of time."""
        times = np.arange(self.samples)
        masses: np.ndarray = (100 * (times / self.samples) ** 2).astype("f4")
        return masses

    @property
    def peaks(self) -> np.ndarray:
        """Counts of every write, line, column and peak."""
        shape = (self.writes, self.lines, self.columns, len(self.masses))
        rng = np.random.default_rng(5)
        surface = grains(self.columns, self.lines, seed=3, number=9)
        strengths = 4.0 * (1 + np.arange(len(self.masses)))
        depth = np.linspace(1, 0.3, self.writes)
        means = np.einsum("w,yx,p->wyxp", depth, surface, strengths)
        counts: np.ndarray = rng.poisson(means).astype("f4")
        return counts.reshape(shape)

    @property
    def spectrum(self) -> np.ndarray:
        """The sum of all spectra: a peak for each mass."""
        sums = self.peaks.sum(axis=(0, 1, 2), dtype="f8")
        distances = self.axis[:, None] - np.asarray(self.masses)
        near = np.exp(-((distances / WIDTH_DA) ** 2))
        shares = near / np.maximum(near.sum(axis=0), 1e-9)
        spectrum: np.ndarray = (shares * sums).sum(axis=1)
        return spectrum + 1


def write_tofwerk(path: Path, milling: Milling | None = None) -> None:
    """Write a file; small ones are the same, byte for byte, each time."""
    told = milling or Milling()
    with h5py.File(path, "w", track_order=False) as file:
        _write_root(file, told)
        _write_fib(file, told)
        _write_spectra(file, told)
        _write_log(file, told)
        for name in told.without:
            group, _, attribute = name.partition("@")
            if attribute:
                del file[group or "/"].attrs[attribute]
            elif group in file:
                del file[group]


def _write_root(file: h5py.File, told: Milling) -> None:
    file.attrs.update(
        {
            "TofDAQ Version": np.float32(1.99),
            "FiblysGUIVersion": np.bytes_("1.12.2.0"),
            "DAQ Hardware": np.bytes_("Cronologic xTDC4"),
            "IonMode": np.bytes_(told.mode),
            "NbrWrites": np.array([told.writes], "i4"),
            "NbrSegments": np.array([told.lines], "i4"),
            "NbrPeaks": np.array([len(told.masses)], "i4"),
            "NbrSamples": np.array([told.samples], "i4"),
            "NbrWaveforms": np.array([1], "i4"),
            "HDF5 File Creation Time": np.bytes_(told.created),
            "Configuration File Contents": np.bytes_("[TOFParameter]\r\nA=1\r\n"),
            **told.extra,
        }
    )


def _write_fib(file: h5py.File, told: Milling) -> None:
    file.create_group("FIBParams").attrs.update(
        {
            "FibHardware": np.bytes_("Tescan"),
            "FibInterfaceVersion": np.bytes_("2.1"),
            "Voltage": told.voltage_v,
            "Current": told.current_a,
            "ViewField": told.view_field_mm,
            "ScanSpeed": 7.0,
        }
    )
    pressure = np.full((told.writes, 1), told.pressure_pa)
    file["FibParams/FibPressure/TwData"] = pressure
    file.create_group("FIBImages")
    for index in range(told.images):
        image = grains(64, 48, seed=index, number=12) * 200
        file[f"FIBImages/Image{index:04d}/Data"] = image


def _write_spectra(file: h5py.File, told: Milling) -> None:
    file["FullSpectra/MassAxis"] = told.axis
    file["FullSpectra/SumSpectrum"] = told.spectrum
    file["FullSpectra"].attrs.update(
        {
            "MassCalibMode": np.array([0], "i4"),
            "SampleInterval": 8e-10,
            "Single Ion Signal": 1.0,
        }
    )
    table = [(f"nominal_{m:.0f}".encode(), m, m - 0.4, m + 0.4) for m in told.masses]
    limits = ("lower integration limit", "upper integration limit")
    names = ("mass", *limits)
    dtype = np.dtype([("label", "S64"), *((name, "f4") for name in names)])
    file["PeakData/PeakTable"] = np.array(table, dtype)
    if told.processed:
        file.create_dataset("PeakData/PeakData", data=told.peaks, compression="gzip")
    else:
        _write_events(file, told)
    seconds = np.arange(told.writes * told.lines, dtype="f8") * 0.25
    file["TimingData/BufTimes"] = seconds.reshape(told.writes, told.lines)


def _write_events(file: h5py.File, told: Milling) -> None:
    """Write lists of events, as many in each pixel as it has counts."""
    numbers = told.peaks.sum(axis=-1).astype(int)
    dtype = h5py.vlen_dtype(np.dtype("u2"))
    packed = {"compression": "gzip", "shuffle": True} if told.chunks else {}
    events = file.create_dataset(
        "FullSpectra/EventList", numbers.shape, dtype, chunks=told.chunks, **packed
    )
    for write in range(told.writes):
        cells = np.empty(numbers.shape[1:], object)
        for place, number in np.ndenumerate(numbers[write]):
            cells[place] = np.arange(number, dtype="u2")
        events[write] = cells


def _write_log(file: h5py.File, told: Milling) -> None:
    dtype = np.dtype([("timestamp", "u8"), ("timestring", "S26"), ("logtext", "S256")])
    rows = [
        (1, told.started.encode(), b"Acquisition started"),
        (2, b"2026-03-17T14:25:09-05:00", b"Acquisition ended"),
    ]
    file["AcquisitionLog/Log"] = np.array(rows, dtype)


def write_sparse_tofwerk(path: Path, shape: tuple[int, int, int, int]) -> None:
    """Write a file whose peaks take no room on disk, however many there are."""
    told = Milling(writes=shape[0], lines=shape[1], columns=shape[2])
    write_tofwerk(path, Milling(without=("PeakData/PeakData",)))
    with h5py.File(path, "r+") as file:
        file.attrs["NbrWrites"] = np.array([told.writes], "i4")
        file.attrs["NbrSegments"] = np.array([told.lines], "i4")
        chunks = (1, min(shape[1], 64), min(shape[2], 64), min(shape[3], 64))
        file.create_dataset(
            "PeakData/PeakData", shape, "f4", chunks=chunks, fillvalue=1.0
        )
