"""Reading every file of a folder: what comes out, how long it takes, how much memory.

As a program, ``python -m nexuslims_testing.corpus FOLDER`` unpacks what is packed,
reads each file as a worker of `nexuslims run` would, in a process of its own, and
prints a table per format. Needs a system that can fork processes (Linux, macOS).
"""

from __future__ import annotations

import contextlib
import gzip
import importlib
import json
import multiprocessing
import resource
import shutil
import statistics
import sys
import tempfile
import time
import traceback
from dataclasses import asdict, dataclass
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING, Any

from nexuslims_core import extraction
from nexuslims_core.model.schema import StagePosition, known_fields
from nexuslims_core.types import DataFile

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from multiprocessing.connection import Connection

GENERIC = frozenset({"basic_file_info_extractor", "image_file_extractor"})
"""Extractors that know no microscope."""

SECONDS = 60.0
"""After which a file is given up."""


@dataclass(frozen=True, kw_only=True)
class Measured:
    """What became of one file."""

    path: str
    """Below the folder."""
    extractor: str = ""
    types: tuple[str, ...] = ()
    """Type of each dataset."""
    typed: int = 0
    """Typed fields of the dataset that has most; each axis of the stage is one."""
    previews: int = 0
    creation_time_source: str = ""
    warnings: tuple[str, ...] = ()
    """What could not be read or drawn."""
    seconds: float = 0.0
    """Of processor time, in a process that is warm but for the reader's libraries."""
    megabytes: float = 0.0
    """Largest memory of the process."""
    error: str = ""
    """A traceback, or how the process ended."""

    @property
    def real(self) -> bool:
        """Whether a reader of the format understood it."""
        return bool(self.extractor) and self.extractor not in GENERIC

    @property
    def format(self) -> str:
        """Extension in lower case; the name where there is none."""
        path = Path(self.path)
        return path.suffix.lower() or path.name


def unpacked(folder: Path, target: Path) -> tuple[Path, ...]:
    """Copy the files of `folder` to `target`, archives unpacked; return the copies."""
    for path in sorted(folder.rglob("*")):
        if path.is_file():
            _copy(path, target / path.relative_to(folder))
    return tuple(sorted(path for path in target.rglob("*") if path.is_file()))


def _copy(path: Path, target: Path) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    inside = target.parent / f"{path.name} unpacked"
    if path.suffix == ".zip":
        shutil.unpack_archive(path, inside)
    elif path.name.endswith(".tar.gz"):
        shutil.unpack_archive(path, inside, filter="data")
    elif path.suffix == ".gz":
        with gzip.open(path) as packed, target.with_suffix("").open("wb") as plain:
            shutil.copyfileobj(packed, plain)
    else:
        shutil.copyfile(path, target)


def warm_up() -> None:
    """Import in this process what reading any file takes, as a worker has by then.

    Of readers' libraries dask takes longest by far, so it is imported if it is there.
    """
    with contextlib.suppress(ImportError):
        importlib.import_module("dask.array")
    _read(Path(__file__))


def measure(path: Path, folder: Path, seconds: float = SECONDS) -> Measured:
    """Read one file in a process of its own, which starts as a copy of this one."""
    name = str(path.relative_to(folder))
    context = multiprocessing.get_context("fork")
    ours, theirs = context.Pipe()
    process = context.Process(target=_answer, args=(theirs, path, name))
    process.start()
    theirs.close()
    try:
        if ours.poll(seconds):
            return Measured(**ours.recv())
        error = f"no answer within {seconds:g} seconds"
    except EOFError:
        process.join()
        error = f"its process ended with exit code {process.exitcode}"
    finally:
        process.kill()
        process.join()
    return Measured(path=name, error=error)


