"""Images of Semper: unformatted Fortran records, each with its length on both sides."""

from __future__ import annotations

import struct
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

    import numpy as np

FORMS = {"u1": 0, "i2": 1, "f4": 2, "c8": 3, "i4": 4}


def record(content: bytes) -> bytes:
    """Return a record with its length before and after it."""
    length = struct.pack("<i", len(content))
    return length + content + length


def write_semper(path: Path, pixels: np.ndarray, *, title: str = "") -> None:
    """Write an image without label."""
    rows, columns = pixels.shape
    form = FORMS[f"{pixels.dtype.kind}{pixels.dtype.itemsize}"]
    flag = 20_000 + len(title)
    parts = [record(struct.pack("<6h", columns, rows, 1, 1, form, flag))]
    parts += [record(title.encode())] if title else []
    little = pixels.dtype.newbyteorder("<")
    parts += [record(row.astype(little).tobytes()) for row in pixels]
    path.write_bytes(b"".join(parts))
