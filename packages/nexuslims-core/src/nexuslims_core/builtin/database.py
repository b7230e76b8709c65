"""The `database` harvester: sessions that others log straight into the database.

``nexuslims sessions add`` and a facility's own loggers write START and END rows; there
is nothing to ask a scheduler for. Who logs a session this way states that a record of
it is wanted, so no further consent is looked for.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from nexuslims_core.model.facility import Person, Reservation

if TYPE_CHECKING:
    from collections.abc import Iterable

    from nexuslims_core.types import HarvestProblem, Instrument, Session, Window


class DatabaseSource:
    """Describes sessions by what was recorded with them."""

    def serves(self, instrument: Instrument) -> bool:
        """Serve every instrument whose harvester is ``database``."""
        return instrument.harvester == "database"

    def check(self) -> None:
        """Do nothing: the database itself is checked before any run."""

    def sessions(self, window: Window) -> Iterable[Session | HarvestProblem]:  # noqa: ARG002 - the protocol's
        """Yield nothing: the sessions are in the session log already."""
        return ()

    def reservation(self, session: Session) -> Reservation:
        """Return the session's own details, completed from its times and user."""
        if session.details is not None:
            return session.details
        return Reservation(
            internal_id=session.identifier,
            user=Person(username=session.user) if session.user else None,
            start=session.start,
            end=session.end,
        )
