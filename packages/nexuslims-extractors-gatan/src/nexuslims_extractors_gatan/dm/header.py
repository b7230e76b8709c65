"""How a DigitalMicrograph file begins.

Its layout is described by Greg Jefferis (DM3) and Bernd Gamm (DM4): a version, the
length of what follows, whether values are little-endian, and a group of tags. All of
this is big-endian, whatever the values are.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from nexuslims_core.types import DataFile

LAYOUTS = {3: struct.Struct(">iIi2Bi"), 4: struct.Struct(">iQi2Bq")}
"""By version: itself, length, byte order, two flags of the first group, its tags."""

FLAGS = (0, 1)
MOST_TAGS = 10_000
"""In the first group; there are about 20."""


@dataclass(frozen=True, kw_only=True)
class Header:
    """What the first bytes of a file say."""

    version: int
    size: int
    """Bytes that the file should have; some zeros follow, which nothing counts."""


def read_header(head: bytes) -> Header | None:
    """Return the header in the first bytes of a file; `None` if there is none."""
    layout = LAYOUTS.get(int.from_bytes(head[:4], "big"))
    if layout is None or len(head) < layout.size:
        return None
    version, length, little, is_sorted, is_open, tags = layout.unpack_from(head)
    flags = {little, is_sorted, is_open}
    if not flags.issubset(FLAGS) or not length or not 0 < tags <= MOST_TAGS:
        return None
    before = struct.calcsize(">iIi" if version == min(LAYOUTS) else ">iQi")
    return Header(version=version, size=before + length)


def is_dm(file: DataFile) -> bool:
    """Tell whether a file begins as a DigitalMicrograph file does."""
    try:
        return read_header(file.head) is not None
    except OSError:
        return False
