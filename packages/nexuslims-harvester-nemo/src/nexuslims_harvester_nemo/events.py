"""Usage events: who used which tool when."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from nexuslims_harvester_nemo.people import identifier
from nexuslims_harvester_nemo.questions import Answers, parsed

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from nexuslims_core.types import Instrument

    from nexuslims_harvester_nemo.clock import Clock


@dataclass(frozen=True, kw_only=True)
class UsageEvent:
    """An ended use of a tool."""

    id: int
    start: datetime
    end: datetime
    user: object
    """The user as NEMO refers to one; see `people.identifier`."""
    operator: object = None
    run_data: Answers | None = None
    pre_run_data: Answers | None = None


def read_event(
    row: Mapping[str, Any], clock: Clock, instrument: Instrument
) -> UsageEvent:
    """Return the event that a row describes.

    Raises
    ------
    ValueError
        If the row lacks what every event has, or its times make no sense.
    """
    number = identifier(row)
    if number is None:
        raise ValueError(f"it has no identifier: {row.get('id')!r}")
    start, end = clock.read_span(row.get("start"), row.get("end"), instrument)
    return UsageEvent(
        id=number,
        start=start,
        end=end,
        user=row.get("user"),
        operator=row.get("operator"),
        run_data=parsed(row.get("run_data")),
        pre_run_data=parsed(row.get("pre_run_data")),
    )


def is_running(row: Mapping[str, Any]) -> bool:
    """Tell whether the tool is still in use: the event has no end yet."""
    return "end" in row and row["end"] is None
