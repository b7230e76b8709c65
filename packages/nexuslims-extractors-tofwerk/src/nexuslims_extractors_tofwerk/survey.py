"""Maps and profiles, summed up write by write: files are larger than memory."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
from nexuslims_core.errors import ExtractionError, PreviewError

from nexuslims_extractors_tofwerk.events import DESCRIPTOR, event_counts
from nexuslims_extractors_tofwerk.source import EVENTS, opened

if TYPE_CHECKING:
    from collections.abc import Iterator

    from nexuslims_core.types import DataFile

    from nexuslims_extractors_tofwerk.source import Array

BLOCK_BYTES = 2**24
"""What is read at a time."""

MOST_BYTES = 2**29
"""What is read in all; of a larger array only every second write, or third..."""

LEAST_WRITES = 8
"""Writes that are read, however large they are."""

MOST_PIXELS = 2**24
"""A map with more of them is damage: a scan has some hundred lines."""


@dataclass(frozen=True, kw_only=True)
class Sums:
    """An array of every pixel, summed up."""

    total: np.ndarray
    """Counts of each pixel: lines, columns."""
    profile: np.ndarray
    """Counts of each write that was read."""
    maps: np.ndarray
    """Counts of each pixel for chosen peaks: lines, columns, peaks."""
    profiles: np.ndarray
    """Counts of each write that was read, for chosen peaks: peaks, writes."""


@dataclass(frozen=True)
class Survey:
    """What is to be summed up, and how; the sums are made once, when first asked for.

    Nothing larger than the sums and one block is ever in memory.
    """

    file: DataFile
    array: Array
    peaks: tuple[int, ...] = ()
    """Peaks to sum up on their own: indices along the last axis."""

    @property
    def step(self) -> int:
        """Of how many writes one is read."""
        writes = self.array.shape[0]
        affordable = max(LEAST_WRITES, MOST_BYTES // self._write_bytes)
        return math.ceil(writes / affordable)

    @property
    def writes(self) -> range:
        """The writes that are read."""
        return range(0, self.array.shape[0], self.step)

    @property
    def _row_bytes(self) -> int:
        events = self.array.path == EVENTS
        item = DESCRIPTOR.itemsize if events else self.array.dtype.itemsize
        return math.prod(self.array.shape[2:]) * item

    @property
    def _write_bytes(self) -> int:
        return self._row_bytes * self.array.shape[1]

    @cached_property
    def sums(self) -> Sums:
        """Sum the array up, over the writes that are read.

        Raises
        ------
        PreviewError
            If it cannot be read.
        """
        _, lines, columns = self.array.shape[:3]
        if lines * columns > MOST_PIXELS or self._row_bytes > MOST_BYTES:
            raise PreviewError(f"{self.array.path} is too large: {self.array.shape}")
        chosen = len(self.peaks)
        sums = Sums(
            total=np.zeros((lines, columns)),
            profile=np.zeros(len(self.writes)),
            maps=np.zeros((lines, columns, chosen)),
            profiles=np.zeros((chosen, len(self.writes))),
        )
        try:
            with opened(self.file) as stream:
                for place, rows, block in self._blocks(stream[self.array.path]):
                    self._add(sums, place, rows, block)
        except ExtractionError as error:
            raise PreviewError(str(error)) from error
        return sums

    def _blocks(self, dataset: Any) -> Iterator[tuple[int, slice, np.ndarray]]:  # noqa: ANN401 - h5py
        """Yield counts by blocks of lines, with which of the writes they belong to.

        Events are counted for whole writes.
        """
        lines = self.array.shape[1]
        height = max(1, BLOCK_BYTES // self._row_bytes)
        for place, write in enumerate(self.writes):
            if self.array.path == EVENTS:
                counts = event_counts(dataset, self.file.path, write)
                yield place, slice(None), counts[..., None]
                continue
            for first in range(0, lines, height):
                rows = slice(first, min(first + height, lines))
                yield place, rows, dataset[write, rows]

    def _add(self, sums: Sums, place: int, rows: slice, block: np.ndarray) -> None:
        total = block.sum(axis=-1, dtype=np.float64)
        sums.total[rows] += total
        sums.profile[place] += total.sum()
        if self.peaks:
            chosen = block[..., list(self.peaks)].astype(np.float64)
            sums.maps[rows] += chosen
            sums.profiles[:, place] += chosen.sum(axis=(0, 1))
