"""One session of real files: this version beside its predecessor, run by turns."""

from __future__ import annotations

import statistics
import sys
import tempfile
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from benchmarks.contents import Contents, contents, missing
from benchmarks.laboratory import laboratory
from benchmarks.material import replicate, unpacked, yesterday
from benchmarks.measure import Cost, measured
from benchmarks.predecessor import VERSION, installed, placeholders
from benchmarks.result import Check, Result, Table, finish, parser, ratio, rounded

if TYPE_CHECKING:
    import argparse
    from collections.abc import Mapping, Sequence

    from benchmarks.laboratory import Laboratory

MARGIN = timedelta(minutes=1)
MOST_WALL = 1 / 30
GOAL_WALL = 1 / 100
MOST_CPU = 1 / 15
MOST_MEMORY = 1 / 2


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure as the command line says."""
    options = parser(__doc__)
    options.add_argument("--files", type=int, default=200, metavar="N")
    options.add_argument("--repeat", type=int, default=1, metavar="N")
    options.add_argument("--workers", type=int, default=2, metavar="N")
    options.add_argument(
        "--with",
        dest="requirements",
        action="append",
        default=[],
        metavar="REQUIREMENT",
        help="what the predecessor's environment has to hold besides",
    )
    chosen = options.parse_args(arguments)
    with tempfile.TemporaryDirectory(prefix="nexuslims-") as folder:
        return finish(compare(Path(folder), chosen), chosen.json)


def compare(folder: Path, chosen: argparse.Namespace) -> Result:
    """Build the same session with both and return how they compare."""
    with laboratory(folder) as lab:
        sources = unpacked(folder / "sources")
        start = yesterday()
        _, last = replicate(sources, lab.files, chosen.files, start)
        lab.add_session(start - MARGIN, last + MARGIN)
        _warm(lab, sources[0], chosen)
        ours: list[Cost] = []
        theirs: list[Cost] = []
        for turn in range(chosen.repeat):
            theirs.append(_predecessor(lab, f"theirs-{turn}", chosen.requirements))
            ours.append(_this(lab, f"ours-{turn}", chosen.workers))
        return _result(
            ours,
            theirs,
            contents(lab.folder / "ours-0" / "data"),
            contents(
                lab.folder / "theirs-0" / "data",
                placeholders(installed(chosen.requirements)),
            ),
            chosen,
        )


def _warm(lab: Laboratory, file: Path, chosen: argparse.Namespace) -> None:
    """Have both read one file, so that neither finds its modules on a cold disk."""
    ours = lab.facility("warm-ours", workers=chosen.workers)
    theirs = lab.predecessor("warm-theirs", chosen.requirements)
    for one, options in ((ours, []), (theirs, ["--preview-path", "preview.png"])):
        _run(one.command("extract", *options, str(file)), one.environment, one.folder)


def _this(lab: Laboratory, name: str, workers: int) -> Cost:
    lab.empty_repository()
    made = lab.facility(name, workers=workers)
    return _run(made.command("run", "--quiet"), made.environment, made.folder)


def _predecessor(lab: Laboratory, name: str, requirements: Sequence[str]) -> Cost:
    lab.empty_repository()
    made = lab.predecessor(name, requirements)
    return _run(made.command("build-records"), made.environment, made.folder)


def _run(command: Sequence[str], env: Mapping[str, str], cwd: Path) -> Cost:
    cost = measured(command, env=env, cwd=cwd)
    if cost.exit_code:
        msg = f"{command[0]} exited with {cost.exit_code}:\n{cost.output[-3000:]}"
        raise RuntimeError(msg)
    return cost


def _result(
    ours: Sequence[Cost],
    theirs: Sequence[Cost],
    our_record: Contents,
    their_record: Contents,
    chosen: argparse.Namespace,
) -> Result:
    wall = ratio([one.wall_s for one in ours], [one.wall_s for one in theirs])
    cpu = ratio([one.cpu_s for one in ours], [one.cpu_s for one in theirs])
    memory = ratio([one.peak_bytes for one in ours], [one.peak_bytes for one in theirs])
    lacking = missing(our_record, their_record)
    return Result(
        title=f"A session of {chosen.files} real files, beside NexusLIMS {VERSION}",
        tables=[_costs(ours, theirs), _contents(our_record, their_record)],
        checks=[
            Check(what="wall time, ours to theirs", value=wall, limit=MOST_WALL),
            Check(what="wall time, the goal", value=wall, limit=GOAL_WALL),
            Check(what="processor time, ours to theirs", value=cpu, limit=MOST_CPU),
            Check(what="peak memory, ours to theirs", value=memory, limit=MOST_MEMORY),
            *(
                Check(
                    what=f"data files with fewer {what} than theirs"
                    if what != "files"
                    else "data files that only they have in the record",
                    value=len(places),
                    limit=0,
                )
                for what, places in lacking.items()
            ),
        ],
        notes=_notes(lacking, chosen),
    )


def _costs(ours: Sequence[Cost], theirs: Sequence[Cost]) -> Table:
    return Table(
        caption=f"Medians of {len(ours)} runs by turns",
        columns=("Version", "Wall time (s)", "Processor time (s)", "Peak memory (MB)"),
        rows=[
            (name, *_medians(costs))
            for name, costs in ((VERSION, theirs), ("this", ours))
        ],
    )


def _medians(costs: Sequence[Cost]) -> tuple[float, float, float]:
    return (
        rounded(statistics.median(one.wall_s for one in costs)),
        rounded(statistics.median(one.cpu_s for one in costs)),
        rounded(statistics.median(one.peak_bytes for one in costs) / 1e6),
    )


def _contents(ours: Contents, theirs: Contents) -> Table:
    return Table(
        caption="What is in the two records",
        columns=("Version", "Data files", "Signals", "Previews"),
        rows=[
            (
                name,
                len(one.signals),
                one.signals.total(),
                one.previews.total(),
            )
            for name, one in ((VERSION, theirs), ("this", ours))
        ],
    )


def _notes(
    lacking: Mapping[str, Sequence[str]], chosen: argparse.Namespace
) -> Sequence[str]:
    servers = (
        f"{chosen.workers} workers; both harvest one real NEMO and deliver to one real "
        "CDCS on the same machine, which are not measured."
    )
    notes = [servers]
    if chosen.requirements:
        notes.append(f"The predecessor had {', '.join(chosen.requirements)}.")
    notes += [
        f"Fewer {what}: {', '.join(places[:10])}"
        for what, places in lacking.items()
        if places
    ]
    return notes


if __name__ == "__main__":
    sys.exit(main())
