"""Image file directories of TIFF and BigTIFF files, without decoding any image.

Layouts: TIFF revision 6.0, section 2; BigTIFF as libtiff defines it.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass
from typing import TYPE_CHECKING, BinaryIO

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

MAGICS: Mapping[bytes, tuple[str, bool]] = {
    b"II*\0": ("<", False),
    b"MM\0*": (">", False),
    b"II+\0": ("<", True),
    b"MM\0+": (">", True),
}
"""First four bytes of a file: its byte order, and whether it is a BigTIFF."""

TYPE_SIZES = (0, 1, 1, 2, 4, 8, 1, 1, 2, 4, 8, 4, 8, 4, 0, 0, 8, 8, 8)
"""Bytes per value, by TIFF data type."""

INTEGER_CODES: Mapping[int, str] = {1: "B", 3: "H", 4: "I", 13: "I", 16: "Q"}
"""`struct` codes of the unsigned integer types."""

RATIONAL = 5
"""The data type of a numerator followed by a denominator."""

MOST_ENTRIES = 4096
"""Real directories have tens of entries; larger counts are damage."""

MOST_PAGES = 10_000
"""Bound for the chain of directories, which damage can make a ring."""


@dataclass(frozen=True, kw_only=True)
class Entry:
    """Where a tag's values are."""

    type: int
    count: int
    offset: int
    """Position of the first value in the file."""

    @property
    def size(self) -> int:
        """Bytes that the values take."""
        known = self.type < len(TYPE_SIZES)
        return self.count * TYPE_SIZES[self.type] if known else 0


@dataclass(frozen=True, kw_only=True)
class Directory:
    """The tags of one image."""

    byte_order: str
    file_size: int
    entries: Mapping[int, Entry]

    def read(self, stream: BinaryIO, tag: int) -> bytes:
        """Return the bytes of a tag's values; fewer, or none, if the file ends first.

        Empty when the tag is absent.
        """
        entry = self.entries.get(tag)
        if entry is None or entry.offset >= self.file_size:
            return b""
        stream.seek(entry.offset)
        # A damaged count must not make us ask for more memory than the file is long.
        return stream.read(min(entry.size, self.file_size - entry.offset))

    def integers(self, stream: BinaryIO, tag: int) -> tuple[int, ...]:
        """Return a tag's values; empty when it is absent, no integers, or damaged."""
        entry = self.entries.get(tag)
        if entry is None or entry.type not in INTEGER_CODES:
            return ()
        code = INTEGER_CODES[entry.type]
        values = self.read(stream, tag)
        whole = len(values) // struct.calcsize(code)
        return struct.unpack_from(f"{self.byte_order}{whole}{code}", values)

    def integer(self, stream: BinaryIO, tag: int, default: int) -> int:
        """Return a tag's first value, or `default`."""
        values = self.integers(stream, tag)
        return values[0] if values else default

    def ratio(self, stream: BinaryIO, tag: int) -> float | None:
        """Return a rational value; `None` when absent or no number."""
        values = self.read(stream, tag)
        entry = self.entries.get(tag)
        layout = struct.Struct(f"{self.byte_order}2I")
        if entry is None or entry.type != RATIONAL or len(values) < layout.size:
            return None
        above, below = layout.unpack_from(values)
        return above / below if below else None


def directories(stream: BinaryIO, size: int) -> Iterator[Directory]:
    """Yield the image file directories of an open file, in order.

    Parameters
    ----------
    size
        Bytes that the file has.

    Raises
    ------
    ValueError
        If the file is no TIFF, or a directory is not where the file says.
    """
    stream.seek(0)
    magic = stream.read(4)
    if magic not in MAGICS:
        msg = f"expected a TIFF signature, one of {list(MAGICS)}, found {magic!r}"
        raise ValueError(msg)
    order, big = MAGICS[magic]
    stream.seek(8 if big else 4)
    offset = _number(stream, f"{order}{'Q' if big else 'I'}")
    seen: set[int] = set()
    while offset and offset not in seen and len(seen) < MOST_PAGES:
        seen.add(offset)
        if offset >= size:
            msg = f"expected a directory at byte {offset}, but the file ends at {size}"
            raise ValueError(msg)
        stream.seek(offset)
        entries = _entries(stream, order, big=big)
        following = stream.read(8 if big else 4)
        yield Directory(byte_order=order, file_size=size, entries=entries)
        offset = int.from_bytes(following, "little" if order == "<" else "big")


def _entries(stream: BinaryIO, order: str, *, big: bool) -> dict[int, Entry]:
    count = _number(stream, f"{order}{'Q' if big else 'H'}")
    if count > MOST_ENTRIES:
        msg = f"expected at most {MOST_ENTRIES} tags in a directory, found {count}"
        raise ValueError(msg)
    layout = struct.Struct(f"{order}HH{'Q8s' if big else 'I4s'}")
    start = stream.tell()
    block = stream.read(count * layout.size)
    # A directory that the end of the file cuts off still tells what it holds.
    whole = block[: len(block) // layout.size * layout.size]
    entries: dict[int, Entry] = {}
    for index, (tag, type_, number, field) in enumerate(layout.iter_unpack(whole)):
        inline = start + (index + 1) * layout.size - len(field)
        entry = Entry(type=type_, count=number, offset=inline)
        if entry.size > len(field):
            there = int.from_bytes(field, "little" if order == "<" else "big")
            entry = Entry(type=type_, count=number, offset=there)
        entries.setdefault(tag, entry)
    return entries


def _number(stream: BinaryIO, code: str) -> int:
    found = stream.read(struct.calcsize(code))
    if len(found) < struct.calcsize(code):
        msg = f"expected a directory, but the file ends at byte {stream.tell()}"
        raise ValueError(msg)
    (number,) = struct.unpack(code, found)
    return int(number)
