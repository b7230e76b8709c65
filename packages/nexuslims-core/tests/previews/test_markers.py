"""Annotations on images: where they belong, legible, whole."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from nexuslims_core.previews import render_array
from nexuslims_core.types import Annotation, Axis, PreviewSource

GREEN = (0, 255, 0)
KINDS = ("text", "line", "arrow", "double arrow", "rectangle", "ellipse", "points")


def drawn(array, *annotations, **more):
    source = PreviewSource(read=lambda: array, annotations=annotations, **more)
    return np.asarray(render_array(source)).astype(int)


def mark(kind, *points, text="", colour=GREEN):
    return Annotation(kind=kind, points=points, text=text, colour=colour)


def green(pixels):
    """Return rows and columns where there is something green."""
    red, bright, blue = (pixels[..., index] for index in range(3))
    return np.argwhere((bright - np.maximum(red, blue)) > 100)


def extent(pixels):
    found = green(pixels)
    (top, left), (bottom, right) = found.min(axis=0), found.max(axis=0)
    return left, top, right, bottom


SHAPES = [(400, 400), (100, 400), (400, 100), (5000, 5000), (30, 50), (3000, 700)]


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("kind", ["rectangle", "ellipse"])
def test_a_shape_is_where_it_was_drawn(shape, kind):
    rows, columns = shape
    corners = ((columns * 0.25, rows * 0.5), (columns * 0.75, rows * 0.9))
    left, top, right, bottom = extent(drawn(np.zeros(shape), mark(kind, *corners)))
    factor = 500 / max(shape)
    across, down = (500 - columns * factor) / 2, (500 - rows * factor) / 2
    wanted = (
        across + corners[0][0] * factor,
        down + corners[0][1] * factor,
        across + corners[1][0] * factor,
        down + corners[1][1] * factor,
    )
    assert (left, top, right, bottom) == pytest.approx(wanted, abs=2.5)


@pytest.mark.parametrize("kind", ["rectangle", "ellipse"])
def test_the_order_of_corners_does_not_matter(kind):
    corners = ((100, 300), (350, 120))
    one = drawn(np.zeros((400, 400)), mark(kind, *corners))
    other = drawn(np.zeros((400, 400)), mark(kind, *reversed(corners)))
    assert np.abs(one - other).mean() < 0.1


def test_points_are_where_they_were_set():
    places = ((50, 80), (300, 200), (390, 20))
    pixels = drawn(np.zeros((400, 400)), mark("points", *places))
    for column, row in places:
        assert pixels[round(row * 1.25), round(column * 1.25), :3].tolist() == [
            0,
            255,
            0,
        ]
    assert len(green(pixels)) == pytest.approx(3 * np.pi * 4**2, rel=0.3)


def width_near(pixels, column):
    found = green(pixels)
    near = found[abs(found[:, 1] - column) <= 5]
    return np.ptp(near[:, 0])


@pytest.mark.parametrize(
    ("kind", "heads"), [("line", (0, 0)), ("arrow", (0, 1)), ("double arrow", (1, 1))]
)
def test_arrows_have_heads_where_they_point_to(kind, heads):
    pixels = drawn(np.zeros((500, 500)), mark(kind, (100, 250), (400, 250)))
    found = tuple(int(width_near(pixels, column) > 4) for column in (112, 388))
    assert found == heads
    left, _, right, _ = extent(pixels)
    assert (left, right) == pytest.approx((100, 400), abs=2)


def test_pixels_that_are_not_square_stretch_annotations_too():
    axes = (Axis(name="", size=100, scale=2, unit="nm"),)
    axes += (Axis(name="", size=100, scale=4, unit="nm"),)
    pixels = drawn(
        np.zeros((100, 100)), mark("rectangle", (0, 50), (50, 100)), axes=axes
    )
    left, top, right, bottom = extent(pixels)
    assert (left, top, right, bottom) == pytest.approx((0, 250, 250, 375), abs=2.5)


@pytest.mark.parametrize(
    "place", [(10, 10), (399, 399), (399, 0), (0, 399), (900, -50)]
)
@pytest.mark.parametrize("shape", [(400, 400), (20, 400), (400, 20)])
def test_a_text_is_never_cut_off(place, shape):
    free = drawn(np.zeros((400, 400)), mark("text", (100, 200), text="boundary"))
    pixels = drawn(np.zeros(shape), mark("text", place, text="boundary"))
    assert len(green(pixels)) == pytest.approx(len(green(free)), rel=0.15)


def test_a_text_that_is_too_long_is_shortened():
    pixels = drawn(np.zeros((400, 400)), mark("text", (0, 100), text="long " * 100))
    left, _, right, _ = extent(pixels)
    assert left >= 2
    assert right <= 497


@pytest.mark.parametrize("shade", [0, 128, 255])
@pytest.mark.parametrize("colour", [(0, 0, 0), (255, 255, 255), (255, 60, 60)])
def test_a_text_stands_out_from_any_background_in_any_colour(shade, colour):
    image = np.full((400, 400), shade, "u1")
    image[0, :200] = 255 - shade  # contrast, so that shades stay as they are
    image[:60] = np.linspace(0, 255, 400)
    plain = drawn(image)
    written = drawn(image, mark("text", (100, 200), text="HHHH", colour=colour))
    changed = np.abs(written - plain).max(axis=-1) > 90
    assert changed.sum() > 150


def test_what_is_drawn_outside_of_the_image_is_not_seen():
    plain = drawn(np.zeros((200, 400)))
    far = mark("line", (-1e12, -5), (1e12, -5)), mark("points", (2000, 2000))
    np.testing.assert_array_equal(drawn(np.zeros((200, 400)), *far), plain)


def test_a_shape_of_a_thin_image_does_not_leave_it():
    pixels = drawn(np.zeros((100, 400)), mark("ellipse", (100, -300), (300, 400)))
    assert not pixels[:187, :, 3].any()


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("points", [(), ((np.nan, 1.0),), ((5.0, 5.0),)])
def test_an_annotation_without_sensible_places_is_survived(kind, points):
    drawn(np.zeros((40, 40)), mark(kind, *points, text="x"))


NUMBERS = st.floats(allow_nan=True, allow_infinity=True)


@settings(deadline=None, max_examples=80)
@given(
    kind=st.sampled_from(KINDS),
    points=st.lists(st.tuples(NUMBERS, NUMBERS), max_size=4),
    text=st.text(max_size=20),
    shape=st.sampled_from([(40, 50), (1, 400), (60,)]),
)
def test_any_annotation_is_drawn_or_left_out(kind, points, text, shape):
    drawn(np.arange(np.prod(shape)).reshape(shape), mark(kind, *points, text=text))
