"""Checks before a run: each by itself, and each blocking only what depends on it."""

from __future__ import annotations

import os
import tempfile
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from functools import partial
from operator import methodcaller
from typing import TYPE_CHECKING, Literal, TypeVar
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from nexuslims_core import store
from nexuslims_core.errors import ExportError, NexusLIMSError
from nexuslims_core.manager.records import describe
from nexuslims_core.pipeline.connect import (
    ConnectedDestination,
    ConnectedSource,
    executor_for,
    source_for,
)
from nexuslims_core.pipeline.doubt import Doubt
from nexuslims_core.pipeline.scan import instrument_folder
from nexuslims_core.settings import plugin_instances

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence
    from pathlib import Path

    from nexuslims_core.pipeline.export import Strategy
    from nexuslims_core.settings import Environment, Instance, Settings
    from nexuslims_core.types import Executor, Instrument, Notifier, Site

T = TypeVar("T")
R = TypeVar("R")

MOST_AT_ONCE = 16
"""Servers that are asked at the same time."""

Severity = Literal["error", "warning"]
Scope = Literal["run", "source", "destination", "instrument", "nothing"]


@dataclass(frozen=True, kw_only=True)
class CheckResult:
    """Outcome of one check."""

    name: str
    """Name of the check, e.g. ``db_reachable``."""
    passed: bool
    severity: Severity = "error"
    message: str = ""
    """What is wrong and what to do; or what was found good."""
    scope: Scope = "run"
    """What a failure blocks."""
    subject: str = ""
    """The source, destination or instrument that the scope means."""
    passing: bool = False
    """Whether it failed for a reason that may be gone in a minute."""

    @property
    def blocks_everything(self) -> bool:
        """Whether nothing can be done before this is mended."""
        return not self.passed and self.severity == "error" and self.scope == "run"


def check_database(url: str) -> Iterable[CheckResult]:
    """Check that the database can be reached, is complete and of our revision."""
    for name, problem in store.check_database(url).items():
        yield CheckResult(name=name, passed=problem is None, message=problem or "")


def check_data_path(settings: Settings, *, create: bool) -> CheckResult:
    """Check that side-cars, previews, records and logs can be written.

    Parameters
    ----------
    create
        Whether to make the folders that are missing, and to try. Without it nothing is
        touched: the permissions are looked at.
    """
    name = "data_path_writable"
    folders = {
        "NX_DATA_PATH": settings.data_path,
        "NX_RECORDS_PATH": settings.records_path,
        "NX_LOG_PATH": settings.log_path,
    }
    try:
        if create:
            settings.create_directories()
        for variable, folder in folders.items():
            problem = _try_out(folder) if create else _look_at(folder)
            if problem:
                message = f"{variable}: {folder} cannot be written to: {problem}"
                return CheckResult(name=name, passed=False, message=message)
    except NexusLIMSError as error:
        return CheckResult(name=name, passed=False, message=str(error))
    return CheckResult(name=name, passed=True, message=str(settings.data_path))


def _try_out(folder: Path) -> str | None:
    try:
        with tempfile.TemporaryFile(dir=folder):
            return None
    except OSError as error:
        return error.strerror or str(error)


def _look_at(folder: Path) -> str | None:
    there = next((one for one in (folder, *folder.parents) if one.exists()), folder)
    if not there.is_dir():
        return f"{there} is no folder"
    if os.access(there, os.W_OK | os.X_OK):
        return None
    return f"this user may not write to {there}"


def check_executor(
    name: str, executors: Mapping[str, Executor], environment: Environment
) -> CheckResult:
    """Check that what `NX_EXECUTOR` names is there and configured."""
    try:
        executor_for(name, executors, environment)
    except NexusLIMSError as error:
        return CheckResult(name="executor", passed=False, message=str(error))
    return CheckResult(name="executor", passed=True, message=name)


