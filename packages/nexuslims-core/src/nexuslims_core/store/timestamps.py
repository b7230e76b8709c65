"""Times as they stand in the log: text, written by several programs."""

from __future__ import annotations

import re
from datetime import datetime
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfoNotFoundError

if TYPE_CHECKING:
    from nexuslims_core.model.facility import Instrument

_SPACED_OFFSET = re.compile(r"\s+(?=([+-]\d{2}:?(\d{2})?|Z)$)")


def parse(text: str, instrument: Instrument) -> datetime:
    """Return the time that `text` means; without an offset, on the instrument's clock.

    Raises
    ------
    ValueError
        If `text` is no ISO 8601 date and time, or the instrument's zone is needed and
        unknown.
    """
    try:
        moment = datetime.fromisoformat(_SPACED_OFFSET.sub("", text.strip().upper()))
    except ValueError as error:
        msg = f"{text!r} is no time; expected ISO 8601, e.g. 2026-01-31T09:30:00+01:00"
        raise ValueError(msg) from error
    if moment.tzinfo is not None:
        return moment
    try:
        return moment.replace(tzinfo=instrument.zone)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        msg = (
            f"{text!r} has no offset, and time zone {instrument.timezone!r} of "
            f"instrument {instrument.pid} is unknown; expected e.g. Europe/Berlin"
        )
        raise ValueError(msg) from error


def parse_or_none(text: str | None, instrument: Instrument | None) -> datetime | None:
    """Return what `parse` does, and `None` where it would raise."""
    if text is None or instrument is None:
        return None
    try:
        return parse(text, instrument)
    except ValueError:
        return None


def write(moment: datetime) -> str:
    """Return an aware time as the log has it: ISO 8601 with offset.

    Raises
    ------
    ValueError
        If `moment` is naive.
    """
    if moment.tzinfo is None:
        raise ValueError(f"expected an aware time, found {moment.isoformat()}")
    return moment.isoformat()
