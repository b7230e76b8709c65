"""PNG files, chunk by chunk: W3C Portable Network Graphics, third edition."""

from __future__ import annotations

import email.utils
import struct
import zlib
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, BinaryIO

from nexuslims_core.builtin.pictures import tags
from nexuslims_core.builtin.pictures.picture import (
    Layout,
    Picture,
    calibrated,
    resolution,
    shown,
)
from nexuslims_core.errors import ExtractionError
from nexuslims_core.reading.findings import Findings, number, scaled
from nexuslims_core.types import quantity

if TYPE_CHECKING:
    from collections.abc import Iterator

    import pint

    from nexuslims_core.model.files import DataFile

COLOURS = {
    0: "Greyscale",
    2: "RGB",
    3: "Palette",
    4: "Greyscale with alpha",
    6: "RGBA",
}
_READ = frozenset(
    {b"IHDR", b"tIME", b"tEXt", b"zTXt", b"iTXt", b"pHYs", b"sCAL", b"eXIf", b"acTL"}
)
_LONGEST_CHUNK = 2**24
"""Bytes of metadata in one chunk; what is longer is left out."""
_LONGEST_TEXT = 2**20
"""Bytes that a compressed text may have: it could be a bomb."""
_MOST_CHUNKS = 1_000_000
_METRES_PER_INCH = "0.0254"


@dataclass(frozen=True, kw_only=True)
class _Chunks:
    """What was found on a walk over the chunks."""

    header: bytes
    single: dict[bytes, bytes] = field(default_factory=dict)
    texts: dict[str, str] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)


def read(file: DataFile) -> Picture:
    """Return what a PNG says about its picture.

    Raises
    ------
    ExtractionError
        If its header is damaged.
    """
    with file.path.open("rb") as stream:
        chunks = _walk(stream, file.size)
    layout = _layout(chunks)
    exif, damage = _exif(chunks.single.get(b"eXIf", b""))
    when, odd = tags.created(exif)
    pixel = _pixel(chunks.single.get(b"sCAL", b""))
    said = Findings().joined(
        tags.findings(exif),
        _told(chunks.texts),
        Findings(
            fields=calibrated(layout, *pixel) if pixel else {},
            extensions=_printed(chunks.single.get(b"pHYs", b"")),
            notes=(*chunks.notes, *damage, *odd),
        ),
    )
    return Picture(
        layout=layout,
        said=said,
        created=(
            _text_time(chunks.texts.get("Creation Time", ""))
            or when
            or _time(chunks.single.get(b"tIME", b""))
        ),
    )


def _walk(stream: BinaryIO, size: int) -> _Chunks:
    stream.seek(8)
    found = None
    for name, data in _chunks(stream, size):
        if found is None:
            if name != b"IHDR" or len(data) < 13:  # noqa: PLR2004 - its fixed length
                break
            found = _Chunks(header=data)
        elif name == b"IEND":
            return found
        elif name in {b"tEXt", b"zTXt", b"iTXt"}:
            _add_text(found, name, data)
        elif data:
            found.single.setdefault(name, data)
    if found is None:
        raise ExtractionError("expected a PNG that begins with its header, found none")
    found.notes.append("The file breaks off before its end mark, IEND.")
    return found


def _chunks(stream: BinaryIO, size: int) -> Iterator[tuple[bytes, bytes]]:
    """Yield the name and, where it is metadata, the content of each chunk."""
    for _ in range(_MOST_CHUNKS):
        head = stream.read(8)
        if len(head) < 8:  # noqa: PLR2004 - length and name
            return
        length, name = struct.unpack(">I4s", head)
        after = stream.tell() + length + 4
        if after > size:
            return
        wanted = name in _READ and length <= _LONGEST_CHUNK
        yield name, stream.read(length) if wanted else b""
        stream.seek(after)


def _layout(chunks: _Chunks) -> Layout:
    width, height, bits, colour = struct.unpack_from(">IIBB", chunks.header)
    if not width or not height or colour not in COLOURS:
        msg = f"expected a PNG image, found {width} by {height} pixels, type {colour}"
        raise ExtractionError(msg)
    frames = chunks.single.get(b"acTL", b"")[:4]
    return Layout(
        format="PNG",
        width=width,
        height=height,
        colour=COLOURS[colour],
        bits=bits,
        compression="Deflate",
        images=max(1, int.from_bytes(frames, "big")),
    )


