"""Checks before a run: each by itself, and each blocking only what depends on it."""

from __future__ import annotations

import tempfile
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Literal
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from nexuslims_core import store
from nexuslims_core.errors import NexusLIMSError
from nexuslims_core.pipeline.connect import (
    ConnectedDestination,
    ConnectedSource,
    source_for,
)
from nexuslims_core.pipeline.scan import instrument_folder

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence
    from pathlib import Path

    from nexuslims_core.settings import Settings
    from nexuslims_core.types import Instrument, Site

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

    @property
    def blocks_everything(self) -> bool:
        """Whether nothing can be done before this is mended."""
        return not self.passed and self.severity == "error" and self.scope == "run"


def check_database(url: str) -> Iterable[CheckResult]:
    """Check that the database can be reached, is complete and of our revision."""
    for name, problem in store.check_database(url).items():
        yield CheckResult(name=name, passed=problem is None, message=problem or "")


def check_data_path(settings: Settings) -> CheckResult:
    """Check that side-cars, previews and records can be written."""
    name = "data_path_writable"
    try:
        settings.create_directories()
        for folder in (settings.data_path, settings.records_path):
            with tempfile.TemporaryFile(dir=folder):
                pass
    except (OSError, NexusLIMSError) as error:
        message = f"NX_DATA_PATH {settings.data_path} cannot be written to: {error}"
        return CheckResult(name=name, passed=False, message=message)
    return CheckResult(name=name, passed=True, message=str(settings.data_path))


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
    if source_for(instrument, candidates) is None:
        message = (
            f"{instrument.pid}: no configured {instrument.harvester!r} server has the "
            f"address of its api_url {instrument.api_url!r}"
        )
        return replace(good, passed=False, message=message)
    return good


def check_source(connected: ConnectedSource) -> CheckResult:
    """Check that a scheduler can be asked."""
    problem = connected.problem
    if connected.source is not None:
        problem = _problem_of(connected.source.check)
    return CheckResult(
        name="harvester_config",
        passed=problem is None,
        scope="source",
        subject=connected.name,
        message=f"{connected.name}: {problem}" if problem else connected.name,
    )


def check_destinations(
    destinations: Sequence[ConnectedDestination],
) -> Iterable[CheckResult]:
    """Check that there are destinations and that each would take a record."""
    if not destinations:
        yield CheckResult(
            name="export_destinations",
            passed=False,
            severity="warning",
            scope="nothing",
            message="no export destination is configured: records stay in the records "
            "folder; `pip install nexuslims-exporter-html` makes a catalogue of them",
        )
    for connected in destinations:
        problem = connected.problem
        if connected.destination is not None:
            problem = _problem_of(connected.destination.validate_config)
        yield CheckResult(
            name="export_destinations",
            passed=problem is None,
            scope="destination",
            subject=connected.name,
            message=f"{connected.name}: {problem}" if problem else connected.name,
        )


def _problem_of(check: Callable[[], object]) -> str | None:
    try:
        check()
    except NexusLIMSError as error:
        return str(error)
    # A plugin's own mistake is a failed check of that plugin, no more.
    except Exception as error:  # noqa: BLE001
        return f"{type(error).__name__}: {error}"
    return None


def usable_sources(
    sources: Iterable[ConnectedSource], checks: Iterable[CheckResult]
) -> tuple[ConnectedSource, ...]:
    """Return the sources, those that failed a check without their connection."""
    failed = _failed(checks, "source")
    return tuple(
        replace(one, source=None, problem=failed[one.name])
        if one.name in failed
        else one
        for one in sources
    )


def usable_destinations(
    destinations: Iterable[ConnectedDestination], checks: Iterable[CheckResult]
) -> tuple[ConnectedDestination, ...]:
    """Return the destinations, those that failed a check without their connection."""
    failed = _failed(checks, "destination")
    return tuple(
        replace(one, destination=None, problem=failed[one.name])
        if one.name in failed
        else one
        for one in destinations
    )


def blocked_instruments(checks: Iterable[CheckResult]) -> dict[str, str]:
    """Return the instruments that failed a check, with the reason."""
    return _failed(checks, "instrument")


def _failed(checks: Iterable[CheckResult], scope: Scope) -> dict[str, str]:
    return {
        check.subject: check.message
        for check in checks
        if check.scope == scope and not check.passed
    }
