"""Take the record of one session back from wherever it was delivered."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from nexuslims_core.errors import NexusLIMSError, StoreError
from nexuslims_core.manager.records import describe
from nexuslims_core.model.delivery import REMAINS, ExportContext, ExportResult
from nexuslims_core.pipeline.claim import LEASE
from nexuslims_core.pipeline.deliver import external_ids
from nexuslims_core.pipeline.write import find_record
from nexuslims_core.record import from_xml
from nexuslims_core.store import Outcome
from nexuslims_core.types import Withdrawing

if TYPE_CHECKING:
    from collections.abc import Mapping

    from nexuslims_core.pipeline.connect import ConnectedDestination
    from nexuslims_core.pipeline.context import RunContext
    from nexuslims_core.store import ClaimedSession, Delivery, RecordStatus

STATUS: RecordStatus = "NO_CONSENT"
"""What the log says of a session whose record was taken back."""


@dataclass(frozen=True, kw_only=True)
class Withdrawn:
    """What came of taking a record back."""

    results: tuple[ExportResult, ...]
    """One per destination that has the record, or may have it."""
    remains: tuple[str, ...]
    """Sentences on what is still there."""

    @property
    def complete(self) -> bool:
        """Whether no destination has the record any more."""
        return all(one.success for one in self.results)


def withdraw(identifier: str, instrument: str | None, context: RunContext) -> Withdrawn:
    """Take the record of a session back; it is not built again until retried.

    Every destination that can take records back is asked, whether or not its answer to
    a delivery ever arrived. May be called again for those that failed.

    Raises
    ------
    StoreError
        If there is no such session, it has no record, or another run works on it.
    """
    claimed = context.store.take(
        identifier, instrument, owner=context.owner, now=context.now(), lease=LEASE
    )
    try:
        export = _context(claimed, context)
    except BaseException:
        context.store.release(context.owner)
        raise
    deliveries = context.store.deliveries(claimed.session)
    results = []
    for connected in context.destinations:
        result = _withdrawn(connected, export, deliveries, context)
        if result is not None:
            context.store.log_export(claimed.session, result)
            results.append(result)
    results += _unknown(deliveries, context)
    reason = f"withdrawn on {context.now():%Y-%m-%d}"
    outcome = Outcome(status=STATUS, error=reason, withdrawn=True)
    context.store.finish(claimed, outcome, context.now())
    return Withdrawn(results=tuple(results), remains=_remains(results, export))


def _context(claimed: ClaimedSession, context: RunContext) -> ExportContext:
    session = claimed.session
    path = find_record(claimed.state.record_path, context.settings.records_path)
    if path is None:
        msg = (
            f"session {session.identifier} has no record on disk, so there is nothing "
            "to recognise it by at the destinations; have it built with `nexuslims "
            "sessions retry` first, or remove it there by hand"
        )
        raise StoreError(msg)
    xml = path.read_bytes()
    user = session.details.user if session.details else None
    return ExportContext(
        session=session,
        title=path.stem,
        xml_path=path,
        xml=xml,
        record=from_xml(xml),
        data_path=context.site.data_path,
        user=user,
        external_ids=external_ids(session, user, context),
    )


def _withdrawn(
    connected: ConnectedDestination,
    export: ExportContext,
    deliveries: Mapping[str, Delivery],
    context: RunContext,
) -> ExportResult | None:
    """Ask one destination; `None` where it never had the record and cannot say."""
    delivery = deliveries.get(connected.name)
    destination = connected.destination
    if destination is None:
        return _failure(connected.name, connected.problem or "not configured")
    if not isinstance(destination, Withdrawing):
        return _by_hand(connected.name, delivery) if delivery else None
    previous = delivery.result if delivery else None
    try:
        result = destination.withdraw(replace(export, previous=previous))
    except NexusLIMSError as error:
        return _failure(connected.name, context.told(str(error)))
    # A destination is foreign code: whatever it raises is its own failure, never ours.
    except (Exception, SystemExit) as error:  # noqa: BLE001
        return _failure(connected.name, context.told(describe(error)))
    return replace(result, destination=connected.name)


def _unknown(
    deliveries: Mapping[str, Delivery], context: RunContext
) -> list[ExportResult]:
    """Return what cannot be taken back because its destination is not there now."""
    connected = {one.name for one in context.destinations}
    return [
        _by_hand(name, delivery)
        for name, delivery in deliveries.items()
        if name not in connected
    ]


def _by_hand(name: str, delivery: Delivery) -> ExportResult:
    where = delivery.record_url or delivery.record_id or "the record"
    return _failure(name, f"cannot take records back; remove {where} by hand")


def _failure(name: str, error: str) -> ExportResult:
    return ExportResult(destination=name, success=False, error=error)


def _remains(results: list[ExportResult], export: ExportContext) -> tuple[str, ...]:
    told = [
        f"{one.destination}: {sentence}"
        for one in results
        for sentence in one.metadata.get(REMAINS, ())
    ]
    here = (
        f"here: {export.xml_path}, and the side-cars and previews of its files below "
        f"{export.data_path}"
    )
    return (*told, here)
