r"""Gaussian kernel density on a line, in near-linear time and to full precision.

The density that `n` points give at a place `t` is, for a bandwidth `h`,

.. math:: f(t) = \frac{1}{n h \sqrt{2\pi}} \sum_i e^{-(t - x_i)^2 / 2 h^2} .

Summing it as it stands costs `n` kernels per target. Three facts make it cheap without
giving up relative precision, neither inside dense bursts nor between them.

*Few points matter.* With the nearest point at distance `d`, points further away than
:math:`\sqrt{d^2 + c h^2}` add less than :math:`e^{-c/2}` of what the nearest one adds.
`c` is chosen so that all of them together stay below the rounding error.

*Sums of Gaussians are smooth.* The line is cut into panels one bandwidth wide. On one
panel a polynomial through `NODES` Chebyshev nodes reproduces any Gaussian to rounding
error. So where a panel holds more targets than nodes, the sum is evaluated at the nodes
and interpolated; and where it holds more points than nodes, the points are replaced by
weights at the nodes, which are the transposed interpolation. The number of kernels per
panel is bounded, whatever the number of points in it.

*Isolation is rare or convex.* Both hold for targets with a point within `NEAR`
bandwidths. Farther away the sum is tiny and varies over many powers of ten within a
panel: it is evaluated point by point, relative to its largest term. Of `n` points only
a few can see the same neighbours from afar, so leaving one out stays cheap. For other
targets that far from all points the density is convex (each Gaussian is, beyond one
bandwidth), which allows callers to bisect instead of asking for all of them.

Positions of nodes are kept as an anchor and an offset in bandwidths, because a
bandwidth may be as small as the resolution of the numbers that the points are kept in.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

if TYPE_CHECKING:
    from collections.abc import Iterator

Array = npt.NDArray[np.float64]
Indices = npt.NDArray[np.intp]
Exponential = Callable[[Array], Array]

NODES = 16
"""Interpolation nodes per panel: its error, 1/(2^31 √16!), is the rounding error."""
NEAR = 3.0
"""Bandwidths within which a target needs a point to be served by panels."""
FEW = 40
"""Points up to which it is quicker to sum all kernels than to find those needed."""
_LOG_ROUNDING = 37.0
"""-log(2^-53), rounded up."""
_PAIRS_AT_ONCE = 1 << 19
"""Kernels evaluated in one go; bounds the memory, and fits into caches."""


def log_density(
    points: Array, bandwidth: float, targets: Array, exp: Exponential = np.exp
) -> Array:
    """Return the logarithm of the density of `points` at `targets`.

    Parameters
    ----------
    points
        Positions, ascending, each once.
    bandwidth
        Standard deviation of the kernel, in the unit of the points.
    targets
        Where to evaluate, ascending. Far from all points each costs on its own.
    exp
        The exponential function; anything that wraps it may count its work.
    """
    kernel = _Kernel(bandwidth=bandwidth, exp=exp)
    right = np.searchsorted(points, targets)
    after = points[np.minimum(right, points.size - 1)]
    before = points[np.maximum(right - 1, 0)]
    nearest = np.minimum(np.abs(targets - before), np.abs(after - targets))
    near = nearest <= NEAR * bandwidth
    result = np.empty_like(targets)
    result[near] = np.log(_near_sums(points, targets[near], kernel))
    ends = (right[~near], right[~near])
    result[~near] = _far_logs(points, targets[~near], nearest[~near], ends, kernel)
    result -= math.log(points.size * bandwidth * math.sqrt(2 * math.pi))
    return result


def leave_one_out(points: Array, bandwidth: float, exp: Exponential = np.exp) -> float:
    """Return the log-likelihood of each point under the density of the others, summed.

    Parameters
    ----------
    points
        Two or more positions, ascending, each once.
    bandwidth, exp
        As for `log_density`.
    """
    norm = math.log((points.size - 1) * bandwidth * math.sqrt(2 * math.pi))
    if points.size <= FEW:
        return float(_others(points, bandwidth, exp).sum()) - points.size * norm
    kernel = _Kernel(bandwidth=bandwidth, exp=exp)
    gaps = np.diff(points)
    nearest = np.minimum(np.append(np.inf, gaps), np.append(gaps, np.inf))
    near = nearest <= NEAR * bandwidth
    # A point's own kernel is 1, and those of near neighbours are not much smaller:
    # subtracting it costs less than two digits.
    others = _near_sums(points, points[near], kernel) - 1.0
    alone = np.flatnonzero(~near)
    ends = (alone, alone + 1)
    logs = _far_logs(points, points[alone], nearest[alone], ends, kernel)
    return float(np.log(others).sum() + logs.sum()) - points.size * norm


def _others(points: Array, bandwidth: float, exp: Exponential) -> Array:
    """Return for each point the log-sum of the kernels of all others, as it stands."""
    exponents = -0.5 * ((points[:, np.newaxis] - points) / bandwidth) ** 2
    np.fill_diagonal(exponents, -np.inf)
    largest = exponents.max(axis=1)
    sums = exp(exponents - largest[:, np.newaxis]).sum(axis=1)
    return np.asarray(np.log(sums) + largest)


@dataclass(frozen=True, kw_only=True)
class _Kernel:
    """A Gaussian, 1 at its centre."""

    bandwidth: float
    exp: Exponential


@dataclass(frozen=True, kw_only=True)
class _Places:
    """Places on the line, at ``anchor + offset * bandwidth``."""

    anchor: Array
    offset: Array


@dataclass(frozen=True, kw_only=True)
class _Sources(_Places):
    """Weighted kernels, sorted by the panel that each is in."""

    panel: Array
    weight: Array


@dataclass(frozen=True, kw_only=True)
class _Panels:
    """Sorted positions by panel; panels without any do not exist."""

    number: Array
    count: Indices

    @property
    def dense(self) -> npt.NDArray[np.bool_]:
        """Which panels hold more positions than there are nodes."""
        return self.count > NODES


def _far_logs(
    points: Array,
    targets: Array,
    nearest: Array,
    ends: tuple[Indices, Indices],
    kernel: _Kernel,
) -> Array:
    """Return log-sums of kernels.

    `ends` are the indices before which points left of the targets end, and at which
    those right of them begin.
    """
    reach = np.hypot(nearest, kernel.bandwidth * math.sqrt(2 * _cutoff(points.size)))
    reach *= 1 + 4 * np.finfo(float).eps  # the nearest point itself is never lost
    first = np.searchsorted(points, targets - reach)
    last = np.searchsorted(points, targets + reach, side="right")
    sources = _Sources(
        anchor=points,
        offset=np.zeros_like(points),
        panel=points,
        weight=np.ones_like(points),
    )
    places = _Places(anchor=targets, offset=np.zeros_like(targets))
    largest = 0.5 * (nearest / kernel.bandwidth) ** 2
    left, right = ends
    sums = _sums(places, largest, (first, left), sources, kernel)
    sums += _sums(places, largest, (right, last), sources, kernel)
    return np.log(sums) - largest


def _near_sums(points: Array, targets: Array, kernel: _Kernel) -> Array:
    """Return sums of kernels at targets that have a point within `NEAR` bandwidths."""
    bandwidth = kernel.bandwidth
    sources = _condensed(points, bandwidth)
    panels = _panels(targets, bandwidth)
    # Even the nearest kernel may be exp(-NEAR²/2) only.
    width = math.ceil(math.sqrt(NEAR**2 + 2 * _cutoff(points.size)))
    first = np.searchsorted(sources.panel, panels.number - width)
    last = np.searchsorted(sources.panel, panels.number + width, side="right")

    def evaluate(places: _Places, panel: Indices) -> Array:
        around = (first[panel], last[panel])
        shift = np.zeros_like(places.anchor)
        return _sums(places, shift, around, sources, kernel)

    owner = np.repeat(np.arange(panels.number.size), panels.count)
    crowded = panels.dense[owner]
    result = np.empty_like(targets)
    alone = targets[~crowded]
    places = _Places(anchor=alone, offset=np.zeros_like(alone))
    result[~crowded] = evaluate(places, owner[~crowded])
    at_nodes = evaluate(
        _node_places(panels.number[panels.dense] * bandwidth),
        np.repeat(np.flatnonzero(panels.dense), NODES),
    ).reshape(-1, NODES)
    row = (np.cumsum(panels.dense) - 1)[owner[crowded]]
    offset = _offsets(targets[crowded], panels.number[owner[crowded]], bandwidth)
    result[crowded] = _interpolated(at_nodes, row, offset)
    return result


def _condensed(points: Array, bandwidth: float) -> _Sources:
    """Return kernels that act like `points` from any place that is near to one."""
    panels = _panels(points, bandwidth)
    panel = np.repeat(panels.number, panels.count)
    crowded = np.repeat(panels.dense, panels.count)
    nodes = _node_places(panels.number[panels.dense] * bandwidth)
    basis = _lagrange(_offsets(points[crowded], panel[crowded], bandwidth))
    count = panels.count[panels.dense]
    weight = np.empty((0, NODES))
    if count.size:
        weight = np.add.reduceat(basis, np.cumsum(count) - count)
    alone = points[~crowded]
    number = np.append(panel[~crowded], np.repeat(panels.number[panels.dense], NODES))
    order = np.argsort(number, kind="stable")
    return _Sources(
        anchor=np.append(alone, nodes.anchor)[order],
        offset=np.append(np.zeros_like(alone), nodes.offset)[order],
        panel=number[order],
        weight=np.append(np.ones_like(alone), weight.ravel())[order],
    )


def _sums(
    places: _Places,
    shift: Array,
    around: tuple[Indices, Indices],
    sources: _Sources,
    kernel: _Kernel,
) -> Array:
    """Return ``exp(shift)`` times the sum of the sources `around` each place."""
    first, last = around
    count = np.maximum(last - first, 0)
    result = np.zeros_like(places.anchor)
    for part in _portions(count):
        size = count[part]
        begin = np.cumsum(size) - size
        pick = np.arange(size.sum()) + np.repeat(first[part] - begin, size)
        distance = sources.anchor[pick] - np.repeat(places.anchor[part], size)
        distance /= kernel.bandwidth
        distance += sources.offset[pick] - np.repeat(places.offset[part], size)
        terms = kernel.exp(np.repeat(shift[part], size) - 0.5 * distance * distance)
        terms *= sources.weight[pick]
        some = size > 0  # reduceat gives an empty portion its neighbour's first term
        if terms.size:
            result[part][some] = np.add.reduceat(terms, begin[some])
    return result


def _portions(count: Indices) -> Iterator[slice]:
    """Cut a list of work into slices of about `_PAIRS_AT_ONCE`, at least one each."""
    total = np.cumsum(count)
    start = 0
    while start < count.size:
        done = total[start - 1] if start else 0
        stop = int(np.searchsorted(total, done + _PAIRS_AT_ONCE, side="right"))
        stop = max(stop, start + 1)
        yield slice(start, stop)
        start = stop


def _panels(positions: Array, bandwidth: float) -> _Panels:
    number = np.floor(positions / bandwidth)
    unique, count = np.unique(number, return_counts=True)
    return _Panels(number=unique, count=count)


def _offsets(positions: Array, panel: Array, bandwidth: float) -> Array:
    return (positions - panel * bandwidth) / bandwidth


def _node_places(anchor: Array) -> _Places:
    return _Places(
        anchor=np.repeat(anchor, NODES), offset=np.tile(_nodes()[0], anchor.size)
    )


def _interpolated(at_nodes: Array, row: Indices, offset: Array) -> Array:
    """Return values at `offset` within panels, whose nodes' values are `row` s."""
    result = np.empty_like(offset)
    step = _PAIRS_AT_ONCE // NODES
    for start in range(0, offset.size, step):
        part = slice(start, start + step)
        basis = _lagrange(offset[part])
        result[part] = np.einsum("ij,ij->i", basis, at_nodes[row[part]])
    return result


def _lagrange(offset: Array) -> Array:
    """Return the Lagrange polynomials of the nodes at `offset`, by barycentric form."""
    nodes, weights = _nodes()
    difference = offset[:, np.newaxis] - nodes
    difference[difference == 0] = np.finfo(float).tiny  # a target on a node
    terms: Array = weights / difference
    terms /= terms.sum(axis=1, keepdims=True)
    return terms


def _nodes() -> tuple[Array, Array]:
    """Return Chebyshev nodes of the first kind on [0, 1], and barycentric weights."""
    angle = (2 * np.arange(NODES) + 1) * np.pi / (2 * NODES)
    sign = np.where(np.arange(NODES) % 2, -1.0, 1.0)
    return (1 - np.cos(angle)) / 2, sign * np.sin(angle)


def _cutoff(size: int) -> float:
    """Return the exponent below which `size` kernels add up to nothing."""
    return _LOG_ROUNDING + math.log(size)
