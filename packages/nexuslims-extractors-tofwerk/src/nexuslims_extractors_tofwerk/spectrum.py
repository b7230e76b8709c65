"""The sum of all spectra as it is drawn: over evenly spaced masses, with labels."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from nexuslims_core.types import Annotation, Axis

from nexuslims_extractors_tofwerk.ions import ion_label

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from nexuslims_extractors_tofwerk.source import Peak

POINTS = 4096
"""Masses of the drawn spectrum; a picture has fewer columns."""

LEAST_MASS, LEAST_DISTANCE = 5.0, 2.0
"""In Da: from which mass on peaks are labelled, and how far apart."""

LEAST_HEIGHT = 1e-3
"""Part of the highest peak's height that a peak must have to be labelled."""

MOST_LABELS = 16

NEIGHBOURS = 2
"""Neighbouring points that a peak is not lower than."""


@dataclass(frozen=True, kw_only=True)
class Spectrum:
    """Counts over evenly spaced masses."""

    counts: np.ndarray
    axis: Axis


def even(masses: np.ndarray, counts: np.ndarray) -> Spectrum | None:
    """Return a spectrum over even masses; `None` where masses make no axis.

    Times of flight are even, masses grow with their square: several channels at low
    masses are one point, which gets the highest; at high masses points lie between
    channels and are interpolated.
    """
    known = np.isfinite(masses) & np.isfinite(counts)
    masses, counts = masses[known], counts[known]
    if masses.size <= 1 or not np.ptp(masses) > 0:
        return None
    order = np.argsort(masses, kind="stable")
    masses, counts = masses[order], counts[order]
    size = min(POINTS, masses.size)
    scale = float(np.ptp(masses)) / (size - 1)
    places = np.clip(np.rint((masses - masses[0]) / scale), 0, size - 1).astype(int)
    drawn = np.interp(masses[0] + scale * np.arange(size), masses, counts)
    np.maximum.at(drawn, places, counts)
    axis = Axis(name="m/z", size=size, scale=scale, offset=float(masses[0]), unit="Da")
    return Spectrum(counts=drawn, axis=axis)


def labels(spectrum: Spectrum, *, negative: bool) -> tuple[Annotation, ...]:
    """Return the labels of the highest peaks, at their places along the axis."""
    chosen: list[int] = []
    distance = LEAST_DISTANCE / spectrum.axis.scale
    for index in _peaks(spectrum):
        if all(abs(index - other) >= distance for other in chosen):
            chosen.append(index)
        if len(chosen) == MOST_LABELS:
            break
    return tuple(
        Annotation(
            kind="text",
            points=((float(index), float(spectrum.counts[index])),),
            text=peak_name(_mass(spectrum.axis, index), negative=negative),
        )
        for index in sorted(chosen)
    )


def _peaks(spectrum: Spectrum) -> Iterator[int]:
    """Yield where local maxima are, the highest first."""
    counts = spectrum.counts
    padded = np.pad(counts, NEIGHBOURS, mode="edge")
    windows = np.lib.stride_tricks.sliding_window_view(padded, 2 * NEIGHBOURS + 1)
    least = LEAST_HEIGHT * float(counts.max())
    masses = spectrum.axis.offset + spectrum.axis.scale * np.arange(counts.size)
    highest = (counts >= windows.max(axis=1)) & (counts > windows.min(axis=1))
    (places,) = np.nonzero(highest & (counts > least) & (masses >= LEAST_MASS))
    yield from places[np.argsort(-counts[places], kind="stable")].tolist()


def _mass(axis: Axis, index: int) -> float:
    return axis.offset + axis.scale * index


def peak_name(mass: float, *, negative: bool) -> str:
    """Return the ion that a peak is of, or its mass."""
    return ion_label(mass, negative=negative) or f"{mass:.1f}"


def ranked(peaks: Sequence[Peak], masses: np.ndarray, counts: np.ndarray) -> list[int]:
    """Return the indices of the peak table, that with most counts in its range first.

    Peaks below `LEAST_MASS` come last: they are noise of the start signal. Without
    counts the order is that of the table.
    """

    def key(index: int) -> float:
        one = peaks[index]
        if one.mass < LEAST_MASS:
            return 1.0
        inside = (masses >= one.lower) & (masses <= one.upper)
        return -float(counts[inside].sum()) if counts.size else 0.0

    return sorted(range(len(peaks)), key=key)
