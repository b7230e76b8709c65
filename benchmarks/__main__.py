"""Run the benchmarks one after the other and write `docs/performance.md`.

``python -m benchmarks`` measures everything; name some to measure only these, while the
page keeps what was found of the others before.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from benchmarks.machine import machine
from benchmarks.suite import SUITE, Benchmark

if TYPE_CHECKING:
    from collections.abc import Sequence

ROOT = Path(__file__).parents[1]
RESULTS = ROOT / "docs" / "performance"
FAILED = 2
"""Exit code of a benchmark that could not be finished, or worse."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Do as the command line says; return 1 if anything could not be measured."""
    chosen = _options().parse_args(arguments)
    chosen.results.mkdir(parents=True, exist_ok=True)
    wanted = [one for one in SUITE if not chosen.only or one.name in chosen.only]
    failed = []
    if not chosen.report_only:
        failed = [
            one.name
            for one in wanted
            if not measure(one, chosen.results, smoke=chosen.smoke)
        ]
    if not chosen.smoke:
        from benchmarks.report import write_page

        write_page(chosen.results, ROOT / "docs" / "performance.md")
    for name in failed:
        print(f"{name} could not be measured", file=sys.stderr)
    return 1 if failed else 0


def measure(one: Benchmark, results: Path, *, smoke: bool = False) -> bool:
    """Run a benchmark and keep what it found; tell whether it got to its end."""
    found = results / f"{one.name}.json"
    draft = found.with_suffix(".draft")
    arguments = one.smoke if smoke else one.acceptance
    command = ["python", "-m", one.module, *arguments]
    print(f"\n$ {' '.join(command)}", flush=True)
    started = time.monotonic()
    done = subprocess.run(  # noqa: S603 - ourselves
        [sys.executable, *command[1:], "--json", str(draft)], cwd=ROOT, check=False
    )
    # A criterion that is not met is a finding, and no failure to measure.
    if not draft.exists() or done.returncode not in (0, 1):
        draft.unlink(missing_ok=True)
        return False
    content = json.loads(draft.read_text("utf-8"))
    draft.unlink()
    content["measured"] = {
        "command": " ".join(command),
        "at": f"{datetime.now(tz=UTC):%Y-%m-%d}",
        "took_s": round(time.monotonic() - started),
        "machine": machine(),
    }
    found.write_text(json.dumps(content, indent=1) + "\n", "utf-8")
    return True


def _options() -> argparse.ArgumentParser:
    names = [one.name for one in SUITE]
    parser = argparse.ArgumentParser(prog="benchmarks", description=__doc__)
    parser.add_argument(
        "--only", nargs="+", choices=names, default=[], help="measure only these"
    )
    parser.add_argument(
        "--smoke",
        action="store_true",
        help="do as little as possible, to see that all work, and write no page",
    )
    parser.add_argument(
        "--report-only",
        action="store_true",
        help="measure nothing; write the page from what was found before",
    )
    parser.add_argument(
        "--results",
        type=Path,
        default=RESULTS,
        metavar="FOLDER",
        help="where results are kept as JSON (default: docs/performance)",
    )
    return parser


if __name__ == "__main__":
    sys.exit(main())
