"""The benchmarks there are, and how much of each is done."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence


@dataclass(frozen=True, kw_only=True)
class Benchmark:
    """A module of this package with a command line."""

    name: str
    acceptance: Sequence[str]
    """Arguments with which it measures what is asked of NexusLIMS."""
    smoke: Sequence[str]
    """Arguments with which it only shows that it works."""
    live: bool = False
    """Whether it needs servers or the predecessor, each in its own environment."""
    shared: bool = False
    """Whether it reads real instrument files."""

    @property
    def module(self) -> str:
        """What ``python -m`` takes."""
        return f"benchmarks.{self.name}"


SUITE = (
    Benchmark(
        name="session",
        # With scikit-learn 1.9 the predecessor takes many times as long to cluster.
        acceptance=(
            *("--files", "200", "--repeat", "1"),
            *("--with", "scikit-learn==1.6.1"),
        ),
        smoke=("--files", "3"),
        live=True,
        shared=True,
    ),
    Benchmark(
        name="floor",
        acceptance=("--files", "200", "--repeat", "3"),
        smoke=("--files", "3", "--repeat", "1"),
        shared=True,
    ),
    Benchmark(
        name="workers",
        acceptance=("--files", "1000", "--repeat", "2", "--dask", "2"),
        smoke=(
            *("--files", "3", "--repeat", "1"),
            *("--workers", "1", "2", "--dask", "1"),
        ),
        shared=True,
    ),
    Benchmark(name="memory", acceptance=(), smoke=("--gigabytes", "0.01")),
    Benchmark(
        name="startup",
        acceptance=("--repeat", "7"),
        smoke=("--repeat", "1"),
        live=True,
    ),
    Benchmark(
        name="clustering",
        # With scikit-learn 1.9 the predecessor takes many times as long at this size.
        acceptance=(
            *("--compare", "--repeat", "2"),
            *("--requirement", "scikit-learn==1.6.1"),
        ),
        smoke=("--most", "1000", "--repeat", "1"),
    ),
    Benchmark(
        name="scan",
        acceptance=("--files", "1000", "10000", "100000", "200000"),
        smoke=("--files", "1000", "--repeat", "1"),
    ),
    Benchmark(
        name="runners",
        acceptance=(),
        smoke=(
            *("--sessions", "2", "--files", "1"),
            *("--runners", "1", "2", "--repeat", "1"),
        ),
        live=True,
    ),
    Benchmark(
        name="growth",
        acceptance=(),
        smoke=(
            *("--most-files", "10"),
            *("--most-sessions", "1"),
            *("--most-megabytes", "1"),
        ),
    ),
)
