"""Turn installed plugins and settings into connected schedulers and repositories."""

from __future__ import annotations

from dataclasses import dataclass, field
from threading import Lock
from typing import TYPE_CHECKING, Any

from nexuslims_core.errors import ConfigurationError, NexusLIMSError, SourceError
from nexuslims_core.manager.records import describe
from nexuslims_core.plugin_settings import DestinationSettings
from nexuslims_core.settings import Instance, plugin_instances

if TYPE_CHECKING:
    from _thread import LockType
    from collections.abc import Callable, Iterable, Mapping

    from nexuslims_core.model.record import Record
    from nexuslims_core.pipeline.doubt import Doubt
    from nexuslims_core.plugin_settings import PluginSettings
    from nexuslims_core.settings import Environment
    from nexuslims_core.types import (
        Destination,
        Executor,
        ExportDestination,
        Harvester,
        Instrument,
        Site,
        Source,
    )


@dataclass(frozen=True, kw_only=True)
class ConnectedSource:
    """One configured scheduler, and the reason if it cannot be used."""

    name: str
    """Name of the harvester with the instance's number, e.g. ``nemo_2``."""
    harvester: str
    source: Source | None
    """`None` if it could not even be connected."""
    problem: str | None = None
    """Why it is not to be asked anything; it still tells what it serves."""
    lock: LockType = field(default_factory=Lock, repr=False, compare=False)
    """Held while it is asked: plugins need not know of threads."""


@dataclass(frozen=True, kw_only=True)
class ConnectedDestination:
    """One configured repository, or the reason why it cannot be used."""

    name: str
    """Name of the destination with the instance's number, e.g. ``cdcs_2``."""
    priority: int
    destination: Destination | None
    problem: str | None = None
    instruments: frozenset[str] = frozenset()
    """Instruments whose records it takes; empty for all."""
    projects: frozenset[str] = frozenset()
    """Projects whose records it takes, in lower case; empty for all."""
    lock: LockType = field(default_factory=Lock, repr=False, compare=False)
    """Held while it takes a record: plugins need not know of threads."""
    doubt: Doubt | None = field(default=None, repr=False, compare=False)
    """Decides whether it may be used by now, if a check of it failed for the moment."""

    def takes(self, record: Record) -> bool:
        """Tell whether a record is for this destination, as the operator chose."""
        if self.instruments and record.instrument_pid not in self.instruments:
            return False
        named = {
            text.strip().casefold()
            for project in record.projects
            for text in (project.project_id, project.name)
        }
        return not self.projects or not self.projects.isdisjoint(named)


def connect_sources(
    harvesters: Iterable[Harvester], environment: Environment, site: Site
) -> tuple[ConnectedSource, ...]:
    """Connect every configured instance of every installed harvester."""
    return tuple(
        ConnectedSource(
            name=harvester.name + instance.suffix,
            harvester=harvester.name,
            source=source,
            problem=problem,
        )
        for harvester in harvesters
        for instance, source, problem in _connected(harvester, environment, site)
    )


def connect_destinations(
    destinations: Iterable[ExportDestination], environment: Environment, site: Site
) -> tuple[ConnectedDestination, ...]:
    """Connect every configured instance of every destination, first served first."""
    connected = [
        ConnectedDestination(
            name=contribution.name + instance.suffix,
            priority=contribution.priority,
            destination=destination,
            problem=problem,
            instruments=frozenset(_chosen(instance, "instruments")),
            projects=frozenset(map(str.casefold, _chosen(instance, "projects"))),
        )
        for contribution in destinations
        for instance, destination, problem in _connected(
            contribution, environment, site
        )
    ]
    return tuple(sorted(connected, key=lambda one: (-one.priority, one.name)))


def _chosen(instance: Instance, field: str) -> Iterable[str]:
    """Return what a destination is restricted to; nothing where it cannot be."""
    if not isinstance(instance.settings, DestinationSettings):
        return ()
    return [text.strip() for text in getattr(instance.settings, field)]


def _connected(
    contribution: Harvester | ExportDestination, environment: Environment, site: Site
) -> Iterable[tuple[Instance, Any, str | None]]:
    for instance in plugin_instances(contribution.settings, environment):
        yield (instance, *_connect(contribution.connect, instance, site))


def _connect(
    connect: Callable[[Any, Site], Any], instance: Instance, site: Site
) -> tuple[Any, str | None]:
    if instance.settings is None:
        return None, "; ".join(str(problem) for problem in instance.problems)
    try:
        connected = connect(instance.settings, site)
    except NexusLIMSError as error:
        return None, str(error)
    # A plugin's own mistake must cost that plugin only.
    except (Exception, SystemExit) as error:  # noqa: BLE001
        return None, describe(error)
    return connected, "its plugin connects to nothing" if connected is None else None


def source_for(
    instrument: Instrument, sources: Iterable[ConnectedSource]
) -> ConnectedSource | None:
    """Return the scheduler that holds the sessions of `instrument`, if one does.

    Raises
    ------
    SourceError
        If none says so, and at least one could not tell.
    """
    failures = []
    for connected in sources:
        if connected.source is None or connected.harvester != instrument.harvester:
            continue
        try:
            with connected.lock:
                serves = connected.source.serves(instrument)
            if serves:
                return connected
        # A plugin's own mistake must cost that plugin only.
        except (Exception, SystemExit) as error:  # noqa: BLE001
            failures.append(f"{connected.name}: {describe(error)}")
    if failures:
        raise SourceError("; ".join(failures))
    return None


def executor_for(
    name: str, executors: Mapping[str, Executor], environment: Environment
) -> tuple[Executor, PluginSettings]:
    """Return the executor called `name` and its settings.

    Raises
    ------
    ConfigurationError
        If no plugin offers it, or its settings are missing or wrong.
    """
    contribution = executors.get(name)
    if contribution is None:
        known = ", ".join(sorted(executors)) or "none"
        msg = f"NX_EXECUTOR is {name!r}, but no plugin offers that; known: {known}"
        raise ConfigurationError(msg)
    instances = plugin_instances(contribution.settings, environment)
    if not instances:
        prefix = contribution.settings.env_prefix
        msg = f"NX_EXECUTOR is {name!r}, but its settings {prefix}… are not set"
        raise ConfigurationError(msg)
    instance = instances[0]
    if instance.settings is None:
        raise ConfigurationError("; ".join(map(str, instance.problems)))
    return contribution, instance.settings
