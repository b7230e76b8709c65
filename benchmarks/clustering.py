"""How long it takes to group files into activities, and how that grows."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from nexuslims_core.pipeline.cluster import boundaries

from benchmarks.predecessor import VERSION, Predecessor
from benchmarks.result import (
    Check,
    Curve,
    Result,
    Table,
    exponent,
    finish,
    parser,
    rounded,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

    from nexuslims_core.pipeline.density import Array

SIZES = (1_000, 3_000, 10_000, 30_000, 100_000)
MOST_EXPONENT = 1.3
COMPARED = 500
MOST_RATIO = 1 / 500
START = 1.7e9
BURST = (5, 60)
"""Least and most files that are taken in one go."""
PAUSE_S, LONG_PAUSE_S = 4.5, 400.0
"""Medians of the times between files, and between bursts."""
THEIRS = """
import json, sys, time
from pathlib import Path
from nexusLIMS.schemas.activity import cluster_filelist_mtimes
files = [Path(one) for one in json.load(sys.stdin)]
begin = time.perf_counter(), time.process_time()
found = cluster_filelist_mtimes(files)
spent = time.perf_counter() - begin[0], time.process_time() - begin[1]
print(json.dumps({"wall": spent[0], "cpu": spent[1], "found": len(found)}))
"""


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure as the command line says."""
    options = parser(__doc__)
    options.add_argument("--most", type=int, default=SIZES[-1], metavar="FILES")
    options.add_argument("--repeat", type=int, default=3, metavar="N")
    options.add_argument(
        "--compare",
        action="store_true",
        help=f"with NexusLIMS {VERSION}, in an environment of its own",
    )
    options.add_argument(
        "--requirement",
        action="append",
        default=[],
        help="what that environment has to hold, such as scikit-learn==1.5.2",
    )
    chosen = options.parse_args(arguments)
    sizes = [size for size in SIZES if size <= chosen.most]
    found = growth(sizes, chosen.repeat)
    checks = [_grows(found)] if len(found) > 1 else []
    tables = [_table(found)]
    if chosen.compare:
        compared, check = comparison(chosen.requirement, chosen.repeat)
        tables.append(compared)
        checks.append(check)
    return finish(
        Result(
            title="Clustering", tables=tables, curves=[_curve(found)], checks=checks
        ),
        chosen.json,
    )


def bursts(count: int, seed: int = 1) -> Array:
    """Return times of files as a session has them: series of images, and pauses."""
    random = np.random.default_rng(seed)
    times: list[float] = []
    now = START
    while len(times) < count:
        size = int(random.integers(*BURST))
        series = now + np.cumsum(random.lognormal(np.log(PAUSE_S), 1.0, size))
        times.extend(series.tolist())
        now = times[-1] + float(random.lognormal(np.log(LONG_PAUSE_S), 1.0))
    return np.round(np.array(times[:count]), 6)


def growth(sizes: Sequence[int], repeat: int) -> list[tuple[int, int, float, float]]:
    """Return files, boundaries, wall and processor time for each size."""
    return [(size, *least(bursts(size), repeat)) for size in sizes]


def least(times: Array, repeat: int) -> tuple[int, float, float]:
    """Return the number of boundaries, and the least wall and processor time."""
    spent = []
    for _ in range(repeat):
        wall, cpu = time.perf_counter(), time.process_time()
        found = boundaries(times, 1.0)
        spent.append((time.perf_counter() - wall, time.process_time() - cpu))
    walls, cpus = zip(*spent, strict=True)
    return found.size, rounded(min(walls)), rounded(min(cpus))


def comparison(requirements: Sequence[str], repeat: int) -> tuple[Table, Check]:
    """Cluster the same times with both, by turns."""
    times = bursts(COMPARED)
    with tempfile.TemporaryDirectory(prefix="nexuslims-") as name:
        folder = Path(name)
        paths = _files(folder / "store", times)
        theirs = Predecessor.at(
            folder / "theirs",
            instrument_root=folder / "store",
            requirements=requirements,
        )
        pairs = [(_their_call(theirs, paths), least(times, 3)) for _ in range(repeat)]
    their_wall = min(their["wall"] for their, _ in pairs)
    their_cpu = min(their["cpu"] for their, _ in pairs)
    our_wall = min(our[1] for _, our in pairs)
    our_cpu = min(our[2] for _, our in pairs)
    table = Table(
        caption=f"The same {COMPARED} times, the least of {repeat} turns",
        columns=("Version", "Wall (s)", "Processor (s)", "Boundaries"),
        rows=[
            (VERSION, rounded(their_wall), rounded(their_cpu), pairs[0][0]["found"]),
            ("this", our_wall, our_cpu, pairs[0][1][0]),
        ],
    )
    check = Check(
        what=f"{COMPARED} files: time beside {VERSION}",
        value=rounded(our_wall / their_wall),
        limit=MOST_RATIO,
    )
    return table, check


def _files(folder: Path, times: Array) -> list[str]:
    folder.mkdir()
    paths = []
    for number, moment in enumerate(times.tolist()):
        path = folder / f"{number:06}.dm3"
        path.touch()
        os.utime(path, (moment, moment))
        paths.append(str(path))
    return paths


def _their_call(theirs: Predecessor, paths: Sequence[str]) -> dict[str, float]:
    done = subprocess.run(  # noqa: S603 - the program under measurement
        [str(theirs.python), "-c", THEIRS],
        input=json.dumps(paths),
        env=theirs.environment,
        cwd=theirs.folder,
        check=True,
        capture_output=True,
        text=True,
    )
    spent: dict[str, float] = json.loads(done.stdout.splitlines()[-1])
    return spent


def _grows(found: Sequence[tuple[int, int, float, float]]) -> Check:
    return Check(
        what="exponent of growth, processor time",
        value=exponent([(size, cpu) for size, _, _, cpu in found]),
        limit=MOST_EXPONENT,
    )


def _table(found: Sequence[tuple[int, int, float, float]]) -> Table:
    return Table(
        caption="Times in bursts, as sessions have them",
        columns=("Files", "Boundaries", "Wall (s)", "Processor (s)"),
        rows=found,
    )


def _curve(found: Sequence[tuple[int, int, float, float]]) -> Curve:
    return Curve(
        name="clustering",
        title="Clustering",
        x="Files",
        y="Processor time (s)",
        series={"this": [(size, cpu) for size, _, _, cpu in found]},
    )


if __name__ == "__main__":
    sys.exit(main())
