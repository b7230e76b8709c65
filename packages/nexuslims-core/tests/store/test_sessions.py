from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from nexuslims_core.errors import StoreError
from nexuslims_core.store import Outcome, Store
from nexuslims_core.store.sessions import _query_for_one
from nexuslims_core.types import Person, Project, Reservation, Sample

LATER = timedelta(minutes=30)


@pytest.fixture
def details():
    return Reservation(
        internal_id="42",
        title="Precipitates – “aged” 300 °C",
        purpose="to see",
        user=Person(username="ada", first_name="Ada", email="ada@example.org"),
        start=datetime(2026, 11, 20, 9, 0, tzinfo=UTC),
        samples=(Sample(name="A1", elements=("Al", "Cu")), Sample()),
        projects=(Project(name="Alloys", project_id="7"),),
    )


def events(database):
    return [
        (row["event_type"], row["record_status"], row["timestamp"], row["user"])
        for row in database.table("session_log")
    ]


def test_a_new_session_has_a_start_and_an_end_to_be_built(store, session, database):
    one = session(1)
    assert store.record_session(one) == "new"
    assert events(database) == [
        ("START", "TO_BE_BUILT", one.start.isoformat(), "ada"),
        ("END", "TO_BE_BUILT", one.end.isoformat(), "ada"),
    ]


def test_a_known_session_changes_nothing(store, session, database):
    store.record_session(session(1))
    before = events(database)
    assert store.record_session(session(1)) == "known"
    assert events(database) == before


def test_the_same_time_in_another_zone_is_the_same(store, session):
    one = session(1)
    store.record_session(one)
    moved = replace(
        one,
        start=one.start.astimezone(one.instrument.zone),
        end=one.end.astimezone(one.instrument.zone),
    )
    assert store.record_session(moved) == "known"


@pytest.mark.parametrize(
    "revise",
    [
        lambda one: replace(one, start=one.start - LATER),
        lambda one: replace(one, end=one.end + LATER),
        lambda one: replace(one, user="emmy"),
    ],
    ids=["start", "end", "user"],
)
def test_a_revised_session_updates_its_two_rows(store, session, database, revise):
    one = session(1)
    store.record_session(one)
    revised = revise(one)
    assert store.record_session(revised) == "changed"
    assert store.record_session(revised) == "known"
    assert events(database) == [
        ("START", "TO_BE_BUILT", revised.start.isoformat(), revised.user),
        ("END", "TO_BE_BUILT", revised.end.isoformat(), revised.user),
    ]


def test_an_unknown_user_does_not_replace_a_known_one(store, session, database):
    store.record_session(session(1))
    assert store.record_session(session(1, user="")) == "known"
    assert {row["user"] for row in database.table("session_log")} == {"ada"}


def test_a_session_without_user_has_none(store, session, claim, database):
    store.record_session(session(1, user=""))
    assert {row["user"] for row in database.table("session_log")} == {None}
    assert claim()[0].session.user == ""


def test_a_finished_session_keeps_its_status_when_revised(
    store, session, claim, database, now
):
    one = session(1)
    store.record_session(one)
    store.finish(claim()[0], Outcome(status="COMPLETED"), now)
    longer = replace(one, end=one.end + LATER)
    assert store.record_session(longer) == "changed"
    rows = events(database)
    assert [row[:2] for row in rows] == [
        ("START", "COMPLETED"),
        ("END", "COMPLETED"),
        ("RECORD_GENERATION", "COMPLETED"),
    ]
    (again,) = claim()
    assert (again.reason, again.session.end) == ("recheck", longer.end)


def test_a_finished_session_that_is_moved_into_the_window_is_looked_at(
    store, session, claim, now
):
    one = session(1, start=now - timedelta(days=30))
    store.record_session(one)
    store.finish(claim()[0], Outcome(status="COMPLETED"), now)
    assert claim() == ()
    store.record_session(replace(one, end=now - timedelta(hours=1)))
    assert [found.reason for found in claim()] == ["recheck"]


