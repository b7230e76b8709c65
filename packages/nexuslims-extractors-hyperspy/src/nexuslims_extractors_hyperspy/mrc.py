"""MRC files of both byte orders, and who wrote what beside and inside them.

Layouts: MRC2014 (Cheng et al., J. Struct. Biol. 192, 146, 2015); extended headers:
"FEI1" and "FEI2" of Thermo Fisher's "MRC2014 file image format specification", and the
older one of 128 bytes per image; SerialEM's help, "About the .mdoc file".
"""

from __future__ import annotations

import re
import struct
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from nexuslims_core.reading.findings import as_text, number, scaled

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from nexuslims_core.types import DataFile

HEADER_BYTES = 1024

MODES: Mapping[int, float] = {
    0: 1,
    1: 2,
    2: 4,
    3: 4,
    4: 8,
    6: 2,
    12: 2,
    16: 3,
    101: 0.5,
}
"""Bytes per pixel, by mode."""

UNREAD = frozenset({3, 16, 101})
"""Modes that RosettaSciIO does not read: complex integers, colours, four bits."""

LARGEST = 1 << 20
"""Pixels along an axis; larger numbers are no sizes."""


@dataclass(frozen=True, kw_only=True)
class Header:
    """What the first 1024 bytes say."""

    order: str
    """Of bytes, as `struct` has it."""
    shape: tuple[int, int, int]
    """Sections, rows and columns."""
    mode: int
    extended: int
    """Bytes of the extended header."""
    kind: bytes
    """Of the extended header: ``FEI1``, ``SERI``."""
    labels: tuple[str, ...]

    @property
    def pixel_bytes(self) -> float:
        """Bytes that the pixels take, if they are all there."""
        sections, rows, columns = self.shape
        return sections * rows * columns * MODES.get(self.mode, 1)


def is_mrc(file: DataFile) -> bool:
    """Tell a header that makes sense, and ``MAP`` or the right size of the file."""
    if len(file.head) < HEADER_BYTES:
        return False
    header = parsed(file.head)
    if header.mode not in MODES or not all(0 < one < LARGEST for one in header.shape):
        return False
    if file.head[208:211] == b"MAP":
        return True
    # Before 2000 there was no signature.
    whole = HEADER_BYTES + header.extended + header.pixel_bytes
    axes = sorted(struct.unpack_from(f"{header.order}3i", file.head, 64))
    return whole == file.size and axes in ([1, 2, 3], [0, 0, 0])


def parsed(content: bytes) -> Header:
    """Return the header, read in the byte order that its numbers are small in."""
    order = ">" if content[212:214] == b"\x11\x11" else "<"
    mode, swapped = (struct.unpack_from(f"{one}i", content, 12)[0] for one in "<>")
    if content[208:211] != b"MAP" and mode not in MODES and swapped in MODES:
        order = ">"
    columns, rows, sections, mode = struct.unpack_from(f"{order}4i", content)
    (extended,) = struct.unpack_from(f"{order}i", content, 92)
    (count,) = struct.unpack_from(f"{order}i", content, 220)
    labels = [
        content[224 + 80 * i : 304 + 80 * i] for i in range(min(max(count, 0), 10))
    ]
    plain = (" ".join(as_text(one).split()) for one in labels)
    return Header(
        order=order,
        shape=(sections, rows, columns),
        mode=mode,
        extended=max(extended, 0),
        kind=content[104:108],
        labels=tuple(one for one in plain if one),
    )


def read(file: DataFile) -> list[Mapping[str, Any]]:
    """Return the signal of an MRC file; without pixels where they cannot be read."""
    header = parsed(file.head)
    problem = _problem(header, file)
    found = _extended(file.path, header)
    mdoc = _mdoc(file.path)
    pixel = _pixel(found, mdoc)
    signal = _bare(file, header) if problem else _by_library(file, header, pixel)
    if found.get("Projection mode") == DIFFRACTION:
        signal = _of_diffraction(signal)
    original = dict(signal["original_metadata"])
    original["header"] = {"labels": "; ".join(header.labels)}
    original |= {"fei_extended_header": found} if found else {}
    original |= {"mdoc": mdoc} if mdoc else {}
    original["de_metadata"] = _known(original.get("de_metadata") or {})
    return [
        {
            **signal,
            "original_metadata": original,
            "mapping": {},
            "notes": [problem] if problem else [],
            "when": _when(found, mdoc, original["de_metadata"]),
        }
    ]


def _problem(header: Header, file: DataFile) -> str:
    expected = HEADER_BYTES + header.extended + header.pixel_bytes
    if header.mode in UNREAD:
        return f"Pixels of mode {header.mode} are not shown."
    if file.size < expected:
        return (
            f"The file is cut off: expected {expected:.0f} bytes for pixels of shape "
            f"{header.shape}, found {file.size}."
        )
    return ""


