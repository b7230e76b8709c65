"""What reading and drawing cost above the floor.

The floor is what cannot be saved: to read the same bytes with the same readers and to
encode PNG pictures of the same size, without NexusLIMS.
"""

from __future__ import annotations

import importlib
import io
import json
import statistics
import sys
import tempfile
import time
from collections import defaultdict
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from nexuslims_core.previews.encoding import COMPRESSION
from PIL import Image

from benchmarks.measure import measured
from benchmarks.result import Check, Result, Table, finish, parser, rounded

if TYPE_CHECKING:
    import argparse
    from collections.abc import Sequence
    from datetime import datetime

    from nexuslims_core.pipeline.worker import FileJob

MOST = 2.5
READERS = {
    "dm3": "digitalmicrograph",
    "dm4": "digitalmicrograph",
    "msa": "msa",
    "ser": "tia",
    "spc": "edax",
}
"""Modules of RosettaSciIO, by extension; tifffile reads the rest."""


@dataclass(frozen=True, kw_only=True)
class Picture:
    """Pixels of a preview."""

    mode: str
    size: tuple[int, int]
    pixels: Path
    """File of them, as Pillow has them in memory."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure as the command line says."""
    options = parser(__doc__)
    options.add_argument("--files", type=int, default=200, metavar="N")
    options.add_argument("--repeat", type=int, default=3, metavar="N")
    options.add_argument("--bare", type=Path, metavar="FILE", help="for its own use")
    chosen = options.parse_args(arguments)
    if chosen.bare is not None:
        read_bare(chosen.bare)
        return 0
    with tempfile.TemporaryDirectory(prefix="nexuslims-") as folder:
        return finish(compare(Path(folder), chosen), chosen.json)


def compare(folder: Path, chosen: argparse.Namespace) -> Result:
    """Read the same files both ways, first one by one and then as whole programs."""
    from benchmarks.local import STORE
    from benchmarks.material import replicate, unpacked, yesterday

    root = folder / "instruments"
    start = yesterday()
    sources = unpacked(folder / "sources")
    kinds, _ = replicate(
        sources, folder / "kinds", min(chosen.files, len(sources)), start
    )
    files, last = replicate(sources, root / STORE, chosen.files, start)
    pictures = _drawn(kinds, folder / "drawn")
    table, warm = _one_by_one(kinds, pictures, folder / "data", chosen.repeat)
    span = (start - timedelta(minutes=1), last + timedelta(minutes=1))
    listed = {
        str(file): pictures[kinds[number % len(kinds)]]
        for number, file in enumerate(files)
    }
    floor, ours = _whole(folder, listed, span, chosen.repeat)
    return Result(
        title="Above the floor",
        tables=[table, _programs(len(files), floor, ours, chosen.repeat)],
        checks=[
            Check(what="reading files in a warm process", value=warm, limit=MOST),
            Check(
                what="a whole run, imports on both sides included",
                value=rounded(ours / floor),
                limit=MOST,
            ),
        ],
        notes=["Processor time, of all processes and threads."],
    )


def bare(file: Path, pictures: Sequence[Image.Image]) -> None:
    """Read all of a file and encode its pictures."""
    _read(file)
    for one in pictures:
        one.save(io.BytesIO(), format="PNG", **COMPRESSION)


def read_bare(listing: Path) -> None:
    """Do that for all files of a listing: the program that a run is compared with."""
    for name, pictures in json.loads(listing.read_text("utf-8")).items():
        loaded = [
            Image.frombytes(mode, tuple(size), Path(pixels).read_bytes())
            for mode, size, pixels in pictures
        ]
        bare(Path(name), loaded)


def _read(file: Path) -> object:
    module = READERS.get(file.suffix.lstrip(".").lower())
    try:
        if module is None:
            import tifffile

            return tifffile.imread(file)
        reader = importlib.import_module(f"rsciio.{module}")
        return reader.file_reader(str(file), lazy=False)
    # Some of the files are damaged; their bytes have to be read all the same.
    except Exception:  # noqa: BLE001 - readers raise anything
        return file.read_bytes()


def _drawn(files: Sequence[Path], data: Path) -> dict[Path, list[Picture]]:
    """Return the previews that we make of files."""
    from nexuslims_core.pipeline.worker import process_file

    found = {}
    for job in _jobs(files, data):
        process_file(job)
        name = job.mirrored.name
        previews = sorted(job.mirrored.parent.glob(f"{name}*.thumb.png"))
        found[job.file.path] = [_unpacked(one) for one in previews]
    return found


