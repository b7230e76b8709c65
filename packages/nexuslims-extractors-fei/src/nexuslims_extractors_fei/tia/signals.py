"""The numbers of a ``.ser`` file as a signal: their axes, calibrated."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from nexuslims_core.types import Axis

from nexuslims_extractors_fei.axes import si_axis
from nexuslims_extractors_fei.tia.elements import Elements
from nexuslims_extractors_fei.tia.series import read_series

if TYPE_CHECKING:
    from datetime import datetime

    from nexuslims_core.types import DataFile

    from nexuslims_extractors_fei.tia.series import Calibration, Dimension, Series

UNITS = {"meters": "m", "meter": "m", "seconds": "s"}
"""Units of dimensions, as TIA writes them and as we do."""

RECIPROCAL_FROM = 1e3
"""Steps of image axes beyond which they are per metre: no pixel is a kilometre wide."""


@dataclass(frozen=True, kw_only=True)
class Signal:
    """The numbers of a signal, as far as they can be read."""

    kind: str = ""
    axes: tuple[Axis, ...] = ()
    data: Elements | None = None
    time: datetime | None = None
    header: dict[str, Any] | None = None
    notes: tuple[str, ...] = ()


def read_signal(file: DataFile) -> Signal:
    """Return the signal of a ``.ser`` file; reads no numbers.

    Raises
    ------
    OSError, ValueError
        If it cannot be read.
    """
    with file.path.open("rb") as stream:
        series = read_series(stream)
    steps = _steps(series)
    along = _along(series)
    return Signal(
        kind=series.kind,
        axes=(*steps, *along),
        data=Elements(file, series, tuple(one.size for one in steps)),
        time=series.tags[0].time if series.tags else None,
        header=dict(series.header),
        notes=(*series.notes, *_stopped(series, steps)),
    )


def _steps(series: Series) -> tuple[Axis, ...]:
    """Return the axes that elements are a series of, slowest first."""
    if series.valid == 1 and len(series.dimensions) < 2:  # noqa: PLR2004 - no plane
        return ()
    dimensions = list(series.dimensions)
    names = ("x", "y") if len(dimensions) > 1 else ("",)
    sizes = [one.size for one in dimensions]
    if len(dimensions) == 1 or _product(sizes) != series.total:
        # A list, of which the rest was not acquired; or sizes that make no sense.
        dimensions, names, sizes = dimensions[:1], ("",), [series.valid]
    axes = [
        _step(one, size, name)
        for one, size, name in zip(dimensions, sizes, (*names, *"z" * 8), strict=False)
        if size > 1
    ]
    if not dimensions and series.valid > 1:
        axes = [Axis(name="number", size=series.valid, navigation=True)]
    return tuple(axes if _is_slowest_first(series) else reversed(axes))


def _product(sizes: list[int]) -> int:
    count = 1
    for size in sizes:
        count *= size
    return count


def _step(dimension: Dimension, size: int, name: str) -> Axis:
    unit = UNITS.get(dimension.unit.lower(), dimension.unit)
    return si_axis(
        name or dimension.description.lower() or "number",
        size,
        scale=dimension.calibration.step,
        offset=dimension.calibration.origin,
        unit=unit,
        navigation=True,
    )


def _is_slowest_first(series: Series) -> bool:
    """Tell whether a plane was scanned along its second axis first."""
    places = [tag.position for tag in series.tags if tag.position]
    if len(series.dimensions) != 2 or len(places) != 2:  # noqa: PLR2004 - a plane
        return False
    (x0, y0), (x1, y1) = places
    return x0 == x1 and y0 != y1


def _stopped(series: Series, steps: tuple[Axis, ...]) -> tuple[str, ...]:
    planned = _product([one.size for one in steps])
    if planned <= series.valid:
        return ()
    return (f"Of {planned} elements, {series.valid} were acquired; the rest is zero.",)


def _along(series: Series) -> tuple[Axis, ...]:
    if series.kind == "spectrum":
        (only,) = series.calibrations
        (size,) = series.shape
        return (
            si_axis("Energy", size, scale=only.step, offset=only.origin, unit="eV"),
        )
    sized = zip(("y", "x"), series.shape, series.calibrations, strict=True)
    return tuple(_pixels(*one) for one in sized)


def _pixels(name: str, size: int, one: Calibration) -> Axis:
    unit = "1/m" if abs(one.step) >= RECIPROCAL_FROM else "m"
    if abs(one.step) == 1:
        return Axis(name=name, size=size)
    return si_axis(name, size, scale=one.step, offset=one.origin, unit=unit)
