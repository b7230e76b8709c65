"""Give a record on disk to the destinations that do not hold it yet."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from nexuslims_core.model.delivery import ExportContext, ExportResult
from nexuslims_core.pipeline.claim import renew, require_lease
from nexuslims_core.pipeline.export import Held, export
from nexuslims_core.pipeline.fingerprint import content_sha256
from nexuslims_core.record import from_xml

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from nexuslims_core.model.facility import Person, Reservation, Session
    from nexuslims_core.model.record import Record
    from nexuslims_core.pipeline.context import RunContext
    from nexuslims_core.store import ClaimedSession


@dataclass(frozen=True, kw_only=True)
class Delivered:
    """What came of delivering a record."""

    record: Record
    sha256: str
    """Hash of the record's bytes."""
    satisfied: bool
    results: tuple[ExportResult, ...]
    idle: str = ""
    """Why no destination was asked, where none was."""

    @property
    def error(self) -> str:
        """What went wrong, one sentence per destination."""
        failed = [
            f"{one.destination}: {one.error}" for one in self.results if not one.success
        ]
        return "; ".join(failed) or self.idle


def external_ids(
    session: Session, user: Person | None, context: RunContext
) -> Mapping[str, str]:
    """Return the names in other systems of whoever used the instrument."""
    return context.store.external_ids((user and user.username) or session.user)


def deliver(
    path: Path,
    claimed: ClaimedSession,
    reservation: Reservation,
    context: RunContext,
    record: Record | None = None,
) -> Delivered:
    """Deliver the record at `path`; log each result as it happens.

    Parameters
    ----------
    record
        What is in it, if that is known already.

    Raises
    ------
    StoreError
        If another runner took the session over: two at once would deliver it twice.
    """
    require_lease(claimed, context)
    xml = path.read_bytes()
    record = record or from_xml(xml)
    session = claimed.session

    def log(result: ExportResult, offer: str) -> None:
        context.store.log_export(session, result, content_sha256=offer)
        # A slow repository must not cost the lease on the sessions still to come.
        renew(context)

    exported = export(
        ExportContext(
            session=session,
            title=path.stem,
            xml_path=path,
            xml=xml,
            record=record,
            data_path=context.site.data_path,
            user=reservation.user,
            external_ids=external_ids(session, reservation.user, context),
        ),
        [one for one in context.destinations if one.takes(record)],
        strategy=context.settings.export_strategy,
        held={
            name: Held(result=one.result, offer=one.content_sha256)
            for name, one in context.store.deliveries(session).items()
        },
        log=log,
        told=context.told,
    )
    return Delivered(
        record=record,
        sha256=content_sha256(xml),
        satisfied=exported.satisfied,
        results=exported.results,
        idle=_idle(record, context),
    )


def _idle(record: Record, context: RunContext) -> str:
    if not context.destinations:
        return "no export destination is configured"
    return (
        f"no export destination takes records of {record.instrument_pid} and its "
        "projects; their settings …_INSTRUMENTS and …_PROJECTS say which they take"
    )
