"""An installation without servers: sessions are logged by hand."""

from __future__ import annotations

from typing import TYPE_CHECKING

from nexuslims_testing.facility import Facility

from benchmarks.measure import Cost, measured

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime
    from pathlib import Path

INSTRUMENT = "FEI-Titan-TEM"
STORE = "Titan"


def installation(
    folder: Path, *, instrument_root: Path, workers: int = 2, **settings: object
) -> Facility:
    """Return a new installation with one instrument, below a root that others share."""
    made = Facility.at(folder, NX_WORKERS=workers, **settings)
    made.settings["NX_INSTRUMENT_DATA_PATH"] = str(instrument_root)
    made.add_instrument(INSTRUMENT, filestore_path=STORE)
    return made


def log_sessions(made: Facility, spans: Iterable[tuple[datetime, datetime]]) -> None:
    """Log one session for each span of time."""
    named = {f"session-{number:06d}": span for number, span in enumerate(spans)}
    made.log_sessions(INSTRUMENT, named)


def run(made: Facility, *arguments: str) -> Cost:
    """Run ``nexuslims run`` and return what it cost.

    Raises
    ------
    RuntimeError
        If it fails; with its output.
    """
    command = made.command("run", "--quiet", *arguments)
    cost = measured(command, env=made.environment, cwd=made.folder)
    if cost.exit_code:
        msg = f"nexuslims run exited with {cost.exit_code}:\n{cost.output[-3000:]}"
        raise RuntimeError(msg)
    return cost


def records(made: Facility) -> list[Path]:
    """Return the records on disk."""
    return sorted((made.data_path / "records").rglob("*.xml"))
