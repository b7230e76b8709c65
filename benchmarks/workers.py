"""The same session with one, two and four workers, and with Dask's.

Tells how long each takes, whether the bytes differ, and what there was to gain: how
much faster two processes are than one that do nothing but read. They share memory and,
where the machine is not a whole one, a host with others.
"""

from __future__ import annotations

import contextlib
import re
import statistics
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from benchmarks.local import STORE, installation, log_sessions, records, run
from benchmarks.material import replicate, unpacked, yesterday
from benchmarks.result import Check, Result, Table, finish, gain, parser, rounded
from benchmarks.worker import observed

if TYPE_CHECKING:
    import argparse
    from collections.abc import Iterator, Mapping, Sequence

    from nexuslims_testing.facility import Facility

    from benchmarks.measure import Cost

LEAST_GAIN = 1.7
BARE = 200
"""Files that processes read by themselves."""
MOMENT = re.compile(rb'(name="NexusLIMS Extraction \xe2\x80\x93 Date">)[^<]*')
"""When files were read: the only thing in a record that another run may not repeat."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure as the command line says."""
    options = parser(__doc__)
    options.add_argument("--files", type=int, default=200, metavar="N")
    options.add_argument("--repeat", type=int, default=2, metavar="N")
    options.add_argument("--workers", type=int, nargs="+", default=[1, 2, 4])
    options.add_argument("--dask", type=int, default=0, metavar="WORKERS")
    chosen = options.parse_args(arguments)
    with (
        tempfile.TemporaryDirectory(prefix="nexuslims-") as folder,
        cluster(chosen.dask) as settings,
    ):
        return finish(compare(Path(folder), chosen, settings), chosen.json)


@contextlib.contextmanager
def cluster(workers: int) -> Iterator[Mapping[str, str]]:
    """Have a Dask cluster for a ``with`` block; give the settings that use it."""
    if not workers:
        yield {}
        return
    from distributed import LocalCluster

    made = LocalCluster(  # type: ignore[no-untyped-call]
        n_workers=workers, threads_per_worker=1, dashboard_address=None
    )
    with made:
        yield {"NX_EXECUTOR": "dask", "NX_DASK_SCHEDULER": made.scheduler_address}


def compare(
    folder: Path, chosen: argparse.Namespace, dask: Mapping[str, str]
) -> Result:
    """Build the same session with each number of workers, by turns."""
    root = folder / "instruments"
    start = yesterday()
    sources = unpacked(folder / "sources")
    files, last = replicate(sources, root / STORE, chosen.files, start)
    span = (start - timedelta(minutes=1), last + timedelta(minutes=1))
    costs: dict[int, list[Cost]] = {count: [] for count in chosen.workers}
    remote: list[Cost] = []
    texts: set[bytes] = set()

    def build(name: str, workers: int, settings: Mapping[str, str]) -> Cost:
        made = installation(
            folder / name, instrument_root=root, workers=workers, **settings
        )
        log_sessions(made, [span])
        cost = run(made)
        texts.add(text(made))
        return cost

    bare: list[float] = []
    for turn in range(chosen.repeat):
        bare.append(gain_of_two(sources, files[:BARE], folder / f"bare-{turn}"))
        for count, found in costs.items():
            found.append(build(f"{count}-{turn}", count, {}))
        if dask:
            remote.append(build(f"dask-{turn}", 1, dask))
    return _result(costs, remote, texts, bare, chosen)


def gain_of_two(kinds: Sequence[Path], files: Sequence[Path], folder: Path) -> float:
    """Return how many times as fast two processes read files as one.

    What each takes for its first files of all kinds does not count.
    """

    def seconds(name: str, chosen: Sequence[Path]) -> float:
        found = observed(folder / name, [*kinds, *chosen])
        return sum(float(one["wall_s"]) for one in found[-len(chosen) :])

    with ThreadPoolExecutor(2) as both:
        shared = both.map(seconds, ("one", "two"), (files[::2], files[1::2]))
        together = max(shared)
    return seconds("all", files) / together


def text(made: Facility) -> bytes:
    """Return the one record of an installation, without the moments of extraction."""
    [record] = records(made)
    return MOMENT.sub(rb"\1", record.read_bytes())


def _result(
    costs: Mapping[int, Sequence[Cost]],
    remote: Sequence[Cost],
    texts: set[bytes],
    bare: Sequence[float],
    chosen: argparse.Namespace,
) -> Result:
    walls = {
        count: statistics.median(one.wall_s for one in found)
        for count, found in costs.items()
    }
    checks = [
        Check(
            what="different records, the moments of extraction aside",
            value=len(texts),
            limit=1,
            kind="exactly",
        )
    ]
    gains = " and ".join(str(rounded(one)) for one in bare)
    note = f"Two processes that only read files were {gains} times as fast as one."
    checks += gain("two workers", walls, LEAST_GAIN)
    return Result(
        title=f"Workers: a session of {chosen.files} real files",
        tables=[
            Table(
                caption=f"Medians of {chosen.repeat} runs by turns",
                columns=(
                    "Workers",
                    "Wall time (s)",
                    "Processor time (s)",
                    "Peak memory (MB)",
                ),
                rows=_rows(costs, remote, chosen.dask),
            )
        ],
        checks=checks,
        notes=[note],
    )


def _rows(
    costs: Mapping[int, Sequence[Cost]], remote: Sequence[Cost], dask: int
) -> list[tuple[str, float, float | str, float | str]]:
    rows: list[tuple[str, float, float | str, float | str]] = [
        (
            str(count),
            rounded(statistics.median(one.wall_s for one in found)),
            rounded(statistics.median(one.cpu_s for one in found)),
            rounded(statistics.median(one.peak_bytes for one in found) / 1e6),
        )
        for count, found in costs.items()
    ]
    if remote:
        # What its workers take is not this program's.
        wall = rounded(statistics.median(one.wall_s for one in remote))
        rows.append((f"{dask} on Dask", wall, "–", "–"))
    return rows


if __name__ == "__main__":
    sys.exit(main())
