"""Composites: all panels on one page, none of them spoilt by another."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from nexuslims_core.errors import PreviewError
from nexuslims_core.previews import render_array
from nexuslims_core.previews.composite import _graph_cells, _image_cells
from nexuslims_core.types import Axis, PreviewSource

PICTURE = np.arange(10_000.0).reshape(100, 100)
CURVE = np.sin(np.arange(300) / 20) + 2


def source(array, title="", *panels):
    return PreviewSource(read=lambda: array, title=title, panels=panels)


def drawn(*sources):
    first, *others = sources
    image = render_array(
        PreviewSource(read=first.read, title=first.title, panels=tuple(others))
    )
    assert image.size == (1500, 1500)
    assert image.mode == "RGBA"
    return np.asarray(image)


@pytest.mark.parametrize("images", range(10))
@pytest.mark.parametrize("graphs", range(7))
def test_panels_share_the_page_without_touching(images, graphs):
    cells = list(_image_cells(images, graphs))
    cells += _graph_cells(graphs, cells[-1].bottom if cells else 0)
    assert len(cells) == images + graphs
    covered = np.zeros((1500, 1500), int)
    for cell in cells:
        assert cell.left >= 0
        assert cell.top >= 0
        assert cell.right <= 1500
        assert cell.bottom <= 1500
        assert min(cell.width, cell.height) > 150
        covered[cell.top : cell.bottom, cell.left : cell.right] += 1
    assert covered.max(initial=0) <= 1


def test_a_composite_is_opaque_white_around_its_panels():
    pixels = drawn(source(PICTURE, "FIB"), source(CURVE, "Spectrum"))
    assert (pixels[..., 3] == 255).all()
    assert pixels[0, 0].tolist() == [255, 255, 255, 255]


def test_images_are_above_graphs_whatever_their_order():
    one = drawn(source(CURVE), source(PICTURE))
    other = drawn(source(PICTURE), source(CURVE))
    np.testing.assert_array_equal(one, other)


def test_each_panel_has_its_title():
    titled = drawn(source(PICTURE, "Ions"), source(CURVE, "Spectrum"))
    plain = drawn(source(PICTURE), source(CURVE))
    rows = np.flatnonzero((titled != plain).any(axis=(1, 2)))
    assert len(np.flatnonzero(np.diff(rows) > 20)) == 1


def test_a_panel_that_cannot_be_drawn_says_why_in_its_place():
    def fail():
        raise PreviewError("the mass axis is missing")

    pixels = drawn(source(PICTURE), PreviewSource(read=fail, title="Spectrum"))
    assert (pixels[..., 0] < 100).sum() > 5000


def test_if_none_can_be_drawn_all_reasons_are_given():
    nothing = source(np.zeros(0), "", source(np.array(["x"])))
    with pytest.raises(PreviewError, match=r"shape \(0,\).*; .*expected numbers"):
        render_array(nothing)


def test_every_source_is_read_once():
    read = []

    def reading(array):
        def read_it():
            read.append(array.shape)
            return array

        return PreviewSource(read=read_it)

    drawn(reading(PICTURE), reading(CURVE), reading(PICTURE))
    assert len(read) == 3


def test_very_many_panels_are_counted_instead():
    few = drawn(*[source(PICTURE)] * 9)
    many = drawn(*[source(PICTURE)] * 12)
    np.testing.assert_array_equal(few[200:], many[200:])
    assert (few[:100, 1200:] != many[:100, 1200:]).any()


def test_previews_can_be_drawn_in_threads():
    axes = (Axis(name="Energy", size=300, scale=0.1, unit="keV"),)
    sources = [source(PICTURE), PreviewSource(read=lambda: CURVE, axes=axes)] * 8
    alone = [render_array(one).tobytes() for one in sources]
    with ThreadPoolExecutor(4) as pool:
        together = [image.tobytes() for image in pool.map(render_array, sources)]
    assert together == alone
