"""What a run did: the values behind the table, the JSON and the notifications."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

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
class Problem:
    """Something that went wrong, and will be the same thing in the next run."""

    key: str
    """What it is about, the same in every run."""
    subject: str
    """The session, scheduler or setting, as people know it."""
    text: str
    """What is wrong, and what to do."""
    since: datetime | None = None
    """When it was first seen."""


@dataclass(frozen=True, kw_only=True)
class Changes:
    """What has changed since a notifier last told anybody."""

    new: tuple[Problem, ...] = ()
    continuing: tuple[Problem, ...] = ()
    resolved: tuple[Problem, ...] = ()
    """Gone by now; with the text of when they were there."""

    @property
    def matter(self) -> bool:
        """Whether there is anything to tell that was not told before."""
        return bool(self.new or self.resolved)


@dataclass(frozen=True, kw_only=True)
class RunReport:
    """What one run did."""

    sessions: tuple[SessionReport, ...] = ()
    harvest: tuple[HarvestReport, ...] = ()
    problems: tuple[str, ...] = field(default=())
    elapsed_s: float = 0.0
    changes: Changes = field(default_factory=Changes)
    """For notifiers: what of all this is news to them."""
