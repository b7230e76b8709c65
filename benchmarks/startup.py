"""What it costs to start: help, and a run with nothing to do, by turns with 2.8.0."""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from nexuslims_testing.facility import Facility

from benchmarks.laboratory import laboratory
from benchmarks.measure import Cost, measured
from benchmarks.predecessor import VERSION, Predecessor
from benchmarks.result import Check, Result, Table, finish, parser, ratio, rounded

if TYPE_CHECKING:
    from collections.abc import Sequence

MOST = 1 / 5
NOTHING_TO_DO = "No 'TO_BE_BUILT' sessions were found. Exiting."


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure as the command line says."""
    options = parser(__doc__)
    options.add_argument("--repeat", type=int, default=7, metavar="N")
    chosen = options.parse_args(arguments)
    with tempfile.TemporaryDirectory(prefix="nexuslims-") as folder:
        return finish(compare(Path(folder), chosen.repeat), chosen.json)


def compare(folder: Path, repeat: int) -> Result:
    """Call both by turns."""
    with laboratory(folder) as lab:
        ours = Facility.at(folder / "ours")
        theirs = lab.predecessor("theirs")
        calls = {
            "nexuslims --help": (["--help"], ["--help"]),
            "run with nothing to do": (["run"], ["build-records"]),
        }
        rows, checks = [], []
        for what, (our_call, their_call) in calls.items():
            # The first call of each finds modules on a cold disk, and is not counted.
            pairs = [
                (_call(theirs, their_call), _call(ours, our_call))
                for _ in range(repeat + 1)
            ][1:]
            cpu = ratio([b.cpu_s for _, b in pairs], [a.cpu_s for a, _ in pairs])
            checks.append(Check(what=f"{what}, processor time", value=cpu, limit=MOST))
            rows += [
                (what, VERSION, *_least([a for a, _ in pairs])),
                (what, "this", *_least([b for _, b in pairs])),
            ]
    return Result(
        title=f"Start-up, beside NexusLIMS {VERSION}",
        tables=[
            Table(
                caption=f"The quickest of {repeat} calls by turns",
                columns=("Call", "Version", "Wall time (s)", "Processor time (s)"),
                rows=rows,
            )
        ],
        checks=checks,
        notes=["The ratios are those of the medians."],
    )


def _call(one: Facility | Predecessor, arguments: Sequence[str]) -> Cost:
    cost = measured(one.command(*arguments), env=one.environment, cwd=one.folder)
    # The predecessor ends with 1 when there is nothing to do.
    if cost.exit_code and "TO_BE_BUILT" not in cost.output:
        msg = f"{arguments} exited with {cost.exit_code}:\n{cost.output[-3000:]}"
        raise RuntimeError(msg)
    return cost


def _least(costs: Sequence[Cost]) -> tuple[float, float]:
    return (
        rounded(min(one.wall_s for one in costs)),
        rounded(min(one.cpu_s for one in costs)),
    )


if __name__ == "__main__":
    sys.exit(main())