def check_instruments(
    instruments: Sequence[Instrument],
    sources: Sequence[ConnectedSource],
    site: Site,
) -> Iterable[CheckResult]:
    """Check that instruments exist and that each can be served."""
    yield CheckResult(
        name="instruments_exist",
        passed=bool(instruments),
        severity="warning",
        scope="nothing",
        message=f"{len(instruments)} instruments"
        if instruments
        else "no instrument is registered; add one with `nexuslims instruments add`",
    )
    for instrument in instruments:
        yield _check_timezone(instrument)
        yield _check_filestore(instrument, site.instrument_data_path)
        yield _check_harvester(instrument, sources)


def _check_timezone(instrument: Instrument) -> CheckResult:
    good = CheckResult(
        name="instrument_timezones",
        passed=True,
        scope="instrument",
        subject=instrument.pid,
        message=instrument.timezone,
    )
    try:
        ZoneInfo(instrument.timezone)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        message = (
            f"{instrument.pid}: time zone {instrument.timezone!r} is no IANA name such "
            "as 'Europe/Berlin'; correct it in the instruments table"
        )
        return replace(good, passed=False, message=message)
    return good


def _check_filestore(instrument: Instrument, root: Path) -> CheckResult:
    good = CheckResult(
        name="instrument_filestore_paths",
        passed=True,
        severity="warning",
        scope="instrument",
        subject=instrument.pid,
        message=instrument.filestore_path,
    )
    try:
        folder = instrument_folder(instrument, root)
        found = folder.is_dir()
    except (NexusLIMSError, OSError) as error:
        return replace(good, passed=False, message=f"{instrument.pid}: {error}")
    if found:
        return good
    message = f"{instrument.pid}: no folder {folder}; is the file store mounted?"
    return replace(good, passed=False, message=message)


def _check_harvester(
    instrument: Instrument, sources: Sequence[ConnectedSource]
) -> CheckResult:
    good = CheckResult(
        name="instrument_harvesters",
        passed=True,
        scope="instrument",
        subject=instrument.pid,
        message=instrument.harvester,
    )
    candidates = [one for one in sources if one.harvester == instrument.harvester]
    if not candidates:
        message = (
            f"{instrument.pid}: its harvester {instrument.harvester!r} is not "
            f"installed or not configured; try `pip install nexuslims-harvester-"
            f"{instrument.harvester}` and `nexuslims plugins list`"
        )
        return replace(good, passed=False, message=message)
    if all(one.source is None for one in candidates):
        problems = "; ".join(one.problem or "" for one in candidates)
        return replace(good, passed=False, message=f"{instrument.pid}: {problems}")
    try:
        found = source_for(instrument, candidates)
    except NexusLIMSError as error:
        return replace(good, passed=False, message=f"{instrument.pid}: {error}")
    if found is None:
        message = (
            f"{instrument.pid}: no configured {instrument.harvester!r} server has the "
            f"address of its api_url {instrument.api_url!r}"
        )
        return replace(good, passed=False, message=message)
    return good


def check_sources(sources: Sequence[ConnectedSource]) -> Iterable[CheckResult]:
    """Check that schedulers can be asked, all of them at once."""
    return _at_once(_check_source, sources)


def _at_once(check: Callable[[T], R], servers: Sequence[T]) -> Sequence[R]:
    """Return what a check says of each, so that dead ones are waited for together."""
    with ThreadPoolExecutor(MOST_AT_ONCE, "check") as pool:
        return list(pool.map(check, servers))


def _check_source(connected: ConnectedSource) -> CheckResult:
    """Check that a scheduler can be asked."""
    problem = connected.problem
    if problem is None and connected.source is not None:
        problem = _problem_of(partial(methodcaller("check"), connected.source))
    return CheckResult(
        name="harvester_config",
        passed=problem is None,
        scope="source",
        subject=connected.name,
        message=f"{connected.name}: {problem}" if problem else connected.name,
    )


