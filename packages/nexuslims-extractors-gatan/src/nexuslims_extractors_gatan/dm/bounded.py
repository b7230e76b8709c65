"""RosettaSciIO's reader of tags, kept within the bounds of the file.

The library believes every count that a file has. In a damaged file these can be of any
size, and it would read for hours or fill the memory. This reader looks first whether
the file has that many bytes left, and does not read long arrays that are no pixels.

The library's class is not part of its public interface, which would parse the tags once
more for every other question and refuses colours; it has been as it is since DM4 came.

A file has a thousand tags or more, and the library reads each number by itself. What
every tag begins with, and structures, are read at once here, in half the time.
"""

from __future__ import annotations

import struct
from functools import lru_cache
from typing import TYPE_CHECKING, Any

import numpy as np

from nexuslims_extractors_gatan.dm.rosetta import DigitalMicrographReader

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from typing import BinaryIO

STRUCT, TEXT, STRING = 15, 4, 18
"""Types of values: a structure, UTF-16 text (unsigned short), a string of bytes."""

NUMBERS = {
    2: "i2",
    3: "i4",
    5: "u4",
    6: "f4",
    7: "f8",
    8: "u1",
    9: "i1",
    10: "i1",
    11: "i8",
    12: "u8",
}
"""Types of numbers with NumPy's names."""

LETTERS = {2: "h", 3: "l", 4: "H", 5: "L", 6: "f", 7: "d", 11: "q", 12: "Q"}
"""Types of numbers that structures have, with names as in `struct`."""

TYPES = (2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, STRUCT, STRING, 20)
"""Of all values; the last is an array."""

DELIMITER = b"%%%%"
"""Stands before the value of a tag."""

TAG_HEAD = struct.Struct(">bh")
"""Whether a tag is a group or a value, and the length of its name."""

MOST_LEVELS = 64
"""Of groups in groups; DigitalMicrograph has up to 15."""

MOST_FIELDS = 1000
"""In a structure; those of DigitalMicrograph have up to ten."""

MOST_BYTES = 64_000_000
"""Of an array that is read: one number for every pixel of 2828×2828."""

MOST_STRUCTURES = 1000
"""In an array that is read; the longest is a colour table of 256."""

SHORT = 16
"""Arrays up to that length become lists."""


