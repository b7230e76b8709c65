"""How many layers, lines and pixels there are, and how large they are."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from nexuslims_core.reading.findings import number, scaled

from nexuslims_extractors_tofwerk.source import EVENTS, PEAKS, SPECTRA

if TYPE_CHECKING:
    from nexuslims_extractors_tofwerk.source import Array, Contents

LEAST_VIEW_MM = 1e-3
"""No FIB scans a field below a micrometre: smaller numbers are metres."""


@dataclass(frozen=True, kw_only=True)
class Geometry:
    """The scanned volume; zeros are unknown."""

    writes: int
    """Layers that were milled."""
    lines: int
    columns: int
    view_mm: float
    """Width of the scanned field."""

    @property
    def pixel_m(self) -> float:
        """Width and height of a pixel; pixels are square."""
        return self.view_mm / 1000 / self.columns if self.columns else 0.0

    @property
    def height_mm(self) -> float:
        """Height of the scanned field."""
        return self.view_mm * self.lines / self.columns if self.columns else 0.0


def geometry(contents: Contents) -> Geometry:
    """Return the size of what was scanned.

    Attributes of the root tell layers and lines, arrays the pixels of a line; without
    arrays, a line has as many pixels as there are lines.
    """
    array = cube(contents)
    shape = array.shape if array else (0, 0, 0)
    writes = _count(contents.root.get("NbrWrites")) or shape[0]
    lines = _count(contents.root.get("NbrSegments")) or shape[1]
    return Geometry(
        writes=writes,
        lines=lines,
        columns=shape[2] or lines,
        view_mm=_view_mm(number(contents.fib.get("ViewField"))),
    )


def cube(contents: Contents) -> Array | None:
    """Return the array of every pixel that tells most; `None` where there is none."""
    found = (contents.pixels.get(path) for path in (PEAKS, EVENTS, SPECTRA))
    return next((one for one in found if one is not None), None)


def _count(value: object) -> int:
    found = number(value)
    return int(found) if found is not None and found > 0 else 0


def _view_mm(value: float | None) -> float:
    if value is None or value <= 0:
        return 0.0
    return value if value >= LEAST_VIEW_MM else scaled(value, 1000)