def check_destinations(
    destinations: Sequence[ConnectedDestination], strategy: Strategy
) -> Iterable[CheckResult]:
    """Check that there are destinations and that each would take a record.

    All are asked at once. One that would not is an error where it keeps sessions from
    being completed: if every destination must take a record, or if none would.
    """
    if not destinations:
        yield CheckResult(
            name="export_destinations",
            passed=False,
            severity="warning",
            scope="nothing",
            message="no export destination is configured: records stay in the records "
            "folder; `pip install nexuslims-exporter-html` makes a catalogue of them",
        )
    problems = _at_once(_problem_with, destinations)
    fatal = strategy == "all" or all(problem for problem, _ in problems)
    for connected, (problem, passing) in zip(destinations, problems, strict=True):
        yield CheckResult(
            name="export_destinations",
            passed=problem is None,
            severity="error" if fatal else "warning",
            scope="destination",
            subject=connected.name,
            message=f"{connected.name}: {problem}" if problem else connected.name,
            passing=passing,
        )


def check_notifiers(
    notifiers: Iterable[Notifier], environment: Environment, site: Site
) -> Iterable[CheckResult]:
    """Check that people could be told of problems, and tell them nothing."""
    for notifier in notifiers:
        for instance in plugin_instances(notifier.settings, environment):
            name = notifier.name + instance.suffix
            problem = _silenced(notifier, instance, site)
            yield CheckResult(
                name="notifiers",
                passed=problem is None,
                severity="warning",
                scope="nothing",
                subject=name,
                message=f"{name}: {problem}" if problem else name,
            )


def _silenced(notifier: Notifier, instance: Instance, site: Site) -> str | None:
    if instance.settings is None:
        return "; ".join(map(str, instance.problems))
    if notifier.check is None:
        return None
    return _problem_of(partial(notifier.check, instance.settings, site))


def _problem_with(connected: ConnectedDestination) -> tuple[str | None, bool]:
    """Return what is wrong with a destination, and whether that may pass."""
    if connected.destination is None:
        return connected.problem or "it cannot be used", False
    error = _error_of(partial(methodcaller("validate_config"), connected.destination))
    # A server that is down; or one that shows a page on its maintenance, which looks
    # like a wrong address.
    passing = any(
        isinstance(one, ExportError) and one.retry
        for one in (error, error and error.__cause__)
    )
    return _told(error), passing


def _problem_of(check: Callable[[], object]) -> str | None:
    return _told(_error_of(check))


def _error_of(check: Callable[[], object]) -> BaseException | None:
    try:
        check()
    # A plugin's own mistake is a failed check of that plugin, no more.
    except (Exception, SystemExit) as error:  # noqa: BLE001
        return error
    return None


def _told(error: BaseException | None) -> str | None:
    if error is None:
        return None
    return str(error) if isinstance(error, NexusLIMSError) else describe(error)


def usable_sources(
    sources: Iterable[ConnectedSource], checks: Iterable[CheckResult]
) -> tuple[ConnectedSource, ...]:
    """Return the sources, those that failed a check marked as not to be asked."""
    failed = _failed(checks, "source")
    return tuple(replace(one, problem=failed.get(one.name)) for one in sources)


def usable_destinations(
    destinations: Iterable[ConnectedDestination], checks: Iterable[CheckResult]
) -> tuple[ConnectedDestination, ...]:
    """Return the destinations; those that failed a check without their connection.

    One that failed it for a reason that may pass keeps it, and is checked again when a
    record is to be delivered.
    """
    failed = {
        check.subject: check
        for check in checks
        if check.scope == "destination" and not check.passed
    }
    return tuple(
        _restricted(one, failed[one.name]) if one.name in failed else one
        for one in destinations
    )


def _restricted(
    connected: ConnectedDestination, failed: CheckResult
) -> ConnectedDestination:
    if not failed.passing:
        return replace(connected, destination=None, problem=failed.message)

    def check() -> str | None:
        found, _ = _problem_with(connected)
        return found and f"{connected.name}: {found}"

    return replace(connected, doubt=Doubt(problem=failed.message, check=check))


def blocked_instruments(checks: Iterable[CheckResult]) -> dict[str, str]:
    """Return the instruments that failed a check, with the reason."""
    return _failed(checks, "instrument")


def _failed(checks: Iterable[CheckResult], scope: Scope) -> dict[str, str]:
    return {
        check.subject: check.message
        for check in checks
        if check.scope == scope and not check.passed
    }
