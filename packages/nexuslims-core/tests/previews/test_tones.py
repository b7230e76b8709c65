"""Contrast of images that are averaged, sparse, or not of numbers alone."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from nexuslims_core.previews.tones import (
    DIFFRACTION,
    LINEAR,
    channel_image,
    grey_image,
    limits,
)

DRAWN = 100


def grey(values, tone=LINEAR):
    return np.asarray(grey_image(values, DRAWN, tone)).astype(int)


def test_noise_is_averaged_before_contrast_is_chosen():
    step = np.ones((800, 800))
    step[:, 400:] = 1.3
    shades = grey(np.random.default_rng(1).poisson(step).astype("u2"))
    dark, bright = shades[:, :40], shades[:, -40:]
    assert bright.mean() - dark.mean() > 80


@pytest.mark.parametrize("dtype", ["u2", "i4", "f4", "f8"])
@pytest.mark.parametrize("size", [90, 1000])
def test_hot_pixels_stay_pixels(dtype, size):
    ramp = np.linspace(1000, 2000, size) * np.ones((size, 1))
    spoilt = ramp.copy()
    spoilt[::173, ::91] = 60_000
    plain, hot = grey(ramp.astype(dtype)), grey(spoilt.astype(dtype))
    assert (np.abs(plain - hot) > 12).mean() < 0.02


def test_a_single_pixel_of_a_big_image_is_seen():
    image = np.zeros((1500, 1500), "u2")
    image[700, 800] = 3
    assert (grey(image) > 200).sum() == 1


def test_sparse_counts_are_not_hidden_by_the_highest():
    image = np.zeros((90, 90))
    image[::10, ::10] = 5
    image[45, 45] = 1e9
    assert np.median(grey(image)[::10, ::10]) > 200


@pytest.mark.parametrize("size", [90, 1000])
def test_what_is_no_number_is_black_and_the_rest_unharmed(size):
    image = np.linspace(5, 9, size) * np.ones((size, 1))
    expected = grey(image)
    image[: size // 3] = np.nan
    shades = grey(image)
    third = len(shades) // 3
    assert shades[: third - 1].max() == 0
    assert np.abs(shades - expected)[third + 2 :].max() < 8


@pytest.mark.parametrize("scale", [1e-320, 1e-300, 1e-30, 1.0, 1e30, 1e300])
@pytest.mark.parametrize("size", [90, 1000])
def test_any_magnitude_of_values_is_stretched(scale, size):
    shades = grey(np.linspace(0, 1, size) * np.ones((size, 1)) * scale)
    assert shades.min() < 10
    assert shades.max() > 245


def test_a_big_offset_does_not_cost_contrast():
    ramp = np.linspace(0, 50, 1000) * np.ones((1000, 1))
    shades = grey((ramp + 2**40).astype("i8"))
    assert len(np.unique(shades)) > 30


def test_weak_spots_are_seen_beside_the_direct_beam():
    y, x = np.mgrid[0:100, 0:100] - 50
    pattern = 1e5 * np.exp(-(x**2 + y**2) / 9.0) + 1
    pattern[20:22, 20:22] = 300
    plainly = replace(DIFFRACTION, root=False)
    spot, as_it_is = (grey(pattern, tone)[20, 20] for tone in (DIFFRACTION, plainly))
    assert spot > 60
    assert spot > 2 * as_it_is


def test_an_empty_channel_is_dark():
    maps = np.zeros((50, 50, 3))
    maps[10:20, 10:20, 0] = 4
    colours = np.asarray(channel_image(maps, DRAWN))
    assert colours[..., 1:].max() == 0
    assert colours[15, 15, 0] == 255


@pytest.mark.parametrize("fill", [0, 7, np.nan, np.inf])
def test_what_is_the_same_everywhere_has_no_limits(fill):
    assert limits(np.full((5, 5), fill), (2, 98)) is None
