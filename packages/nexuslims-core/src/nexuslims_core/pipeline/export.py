"""Deliver a record to the destinations that are still owed it.

Three strategies: ``all`` needs every destination, ``best_effort`` tries every one and
is content with one success, ``first_success`` stops at the first. Under each of them, a
destination that holds an outdated record of the session is owed the new one; and so is
one that could not name where the destinations before it keep the record, because they
took it only later. Each result is handed to `log` the moment it is known, so a crash
forgets at most the delivery under way; that one is found again by the destination
itself, which looks before it posts.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Literal

from nexuslims_core.errors import ExportError, NexusLIMSError
from nexuslims_core.manager.records import describe
from nexuslims_core.model.delivery import ExportContext, ExportResult
from nexuslims_core.pipeline.fingerprint import offer_sha256

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from nexuslims_core.pipeline.connect import ConnectedDestination

Strategy = Literal["all", "first_success", "best_effort"]

logger = logging.getLogger(__name__)


@dataclass(frozen=True, kw_only=True)
class Held:
    """What a destination holds of the session."""

    result: ExportResult
    """Its last success."""
    offer: str | None
    """Fingerprint of what it took then; `None` when that was not noted."""


@dataclass(frozen=True, kw_only=True)
class Exported:
    """Outcome of delivering one record."""

    results: tuple[ExportResult, ...]
    """Of this run, in the order of delivery."""
    satisfied: bool
    """Whether the strategy's condition holds, earlier deliveries included."""


def export(
    context: ExportContext,
    destinations: Sequence[ConnectedDestination],
    *,
    strategy: Strategy,
    held: Mapping[str, Held],
    log: Callable[[ExportResult, str], None],
    told: Callable[[str], str],
) -> Exported:
    """Deliver a record.

    Parameters
    ----------
    destinations
        In the order in which they are served.
    held
        What destinations hold of this session, whatever its content, by name.
    log
        Called with each new result at once, and with the fingerprint of the offer.
    told
        Returns what a destination said, without any secret.
    """
    known: dict[str, ExportResult] = {}
    needed: set[str] = set()
    results: list[ExportResult] = []
    for connected in destinations:
        name, mine = connected.name, held.get(connected.name)
        offer = offer_sha256(context.xml, known.values())
        if mine is not None and mine.offer == offer:
            known[name] = mine.result
            continue
        if strategy == "all" or mine is not None:
            needed.add(name)
        elif strategy == "first_success" and _any_success(known):
            continue
        offered = replace(
            context, results=dict(known), previous=mine.result if mine else None
        )
        result = _deliver(connected, offered, told)
        log(result, offer)
        results.append(result)
        known[name] = _placed(result, mine)
    satisfied = _any_success(known) and all(known[name].success for name in needed)
    return Exported(results=tuple(results), satisfied=satisfied)


def _placed(result: ExportResult, held: Held | None) -> ExportResult:
    """Return a result that says where the record is, as an earlier one did."""
    if not result.success or held is None:
        return result
    return replace(
        result,
        record_id=result.record_id or held.result.record_id,
        record_url=result.record_url or held.result.record_url,
    )


def _any_success(known: Mapping[str, ExportResult]) -> bool:
    return any(result.success for result in known.values())


def _deliver(
    connected: ConnectedDestination,
    context: ExportContext,
    told: Callable[[str], str],
) -> ExportResult:
    try:
        result = _export(connected, context)
    except ExportError as error:
        result = _failure(connected, str(error), retry=error.retry)
    except NexusLIMSError as error:
        result = _failure(connected, str(error), retry=True)
    # A destination is foreign code: whatever it raises is its own failure, never ours.
    except (Exception, SystemExit) as error:
        logger.exception("Destination %s raised", connected.name)
        result = _failure(connected, describe(error), retry=True)
    reason = None if result.success else told(str(result.error or "it gave no reason"))
    answered = result.timestamp if isinstance(result.timestamp, datetime) else None
    if reason is not None:
        logger.warning("%s did not take %s: %s", connected.name, context.title, reason)
    return replace(
        result,
        destination=connected.name,
        error=reason,
        timestamp=(answered or datetime.now(tz=UTC)).astimezone(UTC),
    )


def _export(connected: ConnectedDestination, context: ExportContext) -> ExportResult:
    if connected.destination is None:
        msg = connected.problem or "not configured"
        raise ExportError(msg)
    with connected.lock:
        if connected.doubt is not None:
            connected.doubt.settle()
        result = connected.destination.export(context)
    if not isinstance(result, ExportResult):
        msg = f"returned {type(result).__name__}, expected ExportResult"
        raise ExportError(msg)
    return result


def _failure(
    connected: ConnectedDestination, error: str, *, retry: bool
) -> ExportResult:
    return ExportResult(
        destination=connected.name, success=False, error=error, retry=retry
    )