def _bare(file: DataFile, header: Header) -> Mapping[str, Any]:
    cell = struct.unpack_from(f"{header.order}3f", file.head, 40)
    return {
        "data": None,
        "shape": header.shape if header.shape[0] > 1 else header.shape[1:],
        "metadata": {},
        "original_metadata": {"std_header": {"cell (Å)": [float(one) for one in cell]}},
        "dataset_type": "Image",
        "data_type": "TEM_Imaging",
    }


def _pixel(fei: Mapping[str, Any], mdoc: Mapping[str, str]) -> float | None:
    """Return the size of a pixel in nm, where more than the header tells it."""
    metres, angstrom = fei.get("Pixel size X"), number(mdoc.get("PixelSpacing", ""))
    if metres:
        return scaled(metres, "1e9")
    return scaled(angstrom, "0.1") if angstrom else None


def _by_library(
    file: DataFile, header: Header, pixel: float | None
) -> Mapping[str, Any]:
    from rsciio.mrc import file_reader

    (signal,) = file_reader(str(file.path), lazy=True, endianness=header.order)
    # Values that Direct Electron does not know are -1; the table has those it knows.
    metadata = {**signal["metadata"], "Acquisition_instrument": {"TEM": {}}}
    axes = [_calibrated(one, pixel) for one in signal["axes"]]
    return {**signal, "metadata": metadata, "axes": axes}


def _calibrated(axis: dict[str, Any], pixel: float | None) -> dict[str, Any]:
    """Return an axis with the size of a pixel, or with none where it makes no sense."""
    if axis["units"] != "nm":
        return axis
    if pixel and axis["name"] in {"x", "y"}:
        return {**axis, "scale": pixel}
    scale = _short(float(axis["scale"]))
    return {**axis, "scale": scale} if scale > 0 else _uncalibrated(axis)


def _uncalibrated(axis: dict[str, Any]) -> dict[str, Any]:
    return {**axis, "scale": 1.0, "offset": 0.0, "units": None}


