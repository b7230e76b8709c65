"""Two real NEMOs, real instrument files, a real CDCS, and the program itself."""

from __future__ import annotations

import shutil
from datetime import timedelta

import pytest
from lxml import etree
from nexuslims_core.record import from_xml, validate_xml
from nexuslims_testing.facility import set_modified
from nexuslims_testing.servers.nemo import OLDEST

pytestmark = pytest.mark.live

SEM_FILES = (
    "quanta_image.tif.tar.gz",
    "quanta_image_32bit.tif.tar.gz",
    "scios_xml_metadata.tif.tar.gz",
)
TEM_FILES = ("titan_tem_bf_image_dataZeroed.tif.tar.gz",)


@pytest.fixture
def laboratory(
    make_facility,
    nemo_server,
    connect_nemo,
    connect_cdcs,
    real_file,
    yesterday,
    answered,
):
    """Two instruments at two NEMOs of different versions and time zones."""
    facility = make_facility()
    newest = nemo_server()
    oldest = nemo_server(version=OLDEST, time_zone="Europe/Berlin")
    connect_nemo(facility, newest, 1)
    connect_nemo(facility, oldest, 4)
    connect_cdcs(facility)
    sem = facility.add_instrument(
        "FEI-Quanta", harvester="nemo", api_url=f"{newest.url}tools/?id=2"
    )
    tem = facility.add_instrument(
        "FEI-Titan",
        harvester="nemo",
        api_url=f"{oldest.url}tools/?id=1",
        timezone="Europe/Berlin",
    )
    for folder, names in ((sem, SEM_FILES), (tem, TEM_FILES)):
        for position, name in enumerate(names):
            target = folder / "amaya" / real_file(name).name
            target.parent.mkdir(exist_ok=True)
            shutil.copyfile(real_file(name), target)
            set_modified(target, yesterday + timedelta(minutes=10 + position))
            target.chmod(0o444)
    span = {"start": yesterday, "end": yesterday + timedelta(hours=2)}
    [event] = newest.seed(
        usage_events=[
            {
                "tool": "Quanta SEM",
                **span,
                "run_data": answered(experiment_title="Grains & <boundaries>"),
            }
        ]
    )["usage_events"]
    oldest.seed(
        usage_events=[
            {
                "tool": "Titan TEM",
                **span,
                "run_data": answered(experiment_title="Twins"),
            }
        ]
    )
    return facility, newest, event, sem


def test_sessions_of_two_schedulers_become_public_records(
    laboratory, cdcs_server, official_schema, snapshot, catalogue_of
):
    facility, *_ = laboratory
    before = snapshot(facility.instrument_root)

    report = facility.build()

    assert [one["status"] for one in report["sessions"]] == ["COMPLETED"] * 2
    assert snapshot(facility.instrument_root) == before
    records = cdcs_server.public_records()
    assert sorted(from_xml(one.xml.encode()).title for one in records) == [
        "Grains & <boundaries>",
        "Twins",
    ]
    for record in records:
        assert validate_xml(record.xml.encode()) == ()
        official_schema.assertValid(etree.fromstring(record.xml.encode()))
    assert sorted(catalogue_of(facility).titles()) == ["Grains & <boundaries>", "Twins"]


def test_the_records_hold_the_files_of_their_session(laboratory, cdcs_server):
    facility, *_ = laboratory
    report = facility.build()
    found = {
        record.instrument_pid: sorted(
            dataset.name
            for activity in record.activities
            for dataset in activity.datasets
        )
        for record in (from_xml(one.xml.encode()) for one in cdcs_server.records())
    }
    assert {pid: len(names) for pid, names in found.items()} == {
        "FEI-Quanta": len(SEM_FILES),
        "FEI-Titan": len(TEM_FILES),
    }, report


def test_a_second_run_does_nothing(laboratory, cdcs_server):
    facility, *_ = laboratory
    facility.build()
    records = cdcs_server.records()

    report = facility.build()

    assert report["sessions"] == []
    assert cdcs_server.records() == records


def test_a_late_answer_updates_the_same_record(laboratory, cdcs_server, answered):
    facility, nemo, event, _ = laboratory
    facility.build()
    ids = {one.id for one in cdcs_server.records()}
    nemo.patch(
        "usage_events", event, run_data=answered(experiment_title="A better title")
    )

    report = facility.build()

    [session] = report["sessions"]
    actions = {one["destination"]: one["action"] for one in session["exports"]}
    assert actions == {"cdcs": "updated", "html": "updated"}
    assert {one.id for one in cdcs_server.records()} == ids
    titles = [from_xml(one.xml.encode()).title for one in cdcs_server.records()]
    assert sorted(titles) == ["A better title", "Twins"]


def test_a_late_file_updates_the_same_record(
    laboratory, cdcs_server, write_image, yesterday
):
    facility, _, _, folder = laboratory
    facility.build()
    ids = {one.id for one in cdcs_server.records()}
    write_image(folder / "late.tif", yesterday + timedelta(minutes=55))

    report = facility.build()

    [session] = report["sessions"]
    assert session["files"] == len(SEM_FILES) + 1
    assert {one.id for one in cdcs_server.records()} == ids
    texts = [one.xml for one in cdcs_server.records()]
    assert sum("late.tif" in text for text in texts) == 1


def test_a_late_consent_builds_the_record(
    make_facility, nemo, connect_nemo, connect_cdcs, cdcs_server, write_image, answered,
    yesterday,
):  # fmt: skip
    facility = make_facility()
    connect_nemo(facility, nemo)
    connect_cdcs(facility)
    folder = facility.add_instrument(
        "SEM", harvester="nemo", api_url=f"{nemo.url}tools/?id=2"
    )
    write_image(folder / "a.tif", yesterday + timedelta(minutes=5))
    [event] = nemo.seed(
        usage_events=[
            {
                "tool": "Quanta SEM",
                "start": yesterday,
                "end": yesterday + timedelta(hours=1),
                "run_data": answered(data_consent="Disagree"),
            }
        ]
    )["usage_events"]
    facility.build()
    assert list(facility.statuses().values()) == ["NO_CONSENT"]
    assert cdcs_server.records() == []

    nemo.patch("usage_events", event, run_data=answered())
    facility.build()

    assert list(facility.statuses().values()) == ["COMPLETED"]
    assert len(cdcs_server.records()) == 1
