"""X-ray spectrum images, which are streams: the channel of each count, pixel by pixel.

A mark ends each pixel. Streams are read once, block by block, so that the memory needed
is that of a spectrum, a map and a block, however long they are.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt
from nexuslims_core.reading.guard import drawing

from nexuslims_extractors_fei.velox.contents import opened

if TYPE_CHECKING:
    import h5py
    from nexuslims_core.types import DataFile

NEXT_PIXEL = 65535
"""What stands in a stream in place of a channel when the beam moves on."""

BLOCK = 1 << 20
"""Values that are read at a time."""

MOST_VALUES = 1 << 26
"""Values that are read of a stream for a preview, which takes a few seconds."""


@dataclass(frozen=True, kw_only=True)
class Sums:
    """The counts of all detectors, by channel and by pixel."""

    spectrum: npt.NDArray[np.int64]
    map: npt.NDArray[np.int64]


@dataclass(frozen=True)
class Streams:
    """Streams of several detectors at the same pixels."""

    file: DataFile
    paths: tuple[str, ...]
    """Where they are in the file."""
    channels: int
    shape: tuple[int, int]
    """Rows and columns."""
    cut: bool = False
    """Whether one is too long to be read for a preview, but for its beginning."""

    @cached_property
    def sums(self) -> Sums:
        """Return what the streams add up to; reads them at the first call.

        Raises
        ------
        PreviewError
            If they cannot be read.
        """
        spectrum = np.zeros(self.channels, np.int64)
        pixels = np.zeros(self.shape[0] * self.shape[1], np.int64)
        with drawing(self.file), opened(self.file.path) as tree:
            for path in self.paths:
                add_stream(tree[path], spectrum, pixels)
        return Sums(spectrum=spectrum, map=pixels.reshape(self.shape))


def add_stream(
    stream: h5py.Dataset | npt.NDArray[Any],
    spectrum: npt.NDArray[np.int64],
    pixels: npt.NDArray[np.int64],
) -> None:
    """Add the counts of a stream to those of a spectrum and of a map, in place.

    Frames follow each other; those after the first begin again at the first pixel.
    """
    passed = 0
    end = min(int(stream.shape[0]), MOST_VALUES)
    for start in range(0, end, BLOCK):
        block = np.asarray(stream[start : min(start + BLOCK, end), 0])
        marks = block == NEXT_PIXEL
        places = (passed + np.cumsum(marks))[~marks] % len(pixels)
        channels = block[~marks]
        known = channels < len(spectrum)
        spectrum += np.bincount(channels[known], minlength=len(spectrum))
        pixels += np.bincount(places, minlength=len(pixels))
        passed += int(np.count_nonzero(marks))