def _of_diffraction(signal: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return a signal whose pixels are no lengths."""
    metadata = {**signal["metadata"], "Signal": {"signal_type": "diffraction"}}
    axes = [_uncalibrated(one) for one in signal.get("axes", ())]
    types = {"dataset_type": "Diffraction", "data_type": "TEM_Diffraction"}
    return {**signal, "metadata": metadata, "axes": axes, **types}


# Extended headers.

FEI_LAYOUT: tuple[tuple[str, int, str], ...] = (
    ("Timestamp", 12, "d"),
    ("Microscope type", 20, "16s"),
    ("D-Number", 36, "16s"),
    ("Application", 52, "16s"),
    ("Application version", 68, "16s"),
    ("HT", 84, "d"),
    ("Dose", 92, "d"),
    ("Alpha tilt", 100, "d"),
    ("Beta tilt", 108, "d"),
    ("X-Stage", 116, "d"),
    ("Y-Stage", 124, "d"),
    ("Z-Stage", 132, "d"),
    ("Tilt axis angle", 140, "d"),
    ("Pixel size X", 156, "d"),
    ("Pixel size Y", 164, "d"),
    ("Defocus", 220, "d"),
    ("STEM Defocus", 228, "d"),
    ("Applied defocus", 236, "d"),
    ("Instrument mode", 244, "i"),
    ("Projection mode", 248, "i"),
    ("Magnification", 289, "d"),
    ("Camera length", 301, "d"),
    ("Spot index", 309, "i"),
    ("Illuminated area", 313, "d"),
    ("Convergence angle", 329, "d"),
    ("Illumination mode", 337, "16s"),
    ("Slit width", 355, "d"),
    ("Energy shift", 379, "d"),
    ("Integration time", 419, "d"),
    ("Binning Width", 427, "i"),
    ("Binning Height", 431, "i"),
    ("Camera name", 435, "16s"),
    ("STEM Detector name", 519, "16s"),
    ("Dwell time", 571, "d"),
    ("Frame time", 579, "d"),
)
"""Name, place and kind of what FEI1 and FEI2 say about an image; little-endian."""

FEI_BYTES = 768
"""Of an image's block in FEI1, and of the part that FEI2 has in common with it."""

OLD_LAYOUT: tuple[str, ...] = (
    "Alpha tilt",
    "Beta tilt",
    "X-Stage",
    "Y-Stage",
    "Z-Stage",
    "X-Shift",
    "Y-Shift",
    "Defocus",
    "Integration time",
    "Mean",
    "Tilt axis angle",
    "Pixel size X",
    "Magnification",
)
"""Single-precision numbers of an image in FEI's older header, 1024 times 128 bytes."""

OLD_BYTES = 1024 * 128

METRES = frozenset({"X-Stage", "Y-Stage", "Z-Stage", "Defocus"})
"""What the older header says in metres; in µm where the number is above one."""

MAY_BE_ZERO = frozenset(
    {"Alpha tilt", "Beta tilt", "X-Stage", "Y-Stage", "Z-Stage", "Defocus"}
)
"""Other zeros stand for what was not recorded."""

DIFFRACTION = 1
"""`Projection mode` in which pixels are no lengths."""


def _extended(path: Path, header: Header) -> dict[str, Any]:
    """Return what FEI's extended header says about the first image."""
    if header.kind in {b"FEI1", b"FEI2"} and header.extended >= FEI_BYTES:
        return _fei(_bytes(path, FEI_BYTES))
    if header.extended == OLD_BYTES and not header.kind.strip(b"\0 "):
        return _old(_bytes(path, 4 * len(OLD_LAYOUT)), header.order)
    return {}


def _bytes(path: Path, count: int) -> bytes:
    with path.open("rb") as stream:
        stream.seek(HEADER_BYTES)
        return stream.read(count)


def _fei(block: bytes) -> dict[str, Any]:
    if len(block) < FEI_BYTES:
        return {}
    values = {
        name: struct.unpack_from(f"<{code}", block, place)[0]
        for name, place, code in FEI_LAYOUT
    }
    if values["Projection mode"] == DIFFRACTION:
        values = {k: v for k, v in values.items() if not k.startswith("Pixel size")}
    return _recorded(values)


def _old(block: bytes, order: str) -> dict[str, Any]:
    if len(block) < 4 * len(OLD_LAYOUT):
        return {}
    numbers = struct.unpack(f"{order}{len(OLD_LAYOUT)}f", block)
    values: dict[str, Any] = dict(zip(OLD_LAYOUT, map(_short, numbers), strict=True))
    for name in METRES:
        values[name] *= 1e-6 if abs(values[name]) > 1 else 1
    values["Pixel size Y"] = values["Pixel size X"]
    return _recorded(values) if any(numbers) else {}


def _short(value: float) -> float:
    """Return a single-precision number as people write it: 0.1, not 0.10000000149."""
    return float(f"{value:.7g}")


def _recorded(values: Mapping[str, Any]) -> dict[str, Any]:
    """Return values that were recorded, texts without padding."""
    texts = {
        name: as_text(value.partition(b"\0")[0]).strip()
        if isinstance(value, bytes)
        else value
        for name, value in values.items()
    }
    return {
        name: value
        for name, value in texts.items()
        if value or (name in MAY_BE_ZERO and value == 0)
    }


# What stands beside the file.

PAIR = re.compile(r"^(\w+) = (.*)$", re.MULTILINE)

MOST_MDOC = 1_000_000

EPOCH = "Timestamp (seconds since Epoch)"
"""When Direct Electron's camera began."""


def _mdoc(path: Path) -> dict[str, str]:
    """Return SerialEM's settings: those of all images, and those of the first."""
    for beside in (path.with_name(f"{path.name}.mdoc"), path.with_suffix(".mdoc")):
        try:
            with beside.open("rb") as stream:
                return _settings(as_text(stream.read(MOST_MDOC)))
        except OSError:
            continue
    return {}


def _settings(text: str) -> dict[str, str]:
    sections = text.replace("\r", "").split("\n[ZValue")
    found = dict(PAIR.findall("\n[ZValue".join(sections[:2])))
    angles = re.findall(r"^TiltAngle = (\S+)$", text.replace("\r", ""), re.MULTILINE)
    if len(angles) > 1:
        found["Tilts"] = f"{angles[0]} to {angles[-1]} deg"
    places = found.get("StagePosition", "").split()
    return found | dict(zip(("StageX", "StageY"), places, strict=False))


def _known(settings: Mapping[str, Any]) -> dict[str, Any]:
    """Return Direct Electron's settings but for those that it does not know."""
    return {k: v for k, v in settings.items() if v not in {"", "-1"}}


def _when(
    fei: Mapping[str, Any], mdoc: Mapping[str, str], direct: Mapping[str, Any]
) -> datetime | None:
    """Return when the first image was taken, by whatever tells it."""
    try:
        if "Timestamp" in fei:
            return datetime(1899, 12, 30) + timedelta(days=fei["Timestamp"])  # noqa: DTZ001 - the instrument's clock
        if "DateTime" in mdoc:
            return _of_mdoc(mdoc["DateTime"])
        if EPOCH in direct:
            return datetime.fromtimestamp(float(direct[EPOCH]), tz=UTC)
    except (ValueError, OverflowError, OSError):
        return None
    return None


def _of_mdoc(text: str) -> datetime | None:
    """Return the time in ``09-Dec-2014  14:34:07``; years once had two digits."""
    for layout in ("%d-%b-%Y %H:%M:%S", "%d-%b-%y %H:%M:%S"):
        try:
            return datetime.strptime(" ".join(text.split()), layout)  # noqa: DTZ007 - the instrument's clock
        except ValueError:
            continue
    return None
