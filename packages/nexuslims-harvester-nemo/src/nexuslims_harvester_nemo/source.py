"""A NEMO server as a source of sessions and of what describes them."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

from nexuslims_core.errors import SourceError

from nexuslims_harvester_nemo.client import StatusError
from nexuslims_harvester_nemo.description import describe
from nexuslims_harvester_nemo.server import Server
from nexuslims_harvester_nemo.sessions import find_sessions

if TYPE_CHECKING:
    from collections.abc import Iterable

    from nexuslims_core.types import (
        HarvestProblem,
        Instrument,
        Reservation,
        Session,
        Site,
        Window,
    )

    from nexuslims_harvester_nemo.settings import NemoSettings

NAME = "nemo"
"""What `Instrument.harvester` says for instruments that NEMO knows."""

_ASKED = ("tools", "usage_events", "reservations")
_NO_SUCH_ROW = 0


class NemoSource:
    """One NEMO server; remembers tools and people for the length of a run.

    Parameters
    ----------
    settings
        The server and how it is set up.
    site
        Instruments, and which certificates are trusted.
    """

    def __init__(self, settings: NemoSettings, site: Site) -> None:
        self._site = site
        self._server = Server(settings, site)

    def serves(self, instrument: Instrument) -> bool:
        """Tell whether the instrument's `api_url` names a tool of this server."""
        return (
            instrument.harvester == NAME
            and self._server.tool_of(instrument) is not None
        )

    def check(self) -> None:
        """Raise `SourceError` if NEMO is out of reach or does not let us look.

        Permissions that lack are named all at once.
        """
        # A run waits for the slowest of the answers, not for all.
        with ThreadPoolExecutor(len(_ASKED)) as threads:
            refused = [one for one in threads.map(self._lacking, _ASKED) if one]
        if refused:
            msg = (
                f"NEMO {self._server.base}: the account of NX_NEMO_TOKEN lacks the "
                f"permissions {', '.join(refused)}; add them in NEMO's administration"
            )
            raise SourceError(msg)

    def _lacking(self, table: str) -> str | None:
        """Return the permission that lacks to look at a table, if one does."""
        try:
            self._server.client.rows(table, id=_NO_SUCH_ROW)
        except StatusError as error:
            if not error.permission:
                raise
            return error.permission
        return None

    def sessions(self, window: Window) -> Iterable[Session | HarvestProblem]:
        """Yield the ended usage events that overlap `window`, oldest first."""
        mine = tuple(each for each in self._site.instruments if self.serves(each))
        return find_sessions(self._server, mine, window) if mine else ()

    def reservation(self, session: Session) -> Reservation:
        """Return what the user answered, if a record may be made of it."""
        return describe(self._server, session)