def _add_text(chunks: _Chunks, kind: bytes, data: bytes) -> None:
    key, mark, rest = data.partition(b"\0")
    name = key.decode("latin-1").strip()
    if not mark or not name:
        return
    try:
        text = _decoded(kind, rest)
    except (ValueError, zlib.error) as error:
        chunks.notes.append(f"Text {name!r:.60} cannot be read: {error}.")
    else:
        chunks.texts.setdefault(name, text)


def _decoded(kind: bytes, rest: bytes) -> str:
    if kind == b"tEXt":
        return rest.decode("latin-1")
    if kind == b"zTXt":
        return _inflated(rest[1:]).decode("latin-1")
    # After two flags come a language and a translated key, each with a NUL.
    parts = rest[2:].split(b"\0", 2)
    if len(parts) < 3:  # noqa: PLR2004 - those two, and the text
        raise ValueError("expected a language, a key and a text, found less")
    text = _inflated(parts[2]) if rest[:1] == b"\1" else parts[2]
    return text.decode("utf-8")


def _inflated(data: bytes) -> bytes:
    inflater = zlib.decompressobj()
    text = inflater.decompress(data, _LONGEST_TEXT)
    if inflater.unconsumed_tail:
        raise ValueError(f"expected at most {_LONGEST_TEXT} bytes of text, found more")
    return text


def _told(texts: dict[str, str]) -> Findings:
    """Return what the texts say; those that have a place of their own go there."""
    own = {"Description": "Image Description", "Software": "Software", "Title": "Title"}
    author = texts.get("Author", "").strip()
    others = {
        name: text
        for name, text in texts.items()
        if name not in {*own, "Author", "Creation Time"}
    }
    named = {label: texts[name] for name, label in own.items() if name in texts}
    rest = shown(others)
    return Findings(
        fields={"operator": author} if author else {},
        extensions={**shown(named), **({"PNG Text": rest} if rest else {})},
        raw={"PNG Text": texts} if texts else {},
        flagged=(("Operator",),) if author else (),
    )


def _printed(chunk: bytes) -> dict[str, Any]:
    """Return the resolution of a ``pHYs`` chunk: dots per metre of paper."""
    if len(chunk) < 9 or chunk[8] != 1:  # noqa: PLR2004 - two numbers and their unit
        return {}
    horizontal, vertical = (
        round(scaled(one, _METRES_PER_INCH), 1)
        for one in struct.unpack_from(">II", chunk)
    )
    return resolution(horizontal, vertical, "inch")


def _pixel(chunk: bytes) -> tuple[pint.Quantity[Any], pint.Quantity[Any]] | None:
    """Return the size of a pixel on the subject, as a ``sCAL`` chunk tells it."""
    unit = {1: "m", 2: "rad"}.get(chunk[0]) if chunk else None
    texts = chunk[1:].split(b"\0", 1)
    sizes = [number(text.decode("ascii", "replace")) for text in texts]
    if unit != "m" or len(sizes) != 2 or not all(one and one > 0 for one in sizes):  # noqa: PLR2004 - two sides
        return None
    return quantity(sizes[0] or 0, unit), quantity(sizes[1] or 0, unit)


def _exif(chunk: bytes) -> tuple[dict[int, Any], tuple[str, ...]]:
    if not chunk:
        return {}, ()
    from PIL.Image import Exif

    exif = Exif()
    try:
        exif.load(b"Exif\0\0" + chunk)
    except tags.DAMAGE as error:
        return {}, (f"The tags of EXIF cannot be read: {error}.",)
    return tags.from_exif(exif)


def _text_time(text: str) -> datetime | None:
    """Return the time in the text ``Creation Time``; RFC 1123 is recommended for it."""
    try:
        return tags.date_time(text) or email.utils.parsedate_to_datetime(text)
    except (ValueError, TypeError, IndexError, OverflowError):
        return None


def _time(chunk: bytes) -> datetime | None:
    """Return the time in a ``tIME`` chunk, which is in UTC."""
    try:
        year, month, day, hour, minute, second = struct.unpack(">HBBBBB", chunk)
        return datetime(year, month, day, hour, minute, second, tzinfo=UTC)
    except (ValueError, struct.error):
        return None
