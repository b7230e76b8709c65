"""Give a record on disk to the destinations that do not hold it yet."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from nexuslims_core.model.delivery import ExportContext, ExportResult
from nexuslims_core.pipeline.claim import renew, require_lease
from nexuslims_core.pipeline.export import export
from nexuslims_core.pipeline.fingerprint import content_sha256
from nexuslims_core.record import from_xml

if TYPE_CHECKING:
    from pathlib import Path

    from nexuslims_core.model.facility import Reservation
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

    @property
    def error(self) -> str:
        """What went wrong, one sentence per destination."""
        failed = [
            f"{one.destination}: {one.error}" for one in self.results if not one.success
        ]
        return "; ".join(failed) or "no export destination is configured"


def deliver(
    path: Path, claimed: ClaimedSession, reservation: Reservation, context: RunContext
) -> Delivered:
    """Deliver the record at `path`; log each result as it happens.

    Raises
    ------
    StoreError
        If another runner took the session over: two at once would deliver it twice.
    """
    require_lease(claimed, context)
    xml = path.read_bytes()
    sha256 = content_sha256(xml)
    record = from_xml(xml)
    session = claimed.session
    previous = context.store.deliveries(session)

    def log(result: ExportResult) -> None:
        context.store.log_export(session, result, content_sha256=sha256)
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
        ),
        context.destinations,
        strategy=context.settings.export_strategy,
        delivered={
            name: one.result
            for name, one in previous.items()
            if one.content_sha256 == sha256
        },
        previous={name: one.result for name, one in previous.items()},
        log=log,
        told=context.told,
    )
    return Delivered(
        record=record,
        sha256=sha256,
        satisfied=exported.satisfied,
        results=exported.results,
    )
