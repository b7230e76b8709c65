from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from nexuslims_core.store import Outcome, SessionState, Store

DAY = timedelta(days=1)
HOUR = timedelta(hours=1)
TITAN = "FEI-Titan-STEM-630901"


@pytest.fixture
def finish(store, claim, now):
    """Return a function that claims the one session there is, and finishes it."""

    def make(status, **others):
        (claimed,) = claim()
        store.finish(claimed, Outcome(status=status, **others), now)

    return make


def numbers(claimed):
    return [int(one.session.identifier.rpartition("=")[2]) for one in claimed]


def test_pending_sessions_are_claimed_by_their_start(store, session, claim, now):
    store.record_session(session(1, start=now - DAY))
    store.record_session(session(2, start=now - 3 * DAY))
    store.record_session(session(3, start=now - 2 * DAY))
    claimed = claim()
    assert numbers(claimed) == [2, 3, 1]
    assert {one.reason for one in claimed} == {"pending"}


def test_a_claimed_session_is_complete(store, session, claim, now, lease):
    one = session(1)
    store.record_session(one)
    (claimed,) = claim("runner")
    assert claimed.session == one
    assert claimed.status == "TO_BE_BUILT"
    assert claimed.state == SessionState(
        lease_owner="runner", lease_expires_at=now + lease
    )
    assert (claimed.owner, claimed.lease_expires_at) == ("runner", now + lease)


def test_a_limit_takes_the_earliest(store, session, claim, now):
    for number in (1, 2, 3):
        store.record_session(session(number, start=now - number * DAY))
    assert numbers(claim("a", limit=2)) == [3, 2]
    assert numbers(claim("b", limit=2)) == [1]


def test_a_leased_session_is_left_alone_by_others(store, session, claim):
    store.record_session(session(1))
    assert numbers(claim("a")) == [1]
    assert claim("b") == ()
    assert numbers(claim("a")) == [1]


def test_an_expired_lease_is_taken_over(store, session, claim, now, lease):
    store.record_session(session(1))
    claim("a")
    assert claim("b", now=now + lease - HOUR / 60) == ()
    assert numbers(claim("b", now=now + lease)) == [1]


def test_a_renewed_lease_holds(store, session, claim, database, now, lease):
    store.record_session(session(1))
    claim("a")
    database.set_clock(now + HOUR / 2)
    assert store.renew("a", now + HOUR / 2, lease) == 1
    assert claim("b", now=now + lease) == ()
    assert store.renew("b", now, lease) == 0


def test_released_leases_are_free_at_once(store, session, claim):
    store.record_session(session(1))
    store.record_session(session(2))
    claim("a")
    assert store.release("a") == 2
    assert numbers(claim("b")) == [1, 2]


def test_a_start_alone_is_no_session_yet(store, claim, log_event):
    log_event("one", "START", "2026-11-20T09:00:00")
    log_event("two", "START", "2026-11-20T09:00:00", record_status="TO_BE_BUILT")
    log_event("three", "END", "2026-11-20T09:00:00", record_status="TO_BE_BUILT")
    assert claim() == ()
    assert store.unusable_sessions() == ()


@pytest.mark.parametrize("start_status", ["WAITING_FOR_END", "TO_BE_BUILT"])
@pytest.mark.parametrize("end_status", ["WAITING_FOR_END", "TO_BE_BUILT"])
def test_a_session_of_an_external_logger_is_due_when_its_end_is_logged(
    claim, log_event, start_status, end_status
):
    log_event("one", "START", "2026-11-20T09:00:00", record_status=start_status)
    log_event("one", "END", "2026-11-20T10:00:00", record_status=end_status)
    (claimed,) = claim()
    assert claimed.session.start.isoformat() == "2026-11-20T09:00:00-05:00"
    assert claimed.session.end.isoformat() == "2026-11-20T10:00:00-05:00"


def test_a_status_that_was_left_out_counts_as_waiting(claim, log_event):
    log_event("one", "START", "2026-11-20T09:00:00")
    log_event("one", "END", "2026-11-20T10:00:00")
    assert [one.status for one in claim()] == ["TO_BE_BUILT"]


def test_of_doubled_rows_the_last_ones_count(claim, log_event):
    log_event("one", "START", "2026-11-20T09:00:00", user="ada")
    log_event("one", "END", "2026-11-20T10:00:00", user="ada")
    log_event("one", "START", "2026-11-20T09:10:00", user="emmy")
    log_event("one", "END", "2026-11-20T10:20:00", user="emmy")
    (claimed,) = claim()
    assert claimed.session.start.isoformat() == "2026-11-20T09:10:00-05:00"
    assert claimed.session.end.isoformat() == "2026-11-20T10:20:00-05:00"
    assert claimed.session.user == "emmy"


