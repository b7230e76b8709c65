from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from nexuslims_core.errors import StoreError
from nexuslims_core.store import Outcome, SessionFile, Store
from nexuslims_core.types import ExportResult, Reservation

DAY = timedelta(days=1)


@pytest.fixture
def several(store, session, instrument, claim, now, log_event):
    """Four sessions: completed, failed, pending on another instrument, started."""
    sem = replace(instrument, pid="SEM", api_url="sem")
    store.add_instrument(sem)
    store.record_session(session(1, start=now - 4 * DAY))
    store.record_session(session(2, start=now - 3 * DAY))
    first, second = claim()
    store.finish(first, Outcome(status="COMPLETED"), now)
    failure = Outcome(
        status="ERROR", error="a.dm3: odd", next_attempt_at=now, count_attempt=True
    )
    store.finish(second, failure, now)
    store.record_session(session(3, start=now - 2 * DAY, instrument=sem))
    log_event(session(4).identifier, "START", (now - DAY).isoformat())


def numbers(summaries):
    return [int(one.identifier.rpartition("=")[2]) for one in summaries]


@pytest.mark.usefixtures("several")
@pytest.mark.parametrize(
    ("wanted", "expected"),
    [
        ({}, [4, 3, 2, 1]),
        ({"limit": 2}, [4, 3]),
        ({"status": "COMPLETED"}, [1]),
        ({"status": "TO_BE_BUILT"}, [3]),
        ({"status": "WAITING_FOR_END"}, [4]),
        ({"instrument": "SEM"}, [3]),
        ({"instrument": "unknown"}, []),
        ({"status": "ERROR", "instrument": "SEM"}, []),
    ],
)
def test_sessions_are_listed_the_newest_first(store, wanted, expected):
    assert numbers(store.list_sessions(**wanted)) == expected


@pytest.mark.usefixtures("several")
def test_sessions_are_listed_from_a_time_on(store, now):
    assert numbers(store.list_sessions(since=now - 3 * DAY)) == [4, 3, 2]


@pytest.mark.usefixtures("several")
def test_a_listed_session_says_how_it_stands(store, now, session):
    failed = store.list_sessions(status="ERROR")[0]
    assert failed.start == now - 3 * DAY
    assert failed.end == now - 3 * DAY + timedelta(hours=1)
    assert failed.user == "ada"
    assert failed.state.attempts == 1
    assert failed.state.next_attempt_at == now
    assert failed.state.last_error == "a.dm3: odd"


@pytest.mark.usefixtures("several")
def test_a_session_without_end_is_listed_without_one(store):
    assert store.list_sessions(limit=1)[0].end is None


def test_odd_sessions_are_listed_too(store, log_event):
    log_event("odd", "START", "yesterday")
    (listed,) = store.list_sessions()
    assert (listed.identifier, listed.start) == ("odd", None)


def test_sessions_of_an_instrument_that_is_gone_are_listed_too(file):
    file.run(
        "INSERT INTO session_log (session_identifier, instrument, timestamp, "
        "event_type) VALUES ('lost', 'sold', '2026-11-20T10:00:00', 'START')"
    )
    with Store.open(file.url) as store:
        (listed,) = store.list_sessions()
    assert (listed.identifier, listed.start) == ("lost", None)


def test_a_session_is_shown_with_all_its_history(store, session, claim, now):
    details = Reservation(internal_id="1", title="Alloys")
    store.record_session(session(1, details=details))
    (claimed,) = claim()
    failed = ExportResult(destination="cdcs", success=False, error="HTTP 502")
    delivered = ExportResult(destination="cdcs", success=True, record_id="7")
    store.log_export(claimed.session, failed)
    store.log_export(claimed.session, delivered)
    file = SessionFile(path=Path("a.dm3"), size=1, mtime_ns=2, warning="odd")
    store.finish(claimed, Outcome(status="COMPLETED", files=(file,)), now)
    history = store.show_session(session(1).identifier)
    assert history.summary == store.list_sessions()[0]
    assert [row.event_type for row in history.log] == [
        *("START", "END", "RECORD_GENERATION")
    ]
    assert [(one.success, one.error) for one in history.uploads] == [
        (False, "HTTP 502"),
        (True, None),
    ]
    assert history.files == (file,)
    assert history.deliveries["cdcs"].record_id == "7"
    assert history.details == details


def test_an_unknown_session_is_not_shown(store):
    with pytest.raises(StoreError, match="no session 'x'"):
        store.show_session("x")


def test_a_session_on_two_instruments_is_shown_by_naming_one(
    store, session, instrument
):
    sem = replace(instrument, pid="SEM", api_url="sem")
    store.add_instrument(sem)
    store.record_session(session(1))
    store.record_session(session(1, instrument=sem))
    identifier = session(1).identifier
    with pytest.raises(StoreError, match="is on FEI-Titan-STEM-630901, SEM; name"):
        store.show_session(identifier)
    assert store.show_session(identifier, "SEM").summary.instrument == "SEM"


@pytest.mark.usefixtures("several")
def test_a_session_is_retried_by_name(store, session, claim, now):
    assert store.retry([session(2).identifier] * 2) == 1
    (failed,) = [
        one for one in claim() if one.session.identifier == session(2).identifier
    ]
    assert (failed.reason, failed.state.attempts) == ("pending", 0)
    assert failed.state.next_attempt_at is None
    history = store.show_session(session(2).identifier)
    assert {row.status for row in history.log} == {"TO_BE_BUILT"}


@pytest.mark.usefixtures("several")
def test_sessions_are_retried_by_status(store, claim, now):
    assert store.retry(status="ERROR") == 1
    assert store.retry(status="NO_CONSENT") == 0
    assert store.retry(status="WAITING_FOR_END") == 0
    assert numbers(store.list_sessions(status="TO_BE_BUILT")) == [3, 2]


@pytest.mark.usefixtures("several")
def test_a_session_that_waits_for_its_time_is_retried_at_once(
    store, session, claim, now
):
    claimed = claim()
    waiting = Outcome(status="TO_BE_BUILT", next_attempt_at=now + DAY)
    for one in claimed:
        store.finish(one, waiting, now)
    assert claim() == ()
    store.retry(status="TO_BE_BUILT")
    assert len(claim()) == len(claimed)


@pytest.mark.usefixtures("several")
def test_a_wrong_name_among_several_retries_none(store, session):
    with pytest.raises(StoreError, match="no session 'x'"):
        store.retry([session(1).identifier, "x"])
    assert numbers(store.list_sessions(status="COMPLETED")) == [1]


@pytest.mark.usefixtures("several")
def test_a_session_that_has_not_ended_is_not_retried(store, session):
    with pytest.raises(StoreError, match="has no START or no END"):
        store.retry([session(4).identifier])


def test_sessions_of_another_program_are_retried(store, log_event, claim):
    log_event("old", "START", "2020-01-01T09:00:00", record_status="BUILT_NOT_EXPORTED")
    log_event("old", "END", "2020-01-01T10:00:00", record_status="BUILT_NOT_EXPORTED")
    assert claim() == ()
    assert store.retry(status="BUILT_NOT_EXPORTED") == 1
    assert [one.session.identifier for one in claim()] == ["old"]
