"""Reads Acme micrographs; the README describes the format."""

from __future__ import annotations

import math
import struct
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any

import numpy as np
from nexuslims_core.errors import ExtractionError
from nexuslims_core.types import Axis, Dataset, Extraction, PreviewSource, quantity

if TYPE_CHECKING:
    from collections.abc import Mapping

    from nexuslims_core.types import DataFile

MAGIC = b"ACMEIMG1"
PIXEL = np.dtype("<u2")

QUANTITIES = {
    "HV": (("acceleration_voltage",), "V"),
    "WD": (("working_distance",), "m"),
    "Dwell": (("dwell_time",), "s"),
    "PixelSize": (("pixel_width", "pixel_height"), "m"),
}
"""Fields of the schema that a line of the header gives, and the unit in the file."""

TEXTS = {"Detector": "detector_type", "User": "operator"}

DIGITS = 6
"""Of the longest side of an image; more are damage."""

_PREFIX = struct.Struct("<8sI")


@dataclass(frozen=True, kw_only=True)
class Found:
    """What a header says, collected line by line."""

    fields: dict[str, Any] = field(default_factory=dict)
    extensions: dict[str, Any] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)


def is_acme(file: DataFile) -> bool:
    """Tell whether a file begins as Acme micrographs do."""
    try:
        return file.head.startswith(MAGIC)
    except OSError:
        return False


def extract(file: DataFile) -> Extraction:
    """Read a micrograph.

    Raises
    ------
    ExtractionError
        If the file cannot be read, is of another format, or is incomplete.
    """
    try:
        content = file.path.read_bytes()
    except OSError as error:
        raise ExtractionError(f"{file.path} cannot be read: {error}") from error
    header, pixels = _split(content)
    height, width = (_count(header, name) for name in ("Height", "Width"))
    expected = height * width * PIXEL.itemsize
    if len(pixels) != expected:
        msg = f"expected {expected} bytes of pixels, found {len(pixels)}"
        raise ExtractionError(msg)
    found = _interpret(header)
    found.fields["data_dimensions"] = (height, width)
    dataset = Dataset(
        file=file,
        dataset_type="Image",
        data_type="SEM_Imaging",
        creation_time=_time(header, found),
        fields=found.fields,
        extensions=found.extensions,
        raw={"Acme": header},
        notes=tuple(found.notes),
        preview=_preview(pixels, (height, width), found),
    )
    return Extraction(datasets=(dataset,))


def _split(content: bytes) -> tuple[dict[str, str], bytes]:
    """Return the header and the bytes of the pixels."""
    if not content.startswith(MAGIC) or len(content) < _PREFIX.size:
        msg = f"expected a file that begins with {MAGIC!r}, found {content[:12]!r}"
        raise ExtractionError(msg)
    _, length = _PREFIX.unpack_from(content)
    header = content[_PREFIX.size : _PREFIX.size + length]
    if len(header) != length:
        msg = f"expected a header of {length} bytes, found {len(header)}"
        raise ExtractionError(msg)
    try:
        lines = header.decode("utf-8").splitlines()
    except UnicodeDecodeError as error:
        raise ExtractionError(f"its header is no UTF-8: {error}") from error
    pairs = (line.partition("=") for line in lines)
    settings = {name.strip(): text.strip() for name, _, text in pairs if name.strip()}
    return settings, content[_PREFIX.size + length :]


def _count(header: Mapping[str, str], name: str) -> int:
    text = header.get(name, "")
    if text.isascii() and text.isdigit() and len(text) <= DIGITS and int(text):
        return int(text)
    raise ExtractionError(f"{name}: expected a number of pixels, found {text!r}")


def _interpret(header: Mapping[str, str]) -> Found:
    """Sort a header's lines into fields of the schema and the rest."""
    found = Found()
    for name, text in header.items():
        if name in {"Width", "Height", "Date"}:
            continue
        if name in TEXTS:
            found.fields[TEXTS[name]] = text
        elif name in QUANTITIES or name == "Mag":
            _add_number(name, text, found)
        else:
            found.extensions[name] = text
    return found


def _add_number(name: str, text: str, found: Found) -> None:
    """Add a number; one that cannot be read is kept as text, with a note."""
    try:
        number = float(text)
    except ValueError:
        number = math.nan
    if not math.isfinite(number):
        found.notes.append(f"{name}: expected a number, found {text!r}")
        found.extensions[name] = text
        return
    if name == "Mag":
        found.fields["magnification"] = number
        return
    fields, unit = QUANTITIES[name]
    for each in fields:
        found.fields[each] = quantity(number, unit)


def _time(header: Mapping[str, str], found: Found) -> datetime | None:
    """Return when the image was taken; `None` leaves it to the file's own time."""
    text = header.get("Date")
    if text is None:
        return None
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        found.notes.append(f"Date: expected a time as ISO 8601, found {text!r}")
        return None


def _preview(pixels: bytes, shape: tuple[int, int], found: Found) -> PreviewSource:
    """Return the image with its axes; how it is drawn is not decided here."""
    size = found.fields.get("pixel_width")
    scale = float(size.magnitude) if size is not None else 0.0
    return PreviewSource(
        read=lambda: np.frombuffer(pixels, PIXEL).reshape(shape),
        axes=tuple(
            Axis(name=name, size=count, scale=scale or 1.0, unit="m" if scale else "")
            for name, count in zip("yx", shape, strict=True)
        ),
    )
