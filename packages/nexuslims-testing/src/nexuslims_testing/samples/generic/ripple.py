"""Ripple: what an array is like in an .rpl, the array itself in a .raw."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

    import numpy as np


def write_ripple(path: Path, spectra: np.ndarray, *, raw: bool = True) -> None:
    """Write spectra of 16 bits along the last of three axes, calibrated.

    Parameters
    ----------
    path
        The .rpl file.
    raw
        Write the numbers, too.
    """
    height, width, depth = spectra.shape
    settings = {
        "width": width,
        "height": height,
        "depth": depth,
        "offset": 0,
        "data-length": 2,
        "data-type": "unsigned",
        "byte-order": "little-endian",
        "record-by": "vector",
        "ev-per-chan": 10,
        "signal": "EDS_SEM",
        "beam-energy": 15.0,
        "elevation-angle": 35.0,
        "live-time": 12.5,
        "depth-scale": 0.01,
        "depth-origin": -0.1,
        "depth-units": "keV",
        "width-scale": 0.5,
        "width-units": "um",
        "height-scale": 0.5,
        "height-units": "um",
        "title": "steel",
    }
    lines = ["key\tvalue", *(f"{key}\t{value}" for key, value in settings.items())]
    path.write_text("\n".join(lines) + "\n", encoding="latin-1")
    if raw:
        path.with_suffix(".raw").write_bytes(spectra.astype("<u2").tobytes())
