"""Bring settings, plugins, connections and checks together for a run."""

from __future__ import annotations

import socket
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from nexuslims_core.pipeline.connect import connect_destinations, connect_sources
from nexuslims_core.pipeline.context import RunContext
from nexuslims_core.pipeline.preflight import (
    CheckResult,
    blocked_instruments,
    check_data_path,
    check_database,
    check_destinations,
    check_instruments,
    check_source,
    usable_destinations,
    usable_sources,
)
from nexuslims_core.settings import unknown_names
from nexuslims_core.types import Site

if TYPE_CHECKING:
    from collections.abc import Iterator

    from nexuslims_core.cli.context import Configuration
    from nexuslims_core.pipeline.progress import Progress
    from nexuslims_core.store import Store


@dataclass(frozen=True, kw_only=True)
class Prepared:
    """A run that is ready to go, and the checks that decided what it can do."""

    checks: tuple[CheckResult, ...]
    context: RunContext


def basic_checks(chosen: Configuration) -> tuple[CheckResult, ...]:
    """Check what nothing can be done without: the database and the data folder.

    Raises
    ------
    ConfigurationError
        If the settings themselves cannot be used.
    """
    return (
        check_data_path(chosen.settings),
        *check_database(chosen.database_url),
    )


def prepare(chosen: Configuration, store: Store, progress: Progress) -> Prepared:
    """Connect schedulers and repositories, check them, and keep those that passed."""
    settings, environment, manager = (
        chosen.settings,
        chosen.environment,
        chosen.manager,
    )
    site = Site(
        instrument_data_path=settings.instrument_data_path,
        data_path=settings.data_path,
        records_path=settings.records_path,
        instruments=store.instruments(),
        tls_verify=settings.tls_verify,
        ca_bundle=settings.ca_bundle(),
    )
    sources = connect_sources(manager.harvesters.values(), environment, site)
    destinations = connect_destinations(
        manager.export_destinations.values(), environment, site
    )
    progress.stage("Checking schedulers and repositories")
    checks = (
        *check_instruments(site.instruments, sources, site),
        *map(check_source, sources),
        *check_destinations(destinations),
        *plugin_checks(chosen),
    )
    context = RunContext(
        settings=settings,
        environment=environment,
        site=site,
        manager=manager,
        store=store,
        sources=usable_sources(sources, checks),
        destinations=usable_destinations(destinations, checks),
        blocked_instruments=blocked_instruments(checks),
        progress=progress,
        now=lambda: datetime.now(tz=UTC),
        owner=f"{socket.gethostname()}:{settings.data_path}",
        extractors_fingerprint=manager.fingerprint(),
    )
    return Prepared(checks=checks, context=context)


def plugin_checks(chosen: Configuration) -> Iterator[CheckResult]:
    """Tell of plugins that failed and of settings that no plugin reads."""
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
