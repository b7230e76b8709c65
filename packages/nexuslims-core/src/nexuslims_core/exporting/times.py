"""Times as the clock of a session's instrument shows them."""

from __future__ import annotations

from datetime import UTC
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfoNotFoundError

if TYPE_CHECKING:
    from datetime import datetime, tzinfo

    from nexuslims_core.types import Session

__all__ = ["local_time", "on_clock", "zone_of"]


def zone_of(session: Session) -> tzinfo:
    """Return the zone of the instrument's clock; without one, that of the session."""
    try:
        return session.instrument.zone
    except (ZoneInfoNotFoundError, ValueError):
        # The times are right without it, only shown in the zone they came in.
        return session.start.tzinfo or UTC


def on_clock(time: datetime, zone: tzinfo) -> datetime:
    """Return `time` on the clock of `zone`; one without zone is taken as that."""
    return time.replace(tzinfo=zone) if time.tzinfo is None else time.astimezone(zone)


def local_time(time: datetime, session: Session) -> datetime:
    """Return `time` on the clock of the session's instrument."""
    return on_clock(time, zone_of(session))
