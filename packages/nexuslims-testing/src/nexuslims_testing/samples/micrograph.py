"""Synthetic images that look like micrographs, the same for the same seed."""

from __future__ import annotations

import numpy as np


def grains(width: int, height: int, *, seed: int, number: int = 40) -> np.ndarray:
    """Return an image of polygonal grains with dark boundaries, from 0 to 1.

    Every pixel belongs to the nearest of `number` random centres.
    """
    rng = np.random.default_rng(seed)
    rows, columns = np.mgrid[0:height, 0:width].astype(np.float32)
    centres = rng.random((number, 2)) * (height, width)
    shades = 0.35 + 0.5 * rng.random(number)
    nearest = np.full((height, width), np.inf, np.float32)
    second = nearest.copy()
    image = np.zeros((height, width), np.float32)
    for (row, column), shade in zip(centres, shades, strict=True):
        distance = np.hypot(rows - row, columns - column)
        closer = distance < nearest
        second = np.where(closer, nearest, np.minimum(second, distance))
        nearest = np.where(closer, distance, nearest)
        image = np.where(closer, shade, image)
    boundary = np.clip((second - nearest) / 3, 0.3, 1)
    return _noisy(image * boundary, rng, 0.03)


def particles(width: int, height: int, *, seed: int, number: int = 60) -> np.ndarray:
    """Return bright round particles on a dim background, from 0 to 1."""
    rng = np.random.default_rng(seed)
    rows, columns = np.mgrid[0:height, 0:width].astype(np.float32)
    image = 0.25 + 0.1 * np.sin(columns / width * 3 + rows / height)
    radii = width / 60 * (0.5 + 1.5 * rng.random(number))
    for radius, (row, column) in zip(
        radii, rng.random((number, 2)) * (height, width), strict=True
    ):
        distance = np.hypot(rows - row, columns - column) / radius
        rim = np.exp(-((distance - 1) ** 2) * 8)
        image = np.where(distance < 1, 0.65, image) + 0.25 * rim
    return _noisy(image, rng, 0.04)


def trench(width: int, height: int, *, seed: int) -> np.ndarray:
    """Return a milled trench with a layered side wall, from 0 to 1."""
    rng = np.random.default_rng(seed)
    rows, columns = np.mgrid[0:height, 0:width].astype(np.float32)
    depth = (rows / height - 0.35) / 0.4
    middle = abs(columns - width / 2) < width / 3
    inside = middle & (depth > 0) & (depth < 1)
    layers = 0.35 + 0.25 * (np.floor(depth * 7) % 2) + 0.1 * depth
    surface = 0.7 + 0.06 * np.sin(columns / 9) * np.sin(rows / 13)
    return _noisy(np.where(inside, layers, surface), rng, 0.05)


def _noisy(image: np.ndarray, rng: np.random.Generator, level: float) -> np.ndarray:
    """Return `image` with the noise of a detector, within 0 and 1."""
    noise = rng.normal(0, level, image.shape)
    noisy: np.ndarray = image + noise
    return noisy.clip(0, 1)


def as_integers(image: np.ndarray, bits: int = 8) -> np.ndarray:
    """Return an image from 0 to 1 as unsigned integers of 8 or 16 bits."""
    counts: np.ndarray = np.round(image * (2**bits - 1))
    return counts.astype(np.dtype(f"u{bits // 8}"))