@pytest.mark.parametrize(
    ("start_user", "end_user", "expected"),
    [("ada", "emmy", "ada"), (None, "emmy", "emmy"), (None, None, "")],
)
def test_who_started_is_the_user(claim, log_event, start_user, end_user, expected):
    log_event("one", "START", "2026-11-20T09:00:00", user=start_user)
    log_event("one", "END", "2026-11-20T10:00:00", user=end_user)
    assert claim()[0].session.user == expected


@pytest.mark.parametrize(
    ("start", "end", "pid", "reason"),
    [
        ("yesterday", "2026-11-20", TITAN, "'yesterday' is no time"),
        ("2026-11-20", "soon", TITAN, "'soon' is no time"),
        ("2026-11-20", "2026-11-19", TITAN, "before it starts"),
        ("2026-11-19", "2026-11-20", "Mars", "'Mars/Olympus' of instrument Mars"),
    ],
)
def test_an_unusable_session_is_named_and_costs_no_other(
    store, session, instrument, claim, log_event, start, end, pid, reason
):
    mars = replace(instrument, pid="Mars", api_url="mars", timezone="Mars/Olympus")
    store.add_instrument(mars)
    log_event("odd", "START", start, instrument=pid, record_status="TO_BE_BUILT")
    log_event("odd", "END", end, instrument=pid, record_status="TO_BE_BUILT")
    store.record_session(session(1))
    assert numbers(claim()) == [1]
    ((identifier, found),) = store.unusable_sessions()
    assert identifier == "odd"
    assert reason in found


def test_a_session_of_an_instrument_that_is_gone_is_named(file, claim_from):
    # Only a database that does not enforce its keys has such rows.
    for event in ("START", "END"):
        file.sql(
            "INSERT INTO session_log (session_identifier, instrument, timestamp, "
            "event_type, record_status) VALUES ('odd', 'sold', '2026-11-20', ?, "
            "'TO_BE_BUILT')",
            event,
        )
    with Store.open(file.url) as store:
        assert claim_from(store) == ()
        ((identifier, found),) = store.unusable_sessions()
    assert identifier == "odd"
    assert "'sold' is not in the database" in found


def test_unreadable_details_make_a_session_unusable(store, session, claim, database):
    store.record_session(session(1))
    database.sql(
        "INSERT INTO nx_session_details VALUES (?, ?, ?)",
        *(session(1).identifier, session(1).instrument.pid, '{"title": "no id"}'),
    )
    assert claim() == ()
    assert "internal_id: Field required" in store.unusable_sessions()[0].reason


def test_finished_sessions_are_not_unusable(store, log_event):
    log_event("odd", "START", "once", record_status="ERROR")
    log_event("odd", "END", "then", record_status="ERROR")
    assert store.unusable_sessions() == ()


@pytest.mark.parametrize("status", ["BUILT_NOT_EXPORTED", "ERROR"])
def test_a_session_is_tried_again_when_its_time_has_come(
    store, session, claim, finish, now, status
):
    store.record_session(session(1))
    finish(status, next_attempt_at=now + HOUR, count_attempt=True)
    assert claim() == ()
    (claimed,) = claim(now=now + HOUR)
    assert (claimed.reason, claimed.status) == ("retry", status)
    assert claimed.state.attempts == 1


@pytest.mark.parametrize("status", ["BUILT_NOT_EXPORTED", "ERROR"])
def test_without_a_next_time_nothing_is_tried_again(
    store, session, claim, finish, now, status
):
    store.record_session(session(1))
    finish(status)
    assert claim(now=now + 30 * DAY) == ()


def test_a_waiting_session_is_due_when_its_time_has_come(
    store, session, claim, finish, now
):
    store.record_session(session(1))
    finish("TO_BE_BUILT", next_attempt_at=now + HOUR)
    assert claim() == ()
    assert [one.reason for one in claim(now=now + HOUR)] == ["pending"]


def test_a_waiting_session_without_a_next_time_is_always_due(
    store, session, claim, finish
):
    store.record_session(session(1))
    finish("TO_BE_BUILT")
    assert [one.reason for one in claim()] == ["pending"]


