"""What the parts of the harvester know about one NEMO server."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

from nexuslims_harvester_nemo import addresses
from nexuslims_harvester_nemo.client import NemoClient
from nexuslims_harvester_nemo.clock import Clock
from nexuslims_harvester_nemo.people import People, identifier

if TYPE_CHECKING:
    from nexuslims_core.types import Instrument, Site

    from nexuslims_harvester_nemo.settings import NemoSettings


class Server:
    """A server, its clock, and what is remembered of it for the length of a run."""

    def __init__(self, settings: NemoSettings, site: Site) -> None:
        self.settings = settings
        self.client = NemoClient(settings, site)
        self.people = People(self.client)
        self.clock = Clock(
            format=settings.strptime_fmt,
            zone=settings.zone,
            replaces_offset=settings.tz_replaces_offset,
        )

    @property
    def base(self) -> str:
        """Address of the REST interface, with a slash at its end."""
        return self.client.base

    @cached_property
    def tools(self) -> frozenset[int]:
        """Identifiers of the tools that exist; asked for once.

        NEMO refuses every question that names a tool it does not have.
        """
        rows = self.client.rows("tools", fields="id,name")
        return frozenset(number for number in map(identifier, rows) if number)

    def tool_of(self, instrument: Instrument) -> int | None:
        """Return the tool that an instrument is; `None` if not of this server."""
        return addresses.tool_id(instrument.api_url, self.base)
