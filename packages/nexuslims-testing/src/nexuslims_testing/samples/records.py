"""Example records, and what a destination is handed with one.

Everything is derived from the arguments: the same call gives the same values.
"""

from __future__ import annotations

import struct
import uuid
import zlib
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

import numpy as np
from nexuslims_core.record.naming import record_stem
from nexuslims_core.record.xml import to_xml
from nexuslims_core.types import (
    Activity,
    DatasetEntry,
    ExportContext,
    ExportResult,
    Instrument,
    MetaValue,
    Person,
    Project,
    Record,
    RecordSample,
    Sample,
    Session,
    Site,
)

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

START = datetime(2026, 3, 17, 8, 30, tzinfo=UTC)
"""When the first example session starts."""


def example_instrument() -> Instrument:
    """Return a transmission electron microscope."""
    return Instrument(
        pid="TEM-1",
        display_name="Atlas TEM",
        location="Building 7, room B12",
        filestore_path="Atlas",
        timezone="Europe/Vienna",
    )


def example_session(number: int = 1) -> Session:
    """Return the `number`-th session: one of four hours, one each day."""
    start = START + timedelta(days=number - 1)
    return Session(
        identifier=f"https://nemo.example.org/api/usage_events/?id={number}",
        instrument=example_instrument(),
        start=start,
        end=start + timedelta(hours=4),
        user="mcurie",
    )


def example_person() -> Person:
    """Return the user of the example sessions."""
    return Person(
        username="mcurie",
        first_name="Maria",
        last_name="Curie",
        email="mcurie@example.org",
    )


def example_record(session: Session, *, datasets: int = 3) -> Record:
    """Return the record of `session`: two activities of `datasets` datasets each."""
    identifier = uuid.uuid5(uuid.NAMESPACE_URL, session.identifier)
    sample_id = str(uuid.uuid5(identifier, "sample"))
    first = session.start + timedelta(minutes=12)
    starts = (first, first + timedelta(hours=2))
    return Record(
        title="Precipitates in alloy AX-7",
        id=str(identifier),
        experimenter=example_person().full_name,
        instrument_pid=session.instrument.pid,
        instrument_name=session.instrument.display_name,
        summary_ref="https://nemo.example.org/event_details/reservation/12/",
        reservation_start=session.start,
        reservation_end=session.end,
        motivation="Size and composition of precipitates after ageing at 180 °C.",
        samples=(RecordSample(id=sample_id, sample=_sample()),),
        projects=(Project(name="Light alloys", project_id="LA-42"),),
        activities=tuple(
            _activity(session, number, start, sample_id, datasets)
            for number, start in enumerate(starts)
        ),
    )


def _sample() -> Sample:
    return Sample(
        name="AX-7 foil 3",
        pid="https://hdl.handle.net/20.500.99999/ax7-3",
        description="Electropolished foil, aged 12 h.",
        elements=("Mg", "Al", "Si", "Cu"),
    )


def _activity(
    session: Session, number: int, start: datetime, sample_id: str, datasets: int
) -> Activity:
    return Activity(
        start=start,
        end=start + timedelta(minutes=datasets),
        sample_id=sample_id,
        setup=(
            MetaValue(name="Acceleration Voltage", value="300.0", unit="kV"),
            MetaValue(name="Data Type", value="STEM_Imaging"),
            MetaValue(name="Operator", value="SUPERVISOR", warning=True),
        ),
        datasets=tuple(
            _dataset(session, start + timedelta(minutes=i), f"area{number}-{i:03d}.dm3")
            for i in range(datasets)
        ),
    )


def _dataset(session: Session, created: datetime, name: str) -> DatasetEntry:
    path = f"/{session.instrument.filestore_path}/{session.start:%Y-%m-%d}/{name}"
    return DatasetEntry(
        name=name,
        location=quote(path),
        type="Image",
        preview=quote(f"{path}.thumb.png"),
        metadata=(
            MetaValue(name="Creation Time", value=created.isoformat()),
            MetaValue(name="Magnification", value="80.0", unit="kX"),
            MetaValue(name="Stage Position \N{EN DASH} X", value="-12.5", unit="µm"),
        ),
    )


