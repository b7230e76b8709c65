"""Draw curves as SVG, in an environment of its own that has matplotlib.

``python plots.py RESULT.json… FOLDER`` is what runs there; nothing else of the project
is imported.
"""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Sequence

REQUIREMENTS = ("matplotlib>=3.9,<4",)
INCHES = (6.4, 4.0)
BOUNDS = ("ideal", "floor")
"""What series are called that are drawn as broken lines, for comparison."""


def draw_all(results: Sequence[Path], folder: Path) -> None:
    """Draw every curve of some results into a folder."""
    from nexuslims_testing.servers.environment import cached_environment

    python = cached_environment("plots", REQUIREMENTS)
    command = [str(python), __file__, *map(str, results), str(folder)]
    subprocess.run(command, check=True)  # noqa: S603 - our own program


def _draw(curve: dict[str, Any], folder: Path) -> None:
    from matplotlib import pyplot as plt

    figure, axes = plt.subplots(figsize=INCHES)
    for name, points in curve["series"].items():
        x, y = zip(*points, strict=True)
        bound = any(word in name for word in BOUNDS)
        axes.plot(
            x, y, marker="" if bound else "o", ls="--" if bound else "-", label=name
        )
    if curve["logarithmic"]:
        axes.set(xscale="log", yscale="log")
    else:
        axes.set_ylim(bottom=0)
    axes.set(xlabel=curve["x"], ylabel=curve["y"], title=curve["title"])
    axes.grid(visible=True, which="major", alpha=0.3)
    axes.legend()
    # Without a date and with fixed identifiers, the same curve is the same file.
    figure.savefig(
        folder / f"{curve['name']}.svg", metadata={"Date": None}, bbox_inches="tight"
    )
    plt.close(figure)


def _main(*arguments: str) -> None:
    import matplotlib as mpl

    mpl.use("svg")
    mpl.rcParams["svg.hashsalt"] = "nexuslims"
    *results, folder = map(Path, arguments)
    folder.mkdir(parents=True, exist_ok=True)
    for path in results:
        for curve in json.loads(path.read_text("utf-8"))["curves"]:
            _draw(curve, folder)


if __name__ == "__main__":
    _main(*sys.argv[1:])
