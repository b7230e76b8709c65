"""Graphs: scales, labels, legends, names of peaks."""

from __future__ import annotations

import numpy as np
import pytest
from nexuslims_core.previews import render_array
from nexuslims_core.previews.canvas import Box, Page
from nexuslims_core.previews.graphs import Graph, frame_of
from nexuslims_core.previews.heights import heights_of
from nexuslims_core.previews.peaks import placed_names, skyline_of
from nexuslims_core.previews.plots import COLOURS
from nexuslims_core.previews.rulers import Ruler, axis_ruler
from nexuslims_core.previews.sampling import as_curve
from nexuslims_core.types import Annotation, Axis, PreviewSource


def axis(size, scale=1.0, unit="", name="", offset=0.0, **more):
    return Axis(name=name, size=size, scale=scale, unit=unit, offset=offset, **more)


def drawn(array, *axes, **more):
    source = PreviewSource(read=lambda: array, axes=axes, **more)
    return np.asarray(render_array(source)).astype(int)


def texts(ruler, most=6):
    return [tick.text for tick in ruler.ticks(most)]


@pytest.mark.parametrize(
    ("given", "label", "numbers"),
    [
        (axis(101, 0.1, "keV", "Energy"), "Energy (keV)", "0 2 4 6 8 10"),
        (axis(101, 2e-9, "m", "Position"), "Position (nm)", "0 50 100 150 200"),
        (axis(101, -1, "eV", "E", 50), "E (eV)", "-40 -20 0 20 40"),
        (axis(101, 1e5, "Hz", "f"), "f (×10⁶ Hz)", "0 2 4 6 8 10"),
        (axis(101, 1e-7, "s", "t"), "t (×10⁻⁶ s)", "0 2 4 6 8 10"),
        (axis(101, 0.5, name="Channel"), "Channel", "0 10 20 30 40 50"),
        (axis(101, 0.0, "eV", "E"), "E", "0 20 40 60 80 100"),
        (axis(101, np.nan, "eV", "E"), "E", "0 20 40 60 80 100"),
        (axis(101, 0.01, "keV", "", 8.0), "keV", "8.0 8.2 8.4 8.6 8.8 9.0"),
        (axis(11, 0.001, "eV", "E", 70_000), "E (eV)", None),
    ],
)
def test_an_axis_is_labelled_in_units_that_read_well(given, label, numbers):
    ruler = axis_ruler(given)
    assert ruler.label == label
    if numbers is not None:
        assert texts(ruler) == numbers.replace("-", "\N{MINUS SIGN}").split()
    assert len(set(texts(ruler))) == len(texts(ruler)) > 1


def test_a_logarithmic_ruler_names_powers_of_ten():
    assert texts(Ruler(start=-0.3, stop=4.2, logarithmic=True)) == [
        "1", "10", "10²", "10³", "10⁴"
    ]  # fmt: skip


def heights(*curves, **more):
    return heights_of([as_curve(np.asarray(one)) for one in curves], **more).ruler


CHANNELS = np.arange(2000)


def peak(place, height, width=6.0):
    return height * np.exp(-((CHANNELS - place) ** 2) / 2 / width**2)


LOW_LOSS = peak(200, 1e6) + peak(450, 1.5e4, 40) + 40
ORDINARY = peak(150, 3000) + peak(640, 9000) + peak(800, 900) + 60
MASSES = peak(100, 1e6, 0.3) + peak(700, 4e5, 0.3) + peak(900, 50, 0.3) + 0.5


@pytest.mark.parametrize(
    ("curve", "logarithmic"),
    [
        (LOW_LOSS, True),
        (LOW_LOSS.round().astype("u4"), True),
        (MASSES, True),
        (ORDINARY, False),
        (peak(500, 1e6), False),
        (ORDINARY - 100, False),
        (CHANNELS, False),
        (np.exp(-CHANNELS / 300), False),
        (1e9 * (CHANNELS + 400.0) ** -2.7, False),
        (np.zeros(2000), False),
        (np.full(2000, np.nan), False),
        (np.full(2000, 1e308), False),
    ],
)
def test_a_logarithmic_scale_is_for_what_would_not_be_seen_otherwise(
    curve, logarithmic
):
    assert heights(curve).logarithmic is logarithmic


def test_a_weak_curve_beside_a_strong_one_is_seen():
    assert heights(5e4 + CHANNELS, 20.0 + CHANNELS / 100).logarithmic
    assert not heights(5e4 + CHANNELS, 4e4 + CHANNELS).logarithmic


def test_counts_start_at_zero_but_a_level_that_hardly_varies_does_not():
    assert heights(ORDINARY).start == 0
    assert heights(1000 + np.sin(CHANNELS)).start > 990


@pytest.mark.parametrize(("most", "label"), [(3e7, "C (×10⁶)"), (900, "C")])
def test_big_numbers_are_written_without_their_power(most, label):
    ruler = heights([0, most], quantity="C")
    assert ruler.label == label
    assert ruler.stop == pytest.approx(most * ruler.factor, rel=0.1)


def test_a_complex_curve_is_drawn_by_its_amplitude():
    wave = 3 * np.exp(1j * CHANNELS / 50)
    wave[900:1100] *= 2
    np.testing.assert_array_equal(drawn(wave), drawn(np.abs(wave).astype("c16")))


DRAWN = [colour for colour in COLOURS if max(colour) != min(colour)]
"""Text and frames are grey, too."""


def colours_in(pixels):
    return {
        colour
        for colour in DRAWN
        if (np.abs(pixels[..., :3] - colour).max(axis=-1) < 12).sum() > 60
    }


