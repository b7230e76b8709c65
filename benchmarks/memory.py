"""How much memory a worker needs for files of gigabytes, above what it has idle."""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from benchmarks.holes import write_spectrum_image, write_stack, write_volume
from benchmarks.result import Check, Result, Table, finish, parser, rounded
from benchmarks.worker import observed

if TYPE_CHECKING:
    from collections.abc import Sequence

MOST_MB = 400
KINDS = {
    "DM4 stack": ("stack.dm4", write_stack),
    "DM4 spectrum image": ("spectra.dm4", write_spectrum_image),
    "MRC volume": ("volume.mrc", write_volume),
}


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure as the command line says."""
    options = parser(__doc__)
    options.add_argument("--gigabytes", type=float, default=4.0, metavar="N")
    chosen = options.parse_args(arguments)
    with tempfile.TemporaryDirectory(prefix="nexuslims-") as folder:
        return finish(measure(Path(folder), chosen.gigabytes), chosen.json)


def measure(folder: Path, gigabytes: float) -> Result:
    """Read one file of each kind, each in a process of its own."""
    rows = []
    for kind, (name, write) in KINDS.items():
        path = folder / name
        write(path, int(gigabytes * (1 << 30)))
        idle, read = observed(folder / "data", [path])
        if not read["previews"]:
            raise RuntimeError(f"{name} has no preview: {read['warnings']}")
        above = (read["peak_bytes"] - idle["peak_bytes"]) / 1e6
        row = (
            kind,
            rounded(path.stat().st_size / 1e9),
            rounded(idle["peak_bytes"] / 1e6),
            rounded(above),
            rounded(read["wall_s"]),
        )
        rows.append(row)
        path.unlink()
    return Result(
        title="Memory for files of gigabytes",
        tables=[
            Table(
                caption="A worker, with all plugins loaded, that reads one file",
                columns=(
                    "File",
                    "Size (GB)",
                    "Idle (MB)",
                    "Peak above idle (MB)",
                    "Wall time (s)",
                ),
                rows=rows,
            )
        ],
        checks=[
            Check(what=f"{kind}, MB above idle", value=above, limit=MOST_MB)
            for kind, _, _, above, _ in rows
        ],
        notes=["The files are sparse; peaks are those that the kernel keeps (VmHWM)."],
    )


if __name__ == "__main__":
    sys.exit(main())
