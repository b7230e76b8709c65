"""How costs grow with files per session, sessions per run, and the size of a file."""

from __future__ import annotations

import os
import shutil
import sys
import tempfile
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from nexuslims_testing.samples.fei_tiff import Scan, write_scan

from benchmarks.holes import write_stack
from benchmarks.local import STORE, installation, log_sessions, run
from benchmarks.material import yesterday
from benchmarks.result import Curve, Result, Table, exponent, finish, parser, rounded
from benchmarks.worker import observed

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from benchmarks.measure import Cost
    from benchmarks.result import Cell

FILES = (10, 30, 100, 300, 1_000, 3_000, 10_000)
SESSIONS = (1, 10, 100, 1_000)
MEGABYTES = (1, 16, 256, 4_096)
FILES_OF_A_SESSION = 3
COSTS = ("Wall time (s)", "Processor time (s)", "Peak memory (MB)")

Span = tuple["datetime", "datetime"]


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure as the command line says."""
    options = parser(__doc__)
    options.add_argument("--most-files", type=int, default=10_000, metavar="N")
    options.add_argument("--most-sessions", type=int, default=1_000, metavar="N")
    options.add_argument("--most-megabytes", type=int, default=4_096, metavar="N")
    options.add_argument("--workers", type=int, default=2, metavar="N")
    chosen = options.parse_args(arguments)
    with tempfile.TemporaryDirectory(prefix="nexuslims-") as name:
        folder = Path(name)
        files = [n for n in FILES if n <= chosen.most_files]
        sessions = [n for n in SESSIONS if n <= chosen.most_sessions]
        parts = [
            _files(files, folder, chosen.workers),
            _sessions(sessions, folder, chosen.workers),
            _sizes([n for n in MEGABYTES if n <= chosen.most_megabytes], folder),
        ]
    found = Result(
        title="Growth",
        tables=[table for table, _ in parts],
        curves=[curve for _, curves in parts for curve in curves],
        notes=[
            f"{chosen.workers} workers; records are delivered to the HTML catalogue.",
            "An exponent of 1 means: twice the work, twice the cost.",
        ],
    )
    return finish(found, chosen.json)


def _files(
    counts: Sequence[int], folder: Path, workers: int
) -> tuple[Table, list[Curve]]:
    """Build one session, of more and more files."""
    costs = {count: _built([count], folder, workers) for count in counts}
    return _grown("files", "Files per session", costs)


def _sessions(
    counts: Sequence[int], folder: Path, workers: int
) -> tuple[Table, list[Curve]]:
    """Build more and more sessions, of few files each."""
    costs = {
        count: _built([FILES_OF_A_SESSION] * count, folder, workers) for count in counts
    }
    return _grown("sessions", "Sessions per run", costs)


def _built(sizes: Sequence[int], folder: Path, workers: int) -> Cost:
    """Build a session of each size with one call of `nexuslims run`."""
    with tempfile.TemporaryDirectory(dir=folder) as name:
        root = Path(name) / "instruments"
        (root / STORE).mkdir(parents=True)
        spans = _fill(root / STORE, sizes)
        made = installation(
            Path(name) / "facility", instrument_root=root, workers=workers
        )
        log_sessions(made, spans)
        return run(made)


def _fill(store: Path, sizes: Sequence[int]) -> list[Span]:
    """Write the files of sessions, one after the other in time; return their spans."""
    sample = store.with_name("sample.tif")
    write_scan(sample, Scan())
    apart = min(timedelta(seconds=5), timedelta(hours=24) / sum(sizes))
    when = yesterday()
    spans = []
    for session, size in enumerate(sizes):
        folder = store / f"{session:04d}"
        folder.mkdir()
        start = when
        for number in range(size):
            when += apart
            target = folder / f"{number:05d}.tif"
            shutil.copyfile(sample, target)
            os.utime(target, (when.timestamp(), when.timestamp()))
        spans.append((start, when))
        when += apart
    return spans


def _grown(name: str, what: str, costs: dict[int, Cost]) -> tuple[Table, list[Curve]]:
    rows: list[Sequence[Cell]] = [
        (
            count,
            rounded(one.wall_s),
            rounded(one.cpu_s),
            rounded(one.peak_bytes / 1e6),
            rounded(one.wall_s / count * 1e3),
        )
        for count, one in costs.items()
    ]
    wall = [(float(count), one.wall_s) for count, one in costs.items()]
    cpu = [(float(count), one.cpu_s) for count, one in costs.items()]
    memory = [(float(count), one.peak_bytes / 1e6) for count, one in costs.items()]
    growth = f", exponent of the last steps {exponent(wall[-3:])}" if wall[1:] else ""
    table = Table(
        caption=f"{what}{growth}", columns=(what, *COSTS, "Each (ms)"), rows=rows
    )
    seconds = {"wall time": wall, "processor time": cpu}
    return table, [
        Curve(name=f"growth-{name}", title=what, x=what, y="Seconds", series=seconds),
        Curve(
            name=f"growth-{name}-memory",
            title=f"{what}: memory",
            x=what,
            y="Peak memory (MB)",
            series={"all processes": memory},
        ),
    ]


def _sizes(megabytes: Sequence[int], folder: Path) -> tuple[Table, list[Curve]]:
    """Read stacks of images that are larger and larger."""
    found = [(size, _read(size, folder)) for size in megabytes]
    time = [(float(size), wall) for size, (wall, _, _) in found]
    memory = [(float(size), above) for size, (_, _, above) in found]
    what = "Size of a DM4 stack (MB)"
    table = Table(
        caption="Size of one file, read in a warm worker",
        columns=(what, *COSTS[:2], "Peak above idle (MB)"),
        rows=[(size, *map(rounded, costs)) for size, costs in found],
    )
    return table, [
        Curve(
            name="growth-size",
            title="Size of a file",
            x=what,
            y="Seconds",
            series={"wall time": time},
        ),
        Curve(
            name="growth-size-memory",
            title="Size of a file: memory",
            x=what,
            y="Peak above idle (MB)",
            series={"one worker": memory},
        ),
    ]


def _read(megabytes: int, folder: Path) -> tuple[float, float, float]:
    """Return wall time, processor time and memory above idle of reading one stack.

    The first file of a kind brings its reader into memory, so a small one comes first.
    """
    small, large = folder / "small.dm4", folder / "large.dm4"
    write_stack(small, 1 << 20)
    write_stack(large, megabytes << 20)
    idle, _, read = observed(folder / "data", [small, large])
    above = (read["peak_bytes"] - idle["peak_bytes"]) / 1e6
    return read["wall_s"], read["cpu_s"], above


if __name__ == "__main__":
    sys.exit(main())
