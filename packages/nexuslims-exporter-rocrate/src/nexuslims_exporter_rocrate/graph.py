"""The metadata document of a crate: the record as RO-Crate.

Each acquisition activity is a Dataset of its own, beside that of the record, since
importers make one entry of each Dataset and do not look into nested ones. What happened
is told by an action for each activity (RO-Crate 1.1, "Provenance of entities").
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, tzinfo
from typing import TYPE_CHECKING

from nexuslims_core.exporting.names import digest
from nexuslims_core.exporting.text import clean
from nexuslims_core.exporting.times import on_clock, zone_of
from nexuslims_core.types import MetaValue

from nexuslims_exporter_rocrate import entities
from nexuslims_exporter_rocrate.crate import Crate
from nexuslims_exporter_rocrate.inventory import RECORD_FOLDER
from nexuslims_exporter_rocrate.people import person
from nexuslims_exporter_rocrate.summary import summary_html
from nexuslims_exporter_rocrate.text import line
from nexuslims_exporter_rocrate.values import property_value

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from nexuslims_core.types import ExportContext, RecordSample

    from nexuslims_exporter_rocrate.crate import Entity, Reference
    from nexuslims_exporter_rocrate.inventory import (
        ActivityFiles,
        DataFile,
        DatasetFiles,
        Inventory,
        Part,
    )


@dataclass(frozen=True, kw_only=True)
class Manner:
    """How a crate is written down."""

    base: str = ""
    """Folder of the crate's files, with a slash at its end; empty for its top."""
    eln: bool = False
    """Whether for importers of ``.eln`` files."""
    license: str | None = None
    data_url: str | None = None


def metadata_document(
    context: ExportContext,
    inventory: Inventory,
    links: Mapping[str, str],
    manner: Manner,
) -> bytes:
    """Return the content of ``ro-crate-metadata.json``; the same for the same values.

    Parameters
    ----------
    context
        What the destination was handed.
    inventory
        The files of the record.
    links
        Addresses of the record at other destinations, by their name.
    manner
        How to write it.
    """
    return _Author(context, links, manner).document(inventory)


