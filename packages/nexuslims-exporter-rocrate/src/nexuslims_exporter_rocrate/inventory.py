"""The files of a record: those that go into its crate, and those it refers to."""

from __future__ import annotations

import hashlib
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import quote, unquote

from nexuslims_core.exporting.names import digest_of
from nexuslims_core.exporting.references import local_path, side_car_references
from nexuslims_core.exporting.text import clean

from nexuslims_exporter_rocrate.facts import Facts, facts_of
from nexuslims_exporter_rocrate.names import Places

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from nexuslims_core.types import Activity, DatasetEntry, ExportContext

RECORD_FOLDER = "experiment/"


@dataclass(frozen=True, kw_only=True)
class Part:
    """A file that goes into the crate: given as `content`, or as a copy of `source`."""

    path: str
    """Where it is put, below the folder of the crate's files."""
    name: str
    """What people call it."""
    facts: Facts
    content: bytes | None = None
    source: Path | None = None

    @property
    def folder(self) -> str:
        """Folder that it is in, with a slash at its end."""
        return self.path[: self.path.rindex("/") + 1]

    @property
    def mark(self) -> str:
        """What differs when the file does."""
        return self.facts.sha256 or f"{self.facts.size} {self.facts.modified}"


@dataclass(frozen=True, kw_only=True)
class DataFile:
    """A data file on the instruments' store."""

    reference: str
    """Path below the store, percent-encoded, beginning with ``/``."""
    name: str
    facts: Facts | None
    """`None` if it could not be found, now or earlier."""
    part: Part | None
    """Its copy in the crate, if it gets one."""
    is_inside: bool
    """Whether `reference` is a path below the store, and not one leading elsewhere."""
    is_shared: bool
    """Whether several datasets are in it."""


@dataclass(frozen=True, kw_only=True)
class DatasetFiles:
    """A dataset and the files that belong to it."""

    entry: DatasetEntry
    data: DataFile
    preview: Part | None
    side_car: Part | None


@dataclass(frozen=True, kw_only=True)
class ActivityFiles:
    """An acquisition activity, the folder it has in the crate, and its files."""

    number: int
    folder: str
    activity: Activity
    datasets: tuple[DatasetFiles, ...]

    @property
    def data(self) -> tuple[DataFile, ...]:
        """Its data files, each once."""
        return tuple({one.data.reference: one.data for one in self.datasets}.values())

    @property
    def attachments(self) -> tuple[Part, ...]:
        """Its previews and side-cars."""
        found = (part for one in self.datasets for part in (one.preview, one.side_car))
        return tuple(part for part in found if part is not None)

    @property
    def parts(self) -> tuple[Part, ...]:
        """The files of its folder."""
        copies = (one.part for one in self.data if one.part is not None)
        return (*copies, *self.attachments)


@dataclass(frozen=True, kw_only=True)
class Inventory:
    """All files of a record."""

    record: Part
    """The record itself, XML."""
    activities: tuple[ActivityFiles, ...]

    @property
    def parts(self) -> tuple[Part, ...]:
        """All files that go into the crate, each once."""
        of_activities = (part for one in self.activities for part in one.parts)
        return tuple(
            {part.path: part for part in (self.record, *of_activities)}.values()
        )

    @property
    def version(self) -> str:
        """Twelve hexadecimal digits that differ when any file does."""
        lines = sorted(f"{part.path}\t{part.mark}" for part in self.parts)
        return digest_of("\n".join(lines).encode())[:12]

    @property
    def data(self) -> tuple[DataFile, ...]:
        """All data files, each once."""
        found = (data for one in self.activities for data in one.data)
        return tuple({one.reference: one for one in found}.values())

    @property
    def missing(self) -> dict[str, int]:
        """How many files were not found, by what they are; empty if none."""
        datasets = [one for act in self.activities for one in act.datasets]
        counts = {
            "missing_data_files": sum(one.facts is None for one in self.data),
            "missing_previews": sum(
                one.entry.preview is not None and one.preview is None
                for one in datasets
            ),
        }
        return {what: count for what, count in counts.items() if count}


@dataclass(frozen=True, kw_only=True)
class Scope:
    """Which files are looked at, and how closely."""

    instrument_data_path: Path
    checksums: bool
    include_data: bool
    known: Mapping[str, Facts]
    """What an earlier crate says of data files, by their reference."""


def take_inventory(context: ExportContext, scope: Scope) -> Inventory:
    """Return the files of a record; data files are read for their checksums."""
    places = Places()
    name = context.xml_path.name
    record = Part(
        path=places.place(RECORD_FOLDER, name),
        name=clean(name),
        content=context.xml,
        facts=_facts_of_content(context.xml),
    )
    collector = _Collector(context, scope, places)
    return Inventory(
        record=record,
        activities=tuple(
            collector.activity(number, activity)
            for number, activity in enumerate(context.record.activities, start=1)
        ),
    )


def _facts_of_content(content: bytes) -> Facts:
    sha256 = hashlib.sha256(content).hexdigest()
    return Facts(size=len(content), modified="", sha256=sha256)


class _Collector:
    """Finds the files of one record; each data file once."""

    def __init__(self, context: ExportContext, scope: Scope, places: Places) -> None:
        self._data_path = context.data_path
        self._scope = scope
        self._places = places
        self._data: dict[str, DataFile] = {}
        entries = (e for act in context.record.activities for e in act.datasets)
        self._counts = Counter(reference_of(entry) for entry in entries)

    def activity(self, number: int, activity: Activity) -> ActivityFiles:
        folder = f"activity-{number:03d}/"
        return ActivityFiles(
            number=number,
            folder=folder,
            activity=activity,
            datasets=tuple(self._dataset(folder, e) for e in activity.datasets),
        )

    def _dataset(self, folder: str, entry: DatasetEntry) -> DatasetFiles:
        side_cars = (
            self._attachment(folder, reference)
            for reference in side_car_references(entry)
        )
        preview = entry.preview and self._attachment(folder, entry.preview)
        return DatasetFiles(
            entry=entry,
            data=self._data_file(folder, entry),
            preview=preview or None,
            side_car=next((found for found in side_cars if found is not None), None),
        )

    def _attachment(self, folder: str, reference: str) -> Part | None:
        source = local_path(self._data_path, reference)
        facts = source and facts_of(source, checksum=True)
        if not source or not facts:
            return None
        return Part(
            path=self._places.place(folder, source.name),
            name=clean(source.name),
            source=source,
            facts=facts,
        )

    def _data_file(self, folder: str, entry: DatasetEntry) -> DataFile:
        reference = reference_of(entry)
        if reference not in self._data:
            self._data[reference] = self._found(folder, reference)
        return self._data[reference]

    def _found(self, folder: str, reference: str) -> DataFile:
        scope = self._scope
        source = local_path(scope.instrument_data_path, reference)
        known = scope.known.get(reference)
        facts = source and facts_of(source, checksum=scope.checksums, known=known)
        name = unquote(reference).rpartition("/")[2]
        part = None
        if source and facts and scope.include_data:
            path = self._places.place(folder, name)
            part = Part(path=path, name=clean(name), source=source, facts=facts)
        return DataFile(
            reference=reference,
            name=clean(name),
            # What was known of a file stays so while its store is out of reach.
            facts=facts or known,
            part=part,
            is_inside=source is not None,
            is_shared=self._counts[reference] > 1,
        )


def reference_of(entry: DatasetEntry) -> str:
    """Return where a dataset's file is, percent-encoded in the one usual way."""
    path = unquote(entry.location, errors="surrogateescape").rstrip("/")
    return quote(path, safe="/", errors="surrogateescape") or "unnamed"
