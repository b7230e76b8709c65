"""Schedulers and repositories that fail: the rest goes on, the next run finishes."""

from __future__ import annotations

from datetime import timedelta

import pytest
from nexuslims_core.record import from_xml
from nexuslims_testing.servers.faults import Fault, FaultProxy

pytestmark = pytest.mark.live

OK, FAILED = 0, 1
JSON = "application/json"


@pytest.fixture
def laboratory(
    make_facility, nemo, connect_nemo, connect_cdcs, cdcs_proxy, yesterday,
    write_image, answered,
):  # fmt: skip
    """One session at NEMO and one logged by hand; both servers behind proxies."""
    with FaultProxy(nemo.url) as nemo_proxy:
        facility = make_facility()
        connect_nemo(facility, nemo, url=nemo_proxy.url)
        connect_cdcs(facility, cdcs_proxy.url)
        at_nemo = facility.add_instrument(
            "Quanta", harvester="nemo", api_url=f"{nemo_proxy.url}tools/?id=2"
        )
        by_hand = facility.add_instrument("Camera")
        for folder in (at_nemo, by_hand):
            write_image(folder / "a.tif", yesterday + timedelta(minutes=5))
        nemo.seed(
            usage_events=[
                {
                    "tool": "Quanta SEM",
                    "start": yesterday,
                    "end": yesterday + timedelta(hours=1),
                    "run_data": answered(experiment_title="from NEMO"),
                }
            ]
        )
        facility.add_session(
            "Camera",
            yesterday,
            yesterday + timedelta(hours=1),
            id="hand",
            title="by hand",
        )
        yield facility, nemo_proxy, nemo


def titles(server):
    """Return the titles of the records that a repository holds, sorted."""
    return sorted(from_xml(one.xml.encode()).title for one in server.records())


BOTH = ["by hand", "from NEMO"]


@pytest.mark.parametrize(
    "fault",
    [
        Fault.refuse(),
        Fault.answer(500, "Server Error"),
        Fault.html(),
        Fault.truncate(),
    ],
    ids=["refuses", "500", "html", "truncated"],
)
def test_a_failing_scheduler_stops_only_its_own_sessions(
    laboratory, cdcs_server, fault
):
    facility, nemo_proxy, _ = laboratory
    nemo_proxy.inject(fault=fault)

    report = facility.build(expect=[FAILED])

    by_source = {one["source"]: one["error"] for one in report["harvest"]}
    assert by_source["database"] is None
    assert nemo_proxy.url.rstrip("/") in by_source["nemo_1"]
    assert titles(cdcs_server) == ["by hand"]

    nemo_proxy.clear()
    facility.build(expect=[OK])

    assert titles(cdcs_server) == BOTH
    assert set(facility.statuses().values()) == {"COMPLETED"}


def test_a_tool_that_nemo_no_longer_has_costs_nothing_else(laboratory, cdcs_server):
    facility, nemo_proxy, _ = laboratory
    facility.add_instrument(
        "Gone", harvester="nemo", api_url=f"{nemo_proxy.url}tools/?id=99"
    )

    report = facility.build(expect=[OK])

    [nemo] = [one for one in report["harvest"] if one["source"] == "nemo_1"]
    assert nemo["error"] is None
    assert any("Gone" in one for one in nemo["problems"])
    assert titles(cdcs_server) == BOTH


@pytest.mark.parametrize(
    "fault",
    [
        Fault.refuse(),
        Fault.answer(403, '{"detail": "Invalid token."}', content_type=JSON),
        Fault.answer(500, '{"message": "no"}', content_type=JSON),
        Fault.html(),
    ],
    ids=["refuses", "403", "500", "html"],
)
def test_a_failing_repository_keeps_records_for_the_next_run(
    laboratory, cdcs_server, cdcs_proxy, catalogue_of, fault
):
    facility, *_ = laboratory
    cdcs_proxy.inject(fault=fault)

    report = facility.build(expect=[FAILED])

    assert {one["status"] for one in report["sessions"]} == {"BUILT_NOT_EXPORTED"}
    assert all("cdcs" in one["error"] for one in report["sessions"])
    assert sorted(catalogue_of(facility).titles()) == BOTH
    assert titles(cdcs_server) == []

    cdcs_proxy.clear()
    report = facility.build(expect=[OK])

    assert titles(cdcs_server) == BOTH
    assert set(facility.statuses().values()) == {"COMPLETED"}
    delivered = {
        (each["destination"], each["action"])
        for one in report["sessions"]
        for each in one["exports"]
    }
    # The catalogue had them already, but could not link to records not yet there.
    assert delivered == {("cdcs", "created"), ("html", "updated")}
    stored = {f"data?id={one.id}" for one in cdcs_server.records()}
    assert catalogue_of(facility).linked(r"data\?id=\d+") == stored


def test_a_reply_lost_after_the_record_was_taken_makes_no_second_one(
    laboratory, cdcs_server, cdcs_proxy
):
    facility, *_ = laboratory
    cdcs_proxy.inject(
        fault=Fault.cut_after(),
        match=lambda request: (
            request.method == "POST" and request.path.endswith("rest/data/")
        ),
    )

    facility.build(expect=[OK, FAILED])
    cdcs_proxy.clear()
    facility.build(expect=[OK])

    assert titles(cdcs_server) == BOTH
    assert set(facility.statuses().values()) == {"COMPLETED"}


def test_a_schema_that_refuses_the_record_is_told_in_the_servers_words(
    laboratory, cdcs_server, cdcs_proxy
):
    facility, *_ = laboratory
    refusal = "Element 'location': This element is not expected., line 42"
    cdcs_proxy.inject(
        fault=Fault.answer(500, f'{{"message": "{refusal}"}}', content_type=JSON),
        match=lambda request: (
            request.method == "POST" and request.path.endswith("rest/data/")
        ),
    )

    report = facility.build(expect=[FAILED])

    assert {one["status"] for one in report["sessions"]} == {"BUILT_NOT_EXPORTED"}
    assert all(refusal in one["error"] for one in report["sessions"])
    posts = [one for one in cdcs_proxy.requests if one.path.endswith("rest/data/")]
    assert len([one for one in posts if one.method == "POST"]) == len(BOTH)


def test_undelivered_sessions_wait_longer_each_time_and_are_still_a_failure(
    laboratory, cdcs_server, cdcs_proxy
):
    facility, *_ = laboratory
    cdcs_proxy.inject(fault=Fault.refuse())
    for _ in range(2):
        facility.build(expect=[FAILED])

    report = facility.build(expect=[FAILED])

    assert all("next attempt" in one["error"] for one in report["sessions"])
    cdcs_proxy.clear()
    facility.run("sessions", "retry", "--status", "BUILT_NOT_EXPORTED")
    facility.build(expect=[OK])
    assert titles(cdcs_server) == BOTH


def test_a_second_run_at_the_same_time_says_so(laboratory):
    from filelock import FileLock

    facility, *_ = laboratory
    with FileLock(facility.data_path / ".builder.lock"):
        done = facility.run("run", expect=[4])
    assert "another run" in done.stderr
