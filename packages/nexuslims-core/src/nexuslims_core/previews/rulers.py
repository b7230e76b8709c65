"""Rulers of graphs: which values lie along a side, and what is written there."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from nexuslims_core.previews.scalebar import readable

if TYPE_CHECKING:
    import numpy.typing as npt

    from nexuslims_core.model.files import Axis

_RAISED = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")
_PLAIN = (1e-2, 1e5)
"""Magnitudes between which numbers are written as they are."""
_MOST_POWER = 300
_DECADES = 8
"""Powers of ten that are all written; of more, every other or fewer."""


@dataclass(frozen=True, kw_only=True)
class Tick:
    """A place along a ruler, from 0 to 1, and what is written there."""

    place: float
    text: str


@dataclass(frozen=True, kw_only=True)
class Marks:
    """Names along a side of a graph, in place of a ruler."""

    all: tuple[Tick, ...]
    label: str = ""

    def ticks(self, _most: int) -> list[Tick]:
        """Return all of them."""
        return list(self.all)


@dataclass(frozen=True, kw_only=True)
class Ruler:
    """A side of a graph. Values are in the units of its label."""

    start: float
    """Value at its left or lower end."""
    stop: float
    """Value at its other end; may be the lower one."""
    label: str = ""
    factor: float = 1.0
    """What data are multiplied by before they are placed."""
    logarithmic: bool = False
    """Whether `start` and `stop` are powers of ten."""

    @property
    def is_sound(self) -> bool:
        """Whether there is a span of values that numbers can be written along."""
        span = self.stop - self.start
        most = max(abs(self.start), abs(self.stop))
        return math.isfinite(span) and abs(span) > most * 1e-12

    def place(self, value: npt.NDArray[Any]) -> npt.NDArray[Any]:
        """Return where along the ruler values in its units are, from 0 to 1."""
        place: npt.NDArray[Any] = (value - self.start) / (self.stop - self.start)
        return place

    def ticks(self, most: int) -> list[Tick]:
        """Return up to about `most` round values."""
        if not self.is_sound:
            return []
        if self.logarithmic:
            return self._decades(most)
        low, high = sorted((self.start, self.stop))
        step = _round_step((high - low) / max(1, most))
        indices = range(
            math.ceil(low / step - 1e-9), math.floor(high / step + 1e-9) + 1
        )
        decimals = max(0, -math.floor(math.log10(step) + 1e-9))
        return [
            Tick(
                place=(index * step - self.start) / (self.stop - self.start),
                text=_number(index * step, decimals),
            )
            for index in indices
        ]

    def _decades(self, most: int) -> list[Tick]:
        low, high = math.ceil(self.start - 1e-9), math.floor(self.stop + 1e-9)
        step = max(1, math.ceil((high - low + 1) / min(most, _DECADES)))
        return [
            Tick(
                place=(power - self.start) / (self.stop - self.start),
                text=power_of_ten(power),
            )
            for power in range(low, high + 1, step)
        ]


def axis_ruler(axis: Axis, *, edges: bool = False) -> Ruler:
    """Return the ruler of a calibrated axis.

    Parameters
    ----------
    axis
        Axis; one whose scale is of no use counts from 0.
    edges
        Whether it spans pixels, which have a width, rather than points.
    """
    if not _is_useful(axis):
        return Ruler(start=0.0, stop=max(1.0, axis.size - 1.0), label=axis.name)
    half = 0.5 if edges else 0.0
    start = axis.offset - half * axis.scale
    stop = axis.offset + (axis.size - 1 + half) * axis.scale
    factor, unit = readable(max(abs(start), abs(stop)), axis.unit)
    power = written_power(max(abs(start), abs(stop)) * factor)
    shown = f"{_times(power)} {unit}".strip()
    if axis.name and shown:
        shown = f"{axis.name} ({shown})"
    factor /= 10.0**power
    return Ruler(
        start=start * factor,
        stop=stop * factor,
        label=shown or axis.name,
        factor=factor,
    )


def value_label(name: str, power: int) -> str:
    """Return the label of values that are written without a power of ten."""
    return f"{name} ({_times(power)})" if power else name


def power_of_ten(power: int) -> str:
    """Return 1, 10, or 10 with a raised exponent."""
    return {0: "1", 1: "10"}.get(power, f"10{str(power).translate(_RAISED)}")


def _is_useful(axis: Axis) -> bool:
    return bool(
        math.isfinite(axis.scale)
        and math.isfinite(axis.offset)
        and axis.scale
        and math.isfinite(axis.offset + axis.size * axis.scale)
    )


def _times(power: int) -> str:
    return f"×{power_of_ten(power)}" if power else ""


def written_power(most: float) -> int:
    """Return the power of ten to write values up to `most` without: a multiple of 3."""
    if not math.isfinite(most) or most <= 0 or _PLAIN[0] <= most < _PLAIN[1]:
        return 0
    power = 3 * math.floor(math.log10(most) / 3)
    return max(-_MOST_POWER, min(power, _MOST_POWER))


def _round_step(least: float) -> float:
    power = 10.0 ** math.floor(math.log10(least))
    return next(n * power for n in (1, 2, 5, 10) if n * power >= least * (1 - 1e-9))


def _number(value: float, decimals: int) -> str:
    text = f"{value:.{decimals}f}"
    return text.lstrip("-") if float(text) == 0 else text.replace("-", "\N{MINUS SIGN}")
