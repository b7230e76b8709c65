"""What a TofDAQ file of a FIB instrument holds, but for its large arrays.

Layout, as TofDAQ and Fiblys write it: settings are attributes of the root and of
``FIBParams``; ``FullSpectra`` has the sum of all spectra over ``MassAxis`` and, until
the file is processed, the events of every pixel; ``PeakData`` has the counts of every
peak in every pixel afterwards. Arrays are by write (one layer), segment (line), and
pixel of the line.
"""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

import h5py
import numpy as np
from nexuslims_core.errors import ExtractionError
from nexuslims_core.reading.findings import as_text
from nexuslims_core.reading.guard import reading

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from nexuslims_core.types import DataFile

SIGNATURE = b"\x89HDF\r\n\x1a\n"

VERSION = "TofDAQ Version"
"""Attribute of the root that all files of TofDAQ have."""

FIB_GROUPS = ("FIBParams", "FIBImages", "FibParams")
SPECTRA_GROUPS = ("FullSpectra", "PeakData")
"""A file of this format has one of each; others of TofDAQ have no FIB."""

EVENTS, SPECTRA, PEAKS = (
    "FullSpectra/EventList",
    "FullSpectra/TofData",
    "PeakData/PeakData",
)
"""Arrays of every pixel: of events, of whole spectra, of peaks."""

DIMENSIONS: Mapping[str, int] = {EVENTS: 3, SPECTRA: 4, PEAKS: 4}

IMAGE_DIMENSIONS = 2

MOST_BYTES = 2**26
"""Of an array that is read whole: spectra and times take some megabytes."""

MOST_IMAGES = 10_000


@dataclass(frozen=True, kw_only=True)
class Array:
    """Where an array is, and how large."""

    path: str
    shape: tuple[int, ...]
    dtype: np.dtype[Any]


@dataclass(frozen=True, kw_only=True)
class Peak:
    """A peak of the peak table; masses in Da."""

    label: str
    mass: float
    lower: float
    upper: float


@dataclass(frozen=True, kw_only=True)
class Contents:
    """What was found in one file; absent parts are empty."""

    root: Mapping[str, Any]
    fib: Mapping[str, Any]
    spectra: Mapping[str, Any]
    """Attributes of ``FullSpectra``."""
    log: tuple[tuple[str, str], ...] = ()
    """Times and texts."""
    pixels: Mapping[str, Array] = field(default_factory=dict)
    """Arrays of every pixel, by path."""
    images: tuple[Array, ...] = ()
    peaks: tuple[Peak, ...] = ()
    masses: np.ndarray
    counts: np.ndarray
    """The sum of all spectra over `masses`, as long as these."""
    pressures: np.ndarray
    times: np.ndarray
    notes: tuple[str, ...] = ()


def is_tofwerk(file: DataFile) -> bool:
    """Tell whether a file is one of TofDAQ, with data of a FIB instrument."""
    try:
        if not file.head.startswith(SIGNATURE):
            return False
        with opened(file) as stream:
            return _is_tofwerk(stream)
    except (OSError, ExtractionError):
        return False


def _is_tofwerk(stream: h5py.File) -> bool:
    return VERSION in stream.attrs and all(
        any(name in stream for name in names) for names in (FIB_GROUPS, SPECTRA_GROUPS)
    )


@contextmanager
def opened(file: DataFile) -> Iterator[h5py.File]:
    """Open a file for reading, even where the file system cannot lock.

    Raises
    ------
    ExtractionError
        If it is no HDF5 file, or if the block raises anything.
    """
    with (
        reading(file, "a Tofwerk file"),
        h5py.File(file.path, "r", locking=False) as stream,
    ):
        yield stream


def read_contents(file: DataFile) -> Contents:
    """Return what a file holds; what cannot be read of it is noted.

    Raises
    ------
    ExtractionError
        If it is of another format.
    """
    with opened(file) as stream:
        if not _is_tofwerk(stream):
            raise ValueError(
                f"expected an attribute {VERSION!r}, one of the groups {FIB_GROUPS} "
                f"and one of {SPECTRA_GROUPS}, found {sorted(stream)[:20]}"
            )
        return _Reader(file, stream).contents()


