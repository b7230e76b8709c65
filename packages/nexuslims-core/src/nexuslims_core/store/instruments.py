"""The instruments table."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy import Connection, delete, func, insert, or_, select

from nexuslims_core.errors import StoreError
from nexuslims_core.model.facility import Instrument
from nexuslims_core.store.tables import (
    DETAILS,
    INSTRUMENTS,
    SESSION_LOG,
    STATE,
)
from nexuslims_core.store.timestamps import parse_or_none
from nexuslims_core.store.values import InstrumentStatistics

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy import Row

_DEFAULTS = Instrument(pid="", display_name="", location="", filestore_path="")


def instruments(connection: Connection) -> tuple[Instrument, ...]:
    """Return all instruments, by their pid."""
    rows = connection.execute(
        select(INSTRUMENTS).order_by(INSTRUMENTS.c.instrument_pid)
    )
    return tuple(_instrument(row) for row in rows)


def _instrument(row: Row[Any]) -> Instrument:
    found = row._mapping  # noqa: SLF001 - its documented name
    return Instrument(
        pid=found["instrument_pid"],
        display_name=found["display_name"],
        location=found["location"],
        filestore_path=found["filestore_path"],
        timezone=found["timezone"] or _DEFAULTS.timezone,
        harvester=found["harvester"] or _DEFAULTS.harvester,
        api_url=found["api_url"],
        calendar_url=found["calendar_url"],
        property_tag=found["property_tag"],
    )


def add(connection: Connection, instrument: Instrument) -> None:
    """Add an instrument.

    Raises
    ------
    StoreError
        If its pid or API URL is empty or belongs to another one.
    """
    if not instrument.pid or not instrument.api_url:
        msg = (
            f"instrument {instrument.pid!r} needs a pid and an API URL; where no "
            "scheduler gives one, any text that no other instrument has will do"
        )
        raise StoreError(msg)
    _refuse_duplicate(connection, instrument)
    connection.execute(
        insert(INSTRUMENTS).values(
            instrument_pid=instrument.pid,
            api_url=instrument.api_url,
            calendar_url=instrument.calendar_url,
            location=instrument.location,
            display_name=instrument.display_name,
            property_tag=instrument.property_tag,
            filestore_path=instrument.filestore_path,
            harvester=instrument.harvester,
            timezone=instrument.timezone,
        )
    )


def _refuse_duplicate(connection: Connection, instrument: Instrument) -> None:
    same = connection.execute(
        select(INSTRUMENTS.c.instrument_pid).where(
            or_(
                INSTRUMENTS.c.instrument_pid == instrument.pid,
                INSTRUMENTS.c.api_url == instrument.api_url,
            )
        )
    )
    taken = sorted(same.scalars())
    if instrument.pid in taken:
        raise StoreError(f"there is an instrument {instrument.pid} already")
    if taken:
        msg = (
            f"API URL {instrument.api_url} belongs to instrument {taken[0]} already; "
            "each instrument needs one of its own"
        )
        raise StoreError(msg)


def remove(connection: Connection, pid: str, *, force: bool) -> None:
    """Remove an instrument; with `force` also the log of its sessions.

    The log of uploads stays.

    Raises
    ------
    StoreError
        If there is no such instrument, or it has sessions and `force` is not given.
    """
    require(connection, pid)
    sessions = connection.scalar(
        select(func.count(SESSION_LOG.c.session_identifier.distinct())).where(
            SESSION_LOG.c.instrument == pid
        )
    )
    if sessions and not force:
        msg = (
            f"instrument {pid} has {sessions} sessions in the log, which would be "
            "removed with it; force it if that is meant"
        )
        raise StoreError(msg)
    # Files and deliveries go with the state.
    for owned in (STATE, DETAILS, SESSION_LOG):
        connection.execute(delete(owned).where(owned.c.instrument == pid))
    connection.execute(delete(INSTRUMENTS).where(INSTRUMENTS.c.instrument_pid == pid))


def require(connection: Connection, pid: str) -> None:
    """Raise `StoreError` unless there is an instrument `pid`."""
    if not connection.scalar(
        select(func.count()).where(INSTRUMENTS.c.instrument_pid == pid)
    ):
        msg = (
            f"there is no instrument {pid!r} in the database; `nexuslims instruments "
            "list` shows those that are"
        )
        raise StoreError(msg)


def statistics(connection: Connection) -> dict[str, InstrumentStatistics]:
    """Return how much each instrument was used, by pid."""
    known = {instrument.pid: instrument for instrument in instruments(connection)}
    used = {pid: _Use(set()) for pid in known}
    rows = connection.execute(
        select(
            SESSION_LOG.c.instrument,
            SESSION_LOG.c.session_identifier,
            SESSION_LOG.c.timestamp,
        ).where(SESSION_LOG.c.event_type == "END")
    )
    for pid, identifier, text in rows:
        if pid in used:
            used[pid].note(identifier, parse_or_none(text, known[pid]))
    return {pid: use.statistics(known[pid]) for pid, use in used.items()}


@dataclass
class _Use:
    """Counts the sessions of an instrument."""

    identifiers: set[str]
    last: datetime | None = None

    def note(self, identifier: str, end: datetime | None) -> None:
        self.identifiers.add(identifier)
        if end is not None and (self.last is None or end > self.last):
            self.last = end

    def statistics(self, instrument: Instrument) -> InstrumentStatistics:
        return InstrumentStatistics(
            sessions_total=len(self.identifiers),
            last_session=_local(self.last, instrument),
        )


def _local(moment: datetime | None, instrument: Instrument) -> datetime | None:
    if moment is None:
        return None
    try:
        return moment.astimezone(instrument.zone)
    except (ValueError, OSError, KeyError):  # no such zone: the time itself is right
        return moment
