from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from nexuslims_core.store import Delivery, Store, upgrade
from nexuslims_core.types import ExportResult, Session

DELIVERED = ExportResult(
    destination="cdcs",
    success=True,
    action="created",
    record_id="64a1",
    record_url="https://cdcs.example.org/data?id=64a1",
    timestamp=datetime(2026, 11, 23, 12, 0, tzinfo=UTC),
    metadata={"workspace": 3, "path": Path("x")},
)
FAILED = ExportResult(
    destination="cdcs",
    success=False,
    error="HTTP 502 from /rest/data/",
    timestamp=DELIVERED.timestamp,
)


def test_every_attempt_is_a_row_of_the_upload_log(store, session, database):
    store.log_export(session(1), FAILED)
    store.log_export(session(1), DELIVERED, content_sha256="abc")
    failed, delivered = database.table("upload_log")
    assert failed == {
        "id": 1,
        "session_identifier": session(1).identifier,
        "destination_name": "cdcs",
        "success": 0,
        "timestamp": "2026-11-23T12:00:00+00:00",
        "record_id": None,
        "record_url": None,
        "error_message": "HTTP 502 from /rest/data/",
        "metadata_json": None,
    }
    assert (delivered["success"], delivered["record_id"]) == (1, "64a1")
    assert delivered["record_url"] == "https://cdcs.example.org/data?id=64a1"
    assert json.loads(delivered["metadata_json"]) == {
        "workspace": 3,
        "path": "x",
        "action": "created",
    }


@pytest.mark.parametrize(
    "stamp",
    [None, datetime(2026, 11, 23, 12, 0)],  # noqa: DTZ001 - a plugin's mistake
)
def test_logged_times_are_always_aware(store, session, database, stamp):
    store.log_export(session(1), replace(DELIVERED, timestamp=stamp))
    written = datetime.fromisoformat(database.table("upload_log")[0]["timestamp"])
    assert written.tzinfo is not None


def test_a_success_is_a_delivery(store, session):
    store.log_export(session(1), DELIVERED, content_sha256="abc")
    (delivery,) = store.deliveries(session(1)).values()
    assert delivery == Delivery(
        destination="cdcs",
        action="created",
        record_id="64a1",
        record_url="https://cdcs.example.org/data?id=64a1",
        content_sha256="abc",
        delivered_at=DELIVERED.timestamp,
        metadata={"workspace": 3, "path": "x"},
    )
    assert delivery.result == replace(DELIVERED, metadata={"workspace": 3, "path": "x"})


def test_a_failure_is_none_and_takes_none_away(store, session):
    store.log_export(session(1), FAILED)
    assert store.deliveries(session(1)) == {}
    store.log_export(session(1), DELIVERED, content_sha256="abc")
    store.log_export(session(1), FAILED)
    assert store.deliveries(session(1))["cdcs"].content_sha256 == "abc"


def test_the_last_success_counts(store, session):
    later = DELIVERED.timestamp + timedelta(hours=1)
    store.log_export(session(1), DELIVERED, content_sha256="abc")
    store.log_export(
        session(1),
        ExportResult(
            destination="cdcs", success=True, action="updated", timestamp=later
        ),
        content_sha256="def",
    )
    delivery = store.deliveries(session(1))["cdcs"]
    assert (delivery.action, delivery.content_sha256) == ("updated", "def")
    assert (delivery.record_id, delivery.delivered_at) == ("64a1", later)


def test_destinations_and_sessions_are_told_apart(store, session):
    store.log_export(session(1), DELIVERED)
    store.log_export(session(1), replace(DELIVERED, destination="cdcs_2"))
    store.log_export(session(2), replace(DELIVERED, record_id="other"))
    assert set(store.deliveries(session(1))) == {"cdcs", "cdcs_2"}
    assert store.deliveries(session(2))["cdcs"].record_id == "other"


def test_what_an_earlier_program_delivered_is_known(old_database, session, now):
    database = old_database("v2_5_0b")
    upgrade(database.url)
    with Store.open(database.url) as store:
        found = store.deliveries(session(101))
    assert set(found) == {"cdcs"}
    assert found["cdcs"].record_id == "64a1"
    assert found["cdcs"].record_url == "https://cdcs.example.org/data?id=64a1"
    assert found["cdcs"].content_sha256 is None
    assert found["cdcs"].metadata == {"workspace": 3}
    assert found["cdcs"].delivered_at.tzinfo is not None


def test_what_was_delivered_for_another_instrument_is_not_taken_over(
    store, session, instrument, log_event, database
):
    sem = replace(instrument, pid="SEM", api_url="sem")
    store.add_instrument(sem)
    first: Session = session(1)
    store.record_session(first)
    store.record_session(replace(first, instrument=sem))
    store.log_export(first, DELIVERED)
    assert set(store.deliveries(first)) == {"cdcs"}
    assert store.deliveries(replace(first, instrument=sem)) == {}


@pytest.mark.parametrize("text", ["{broken", "[1, 2]", "null", None])
def test_odd_metadata_of_others_does_no_harm(store, session, database, text):
    database.sql(
        "INSERT INTO upload_log (session_identifier, destination_name, success, "
        "timestamp, metadata_json) VALUES (?, 'cdcs', ?, 'yesterday', ?)",
        *(session(1).identifier, True, text),
    )
    delivery = store.deliveries(session(1))["cdcs"]
    assert (delivery.metadata, delivery.delivered_at) == ({}, None)