class _Reader:
    """Reads the parts of one open file, and notes which cannot be."""

    def __init__(self, file: DataFile, stream: h5py.File) -> None:
        self._file, self._stream = file, stream
        self._notes: list[str] = []

    def contents(self) -> Contents:
        masses = self._floats("FullSpectra/MassAxis")
        counts = self._floats("FullSpectra/SumSpectrum")
        size = min(masses.size, counts.size)
        if counts.size != masses.size and size:
            self._notes.append(
                f"The spectrum has {counts.size} channels, its mass axis {masses.size}"
                f"; the first {size} are used."
            )
        found = Contents(
            root=self._attributes("/"),
            fib=self._attributes("FIBParams"),
            spectra=self._attributes("FullSpectra"),
            log=self._log(),
            pixels={
                path: array
                for path, dimensions in DIMENSIONS.items()
                if (array := self._array(path, dimensions)) is not None
            },
            images=self._images(),
            peaks=self._peaks(),
            masses=masses[:size] if counts.size else masses,
            counts=counts[:size],
            pressures=self._floats("FibParams/FibPressure/TwData"),
            times=self._floats("TimingData/BufTimes"),
        )
        return replace(found, notes=tuple(self._notes))

    @contextmanager
    def _part(self, path: str) -> Iterator[None]:
        """Note what the block raises: one damaged part does not spoil the others."""
        try:
            with reading(self._file, path):
                yield
        except ExtractionError as error:
            reason = " ".join(str(error.__cause__ or error).split())
            self._notes.append(f"{path} cannot be read: {reason:.200}.")

    def _dataset(self, path: str) -> h5py.Dataset | None:
        found = self._stream.get(path)
        return found if isinstance(found, h5py.Dataset) else None

    def _attributes(self, path: str) -> dict[str, Any]:
        found: dict[str, Any] = {}
        with self._part(path):
            names = list(self._stream[path].attrs) if path in self._stream else []
            for name in names:
                with self._part(f"{path}@{name}"):
                    found[name] = plain(self._stream[path].attrs[name])
        return found

    def _array(self, path: str, dimensions: int) -> Array | None:
        with self._part(path):
            found = self._dataset(path)
            if found is not None and found.ndim == dimensions and found.size:
                return Array(path=path, shape=found.shape, dtype=found.dtype)
        return None

    def _whole(self, path: str) -> np.ndarray | None:
        found = self._dataset(path)
        if found is None:
            return None
        if found.nbytes > MOST_BYTES:
            raise ValueError(
                f"expected at most {MOST_BYTES} bytes, found {found.nbytes}"
            )
        if overlaps(found.dtype):
            raise ValueError(f"expected fields beside each other, found {found.dtype}")
        return np.asarray(found[()])

    def _floats(self, path: str) -> np.ndarray:
        with self._part(path):
            found = self._whole(path)
            if found is not None:
                return found.astype(np.float64).ravel()
        return np.empty(0)

    def _log(self) -> tuple[tuple[str, str], ...]:
        with self._part("AcquisitionLog/Log"):
            rows = self._whole("AcquisitionLog/Log")
            if rows is None or rows.dtype.names is None:
                return ()
            names = rows.dtype.names
            time, text = ("timestring", "logtext")
            return tuple(
                (str(plain(row[time])), str(plain(row[text])) if text in names else "")
                for row in rows.ravel()
            )
        return ()

    def _images(self) -> tuple[Array, ...]:
        found: list[Array] = []
        with self._part("FIBImages"):
            group = self._stream.get("FIBImages", {})
            for name in sorted(group)[:MOST_IMAGES]:
                image = self._array(f"FIBImages/{name}/Data", IMAGE_DIMENSIONS)
                if image is not None:
                    found.append(image)
        return tuple(found)

    def _peaks(self) -> tuple[Peak, ...]:
        with self._part("PeakData/PeakTable"):
            rows = self._whole("PeakData/PeakTable")
            if rows is None or rows.dtype.names is None:
                return ()
            return tuple(_peak(row) for row in rows.ravel())
        return ()


def overlaps(dtype: np.dtype[Any]) -> bool:
    """Tell whether fields of a record share bytes: HDF5 crashes when it reads such."""
    end = 0
    fields: Mapping[str, Any] = dtype.fields or {}
    for inner, offset, *_ in sorted(fields.values(), key=lambda one: one[1]):
        if offset < end:
            return True
        end = offset + inner.itemsize
    return end > dtype.itemsize


def _peak(row: np.void) -> Peak:
    """Return a row of the peak table: label, mass, and where it begins and ends."""
    names = row.dtype.names or ()
    label, mass, lower, upper = (plain(row[name]) for name in names[:4])
    return Peak(
        label=str(label), mass=float(mass), lower=float(lower), upper=float(upper)
    )


def plain(value: Any) -> Any:  # noqa: ANN401 - whatever HDF5 holds
    """Return a value of an attribute as text, a number, or a short list of these."""
    if isinstance(value, bytes):
        return as_text(value).strip()
    if isinstance(value, str):
        return value.replace("\0", "").strip()
    if isinstance(value, np.ndarray):
        return (
            plain(value.item()) if value.size == 1 else [plain(v) for v in value.flat]
        )
    return value
