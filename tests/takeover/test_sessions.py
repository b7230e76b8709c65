"""Sessions of a database that was taken over are carried on where they were left."""

from __future__ import annotations

import json
from datetime import timedelta
from zoneinfo import ZoneInfo

import pytest
from nexuslims_core.record import from_xml

REBUILD = "UPDATE session_log SET record_status = 'TO_BE_BUILT'"
SHARED_LOGS = ("session_log", "upload_log")


@pytest.fixture
def record_of(taken_over):
    """Return a function that reads the record that was built of a session."""

    def read(session):
        record = from_xml((taken_over.facility.folder / session["record"]).read_bytes())
        names = [
            dataset.name
            for activity in record.activities
            for dataset in activity.datasets
        ]
        return record, names

    return read


def test_a_pending_session_is_built_and_delivered(taken_over, record_of):
    session = taken_over.session(taken_over.pending)

    assert session["status"] == "COMPLETED"
    record, names = record_of(session)
    assert names == ["100.tif"]
    assert record.instrument_pid == "FEI-Titan-TEM-635816"
    rows = taken_over.database.of_session("session_log", taken_over.pending)
    assert [(row["event_type"], row["record_status"], row["user"]) for row in rows] == [
        ("START", "COMPLETED", "ada"),
        ("END", "COMPLETED", "ada"),
        ("RECORD_GENERATION", "COMPLETED", "nexuslims"),
    ]
    [upload] = taken_over.database.of_session("upload_log", taken_over.pending)
    assert (upload["destination_name"], upload["success"]) == ("html", 1)


def test_finished_sessions_are_neither_touched_nor_delivered_again(
    taken_over, snapshot, catalogue_of
):
    database = taken_over.database

    def traces():
        return {
            (table, name): database.of_session(table, name)
            for table in SHARED_LOGS
            for name in taken_over.finished.values()
        }

    before = traces()
    records = snapshot(taken_over.facility.data_path / "records")

    taken_over.session(taken_over.pending)
    taken_over.session(taken_over.pending)

    assert traces() == before
    after = snapshot(taken_over.facility.data_path / "records")
    files = [path for path in records if path.endswith(".xml")]
    assert len(files) == 2
    assert {path: after[path] for path in files} == {
        path: records[path] for path in files
    }
    assert len(catalogue_of(taken_over.facility).titles()) == 1


def test_sessions_that_were_never_delivered_wait_until_they_are_retried(taken_over):
    undelivered = taken_over.finished["BUILT_NOT_EXPORTED"]
    assert taken_over.session(undelivered) is None
    assert taken_over.facility.statuses()[undelivered] == "BUILT_NOT_EXPORTED"

    taken_over.facility.run("sessions", "retry", "--status", "BUILT_NOT_EXPORTED")

    assert taken_over.session(undelivered)["status"] == "COMPLETED"
    assert taken_over.facility.build()["sessions"] == []


def test_sessions_are_built_again_when_sql_says_so(taken_over):
    """This is what the documentation of NexusLIMS 2.8.0 tells operators to do."""
    taken_over.database.execute(f"{REBUILD} WHERE record_status != 'WAITING_FOR_END'")

    report = taken_over.facility.build()

    statuses = {one["session_identifier"]: one["status"] for one in report["sessions"]}
    everything = {taken_over.pending, *taken_over.finished.values()}
    assert statuses == dict.fromkeys(everything, "COMPLETED")


def test_a_record_of_ours_is_updated_when_sql_says_so(
    taken_over, write_image, record_of, catalogue_of
):
    taken_over.session(taken_over.pending)
    moment = taken_over.starts[taken_over.pending] + timedelta(minutes=16)
    write_image(taken_over.folder / "ada" / "copied later.tif", moment)
    taken_over.database.execute(
        f"{REBUILD} WHERE session_identifier = ?", taken_over.pending
    )

    session = taken_over.session(taken_over.pending)

    assert [one["action"] for one in session["exports"]] == ["updated"]
    assert sorted(record_of(session)[1]) == ["100.tif", "copied later.tif"]
    assert len(catalogue_of(taken_over.facility).titles()) == 1


