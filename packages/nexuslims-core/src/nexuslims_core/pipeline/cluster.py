"""Grouping files into acquisition activities, by the gaps between their times.

The times of the files are smoothed by a Gaussian kernel density whose bandwidth suits
them best: of 35 candidates between the smallest and the largest gap, the one under
which each file is most likely given all the others. The valleys of the density part
activities. `sensitivity` divides the bandwidth: larger values make more activities.
"""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np

from nexuslims_core.pipeline.density import (
    NEAR,
    Array,
    Exponential,
    Indices,
    leave_one_out,
    log_density,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

    from nexuslims_core.model.files import DataFile

CANDIDATES = 35
"""Bandwidths that compete."""
SAMPLES_PER_TIME = 10
"""Places per file at which the density is looked at for valleys."""
_ROUNDING = 1e-14
"""Relative differences of log-densities that arithmetic, not files, may have made."""


def cluster(
    files: Sequence[DataFile], sensitivity: float
) -> tuple[tuple[DataFile, ...], ...]:
    """Group `files` into activities, each ordered by time, then path.

    Parameters
    ----------
    files
        Files of one session, in any order.
    sensitivity
        Divisor of the bandwidth; 0 puts everything into one activity.
    """
    if not files:
        return ()
    ordered = sorted(files, key=lambda file: (file.mtime_ns, file.path.as_posix()))
    times = np.array([file.mtime_ns / 10**9 for file in ordered])
    activity = np.searchsorted(boundaries(times, sensitivity), times, side="left")
    edges = [0, *(np.flatnonzero(np.diff(activity)) + 1).tolist(), len(ordered)]
    return tuple(tuple(ordered[start:stop]) for start, stop in pairwise(edges))


def boundaries(times: Array, sensitivity: float, exp: Exponential = np.exp) -> Array:
    """Return the moments, ascending, that part activities.

    Parameters
    ----------
    times
        Modification times in seconds, in any order; one activity ends with the last
        time that is not later than a boundary.
    sensitivity
        As for `cluster`.
    exp
        The exponential function; anything that wraps it may count its work.
    """
    unique = np.unique(times)
    if sensitivity == 0 or unique.size < 2:  # noqa: PLR2004 - a gap has two sides
        return np.empty(0)
    samples = np.linspace(unique[0], unique[-1], SAMPLES_PER_TIME * unique.size)
    # Seconds since the epoch leave seven digits; differences to the first are exact.
    points = unique - unique[0]
    bandwidth = best_bandwidth(points, exp) / sensitivity
    valleys = _valleys(points, bandwidth, samples - unique[0], exp)
    return np.asarray(samples[valleys])


def best_bandwidth(points: Array, exp: Exponential = np.exp) -> float:
    """Return the candidate under which the points are most likely, left out in turn.

    Parameters
    ----------
    points
        Two or more times, ascending, each once.
    exp
        As for `boundaries`.
    """
    gaps = np.diff(points)
    candidates = np.logspace(
        np.log(gaps.min()), np.log(gaps.max()), CANDIDATES, base=np.e
    )
    scores = [leave_one_out(points, float(width), exp) for width in candidates]
    return float(candidates[int(np.argmax(scores))])


def _valleys(
    points: Array, bandwidth: float, samples: Array, exp: Exponential
) -> Indices:
    """Return which samples are lower than both their neighbours, ascending.

    Differences that rounding may have made do not count: the ripples of a flat stretch
    part nothing, and neither does a valley whose two lowest samples are level.
    """
    telling = _telling(points, bandwidth, samples, exp)
    height = log_density(points, bandwidth, samples[telling], exp)
    step = np.diff(height)
    level = _ROUNDING * np.maximum(1.0, np.abs(height[1:]))
    lowest = (step[:-1] < -level[:-1]) & (step[1:] > level[1:])
    return np.asarray(telling[1:-1][lowest])


def _telling(
    points: Array, bandwidth: float, samples: Array, exp: Exponential
) -> Indices:
    """Return the samples, ascending, without which no valley can be missed.

    Left out are the slopes of the valleys in gaps much wider than the bandwidth. Of
    those the foot is found by bisection, as the density there is convex.
    """
    right = np.searchsorted(points, samples).clip(1, points.size - 1)
    nearest = np.minimum(samples - points[right - 1], points[right] - samples)
    far = nearest > NEAR * bandwidth
    # A stretch lies within one gap; between two gaps there need be no near sample.
    edge = np.diff(right) != 0
    starts = np.flatnonzero(far & np.append(True, edge | ~far[:-1]))
    ends = np.flatnonzero(far & np.append(edge | ~far[1:], True))
    feet = _feet(points, bandwidth, samples, (starts, ends), exp)
    around = [(feet - 1).clip(starts), feet, (feet + 1).clip(None, ends)]
    return np.unique(np.concatenate([np.flatnonzero(~far), starts, ends, *around]))


def _feet(
    points: Array,
    bandwidth: float,
    samples: Array,
    stretches: tuple[Indices, Indices],
    exp: Exponential,
) -> Indices:
    """Return the first lowest sample of each stretch over which density is convex."""
    low, high = (edge.copy() for edge in stretches)
    while (open_ := np.flatnonzero(low < high)).size:
        middle = (low[open_] + high[open_]) // 2
        pairs = np.stack([middle, middle + 1], axis=1)
        height = log_density(points, bandwidth, samples[pairs.ravel()], exp)
        rises = height[1::2] >= height[0::2]
        high[open_] = np.where(rises, middle, high[open_])
        low[open_] = np.where(rises, low[open_], middle + 1)
    return low
