"""What a benchmark found: tables, curves and criteria, as JSON."""

from __future__ import annotations

import argparse
import dataclasses
import json
import statistics
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

Cell = str | int | float


@dataclass(frozen=True, kw_only=True)
class Table:
    """Rows of numbers, each with a heading."""

    caption: str
    columns: Sequence[str]
    rows: Sequence[Sequence[Cell]]


@dataclass(frozen=True, kw_only=True)
class Curve:
    """How one quantity grows with another."""

    name: str
    """Of the file that holds the plot."""
    title: str
    x: str
    y: str
    series: Mapping[str, Sequence[tuple[float, float]]]
    logarithmic: bool = True


@dataclass(frozen=True, kw_only=True)
class Check:
    """One figure and what it has to be."""

    what: str
    value: float | str
    limit: float | str
    """The most, or least, that is allowed; text that `value` has to equal."""
    kind: Literal["at most", "at least", "exactly"] = "at most"

    @property
    def met(self) -> bool:
        """Whether the figure is as it has to be."""
        if isinstance(self.value, str) or isinstance(self.limit, str):
            return self.value == self.limit
        if self.kind == "exactly":
            return self.value == self.limit
        if self.kind == "at least":
            return self.value >= self.limit
        return self.value <= self.limit


@dataclass(frozen=True, kw_only=True)
class Result:
    """All that one benchmark found."""

    title: str
    tables: Sequence[Table] = ()
    curves: Sequence[Curve] = ()
    checks: Sequence[Check] = ()
    notes: Sequence[str] = ()

    def as_json(self) -> dict[str, Any]:
        """Return it as `from_json` takes it."""
        return dataclasses.asdict(self)


def from_json(found: dict[str, Any]) -> Result:
    """Return what `Result.as_json` wrote."""
    return Result(
        title=found["title"],
        tables=[Table(**one) for one in found.get("tables", [])],
        curves=[Curve(**one) for one in found.get("curves", [])],
        checks=[Check(**one) for one in found.get("checks", [])],
        notes=found.get("notes", []),
    )


def rounded(value: float) -> float:
    """Return `value` with three significant digits."""
    return float(f"{value:.3g}")


def ratio(ours: Sequence[float], theirs: Sequence[float]) -> float:
    """Return our median as a fraction of theirs."""
    return rounded(statistics.median(ours) / statistics.median(theirs))


def gain(what: str, walls: Mapping[int, float], least: float) -> list[Check]:
    """Return the criterion that two are so many times as fast as one.

    Parameters
    ----------
    what
        Two of what, such as ``"two workers"``.
    walls
        Wall times by number; without those of one and two there is no criterion.
    """
    if not {1, 2} <= set(walls):
        return []
    value = rounded(walls[1] / walls[2])
    what = f"{what}, times as fast as one"
    return [Check(what=what, value=value, limit=least, kind="at least")]


def exponent(points: Sequence[tuple[float, float]]) -> float:
    """Return the power of x with which y grows: the slope on logarithmic axes."""
    import numpy as np

    x, y = np.log(np.array(points, dtype=float)).T
    return rounded(float(np.polyfit(x, y, 1)[0]))


def parser(description: str | None) -> argparse.ArgumentParser:
    """Return a parser with the option that all benchmarks have."""
    made = argparse.ArgumentParser(description=description)
    made.add_argument(
        "--json", type=Path, metavar="FILE", help="write what was found there"
    )
    return made


def finish(
    found: Result, target: Path | None, show: Callable[[str], None] = print
) -> int:
    """Write and show a result; return the exit code: 1 if a criterion is not met."""
    from benchmarks.markdown import rendered

    if target is not None:
        target.write_text(json.dumps(found.as_json(), indent=1) + "\n", "utf-8")
    show(rendered(found))
    return 0 if all(check.met for check in found.checks) else 1
