"""Files of any size that take no place: their pixels are holes."""

from __future__ import annotations

import os
import struct
from typing import TYPE_CHECKING, Any

import numpy as np
from nexuslims_testing.samples.dm import Image, dm_bytes, document
from nexuslims_testing.samples.generic.mrc import mrc_bytes

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

MARK = np.array([0x1234, 0x4321, 0x1234, 0x4321], np.uint16)
MICROSCOPE = {"Microscope Info": {"Voltage": 2e5}}
SPECTRA = {**MICROSCOPE, "Meta Data": {"Format": "Spectrum image", "Signal": "EELS"}}


def write_stack(path: Path, size: int) -> None:
    """Write a DM4 stack of images, of about `size` bytes."""
    side = 2048 if size >= 64 << 20 else 512
    _write_dm4(path, (max(size // (2 * side**2), 2), side, side), MICROSCOPE)


def write_spectrum_image(path: Path, size: int) -> None:
    """Write a DM4 spectrum image, of about `size` bytes; energy varies slowest."""
    side = 1024 if size >= 64 << 20 else 64
    _write_dm4(path, (max(size // (2 * side**2), 2), side, side), SPECTRA)


def write_volume(path: Path, size: int) -> None:
    """Write an MRC volume of about `size` bytes."""
    side = max(round((size / 4) ** (1 / 3)), 2)
    head = bytearray(mrc_bytes(np.zeros((1, 1, 1), np.float32))[:1024])
    for place in (0, 28):
        struct.pack_into("<3i", head, place, side, side, side)
    struct.pack_into("<3f", head, 40, side, side, side)
    with path.open("wb") as stream:
        stream.write(head)
        stream.truncate(len(head) + 4 * side**3)


def _write_dm4(path: Path, shape: tuple[int, ...], tags: Mapping[str, Any]) -> None:
    image = Image(pixels=MARK, shape=shape, tags=dict(tags))
    content = dm_bytes(document([image]), version=4)
    before, after = content.split(MARK.tobytes())
    # Ahead of the pixels stands their number, in eight bytes.
    count = struct.pack(">q", int(np.prod(shape, dtype=np.int64)))
    with path.open("wb") as stream:
        stream.write(before[: -len(count)] + count)
        stream.seek(int(np.prod(shape, dtype=np.int64)) * 2, os.SEEK_CUR)
        stream.write(after)
