"""The same session with one, two and four workers: time, and whether bytes differ."""

from __future__ import annotations

import re
import statistics
import sys
import tempfile
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from benchmarks.local import STORE, installation, log_sessions, records, run
from benchmarks.material import replicate, unpacked, yesterday
from benchmarks.result import Check, Result, Table, finish, gain, parser, rounded

if TYPE_CHECKING:
    import argparse
    from collections.abc import Sequence

    from nexuslims_testing.facility import Facility

    from benchmarks.measure import Cost

LEAST_GAIN = 1.7
MOMENT = re.compile(rb'(name="NexusLIMS Extraction \xe2\x80\x93 Date">)[^<]*')
"""When files were read: the only thing in a record that another run may not repeat."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure as the command line says."""
    options = parser(__doc__)
    options.add_argument("--files", type=int, default=200, metavar="N")
    options.add_argument("--repeat", type=int, default=2, metavar="N")
    options.add_argument("--workers", type=int, nargs="+", default=[1, 2, 4])
    chosen = options.parse_args(arguments)
    with tempfile.TemporaryDirectory(prefix="nexuslims-") as folder:
        return finish(compare(Path(folder), chosen), chosen.json)


def compare(folder: Path, chosen: argparse.Namespace) -> Result:
    """Build the same session with each number of workers, by turns."""
    root = folder / "instruments"
    start = yesterday()
    sources = unpacked(folder / "sources")
    _, last = replicate(sources, root / STORE, chosen.files, start)
    span = (start - timedelta(minutes=1), last + timedelta(minutes=1))
    costs: dict[int, list[Cost]] = {count: [] for count in chosen.workers}
    texts: set[bytes] = set()
    for turn in range(chosen.repeat):
        for count, found in costs.items():
            made = installation(
                folder / f"{count}-{turn}", instrument_root=root, workers=count
            )
            log_sessions(made, [span])
            found.append(run(made))
            texts.add(text(made))
    return _result(costs, texts, chosen)


def text(made: Facility) -> bytes:
    """Return the one record of an installation, without the moments of extraction."""
    [record] = records(made)
    return MOMENT.sub(rb"\1", record.read_bytes())


def _result(
    costs: dict[int, list[Cost]], texts: set[bytes], chosen: argparse.Namespace
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
                rows=[
                    (
                        count,
                        rounded(walls[count]),
                        rounded(statistics.median(one.cpu_s for one in found)),
                        rounded(
                            statistics.median(one.peak_bytes for one in found) / 1e6
                        ),
                    )
                    for count, found in costs.items()
                ],
            )
        ],
        checks=checks,
    )


if __name__ == "__main__":
    sys.exit(main())