def test_a_revision_ends_the_waiting(store, session, claim, now, lease):
    one = session(1)
    store.record_session(one)
    waiting = Outcome(status="TO_BE_BUILT", next_attempt_at=now + lease)
    store.finish(claim()[0], waiting, now)
    assert claim() == ()
    store.record_session(replace(one, end=one.end + LATER))
    assert len(claim()) == 1


def test_details_come_back_with_the_session(store, session, claim, details):
    store.record_session(session(1, details=details))
    assert claim()[0].session.details == details


def test_changed_details_are_a_change(store, session, claim, details):
    store.record_session(session(1))
    assert store.record_session(session(1, details=details)) == "changed"
    assert store.record_session(session(1, details=details)) == "known"
    other = replace(details, title="Other")
    assert store.record_session(session(1, details=other)) == "changed"
    assert claim()[0].session.details == other


def test_details_are_kept_when_none_are_given(store, session, claim, details):
    store.record_session(session(1, details=details))
    assert store.record_session(session(1)) == "known"
    assert claim()[0].session.details == details


def test_details_of_a_newer_version_are_read_as_far_as_known(
    store, session, claim, details, database
):
    store.record_session(session(1, details=details))
    database.run(
        """UPDATE nx_session_details SET details = '{"mood": "good",' """
        "|| substr(details, 2)"
    )
    assert claim()[0].session.details == details


def test_a_session_of_an_unknown_instrument_is_refused(store, session, instrument):
    unknown = replace(instrument, pid="FIB")
    with pytest.raises(StoreError, match="no instrument 'FIB' in the database"):
        store.record_session(session(1, instrument=unknown))


def test_a_session_that_ends_before_it_starts_is_refused(store, session):
    with pytest.raises(StoreError, match="before it starts"):
        store.record_session(session(1, hours=-1))


def test_a_session_with_naive_times_is_refused(store, session, now):
    with pytest.raises(StoreError, match="no offset from UTC"):
        store.record_session(session(1, start=now.replace(tzinfo=None)))


def test_the_start_of_an_external_logger_is_completed(
    store, session, database, log_event
):
    one = session(1)
    log_event(one.identifier, "START", one.start.isoformat())
    assert store.record_session(one) == "changed"
    assert [row[:2] for row in events(database)] == [
        ("START", "TO_BE_BUILT"),
        ("END", "TO_BE_BUILT"),
    ]
    assert store.record_session(one) == "known"


def test_of_doubled_rows_the_last_is_revised(store, session, database, log_event):
    one = session(1)
    store.record_session(one)
    log_event(one.identifier, "END", (one.end + LATER).isoformat())
    revised = replace(one, end=one.end + 2 * LATER)
    assert store.record_session(revised) == "changed"
    ends = [row[2] for row in events(database) if row[0] == "END"]
    assert ends == [one.end.isoformat(), revised.end.isoformat()]


def test_an_identifier_may_occur_on_two_instruments(store, session, instrument, claim):
    other = replace(instrument, pid="SEM", api_url="sem")
    store.add_instrument(other)
    assert store.record_session(session(1)) == "new"
    assert store.record_session(session(1, instrument=other)) == "new"
    pids = {found.session.instrument.pid for found in claim()}
    assert pids == {"SEM", instrument.pid}


def test_an_old_log_does_not_slow_finding_one_session(file):
    with Store.open(file.url) as store:
        dialect = store._database.engine.dialect
    query = _query_for_one().params(identifier="a", pid="b")
    text = query.compile(dialect=dialect, compile_kwargs={"literal_binds": True})
    steps = [row[3] for row in file.sql(f"EXPLAIN QUERY PLAN {text}")]
    assert [step for step in steps if step.startswith("SEARCH session_log USING INDEX")]
    assert not [step for step in steps if step.startswith("SCAN session_log")]