def example_context(
    folder: Path,
    session: Session | None = None,
    *,
    record: Record | None = None,
    title: str | None = None,
    previous: ExportResult | None = None,
    results: Mapping[str, ExportResult] | None = None,
) -> ExportContext:
    """Return what a destination is handed for `session`, with its files in `folder`.

    Parameters
    ----------
    folder
        An existing folder. The XML goes to ``records``, previews and side-cars to
        ``data``; whatever an earlier call wrote there stays as long as it is the same.
    session, record
        The session and its record; examples when left out.
    title
        Title to give the record; derived from the session when left out.
    previous, results
        As in `ExportContext`.
    """
    session = session or example_session()
    record = record or example_record(session)
    stem = record_stem(session)
    xml = record_xml(record)
    xml_path = folder / "records" / f"{stem}.xml"
    _write(xml_path, xml)
    write_previews(folder / "data", record)
    return ExportContext(
        session=session,
        title=stem if title is None else title,
        xml_path=xml_path,
        xml=xml,
        record=record,
        data_path=folder / "data",
        user=example_person(),
        previous=previous,
        results=results or {},
    )


def changed_context(
    folder: Path,
    number: int = 1,
    *,
    title: str | None = None,
    results: Mapping[str, ExportResult] | None = None,
    datasets: int = 3,
    **changes: Any,  # noqa: ANN401 - fields of `Record`
) -> ExportContext:
    """Return the context of the session with that number, its record changed."""
    session = example_session(number)
    record = replace(example_record(session, datasets=datasets), **changes)
    return example_context(folder, session, record=record, title=title, results=results)


def rebuilt_context(
    folder: Path,
    context: ExportContext,
    *,
    previous: ExportResult | None = None,
    datasets: int = 3,
    motivation: str = "Something else.",
) -> ExportContext:
    """Return the context as a later run makes it, with a record that has changed."""
    record = example_record(context.session, datasets=datasets)
    record = with_motivation(record, motivation)
    return example_context(folder, context.session, record=record, previous=previous)


def example_site(folder: Path, **fields: Any) -> Site:  # noqa: ANN401 - fields of `Site`
    """Return an installation in `folder`; none of its folders is made."""
    given = {
        "instrument_data_path": folder / "instruments",
        "data_path": folder / "data",
        "records_path": folder / "data" / "records",
    }
    return Site(**{**given, **fields})


def record_xml(record: Record) -> bytes:
    """Return `record` as XML, as the pipeline writes it."""
    return to_xml(record)


def write_previews(data_path: Path, record: Record) -> None:
    """Write a preview and a side-car for every dataset of an *example* record."""
    entries = [entry for act in record.activities for entry in act.datasets]
    for number, entry in enumerate(entries):
        if entry.preview is None:
            continue
        # Names of example datasets need no percent-encoding.
        path = data_path / entry.preview.lstrip("/")
        _write(path, tiny_png(number))
        side_car = path.with_name(path.name.replace(".thumb.png", ".json"))
        _write(side_car, b'{"nx_meta": {}}')


def tiny_png(number: int = 0, size: int = 48) -> bytes:
    """Return a grey PNG of `size` by `size` pixels that differs by `number`."""
    y, x = np.mgrid[:size, :size]
    waves = np.sin(x / (2 + number % 7)) * np.cos(y / (3 + number % 5))
    pixels = (127 + 120 * waves).astype(np.uint8)
    rows = np.hstack([np.zeros((size, 1), np.uint8), pixels]).tobytes()
    # 8 bits, grey (PNG specification, table 11.1); each row begins with filter 0.
    header = struct.pack(">IIBBBBB", size, size, 8, 0, 0, 0, 0)
    chunks = ((b"IHDR", header), (b"IDAT", zlib.compress(rows)), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(_chunk(*chunk) for chunk in chunks)


def _chunk(kind: bytes, body: bytes) -> bytes:
    checksum = zlib.crc32(kind + body)
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", checksum)


def _write(path: Path, content: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    if not path.is_file() or path.read_bytes() != content:
        path.write_bytes(content)


def with_motivation(record: Record, motivation: str) -> Record:
    """Return a copy of `record` that differs in what it says of the motivation."""
    return replace(record, motivation=motivation)