@pytest.mark.parametrize("navigation", [True, False])
@pytest.mark.parametrize("transposed", [True, False])
def test_named_curves_share_a_graph_in_a_colour_each(navigation, transposed):
    curves = np.stack([CHANNELS[:80] * (index + 1.0) for index in range(4)])
    named = axis(4, labels=("Al", "Si", "Ga", "In"))
    other = axis(80, 12.5, "nm", "Depth", navigation=navigation)
    if transposed:
        pixels = drawn(curves.T, other, named)
    else:
        pixels = drawn(curves, named, other)
    assert colours_in(pixels) == set(COLOURS[:4])


def test_of_very_many_curves_the_first_are_drawn():
    curves = np.stack([CHANNELS[:80] * (index + 1.0) for index in range(40)])
    named = axis(40, labels=tuple(f"Ion {index}" for index in range(40)))
    assert colours_in(drawn(curves, named, axis(80))) == set(DRAWN)


def test_names_that_do_not_match_their_axis_are_ignored():
    curves = np.stack([CHANNELS[:80] * (index + 1.0) for index in range(4)])
    pixels = drawn(curves, axis(4, labels=("Al",)), axis(80))
    assert not colours_in(pixels)


@pytest.mark.parametrize("zoom", [0.9, 1.0, 1.8])
@pytest.mark.parametrize("legend", [0, 3, 30])
def test_a_legend_leaves_room_for_the_graph(zoom, legend):
    graph = Graph(
        below=Ruler(start=0, stop=1, label="x"),
        beside=Ruler(start=0, stop=1e5, label="y"),
        title="A title",
        legend=tuple((f"Ion {index}", COLOURS[0]) for index in range(legend)),
    )
    page = Page(width=500, height=500, zoom=zoom)
    box = frame_of(graph, page)
    assert box.width > 300
    assert box.height > 200
    assert box.right < 500
    assert box.bottom < 500


def placed(names, rows=None, width=600):
    """Return where names of peaks at indices are written."""
    box = Box(left=10, top=10, width=width, height=300)
    highest = np.full(width, 250.0) if rows is None else rows
    skyline = skyline_of([(np.arange(width, dtype=float), highest)], box, width)
    annotations = [
        Annotation(kind="text", points=((place, 0),), text=text)
        for place, text in names
    ]
    page = Page(width=width + 20, height=330)
    return {name.text: spot for name, spot in placed_names(skyline, annotations, page)}


def test_the_name_of_a_peak_is_just_above_it():
    rows = np.full(600, 250.0)
    rows[395:406] = 120
    spot = placed([(400, "Al")], rows)["Al"]
    assert 10 + 120 - 10 < spot.bottom < 10 + 120
    assert (spot.left + spot.right) / 2 == pytest.approx(410, abs=2)


def test_a_name_does_not_lie_on_a_neighbour_of_its_peak():
    rows = np.full(600, 250.0)
    rows[395:406], rows[410:420] = 180, 90
    spot = placed([(400, "Aluminium")], rows)["Aluminium"]
    assert spot.bottom < 10 + 90 or spot.right < 10 + 410


def test_names_of_neighbouring_peaks_do_not_overlap():
    spots = list(
        placed([(100 + 9 * index, f"Ion{index}") for index in range(8)]).values()
    )
    assert len(spots) == 8
    for index, one in enumerate(spots):
        assert not any(map(one.overlaps, spots[:index]))


def test_a_name_at_the_edge_is_not_cut_off():
    spots = placed([(0, "Hydrogen"), (599, "Uranium")])
    assert spots["Hydrogen"].left >= 10
    assert spots["Uranium"].right <= 610


def test_names_without_room_are_left_out():
    spots = placed([(300, f"Ion number {index}") for index in range(90)])
    assert 5 < len(spots) < 90
    assert all(spot.top >= 10 for spot in spots.values())


@pytest.mark.parametrize("place", [-1, 600, np.nan, np.inf])
def test_a_name_outside_of_the_axis_is_left_out(place):
    assert not placed([(place, "Ion")])


def test_a_range_is_tinted_and_a_line_is_drawn():
    flat = np.zeros(100)
    tinted = Annotation(kind="rectangle", points=((20, 0), (40, 0)), colour=(0, 200, 0))
    line = Annotation(kind="line", points=((80, 0),), colour=(0, 200, 0))
    pixels = drawn(flat, axis(100), annotations=(tinted, line))
    greenish = pixels[200, :, 1] - pixels[200, :, 0] > 20
    left, right = np.flatnonzero(greenish)[[0, -1]]
    assert greenish.sum() == pytest.approx((right - left) / 3, rel=0.1)


def test_a_line_scan_has_positions_downwards_and_energies_across():
    values = np.zeros((50, 200))
    values[:10, 150:] = 5
    position = axis(50, 2, "nm", "Position", navigation=True)
    pixels = drawn(values, position, axis(200, 0.1, "eV", "Energy"))
    bright = np.argwhere(pixels[60:420, 60:480, 0] == 255)
    dark = np.argwhere(np.all(pixels[..., :3] == 0, axis=-1))
    assert len(dark) > 50_000
    assert (pixels[30:80, 420:470, 0] == 255).all()
    assert len(bright)
    transposed = drawn(values.T, axis(200, 0.1, "eV", "Energy"), position)
    np.testing.assert_array_equal(transposed, pixels)


def test_energy_may_be_the_slowest_axis_of_a_spectrum_image():
    cube = np.random.default_rng(1).random((6, 5, 300))
    scan = axis(6, navigation=True), axis(5, navigation=True)
    one = drawn(cube, *scan, axis(300, 0.1, "keV"))
    other = drawn(np.moveaxis(cube, 2, 0), axis(300, 0.1, "keV"), *scan)
    np.testing.assert_array_equal(one, other)
