"""What a record's page shows, worked out from what the destination was handed."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, tzinfo
from typing import TYPE_CHECKING
from urllib.parse import unquote

from nexuslims_core.exporting.text import clean, web_url
from nexuslims_core.exporting.times import on_clock, zone_of

from nexuslims_exporter_html.attachments import Attachment, preview_of, side_car_of
from nexuslims_exporter_html.entries import Entry

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from nexuslims_core.types import (
        Activity,
        DatasetEntry,
        ExportContext,
        MetaValue,
        Record,
        RecordSample,
    )

    from nexuslims_exporter_html.tree import Tree

MOTIVATION_SHOWN = 400
"""Characters of the motivation that the index keeps, for reading and searching."""


@dataclass(frozen=True, kw_only=True)
class DatasetView:
    """A dataset with the files it has in the catalogue."""

    entry: DatasetEntry
    location: str
    """Path of the data file, readable."""
    created: str
    """When it was acquired, on the instrument's clock; as found if that is no time."""
    preview: Attachment | None
    side_car: Attachment | None

    @property
    def has_warnings(self) -> bool:
        """Whether any of its values should be mistrusted."""
        return any(value.warning for value in self.entry.metadata)


@dataclass(frozen=True, kw_only=True)
class ActivityView:
    """An acquisition activity as shown; numbers start at 1."""

    number: int
    start: datetime
    end: datetime | None
    sample: RecordSample | None
    setup: tuple[MetaValue, ...]
    datasets: tuple[DatasetView, ...]


@dataclass(frozen=True, kw_only=True)
class RecordView:
    """Everything on a record's page."""

    entry: Entry
    record: Record
    timezone: str
    reservation_start: datetime | None
    reservation_end: datetime | None
    activities: tuple[ActivityView, ...]
    missing_previews: int = 0
    links: Mapping[str, str] = field(default_factory=dict)

    @property
    def attachments(self) -> dict[str, Attachment]:
        """The files that the page shows or links to, by their place."""
        files = (
            file
            for activity in self.activities
            for dataset in activity.datasets
            for file in (dataset.preview, dataset.side_car)
            if file is not None
        )
        return {file.target: file for file in files}


def record_view(
    context: ExportContext,
    stem: str,
    previous: Entry | None,
    tree: Tree,
    *,
    side_cars: bool,
) -> RecordView:
    """Return what the page `stem` shows.

    Parameters
    ----------
    context
        What the destination was handed.
    stem
        Name of the page, without extension.
    previous
        The session's entry so far; links to other destinations are kept from it.
    tree
        The catalogue.
    side_cars
        Whether the page links to the complete metadata.
    """
    record, zone = context.record, zone_of(context.session)
    files = _Files(
        data_path=context.data_path,
        folder=f"previews/{stem}",
        tree=tree,
        side_cars=side_cars,
    )
    activities = tuple(
        _activity(number, activity, record, zone, files)
        for number, activity in enumerate(record.activities, start=1)
    )
    entry = _entry(context, stem, previous, activities, zone)
    return RecordView(
        entry=entry,
        record=record,
        timezone=str(zone),
        reservation_start=_local_or_none(record.reservation_start, zone),
        reservation_end=_local_or_none(record.reservation_end, zone),
        activities=activities,
        missing_previews=_missing_previews(activities),
        links=entry.links,
    )


def _activity(
    number: int, activity: Activity, record: Record, zone: tzinfo, files: _Files
) -> ActivityView:
    return ActivityView(
        number=number,
        start=on_clock(activity.start, zone),
        end=_local_or_none(activity.end, zone),
        sample=_sample(record, activity),
        setup=activity.setup,
        datasets=tuple(
            _dataset(entry, _created(entry, activity, zone), files)
            for entry in activity.datasets
        ),
    )


@dataclass(frozen=True, kw_only=True)
class _Files:
    """Where attachments come from and go to."""

    data_path: Path
    folder: str
    tree: Tree
    side_cars: bool


def _dataset(entry: DatasetEntry, created: str, files: _Files) -> DatasetView:
    place = (files.data_path, files.folder, files.tree)
    return DatasetView(
        entry=entry,
        location=unquote(entry.location),
        created=created,
        preview=preview_of(entry, *place),
        side_car=side_car_of(entry, *place) if files.side_cars else None,
    )


def _created(entry: DatasetEntry, activity: Activity, zone: tzinfo) -> str:
    values = {value.name: value.value for value in (*activity.setup, *entry.metadata)}
    text = values.get("Creation Time", "")
    try:
        return f"{on_clock(datetime.fromisoformat(text), zone):%Y-%m-%d %H:%M:%S}"
    except (ValueError, OverflowError):
        return text


def _entry(
    context: ExportContext,
    stem: str,
    previous: Entry | None,
    activities: tuple[ActivityView, ...],
    zone: tzinfo,
) -> Entry:
    record, session = context.record, context.session
    datasets = [dataset for act in activities for dataset in act.datasets]
    thumbnails = (file.preview.target for file in datasets if file.preview)
    links = {**(previous.links if previous else {}), **_links(context)}
    return Entry(
        session=clean(session.identifier),
        name=clean(context.title),
        stem=stem,
        title=clean(record.title or context.title),
        start=on_clock(session.start, zone),
        end=on_clock(session.end, zone),
        instrument=clean(record.instrument_name or record.instrument_pid),
        experimenter=clean(record.experimenter),
        motivation=clean(record.motivation)[:MOTIVATION_SHOWN],
        samples=tuple(clean(s.sample.name) for s in record.samples if s.sample.name),
        keywords=tuple(clean(word) for word in _keywords(record)),
        activities=len(activities),
        datasets=len(datasets),
        thumbnail=next(thumbnails, None),
        links=dict(sorted(links.items())),
    )


def _keywords(record: Record) -> list[str]:
    elements = dict.fromkeys(e for s in record.samples for e in s.sample.elements)
    projects = (
        text
        for project in record.projects
        for text in (project.name, project.project_id, project.group)
    )
    words = (record.instrument_pid, *elements, *projects)
    return [word for word in words if word]


def _links(context: ExportContext) -> dict[str, str]:
    """Return where else the record is, as far as one can go there by a link."""
    addresses = {
        name: web_url(result.record_url)
        for name, result in context.results.items()
        if result.success
    }
    return {clean(name): url for name, url in addresses.items() if url is not None}


def _missing_previews(activities: tuple[ActivityView, ...]) -> int:
    return sum(
        dataset.entry.preview is not None and dataset.preview is None
        for activity in activities
        for dataset in activity.datasets
    )


def _sample(record: Record, activity: Activity) -> RecordSample | None:
    return next((s for s in record.samples if s.id == activity.sample_id), None)


def _local_or_none(time: datetime | None, zone: tzinfo) -> datetime | None:
    return None if time is None else on_clock(time, zone)