def _answer(answers: Connection, path: Path, name: str) -> None:
    start = time.process_time()
    _without_threads()
    try:
        found = _read(path)
    # Finding out what is raised is what this is for.
    except BaseException:  # noqa: BLE001
        found = {"error": traceback.format_exc()}
    usage = resource.getrusage(resource.RUSAGE_SELF)
    answers.send(
        {
            **found,
            "path": name,
            "seconds": time.process_time() - start,
            "megabytes": usage.ru_maxrss / 1024,
        }
    )


def _without_threads() -> None:
    # Threads do not survive a fork: a pool that dask made before would wait for ever.
    with contextlib.suppress(ImportError):
        importlib.import_module("dask").config.set(scheduler="synchronous")


def _read(path: Path) -> dict[str, Any]:
    manager = extraction.default_manager()
    reading = extraction.read(DataFile.at(path), manager)
    problems = []
    drawn = 0
    for signal in reading.signals:
        image, problem = extraction.render(signal.dataset, manager)
        problems += [problem] if problem else []
        if image is not None:
            image.save(BytesIO(), "PNG")
            drawn += 1
    notes = [note for one in reading.signals for note in one.metadata.notes]
    metas = [one.metadata.nx_meta for one in reading.signals]
    return {
        "extractor": reading.extractor.name,
        "types": tuple(one.metadata.dataset_type for one in reading.signals),
        "typed": max(map(typed_fields, metas)),
        "previews": drawn,
        "creation_time_source": metas[0]["extensions"]["Creation Time Source"],
        "warnings": tuple(dict.fromkeys([*reading.failures, *notes, *problems])),
    }


def typed_fields(nx_meta: Mapping[str, Any]) -> int:
    """Return how many typed fields a dataset has; each axis of the stage is one."""
    stage = nx_meta.get("stage_position") or {}
    axes = sum(1 for name in stage if name in StagePosition.model_fields)
    fields = sum(1 for name in nx_meta if name in known_fields())
    return fields + axes - bool(stage)


# The table.


def table(results: Iterable[Measured]) -> str:
    """Return one row per format, and a last one for all."""
    groups: dict[str, list[Measured]] = {}
    for one in results:
        groups.setdefault(one.format, []).append(one)
    rows = [(name, *_summary(groups[name])) for name in sorted(groups)]
    rows.append(("all", *_summary([one for group in groups.values() for one in group])))
    head = (
        "format",
        "files",
        "real metadata",
        "typed fields (median, most)",
        "with previews",
        "warnings",
        "errors",
        "slowest, s",
        "most memory, MB",
    )
    lines = (head, ("---",) * len(head), *rows)
    return "\n".join(f"| {' | '.join(map(str, line))} |" for line in lines)


def _summary(group: Sequence[Measured]) -> tuple[object, ...]:
    typed = [one.typed for one in group if one.real]
    return (
        len(group),
        sum(one.real for one in group),
        f"{statistics.median(typed):g}, {max(typed)}" if typed else "–",
        sum(one.previews > 0 for one in group),
        sum(bool(one.warnings) for one in group),
        sum(bool(one.error) for one in group),
        f"{max(one.seconds for one in group):.2f}",
        f"{max(one.megabytes for one in group):.0f}",
    )


def main(arguments: Sequence[str]) -> int:
    """Read the files of a folder; print a table, or with ``--json`` every result."""
    folders = [one for one in arguments if not one.startswith("--")]
    if len(folders) != 1:
        sys.stderr.write("usage: python -m nexuslims_testing.corpus FOLDER [--json]\n")
        return 2
    warm_up()
    with tempfile.TemporaryDirectory() as temporary:
        target = Path(temporary)
        paths = unpacked(Path(folders[0]), target)
        results = [measure(path, target) for path in paths]
    if "--json" in arguments:
        sys.stdout.write(json.dumps([asdict(one) for one in results], indent=1))
        return 0
    sys.stdout.write(table(results) + "\n")
    for one in results:
        if one.error:
            sys.stdout.write(f"\n{one.path}: {one.error}\n")
    return 1 if any(one.error for one in results) else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
