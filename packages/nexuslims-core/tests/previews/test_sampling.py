"""What is read of an array: enough, and no more, however big it is."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from nexuslims_core.previews import render_array
from nexuslims_core.previews.sampling import curve, plane, spread, square_grid
from nexuslims_core.types import Axis, PreviewSource

NAVIGATION, SIGNAL = True, False


class Recorder:
    """A big array that is nowhere, and notes what is asked of it."""

    def __init__(self, shape, dtype="u2"):
        self.shape, self.dtype = shape, np.dtype(dtype)
        self.asked, self.largest = 0, 0

    def __getitem__(self, key):
        assert isinstance(key, tuple)
        assert len(key) == len(self.shape)
        for part in key:
            # What HDF5 data sets and dask arrays can do as well.
            assert isinstance(part, int) or part.step is None or part.step > 0
        given = np.broadcast_to(np.ones(1, self.dtype), self.shape)[key]
        self.asked += given.nbytes
        self.largest = max(self.largest, given.nbytes)
        return given.copy()


def draw(array, roles):
    axes = tuple(
        Axis(name="", size=size, navigation=role)
        for size, role in zip(array.shape, roles, strict=True)
    )
    render_array(PreviewSource(read=lambda: array, axes=axes))


@pytest.mark.parametrize(
    ("shape", "roles", "dtype"),
    [
        ((40_000, 40_000), (SIGNAL, SIGNAL), "u2"),
        ((200_000, 300_000), (SIGNAL, SIGNAL), "f4"),
        ((3, 2_000_000_000), (SIGNAL, SIGNAL), "u1"),
        ((2_000_000_000, 3), (SIGNAL, SIGNAL), "u1"),
        ((30_000, 30_000, 3), (SIGNAL, SIGNAL, SIGNAL), "u2"),
        ((90_000, 4096, 4096), (NAVIGATION, SIGNAL, SIGNAL), "u2"),
        ((4096, 4096, 90_000), (SIGNAL, SIGNAL, NAVIGATION), "u2"),
        ((512, 512, 256, 256), (NAVIGATION, NAVIGATION, SIGNAL, SIGNAL), "u2"),
        ((9, 512, 512, 256, 256), (NAVIGATION,) * 3 + (SIGNAL,) * 2, "u4"),
        ((2000, 2000, 4096), (NAVIGATION, NAVIGATION, SIGNAL), "u4"),
        ((4096, 2000, 2000), (SIGNAL, NAVIGATION, NAVIGATION), "u4"),
        ((9000, 2000, 2000, 4096), (NAVIGATION,) * 3 + (SIGNAL,), "u4"),
        ((40, 40, 50_000_000), (NAVIGATION, NAVIGATION, SIGNAL), "f8"),
        ((100_000, 100_000), (NAVIGATION, SIGNAL), "u4"),
        ((20_000_000_000,), (SIGNAL,), "u1"),
        ((16_384, 16_384), (SIGNAL, SIGNAL), "c16"),
    ],
)
def test_of_something_huge_little_is_read_at_a_time(shape, roles, dtype):
    array = Recorder(shape, dtype)
    draw(array, roles)
    assert 0 < array.asked <= 600_000_000
    assert array.largest <= 1 << 26


@pytest.mark.parametrize("shape", [(2048, 2048), (1024, 1024), (3, 5), (1, 1)])
def test_an_ordinary_image_is_read_whole_and_at_once(shape):
    array = Recorder(shape)
    draw(array, (SIGNAL, SIGNAL))
    assert array.asked == array.largest == 2 * shape[0] * shape[1]


def test_frames_that_are_not_shown_are_not_read():
    array = Recorder((1000, 200, 200))
    draw(array, (NAVIGATION, SIGNAL, SIGNAL))
    assert array.asked == 5 * 200 * 200 * 2


def test_spectra_that_are_not_shown_are_not_read():
    array = Recorder((500, 700, 1000))
    draw(array, (NAVIGATION, NAVIGATION, SIGNAL))
    # One value more tells how spectra lie on disk.
    assert array.asked == (9 * 1000 + 1) * 2


@pytest.mark.parametrize(("rows", "columns"), [(5000, 300), (300, 5000), (4001, 3999)])
def test_a_thinned_image_is_evenly_spread_over_the_whole(rows, columns):
    y, x = np.mgrid[0:rows, 0:columns].astype(np.float32)
    for values, size in ((y, rows), (x, columns)):
        part = plane(values, (0, 1))
        assert max(part.shape) <= 2048
        assert part.min() == 0
        assert part.max() > size * 0.99 - 8
        assert part.mean() == pytest.approx(size / 2, rel=0.02)


@pytest.mark.parametrize("axes", [(0, 1), (0, 2), (1, 2)])
def test_the_image_may_lie_along_any_two_axes(axes):
    array = np.random.default_rng(1).random((6, 7, 8))
    other = ({0, 1, 2} - set(axes)).pop()
    found = plane(array, axes, {other: 3})
    np.testing.assert_array_equal(found, np.take(array, 3, axis=other))


def test_of_a_long_curve_the_highest_and_lowest_points_are_kept():
    values = np.zeros(9_000_000, np.float32)
    values[4_567_890], values[1_234_567] = 7, -3
    found = curve(values, 0)
    assert found.values.size < 10_000
    assert (found.values.max(), found.values.min()) == (7, -3)
    place = found.positions[found.values.argmax()]
    assert place == pytest.approx(4_567_890, abs=9_000_000 / 1024)


@given(
    sizes=st.lists(st.integers(1, 50), min_size=1, max_size=4), most=st.integers(2, 9)
)
def test_positions_are_different_and_reach_from_first_to_last(sizes, most):
    places = list(spread(sizes, most))
    assert len(set(places)) == len(places) == min(most, int(np.prod(sizes)))
    assert places[0] == (0,) * len(sizes)
    if len(places) > 1:
        assert places[-1] == tuple(size - 1 for size in sizes)


@given(rows=st.integers(1, 400), columns=st.integers(1, 400))
def test_a_grid_of_frames_is_square_and_centred(rows, columns):
    places = square_grid(rows, columns, 3)
    side = min(rows, columns, 3)
    assert len(places) == side * side
    for axis, size in enumerate((rows, columns)):
        found = [place[axis] for place in places]
        assert abs(min(found) - (size - 1 - max(found))) <= 1
