"""EDAX files as RosettaSciIO reads them, and what has to be looked at before."""

from __future__ import annotations

import struct
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

from nexuslims_core.errors import ExtractionError
from nexuslims_core.postponed import postpone
from nexuslims_core.reading.guard import reading

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from nexuslims_core.types import DataFile

SPC_START = struct.Struct("<f20x2ih")
"""Format version; size of the file, where its counts begin, number of channels."""

VERSIONS = (0.5, 1.0)
"""Between these are the versions of spectra; 0.61 and 0.70 are known."""

COUNTS_START = 3840
"""Bytes before the counts."""

SPC_BYTES = 20994
"""What a spectrum of version 0.70 takes; one of 0.61 has some less."""

SPC_LEAST = 738
"""Bytes that hold all but labels: those up to the atomic numbers."""

MOST_SPC_BYTES = 2**20

COUNT_BYTES = 4

SPD_TAG = b"MAPSPECTRA_DATA"

SPD_START = struct.Struct("<16s8I")
"""Tag, version, spectra, columns, lines, channels, bytes per count, offset, frames."""

SPARSE = 16
"""How many times longer than the file its map may be said to be: more is damage."""


@dataclass(frozen=True, kw_only=True)
class Signal:
    """What a file holds, as a dictionary of the HyperSpy family."""

    signal: dict[str, Any]
    notes: tuple[str, ...] = ()
    complete: bool = True
    """Whether all its counts are there."""


def is_spc(file: DataFile) -> bool:
    """Tell whether a file begins like an EDAX spectrum: other programs use ``.spc``."""
    try:
        head = file.head
    except OSError:
        return False
    if len(head) < SPC_LEAST:
        return False
    version, _, start, channels = SPC_START.unpack_from(head)
    lowest, highest = VERSIONS
    return bool(lowest < version < highest and start == COUNTS_START and channels > 0)


def is_spd(file: DataFile) -> bool:
    """Tell whether a file begins like an EDAX map or line scan."""
    try:
        return file.head.startswith(SPD_TAG)
    except OSError:
        return False


def read_spectrum(file: DataFile) -> Signal:
    """Return the spectrum of a file; of one that is cut short, what is left.

    Raises
    ------
    ExtractionError
        If it is none, or cut within its header.
    """
    if not is_spc(file):
        msg = (
            f"{file.path.name}: cannot be read as an EDAX spectrum: expected a version "
            f"between {VERSIONS} and counts from byte {COUNTS_START} on, found "
            f"{_start(file)!r}"
        )
        raise ExtractionError(msg)
    file_reader = _file_reader()
    with (
        reading(file, "an EDAX spectrum"),
        _completed(file) as path,
    ):
        (signal,) = file_reader(path, load_all_spc=True)
    header = signal["original_metadata"]["spc_header"]
    expected = int(header["numPts"])
    there = max(0, file.size - COUNTS_START) // COUNT_BYTES
    if there >= expected:
        return Signal(signal=signal)
    signal["data"] = signal["data"][:there]
    note = f"The file should hold {expected} channels, but ends after {there}."
    return Signal(signal=signal, notes=(note,), complete=bool(there))


def _start(file: DataFile) -> bytes:
    with reading(file, "an EDAX spectrum"):
        return file.head[:36]


@contextmanager
def _completed(file: DataFile) -> Iterator[Path]:
    """Give the path of a file that is as long as the reader expects.

    It reads header, counts and labels at once, and nothing of a shorter file; for it a
    copy is made, with zeros for what is missing.
    """
    if file.size >= SPC_BYTES:
        yield file.path
        return
    with TemporaryDirectory(prefix="nexuslims-") as folder:
        path = Path(folder) / "completed.spc"
        path.write_bytes(file.path.read_bytes().ljust(SPC_BYTES, b"\0"))
        yield path


def read_map(file: DataFile) -> Signal:
    """Return the map or line scan of a file, its counts still on disk.

    Raises
    ------
    ExtractionError
        If it is none, or damaged.
    """
    note = _missing(file)
    file_reader = _file_reader()
    beside = _beside(file.path)
    try:
        with reading(file, "an EDAX map"):
            (signal,) = file_reader(
                file.path, lazy=True, load_all_spc=True, spc_fname=beside
            )
    except ExtractionError as error:
        with reading(file, "an EDAX map"):
            (signal,) = file_reader(file.path, lazy=True, spc_fname="", ipr_fname="")
        notes = (f"The files beside the map were left out: {error}.", note)
    else:
        notes = ("" if beside else _uncalibrated(file), note)
    for axis in signal["axes"]:
        axis["index_in_array"] %= signal["data"].ndim  # that of energy counts from back
    return Signal(signal=signal, notes=tuple(filter(None, notes)), complete=not note)


def _missing(file: DataFile) -> str:
    """Return a note on the size of a map's file; raises if it makes no sense."""
    with reading(file, "an EDAX map"):
        tag, _, _, columns, lines, channels, size, start, _ = SPD_START.unpack_from(
            file.head
        )
        if not tag.startswith(SPD_TAG):
            raise ValueError(f"expected the tag {SPD_TAG!r}, found {tag!r}")
    needed = start + columns * lines * channels * size
    if not columns * lines * channels or needed > SPARSE * file.size:
        msg = (
            f"{file.path.name}: not read as an EDAX map: it should hold {columns} by "
            f"{lines} spectra of {channels} channels, but has {file.size} bytes"
        )
        raise ExtractionError(msg)
    if needed <= file.size:
        return ""
    return f"The map should end at byte {needed}, but the file ends at {file.size}."


def _beside(path: Path) -> str:
    """Return the path of the spectrum beside a map, however its name is written."""
    name = f"{path.stem}.spc".casefold()
    try:
        found = (one for one in path.parent.iterdir() if one.name.casefold() == name)
        return str(next(found, ""))
    except OSError:
        return ""


def _uncalibrated(file: DataFile) -> str:
    return (
        f"There is no {file.path.stem}.spc beside the map: its energies are not "
        "calibrated."
    )


def _file_reader() -> Callable[..., list[dict[str, Any]]]:
    # RosettaSciIO names it at its top, for maps that are asked for lazily.
    postpone("dask.array")
    from rsciio.edax import file_reader

    reader: Callable[..., list[dict[str, Any]]] = file_reader
    return reader