@pytest.mark.parametrize(
    ("known", "present", "reasons"),
    [
        ("v1", "v2", ["error"]),
        ("v1", "v1", []),
        ("v1", None, []),
        (None, "v2", []),
    ],
)
def test_failures_are_tried_again_when_extractors_changed(
    store, session, claim, finish, known, present, reasons
):
    store.record_session(session(1))
    finish("ERROR", extractors_fingerprint=known)
    assert [one.reason for one in claim(retry_errors_for=present)] == reasons


@pytest.mark.parametrize(
    "status", ["COMPLETED", "NO_CONSENT", "NO_RESERVATION", "NO_FILES_FOUND"]
)
def test_finished_sessions_are_looked_at_again_while_they_are_young(
    store, session, claim, finish, now, status
):
    one = session(1)
    store.record_session(one)
    finish(status, extractors_fingerprint="v1")
    (claimed,) = claim(recheck_since=one.end - HOUR, retry_errors_for="v2")
    assert (claimed.reason, claimed.status) == ("recheck", status)
    store.release("runner")
    assert claim(recheck_since=one.end, now=now + DAY) == ()


def test_sessions_that_others_finished_are_left_alone(claim, log_event):
    log_event("one", "START", "2026-11-22T09:00:00", record_status="COMPLETED")
    log_event("one", "END", "2026-11-22T10:00:00", record_status="COMPLETED")
    log_event("two", "START", "2026-11-22T09:00:00", record_status="BUILT_NOT_EXPORTED")
    log_event("two", "END", "2026-11-22T10:00:00", record_status="BUILT_NOT_EXPORTED")
    log_event("three", "START", "2026-11-22T09:00:00", record_status="ERROR")
    log_event("three", "END", "2026-11-22T10:00:00", record_status="ERROR")
    assert claim(retry_errors_for="v1") == ()


def test_what_was_stored_is_claimed_with_the_session(
    store, session, claim, finish, now, tmp_path
):
    store.record_session(session(1))
    finish(
        "BUILT_NOT_EXPORTED",
        record_path=tmp_path / "record.xml",
        record_sha256="abc",
        inputs_fingerprint="inputs",
        extractors_fingerprint="extractors",
        error="cdcs: HTTP 502",
        next_attempt_at=now,
        count_attempt=True,
    )
    (claimed,) = claim()
    assert replace(claimed.state, lease_owner=None, lease_expires_at=None) == (
        SessionState(
            status="BUILT_NOT_EXPORTED",
            attempts=1,
            next_attempt_at=now,
            record_path=tmp_path / "record.xml",
            record_sha256="abc",
            inputs_fingerprint="inputs",
            extractors_fingerprint="extractors",
            last_error="cdcs: HTTP 502",
            built_at=now,
            updated_at=now,
        )
    )


def test_a_status_set_by_hand_is_a_fresh_beginning(
    store, session, claim, finish, now, database
):
    store.record_session(session(1))
    finish("BUILT_NOT_EXPORTED", next_attempt_at=now + DAY, count_attempt=True)
    assert claim() == ()
    database.sql(
        "UPDATE session_log SET record_status = 'TO_BE_BUILT' "
        "WHERE session_identifier = ?",
        session(1).identifier,
    )
    (claimed,) = claim()
    assert (claimed.reason, claimed.state.attempts) == ("pending", 0)
    assert claimed.state.next_attempt_at is None


@pytest.mark.parametrize(
    "status",
    [
        *("COMPLETED", "BUILT_NOT_EXPORTED", "ERROR", "NO_FILES_FOUND"),
        *("NO_CONSENT", "NO_RESERVATION"),
    ],
)
@pytest.mark.parametrize("events", ["", " AND event_type = 'START'"])
def test_the_documented_statement_has_a_session_built_again(
    store, session, claim, finish, now, database, status, events
):
    store.record_session(session(1, start=now - 100 * DAY))
    finish(status)
    assert claim() == ()
    database.sql(
        "UPDATE session_log SET record_status = 'TO_BE_BUILT' "
        f"WHERE session_identifier = '{session(1).identifier}'{events}"
    )
    assert [one.reason for one in claim()] == ["pending"]
    store.finish(claim()[0], Outcome(status="COMPLETED"), now)
    assert {row["record_status"] for row in database.table("session_log")} == {
        "COMPLETED"
    }


def test_a_status_set_by_hand_is_respected(store, session, claim, database):
    store.record_session(session(1))
    database.sql("UPDATE session_log SET record_status = 'NO_CONSENT'")
    assert claim() == ()
