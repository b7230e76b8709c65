"""Ask a session's scheduler what it knows about it, consent included."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from nexuslims_core.errors import NexusLIMSError, SourceError
from nexuslims_core.manager.records import describe
from nexuslims_core.model.facility import Reservation
from nexuslims_core.pipeline.connect import source_for

if TYPE_CHECKING:
    from nexuslims_core.model.facility import Session
    from nexuslims_core.pipeline.context import RunContext

logger = logging.getLogger(__name__)


def reservation_for(session: Session, context: RunContext) -> Reservation:
    """Return the scheduler's answers; a session without consent ends here.

    Raises
    ------
    NoConsentError, NoReservationError
        If no record may be built, or nothing describes the session.
    SourceError
        If the scheduler cannot be asked.
    """
    instrument = session.instrument
    connected = source_for(instrument, context.sources)
    if connected is None or connected.source is None:
        reason = context.blocked_instruments.get(
            instrument.pid, f"no scheduler serves instrument {instrument.pid}"
        )
        raise SourceError(reason)
    if connected.problem is not None:
        raise SourceError(connected.problem)
    try:
        with connected.lock:
            found = connected.source.reservation(session)
    except NexusLIMSError:
        raise
    # A harvester is foreign code: what it raises is a failed source, told by its name.
    except (Exception, SystemExit) as error:
        logger.exception("Harvester %s raised", connected.name)
        msg = f"{connected.name}: {describe(error)}"
        raise SourceError(msg) from error
    if not isinstance(found, Reservation):
        msg = f"{connected.name}: gave {type(found).__name__}, expected Reservation"
        raise SourceError(msg)
    return found
