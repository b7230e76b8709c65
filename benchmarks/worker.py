"""What a worker does with files, in a process of its own that reports what it took.

``python -m benchmarks.worker DATA FILE…`` reads each file as a worker of a run does and
prints one JSON object per file. Memory and time before the first are those of an idle
worker, that has loaded all plugins.
"""

from __future__ import annotations

import json
import re
import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence


def observed(data: Path, files: Sequence[Path]) -> list[dict[str, Any]]:
    """Have a fresh process read `files`, and return what it printed.

    Raises
    ------
    subprocess.CalledProcessError
        If it fails.
    """
    command = [sys.executable, "-m", "benchmarks.worker", str(data), *map(str, files)]
    done = subprocess.run(  # noqa: S603 - ourselves
        command,
        check=True,
        stdout=subprocess.PIPE,
        text=True,
        cwd=Path(__file__).parents[1],
    )
    return [json.loads(line) for line in done.stdout.splitlines()]


def read_all(data: Path, files: Sequence[Path]) -> Iterator[dict[str, Any]]:
    """Read files, and tell of each how long it took and how much memory there was."""
    from nexuslims_core.extraction import manager_from
    from nexuslims_core.manager import PluginManager
    from nexuslims_core.model.files import DataFile
    from nexuslims_core.pipeline.worker import FileJob, process_file

    recipe = PluginManager.discover().recipe
    _ = manager_from(recipe).extractors
    yield {"file": None, "peak_bytes": peak_bytes()}
    for path in files:
        job = FileJob(
            file=DataFile.at(path),
            recipe=recipe,
            instrument_root=path.parent,
            data_root=data,
        )
        wall, cpu = time.perf_counter(), time.process_time()
        outcome = process_file(job)
        yield {
            "file": path.name,
            "wall_s": time.perf_counter() - wall,
            "cpu_s": time.process_time() - cpu,
            "peak_bytes": peak_bytes(),
            "signals": len(outcome.entries),
            "previews": sum(one.preview is not None for one in outcome.entries),
            "warnings": list(outcome.warnings),
        }


def peak_bytes() -> int:
    """Return the most memory that this process has had.

    That of ``getrusage`` would include the process that started this one.
    """
    status = Path("/proc/self/status").read_text(encoding="ascii")
    found = re.search(r"VmHWM:\s*(\d+)", status)
    if found is None:
        raise OSError("the kernel does not tell of memory")
    return int(found[1]) * 1024


def _main(data: str, *files: str) -> None:
    for found in read_all(Path(data), list(map(Path, files))):
        print(json.dumps(found), flush=True)


if __name__ == "__main__":
    _main(*sys.argv[1:])
