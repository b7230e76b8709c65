"""What destinations did: the log of all attempts, and the last success of each."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from sqlalchemy import Connection, func, insert, select, update

from nexuslims_core.store.locks import hold
from nexuslims_core.store.log import of
from nexuslims_core.store.tables import (
    DELIVERIES,
    SESSION_LOG,
    STATE,
    UPLOAD_LOG,
)
from nexuslims_core.store.timestamps import write
from nexuslims_core.store.values import Delivery

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sqlalchemy import Row

    from nexuslims_core.model.delivery import ExportResult
    from nexuslims_core.model.facility import Session


def log_export(
    connection: Connection,
    session: Session,
    result: ExportResult,
    content_sha256: str | None,
) -> None:
    """Log an attempt; a success becomes the session's delivery at that destination."""
    moment = _aware(result.timestamp)
    hold(connection, session.identifier, session.instrument.pid)
    connection.execute(
        insert(UPLOAD_LOG).values(
            session_identifier=session.identifier,
            destination_name=result.destination,
            success=result.success,
            timestamp=write(moment),
            record_id=result.record_id,
            record_url=result.record_url,
            error_message=result.error,
            metadata_json=_logged_metadata(result),
        )
    )
    if result.success:
        _note_delivery(connection, session, result, content_sha256, moment)


def deliveries(
    connection: Connection, identifier: str, instrument: str
) -> dict[str, Delivery]:
    """Return where the record of a session is, by the destination's name.

    Deliveries that are in the upload log alone, written by other programs, count too.
    """
    found = _logged_deliveries(connection, identifier, instrument)
    rows = connection.execute(
        select(DELIVERIES).where(of(DELIVERIES, identifier, instrument))
    )
    found |= {row.destination: _delivery(row) for row in rows}
    return found


def load_metadata(text: str | None) -> dict[str, Any]:
    """Return the metadata of a log row; nothing where it is no JSON object."""
    try:
        value = json.loads(text or "{}")
    except ValueError:
        return {}
    return value if isinstance(value, dict) else {}


def _aware(moment: datetime | None) -> datetime:
    if moment is None:
        return datetime.now(tz=UTC)
    return moment if moment.tzinfo else moment.astimezone()


def _logged_metadata(result: ExportResult) -> str | None:
    metadata = dict(result.metadata)
    if result.action is not None:
        metadata.setdefault("action", result.action)
    return _dump(metadata)


def _dump(metadata: Mapping[str, Any]) -> str | None:
    return json.dumps(dict(metadata), default=str) if metadata else None


def _note_delivery(
    connection: Connection,
    session: Session,
    result: ExportResult,
    content_sha256: str | None,
    moment: datetime,
) -> None:
    key = {
        "session_identifier": session.identifier,
        "instrument": session.instrument.pid,
    }
    _ensure_state(connection, key, moment)
    values = {
        "action": result.action,
        "content_sha256": content_sha256,
        "delivered_at": moment,
        "metadata_json": _dump(result.metadata),
    }
    # A destination that had nothing to do need not say again where the record is.
    named = {"record_id": result.record_id, "record_url": result.record_url}
    values |= {name: value for name, value in named.items() if value is not None}
    destination = result.destination
    changed = connection.execute(
        update(DELIVERIES)
        .where(of(DELIVERIES, *key.values()), DELIVERIES.c.destination == destination)
        .values(**values)
    )
    if not changed.rowcount:
        connection.execute(
            insert(DELIVERIES).values(**key, destination=destination, **values)
        )


def _ensure_state(
    connection: Connection, key: Mapping[str, str], moment: datetime
) -> None:
    present = connection.scalar(select(func.count()).where(of(STATE, *key.values())))
    if not present:
        connection.execute(insert(STATE).values(**key, updated_at=moment))


def _logged_deliveries(
    connection: Connection, identifier: str, instrument: str
) -> dict[str, Delivery]:
    others = connection.scalar(
        select(func.count()).where(
            SESSION_LOG.c.session_identifier == identifier,
            SESSION_LOG.c.instrument != instrument,
        )
    )
    if others:
        return {}  # the upload log does not tell instruments apart
    rows = connection.execute(
        select(UPLOAD_LOG)
        .where(UPLOAD_LOG.c.session_identifier == identifier, UPLOAD_LOG.c.success)
        .order_by(UPLOAD_LOG.c.id)
    )
    return {
        row.destination_name: Delivery(
            destination=row.destination_name,
            record_id=row.record_id,
            record_url=row.record_url,
            delivered_at=_moment(row.timestamp),
            metadata=load_metadata(row.metadata_json),
        )
        for row in rows
    }


def _delivery(row: Row[Any]) -> Delivery:
    return Delivery(
        destination=row.destination,
        action=row.action,
        record_id=row.record_id,
        record_url=row.record_url,
        content_sha256=row.content_sha256,
        delivered_at=row.delivered_at,
        metadata=load_metadata(row.metadata_json),
    )


def _moment(text: str) -> datetime | None:
    try:
        return _aware(datetime.fromisoformat(text))
    except ValueError:
        return None
