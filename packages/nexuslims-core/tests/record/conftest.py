from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest
from lxml import etree
from nexuslims_core.model.facility import Instrument, Project, Sample, Session
from nexuslims_core.model.record import (
    Activity,
    DatasetEntry,
    MetaValue,
    Record,
    RecordSample,
)


@pytest.fixture
def instrument():
    return Instrument(
        pid="FEI-Titan-TEM",
        display_name="Titan TEM",
        location="Lab",
        filestore_path="Titan",
        timezone="America/New_York",
    )


@pytest.fixture
def session(instrument):
    return Session(
        identifier="https://nemo.example.org/api/usage_events/?id=42",
        instrument=instrument,
        start=datetime(2024, 3, 2, 1, 30, tzinfo=UTC),
        end=datetime(2024, 3, 2, 4, 0, tzinfo=UTC),
        user="ada",
    )


@pytest.fixture
def record():
    """Return a record that uses everything that we write."""
    eastern = timezone(timedelta(hours=-5))
    entry = DatasetEntry(
        name="a & b <1>.dm3 (1 of 2)",
        location="/Titan/a%20%26%20b%20%3C1%3E.dm3",
        type="SpectrumImage",
        preview="/Titan/a%20%26%20b%20%3C1%3E.dm3_signal0.thumb.png",
        metadata=(
            MetaValue(name="Creation Time", value="2024-03-01T20:31:00-05:00"),
            MetaValue(name="EDS – Live time", value="1.5", unit="s", warning=True),
            MetaValue(name="Gain", value="2.0", unit=""),
        ),
    )
    return Record(
        title="Grains & boundaries",
        id="42",
        experimenter="Ada Lovelace (ada)",
        instrument_pid="FEI-Titan-TEM",
        instrument_name="Titan TEM",
        summary_ref="https://nemo.example.org/event_details/usage/42/?a=1&b=2",
        reservation_start=datetime(2024, 3, 1, 20, 30, tzinfo=eastern),
        reservation_end=datetime(2024, 3, 1, 23, 0, 0, 123000, tzinfo=eastern),
        motivation="Two lines:\n  <why> & what.",
        samples=(
            RecordSample(
                id="s-1",
                sample=Sample(
                    name="Foil",
                    pid="hdl:1/2",
                    description="Thin.",
                    elements=("O", "Fe"),
                ),
            ),
            RecordSample(id="s-2", sample=Sample()),
        ),
        projects=(Project(name="P", division="641", group="02", ref="https://p/1"),),
        activities=(
            Activity(
                start=datetime(2024, 3, 1, 20, 31, tzinfo=eastern),
                sample_id="s-1",
                setup=(
                    MetaValue(name="Acceleration Voltage", value="300.0", unit="kV"),
                ),
                datasets=(entry, entry),
            ),
            Activity(start=datetime(2024, 3, 1, 22, 0, tzinfo=eastern)),
        ),
    )


@pytest.fixture(scope="session")
def official(shared_folder):
    """Return the schema that repositories hold."""
    path = shared_folder / "conformance" / "nexus-experiment.xsd"
    return etree.XMLSchema(etree.parse(path))
