from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from nexuslims_core.errors import StoreError
from nexuslims_core.store import InstrumentStatistics, Outcome
from nexuslims_core.types import ExportResult


@pytest.fixture
def other(instrument):
    return replace(
        instrument, pid="A-first", api_url="https://nemo.example.org/api/tools/?id=9"
    )


def test_instruments_come_back_as_they_were_added_and_sorted(store, instrument, other):
    store.add_instrument(other)
    assert store.instruments() == (other, instrument)


def test_a_pid_is_used_once(store, instrument):
    with pytest.raises(StoreError, match="instrument FEI-Titan-STEM-630901 already"):
        store.add_instrument(replace(instrument, api_url="other"))


def test_an_api_url_is_used_once(store, instrument):
    with pytest.raises(StoreError, match="belongs to instrument FEI-Titan-STEM-630901"):
        store.add_instrument(replace(instrument, pid="other"))


@pytest.mark.parametrize("name", ["pid", "api_url"])
def test_pid_and_api_url_are_needed(store, other, name):
    with pytest.raises(StoreError, match="needs a pid and an API URL"):
        store.add_instrument(replace(other, **{name: ""}))


def test_an_unused_instrument_is_removed(store, instrument):
    store.remove_instrument(instrument.pid)
    assert store.instruments() == ()


def test_an_unknown_instrument_is_not_removed(store):
    with pytest.raises(StoreError, match="no instrument 'FIB'"):
        store.remove_instrument("FIB")


def test_an_instrument_with_sessions_is_not_removed(store, session, instrument):
    store.record_session(session(1))
    store.record_session(session(2))
    with pytest.raises(StoreError, match="has 2 sessions"):
        store.remove_instrument(instrument.pid)
    assert store.instruments() == (instrument,)


def test_an_instrument_is_removed_by_force_and_its_sessions_with_it(
    store, session, instrument, other, claim, database, now
):
    store.add_instrument(other)
    store.record_session(session(1))
    store.record_session(session(2, instrument=other))
    for claimed in claim():
        result = ExportResult(destination="cdcs", success=True)
        store.log_export(claimed.session, result)
        store.finish(claimed, Outcome(status="COMPLETED"), now)
    store.remove_instrument(instrument.pid, force=True)
    assert store.instruments() == (other,)
    assert {row["instrument"] for row in database.table("session_log")} == {other.pid}
    assert {row["instrument"] for row in database.table("nx_delivery")} == {other.pid}
    assert len(database.table("upload_log")) == 2


def test_statistics_count_sessions_that_ended(store, session, log_event, instrument):
    store.record_session(session(1))
    store.record_session(session(2))
    log_event("started", "START", "2026-11-22T09:00:00")
    log_event(session(2).identifier, "END", "2026-11-21T09:00:00Z")
    assert store.session_statistics()[instrument.pid].sessions_total == 2


def test_statistics_tell_the_last_end_on_the_clock_of_the_instrument(
    store, log_event, instrument
):
    # The later one of these is the smaller as text.
    log_event("a", "END", "2026-11-20T10:00:00+09:00")
    log_event("b", "END", "2026-11-20T09:00:00-05:00")
    log_event("c", "END", "yesterday")
    last = store.session_statistics()[instrument.pid].last_session
    assert last.isoformat() == "2026-11-20T09:00:00-05:00"
    assert last.tzinfo == instrument.zone
    assert last.utcoffset() == timedelta(hours=-5)


def test_statistics_hold_unused_instruments_too(store, instrument):
    assert store.session_statistics() == {instrument.pid: InstrumentStatistics()}


def test_statistics_survive_an_unknown_time_zone(store, other, log_event):
    store.add_instrument(replace(other, timezone="Mars/Olympus"))
    log_event("a", "END", "2026-11-20T10:00:00+09:00", instrument=other.pid)
    last = store.session_statistics()[other.pid].last_session
    assert last.isoformat() == "2026-11-20T10:00:00+09:00"
