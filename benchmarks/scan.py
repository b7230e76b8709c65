"""A scan for a hundred sessions, beside a bare walk over the same tree."""

from __future__ import annotations

import os
import sys
import tempfile
import time
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from nexuslims_core.model.facility import Instrument, Session
from nexuslims_core.pipeline.listing import Place, list_folder
from nexuslims_core.pipeline.scan import scan
from nexuslims_core.pipeline.scan_index import index_rules
from nexuslims_core.pipeline.walk import THREADS, Walk
from nexuslims_core.pipeline.wanted import Wanted, name_test

from benchmarks.result import Check, Curve, Result, Table, finish, parser, rounded

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from nexuslims_core.pipeline.listing import Listing
    from nexuslims_core.pipeline.scan_index import IndexRules

SIZES = (1_000, 10_000, 100_000, 200_000)
JUDGED = 200_000
MOST = 1.5
SESSIONS = 100
SHARE = 0.1
"""Files that are in a session."""
USERS = 20
EXTENSIONS = ("dm3", "dm4", "tif", "ser")
IGNORED = ("*.mib", "*.db", "*.emi", "*.hdr")
FIRST = datetime(2024, 1, 1, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
SLOW_FOLDERS = 400
SLOW_S = 0.005
INSTRUMENT = Instrument(
    pid="TEM-1", display_name="TEM", location="", filestore_path="TEM"
)


@dataclass(frozen=True, kw_only=True)
class Spent:
    """What a walk took."""

    wall_s: float
    cpu_s: float


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure as the command line says."""
    options = parser(__doc__)
    options.add_argument("--files", type=int, nargs="+", default=SIZES, metavar="N")
    options.add_argument("--per-folder", type=int, default=200, metavar="FILES")
    options.add_argument("--repeat", type=int, default=5, metavar="N")
    options.add_argument("--threads", type=int, nargs="*", default=[2, 4])
    options.add_argument("--in", dest="folder", type=Path, help="where to make trees")
    chosen = options.parse_args(arguments)
    rows, checks, walls = [], [], {}
    for count in chosen.files:
        with tempfile.TemporaryDirectory(dir=chosen.folder, prefix="nx-") as name:
            root = Path(name)
            make_tree(root / "TEM", count, chosen.per_folder)
            found = by_turns(walks(root, count, chosen.threads), chosen.repeat)
            sys.stderr.write(f"{count:,} files measured\n")
        bare = found["bare walk"]
        rows += [_row(count, what, spent, bare) for what, spent in found.items()]
        walls[count] = {what: spent.wall_s for what, spent in found.items()}
        if count == JUDGED:
            ours = found["scan"]
            checks = [
                _check("processor time", ours.cpu_s / bare.cpu_s),
                _check("wall time", ours.wall_s / bare.wall_s),
            ]
    return finish(_result(rows, checks, walls), chosen.json)


def make_tree(top: Path, count: int, per_folder: int) -> None:
    """Make empty files, one for each minute, in folders by user and day."""
    for number in range(count):
        day, position = divmod(number, per_folder)
        folder = f"{top}/user {day % USERS:02}/day {day:05}"
        if position == 0:
            Path(folder).mkdir(parents=True)
        path = f"{folder}/image {position:04}.{EXTENSIONS[number % len(EXTENSIONS)]}"
        os.close(os.open(path, os.O_CREAT | os.O_WRONLY))
        moment = (FIRST + number * MINUTE).timestamp()
        os.utime(path, (moment, moment))


def sessions(count: int) -> list[Session]:
    """Return sessions that hold a share of the files, evenly spread."""
    step = count * MINUTE / SESSIONS
    return [
        Session(
            identifier=str(number),
            instrument=INSTRUMENT,
            start=FIRST + number * step,
            end=FIRST + number * step + SHARE * step,
        )
        for number in range(SESSIONS)
    ]


def walks(
    root: Path, count: int, threads: Sequence[int]
) -> dict[str, Callable[[], None]]:
    """Return what is compared."""
    within = sessions(count)
    later = [
        replace(one, start=one.start + 50 * 366 * timedelta(days=1), end=one.end)
        for one in within
    ]
    recent = [replace(one, end=one.start + timedelta(hours=4)) for one in later]
    # Folders that were just made are at rest for someone who comes days later.
    rules = index_rules(
        root / "index",
        complete_days=1,
        delay_days=2,
        now=datetime.now(UTC) + timedelta(days=10),
    )
    made: dict[str, Callable[[], None]] = {
        "bare walk": lambda: bare(str(root / "TEM")),
        "scan": lambda: _scan(root, within),
        "scan without files in sessions": lambda: _scan(root, recent),
    }
    for number in threads:
        made[f"scan, {number} threads"] = _threaded(root, within, number)
    made["scan with index"] = lambda: _scan(root, within, rules)
    made["the same without files in sessions"] = lambda: _scan(root, recent, rules)
    return made


def _threaded(root: Path, within: Sequence[Session], number: int) -> Callable[[], None]:
    return lambda: _scan(root, within, threads=number)


def bare(top: str) -> None:
    """Walk and look at each file, and do nothing else."""
    pending = [top]
    while pending:
        with os.scandir(pending.pop()) as entries:
            for entry in entries:
                if entry.is_dir(follow_symlinks=False):
                    pending.append(entry.path)
                else:
                    entry.stat(follow_symlinks=False)


def _scan(
    root: Path,
    within: Sequence[Session],
    index: IndexRules | None = None,
    threads: int | None = None,
) -> None:
    found = scan(
        INSTRUMENT,
        root,
        within,
        extensions=frozenset(EXTENSIONS),
        ignore=IGNORED,
        index=index,
        threads=threads,
    )
    if found.problems:
        raise SystemExit("\n".join(found.problems))


def by_turns(calls: dict[str, Callable[[], None]], repeat: int) -> dict[str, Spent]:
    """Return the least that each took; the first turn warms caches and the index."""
    spent: dict[str, list[Spent]] = {what: [] for what in calls}
    for _ in range(repeat + 1):
        for what, call in calls.items():
            wall, cpu = time.perf_counter(), time.process_time()
            call()
            spent[what].append(
                Spent(
                    wall_s=time.perf_counter() - wall,
                    cpu_s=time.process_time() - cpu,
                )
            )
    return {
        what: Spent(
            wall_s=min(one.wall_s for one in found[1:]),
            cpu_s=min(one.cpu_s for one in found[1:]),
        )
        for what, found in spent.items()
    }


def slow_rows() -> Iterator[tuple[str, float]]:
    """Yield how long a walk takes where each folder is answered late."""
    wanted = Wanted(name=name_test(None, ()), between=lambda _earliest, _latest: False)

    def look(place: Place) -> Listing:
        time.sleep(SLOW_S)
        return list_folder(place, wanted)

    with tempfile.TemporaryDirectory(prefix="nx-") as name:
        make_tree(Path(name), SLOW_FOLDERS, 1)
        top = Place(name, Path(name).stat())
        for what, threads in (("1", 1), ("as it finds best", None), ("16", THREADS)):
            start = time.perf_counter()
            for _ in Walk(wanted=wanted, look=look, threads=threads).files(top):
                pass
            yield what, rounded(time.perf_counter() - start)


def _row(
    count: int, what: str, spent: Spent, least: Spent
) -> tuple[int, str, float, float, float, float]:
    return (
        count,
        what,
        rounded(spent.wall_s),
        rounded(spent.cpu_s),
        rounded(spent.wall_s / least.wall_s),
        rounded(spent.cpu_s / least.cpu_s),
    )


def _check(what: str, value: float) -> Check:
    return Check(
        what=f"{JUDGED:,} files, {SESSIONS} sessions: {what} in bare walks",
        value=rounded(value),
        limit=MOST,
    )


def _result(
    rows: Sequence[Sequence[str | int | float]],
    checks: Sequence[Check],
    walls: dict[int, dict[str, float]],
) -> Result:
    columns = ("Files", "Walk", "Wall (s)", "Processor (s)", "Wall, ratio", "Ratio")
    shown = ("bare walk", "scan", "scan with index")
    return Result(
        title="Scan",
        tables=[
            Table(
                caption=f"{SESSIONS} sessions with {SHARE:.0%} of the files; the least "
                "of several turns, and as a ratio to a bare walk with `os.scandir` "
                "and `stat`",
                columns=columns,
                rows=rows,
            ),
            Table(
                caption=f"{SLOW_FOLDERS} folders, each answered after "
                f"{SLOW_S * 1000:.0f} ms, as network file systems may",
                columns=("Threads", "Wall (s)"),
                rows=list(slow_rows()),
            ),
        ],
        curves=[
            Curve(
                name="scan",
                title="Scan",
                x="Files in the tree",
                y="Wall time (s)",
                series={
                    what: [(count, one[what]) for count, one in walls.items()]
                    for what in shown
                },
            )
        ],
        checks=checks,
        notes=["Files are empty and were looked at before: the file system has them."],
    )


if __name__ == "__main__":
    sys.exit(main())
