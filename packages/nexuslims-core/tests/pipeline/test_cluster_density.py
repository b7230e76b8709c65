"""Kernel sums, compared with their definition."""

from __future__ import annotations

from unittest.mock import patch

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from nexuslims_core.pipeline import density
from nexuslims_core.pipeline.density import leave_one_out, log_density


def naive_logs(points, bandwidth, targets, *, own=False):
    exponents = -0.5 * ((targets[:, np.newaxis] - points) / bandwidth) ** 2
    if own:
        np.fill_diagonal(exponents, -np.inf)
    largest = exponents.max(axis=1)
    sums = np.exp(exponents - largest[:, np.newaxis]).sum(axis=1)
    count = points.size - (1 if own else 0)
    return largest + np.log(sums) - np.log(count * bandwidth * np.sqrt(2 * np.pi))


def assert_exact(points, bandwidth, targets):
    found = log_density(points, bandwidth, targets)
    expected = naive_logs(points, bandwidth, targets)
    np.testing.assert_allclose(found, expected, rtol=1e-13, atol=1e-13)
    left_out = naive_logs(points, bandwidth, points, own=True)
    # Few points are summed as they stand; so here they are summed either way.
    for few in (0, density.FEW):
        with patch.object(density, "FEW", few):
            found = leave_one_out(points, bandwidth)
        np.testing.assert_allclose(found, left_out.sum(), rtol=1e-13, atol=1e-12)


gaps = st.lists(
    st.floats(min_value=-9, max_value=6).map(lambda power: 10.0**power),
    min_size=1,
    max_size=60,
)


@settings(deadline=None, max_examples=150)
@given(gaps=gaps, where=st.floats(0, 1), sharper=st.sampled_from([1e-3, 1.0, 1e3]))
@example(gaps=[1.0] * 40, where=1.0, sharper=1.0)
@example(gaps=[1e-9, 1e6, 1e-9], where=0.0, sharper=1e3)
def test_density_has_full_relative_precision_at_any_depth(gaps, where, sharper):
    points = np.unique(np.append(0.0, np.cumsum(gaps)))
    apart = np.diff(points)
    bandwidth = apart.min() ** (1 - where) * apart.max() ** where / sharper
    assert_exact(points, bandwidth, np.linspace(0, points[-1], 10 * points.size))


@pytest.mark.parametrize("per_bandwidth", [0.1, 1, 5, 15, 17, 40, 400])
def test_crowded_panels_are_as_precise_as_sparse_ones(per_bandwidth):
    random = np.random.default_rng(3)
    points = np.unique(random.uniform(0, 600, 600))
    assert_exact(points, float(per_bandwidth), np.linspace(0, 600, 3000))


@pytest.mark.parametrize("gap", [2.5, 3.5, 8.0, 100.0, 1e5])
def test_a_gap_between_dense_bursts_is_as_precise_as_the_bursts(gap):
    random = np.random.default_rng(4)
    burst = random.uniform(0, 2, 400)
    points = np.unique(np.append(burst, burst + 2 + gap))
    assert_exact(points, 1.0, np.linspace(points[0], points[-1], 2000))


def test_bursts_far_from_the_origin_are_as_precise_as_near_ones():
    # Panels and nodes there are narrower than the resolution of positions allows.
    burst = np.arange(200) * 2.0**-22
    points = np.unique(np.concatenate([burst, 2.0**18 + burst]))
    targets = np.sort(np.append(points, points + 2.0**-24))
    assert_exact(points, 2.0**-17, targets)


def test_targets_on_nodes_are_no_special_case():
    points = np.linspace(0, 1, 33)
    nodes = (1 - np.cos((2 * np.arange(16) + 1) * np.pi / 32)) / 2
    assert_exact(points, 1.0, np.sort(np.append(nodes, points)))
