"""Grouping files into activities, compared with what scikit-learn finds."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import pytest
from nexuslims_core.model.files import DataFile
from nexuslims_core.pipeline import density
from nexuslims_core.pipeline.cluster import boundaries, cluster
from scipy.signal import argrelextrema
from sklearn.model_selection import GridSearchCV, LeaveOneOut
from sklearn.neighbors import KernelDensity

EPOCH = 1_764_000_000.0
SHAPES = ("uniform", "bursts", "duplicates", "huge gaps", "equal spacing", "few")


def data_file(name: str, seconds: float) -> DataFile:
    return DataFile(path=Path(name), size=1, mtime_ns=round(seconds * 1e9))


def reference(times, sensitivity):
    unique = np.unique(times)
    gaps = np.diff(unique)
    search = GridSearchCV(
        KernelDensity(kernel="gaussian"),
        {
            "bandwidth": np.logspace(
                math.log(gaps.min()), math.log(gaps.max()), 35, base=math.e
            )
        },
        cv=LeaveOneOut(),
        n_jobs=1,
    ).fit(unique[:, np.newaxis])
    bandwidth = search.best_params_["bandwidth"] / sensitivity
    density = KernelDensity(kernel="gaussian", bandwidth=bandwidth)
    samples = np.linspace(unique[0], unique[-1], 10 * unique.size)
    height = density.fit(unique[:, np.newaxis]).score_samples(samples[:, np.newaxis])
    return samples[argrelextrema(height, np.less)[0]]


def random_times(shape, seed, most):
    random = np.random.default_rng(seed)
    size = int(random.integers(4, most + 1))
    if shape == "uniform":
        return EPOCH + random.uniform(0, random.choice([10, 10_000]), size)
    if shape == "bursts":
        centres = random.uniform(0, 10_000, 4)
        return EPOCH + random.normal(random.choice(centres, size), 20)
    if shape == "duplicates":
        return EPOCH + random.choice(random.integers(0, 3_000, size // 2 + 2), size)
    if shape == "huge gaps":
        return EPOCH + random.choice([0, 3e4, 9e4], size) + random.uniform(0, 9, size)
    if shape == "equal spacing":
        # Of an even number, the two lowest samples of the middle gap are level, and
        # nothing but rounding decides which of them scikit-learn takes, or neither.
        return EPOCH + 30.0 * np.arange(size | 1)
    return EPOCH + random.uniform(0, 1_000, int(random.integers(2, 4)))


def assert_same_boundaries(shape, seed, most):
    times = random_times(shape, seed, most)
    sensitivity = 1.0 if shape == "equal spacing" else (0.5, 1.0, 2.0, 8.0)[seed % 4]
    np.testing.assert_array_equal(
        boundaries(times, sensitivity), reference(times, sensitivity)
    )


@pytest.mark.parametrize("few", [0, density.FEW])
@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("seed", range(4))
def test_boundaries_are_those_of_scikit_learn(shape, seed, few, monkeypatch):
    monkeypatch.setattr(density, "FEW", few)
    assert_same_boundaries(shape, seed, most=14)


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(200))
def test_boundaries_are_those_of_scikit_learn_for_any_input(seed):
    assert_same_boundaries(SHAPES[seed % len(SHAPES)], 1000 + seed, most=60)


def test_three_bursts_are_three_activities_in_order_of_time():
    seconds = [0, 20, 45, 60, 2000, 2030, 2055, 9000, 9010, 9042]
    files = [data_file(f"{at}.dm3", EPOCH + at) for at in reversed(seconds)]
    assert [[file.path.stem for file in group] for group in cluster(files, 1.0)] == [
        ["0", "20", "45", "60"],
        ["2000", "2030", "2055"],
        ["9000", "9010", "9042"],
    ]


def test_a_sensitivity_of_zero_makes_one_activity():
    files = [data_file(f"{at}", EPOCH + at) for at in (0, 1, 2, 90_000, 90_001)]
    assert cluster(files, 0.0) == (tuple(files),)


def test_higher_sensitivity_makes_more_activities():
    times = random_times("uniform", 3, 60)
    counts = [boundaries(times, factor).size for factor in (0.25, 1.0, 4.0, 16.0)]
    assert counts == sorted(counts)
    assert counts[0] < counts[-1]


def test_files_of_one_moment_are_one_activity_ordered_by_path():
    files = [data_file(name, EPOCH) for name in ("c.tif", "a.tif", "b.tif")]
    (group,) = cluster(files, 1.0)
    assert [file.path.name for file in group] == ["a.tif", "b.tif", "c.tif"]


def test_one_file_is_one_activity():
    file = data_file("only.dm3", EPOCH)
    assert cluster([file], 1.0) == ((file,),)


def test_no_files_are_no_activities():
    assert cluster([], 1.0) == ()


def test_every_file_is_in_exactly_one_activity():
    times = random_times("bursts", 5, 60)
    files = [data_file(f"{i}.tif", at) for i, at in enumerate(times)]
    groups = cluster(files, 4.0)
    assert len(groups) > 1
    assert all(groups)
    assert sorted(file.path.name for group in groups for file in group) == sorted(
        file.path.name for file in files
    )


def test_the_order_of_the_input_does_not_matter():
    files = [
        data_file(f"{i}.tif", at) for i, at in enumerate(random_times("few", 1, 9))
    ]
    assert cluster(files, 2.0) == cluster(files[::-1], 2.0)


def test_files_written_nanoseconds_apart_are_kept_in_order():
    files = [
        DataFile(path=Path(name), size=1, mtime_ns=1_764_000_000_000_000_000 + ns)
        for name, ns in (("late", 3), ("early", 1), ("middle", 2))
    ]
    ((*names,),) = cluster(files, 1.0)
    assert [file.path.name for file in names] == ["early", "middle", "late"]


def test_a_flat_density_has_no_boundaries():
    assert boundaries(EPOCH + 30.0 * np.arange(400), 0.25).size == 0


@pytest.mark.parametrize(("sensitivity", "count"), [(1e-6, 0), (1e6, 4)])
def test_absurd_sensitivities_cut_nowhere_or_everywhere(sensitivity, count):
    times = EPOCH + np.array([0.0, 10.0, 25.0, 47.0, 80.0])
    assert boundaries(times, sensitivity).size == count


def kernels(size, shape):
    random = np.random.default_rng(7)
    times = {
        "uniform": lambda: random.uniform(0, 1e5, size),
        "bursts": lambda: random.normal(random.choice([0, 3e4, 9e4], size), 40),
        "two dense bursts": lambda: (
            random.choice([0.0, 1e6], size) + random.uniform(0, 1, size)
        ),
        "lognormal gaps": lambda: np.cumsum(random.lognormal(0, 3, size)),
        "one gap": lambda: np.append(random.uniform(0, 1, size - 1), 1e7),
        "equal spacing": lambda: np.arange(size) * 1.0,
    }[shape]()
    evaluated = 0

    def exp(values):
        nonlocal evaluated
        evaluated += values.size
        return np.exp(values)

    boundaries(times, 1.0, exp)
    return evaluated


@pytest.mark.parametrize(
    "shape",
    [
        "uniform",
        "bursts",
        "two dense bursts",
        "lognormal gaps",
        "one gap",
        "equal spacing",
    ],
)
def test_the_work_grows_in_step_with_the_number_of_files(shape):
    small, large = kernels(2_500, shape), kernels(10_000, shape)
    assert large < 6 * small
    assert large < 2_000 * 10_000