class _Author:
    """Writes one crate."""

    def __init__(
        self, context: ExportContext, links: Mapping[str, str], manner: Manner
    ) -> None:
        self._crate = crate = Crate(plain=manner.eln)
        self._context = context
        self._links = links
        self._manner = manner
        self._zone = zone_of(context.session)
        who = person(context)
        self._person = crate.add(who) if who else None
        self._instrument = crate.add(entities.instrument(context))
        record = context.record
        self._samples = {one.id: self._sample(one) for one in record.samples}
        self._projects = [crate.add(entities.project(p)) for p in record.projects]
        self._pages = [crate.add(entities.page(*link)) for link in links.items()]

    def document(self, inventory: Inventory) -> bytes:
        """Return the crate's metadata."""
        activities = [self._activity(files) for files in inventory.activities]
        actions = [self._action(files) for files in inventory.activities]
        experiment = self._experiment(inventory.record, activities)
        return self._crate.document(
            self._root(actions),
            [experiment, *activities],
            publisher=self._crate.add(entities.PUBLISHER),
        )

    def _root(self, actions: list[Reference]) -> Entity:
        context = self._context
        return {
            "name": line(context.title) or "Untitled",
            "alternateName": line(context.record.title),
            "description": self._description,
            # When the data were taken: that of the export would make each one differ.
            "datePublished": _iso(context.session.end, UTC),
            "dateCreated": _iso(context.session.start, UTC),
            "identifier": clean(context.session.identifier),
            "keywords": self._keywords,
            "license": self._crate.add(entities.license_of(self._manner.license)),
            "author": self._person,
            "about": [*self._samples.values(), *self._projects],
            "mentions": actions,
            "sameAs": self._pages,
        }

    @property
    def _name(self) -> str:
        context = self._context
        return line(context.record.title) or line(context.title) or "Untitled"

    @property
    def _description(self) -> str:
        record = self._context.record
        instrument = line(record.instrument_name or record.instrument_pid)
        return line(record.motivation) or f"Session on {instrument or 'an instrument'}."

    @property
    def _keywords(self) -> str:
        record = self._context.record
        elements = [e for s in record.samples for e in s.sample.elements]
        projects = [text for p in record.projects for text in (p.name, p.project_id)]
        words = dict.fromkeys((record.instrument_pid, *elements, *projects))
        return ", ".join(line(word).replace(",", " ") for word in words if word)

    def _experiment(self, record: Part, activities: list[Reference]) -> Reference:
        xml = {
            **entities.file_in_crate(record),
            "description": "The record in the Nexus Experiment schema.",
        }
        return self._dataset(
            RECORD_FOLDER,
            {
                "name": self._name,
                "description": self._description,
                "text": summary_html(self._context, self._links),
                "dateCreated": _iso(self._context.session.start, UTC),
                "identifier": clean(self._context.record.id),
                "keywords": self._keywords,
                "url": next(iter(self._links.values()), None),
                "sameAs": self._pages,
                "mentions": activities,
                "hasPart": [self._crate.add_file(self._path(record), xml)],
                "variableMeasured": self._values(self._head()),
            },
        )

    def _head(self) -> Iterable[MetaValue]:
        """Yield what importers should show that know nothing but properties."""
        session, record = self._context.session, self._context.record
        lines = {
            "Instrument": record.instrument_name or record.instrument_pid,
            "Instrument ID": record.instrument_pid,
            "Session": session.identifier,
            "Session Start": _iso(session.start, self._zone),
            "Session End": _iso(session.end, self._zone),
        }
        return (
            MetaValue(name=name, value=text) for name, text in lines.items() if text
        )

    def _activity(self, files: ActivityFiles) -> Reference:
        attachments = [
            self._crate.add_file(self._path(part), entities.file_in_crate(part))
            for part in files.attachments
        ]
        data = {one.reference: self._data(one, files) for one in files.data}
        at_hand = [data[one.reference] for one in files.data if self._is_at_hand(one)]
        elsewhere = [one for one in data.values() if one not in at_hand]
        return self._dataset(
            files.folder,
            {
                "name": f"{self._name} \N{EN DASH} acquisition {files.number}",
                "dateCreated": _iso(files.activity.start, self._zone),
                "variableMeasured": self._values(files.activity.setup),
                "hasPart": [*at_hand, *attachments],
                # Not parts: importers give up at a part that they cannot find.
                "distribution": elsewhere,
            },
        )

    def _action(self, files: ActivityFiles) -> Reference:
        activity = files.activity
        data = [{"@id": self._identifier(one)} for one in files.data]
        return self._crate.add(
            {
                "@id": f"#acquisition-{files.number:03d}",
                "@type": "CreateAction",
                "name": f"Acquisition {files.number}",
                "agent": self._person,
                "instrument": self._instrument,
                "object": self._samples.get(activity.sample_id or ""),
                "startTime": _iso(activity.start, self._zone),
                "endTime": activity.end and _iso(activity.end, self._zone),
                "result": [{"@id": self._manner.base + files.folder}, *data],
            }
        )

    # Data files and what was found in them.

    def _data(self, data: DataFile, files: ActivityFiles) -> Reference:
        datasets = [one for one in files.datasets if one.data is data]
        fields = entities.data_file(data)
        if not data.is_shared:
            fields.update(self._found(datasets[0]))
        if data.part is not None:
            reference = self._crate.add_file(self._path(data.part), fields)
        else:
            place = {"@id": self._identifier(data), "@type": "File"}
            outside = {
                "description": "On the instruments' file store, not in the crate."
            }
            reference = self._crate.add({**place, **outside, **fields})
        if data.is_shared:
            for one in datasets:
                self._signal(one, reference)
        return reference

    def _signal(self, dataset: DatasetFiles, data: Reference) -> None:
        """Add one of the datasets that a file holds."""
        entry = dataset.entry
        number = digest(f"{dataset.data.reference}\n{entry.name}")[:12]
        self._crate.add(
            {
                "@id": f"#signal-{number}",
                "@type": "CreativeWork",
                "name": line(entry.name),
                "isPartOf": data,
                **self._found(dataset),
            }
        )

    def _found(self, dataset: DatasetFiles) -> Entity:
        kind = MetaValue(name="Dataset Type", value=dataset.entry.type)
        lines = [kind, *dataset.entry.metadata]
        return {
            # Importers do not read the properties of files, so these stay as they are.
            "variableMeasured": self._values(lines, eln=False),
            "thumbnail": self._reference(dataset.preview),
            "subjectOf": self._reference(dataset.side_car),
        }

    def _identifier(self, data: DataFile) -> str:
        if data.part is not None:
            return self._path(data.part)
        # A local identifier: the file is deliberately not in the crate.
        return self._address(data) or f"#{data.reference}"

    def _address(self, data: DataFile) -> str | None:
        """Return where a data file can be fetched, if it can be."""
        base = self._manner.data_url
        if base is None or not data.is_inside:
            return None
        return f"{base.rstrip('/')}{data.reference}"

    def _is_at_hand(self, data: DataFile) -> bool:
        return data.part is not None or self._address(data) is not None

    # Putting entities into the crate.

    def _sample(self, sample: RecordSample) -> Reference:
        lines = self._values(entities.elements(sample), eln=False)
        return self._crate.add({**entities.sample(sample), "additionalProperty": lines})

    def _values(
        self, lines: Iterable[MetaValue], *, eln: bool | None = None
    ) -> list[Reference]:
        dialect = self._manner.eln if eln is None else eln
        return [self._crate.add(property_value(one, eln=dialect)) for one in lines]

    def _dataset(self, folder: str, fields: Entity) -> Reference:
        always = {"genre": "experiment", "author": self._person}
        path = self._manner.base + folder
        return self._crate.add_dataset(path, {**fields, **always})

    def _path(self, part: Part) -> str:
        return self._manner.base + part.path

    def _reference(self, part: Part | None) -> Reference | None:
        return None if part is None else {"@id": self._path(part)}


def _iso(time: datetime, zone: tzinfo) -> str:
    """Return `time` on the clock of `zone`; one without zone is taken as that."""
    return on_clock(time, zone).isoformat()
