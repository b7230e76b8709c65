"""What NEMO knows about a session: the answers that count, made a `Reservation`."""

from __future__ import annotations

import logging
from dataclasses import replace
from typing import TYPE_CHECKING

from nexuslims_core.errors import NexusLIMSError, NoConsentError, NoReservationError
from nexuslims_core.types import Reservation

from nexuslims_harvester_nemo import questions
from nexuslims_harvester_nemo.addresses import page_url, usage_event_id
from nexuslims_harvester_nemo.clock import Clock
from nexuslims_harvester_nemo.consent import Evidence, decide
from nexuslims_harvester_nemo.events import UsageEvent, read_event
from nexuslims_harvester_nemo.people import identifier
from nexuslims_harvester_nemo.reservations import Booking, best, overlapping

if TYPE_CHECKING:
    from collections.abc import Iterator

    from nexuslims_core.types import Session

    from nexuslims_harvester_nemo.questions import Answers
    from nexuslims_harvester_nemo.server import Server

_logger = logging.getLogger(__name__)


def describe(server: Server, session: Session) -> Reservation:
    """Return what describes `session`; asks NEMO for its usage event as it is now.

    Raises
    ------
    NoConsentError
        If the user refused, or nobody gave consent.
    NoReservationError
        If there is neither an answer nor a reservation.
    SourceError
        If NEMO cannot be asked.
    """
    event = _event(server, session)
    try:
        chosen = decide(
            _evidence(server, session, event),
            refusals=server.settings.refusal_words,
            refusal_falls_through=server.settings.refusal_falls_through,
        )
    except (NoConsentError, NoReservationError) as error:
        raise _about(session, error) from None
    if isinstance(chosen.origin, Booking):
        return _from_booking(server, chosen.origin)
    return _from_event(server, chosen.origin, chosen.answers or {})


def _evidence(
    server: Server, session: Session, event: UsageEvent | None
) -> Iterator[Evidence[UsageEvent | Booking]]:
    if event:
        yield Evidence(tier="run_data", answers=event.run_data, origin=event)
        yield Evidence(tier="pre_run_data", answers=event.pre_run_data, origin=event)
    booking = _booking(server, session, event)
    if booking:
        yield Evidence(tier="reservation", answers=booking.answers, origin=booking)


def _event(server: Server, session: Session) -> UsageEvent | None:
    number = usage_event_id(session.identifier, server.base)
    if number is None:
        return None
    rows = server.client.rows("usage_events", id=number, expand="user,operator")
    row = next((each for each in rows if identifier(each) == number), None)
    if row is None:
        _logger.warning("%s is no longer in NEMO", session.identifier)
        return None
    try:
        return read_event(row, server.clock, session.instrument)
    except ValueError:
        # It was running again, or got times that make no sense: ours are good enough.
        times = {"start": session.start.isoformat(), "end": session.end.isoformat()}
        return read_event({**row, **times}, Clock(), session.instrument)


def _booking(
    server: Server, session: Session, event: UsageEvent | None
) -> Booking | None:
    tool = server.tool_of(session.instrument)
    if tool is None or tool not in server.tools:
        return None
    span = (session.start, session.end)
    found = overlapping(server.client, server.clock, session.instrument, tool, span)
    server.people.learn([booking.user for booking in found])

    def is_users(booking: Booking) -> bool:
        if event:
            return identifier(booking.user) == identifier(event.user) is not None
        person = server.people.find(booking.user)
        name = person.username.casefold() if person else ""
        return bool(name) and name == session.user.casefold()

    return best(found, is_users, span)


def _from_event(server: Server, event: UsageEvent, answers: Answers) -> Reservation:
    user = server.people.find(event.user)
    return replace(
        _answered(answers),
        internal_id=str(event.id),
        url=page_url(server.base, "usage", event.id),
        user=user,
        creator=server.people.find(event.operator) or user,
        start=event.start,
        end=event.end,
        last_updated=event.start,
    )


def _from_booking(server: Server, booking: Booking) -> Reservation:
    user = server.people.find(booking.user)
    return replace(
        _answered(booking.answers or {}),
        internal_id=str(booking.id),
        url=page_url(server.base, "reservation", booking.id),
        user=user,
        creator=server.people.find(booking.creator) or user,
        start=booking.start,
        end=booking.end,
        last_updated=booking.created,
    )


def _answered(answers: Answers) -> Reservation:
    """Return what the answers alone say, whatever they were given to."""
    return Reservation(
        internal_id="",
        title=questions.text(questions.answer(answers, "experiment_title")),
        purpose=questions.text(questions.answer(answers, "experiment_purpose")),
        samples=questions.samples(answers),
        projects=questions.projects(answers),
    )


def _about(session: Session, error: NexusLIMSError) -> NexusLIMSError:
    return type(error)(f"{session.identifier}: {error}")
