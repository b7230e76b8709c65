"""Writes a small Acme micrograph, so that no real file has to be distributed."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from nexuslims_extractors_acme.reader import MAGIC, PIXEL

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

WIDTH, HEIGHT = 64, 48

HEADER = {
    "Width": WIDTH,
    "Height": HEIGHT,
    "Date": "2026-03-02T14:05:09",
    "HV": "15000",
    "WD": "0.0042",
    "Dwell": "1e-06",
    "PixelSize": "2.5e-08",
    "Mag": "5000",
    "Detector": "Everhart-Thornley",
    "User": "ada",
    "Software Version": "3.1",
}


def write_sample(path: Path) -> None:
    """Write an image of two grains and the boundary between them."""
    header = "\n".join(f"{name}={value}" for name, value in HEADER.items()).encode()
    path.write_bytes(
        MAGIC + len(header).to_bytes(4, "little") + header + _pixels().tobytes()
    )


def _pixels() -> NDArray[np.uint16]:
    y, x = np.mgrid[:HEIGHT, :WIDTH]
    distance = x - WIDTH / 2 - 6 * np.sin(y / 7)
    grains = np.where(distance < 0, 18_000, 30_000) + 300 * (y % 5)
    boundary = np.abs(distance) < 2  # noqa: PLR2004 - pixels
    return np.where(boundary, 50_000, grains).astype(PIXEL)