def _unpacked(preview: Path) -> Picture:
    with Image.open(preview) as image:
        pixels = preview.with_suffix(".raw")
        pixels.write_bytes(image.tobytes())
        return Picture(mode=image.mode, size=image.size, pixels=pixels)


def _jobs(files: Sequence[Path], data: Path) -> list[FileJob]:
    from nexuslims_core.manager import PluginManager
    from nexuslims_core.model.files import DataFile
    from nexuslims_core.pipeline.worker import FileJob

    recipe = PluginManager.discover().recipe
    return [
        FileJob(
            file=DataFile.at(file),
            recipe=recipe,
            instrument_root=file.parent,
            data_root=data,
        )
        for file in files
    ]


def _one_by_one(
    files: Sequence[Path], pictures: dict[Path, list[Picture]], data: Path, repeat: int
) -> tuple[Table, float]:
    """Return a table by format, and the ratio over all files."""
    from nexuslims_core.pipeline.worker import process_file

    floors: dict[Path, float] = {}
    ours: dict[Path, float] = {}
    for _ in range(repeat):
        for job in _jobs(files, data):
            path = job.file.path
            loaded = [
                Image.frombytes(one.mode, one.size, one.pixels.read_bytes())
                for one in pictures[path]
            ]
            started = time.process_time()
            bare(path, loaded)
            between = time.process_time()
            process_file(job)
            ended = time.process_time()
            # The quickest turn is the one that nothing else has disturbed.
            floors[path] = min(floors.get(path, float("inf")), between - started)
            ours[path] = min(ours.get(path, float("inf")), ended - between)
    rows = [
        (kind, len(paths), *_row(paths, floors, ours))
        for kind, paths in sorted(_by_extension(files).items())
    ]
    rows.append(("all", len(files), *_row(files, floors, ours)))
    table = Table(
        caption=f"Reading one file in a warm process, the quickest of {repeat} turns",
        columns=("Format", "Files", "Floor (ms)", "NexusLIMS (ms)", "Ratio"),
        rows=rows,
    )
    return table, rounded(sum(ours.values()) / sum(floors.values()))


def _by_extension(files: Sequence[Path]) -> dict[str, list[Path]]:
    found = defaultdict(list)
    for file in files:
        found[file.suffix.lstrip(".").lower()].append(file)
    return found


def _row(
    files: Sequence[Path], floors: dict[Path, float], ours: dict[Path, float]
) -> tuple[float, float, float]:
    floor = sum(floors[file] for file in files) / len(files)
    mine = sum(ours[file] for file in files) / len(files)
    return rounded(floor * 1e3), rounded(mine * 1e3), rounded(mine / floor)


def _whole(
    folder: Path,
    listed: dict[str, list[Picture]],
    span: tuple[datetime, datetime],
    repeat: int,
) -> tuple[float, float]:
    """Return the processor time of both programs, by turns."""
    from benchmarks.local import installation, log_sessions, run

    listing = folder / "files.json"
    listing.write_text(
        json.dumps(
            {
                name: [[one.mode, one.size, str(one.pixels)] for one in pictures]
                for name, pictures in listed.items()
            }
        ),
        "utf-8",
    )
    floors, ours = [], []
    for turn in range(repeat):
        made = installation(
            folder / f"run-{turn}",
            instrument_root=folder / "instruments",
            workers=2,
        )
        log_sessions(made, [span])
        ours.append(run(made).cpu_s)
        command = [sys.executable, "-m", "benchmarks.floor", "--bare", str(listing)]
        environment = {
            **made.environment,
            "PYTHONPATH": str(Path(__file__).parents[1]),
        }
        floor = measured(command, env=environment, cwd=folder)
        if floor.exit_code:
            raise RuntimeError(floor.output)
        floors.append(floor.cpu_s)
    return statistics.median(floors), statistics.median(ours)


def _programs(files: int, floor: float, ours: float, repeat: int) -> Table:
    return Table(
        caption=f"A whole program, {files} files, medians of {repeat} runs by turns",
        columns=("Program", "Processor time (s)", "Per file (ms)"),
        rows=[
            (name, rounded(spent), rounded(spent / files * 1e3))
            for name, spent in (("floor", floor), ("nexuslims run", ours))
        ],
    )


if __name__ == "__main__":
    sys.exit(main())
