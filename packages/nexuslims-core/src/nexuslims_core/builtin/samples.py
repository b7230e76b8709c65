"""Sample files that need no vendor package: two pictures and a log, always the same."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
from PIL import Image

if TYPE_CHECKING:
    from pathlib import Path

_SIZE = 384
_SEED = 20
_GRAINS = 14
_PARTICLES = 45

Pixels = npt.NDArray[np.float64]


def write_micrograph_png(path: Path) -> None:
    """Write 16-bit lattice fringes of a polycrystal, as a transmission image."""
    random = np.random.default_rng(_SEED)
    y, x = np.mgrid[:_SIZE, :_SIZE].astype(np.float64)
    seeds = random.uniform(0, _SIZE, (_GRAINS, 2))
    distance = np.hypot(x[..., None] - seeds[:, 0], y[..., None] - seeds[:, 1])
    grain = distance.argmin(axis=-1)
    nearest = np.partition(distance, 1, axis=-1)
    boundary = np.exp(-((nearest[..., 1] - nearest[..., 0]) ** 2) / 18)
    angle = random.uniform(0, np.pi, _GRAINS)[grain]
    period = random.choice([6.2, 7.1, 8.4], _GRAINS)[grain]
    first = np.cos(2 * np.pi * (x * np.cos(angle) + y * np.sin(angle)) / period)
    second = np.cos(2 * np.pi * (y * np.cos(angle) - x * np.sin(angle)) / period)
    strength = random.uniform(0.3, 1.0, _GRAINS)[grain] * (1 - 0.8 * boundary)
    thickness = random.uniform(-0.35, 0.35, _GRAINS)[grain]
    image = thickness + 0.4 * strength * (first + 0.6 * second) - 0.3 * boundary
    image += random.normal(0, 0.18, image.shape)
    vignette = 1 - 0.25 * np.hypot(x / _SIZE - 0.5, y / _SIZE - 0.5)
    counts = (9000 + 3200 * image) * vignette
    Image.fromarray(counts.clip(0, 65535).astype(np.uint16)).save(path, "PNG")


def write_particles_tiff(path: Path) -> None:
    """Write 8-bit bright particles on a dark film, as a scanning image."""
    random = np.random.default_rng(_SEED + 1)
    y, x = np.mgrid[:_SIZE, :_SIZE].astype(np.float64)
    image = 48 + 10 * np.sin(x / 70 + 1) * np.cos(y / 90)
    image += _smooth(random.normal(0, 1, image.shape)) * 22
    for _ in range(_PARTICLES):
        left, top = random.uniform(0, _SIZE, 2)
        radius = random.gamma(6, 2.6)
        height = 1 - ((x - left) ** 2 + (y - top) ** 2) / radius**2
        # Edges are brightest: secondary electrons leave a tilted surface more easily.
        shade = 120 + 95 * (1 - np.sqrt(height.clip(0, 1)))
        edge = (height * radius / 2).clip(0, 1)
        image = image * (1 - edge) + shade * edge
    image += random.normal(0, 7, image.shape)
    Image.fromarray(image.clip(0, 255).astype(np.uint8)).save(path, "TIFF")


def write_text_log(path: Path) -> None:
    """Write the notes that an operator keeps during a session."""
    lines = [
        "Session log",
        "",
        "Specimen: gold on carbon film, grid 3",
        "Holder inserted, vacuum good after 12 min.",
        "",
        "Time   Mag        Spot  Dwell  Remark",
        "09:12    2500 x   5      3 \N{MICRO SIGN}s  overview",
        "09:20   10000 x   5      3 \N{MICRO SIGN}s  two sizes",
        "09:41   50000 x   3     10 \N{MICRO SIGN}s  facets",
        "09:55   50000 x   3     10 \N{MICRO SIGN}s  tilt 12\N{DEGREE SIGN}",
        "10:07  100000 x   3     10 \N{MICRO SIGN}s  drift",
        "10:15  100000 x   3     10 \N{MICRO SIGN}s  good",
        "",
        "Filament off, holder removed.",
    ]
    path.write_bytes(("\n".join(lines) + "\n").encode())


def _smooth(noise: Pixels) -> Pixels:
    """Return noise with its fine detail removed, as the film's texture."""
    frequency = np.hypot(
        np.fft.fftfreq(noise.shape[0])[:, None], np.fft.fftfreq(noise.shape[1])
    )
    filtered = np.fft.ifft2(np.fft.fft2(noise) * np.exp(-((frequency * 18) ** 2))).real
    return np.asarray(filtered / filtered.std() * 0.4)
