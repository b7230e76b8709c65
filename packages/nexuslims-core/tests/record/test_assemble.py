from __future__ import annotations

import locale
import uuid
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from nexuslims_core.model.facility import Person, Project, Reservation, Sample
from nexuslims_core.model.record import DatasetEntry, MetaValue
from nexuslims_core.record import (
    ActivityInput,
    build_record,
    dataset_entries,
    to_xml,
    validate_xml,
)
from nexuslims_core.record.sidecar import StoredSignal


def value(name, text="1", **more):
    return MetaValue(name=name, value=text, **more)


def entry(*metadata, name="a.dm3"):
    return DatasetEntry(name=name, location=f"/{name}", type="Image", metadata=metadata)


def activity(*datasets):
    start = datetime(2024, 3, 2, 2, tzinfo=UTC)
    return ActivityInput(start=start, end=start, datasets=datasets)


@pytest.fixture
def reservation():
    return Reservation(
        internal_id="42",
        title="Grains",
        purpose="To see.",
        url="https://nemo.example.org/event_details/usage/42/",
        user=Person(username="ada", first_name="Ada", last_name="Lovelace"),
        start=datetime(2024, 3, 2, 1, tzinfo=UTC),
        end=datetime(2024, 3, 2, 5, tzinfo=UTC),
        samples=(Sample(name="Foil"), Sample()),
        projects=(Project(), Project(project_id="P-1")),
    )


@pytest.fixture
def setup(session, reservation):
    """Return the setup and the datasets of one activity of the given datasets."""

    def build(*datasets):
        record = build_record(session, reservation, [activity(*datasets)])
        (only,) = record.activities
        return only.setup, only.datasets

    return build


def test_the_head_is_what_the_scheduler_knows(session, reservation):
    record = build_record(session, reservation, [])
    assert record.title == "Grains"
    assert record.id == "42"
    assert record.experimenter == "Ada Lovelace (ada)"
    assert record.motivation == "To see."
    assert record.summary_ref == reservation.url
    assert record.instrument_pid == "FEI-Titan-TEM"
    assert record.instrument_name == "Titan TEM"
    assert record.projects == (Project(project_id="P-1"),)


def test_times_are_those_of_the_reservation_by_the_instrument_s_clock(
    session, reservation
):
    record = build_record(session, reservation, [activity()])
    assert record.reservation_start.isoformat() == "2024-03-01T20:00:00-05:00"
    assert record.reservation_end.isoformat() == "2024-03-02T00:00:00-05:00"
    assert record.activities[0].start.isoformat() == "2024-03-01T21:00:00-05:00"


def test_a_session_that_nobody_described_has_a_record_too(session):
    record = build_record(session, None, [activity(entry())])
    assert record.title == "Experiment on the Titan TEM on Friday Mar. 01, 2024"
    assert record.experimenter == "ada"
    assert record.reservation_start == session.start
    assert record.reservation_end == session.end
    assert validate_xml(to_xml(record)) == ()


@pytest.fixture
def german_locale():
    before = locale.setlocale(locale.LC_TIME)
    try:
        locale.setlocale(locale.LC_TIME, "de_DE.UTF-8")
    except locale.Error:
        pytest.skip("this system has no German locale")
    yield
    locale.setlocale(locale.LC_TIME, before)


def test_the_title_is_the_same_in_every_locale(session, german_locale):
    title = build_record(session, None, []).title
    assert title.endswith("on Friday Mar. 01, 2024")


@pytest.mark.parametrize("month", range(1, 13))
def test_the_title_names_the_day_as_the_c_locale_does(session, month):
    noon = datetime(2024, month, month, 12, tzinfo=UTC)
    title = build_record(replace(session, start=noon), None, []).title
    assert title.endswith(f" on {noon:%A %b. %d, %Y}")


