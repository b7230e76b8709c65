"""What a scheduler and a facility know: instruments, sessions, people, samples."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from zoneinfo import ZoneInfo


@dataclass(frozen=True, kw_only=True)
class Instrument:
    """A microscope, as the `instruments` table describes it."""

    pid: str
    """Persistent identifier; also names the instrument in records and file names."""
    display_name: str
    location: str
    filestore_path: str
    """Folder of its data, relative to `NX_INSTRUMENT_DATA_PATH`."""
    timezone: str = "America/New_York"
    """IANA name of the time zone that the instrument's clock shows."""
    harvester: str = "nemo"
    """Name of the `Harvester` that knows this instrument's sessions."""
    api_url: str = ""
    calendar_url: str = ""
    property_tag: str = ""

    @property
    def zone(self) -> ZoneInfo:
        """Time zone of the instrument's clock.

        Raises
        ------
        zoneinfo.ZoneInfoNotFoundError
            If `timezone` is no IANA name.
        """
        return ZoneInfo(self.timezone)


@dataclass(frozen=True, kw_only=True)
class Person:
    """A user of the facility."""

    username: str
    first_name: str = ""
    last_name: str = ""
    email: str = ""

    @property
    def full_name(self) -> str:
        """``First Last (username)``, or the user name alone when that is all."""
        name = f"{self.first_name} {self.last_name}".strip()
        return f"{name} ({self.username})" if name else self.username


@dataclass(frozen=True, kw_only=True)
class Sample:
    """A specimen; a sample without name, pid and description is still a sample."""

    name: str = ""
    pid: str = ""
    """External persistent identifier, written as the sample's `ref`."""
    description: str = ""
    elements: tuple[str, ...] = ()
    """Symbols of the elements it contains, each once, in periodic-table order."""


@dataclass(frozen=True, kw_only=True)
class Project:
    """A project that a session belongs to."""

    name: str = ""
    division: str = ""
    group: str = ""
    project_id: str = ""
    ref: str = ""


@dataclass(frozen=True, kw_only=True)
class Reservation:
    """What the scheduler knows about a session's purpose; enters the record's head.

    A harvester returns one only for sessions whose user consented to a record.
    """

    internal_id: str
    """Identifier of the usage event or reservation, unique within its scheduler."""
    title: str = ""
    purpose: str = ""
    url: str = ""
    """Page of the usage event or reservation at the scheduler."""
    user: Person | None = None
    creator: Person | None = None
    start: datetime | None = None
    end: datetime | None = None
    samples: tuple[Sample, ...] = ()
    projects: tuple[Project, ...] = ()
    last_updated: datetime | None = None


@dataclass(frozen=True, kw_only=True)
class Session:
    """One person's use of one instrument, from `start` to `end` (both aware)."""

    identifier: str
    """`session_identifier`: unique; for NEMO the URL of the usage event."""
    instrument: Instrument
    start: datetime
    end: datetime
    user: str = ""
    """User name at the scheduler; empty when unknown."""
    details: Reservation | None = field(default=None)
    """What was recorded with the session itself, e.g. by `nexuslims sessions add`."""


@dataclass(frozen=True, kw_only=True)
class Window:
    """A span of time to harvest; `None` leaves a side open."""

    start: datetime | None = None
    end: datetime | None = None
