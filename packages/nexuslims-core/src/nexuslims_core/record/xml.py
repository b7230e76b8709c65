"""Write a record as XML.

The output is a function of the record: the same record gives the same bytes.
"""

from __future__ import annotations

import re
from datetime import UTC
from functools import cache
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from lxml import etree

from nexuslims_core.model.flattening import xml_text, xml_token
from nexuslims_core.record.elements import SYMBOLS

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from datetime import datetime

    from nexuslims_core.model.facility import Project, Sample
    from nexuslims_core.model.record import (
        Activity,
        DatasetEntry,
        MetaValue,
        Record,
        RecordSample,
    )

NAMESPACE = "https://data.nist.gov/od/dm/nexus/experiment/v1.0"
"""Namespace of the Nexus Experiment schema."""

XSI = "http://www.w3.org/2001/XMLSchema-instance"

PREFIXES: dict[Any, str] = {None: NAMESPACE, "nx": NAMESPACE, "xsi": XSI}
"""Declared in every record; repositories look for both forms."""

OTHER_ELEMENTS = "Other constituents: "
"""Begins what a sample's description says of symbols that are no element's."""

# RFC 3986, section 2: what may stand in a URI as it is, with `%` of encoded bytes.
_URI_SAFE = ":/?#@!$&'()*+,;=~"
_STRAY_PERCENT = re.compile("%(?![0-9A-Fa-f]{2})")
_WEB = re.compile(r"https?://[A-Za-z0-9.-]+(?::[0-9]{1,5})?(?:[/?#].*)?")


_AT_ONCE = 100
"""Datasets whose elements are in memory at the same time."""
_DECLARATION = b"<?xml version='1.0' encoding='UTF-8'?>\n"
_END = b"</Experiment>\n"
_ACTIVITY_START = b"  <acquisitionActivity>\n"
_ACTIVITY_END = b"  </acquisitionActivity>\n"


def to_xml(record: Record) -> bytes:
    """Return `record` as an XML document, UTF-8, in the order of the schema.

    Text that XML cannot hold is replaced, what is empty is left out. Whether the result
    is valid is for `nexuslims_core.record.validate_xml` to say.
    """
    return b"".join(_pieces(record))


def _pieces(record: Record) -> Iterator[bytes]:
    """Yield the document piece by piece: its tree is ten times as large as its text."""
    root = _experiment()
    _token(root, "title", record.title)
    _token(root, "id", record.id)
    _summary(root, record)
    for one in record.samples:
        _sample(root, one)
    for project in record.projects:
        _project(root, project)
    yield _DECLARATION
    yield _text(root).removesuffix(_END)
    for number, activity in enumerate(record.activities):
        yield from _activity(number, activity)
    yield _END


def _experiment() -> etree._Element:
    return etree.Element(_tag("Experiment"), nsmap=PREFIXES)


def _text(root: etree._Element) -> bytes:
    return etree.tostring(root, pretty_print=True, encoding="UTF-8")


def uri(text: str) -> str:
    """Return `text` as an ``xs:anyURI``: what a URI cannot hold is percent-encoded."""
    text = _STRAY_PERCENT.sub("%25", xml_token(text))
    if _WEB.fullmatch(text):
        path, _, fragment = text.partition("#")
        encoded = quote(path, safe=_URI_SAFE + "%")
        # A fragment holds no further `#`.
        return f"{encoded}#{quote(fragment, safe='/?%')}" if fragment else encoded
    # Of other schemes, or none, we know no rules: no part of it may look like one.
    return quote(text, safe="/%")


def _tag(name: str) -> str:
    return f"{{{NAMESPACE}}}{name}"


def _add(parent: etree._Element, name: str, text: str = "") -> etree._Element:
    element = etree.SubElement(parent, _tag(name))
    if text:
        element.text = text
    return element


def _token(parent: etree._Element, name: str, text: str) -> None:
    token = xml_token(text)
    if token:
        _add(parent, name, token)


def _time(parent: etree._Element, name: str, time: datetime | None) -> None:
    if time is not None:
        _add(parent, name, _iso(time))


