"""Handing a record to a destination, and what came of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any, Literal

from nexuslims_core.model.facility import Person, Session
from nexuslims_core.model.record import Record

Action = Literal["created", "updated", "unchanged", "withdrawn"]
"""What a destination did with a record."""

REMAINS = "remains"
"""Key in `ExportResult.metadata`: sentences on what a withdrawal left there."""


@dataclass(frozen=True, kw_only=True)
class ExportResult:
    """What one destination did with one record."""

    destination: str
    """Name of the destination, e.g. ``cdcs``; with ``_2`` for a second instance."""
    success: bool
    action: Action | None = None
    record_id: str | None = None
    record_url: str | None = None
    error: str | None = None
    retry: bool = True
    """Whether a later try may succeed; meaningful for failures only."""
    timestamp: datetime | None = None
    """When the destination answered (aware)."""
    metadata: Mapping[str, Any] = field(default_factory=dict)
    """Anything else worth logging; JSON-serialisable."""


@dataclass(frozen=True, kw_only=True)
class ExportContext:
    """Everything a destination may use. Fields are added, never removed."""

    session: Session
    title: str
    """Title to give the record: the stem of its file name, unique per session."""
    xml_path: Path
    xml: bytes
    """The record, UTF-8, as written to `xml_path`."""
    record: Record
    """The same record as values."""
    data_path: Path
    """Root of previews and side-cars (`NX_DATA_PATH`)."""
    user: Person | None = None
    """The session's user, with names and e-mail when the scheduler told them."""
    external_ids: Mapping[str, str] = field(default_factory=dict)
    """The user's names in other systems, such as ``elabftw``, by system."""
    previous: ExportResult | None = None
    """This destination's last success for this session, if it had one."""
    results: Mapping[str, ExportResult] = field(default_factory=dict)
    """Results of destinations that ran before, by name."""

    def get_result(self, destination: str) -> ExportResult | None:
        """Return the result of a destination that ran before this one, or `None`."""
        return self.results.get(destination)

    def has_successful_export(self, destination: str) -> bool:
        """Tell whether `destination` already took this record."""
        result = self.results.get(destination)
        return result is not None and result.success
