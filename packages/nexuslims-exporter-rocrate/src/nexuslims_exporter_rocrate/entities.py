"""Entities that follow from single values: instrument, project, sample, files."""

from __future__ import annotations

from typing import TYPE_CHECKING

from nexuslims_core.exporting.names import digest
from nexuslims_core.exporting.text import clean, web_url
from nexuslims_core.types import MetaValue

from nexuslims_exporter_rocrate.facts import Facts, media_type
from nexuslims_exporter_rocrate.text import line

if TYPE_CHECKING:
    from nexuslims_core.types import ExportContext, Project, RecordSample

    from nexuslims_exporter_rocrate.crate import Entity
    from nexuslims_exporter_rocrate.inventory import DataFile, Part

PAGE = "WebPage"
"""Type of the entities that say where else the record is."""

SPECIMEN = "http://purl.obolibrary.org/obo/NCIT_C19157"
"""What a sample is: the term that the ELN Consortium lists for specimens."""

PUBLISHER: Entity = {
    "@id": "#nexuslims",
    "@type": "Organization",
    "name": "NexusLIMS",
}
"""Who made the metadata: the ELN Consortium's files name the software here."""


def instrument(context: ExportContext) -> Entity:
    """Return the microscope; its identifier stands for it where that is an address."""
    pid = context.record.instrument_pid or context.session.instrument.pid
    return {
        "@id": web_url(pid) or f"#instrument-{digest(pid)[:12]}",
        "@type": "IndividualProduct",
        "name": line(context.record.instrument_name) or line(pid) or "Instrument",
        "identifier": clean(pid),
        "description": clean(context.session.instrument.location),
    }


def project(known: Project) -> Entity:
    """Return a project that the session belongs to."""
    number = digest(f"{known.name}\n{known.project_id}")[:12]
    return {
        "@id": web_url(known.ref) or f"#project-{number}",
        "@type": "Project",
        "name": line(known.name) or line(known.project_id) or "Project",
        "identifier": clean(known.project_id),
    }


def sample(known: RecordSample) -> Entity:
    """Return a sample."""
    specimen = known.sample
    return {
        "@id": web_url(specimen.pid) or f"#sample-{digest(known.id)[:12]}",
        "@type": "Thing",
        "additionalType": SPECIMEN,
        "name": line(specimen.name) or "Sample",
        "identifier": clean(specimen.pid),
        "description": clean(specimen.description),
    }


def elements(known: RecordSample) -> list[MetaValue]:
    """Return the line that names the elements in a sample, if they are known."""
    text = ", ".join(known.sample.elements)
    return [MetaValue(name="Elements", value=text)] if text else []


def page(destination: str, url: str) -> Entity:
    """Return the page of the record at another destination."""
    return {
        "@id": url,
        "@type": PAGE,
        "name": f"This record in {clean(destination)}",
        "identifier": clean(destination),
    }


def license_of(url: str | None) -> Entity:
    """Return the licence at `url`, or what says that there is none."""
    if url is not None:
        return {"@id": url, "@type": "CreativeWork", "name": url, "description": url}
    return {
        "@id": "#no-licence",
        "@type": "CreativeWork",
        "name": "No licence stated",
        "description": "No licence was chosen. Ask the author before you use the data.",
    }


def file_in_crate(part: Part) -> Entity:
    """Return what is said of any file in a crate."""
    return {
        "name": part.name,
        "encodingFormat": media_type(part.path),
        **_size(part.facts),
    }


def data_file(data: DataFile) -> Entity:
    """Return what is said of a data file, wherever it is."""
    facts = data.facts
    return {
        "name": data.name or data.reference,
        "identifier": data.reference,
        "encodingFormat": media_type(data.name),
        **(_size(facts) if facts else {}),
        "dateModified": facts and facts.modified,
    }


def _size(facts: Facts) -> Entity:
    # A number of bytes, as text (ELN file format, "Specific fields").
    return {"contentSize": str(facts.size), "sha256": facts.sha256}
