"""Read a record back from its XML."""

from __future__ import annotations

from datetime import datetime
from io import BytesIO
from itertools import islice
from sys import intern
from typing import TYPE_CHECKING, Any

from lxml import etree

from nexuslims_core.errors import RecordError
from nexuslims_core.model.facility import Project, Sample
from nexuslims_core.model.record import (
    Activity,
    DatasetEntry,
    MetaValue,
    Record,
    RecordSample,
)
from nexuslims_core.record.xml import NAMESPACE

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator


_EXPERIMENT = f"{{{NAMESPACE}}}Experiment"
_ACTIVITY = f"{{{NAMESPACE}}}acquisitionActivity"
_DATASET = f"{{{NAMESPACE}}}dataset"
_SAFELY: dict[str, Any] = {
    "resolve_entities": False,
    "no_network": True,
    "load_dtd": False,
    "huge_tree": False,
    "remove_comments": True,
    "remove_pis": True,
}


def parse(xml: bytes) -> etree._Element:
    """Return the root element of an XML document from wherever.

    Nothing outside of the document is loaded, and a document that declares entities or
    a document type is refused: records have neither.

    Raises
    ------
    RecordError
        If it is no well-formed XML, or has a document type.
    """
    parser = etree.XMLParser(**_SAFELY)
    try:
        root = etree.fromstring(xml, parser)
    except (etree.XMLSyntaxError, ValueError) as error:
        raise _malformed(error) from error
    return _without_type(root)


def skim(
    xml: bytes,
    take: Callable[[etree._Element], None] | None = None,
    schema: etree.XMLSchema | None = None,
) -> etree._Element:
    """Return the root of a record as `parse` does, but with its datasets emptied.

    So few of them are in memory at a time.

    Parameters
    ----------
    take
        Is given each dataset before it is emptied.
    schema
        What the record has to be valid against.

    Raises
    ------
    RecordError
        As `parse`; also if the record is not valid.
    """
    events = etree.iterparse(BytesIO(xml), tag=_DATASET, schema=schema, **_SAFELY)
    try:
        for _, element in events:
            if _path(element) == (None, _EXPERIMENT, _ACTIVITY):
                if take is not None:
                    take(element)
                element.clear()
    except (etree.XMLSyntaxError, ValueError) as error:
        raise _malformed(error) from error
    root: etree._Element = events.root
    return _without_type(root)


def _path(element: etree._Element) -> tuple[str | None, ...]:
    """Return the tags of the three elements around one, outermost first."""
    around = [one.tag for one in islice(element.iterancestors(), 3)]
    return tuple(reversed([*around, *[None] * (3 - len(around))]))


def _malformed(error: Exception) -> RecordError:
    return RecordError(f"the record is not well-formed XML: {error}")


def _without_type(root: etree._Element) -> etree._Element:
    if root.getroottree().docinfo.internalDTD is not None:
        raise RecordError("the record has a document type, which no record needs")
    return root


def from_xml(xml: bytes) -> Record:
    """Return the record that an XML document holds.

    What annotators add in a repository (notes, curation) is no part of the values.

    Raises
    ------
    RecordError
        If it is no well-formed XML, or no record.
    """
    return read(xml)[1]


def read(
    xml: bytes, schema: etree.XMLSchema | None = None
) -> tuple[etree._Element, Record]:
    """Return the root of a record, with emptied datasets, and what the document holds.

    Parameters
    ----------
    schema
        What the record has to be valid against.

    Raises
    ------
    RecordError
        As `from_xml`; also if the record is not valid.
    """
    found: list[DatasetEntry] = []
    root = skim(xml, lambda element: found.append(_dataset(element)), schema)
    return root, _record(root, iter(found))


def _record(root: etree._Element, datasets: Iterator[DatasetEntry]) -> Record:
    if root.tag != _EXPERIMENT:
        raise RecordError(f"expected the element Experiment of {NAMESPACE}")
    summary = _first(root, "summary")
    if summary is None:
        raise RecordError("the record has no summary")
    instrument = _first(summary, "instrument")
    return Record(
        title=_text(root, "title"),
        id=_text(root, "id"),
        experimenter=_text(summary, "experimenter"),
        instrument_pid="" if instrument is None else instrument.get("pid", ""),
        instrument_name="" if instrument is None else _content(instrument),
        summary_ref=summary.get("ref", ""),
        reservation_start=_time(summary, "reservationStart"),
        reservation_end=_time(summary, "reservationEnd"),
        motivation=_text(summary, "motivation"),
        samples=tuple(_sample(one) for one in _all(root, "sample")),
        projects=tuple(_project(one) for one in _all(root, "project")),
        activities=tuple(
            _activity(one, datasets) for one in _all(root, "acquisitionActivity")
        ),
    )


def _all(parent: etree._Element, name: str) -> Iterator[etree._Element]:
    return parent.iterchildren(f"{{{NAMESPACE}}}{name}")


def _first(parent: etree._Element, name: str) -> etree._Element | None:
    return next(_all(parent, name), None)


def _content(element: etree._Element) -> str:
    return element.text or ""


def _text(parent: etree._Element, name: str) -> str:
    found = _first(parent, name)
    return "" if found is None else _content(found)


def _time(parent: etree._Element, name: str) -> datetime | None:
    text = _text(parent, name).strip()
    if not text:
        return None
    try:
        return datetime.fromisoformat(text)
    except ValueError as error:
        raise RecordError(f"{name} holds {text!r:.80}, expected a time") from error


def _sample(element: etree._Element) -> RecordSample:
    elements = _first(element, "elements")
    symbols = () if elements is None else elements.iterchildren("{*}*")
    return RecordSample(
        id=element.get("id", ""),
        sample=Sample(
            name=_text(element, "name"),
            pid=element.get("ref", ""),
            description=" ".join(_content(one) for one in _all(element, "description")),
            elements=tuple(etree.QName(one).localname for one in symbols),
        ),
    )


def _project(element: etree._Element) -> Project:
    return Project(
        name=_text(element, "name"),
        division=_text(element, "division"),
        group=_text(element, "group"),
        project_id=_text(element, "project_id"),
        ref=_text(element, "ref"),
    )


def _activity(element: etree._Element, datasets: Iterator[DatasetEntry]) -> Activity:
    """Return an activity; its emptied datasets are the next ones of `datasets`."""
    start = _time(element, "startTime")
    if start is None:
        raise RecordError("an acquisitionActivity has no startTime")
    setup = _first(element, "setup")
    return Activity(
        start=start,
        sample_id=_text(element, "sampleID") or None,
        setup=() if setup is None else _values(setup, "param"),
        datasets=tuple(next(datasets) for _ in _all(element, "dataset")),
    )


def _dataset(element: etree._Element) -> DatasetEntry:
    return DatasetEntry(
        name=_text(element, "name"),
        location=_text(element, "location"),
        type=element.get("type", "Unknown"),
        role=element.get("role", "Experimental"),
        preview=_text(element, "preview") or None,
        metadata=_values(element, "meta"),
    )


def _values(parent: etree._Element, tag: str) -> tuple[MetaValue, ...]:
    return tuple(
        MetaValue(
            # The same few in every dataset.
            name=intern(one.get("name", "")),
            value=_content(one),
            unit=one.get("unit"),
            warning=one.get("warning") in {"true", "1"},
        )
        for one in _all(parent, tag)
    )
