"""Tell whether anything that a record is made from has changed."""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

    from nexuslims_core.model.delivery import ExportResult
    from nexuslims_core.model.facility import Reservation, Session
    from nexuslims_core.model.files import DataFile


def inputs_fingerprint(
    session: Session,
    reservation: Reservation,
    files: Iterable[DataFile],
    *,
    sensitivity: float,
) -> str:
    """Return a hash over the session, the scheduler's answers and the set of files.

    Equal inputs give an equal record, so an equal fingerprint means: nothing to do.
    """
    # `last_updated` moves when somebody opens a form; the record does not show it.
    answers = asdict(reservation) | {"last_updated": None}
    inputs = {
        "session": [
            session.identifier,
            session.start.isoformat(),
            session.end.isoformat(),
            session.user,
        ],
        "instrument": asdict(session.instrument),
        "reservation": answers,
        "sensitivity": sensitivity,
        "files": [[str(file.path), file.size, file.mtime_ns] for file in files],
    }
    text = json.dumps(inputs, default=str, sort_keys=True, ensure_ascii=True)
    return hashlib.sha256(text.encode()).hexdigest()


def content_sha256(xml: bytes) -> str:
    """Return the hash by which a record on disk is known again."""
    return hashlib.sha256(xml).hexdigest()


def offer_sha256(xml: bytes, earlier: Iterable[ExportResult]) -> str:
    """Return a hash over what a destination is offered.

    That is the record, and where the destinations served before it keep theirs, since
    it may link to them. For the first of them it is that of the record alone.
    """
    places = [
        (one.destination, one.record_id, one.record_url)
        for one in earlier
        if one.success
    ]
    if not places:
        return content_sha256(xml)
    return hashlib.sha256(xml + json.dumps(places).encode()).hexdigest()
