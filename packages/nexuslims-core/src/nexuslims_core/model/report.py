"""What a run did: the values behind the table, the JSON and the notifications."""

from __future__ import annotations

from dataclasses import dataclass, field

from nexuslims_core.model.delivery import ExportResult


@dataclass(frozen=True, kw_only=True)
class HarvestReport:
    """What one source gave."""

    source: str
    found: int = 0
    new: int = 0
    changed: int = 0
    problems: tuple[str, ...] = ()
    error: str | None = None


@dataclass(frozen=True, kw_only=True)
class SessionReport:
    """What became of one session."""

    session_identifier: str
    instrument: str
    status: str
    record: str | None = None
    files: int = 0
    activities: int = 0
    datasets: int = 0
    exports: tuple[ExportResult, ...] = ()
    warnings: tuple[str, ...] = ()
    """One sentence per file or answer that needs a look; names the file."""
    error: str | None = None


@dataclass(frozen=True, kw_only=True)
class RunReport:
    """What one run did."""

    sessions: tuple[SessionReport, ...] = ()
    harvest: tuple[HarvestReport, ...] = ()
    problems: tuple[str, ...] = field(default=())
    elapsed_s: float = 0.0
