"""Say what a run did: the exit code, the JSON, and the notifications."""

from __future__ import annotations

import logging
from dataclasses import asdict
from datetime import datetime
from typing import TYPE_CHECKING, Any

from nexuslims_core.manager.records import describe
from nexuslims_core.settings import plugin_instances

if TYPE_CHECKING:
    from nexuslims_core.model.report import RunReport
    from nexuslims_core.pipeline.context import RunContext

logger = logging.getLogger(__name__)

FAILURES = frozenset({"ERROR", "BUILT_NOT_EXPORTED"})
"""Statuses that mean that something went wrong."""


def failed(report: RunReport) -> bool:
    """Tell whether anything went wrong in a run."""
    return (
        any(one.error is not None for one in report.harvest)
        or any(
            one.status in FAILURES or (one.error and not _ended_well(one.status))
            for one in report.sessions
        )
        or bool(report.problems)
    )


def _ended_well(status: str) -> bool:
    # A refusal or a missing reservation is an answer, not a failure.
    return status in {"NO_CONSENT", "NO_RESERVATION", "NO_FILES_FOUND"}


def as_json(report: RunReport) -> dict[str, Any]:
    """Return the report as JSON-able values; see ``nexuslims run --json``."""
    document: dict[str, Any] = _plain(asdict(report))
    return document


def _plain(value: Any) -> Any:  # noqa: ANN401 - any JSON-able value
    if isinstance(value, dict):
        return {str(key): _plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    if isinstance(value, datetime):
        return value.isoformat()
    if value is None or isinstance(value, str | int | float | bool):
        return value
    return str(value)


def notify(report: RunReport, context: RunContext) -> tuple[str, ...]:
    """Tell every configured notifier; return what went wrong with that."""
    problems = []
    for notifier in context.manager.notifiers.values():
        for instance in plugin_instances(notifier.settings, context.environment):
            if instance.settings is None:
                reasons = "; ".join(map(str, instance.problems))
                problems.append(f"notifier {notifier.name}: {reasons}")
                continue
            try:
                notifier.notify(instance.settings, report)
            # A notifier is foreign code: its failure is told, and nothing more.
            except (Exception, SystemExit) as error:
                logger.exception("Notifier %s raised", notifier.name)
                problems.append(f"notifier {notifier.name}: {describe(error)}")
    return tuple(map(context.told, problems))
