"""Say what a run did: the exit code, the JSON, and the notifications."""

from __future__ import annotations

import logging
from dataclasses import asdict, dataclass, replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from nexuslims_core.manager.records import describe
from nexuslims_core.model.report import Changes, Problem
from nexuslims_core.settings import plugin_instances

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from nexuslims_core.model.report import RunReport
    from nexuslims_core.pipeline.context import RunContext
    from nexuslims_core.settings import Environment, Instance
    from nexuslims_core.store import Store
    from nexuslims_core.types import Notifier, Site

logger = logging.getLogger(__name__)

FAILURES = frozenset({"ERROR", "BUILT_NOT_EXPORTED"})
"""Statuses that mean that something went wrong."""

REMINDER = timedelta(days=1)
"""After which problems that continue are told again."""


def failed(report: RunReport) -> bool:
    """Tell whether anything went wrong in a run."""
    return bool(problems_of(report))


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


def problems_of(report: RunReport) -> tuple[Problem, ...]:
    """Return what went wrong, each thing under a key that stays from run to run."""
    return (
        *(
            Problem(key=f"source {one.source}", subject=one.source, text=one.error)
            for one in report.harvest
            if one.error is not None
        ),
        *(
            _session_problem(
                one.instrument, one.session_identifier, one.error or one.status
            )
            for one in report.sessions
            if one.status in FAILURES or (one.error and not _ended_well(one.status))
        ),
        *(
            Problem(key=f"run {text}", subject="NexusLIMS", text=text)
            for text in report.problems
        ),
    )


def _session_problem(instrument: str, identifier: str, text: str) -> Problem:
    return Problem(
        key=f"session {instrument} {identifier}",
        subject=f"{instrument}: {identifier}",
        text=text,
    )


def notify(report: RunReport, context: RunContext) -> tuple[str, ...]:
    """Tell every notifier what is news to it; return what went wrong with that."""
    audience = Audience(
        notifiers=tuple(context.manager.notifiers.values()),
        environment=context.environment,
        site=context.site,
        store=context.store,
        now=context.now(),
    )
    found = (*problems_of(report), *_lingering(report, context.store))
    return tuple(map(context.told, audience.tell(report, found)))


def _lingering(report: RunReport, store: Store) -> Iterator[Problem]:
    """Yield the sessions that failed in earlier runs and are not tried at present."""
    shown = {(one.instrument, one.session_identifier) for one in report.sessions}
    for one in store.list_sessions(status="ERROR"):
        ours = one.state.status == "ERROR"
        if ours and (one.instrument, one.identifier) not in shown:
            yield _session_problem(
                one.instrument, one.identifier, one.state.last_error or "ERROR"
            )


@dataclass(frozen=True, kw_only=True)
class Audience:
    """The notifiers, and what each of them was told before."""

    notifiers: tuple[Notifier, ...]
    environment: Environment
    site: Site
    store: Store | None
    """`None` when there is no database to remember anything in."""
    now: datetime

    def tell(self, report: RunReport, found: Sequence[Problem]) -> list[str]:
        """Call the notifiers for which there is news; return what failed."""
        return [
            failure
            for notifier in self.notifiers
            for instance in plugin_instances(notifier.settings, self.environment)
            if (failure := self._tell(notifier, instance, report, found)) is not None
        ]

    def _tell(
        self,
        notifier: Notifier,
        instance: Instance,
        report: RunReport,
        found: Sequence[Problem],
    ) -> str | None:
        name = notifier.name + instance.suffix
        if instance.settings is None:
            return f"notifier {name}: {'; '.join(map(str, instance.problems))}"
        changes = self._changes(name, found)
        if not self._is_due(name, changes):
            return None
        try:
            news = replace(report, changes=changes)
            notifier.notify(instance.settings, news, self.site)
        # A notifier is foreign code: its failure is told, and nothing more.
        except (Exception, SystemExit) as error:
            logger.exception("Notifier %s raised", name)
            if self.store is not None:
                self.store.untold(name, changes, self.now)
            return f"notifier {name}: {describe(error)}"
        if self.store is not None:
            self.store.told(name, changes, self.now)
        return None

    def _changes(self, name: str, found: Sequence[Problem]) -> Changes:
        if self.store is None:
            return Changes(new=tuple(replace(one, since=self.now) for one in found))
        return self.store.changes(name, found, self.now)

    def _is_due(self, name: str, changes: Changes) -> bool:
        """Tell whether there is news, or a reminder is due."""
        if changes.matter or not changes.continuing or self.store is None:
            return changes.matter
        last = self.store.last_told(name)
        return last is None or self.now - last >= REMINDER
