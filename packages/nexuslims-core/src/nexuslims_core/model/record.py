"""The experiment record: plain values, ready to be written as XML or shown."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from nexuslims_core.model.facility import Project, Sample


@dataclass(frozen=True, kw_only=True)
class MetaValue:
    """One line of metadata: a display name, a value as text, and its unit."""

    name: str
    """Display name; levels of nesting joined by `` – `` (EN DASH)."""
    value: str
    unit: str | None = None
    """Symbol such as ``kV`` or ``µm``; `None` for values that are no quantities."""
    warning: bool = False
    """Whether the reader should mistrust the value."""


@dataclass(frozen=True, kw_only=True)
class DatasetEntry:
    """A dataset as it stands in a record."""

    name: str
    """File name; for one signal of several ``file.dm3 (1 of 3)``."""
    location: str
    """Path below the instrument root, percent-encoded, beginning with ``/``."""
    type: str
    role: str = "Experimental"
    preview: str | None = None
    """Path of the preview below the data root, percent-encoded."""
    metadata: tuple[MetaValue, ...] = ()
    """Sorted by name, ignoring case."""


@dataclass(frozen=True, kw_only=True)
class Activity:
    """An acquisition activity: datasets close in time and what they share."""

    start: datetime
    end: datetime | None = None
    sample_id: str | None = None
    setup: tuple[MetaValue, ...] = ()
    """Metadata that has one value in every dataset of the activity."""
    datasets: tuple[DatasetEntry, ...] = ()


@dataclass(frozen=True, kw_only=True)
class RecordSample:
    """A sample with the identifier that activities refer to."""

    id: str
    sample: Sample


@dataclass(frozen=True, kw_only=True)
class Record:
    """An experiment, valid against the Nexus Experiment schema once written."""

    title: str
    id: str
    experimenter: str
    instrument_pid: str
    instrument_name: str
    summary_ref: str = ""
    reservation_start: datetime | None = None
    reservation_end: datetime | None = None
    motivation: str = ""
    samples: tuple[RecordSample, ...] = ()
    projects: tuple[Project, ...] = ()
    activities: tuple[Activity, ...] = field(default=())
