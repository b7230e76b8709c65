"""Finding the reservation that a session was made under."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from nexuslims_harvester_nemo.client import StatusError
from nexuslims_harvester_nemo.clock import asked, instant
from nexuslims_harvester_nemo.people import identifier
from nexuslims_harvester_nemo.questions import Answers, parsed

if TYPE_CHECKING:
    from nexuslims_core.types import Instrument

    from nexuslims_harvester_nemo.client import NemoClient
    from nexuslims_harvester_nemo.clock import Clock

_SERVER_FAILED = 500
_NO_TIME = timedelta(0)

_logger = logging.getLogger(__name__)


@dataclass(frozen=True, kw_only=True)
class Booking:
    """A reservation of a tool."""

    id: int
    start: datetime
    end: datetime
    user: object
    creator: object
    created: datetime | None
    descendant: int | None
    """The reservation that replaced this one."""
    missed: bool
    answers: Answers | None

    def overlap(self, start: datetime, end: datetime) -> timedelta | None:
        """Return for how long it covers a span; `None` if it does not.

        A use that ended at once, of no length, is covered by what it lies in.
        """
        first = max(instant(self.start), instant(start))
        last = min(instant(self.end), instant(end))
        if first == last and instant(start) == instant(end):
            return _NO_TIME
        return last - first if last > first else None


def overlapping(
    client: NemoClient,
    clock: Clock,
    instrument: Instrument,
    tool: int,
    span: tuple[datetime, datetime],
) -> list[Booking]:
    """Return the reservations of `tool` that share time with `span`.

    Raises
    ------
    SourceError
        If NEMO cannot be asked.
    """
    start, end = span
    filters = {
        "tool_id": tool,
        "start__lte": asked(end),
        "end__gte": asked(start),
        "cancelled": "False",
        "expand": "user,creator",
    }
    rows = _rows(client, filters)
    bookings = [_read(row, clock, instrument) for row in rows if _concerns(row, tool)]
    return [each for each in bookings if each and each.overlap(start, end) is not None]


def best(
    bookings: Iterable[Booking],
    is_users: Callable[[Booking], bool],
    span: tuple[datetime, datetime],
) -> Booking | None:
    """Return the reservation that a session was most likely made under.

    One that was replaced gives way to its replacement. One that was missed, or replaced
    by one at another time, describes only a late session of its own user. Then counts
    who made it, then how much of the session it covers, then which is older.
    """
    present = list(bookings)
    numbers = {each.id for each in present}
    kept = [each for each in present if each.descendant not in numbers]
    fitting = [each for each in kept if not _stale(each) or is_users(each)]

    def rank(booking: Booking) -> tuple[bool, bool, timedelta, int]:
        shared = booking.overlap(*span) or _NO_TIME
        return _stale(booking), not is_users(booking), -shared, booking.id

    return min(fitting, key=rank, default=None)


def _stale(booking: Booking) -> bool:
    return booking.missed or booking.descendant is not None


def _rows(client: NemoClient, filters: Mapping[str, object]) -> list[Any]:
    try:
        return client.rows("reservations", **filters)
    except StatusError as error:
        if error.status != _SERVER_FAILED:
            raise
    # NEMO fails at the whole list when one reservation's answers are stored malformed.
    rows = client.rows("reservations", **filters, omit="question_data")
    return [_with_answers(client, row) for row in rows]


def _with_answers(client: NemoClient, row: Any) -> Any:  # noqa: ANN401 - as NEMO sent it
    number = identifier(row)
    if number is None:
        return row
    try:
        found = client.rows("reservations", id=number, expand="user,creator")
    except StatusError as error:
        if error.status != _SERVER_FAILED:
            raise
        _logger.warning(
            "NEMO cannot show the answers of reservation %s, which counts as having "
            "none; correct its question data in NEMO's administration",
            number,
        )
        return row
    return next((each for each in found if identifier(each) == number), row)


def _concerns(row: object, tool: int) -> bool:
    """Tell whether a row is what was asked for: NEMO ignores filters it mistrusts."""
    if not isinstance(row, Mapping) or row.get("cancelled") is True:
        return False
    return identifier(row.get("tool")) == tool


def _read(
    row: Mapping[str, Any], clock: Clock, instrument: Instrument
) -> Booking | None:
    number = identifier(row)
    if number is None:
        return None
    try:
        start, end = clock.read_span(row.get("start"), row.get("end"), instrument)
        created = row.get("creation_time")
        made = clock.read(created, instrument) if created else None
    except ValueError as error:
        _logger.warning("NEMO reservation %s is left out: %s", number, error)
        return None
    return Booking(
        id=number,
        start=start,
        end=end,
        user=row.get("user"),
        creator=row.get("creator"),
        created=made,
        descendant=identifier(row.get("descendant")),
        missed=row.get("missed") is True,
        answers=parsed(row.get("question_data")),
    )
