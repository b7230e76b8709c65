"""Bring settings, plugins, connections and checks together for a run."""

from __future__ import annotations

import contextlib
import logging
import socket
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from nexuslims_core.model.report import RunReport
from nexuslims_core.pipeline.connect import connect_destinations, connect_sources
from nexuslims_core.pipeline.context import RunContext
from nexuslims_core.pipeline.harvest import paused
from nexuslims_core.pipeline.later import Later
from nexuslims_core.pipeline.preflight import (
    CheckResult,
    blocked_instruments,
    check_data_path,
    check_database,
    check_destinations,
    check_executor,
    check_instruments,
    check_sources,
    usable_destinations,
    usable_sources,
)
from nexuslims_core.pipeline.report import Audience, problems_of
from nexuslims_core.settings import redact_text, unknown_names
from nexuslims_core.store import problem_with
from nexuslims_core.types import Site

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from nexuslims_core.cli.context import Configuration
    from nexuslims_core.model.facility import Instrument
    from nexuslims_core.pipeline.connect import ConnectedSource
    from nexuslims_core.pipeline.progress import Progress
    from nexuslims_core.store import Store

logger = logging.getLogger(__name__)


@dataclass(frozen=True, kw_only=True)
class Prepared:
    """A run that is ready to go, and the checks that decided what it can do."""

    checks: Sequence[CheckResult]
    """Looking at them has the rest of them made."""
    context: RunContext


def basic_checks(chosen: Configuration, *, create: bool) -> tuple[CheckResult, ...]:
    """Check what nothing can be done without: data folder, database, executor.

    Parameters
    ----------
    create
        Whether to make the folders that are missing.

    Raises
    ------
    ConfigurationError
        If the settings themselves cannot be used.
    """
    settings = chosen.settings
    executors = chosen.manager.executors
    return (
        check_data_path(settings, create=create),
        *check_database(chosen.database_url),
        check_executor(settings.executor, executors, chosen.environment),
    )


def prepare(
    chosen: Configuration,
    store: Store,
    progress: Progress,
    *,
    patient: bool = False,
    tell: Callable[[Iterable[CheckResult]], object] = list,
) -> Prepared:
    """Connect schedulers and repositories, check them, and keep those that passed.

    Repositories follow when they are first needed: while workers are starting or at
    work, in a run that has something to deliver.

    Parameters
    ----------
    patient
        Whether to leave schedulers alone that failed and are not due to be asked yet.
    tell
        Called with the checks as they are made: some at once, the rest later.
    """
    settings, environment, manager = (
        chosen.settings,
        chosen.environment,
        chosen.manager,
    )
    site = _site(chosen, store.instruments())
    sources = connect_sources(manager.harvesters.values(), environment, site)
    progress.stage("Checking schedulers")
    if patient:
        sources = _rested(sources, store)
    first = without_secrets(
        (
            *check_instruments(site.instruments, sources, site),
            *check_sources(sources),
        ),
        chosen,
    )
    tell(first)

    connected = Later(
        lambda: connect_destinations(
            manager.export_destinations.values(), environment, site
        )
    )

    def others() -> tuple[CheckResult, ...]:
        found = (
            *check_destinations(connected, settings.export_strategy),
            *plugin_checks(chosen),
        )
        checks = without_secrets(found, chosen)
        tell(checks)
        return checks

    rest = Later(others)
    context = RunContext(
        settings=settings,
        environment=environment,
        site=site,
        manager=manager,
        store=store,
        sources=usable_sources(sources, first),
        destinations=Later(lambda: usable_destinations(connected, rest)),
        blocked_instruments=blocked_instruments(first),
        progress=progress,
        now=lambda: datetime.now(tz=UTC),
        owner=f"{socket.gethostname()}:{settings.data_path}",
        extractors_fingerprint=manager.fingerprint(),
        secrets=chosen.secrets,
    )
    return Prepared(checks=Later(lambda: (*first, *rest)), context=context)


def without_secrets(
    checks: Iterable[CheckResult], chosen: Configuration
) -> tuple[CheckResult, ...]:
    """Return checks as they may be told: plugins wrote their messages."""
    return tuple(
        replace(one, message=redact_text(one.message, chosen.secrets)) for one in checks
    )


def _site(chosen: Configuration, instruments: tuple[Instrument, ...] = ()) -> Site:
    settings = chosen.settings
    return Site(
        instrument_data_path=settings.instrument_data_path,
        data_path=settings.data_path,
        records_path=settings.records_path,
        instruments=instruments,
        tls_verify=settings.tls_verify,
        ca_bundle=settings.ca_bundle(),
    )


def notify_blocked(chosen: Configuration, checks: Iterable[CheckResult]) -> None:
    """Tell people that no run is possible, such as when a share is not mounted."""
    failed = [one for one in checks if one.blocks_everything]
    report = RunReport(
        problems=tuple(redact_text(one.message, chosen.secrets) for one in failed)
    )
    # Without a usable database nothing can be remembered, and silence is worse.
    unusable = problem_with(chosen.database_url) is not None
    with contextlib.nullcontext() if unusable else chosen.store() as store:
        audience = Audience(
            notifiers=tuple(chosen.manager.notifiers.values()),
            environment=chosen.environment,
            site=_site(chosen),
            store=store,
            now=datetime.now(tz=UTC),
        )
        for failure in audience.tell(report, problems_of(report)):
            logger.warning("%s", redact_text(failure, chosen.secrets))


def _rested(
    sources: tuple[ConnectedSource, ...], store: Store
) -> tuple[ConnectedSource, ...]:
    """Mark the sources that are not due to be asked, so that nobody waits for them."""
    now = datetime.now(tz=UTC)
    return tuple(
        replace(one, problem=one.problem or paused(store.source_state(one.name), now))
        for one in sources
    )


def plugin_checks(chosen: Configuration) -> Iterator[CheckResult]:
    """Tell of plugins that failed and of settings that no plugin reads."""
    # Asked for here, every hook of every plugin has been tried.
    _ = chosen.manager.plugins()
    for failure in chosen.manager.failures:
        yield CheckResult(
            name="plugins",
            passed=False,
            severity="warning",
            scope="nothing",
            subject=failure.plugin,
            message=f"{failure.plugin} ({failure.distribution}): {failure.error}",
        )
    for unknown in unknown_names(chosen.environment, chosen.manager.settings_models):
        yield CheckResult(
            name="settings",
            passed=False,
            severity="warning",
            scope="nothing",
            subject=unknown.variable,
            message=str(unknown),
        )