def test_documented_queries_find_what_they_look_for(taken_over):
    taken_over.session(taken_over.pending)
    query = taken_over.database.execute
    built = query(
        "SELECT session_identifier FROM session_log WHERE record_status = 'COMPLETED' "
        "AND event_type = 'RECORD_GENERATION' ORDER BY timestamp DESC"
    )
    assert built[0] == (taken_over.pending,)
    failed = query(
        "SELECT session_identifier, error_message FROM upload_log WHERE success = 0"
    )
    undelivered = taken_over.finished["BUILT_NOT_EXPORTED"]
    assert failed == [(undelivered, "HTTP 502: Bad Gateway")]


@pytest.mark.parametrize(
    ("style", "end", "closing"),
    [
        ("%Y-%m-%dT%H:%M:%S%z", {"record_status": "TO_BE_BUILT"}, REBUILD),
        ("%Y-%m-%dT%H:%M:%S%z", {"record_status": "TO_BE_BUILT"}, None),
        ("%Y-%m-%dT%H:%M:%S.%f", {}, None),
        ("%Y-%m-%d %H:%M:%S", {"record_status": "TO_BE_BUILT"}, None),
    ],
    ids=["as a pair", "end alone", "without status or offset", "with a space"],
)
def test_a_session_that_another_program_logs_is_built_once_it_has_ended(
    taken_over, record_of, write_image, style, end, closing
):
    database, name = taken_over.database, "8c2f1f6e-7f6a-4a6e-9c58-3b7f3d1c9a55"
    [instrument] = database.rows("instruments")
    earlier = taken_over.starts[taken_over.pending].astimezone(
        ZoneInfo(instrument["timezone"])
    )
    start = earlier + timedelta(hours=3)
    write_image(taken_over.folder / "logged.tif", start + timedelta(minutes=5))
    database.log(name, "START", f"{start:{style}}", user="ada")
    assert taken_over.session(name) is None
    [row] = database.of_session("session_log", name)
    assert row["record_status"] == "WAITING_FOR_END"

    moment = start + timedelta(hours=1)
    database.log(name, "END", f"{moment:{style}}", user="ada", **end)
    if closing:
        database.execute(f"{closing} WHERE session_identifier = ?", name)
    session = taken_over.session(name)

    assert session["status"] == "COMPLETED"
    assert record_of(session)[1] == ["logged.tif"]
    states = {row["record_status"] for row in database.of_session("session_log", name)}
    assert states == {"COMPLETED"}


@pytest.mark.live
def test_sessions_of_nemo_are_recognised_and_not_harvested_again(
    find, nemo, connect_nemo, answered, yesterday, catalogue_of
):
    def event(start, title):
        span = {"start": start, "end": start + timedelta(hours=1)}
        answer = answered(experiment_title=title)
        return {"tool": "Titan TEM", "user": "amaya", **span, "run_data": answer}

    days = timedelta(days=30)
    events = [event(yesterday, "Left to do"), event(yesterday - days, "Done before")]
    numbers = nemo.seed(usage_events=events)["usage_events"]
    found = find(nemo.url, "nemo", tuple(numbers))
    connect_nemo(found.facility, nemo)
    found.database.execute("UPDATE session_log SET user = 'amaya' WHERE user = 'ada'")
    found.upgrade()
    before = found.database.rows("session_log")
    done = found.finished["COMPLETED"]

    report = found.facility.build("--from", "all")

    [harvest] = [one for one in report["harvest"] if one["source"] == "nemo_1"]
    assert (harvest["found"], harvest["new"], harvest["changed"]) == (2, 0, 0)
    [session] = report["sessions"]
    assert (session["session_identifier"], session["status"]) == (
        found.pending,
        "COMPLETED",
    )
    assert catalogue_of(found.facility).titles() == ["Left to do"]
    assert found.database.of_session("session_log", done) == [
        row for row in before if row["session_identifier"] == done
    ]
    shown = json.loads(found.facility.run("sessions", "show", done, "--json").stdout)
    assert [one["destination"] for one in shown["uploads"]] == ["cdcs"]
