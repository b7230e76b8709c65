"""Files as disks, networks and interrupted programs leave them; same for same seed."""

from __future__ import annotations

import random
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

TRUNCATIONS, FLIPS = 20, 200
"""How many damaged copies of a sample are tried."""

MOST_BYTES_FLIPPED = 8

EDGE = 4096
"""Bytes at each end of a file, where headers and directories are: every second
flipped byte is one of them."""


def truncated(content: bytes, seed: int = 20) -> Iterator[tuple[str, bytes]]:
    """Yield `content` cut off at random places, with a description."""
    source = random.Random(seed)  # noqa: S311 - reproducible, not secret
    for _ in range(TRUNCATIONS):
        length = source.randrange(len(content))
        yield f"truncated to {length} of {len(content)} bytes", content[:length]


def flipped(content: bytes, seed: int = 200) -> Iterator[tuple[str, bytes]]:
    """Yield `content` with a few random bytes changed, with a description."""
    source = random.Random(seed)  # noqa: S311 - reproducible, not secret
    size = len(content)
    for _ in range(FLIPS):
        damaged = bytearray(content)
        places = [
            _place(source, size) for _ in range(source.randint(1, MOST_BYTES_FLIPPED))
        ]
        for place in places:
            damaged[place] ^= source.randint(1, 255)
        yield f"with other bytes at {sorted(places)}", bytes(damaged)


def _place(source: random.Random, size: int) -> int:
    if source.random() < 0.5 or size <= 2 * EDGE:  # noqa: PLR2004 - every second
        return source.randrange(size)
    place = source.randrange(2 * EDGE)
    return place if place < EDGE else size - 1 - (place - EDGE)


FOREIGN: Mapping[str, bytes] = {
    "empty": b"",
    "one byte": b"I",
    "text": b"HV=15 kV\nThis is a note that somebody kept beside the data.\n" * 40,
    "zeros": bytes(5000),
    "random": random.Random(1).randbytes(20_000),  # noqa: S311 - reproducible
    "ZIP": b"PK\3\4" + bytes(26),
    "PNG": b"\x89PNG\r\n\x1a\n" + bytes(100),
    "HDF5 signature": b"\x89HDF\r\n\x1a\n" + bytes(100),
    "TIFF without directory": b"II*\0\0\0\0\0",
    "TIFF whose directory is missing": b"II*\0\xf0\xff\xff\xff" + bytes(100),
    "TIFF whose directory is a ring": b"MM\0*\0\0\0\x08\0\0\0\0\0\x08" + bytes(100),
    "BigTIFF without directory": b"II+\0\x08\0\0\0" + bytes(8),
}
"""Files of no microscope, by description."""
