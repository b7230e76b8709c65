"""Previews of arrays: every type, shape and oddity that an extractor may hand over."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays
from nexuslims_core.errors import PreviewError
from nexuslims_core.previews import render_array
from nexuslims_core.types import Axis, PreviewSource

BLACK, MID_GREY, WHITE = 0, 128, 255


def drawn(array, *axes):
    image = render_array(PreviewSource(read=lambda: array, axes=axes))
    assert image.mode == "RGBA"
    assert image.size == (500, 500)
    return np.asarray(image)


def axis(size, scale=1.0, unit="", *, navigation=False, name=""):
    return Axis(name=name, size=size, scale=scale, unit=unit, navigation=navigation)


@pytest.fixture
def ramp():
    return np.linspace(0, 1, 400)[np.newaxis, :] * np.ones((400, 1))


@pytest.mark.parametrize(
    "dtype", ["u1", "u2", "u4", "u8", "i1", "i2", "i4", "i8", "f2", "f4", "f8", ">u2"]
)
def test_a_ramp_of_any_type_spans_black_to_white(ramp, dtype):
    kind = np.dtype(dtype)
    most = np.iinfo(kind).max * 0.999 if kind.kind in "ui" else 60_000
    grey = drawn((ramp * most).astype(kind))[250, :, 0]
    assert grey[0] < 10
    assert grey[-1] > 245
    assert np.all(np.diff(grey.astype(int)) >= -1)


def test_a_few_hot_pixels_do_not_hide_the_image(ramp):
    image = 1000 + 50 * ramp
    image[::100, ::100] = 65_000
    grey = drawn(image)[252, :, 0]
    assert (grey[10], grey[-10]) == pytest.approx((BLACK, WHITE), abs=12)


def test_a_dim_8_bit_image_is_stretched(ramp):
    grey = drawn((ramp * 20).astype("u1"))[250, :, 0]
    assert grey[-1] > 245


def test_an_8_bit_image_with_contrast_keeps_the_operators_tones(ramp):
    grey = drawn((60 + ramp * 100).astype("u1"))[250, :, 0]
    assert (grey[0], grey[-1]) == pytest.approx((60, 160), abs=2)


@pytest.mark.parametrize(
    ("value", "dtype"),
    [(0, "u1"), (7, "u1"), (0, "u2"), (-3.5, "f8"), (1e308, "f8"), (-1e308, "f8")],
)
def test_a_constant_image_is_grey(value, dtype):
    assert np.unique(drawn(np.full((64, 64), value, dtype))[..., 0]) == MID_GREY


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf])
def test_an_image_without_numbers_is_black(value):
    assert np.unique(drawn(np.full((64, 64), value))[..., 0]) == BLACK


def test_values_that_are_no_numbers_do_not_spoil_the_others(ramp):
    ramp[:100], ramp[100:200], ramp[200:300] = np.nan, np.inf, -np.inf
    grey = drawn(ramp)[..., 0]
    assert np.all(grey[60] == BLACK)
    assert np.all(grey[185] == WHITE)
    assert np.all(grey[310] == BLACK)
    assert grey[440, -1] > 245


def test_the_whole_range_of_doubles_does_not_overflow(ramp):
    grey = drawn((ramp * 2 - 1) * 1.7e308)[250, :, 0]
    assert grey[-1] > 245


def test_a_mostly_empty_image_shows_what_is_there():
    image = np.zeros((200, 200), "u2")
    image[100:102, 100:102] = 9
    assert drawn(image)[..., 0].max() > 200


def test_a_mask_is_black_and_white():
    mask = np.zeros((500, 500), bool)
    mask[:, 250:] = True
    grey = drawn(mask)[250, :, 0]
    assert (grey[100], grey[400]) == (BLACK, WHITE)


def test_a_transform_is_shown_by_its_logarithmic_amplitude():
    peaks = np.full((100, 100), 1e-3 + 0j)
    peaks[50, 50], peaks[20, 20], peaks[0, 0] = 1e9j, 1e4, 0
    grey = drawn(peaks)[..., 0]
    assert grey[252, 252] == WHITE
    assert 50 < grey[102, 102] < 250


@pytest.mark.parametrize(("dtype", "full"), [("u1", 255), ("u2", 65535), ("f4", 1.0)])
def test_colours_stay_colours(dtype, full):
    image = np.zeros((90, 90, 3), dtype)
    for channel in range(3):
        image[:, channel * 30 : channel * 30 + 30, channel] = full
    pixels = drawn(image)
    np.testing.assert_array_equal(
        pixels[250, [80, 250, 420], :3], np.eye(3, dtype=int) * 255
    )


def test_colours_that_are_too_dim_to_see_are_stretched():
    image = np.zeros((90, 90, 3), "u1")
    image[:, 45:] = 9, 3, 0
    assert drawn(image)[250, 400, :3].tolist() == [255, 85, 0]


def test_transparency_is_kept():
    image = np.full((50, 50, 4), 255, "u1")
    image[:, :25, 3] = 0
    alpha = drawn(image)[250, :, 3]
    assert (alpha[100], alpha[400]) == (0, 255)


def test_an_image_is_centred_in_a_transparent_square():
    alpha = drawn(np.arange(5000.0).reshape(50, 100))[..., 3]
    assert np.all(alpha[125:375] == 255)
    assert not alpha[:125].any()
    assert not alpha[375:].any()


@pytest.mark.parametrize("shape", [(1, 5000), (5000, 1), (1, 1), (3, 2)])
def test_thin_and_tiny_images_are_visible(shape):
    assert (drawn(np.arange(np.prod(shape)).reshape(shape))[..., 3] == 255).sum() > 5000


def test_pixels_that_are_not_square_are_drawn_to_scale():
    alpha = drawn(
        np.arange(10_000.0).reshape(100, 100),
        axis(100, 2.0, "nm"),
        axis(100, 4.0, "nm"),
    )[..., 3]
    assert (alpha[:, 250] == 255).sum() == 250


def test_an_image_with_a_scale_has_a_bar_of_the_right_length():
    plain = np.zeros((400, 400))
    # 400 nm are 500 pixels: a bar of 100 nm has 125.
    pixels = drawn(plain, axis(400, 1.0, "nm"), axis(400, 1e-9, "m"))
    row = pixels[490 - 14 + 3, :, 0] == WHITE
    assert row.sum() == 125


@pytest.mark.parametrize("unit", ["", "px", "s", "eV"])
def test_an_image_in_other_units_has_no_bar(unit):
    pixels = drawn(np.zeros((400, 400)), axis(400, 1.0, unit), axis(400, 1.0, unit))
    assert np.unique(pixels[..., 0]) == MID_GREY


@pytest.mark.parametrize("scale", [0.0, np.nan, np.inf])
def test_a_useless_scale_is_ignored(scale):
    pixels = drawn(np.zeros((400, 400)), axis(400, scale, "nm"), axis(400, scale, "nm"))
    assert np.unique(pixels[..., 0]) == MID_GREY


def test_a_series_of_images_is_shown_one_behind_the_other():
    stack = np.zeros((4, 50, 50))
    stack[:, :25] = np.arange(1, 5)[:, np.newaxis, np.newaxis]
    pixels = drawn(
        stack, axis(4, navigation=True), axis(50, 1.0, "nm"), axis(50, 1.0, "nm")
    )
    # Of the first one sees all; of those behind it, to the right, a part.
    grey, seen = pixels[..., 0], pixels[..., 3] == 255
    for column in (40, 120, 200, 300, 390, 480):
        shown = np.flatnonzero(seen[:, column])
        height = shown[-1] - shown[0]
        assert grey[shown[0] + height // 4, column] == WHITE
        assert grey[shown[-1] - height // 4, column] == BLACK


def test_a_series_without_axes_is_taken_for_images():
    assert (drawn(np.random.default_rng(1).random((12, 30, 40)))[..., 3]).any()


def test_one_image_of_one_is_shown_whole():
    single = np.arange(2500.0).reshape(1, 50, 50)
    np.testing.assert_array_equal(drawn(single), drawn(single[0]))


def test_a_map_over_scan_positions_is_an_image():
    values = np.arange(2500.0).reshape(50, 50)
    mapped = drawn(values, axis(50, navigation=True), axis(50, navigation=True))
    np.testing.assert_array_equal(mapped, drawn(values))


def test_a_line_scan_fills_the_square():
    values = np.random.default_rng(2).random((5, 800))
    pixels = drawn(values, axis(5, 1.0, "nm", navigation=True), axis(800, 0.1, "eV"))
    assert np.all(pixels[..., 3] == 255)


def ink(pixels):
    return (pixels[..., 2].astype(int) - pixels[..., 0]) > 60


def frame(pixels):
    """Return left, top, right and bottom of the lines around a graph."""
    lines = np.all(pixels[..., :3] == (90, 96, 104), axis=-1)
    rows = np.flatnonzero(lines.sum(axis=1) > 250)
    columns = np.flatnonzero(lines.sum(axis=0) > 250)
    return columns[0], rows[0], columns[-1], rows[-1]


def test_a_spectrum_is_drawn_with_its_peak_where_it_is():
    energies = np.arange(2048) * 0.01
    counts = np.exp(-((energies - 8.04) ** 2) / 0.01)
    pixels = drawn(counts, axis(2048, 0.01, "keV", name="Energy"))
    left, top, right, _ = frame(pixels)
    peak = np.argwhere(ink(pixels)[top : top + 30]).mean(axis=0)
    assert peak[1] == pytest.approx(left + (right - left) * 8.04 / 20.47, abs=2)


@pytest.mark.parametrize("size", [1, 2, 100, 1_000_000])
def test_curves_of_any_length_are_drawn(size):
    assert ink(drawn(np.random.default_rng(4).random(size))).any()


def test_a_single_high_channel_among_a_million_is_not_lost():
    counts = np.zeros(1_000_000)
    counts[700_001] = 1
    pixels = drawn(counts)
    left, top, right, _ = frame(pixels)
    columns = np.flatnonzero(ink(pixels)[top + 60])
    assert columns.mean() == pytest.approx(left + (right - left) * 0.7, abs=2)


def test_gaps_in_a_curve_stay_open():
    counts = np.ones(100)
    counts[40:60] = np.nan
    pixels = drawn(counts)
    left, top, right, bottom = frame(pixels)
    inside = ink(pixels)[top:bottom]
    assert not inside[:, left + (right - left) // 2].any()
    assert inside[:, left + (right - left) // 4].any()


@pytest.mark.parametrize("value", [0.0, np.nan, np.inf, 1e308])
def test_a_curve_without_any_shape_is_survived(value):
    assert drawn(np.full(50, value))[..., 3].all()


def test_an_axis_may_run_backwards():
    assert ink(drawn(np.arange(100.0), axis(100, -0.5, "eV"))).any()


def test_spectra_of_a_scan_are_drawn_above_each_other():
    cube = np.zeros((3, 3, 200))
    cube[..., 100] = 1
    pixels = drawn(
        cube, axis(3, navigation=True), axis(3, navigation=True), axis(200, 0.1, "keV")
    )
    baselines = np.flatnonzero(ink(pixels)[:, 100])
    assert (np.diff(baselines) > 5).sum() == 8


class Lazy:
    """An array on disk that counts what is read of it."""

    def __init__(self, shape):
        self.shape, self.dtype, self.read = shape, np.dtype("u2"), 0

    def __getitem__(self, key):
        part = np.broadcast_to(np.uint16(7), self.shape)[key]
        self.read += part.size
        return part


def test_of_a_huge_array_only_a_part_is_read():
    huge = Lazy((200_000, 300_000))
    drawn(huge)
    assert 0 < huge.read <= 4_000_000


def test_of_a_huge_series_only_some_frames_are_read():
    class Movie(Lazy):
        def __getitem__(self, key):
            return Lazy.__getitem__(self, key) if isinstance(key, tuple) else None

    movie = Movie((90, 3000, 3000))
    drawn(movie)
    assert 0 < movie.read <= 9 * 4_000_000


@pytest.mark.parametrize("shape", [(0,), (0, 5), (5, 0), ()])
def test_nothing_cannot_be_drawn(shape):
    with pytest.raises(PreviewError, match="shape"):
        drawn(np.zeros(shape))


@pytest.mark.parametrize("dtype", ["O", "U3", "M8[s]", [("x", "f4")]])
def test_what_is_no_number_cannot_be_drawn(dtype):
    with pytest.raises(PreviewError, match="expected numbers"):
        drawn(np.zeros((4, 4), dtype))


def test_axes_that_do_not_match_are_an_error():
    with pytest.raises(PreviewError, match="2 axes"):
        drawn(np.zeros((3, 4, 5, 6)), axis(3), axis(4))


@settings(deadline=None, max_examples=60)
@given(
    array=arrays.arrays(
        dtype=st.sampled_from(["u1", "i2", "u4", "f4", "f8", "c16", "?"]),
        shape=arrays.array_shapes(min_dims=1, max_dims=5, max_side=6),
    )
)
def test_any_array_of_numbers_is_drawn_without_a_warning(array):
    drawn(array)


SOME_AXES = st.builds(
    Axis,
    name=st.text(max_size=12),
    size=st.just(0),
    scale=st.floats(),
    offset=st.floats(),
    unit=st.sampled_from(["", "nm", "1/nm", "eV", "mrad", "1/", "µm"]) | st.text(),
    navigation=st.booleans(),
    labels=st.lists(st.text(max_size=8), max_size=4).map(tuple),
)


@settings(deadline=None, max_examples=150)
@given(
    array=arrays.arrays(
        dtype=st.sampled_from(["u1", "i2", "f8", "c8", "?"]),
        shape=arrays.array_shapes(min_dims=1, max_dims=4, max_side=4),
    ),
    axes=st.lists(SOME_AXES, min_size=4, max_size=4),
    title=st.text(),
)
def test_any_axes_are_drawn_without_a_warning(array, axes, title):
    fitting = tuple(
        replace(axis, size=size) for axis, size in zip(axes, array.shape, strict=False)
    )
    source = PreviewSource(read=lambda: array, axes=fitting, title=title)
    assert render_array(source).size == (500, 500)


def test_axes_of_other_sizes_are_an_error():
    with pytest.raises(PreviewError, match=r"\(3, 4\).*sizes \(4, 3\)"):
        drawn(np.zeros((3, 4)), axis(4), axis(3))


@pytest.mark.parametrize("unit", ["1/nm", "1/Å", "mrad"])
def test_a_diffraction_pattern_has_a_bar(unit):
    pixels = drawn(np.zeros((400, 400)), axis(400, 0.1, unit), axis(400, 0.1, unit))
    # 40 units are 500 pixels: a bar of 10 has 125.
    assert (pixels[490 - 14 + 3, :, 0] == WHITE).sum() == 125


@pytest.mark.parametrize("size", [123, 1000, 2048, 5000])
def test_a_bar_is_right_however_much_an_image_was_thinned(size):
    scale = 37.0 / size
    pixels = drawn(
        np.zeros((size, size)), axis(size, scale, "nm"), axis(size, scale, "nm")
    )
    assert (pixels[490 - 14 + 3, :, 0] == WHITE).sum() == pytest.approx(
        500 * 10 / 37, abs=1
    )


def test_a_negative_scale_has_a_bar_too():
    pixels = drawn(np.zeros((400, 400)), axis(400, -1, "nm"), axis(400, -1, "nm"))
    assert (pixels[490 - 14 + 3, :, 0] == WHITE).sum() == 125