def test_activities_refer_to_the_first_sample(session, reservation):
    record = build_record(session, reservation, [activity(), activity()])
    first, second = record.samples
    assert {one.sample_id for one in record.activities} == {first.id}
    assert first.id != second.id
    assert validate_xml(to_xml(record)) == ()


def test_without_samples_no_activity_refers_to_one(session, reservation):
    none = replace(reservation, samples=())
    record = build_record(session, none, [activity(entry())])
    assert record.activities[0].sample_id is None
    xml = to_xml(record)
    assert b"sampleID" not in xml
    assert validate_xml(xml) == ()


def test_identifiers_of_samples_are_derived_from_the_session_s(session, reservation):
    one = build_record(session, reservation, [])
    again = build_record(session, reservation, [])
    other = build_record(replace(session, identifier="x"), reservation, [])
    assert one == again
    assert uuid.UUID(one.samples[0].id).version == 5
    assert other.samples[0].id != one.samples[0].id


def test_what_all_datasets_share_is_setup(setup):
    shared = value("Voltage", "300.0", unit="kV")
    found, datasets = setup(
        entry(shared, value("Time", "1")),
        entry(value("Time", "2"), shared),
        entry(shared, value("Time", "1")),
    )
    assert found == (shared,)
    assert [one.metadata for one in datasets] == [
        (value("Time", "1"),),
        (value("Time", "2"),),
        (value("Time", "1"),),
    ]


@pytest.mark.parametrize(
    "other",
    [
        (value("A", "2"),),
        (value("A", unit="kV"),),
        (value("A", unit=""),),
        (value("B"),),
        (),
    ],
)
def test_what_differs_in_value_unit_or_presence_stays_with_the_datasets(setup, other):
    found, datasets = setup(entry(value("A")), entry(*other))
    assert found == ()
    assert [one.metadata for one in datasets] == [(value("A"),), other]


def test_a_dataset_alone_keeps_everything(setup):
    found, datasets = setup(entry(value("A"), value("B")))
    assert found == ()
    assert datasets[0].metadata == (value("A"), value("B"))


def test_a_setup_value_is_doubtful_if_any_dataset_says_so(setup):
    found, datasets = setup(
        entry(value("A"), value("B")),
        entry(value("A", warning=True), value("B")),
    )
    assert found == (value("A", warning=True), value("B"))
    assert [one.metadata for one in datasets] == [(), ()]


def test_an_activity_without_datasets_is_possible(setup):
    assert setup() == ((), ())


def stored(number, *, preview=True):
    folder = Path("/srv/nx/Titan")
    return StoredSignal(
        nx_meta={"DatasetType": "Spectrum", "Data Type": f"T{number}"},
        sidecar=folder / f"a b.dm3_signal{number}.json",
        preview=folder / f"a b.dm3_signal{number}.thumb.png" if preview else None,
    )


@pytest.fixture
def entries():
    def build(*signals, name="a b.dm3"):
        return dataset_entries(
            Path("/mnt/data/Titan") / name,
            signals,
            instrument_root=Path("/mnt/data"),
            data_root=Path("/srv/nx"),
        )

    return build


def test_a_file_of_several_signals_has_an_entry_for_each(entries):
    first, second = entries(stored(0), stored(1))
    assert (first.name, second.name) == ("a b.dm3 (1 of 2)", "a b.dm3 (2 of 2)")
    assert first.location == second.location == "/Titan/a%20b.dm3"
    assert second.preview == "/Titan/a%20b.dm3_signal1.thumb.png"
    assert first.type == "Spectrum"
    assert second.metadata == (value("Data Type", "T1"),)


def test_a_file_of_one_signal_has_its_plain_name(entries):
    (only,) = entries(stored(0, preview=False))
    assert only.name == "a b.dm3"
    assert only.preview is None


def test_a_name_that_xml_cannot_hold_is_replaced_visibly(entries):
    (only,) = entries(stored(0), name="caf\udce9.dm3")
    assert only.name == "caf\ufffd.dm3"
    assert only.location == "/Titan/caf%E9.dm3"
