"""Ended usage events as sessions."""

from __future__ import annotations

import logging
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from nexuslims_core.types import HarvestProblem, Instrument, Session

from nexuslims_harvester_nemo.addresses import usage_event_url
from nexuslims_harvester_nemo.clock import asked, instant
from nexuslims_harvester_nemo.events import is_running, read_event
from nexuslims_harvester_nemo.people import PERSON_FIELDS, identifier

if TYPE_CHECKING:
    from nexuslims_core.types import Window

    from nexuslims_harvester_nemo.server import Server

_FIELDS = ",".join(
    ["id", "start", "end", "tool", *(f"user.{field}" for field in PERSON_FIELDS)]
)
"""What is asked of events: whole users would take NEMO twenty seconds a page."""

_TOOLS_AT_ONCE = 200
"""How many tools go into one question, so that its address stays short."""

_logger = logging.getLogger(__name__)


def find_sessions(
    server: Server, instruments: tuple[Instrument, ...], window: Window
) -> Iterator[Session | HarvestProblem]:
    """Yield the ended usage events that overlap `window`, oldest first.

    Raises
    ------
    SourceError
        If NEMO cannot be asked.
    """
    tools: dict[int, Instrument] = {}
    for instrument in instruments:
        problem = _assign(server, instrument, tools)
        if problem:
            yield problem
    rows = _ended(server, tools, window)
    server.people.learn([row.get("user") for row in rows])
    found = [_session(server, row, tools) for row in rows]
    sessions = [each for each in found if isinstance(each, Session)]
    _warn_of_offsets(server, sessions)
    yield from (each for each in found if isinstance(each, HarvestProblem))
    yield from sorted(
        (each for each in sessions if _overlaps(each, window)),
        key=lambda each: (instant(each.start), each.identifier),
    )


def _assign(
    server: Server, instrument: Instrument, tools: dict[int, Instrument]
) -> HarvestProblem | None:
    """Enter an instrument under its tool, or say why that cannot be."""
    tool = server.tool_of(instrument)
    if tool is None or tool not in server.tools:
        message = (
            f"instrument {instrument.pid}: NEMO has no tool {tool}; correct its "
            "api_url, or remove the instrument"
        )
        return HarvestProblem(message=message, reference=instrument.api_url)
    if tool in tools:
        message = (
            f"instrument {instrument.pid} has the same api_url as {tools[tool].pid}, "
            "which gets the sessions; correct one of the two"
        )
        return HarvestProblem(message=message, reference=instrument.api_url)
    tools[tool] = instrument
    return None


def _ended(
    server: Server, tools: Mapping[int, Instrument], window: Window
) -> list[Mapping[str, Any]]:
    """Return the rows of ended events on `tools`, of all pages."""
    filters: dict[str, object] = {
        "expand": "user",
        "fields": _FIELDS,
        "end__isnull": "false",
    }
    if window.start:
        filters["end__gte"] = asked(window.start)
    if window.end:
        filters["start__lte"] = asked(window.end)
    wanted = sorted(tools)
    rows: list[Any] = []
    for first in range(0, len(wanted), _TOOLS_AT_ONCE):
        chosen = ",".join(map(str, wanted[first : first + _TOOLS_AT_ONCE]))
        rows += server.client.rows("usage_events", tool_id__in=chosen, **filters)
    # NEMO ignores filters that it mistrusts, and then sends everything.
    return [
        row
        for row in rows
        if isinstance(row, Mapping)
        and identifier(row.get("tool")) in tools
        and not is_running(row)
    ]


def _session(
    server: Server, row: Mapping[str, Any], tools: Mapping[int, Instrument]
) -> Session | HarvestProblem:
    instrument = tools[identifier(row.get("tool")) or 0]
    address = usage_event_url(server.base, row.get("id"))
    try:
        event = read_event(row, server.clock, instrument)
    except ValueError as error:
        message = f"usage event on {instrument.pid} is left out: {error}"
        return HarvestProblem(message=message, reference=address)
    person = server.people.find(event.user)
    return Session(
        identifier=address,
        instrument=instrument,
        start=event.start,
        end=event.end,
        user=person.username if person else "",
    )


def _overlaps(session: Session, window: Window) -> bool:
    if window.start and instant(session.end) < instant(window.start):
        return False
    return not (window.end and instant(session.start) > instant(window.end))


def _warn_of_offsets(server: Server, sessions: list[Session]) -> None:
    doubtful = next((s for s in sessions if server.clock.disagrees(s.start)), None)
    if doubtful:
        _logger.warning(
            "NEMO %s sends times such as %s, which is not the time in %s "
            "(NX_NEMO_TZ); its offset is believed. If it is wrong, set "
            "NX_NEMO_TZ_REPLACES_OFFSET=true; if not, NX_NEMO_TZ is not needed",
            server.base,
            doubtful.start.isoformat(),
            server.clock.zone,
        )
