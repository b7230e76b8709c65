"""Deliver a record to the destinations that are still owed it.

Three strategies: ``all`` needs every destination, ``best_effort`` tries every one and
is content with one success, ``first_success`` stops at the first. Under each of them, a
destination that holds an outdated record of the session is owed the new one. Each
result is handed to `log` the moment it is known, so a crash forgets at most the
delivery under way; that one is found again by the destination itself, which looks
before it posts.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Literal

from nexuslims_core.errors import ExportError, NexusLIMSError
from nexuslims_core.manager.records import describe
from nexuslims_core.model.delivery import ExportContext, ExportResult

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from nexuslims_core.pipeline.connect import ConnectedDestination

Strategy = Literal["all", "first_success", "best_effort"]

logger = logging.getLogger(__name__)


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
    delivered: Mapping[str, ExportResult],
    previous: Mapping[str, ExportResult],
    log: Callable[[ExportResult], None],
    told: Callable[[str], str],
) -> Exported:
    """Deliver a record.

    Parameters
    ----------
    destinations
        In the order in which they are served.
    delivered
        Results of destinations that already hold exactly this record, by name.
    previous
        Last success of each destination for this session, whatever the content.
    log
        Called with each new result at once.
    told
        Returns what a destination said, without any secret.
    """
    names = [one.name for one in destinations]
    known = {name: delivered[name] for name in names if name in delivered}
    outdated = {name for name in names if name in previous and name not in delivered}
    results: list[ExportResult] = []
    for connected in destinations:
        if connected.name in known:
            continue
        enough = strategy == "first_success" and _any_success(known)
        if enough and connected.name not in outdated:
            continue
        result = _deliver(
            connected,
            replace(
                context,
                results=dict(known),
                previous=previous.get(connected.name),
            ),
            told,
        )
        log(result)
        results.append(result)
        known[connected.name] = result
    needed = set(names) if strategy == "all" else outdated
    satisfied = _any_success(known) and all(known[name].success for name in needed)
    return Exported(results=tuple(results), satisfied=satisfied)


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
