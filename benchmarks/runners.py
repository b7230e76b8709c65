"""One to four runners on one PostgreSQL: how fast they are together.

Each has one core to itself, as long as there is one: so they are as many small machines
as there are cores. One runner that may use all of them leaves little to the others.
"""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import tempfile
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from nexuslims_testing.samples.fei_tiff import Scan, write_scan
from nexuslims_testing.servers.postgresql import PostgresqlServer

from benchmarks.local import STORE, installation, log_sessions, records
from benchmarks.result import Check, Curve, Result, Table, finish, gain, parser, rounded

if TYPE_CHECKING:
    import argparse
    from collections.abc import Sequence

    from nexuslims_testing.facility import Facility

LEAST_GAIN = 1.5
LIMIT_S = 3600.0


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure as the command line says."""
    options = parser(__doc__)
    options.add_argument("--sessions", type=int, default=80, metavar="N")
    options.add_argument("--files", type=int, default=5, metavar="N", help="of each")
    options.add_argument("--runners", type=int, nargs="+", default=[1, 2, 3, 4])
    options.add_argument("--repeat", type=int, default=2, metavar="N")
    chosen = options.parse_args(arguments)
    with (
        tempfile.TemporaryDirectory(prefix="nexuslims-") as folder,
        PostgresqlServer() as server,
    ):
        return finish(compare(Path(folder), server, chosen), chosen.json)


def compare(
    folder: Path, server: PostgresqlServer, chosen: argparse.Namespace
) -> Result:
    """Build the same sessions with each number of runners, by turns."""
    root = folder / "instruments"
    spans = _material(root / STORE, chosen.sessions, chosen.files)
    walls: dict[int, list[float]] = {count: [] for count in chosen.runners}
    built = set()
    for turn in range(chosen.repeat):
        for count, found in walls.items():
            made = installation(
                folder / f"{count}-{turn}",
                instrument_root=root,
                workers=1,
                NX_DB_URL=server.create_database(),
                NX_CLAIM_LIMIT=max(1, min(10, chosen.sessions // (2 * count))),
            )
            log_sessions(made, spans)
            found.append(_timed(made, count, chosen.sessions))
            built.add(len(records(made)))
    return _result(
        {count: statistics.median(found) for count, found in walls.items()},
        built,
        chosen,
    )


def _material(
    folder: Path, sessions: int, files: int
) -> list[tuple[datetime, datetime]]:
    """Write the files of some sessions; return when these began and ended."""
    folder.mkdir(parents=True)
    template = folder.parent / "template.tif"
    write_scan(template, Scan())
    image = template.read_bytes()
    # Too old to be looked at again once it is done.
    first = datetime.now(tz=UTC).replace(microsecond=0) - timedelta(days=5)
    spans = []
    for number in range(sessions):
        start = first - timedelta(hours=number)
        for copy in range(files):
            path = folder / f"{number:05d}-{copy}.tif"
            path.write_bytes(image)
            moment = (start + timedelta(minutes=1 + copy)).timestamp()
            os.utime(path, (moment, moment))
        spans.append((start, start + timedelta(minutes=50)))
    return spans


def _timed(made: Facility, count: int, sessions: int) -> float:
    """Return the seconds from the start of all runners to the last session."""
    begin = time.perf_counter()
    cores = sorted(os.sched_getaffinity(0))
    runners = [
        _on_core(
            cores[number % len(cores)],
            subprocess.Popen(  # noqa: S603 - our own program
                made.command("run", "--watch", "1"),
                env=made.environment,
                cwd=made.folder,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
            ),
        )
        for number in range(count)
    ]
    try:
        # To look at a folder takes less from the runners than to ask their database.
        done = made.data_path / "records" / "uploaded"
        while len(list(done.glob("*.xml"))) < sessions:
            ended = all(one.poll() is not None for one in runners)
            if ended or time.perf_counter() - begin > LIMIT_S:
                msg = "the runners have not built all sessions"
                raise RuntimeError(msg)
            time.sleep(0.1)
        return time.perf_counter() - begin
    finally:
        for one in runners:
            one.terminate()
        for one in runners:
            one.wait()


def _on_core(core: int, process: subprocess.Popen[bytes]) -> subprocess.Popen[bytes]:
    """Leave a process that was just started, and all that it starts, one core."""
    os.sched_setaffinity(process.pid, {core})
    return process


def _result(
    walls: dict[int, float], built: set[int], chosen: argparse.Namespace
) -> Result:
    base = walls[min(walls)]
    rates = {count: chosen.sessions / wall for count, wall in walls.items()}
    checks = [
        Check(
            what="records of each run",
            value=str(sorted(built)),
            limit=str([chosen.sessions]),
            kind="exactly",
        )
    ]
    cores = len(os.sched_getaffinity(0))
    if cores > 1:
        checks += gain("two runners", walls, LEAST_GAIN)
    return Result(
        title="Runners on one PostgreSQL",
        tables=[
            Table(
                caption=(
                    f"{chosen.sessions} sessions of {chosen.files} files, one worker "
                    f"and one core a runner, {cores} cores; medians of {chosen.repeat} "
                    "runs by turns"
                ),
                columns=(
                    "Runners",
                    "Wall time (s)",
                    "Sessions per minute",
                    "Throughput, relative",
                ),
                rows=[
                    (
                        count,
                        rounded(wall),
                        rounded(60 * rates[count]),
                        rounded(base / wall),
                    )
                    for count, wall in walls.items()
                ],
            )
        ],
        curves=[
            Curve(
                name="runners",
                title="Sessions per minute",
                x="runners",
                y="sessions per minute",
                series={
                    "NexusLIMS": [
                        (float(count), rounded(60 * rate))
                        for count, rate in rates.items()
                    ]
                },
                logarithmic=False,
            )
        ],
        checks=checks,
    )


if __name__ == "__main__":
    sys.exit(main())
