"""Put a record together from a session, its reservation and its activities."""

from __future__ import annotations

import uuid
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from nexuslims_core.model.facility import Reservation
from nexuslims_core.model.flattening import flatten, xml_text
from nexuslims_core.model.record import (
    Activity,
    DatasetEntry,
    MetaValue,
    Record,
    RecordSample,
)
from nexuslims_core.record.paths import location
from nexuslims_core.record.xml import NAMESPACE

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import datetime
    from pathlib import Path
    from zoneinfo import ZoneInfo

    from nexuslims_core.model.facility import Project, Session
    from nexuslims_core.record.sidecar import StoredSignal

_DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_MONTHS = "JanFebMarAprMayJunJulAugSepOctNovDec"


@dataclass(frozen=True, kw_only=True)
class ActivityInput:
    """Datasets that were acquired close together, with their complete metadata."""

    start: datetime
    end: datetime | None = None
    datasets: tuple[DatasetEntry, ...] = ()


def build_record(
    session: Session,
    reservation: Reservation | None,
    activities: Iterable[ActivityInput],
) -> Record:
    """Return the record of a session.

    It depends on nothing but its arguments: identifiers of samples are derived from the
    session's.

    Parameters
    ----------
    reservation
        What the scheduler knows, by a user who consented; `None` if nothing.

    Raises
    ------
    zoneinfo.ZoneInfoNotFoundError
        If the instrument's time zone is no IANA name.
    """
    instrument = session.instrument
    zone = instrument.zone
    known = reservation or Reservation(internal_id="")
    samples = _samples(session, known)
    sample_id = samples[0].id if samples else None
    return Record(
        title=known.title.strip() or _title(session, zone),
        id=known.internal_id,
        experimenter=known.user.full_name if known.user else session.user,
        instrument_pid=instrument.pid,
        instrument_name=instrument.display_name,
        summary_ref=known.url,
        reservation_start=(known.start or session.start).astimezone(zone),
        reservation_end=(known.end or session.end).astimezone(zone),
        motivation=known.purpose,
        samples=samples,
        projects=tuple(one for one in known.projects if _says_something(one)),
        activities=tuple(_activity(one, sample_id, zone) for one in activities),
    )


def dataset_entries(
    path: Path,
    signals: Sequence[StoredSignal],
    *,
    instrument_root: Path,
    data_root: Path,
) -> tuple[DatasetEntry, ...]:
    """Return the entries of a data file, one per signal.

    Parameters
    ----------
    path
        The data file.
    signals
        Its signals, as their side-cars hold them.

    Raises
    ------
    ConfigurationError
        If the file is not below `instrument_root`, or a preview not below `data_root`.
    """
    name = xml_text(path.name)
    total = len(signals)
    where = location(path, instrument_root)
    return tuple(
        DatasetEntry(
            name=name if total == 1 else f"{name} ({number} of {total})",
            location=where,
            type=str(signal.nx_meta.get("DatasetType", "Unknown")),
            preview=location(signal.preview, data_root) if signal.preview else None,
            metadata=flatten(signal.nx_meta),
        )
        for number, signal in enumerate(signals, start=1)
    )


def _title(session: Session, zone: ZoneInfo) -> str:
    """Return a title for a session that nobody gave one, the same in every locale."""
    start = session.start.astimezone(zone)
    month = _MONTHS[3 * start.month - 3 : 3 * start.month]
    day = f"{_DAYS[start.weekday()]} {month}. {start.day:02}, {start.year}"
    return f"Experiment on the {session.instrument.display_name} on {day}"


def _samples(session: Session, known: Reservation) -> tuple[RecordSample, ...]:
    namespace = uuid.uuid5(uuid.NAMESPACE_URL, NAMESPACE)
    return tuple(
        RecordSample(
            id=str(uuid.uuid5(namespace, f"{session.identifier} sample {index}")),
            sample=sample,
        )
        for index, sample in enumerate(known.samples)
    )


def _says_something(project: Project) -> bool:
    values = (project.name, project.division, project.group, project.project_id)
    return any(one.strip() for one in (*values, project.ref))


def _activity(given: ActivityInput, sample_id: str | None, zone: ZoneInfo) -> Activity:
    setup, datasets = share(given.datasets)
    return Activity(
        start=given.start.astimezone(zone),
        end=given.end.astimezone(zone) if given.end else None,
        sample_id=sample_id,
        setup=setup,
        datasets=datasets,
    )


def share(
    datasets: Sequence[DatasetEntry],
) -> tuple[tuple[MetaValue, ...], tuple[DatasetEntry, ...]]:
    """Return the metadata that all datasets share, and the datasets without those.

    A shared value is doubtful if it is in any of the datasets. A dataset alone keeps
    everything.
    """
    if len(datasets) <= 1:
        return (), tuple(datasets)
    shared = set.intersection(*(set(map(_key, one.metadata)) for one in datasets))
    doubtful = {
        _key(value) for one in datasets for value in one.metadata if value.warning
    }
    setup = {
        _key(value): replace(value, warning=_key(value) in doubtful)
        for value in datasets[0].metadata
        if _key(value) in shared
    }
    rest = tuple(
        replace(one, metadata=tuple(v for v in one.metadata if _key(v) not in shared))
        for one in datasets
    )
    return tuple(setup.values()), rest


def _key(value: MetaValue) -> tuple[str, str, str | None]:
    return value.name, value.value, value.unit