def _iso(time: datetime) -> str:
    """Return `time` as ``xs:dateTime``, whose offsets are whole minutes."""
    offset = time.utcoffset()
    if offset is not None and offset.total_seconds() % 60:
        time = time.astimezone(UTC)
    return time.isoformat()


def _set(element: etree._Element, name: str, text: str) -> None:
    if text:
        element.set(name, text)


def _summary(root: etree._Element, record: Record) -> None:
    summary = _add(root, "summary")
    _set(summary, "ref", uri(record.summary_ref))
    _token(summary, "experimenter", record.experimenter)
    pid = xml_token(record.instrument_pid)
    name = xml_token(record.instrument_name)
    if pid or name:
        _set(_add(summary, "instrument", name), "pid", pid)
    _time(summary, "reservationStart", record.reservation_start)
    _time(summary, "reservationEnd", record.reservation_end)
    motivation = xml_text(record.motivation)
    if motivation.strip():
        _add(summary, "motivation", motivation)


def _sample(root: etree._Element, one: RecordSample) -> None:
    element = _add(root, "sample")
    element.set("id", xml_token(one.id))
    _set(element, "ref", xml_token(one.sample.pid))
    _token(element, "name", one.sample.name)
    _token(element, "description", _description(one.sample))
    present = set(one.sample.elements)
    symbols = [symbol for symbol in SYMBOLS if symbol in present]
    if symbols:
        elements = _add(element, "elements")
        for symbol in symbols:
            _add(elements, symbol)


def _description(sample: Sample) -> str:
    """Return the description, with the symbols that the schema has no element for."""
    others = [one for one in dict.fromkeys(sample.elements) if one not in SYMBOLS]
    if not others:
        return sample.description
    return f"{sample.description} {OTHER_ELEMENTS}{', '.join(others)}"


def _project(root: etree._Element, project: Project) -> None:
    values = {
        "name": xml_token(project.name),
        "division": xml_token(project.division),
        "group": xml_token(project.group),
        "project_id": xml_token(project.project_id),
        "ref": uri(project.ref),
    }
    if any(values.values()):
        element = _add(root, "project")
        for name, value in values.items():
            _token(element, name, value)


def _activity(number: int, activity: Activity) -> Iterator[bytes]:
    root = _experiment()
    element = _add(root, "acquisitionActivity")
    element.set("seqno", str(number))
    _time(element, "startTime", activity.start)
    _token(element, "sampleID", activity.sample_id or "")
    if activity.setup:
        _values(_add(element, "setup"), "param", activity.setup)
    yield _text(root).removeprefix(_start()).removesuffix(_ACTIVITY_END + _END)
    for start in range(0, len(activity.datasets), _AT_ONCE):
        yield _datasets(activity.datasets[start : start + _AT_ONCE])
    yield _ACTIVITY_END


def _datasets(datasets: Sequence[DatasetEntry]) -> bytes:
    root = _experiment()
    element = _add(root, "acquisitionActivity")
    for dataset in datasets:
        _dataset(element, dataset)
    start = _start() + _ACTIVITY_START
    return _text(root).removeprefix(start).removesuffix(_ACTIVITY_END + _END)


@cache
def _start() -> bytes:
    """Return what precedes the first child of the root."""
    root = _experiment()
    _add(root, "title")
    return _text(root).removesuffix(b"  <title/>\n" + _END)


def _dataset(parent: etree._Element, dataset: DatasetEntry) -> None:
    element = _add(parent, "dataset")
    element.set("type", xml_token(dataset.type))
    element.set("role", xml_token(dataset.role))
    _add(element, "name", xml_text(dataset.name))
    _add(element, "location", xml_text(dataset.location))
    if dataset.preview:
        _add(element, "preview", xml_text(dataset.preview))
    _values(element, "meta", dataset.metadata)


def _values(parent: etree._Element, tag: str, values: Iterable[MetaValue]) -> None:
    name = _tag(tag)
    for value in values:
        attributes = {"name": xml_token(value.name)}
        if value.unit is not None:
            attributes["unit"] = xml_token(value.unit)
        if value.warning:
            attributes["warning"] = "true"
        element = etree.SubElement(parent, name, attributes)
        text = xml_token(value.value)
        if text:
            element.text = text