# The library has no annotations; to mypy its class is anything.
class BoundedReader(DigitalMicrographReader):  # type: ignore[misc]
    """Reads the tags of a file into `tags_dict`, as far as it gets.

    Parameters
    ----------
    stream
        The file.
    size
        Its length, bytes.
    """

    def __init__(self, stream: BinaryIO, size: int) -> None:
        super().__init__(stream)
        self._size = size
        self._level = 0
        # The library makes a table of them for each value.
        reader = super().get_data_reader
        self._readers: dict[int, tuple[Any, int | None, str]] = {
            one: reader(one) for one in TYPES
        }

    def get_data_reader(self, enc_dtype: int) -> tuple[Any, int | None, str]:
        """Return what reads a value of a type, its bytes, and its name."""
        return self._readers[enc_dtype]

    def parse_tag_header(self) -> dict[str, Any]:
        """Return whether a tag is a group or a value, and its name."""
        kind, length = TAG_HEAD.unpack(self._bytes(TAG_HEAD.size))
        return {
            "tag_id": kind,
            "tag_name_length": length,
            "tag_name": _text(self._bytes(length)),
        }

    def check_data_tag_delimiter(self) -> None:
        """Go on to the value of a tag."""
        self.skipif4(2)
        if (found := self._bytes(len(DELIMITER))) != DELIMITER:
            msg = f"expected {DELIMITER!r} before a value, found {found!r}"
            raise ValueError(msg)

    def read_struct(
        self,
        definition: Sequence[int],
        skip: bool = False,  # noqa: FBT001, FBT002 - the library's signature
    ) -> Any:  # noqa: ANN401 - numbers, or where they are
        """Return the fields of a structure."""
        layout = _layout(tuple(definition), self.endian)
        if skip or layout is None:
            return super().read_struct(definition, skip=skip)
        return layout.unpack(self._bytes(layout.size))

    def parse_tags(
        self,
        ntags: int,
        group_name: str = "root",
        group_dict: dict[str, Any] | None = None,
    ) -> None:
        """Read the tags of a group into a dictionary."""
        self._level += 1
        if self._level > MOST_LEVELS:
            msg = f"expected groups of up to {MOST_LEVELS} levels, found more"
            raise ValueError(msg)
        super().parse_tags(ntags, group_name, group_dict)
        self._level -= 1

    def parse_struct_definition(self) -> tuple[int, ...]:
        """Return the types of a structure's fields."""
        self.read_l_or_q(self.f, "big")
        number = self.read_l_or_q(self.f, "big")
        if not 0 < number <= MOST_FIELDS:
            msg = f"expected a structure of some fields, found {number}"
            raise ValueError(msg)
        pairs = [self.read_l_or_q(self.f, "big") for _ in range(2 * number)]
        return tuple(pairs[1::2])

    def read_string(
        self,
        length: int,
        skip: bool = False,  # noqa: FBT001, FBT002 - the library's signature
    ) -> Any:  # noqa: ANN401 - text, or where it is
        """Return a string of bytes as text."""
        self._require(length, 1)
        if skip:
            return super().read_string(length, skip=True)
        return _text(self.f.read(length))

    def read_array(
        self,
        size: int,
        enc_eltype: int,
        extra: Mapping[str, Any] | None = None,
        skip: bool = False,  # noqa: FBT001, FBT002 - the library's signature
    ) -> Any:  # noqa: ANN401 - text, numbers, tuples, or where pixels are
        """Return an array, or a sentence where it is too long for metadata."""
        width = self._width(enc_eltype, extra or {})
        self._require(size, width)
        if skip:
            return super().read_array(size, enc_eltype, extra, skip=True)
        limit = MOST_STRUCTURES * width if extra else MOST_BYTES
        if size * width > limit:
            self.f.seek(size * width, 1)
            return f"array of {size} values, not read"
        if enc_eltype == TEXT:
            return self._text(size)
        if enc_eltype in NUMBERS and not extra:
            return self._numbers(size, enc_eltype)
        return super().read_array(size, enc_eltype, extra)

    def _text(self, length: int) -> str:
        encoding = "utf-16-le" if self.endian == "little" else "utf-16-be"
        text: str = self.f.read(2 * length).decode(encoding, errors="replace")
        return text

    def _numbers(self, length: int, type_: int) -> np.ndarray | list[Any]:
        order = "<" if self.endian == "little" else ">"
        dtype = np.dtype(order + NUMBERS[type_])
        numbers = np.frombuffer(self.f.read(length * dtype.itemsize), dtype)
        if length <= SHORT:
            return list(numbers.tolist())
        return numbers.astype(dtype.newbyteorder("="))

    def _bytes(self, number: int) -> bytes:
        """Return the next few bytes."""
        content: bytes = self.f.read(max(0, number))
        if len(content) != number:
            self._require(number - len(content), 1)
        return content

    def _width(self, type_: int, extra: Mapping[str, Any]) -> int:
        """Return the bytes of one element of an array."""
        if type_ == STRUCT:
            return self._sum(extra["definition"])
        if type_ == STRING:
            return int(extra["length"])
        return int(self.get_data_reader(type_)[1] or 0)

    def _sum(self, types: Sequence[int]) -> int:
        return sum(self._width(one, {}) for one in types)

    def _require(self, number: int, width: int) -> None:
        """Raise if the file has not that many elements left from here."""
        here = self.f.tell()
        left = self._size - here
        if number < 0 or width < 0 or (number and not width) or number * width > left:
            msg = (
                f"expected {number} values of {width} bytes at byte {here}, where the "
                f"file has {left} bytes left"
            )
            raise EOFError(msg)


def _text(content: bytes) -> str:
    try:
        return content.decode("utf-8")
    except UnicodeDecodeError:
        return content.decode("latin-1")


@lru_cache(maxsize=256)
def _layout(types: tuple[int, ...], endian: str) -> struct.Struct | None:
    """Return how a structure lies in a file; `None` if that is the library's matter."""
    if not all(one in LETTERS for one in types):
        return None
    order = "<" if endian == "little" else ">"
    return struct.Struct(order + "".join(LETTERS[one] for one in types))
