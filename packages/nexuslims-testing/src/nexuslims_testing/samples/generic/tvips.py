"""Streams of TVIPS's EM-Recorder: a header, then frames that each have one.

Layout: the reverse-engineered description in RosettaSciIO's documentation.
"""

from __future__ import annotations

import struct
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

    import numpy as np

FRAME_HEADER = struct.Struct("<4IfI I5f I2f")
DIFFRACTION = 2


def write_tvips(
    path: Path,
    frames: np.ndarray,
    *,
    kilovolts: int = 200,
    magnification: int = 80,
    seconds: int = 1_600_000_000,
) -> None:
    """Write a stream of one file.

    Parameters
    ----------
    path
        Its name must end in ``_000.tvips``.
    frames
        Frames, rows and columns; 16 bits.
    seconds
        When the first frame was taken, since 1970; the others follow by a tenth.
    """
    _, rows, columns = frames.shape
    header = struct.pack(
        "<13I204s",
        *(256, 2, columns, rows, 16, 0, 0, 1, 1, 14_000),
        *(kilovolts, magnification, FRAME_HEADER.size, b"TVIPS " * 34),
    )
    with path.open("wb") as stream:
        stream.write(header)
        for index, frame in enumerate(frames):
            whole, tenths = divmod(index, 10)
            place = (whole + seconds, tenths * 100, 0, 0.0, 60, DIFFRACTION)
            stage = (1.0, 2.0, 3.0, 4.0, 5.0)
            stream.write(FRAME_HEADER.pack(index, *place, *stage, index, 0.0, 0.5))
            stream.write(frame.astype("<u2").tobytes())
