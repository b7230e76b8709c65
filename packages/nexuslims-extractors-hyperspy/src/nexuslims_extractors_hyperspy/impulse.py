"""DENSsolutions Impulse: columns of comma-separated values, and a log beside them.

RosettaSciIO reads them only under their original name and beside their log.
"""

from __future__ import annotations

import csv
from typing import TYPE_CHECKING, Any

from nexuslims_core.errors import ExtractionError
from nexuslims_core.reading.findings import as_text, number

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from nexuslims_core.types import DataFile

CLOCK, TIME = "TimeStamp", "Experiment time"
"""The columns of times: of day, and in seconds since the experiment began."""


def read(file: DataFile) -> list[Mapping[str, Any]]:
    """Return a signal for each column of numbers.

    Raises
    ------
    ExtractionError
        If there are no lines of numbers.
    """
    with file.path.open(encoding="utf-8-sig", errors="replace", newline="") as stream:
        names, *rows = csv.reader(stream)
    names = [name.strip() for name in names]
    whole = [row for row in rows if len(row) == len(names)]
    columns = dict(zip(names, zip(*whole, strict=True), strict=True)) if whole else {}
    if TIME not in columns:
        msg = f"{file.path.name}: expected lines of {len(names)} values, found none"
        raise ExtractionError(msg)
    details, notes = _details(file.path)
    return _signals(columns, details, notes)


def _signals(
    columns: Mapping[str, tuple[str, ...]], details: Mapping[str, str], notes: list[str]
) -> list[Mapping[str, Any]]:
    times = _numbers(columns[TIME])
    metadata = _general(details)
    return [
        {
            "data": _numbers(values),
            "axes": [_axis(times)],
            "metadata": {"General": {**metadata, "title": name}},
            "original_metadata": {"Impulse_header": dict(details)},
            "extensions": {key.replace("_", " "): one for key, one in details.items()},
            "notes": notes,
        }
        for name, values in columns.items()
        if name not in {CLOCK, TIME} and number(values[0]) is not None
    ]


def _numbers(values: tuple[str, ...]) -> Any:  # noqa: ANN401 - an array
    import numpy as np

    found = (number(value) for value in values)
    return np.array([np.nan if one is None else one for one in found], dtype=float)


def _axis(times: Any) -> dict[str, Any]:  # noqa: ANN401 - an array
    return {"name": "Time", "units": "s", "navigate": False, "axis": times}


def _general(details: Mapping[str, str]) -> dict[str, str]:
    return {
        "date": details.get("Experiment_date", ""),
        "time": details.get("Experiment_time", ""),
    }


def _details(path: Path) -> tuple[dict[str, str], list[str]]:
    """Return what the log beside the data says; or a note that there is none."""
    beside = path.with_name(f"{path.stem.rpartition('_')[0]}_Metadata.log")
    try:
        lines = as_text(beside.read_bytes()).splitlines()
    except OSError:
        return {}, [
            f"{beside.name} is not beside the data: date and notes are unknown."
        ]
    rows = [row for row in csv.reader(lines) if row]
    pairs = {row[0].strip(): row[1].strip() for row in rows if len(row) > 1}
    free = [row[0].strip() for row in rows if len(row) == 1]
    if "Live notes" in pairs or free:
        pairs["Live notes"] = "; ".join(filter(None, [pairs.get("Live notes"), *free]))
    return {key.replace(" ", "_"): value for key, value in pairs.items() if value}, []
